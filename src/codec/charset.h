/* SPDX-License-Identifier: MIT */
/* Conversion between the charsets of platforms and UTF-8. The only includer of iconv. */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/span.h"

enum charset { CHARSET_GB2312, CHARSET_GBK, CHARSET_GB18030, CHARSET_UTF8 };

const char *charset_name(enum charset c); /* as in an XML declaration */
int charset_parse(struct span name);      /* enum charset, or -EINVAL; any case, also "UTF8",
                                                                 * "GB-2312" */
/* Decodes; all GB charsets are read as GB18030. An invalid byte becomes '?', also in UTF-8 input. 0, -ENOMEM, or
 * -ENOSYS if iconv lacks the charset. Overflow is reported by out->overflow. */
int charset_to_utf8(enum charset from, struct span in, struct buf *out);
/* Encodes; a character that the charset lacks becomes '?'. Errors as above. */
int charset_from_utf8(enum charset to, struct span in, struct buf *out);
bool charset_utf8_valid(struct span s);
/* Whether text declared as a GB charset is really UTF-8, as some platforms send it: valid UTF-8, not valid GB 2312, and
 * with a three-byte character (Chinese characters have three). For GB18030, in which more text is ambiguous: with at
 * least two three-byte characters and none of two bytes. Correctly declared text is misjudged only by rare coincidence.
 * false for plain ASCII. */
bool charset_utf8_in_gb(enum charset declared, struct span s);

#endif
