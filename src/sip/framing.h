/* SPDX-License-Identifier: MIT */
/* SIP over TCP cut into messages by Content-Length (RFC 3261 18.3), whatever the segmentation. Never
 * allocates by a length it was told: memory grows with what really arrived, to SIP_MESSAGE_MAX + headers. */
#ifndef SIP_FRAMING_H
#define SIP_FRAMING_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define SIP_STREAM_STALL_MS 10000u      /* from the first byte of a message to its last */
#define SIP_STREAM_HEADERS_MAX 16384u   /* request line and headers */

struct sip_stream {
    char *data;
    size_t len, cap;
    size_t taken;               /* bytes at the front that sip_stream_next handed out */
    size_t scanned;             /* bytes past `taken` in which no end of headers was found */
    size_t whole;               /* length of the message at the front once its headers are in; 0 = not known */
    uint64_t started_ms;        /* when the first byte of the unfinished message came; 0 = none */
    uint64_t pushed_ms;         /* the last sip_stream_pushed */
    unsigned eols;              /* line ends in a row between messages */
    unsigned pings;             /* CRLF CRLF keep-alives seen; whoever answers them sets it to 0 */
};

void sip_stream_init(struct sip_stream *s);
void sip_stream_free(struct sip_stream *s);
/* Room to read into: *p is valid until the next call. -ENOMEM, -EMSGSIZE when the message is too large. */
int sip_stream_space(struct sip_stream *s, char **p, size_t *n);
void sip_stream_pushed(struct sip_stream *s, size_t n, uint64_t now_ms);
/* 1: *msg is one whole message, borrowed until the next call of any function here. 0: more bytes needed.
 * -EBADMSG: the stream cannot be framed any more, close it. */
int sip_stream_next(struct sip_stream *s, struct span *msg);
/* When the connection is to be closed because a message stalls; UINT64_MAX = never. */
uint64_t sip_stream_deadline(const struct sip_stream *s);

#endif
