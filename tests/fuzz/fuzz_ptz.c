/* SPDX-License-Identifier: MIT */
/* The text of a PTZCmd, and eight bytes with a corrected checksum, so that every command is reached. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/ptz_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(int v, int max)
{
    return v >= -max && v <= max;
}

static void check(struct span hex)
{
    struct ptz_cmd c;
    struct ptz_quirks quirks;
    char text[64];

    if (ptz_decode(hex, &c, &quirks))
        return;
    if (!within(c.pan, 255) || !within(c.tilt, 255) || !within(c.zoom, 15) || !within(c.focus, 255) ||
        !within(c.iris, 255) || c.number > 255 || c.value > 4095 || (unsigned)c.kind > PTZ_AUX_OFF)
        abort();
    if ((c.kind == PTZ_MOVE) != (c.pan || c.tilt || c.zoom))
        abort();
    if (quirks.no_speed && (c.kind != PTZ_MOVE || !within(c.pan, 1) || !within(c.tilt, 1) || !within(c.zoom, 1)))
        abort();
    ptz_describe(&c, text, sizeof(text));
    if (!text[0] || strlen(text) >= sizeof(text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((struct span){ (const char *)data, size });
    if (size >= 6) {
        char hex[20];
        unsigned sum = 0xa5;
        for (unsigned i = 0; i < 6; i++)
            sum += data[i];
        snprintf(hex, sizeof(hex), "a5%02x%02x%02X%02x%02x%02x%02X", data[0], data[1], data[2], data[3], data[4],
                 data[5], sum & 0xff);
        check((struct span){ hex, 16 });
    }
    return 0;
}
