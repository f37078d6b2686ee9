/* SPDX-License-Identifier: MIT */
/* Platform bytes <-> UTF-8. The only includer of iconv. */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/span.h"

enum charset { CHARSET_GB2312, CHARSET_GBK, CHARSET_GB18030, CHARSET_UTF8 };

const char *charset_name(enum charset c);                       /* as declared in a prolog */
int charset_parse(struct span name);                            /* any case; also "UTF8", "GB-2312"; -EINVAL */
/* Decodes (all GB kinds as GB18030; a byte that fits nowhere becomes '?'). UTF-8 input is checked the
 * same way. -ENOSYS when iconv lacks the charset, -ENOMEM. Overflow shows in out. */
int charset_to_utf8(enum charset from, struct span in, struct buf *out);
/* Encodes; what the charset cannot hold becomes '?'. */
int charset_from_utf8(enum charset to, struct span in, struct buf *out);
bool charset_utf8_valid(struct span s);

#endif
