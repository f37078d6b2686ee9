/* SPDX-License-Identifier: MIT */
/* A clip of the simulated camera: whatever its parameter sets and slices contain, each picture is in the display order
 * once, and none is delayed by more pictures than a decoder can hold. The first byte selects the codec. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/access.h"
#include "board/sim/poc.h"
#include "board/sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNITS 256u

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_order(const struct clip *c)
{
    bool shown[UNITS] = { false };
    size_t next = 0;

    require(c->ahead <= POC_REORDER_MAX && c->delay <= POC_REORDER_MAX);
    for (size_t i = 0; i < c->count; i++) {
        int64_t at = (int64_t)i + c->unit[i].shift;
        require(at >= 0 && (size_t)at < c->count && !shown[at]);
        require(c->unit[i].shift <= (int)c->ahead && -c->unit[i].shift <= (int)c->delay);
        while (next < i && shown[next])
            next++;
        require(c->unit[i].whole == (next == i));
        shown[at] = true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct clip_unit unit[UNITS];
    static struct access access;
    struct clip c = { .unit = unit };
    unsigned width, height;
    size_t len;
    bool key;

    if (size < 2)
        return 0;
    c.codec = data[0] & 1 ? GB_CODEC_H265 : GB_CODEC_H264;
    c.data = malloc(size - 1);
    require(c.data != NULL);
    c.len = size - 1;
    for (size_t i = 0; i < c.len; i++)
        c.data[i] = data[i + 1];
    memset(&access, 0, sizeof(access));
    access.sets.codec = c.codec;
    for (size_t at = 0; c.count < UNITS && (len = access_unit(&access, c.data, c.len, at, &key)) > 0; at += len)
        unit[c.count++] = (struct clip_unit){ .at = (uint32_t)at, .len = (uint32_t)len, .key = key };
    if (c.count > 0) {
        (void)poc_order(&c);
        check_order(&c);
    }
    (void)sim_video_size(c.codec, c.data, c.len, &width, &height);
    free(c.data);
    return 0;
}
