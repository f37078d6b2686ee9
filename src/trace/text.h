/* SPDX-License-Identifier: MIT */
/* A record of a trace as lines of text. */
#ifndef TRACE_TEXT_H
#define TRACE_TEXT_H

#include <stdbool.h>

#include "trace/record.h"

#define TRACE_TEXT_MAX 1024u /* of a line, including the NUL */

/* "2024-01-01T08:00:00.123456+0800 north out udp 192.0.2.9:5060 > 198.51.100.1:5060 431 bytes" */
void trace_text_head(const struct trace_record *r, char out[TRACE_TEXT_MAX]);
/* The next line of a message without its line end; control bytes and invalid UTF-8 become \xHH, and long lines are
 * split. false: no more lines. */
bool trace_text_line(struct span *rest, char out[TRACE_TEXT_MAX]);

#endif
