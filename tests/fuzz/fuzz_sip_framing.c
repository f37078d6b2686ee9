/* SPDX-License-Identifier: MIT */
/* A TCP stream, whole and in segments: the same messages and the same result, whatever the segmentation. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sip/framing.h"
#include "sip/scan.h"

#define MESSAGES_MAX 64u
#define INPUT_MAX    70000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    unsigned count;
    int got;
    size_t length[MESSAGES_MAX];
    uint8_t first[MESSAGES_MAX], last[MESSAGES_MAX];
};

static void take_messages(struct sip_stream *s, struct outcome *o)
{
    struct span msg;

    while (!o->got) {
        int got = sip_stream_next(s, &msg);

        if (got <= 0) {
            o->got = got;
            return;
        }
        if (msg.n == 0 || msg.n > SIP_MESSAGE_MAX)
            abort();
        if (o->count < MESSAGES_MAX) {
            o->length[o->count] = msg.n;
            o->first[o->count] = (uint8_t)msg.p[0];
            o->last[o->count] = (uint8_t)msg.p[msg.n - 1];
        }
        o->count++;
        struct sip_scan scan;

        /* framing and scan agree on the end of the headers */
        if (!sip_scan(&scan, msg.p, msg.n, true) && !scan.bad && scan.body.p + scan.body.n != msg.p + msg.n)
            abort();
    }
}

/* step 0: as many bytes as there is room for; else segments of 1..step bytes. */
static void run(const uint8_t *data, size_t size, unsigned step, struct outcome *o)
{
    struct sip_stream s;
    uint32_t seed = (uint32_t)size;

    memset(o, 0, sizeof(*o));
    sip_stream_init(&s);
    while (size && !o->got) {
        size_t room, n;
        char *p;

        if (sip_stream_space(&s, &p, &room) || !room)
            abort();
        seed = seed * 1103515245u + 12345u;
        n = step ? 1 + (seed >> 16) % step : room;
        n = n < room ? n : room;
        n = n < size ? n : size;
        memcpy(p, data, n);
        sip_stream_pushed(&s, n, 1);
        data += n;
        size -= n;
        take_messages(&s, o);
    }
    sip_stream_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, pieces;

    if (size > INPUT_MAX)
        size = INPUT_MAX;
    run(data, size, 0, &whole);
    run(data, size, size > 4096 ? 1500 : 7, &pieces);
    if (memcmp(&whole, &pieces, sizeof(whole)))
        abort();
    return 0;
}
