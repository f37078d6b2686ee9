/* SPDX-License-Identifier: MIT */
/* The picture size of a clip, from its first sequence parameter set. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "board/sim/sets.h"
#include "codec/nal.h"

#define HEAD_BYTES 65536u

int sim_video_size(enum gb_codec codec, const uint8_t *data, size_t len, unsigned *width, unsigned *height)
{
    struct nal n;
    struct sps s;

    for (size_t at = 0; nal_next(codec, data, len, at, &n); at = (size_t)(n.data - data) + n.len) {
        int err = sps_read(codec, &n, &s);
        if (err == -ENOENT)
            continue;
        if (err || s.width == 0 || s.height == 0 || s.width > SPS_SIDE_MAX || s.height > SPS_SIDE_MAX)
            return -EBADMSG;
        *width = s.width;
        *height = s.height;
        return 0;
    }
    return -ENOENT;
}

int sim_clip_size(const char *source, enum gb_codec *codec, unsigned *width, unsigned *height)
{
    char path[PATH_MAX];
    uint8_t *head = malloc(HEAD_BYTES);
    FILE *f = NULL;
    int err = head ? clip_path(source, path, sizeof(path)) : -ENOMEM;

    if (!err) {
        f = fopen(path, "rbe");
        err = f ? 0 : -errno;
    }
    if (!err) {
        *codec = clip_codec(path);
        err = sim_video_size(*codec, head, fread(head, 1, HEAD_BYTES, f), width, height);
    }
    if (f)
        (void)fclose(f);
    free(head);
    return err;
}
