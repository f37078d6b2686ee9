/* SPDX-License-Identifier: MIT */
/* An audio file for the simulated camera; the first byte selects the suffix of its name. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a.aac", "a.pcma", "a.g7221", "a.wav" };
    static struct sound s;
    size_t at, len;

    if (size < 1)
        return 0;
    memset(&s, 0, sizeof(s));
    (void)snprintf(s.path, sizeof(s.path), "%s", names[data[0] % 4u]);
    len = size - 1;
    s.data = malloc(len ? len : 1);
    require(s.data != NULL);
    memcpy(s.data, data + 1, len);
    s.len = len;
    if (sound_index(&s) == 0) {
        require(s.count > 0 && s.rate > 0 && s.codec != GB_CODEC_NONE);
        at = s.unit[0].at;
        for (size_t i = 0; i < s.count; i++) { /* consecutive, within the file */
            require(s.unit[i].at == at && s.unit[i].len > 0 && s.unit[i].samples > 0);
            at += s.unit[i].len;
        }
        require(at <= len);
    }
    free(s.unit);
    free(s.data);
    return 0;
}
