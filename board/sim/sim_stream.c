/* SPDX-License-Identifier: MIT */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BEHIND_MAX 8u /* after a pause of the daemon more pictures are skipped */

struct sim_source {
    struct frame_source base;
    struct clip *clip; /* being played, list[playing] */
    struct clip *list[SIM_CLIPS_MAX];
    unsigned nclips, playing;
    unsigned ahead, delay; /* maxima of all clips, so that times continue from one to the next */
    struct sim_audio audio;
    const struct board *board;
    const struct sim_input *channel; /* its simulated state; NULL: always on */
    unsigned restarts;               /* of the board, when opened */
    int timer;                       /* for the next unit, video or audio */
    unsigned fps;
    size_t next;       /* unit of the clip */
    bool to_key;       /* skip to a key frame as soon as this loses no displayed picture */
    uint64_t start_us; /* capture time of picture 0 */
    uint64_t made;     /* pictures delivered */
    struct gb_segment seg[SIM_LEASES];
    bool busy[SIM_LEASES];
};

uint64_t sim_now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static struct sim_source *self(struct frame_source *src)
{
    return container_of(src, struct sim_source, base);
}

static int source_fd(struct frame_source *src)
{
    return self(src)->timer;
}

static uint64_t picture_us(const struct sim_source *s, uint64_t n)
{
    return s->start_us + n * 1000000u / s->fps;
}

/* Pictures are captured in display order, and a picture's references before it is delivered, so times lag behind: none
 * may be in the future. Audio is in the order of decode times. */
static uint64_t lag_us(const struct sim_source *s)
{
    uint64_t lag = (s->delay + s->ahead) * UINT64_C(1000000) / s->fps;

    return lag < s->start_us ? lag : 0;
}

static void put_times(const struct sim_source *s, const struct clip_unit *u, struct gb_unit *unit)
{
    uint64_t shown = s->made + s->delay + (uint64_t)(int64_t)u->shift;

    unit->dts_us = picture_us(s, s->made) - lag_us(s);
    unit->pts_us = picture_us(s, shown) - lag_us(s);
}

/* A key frame on request: skips to the next one in the file. Unit 0 is one. */
static const struct clip_unit *next_unit(struct sim_source *s)
{
    const struct clip_unit *unit = s->clip->unit;

    if (s->to_key && unit[s->next].whole) {
        while (!unit[s->next].key || !unit[s->next].whole)
            s->next = (s->next + 1) % s->clip->count;
        s->to_key = false;
    }
    return &unit[s->next];
}

static int free_lease(const struct sim_source *s)
{
    for (unsigned i = 0; i < SIM_LEASES; i++)
        if (!s->busy[i])
            return (int)i;
    return -1;
}

/* Makes the descriptor readable at that time. Returns -EAGAIN. */
static int wait_until(struct sim_source *s, uint64_t when_us)
{
    const struct itimerspec when = {
        .it_value = { (time_t)(when_us / 1000000u), (long)(when_us % 1000000u * 1000u) },
    };

    return timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : -EAGAIN;
}

static void take_picture(struct sim_source *s, uint64_t now, struct gb_unit *unit, struct gb_segment *seg)
{
    uint64_t due = (now - s->start_us) * s->fps / 1000000u + 1;
    const struct clip_unit *u = next_unit(s);
    uint64_t lost = 0;

    if (due > s->made + BEHIND_MAX) {
        lost = due - 1 - s->made; /* as when a camera's buffer overflows */
        s->made += lost;
    }
    *seg = (struct gb_segment){ s->clip->data + u->at, u->len };
    *unit = (struct gb_unit){
        .kind = GB_VIDEO,
        .codec = s->clip->codec,
        .key = u->key,
        .lost = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX,
    };
    put_times(s, u, unit);
    s->made++;
    if (++s->next == s->clip->count) {
        s->next = 0;
        s->playing = (s->playing + 1) % s->nclips;
        s->clip = s->list[s->playing];
    }
}

/* In order of capture. Audio precedes a picture of the same time, so that the picture's PSM can declare it. */
static int source_read(struct frame_source *src, struct gb_unit *unit)
{
    struct sim_source *s = self(src);
    uint64_t now = sim_now_us(), picture = picture_us(s, s->made), sound = sim_audio_due(&s->audio);
    int lease;

    if (s->restarts != s->board->restarts || (s->channel && s->channel->state != BOARD_CHANNEL_ON))
        return -EPIPE;
    if (picture > now && sound > now)
        return wait_until(s, picture < sound ? picture : sound);
    lease = free_lease(s);
    if (lease < 0)
        return -EAGAIN;
    if (sound <= picture) {
        sim_audio_take(&s->audio, now, unit, &s->seg[lease]);
        unit->pts_us = unit->dts_us -= lag_us(s);
    } else {
        take_picture(s, now, unit, &s->seg[lease]);
    }
    s->busy[lease] = true;
    unit->seg = &s->seg[lease];
    unit->nseg = 1;
    unit->cookie = &s->busy[lease];
    return 0;
}

static void source_release(struct frame_source *src, const struct gb_unit *unit)
{
    bool *busy = unit->cookie;

    (void)src;
    *busy = false;
}

static int source_request_idr(struct frame_source *src)
{
    self(src)->to_key = true;
    return 0;
}

static void source_close(struct frame_source *src)
{
    struct sim_source *s = self(src);

    for (unsigned i = 0; i < s->nclips; i++)
        clip_put(s->list[i]);
    sim_audio_close(&s->audio);
    if (s->timer >= 0)
        close(s->timer);
    free(s);
}

static const struct frame_source_ops source_ops = {
    .fd = source_fd,
    .read = source_read,
    .release = source_release,
    .request_idr = source_request_idr,
    .close = source_close,
};

/* The clips are played in turn, like a camera whose encoder is set to another codec or size. */
static int open_clips(struct sim_source *s, struct board *b, const char *source)
{
    char path[PATH_MAX];
    int err;

    while ((err = clip_path_at(source, s->nclips, path, sizeof(path))) != -ENOENT) {
        struct clip *c;

        err = err ? err : s->nclips == SIM_CLIPS_MAX ? -E2BIG : clip_get(&b->clips, path, &c);
        if (err)
            return err;
        s->list[s->nclips++] = c;
        s->ahead = c->ahead > s->ahead ? c->ahead : s->ahead;
        s->delay = c->delay > s->delay ? c->delay : s->delay;
    }
    s->clip = s->list[0];
    return 0;
}

int sim_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    const struct sim_input *channel = sim_input_get(b, ch->id);
    struct sim_source *s;
    int err;

    if (sim_now_us() < b->down_until_us)
        return -EAGAIN;
    if (ch->stream > 0 && !ch->own_source)
        return -ENOENT;
    if (channel && channel->state != BOARD_CHANNEL_ON)
        return -EIO;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->board = b;
    s->channel = channel;
    s->restarts = b->restarts;
    s->base.ops = &source_ops;
    s->base.live = true;
    s->base.max_leased = SIM_LEASES;
    s->fps = ch->fps == 0 ? SIM_FPS_DEFAULT : ch->fps < SIM_FPS_MAX ? ch->fps : SIM_FPS_MAX;
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    err = s->timer < 0 ? -errno : open_clips(s, b, ch->source);
    if (!err) {
        sim_audio_open(b, ch->audio, &s->audio);
        s->base.audio = s->audio.sound ? s->audio.sound->codec : GB_CODEC_NONE;
        s->start_us = s->audio.start_us = sim_now_us();
        err = wait_until(s, s->start_us);
    }
    if (err != -EAGAIN) {
        source_close(&s->base);
        return err;
    }
    *out = &s->base;
    return 0;
}
