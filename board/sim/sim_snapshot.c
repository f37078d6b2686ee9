/* SPDX-License-Identifier: MIT */
/* Snapshots: pictures shipped with the clip, in turn. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define PICTURE_BYTES_MAX (256u * 1024u)

static int read_picture(const char *path, uint8_t **out, size_t *len)
{
    FILE *f = fopen(path, "rbe");
    int err = 0;

    *out = NULL;
    if (!f)
        return -errno;
    *out = malloc(PICTURE_BYTES_MAX);
    if (!*out) {
        err = -ENOMEM;
    } else {
        *len = fread(*out, 1, PICTURE_BYTES_MAX, f);
        err = *len < 4 || ferror(f) ? -EIO : 0;
    }
    fclose(f);
    if (err) {
        free(*out);
        *out = NULL;
    }
    return err;
}

int sim_snapshot(struct board *b, const struct board_channel *ch, uint32_t snapshot_id)
{
    static const char *const picture[] = { "snapshot1.jpg", "snapshot2.jpg" };
    struct board_event ev = { .kind = BOARD_SNAPSHOT, .snapshot_id = snapshot_id };
    char path[PATH_MAX];
    uint8_t *data = NULL;
    int err = clip_shipped(picture[b->nsnapshots % 2], path, sizeof(path));

    if (!err)
        err = read_picture(path, &data, &ev.len);
    if (!err) {
        ev.data = data;
        (void)snprintf(ev.id, sizeof(ev.id), "%s", ch ? ch->id : "");
        err = sim_event_push(b, &ev);
    }
    free(data);
    if (!err) {
        b->nsnapshots++;
        log_debug("sim: snapshot channel=%s count=%u", ch ? ch->id : "device", b->nsnapshots);
    }
    return err;
}
