/* SPDX-License-Identifier: MIT */
/* Detects unplayable files before a viewer needs them. */
#include "cameras/camera_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define SECOND_US   UINT64_C(1000000)
#define QUOTED_SIZE (BOARD_WHY_SIZE + 64u) /* with quotes, and some backslashes */

static void check_due(struct loop_timer *t, void *arg);

static int check(const struct camera *c, const struct board_channel *ch, enum board_part part, char why[BOARD_WHY_SIZE])
{
    return c->ops ? conf_board_check(c->set->conf, c->ops, ch, part, why) : 0;
}

void camera_set_playable(struct camera *c)
{
    loop_timer_del(c->set->cfg.loop, &c->check);
    free(c->reason);
    c->reason = NULL;
    c->unplayable = false;
    c->check_s = 0;
}

/* Logs the reason once, and again when it changes. */
static void set_unplayable(struct camera *c, const char *why)
{
    struct loop *l = c->set->cfg.loop;
    char quoted[QUOTED_SIZE];

    if (!c->reason || strcmp(c->reason, why) != 0) {
        log_warn("channel: off channel=%s reason=%s", c->id, log_quoted(quoted, sizeof(quoted), span_of(why)));
        free(c->reason);
        c->reason = strdup(why);
    }
    c->unplayable = true;
    c->check_s = c->check_s == 0 ? 1 : c->check_s * 2 < CAMERA_CHECK_MAX_S ? c->check_s * 2 : CAMERA_CHECK_MAX_S;
    (void)loop_timer_at(l, &c->check, loop_now_us(l) + c->check_s * SECOND_US, check_due, c);
}

bool camera_shortage(int err)
{
    return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

bool camera_check_main(struct camera *c)
{
    struct board_channel ch = camera_board_channel(c);
    char why[BOARD_WHY_SIZE];
    const bool was_off = c->unplayable;
    const int err = check(c, &ch, BOARD_VIDEO, why);
    const bool playable = err == 0 || (camera_shortage(err) && !was_off);

    if (!playable)
        set_unplayable(c, camera_shortage(err) && c->reason ? c->reason : why);
    else
        camera_set_playable(c);
    if (was_off && playable) {
        log_info("channel: on channel=%s", c->id);
        camera_retry_now(c);
    }
    camera_show_state(c);
    return playable;
}

static void check_due(struct loop_timer *t, void *arg)
{
    (void)t;
    (void)camera_check_main(arg);
}

void camera_check_all(struct camera *c)
{
    struct board_channel ch = camera_board_channel(c);
    char why[BOARD_WHY_SIZE], quoted[QUOTED_SIZE];

    if (!c->stream[0] || stream_get_state(c->stream[0]) != STREAM_RUNNING)
        (void)camera_check_main(c);
    if (ch.audio[0] && check(c, &ch, BOARD_AUDIO, why))
        log_warn("channel: audio-unplayable channel=%s reason=%s", c->id,
                 log_quoted(quoted, sizeof(quoted), span_of(why)));
    for (unsigned i = 0; i < CONF_SUBSTREAMS; i++) {
        if (!c->substream[i][0])
            continue;
        ch.source = camera_text(c->substream[i]);
        ch.stream = i + 1;
        ch.own_source = true;
        if (check(c, &ch, BOARD_VIDEO, why))
            log_warn("channel: substream-unplayable channel=%s stream=%u reason=%s", c->id, ch.stream,
                     log_quoted(quoted, sizeof(quoted), span_of(why)));
    }
}
