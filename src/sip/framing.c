/* SPDX-License-Identifier: MIT */
#include "sip/framing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/party.h"
#include "sip/scan.h"

#define STREAM_FIRST 4096u
#define STREAM_KEEP  16384u /* an idle connection holds no more than this */
#define STREAM_MAX   (SIP_STREAM_HEADERS_MAX + SIP_MESSAGE_MAX)

void sip_stream_init(struct sip_stream *s)
{
    memset(s, 0, sizeof(*s));
}

void sip_stream_free(struct sip_stream *s)
{
    free(s->data);
    sip_stream_init(s);
}

static void stream_compact(struct sip_stream *s)
{
    if (s->taken && s->len > s->taken)
        memmove(s->data, s->data + s->taken, s->len - s->taken);
    s->len -= s->taken;
    s->taken = 0;
    if (!s->len && s->cap > STREAM_KEEP) {
        free(s->data);
        s->data = NULL;
        s->cap = 0;
    }
}

int sip_stream_space(struct sip_stream *s, char **p, size_t *n)
{
    stream_compact(s);
    if (s->len == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : STREAM_FIRST;
        char *data;

        if (cap > STREAM_MAX)
            cap = STREAM_MAX;
        if (cap == s->len)
            return -EMSGSIZE;
        data = realloc(s->data, cap);
        if (!data)
            return -ENOMEM;
        s->data = data;
        s->cap = cap;
    }
    *p = s->data + s->len;
    *n = s->cap - s->len;
    return 0;
}

void sip_stream_pushed(struct sip_stream *s, size_t n, uint64_t now_ms)
{
    if (!n)
        return;
    s->len += n;
    s->pushed_ms = now_ms ? now_ms : 1;
    if (!s->started_ms)
        s->started_ms = s->pushed_ms;
}

/* Line ends between messages: two in a row are a keep-alive ping (RFC 5626), a single one is a pong or padding. */
static void skip_line_ends(struct sip_stream *s)
{
    while (s->taken < s->len) {
        char c = s->data[s->taken];

        if (c != '\r' && c != '\n')
            break;
        if (c == '\n' && ++s->eols == 2) {
            s->pings++;
            s->eols = 0;
        }
        s->taken++;
    }
}

/* Length of the start line and headers with the blank line; 0: incomplete. */
static size_t headers_length(struct sip_stream *s, struct span all)
{
    size_t i = s->scanned;

    for (;;) {
        i += span_chr(span_from(all, i), '\n');
        if (i >= all.n)
            break;
        if (i + 1 < all.n && all.p[i + 1] == '\n')
            return i + 2;
        if (i + 2 < all.n && all.p[i + 1] == '\r' && all.p[i + 2] == '\n')
            return i + 3;
        i++;
    }
    s->scanned = all.n > 2 ? all.n - 2 : 0; /* the last bytes may begin the blank line */
    return 0;
}

/* -EBADMSG: no Content-Length, or several that differ. */
static int body_length(struct span headers, size_t *out)
{
    struct sip_header h;
    struct span line;
    bool found = false;
    size_t v;
    int got;

    if (!span_line(&headers, &line))
        return -EBADMSG;
    while ((got = sip_header_next(&headers, &h)) != 0) {
        if (got < 0 || !sip_header_is(&h, "Content-Length"))
            continue;
        if (sip_content_length(h.value, &v) || (found && v != *out))
            return -EBADMSG;
        found = true;
        *out = v;
    }
    return found ? 0 : -EBADMSG;
}

int sip_stream_next(struct sip_stream *s, struct span *msg)
{
    struct span all;

    if (!s->whole && !s->scanned)
        skip_line_ends(s);
    if (s->taken == s->len) {
        s->started_ms = 0;
        return 0;
    }
    s->eols = 0;
    all = (struct span){ s->data + s->taken, s->len - s->taken };
    if (!s->whole) {
        size_t head, body;

        if (!sip_is_token((struct span){ all.p, 1 }))
            return -EBADMSG;
        head = headers_length(s, all);
        if (head > SIP_STREAM_HEADERS_MAX || (!head && all.n > SIP_STREAM_HEADERS_MAX))
            return -EBADMSG;
        if (!head)
            return 0;
        if (body_length((struct span){ all.p, head }, &body) || head + body > SIP_MESSAGE_MAX)
            return -EBADMSG;
        s->whole = head + body;
    }
    if (all.n < s->whole)
        return 0;
    *msg = (struct span){ all.p, s->whole };
    s->taken += s->whole;
    s->whole = s->scanned = 0;
    /* The rest arrived with the last read; otherwise this message would have been returned earlier. */
    s->started_ms = s->taken < s->len ? s->pushed_ms : 0;
    return 1;
}

uint64_t sip_stream_deadline(const struct sip_stream *s)
{
    return s->started_ms ? s->started_ms + SIP_STREAM_STALL_MS : UINT64_MAX;
}
