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
/* Whether text that is declared as one of the GB kinds is UTF-8 after all, as some platforms send it: strict UTF-8, not
 * strict GB 2312, and with a three-byte character (Chinese has three). GB18030 was declared: with two of them and no
 * two-byte character, for there is more in it that could be either. Text of the kind declared is not mistaken but for
 * rare chance; plain ASCII is not UTF-8 here. */
bool charset_utf8_in_gb(enum charset declared, struct span s);

#endif
