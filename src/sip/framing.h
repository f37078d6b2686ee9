/* SPDX-License-Identifier: MIT */
/* Splits SIP over TCP into messages by Content-Length (RFC 3261 18.3), independent of segmentation. No allocation
 * depends on a length claimed by the peer: memory grows with the bytes received, up to SIP_MESSAGE_MAX plus headers. */
#ifndef SIP_FRAMING_H
#define SIP_FRAMING_H

#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

#define SIP_STREAM_STALL_MS    10000u /* limit from the first byte of a message to its last */
#define SIP_STREAM_HEADERS_MAX 16384u /* request line and headers */

struct sip_stream {
    char *data;
    size_t len, cap;
    size_t taken;        /* bytes at the front returned by sip_stream_next */
    size_t scanned;      /* bytes after those known not to end the headers */
    size_t whole;        /* length of the message at the front once its headers are complete; 0: not known */
    uint64_t started_ms; /* arrival of the first byte of the incomplete message; 0: none */
    uint64_t pushed_ms;  /* the last sip_stream_pushed */
    unsigned eols;       /* consecutive line ends between messages */
    unsigned pings;      /* CRLF CRLF keep-alives (RFC 5626) received; the caller answers them and resets it to 0 */
};

void sip_stream_init(struct sip_stream *s);
void sip_stream_free(struct sip_stream *s);
/* The buffer to read into; *p is valid until the next call. -ENOMEM, -EMSGSIZE: the message is too large. */
int sip_stream_space(struct sip_stream *s, char **p, size_t *n);
void sip_stream_pushed(struct sip_stream *s, size_t n, uint64_t now_ms);
/* 1: *msg is one complete message, borrowed until the next call of any function here. 0: more bytes needed.
 * -EBADMSG: framing is lost, close the connection. */
int sip_stream_next(struct sip_stream *s, struct span *msg);
/* When to close the connection because a message has stalled; UINT64_MAX: never. */
uint64_t sip_stream_deadline(const struct sip_stream *s);

#endif
