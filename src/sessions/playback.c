/* SPDX-License-Identifier: MIT */
#include "sessions/playback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define FIRST_US     1000000 /* start of the timeline: to some receivers 0 means no PTS */
#define STEP_US      40000   /* to the unit after a jump, until the frame rate is known */
#define STEP_MIN_US  1000
#define STEP_MAX_US  1000000
#define GAP_US       2000000  /* a longer step on the timeline is a gap between records */
#define GAP_KEYS_US  10000000 /* the same between two key frames */
#define SKIP_MAX     256u     /* units skipped per read while waiting for a key unit */
#define NORMAL       1000
#define TIME_MAX_US  (INT64_C(1) << 52) /* UTC, year 2112; limits times so that no product overflows */
#define AHEAD_MAX_US 20000000u          /* larger differences of presentation and decode time are invalid */

struct playback {
    struct frame_source base; /* what the stream reads */
    struct frame_source *src; /* the board's; NULL: closed */
    struct stream *stream;
    struct camera *camera;
    struct board_replay what;
    enum gb_codec video;
    uint64_t bytes;
    bool lost;
    bool want_key; /* after a seek */
    bool has_end;
    int64_t end_us; /* UTC, end of the Range */

    /* Recorded time in_us maps to out_us on the timeline, which runs |scale| / 1000 times slower than the recording. */
    int scale;
    bool begun, jump;
    bool last_key;
    int64_t in_us, out_us;
    int64_t last_in_us, last_out_us; /* of the last picture */
    int64_t step_us;                 /* picture interval on the timeline */
    unsigned run;                    /* pictures since the last jump */
};

static struct playback *self(struct frame_source *src)
{
    return container_of(src, struct playback, base);
}

static int64_t recorded_us(const struct gb_unit *u)
{
    return u->dts_us < (uint64_t)TIME_MAX_US ? (int64_t)u->dts_us : TIME_MAX_US;
}

/* ---- the timeline ------------------------------------------------------------------------------------------ */

static int64_t magnitude(int scale)
{
    return scale < 0 ? -scale : scale > 0 ? scale : 1;
}

static int64_t clamp_step(int64_t us)
{
    return us < STEP_MIN_US ? STEP_MIN_US : us > STEP_MAX_US ? STEP_MAX_US : us;
}

static int64_t speed(const struct playback *p)
{
    return p->what.speed ? NORMAL : magnitude(p->scale);
}

static int64_t timeline_us(const struct playback *p, int64_t in_us)
{
    return p->out_us + (in_us - p->in_us) * NORMAL / speed(p);
}

/* The step on the timeline to a picture that does not follow the last one in the recording. In reverse, single key
 * frames keep their recorded distance; whole GOPs follow each other at the frame rate. */
static int64_t step_over(const struct playback *p, int64_t d_us)
{
    int64_t away = d_us < 0 ? -d_us * NORMAL / speed(p) : 0;

    return !p->jump && p->scale < 0 && p->run == 1 && away >= p->step_us && away <= GAP_KEYS_US ? away : p->step_us;
}

static void place_picture(struct playback *p, int64_t dts_us, bool key)
{
    int64_t d_us = dts_us - p->last_in_us, step_us = d_us * NORMAL / speed(p), out_us;

    if (!p->begun) {
        p->in_us = dts_us;
        p->out_us = FIRST_US;
    } else if (p->jump || d_us <= 0 || step_us > (key && p->last_key ? GAP_KEYS_US : GAP_US)) {
        p->out_us = p->last_out_us + step_over(p, d_us);
        p->in_us = dts_us;
        p->run = 0;
    } else {
        p->step_us = clamp_step(step_us);
    }
    out_us = timeline_us(p, dts_us);
    p->begun = true;
    p->jump = false;
    p->run++;
    p->last_key = key;
    p->last_in_us = dts_us;
    p->last_out_us = out_us;
}

/* Audio uses the mapping of the pictures; audio recorded before a jump is placed at the last picture. */
static void place(struct playback *p, struct gb_unit *u)
{
    const uint64_t ahead_us = u->pts_us - u->dts_us;
    int64_t dts_us = recorded_us(u), out_us;

    if (u->kind == GB_VIDEO)
        place_picture(p, dts_us, u->key);
    out_us = timeline_us(p, dts_us);
    if (out_us < p->last_out_us - GAP_US || out_us > p->last_out_us + GAP_US || !p->begun)
        out_us = p->begun ? p->last_out_us : FIRST_US;
    u->dts_us = (uint64_t)out_us;
    u->pts_us = u->dts_us + (ahead_us <= AHEAD_MAX_US ? ahead_us * NORMAL / (uint64_t)speed(p) : 0);
}

/* Continues the timeline from the last picture at another speed. */
static void change_scale(struct playback *p, int scale)
{
    p->in_us = p->last_in_us;
    p->out_us = p->last_out_us;
    p->jump = p->jump || (p->scale < 0) != (scale < 0);
    p->step_us = clamp_step(p->step_us * magnitude(p->scale) / magnitude(scale));
    p->scale = scale;
}

/* ---- the frame source that the stream reads ----------------------------------------------------------------- */

static int source_fd(struct frame_source *base)
{
    struct playback *p = self(base);

    return p->src->ops->fd(p->src);
}

static bool past_end(const struct playback *p, const struct gb_unit *u)
{
    int64_t dts_us = recorded_us(u);

    return p->has_end && (p->scale < 0 ? dts_us < p->end_us : dts_us >= p->end_us);
}

static int source_read(struct frame_source *base, struct gb_unit *u)
{
    struct playback *p = self(base);

    for (unsigned i = 0; i < SKIP_MAX; i++) {
        int err = p->src->ops->read(p->src, u);
        if (err) {
            p->lost = err != -EAGAIN && err != -ENODATA;
            return err;
        }
        if (past_end(p, u)) {
            p->src->ops->release(p->src, u);
            return -ENODATA;
        }
        if (!p->want_key || (u->kind == GB_VIDEO && u->key)) {
            p->want_key = false;
            place(p, u);
            return 0;
        }
        p->src->ops->release(p->src, u);
    }
    return -EAGAIN;
}

static void source_release(struct frame_source *base, const struct gb_unit *u)
{
    struct playback *p = self(base);

    p->src->ops->release(p->src, u);
}

static void source_close(struct frame_source *base)
{
    struct playback *p = self(base);

    p->src->ops->close(p->src);
    p->src = NULL;
}

static const struct frame_source_ops source_ops = {
    .fd = source_fd,
    .read = source_read,
    .release = source_release,
    .close = source_close,
};

static int source_open(void *arg, struct frame_source **out)
{
    struct playback *p = arg;
    struct board_replay_source opened;
    int err = camera_record_open(p->camera, &p->what, &opened);

    if (err)
        return err;
    p->src = opened.src;
    p->video = opened.video;
    p->bytes = opened.bytes;
    p->base =
        (struct frame_source){ .ops = &source_ops, .max_leased = opened.src->max_leased, .audio = opened.src->audio };
    *out = &p->base;
    return 0;
}

/* ---- lifecycle ---------------------------------------------------------------------------------------------- */

/* u= of 2022: 0 all, 1 manual, 2 alarm, 3 scheduled. */
static enum board_record_type record_type(int number)
{
    static const enum board_record_type types[] = {
        BOARD_RECORD_ALL,
        BOARD_RECORD_MANUAL,
        BOARD_RECORD_ALARM,
        BOARD_RECORD_TIME,
    };

    return number >= 0 && number < (int)(sizeof(types) / sizeof(types[0])) ? types[number] : BOARD_RECORD_ALL;
}

int playback_new(struct loop *l, struct camera *c, const struct sdp_offer *o, bool by_type, struct playback **out)
{
    struct playback *p = calloc(1, sizeof(*p));
    struct board_channel ch = { .id = c->id, .source = "", .audio = "" };
    struct stream_config cfg = { .loop = l, .channel = &ch, .open = source_open, .arg = p };
    int err;

    if (!p)
        return -ENOMEM;
    p->camera = c;
    p->scale = NORMAL;
    p->step_us = STEP_US;
    p->what = (struct board_replay){
        .start_unix_s = (int64_t)o->start,
        .end_unix_s = (int64_t)o->stop,
        .type = by_type ? record_type(o->record_type) : BOARD_RECORD_ALL,
        .stream = o->stream > 0 ? (unsigned)o->stream : 0,
        /* No a=downloadspeed means 1 (GB/T 28181-2016 annex F). */
        .speed = o->session != SDP_DOWNLOAD ? 0
                 : o->download_speed        ? o->download_speed
                                            : 1,
    };
    err = stream_new(&cfg, &p->stream);
    if (!err)
        err = stream_start(p->stream);
    if (err) {
        playback_free(p);
        return err;
    }
    *out = p;
    return 0;
}

void playback_free(struct playback *p)
{
    if (p) {
        stream_free(p->stream);
        free(p);
    }
}

struct stream *playback_stream(struct playback *p)
{
    return p->stream;
}

enum gb_codec playback_video(const struct playback *p)
{
    return p->video;
}

uint64_t playback_bytes(const struct playback *p)
{
    return p->bytes;
}

bool playback_lost(const struct playback *p)
{
    return p->lost;
}

/* ---- control ------------------------------------------------------------------------------------------------ */

static int64_t utc_us(const struct playback *p, uint64_t offset_us)
{
    return p->what.start_unix_s * INT64_C(1000000) + (int64_t)offset_us;
}

/* Some platforms write npt=0-0 for the whole recording. */
static bool ends(const struct mansrtsp *m)
{
    return m->has_range_end && m->range_end_us > 0;
}

static int set_scale(struct playback *p, int scale)
{
    if (scale == p->scale)
        return 0;
    return p->src->ops->scale ? p->src->ops->scale(p->src, scale) : -ENOTSUP;
}

static int seek(struct playback *p, const struct mansrtsp *m, int scale)
{
    int64_t to_us = utc_us(p, m->range_from_us), end_us = utc_us(p, m->range_end_us);

    if (!p->src->ops->seek)
        return -ENOTSUP;
    /* In reverse the end is the smaller one. */
    if (ends(m) && (scale < 0 ? end_us >= to_us : end_us <= to_us))
        return -ERANGE;
    return p->src->ops->seek(p->src, (uint64_t)to_us);
}

unsigned playback_play(struct playback *p, const struct mansrtsp *m)
{
    int scale = m->has_scale ? m->scale_permille : p->scale, before = p->scale, err;
    bool away = m->has_range && !m->range_now;

    if (!p->src)
        return 455;
    err = set_scale(p, scale);
    if (err) {
        log_info("channel: playback-speed-failed channel=%s speed_permille=%d reason=\"%s\"", p->camera->id, scale,
                 strerror(-err));
        return err == -ENOTSUP || err == -ERANGE ? 501 : 500;
    }
    err = away ? seek(p, m, scale) : 0;
    if (err) {
        log_info("channel: playback-seek-failed channel=%s position_us=%llu reason=\"%s\"", p->camera->id,
                 (unsigned long long)m->range_from_us, strerror(-err));
        p->scale = scale;
        (void)set_scale(p, before);
        p->scale = before;
        return err == -ERANGE ? 457 : err == -ENOTSUP ? 501 : 500;
    }
    if (scale != p->scale)
        change_scale(p, scale);
    if (away)
        p->jump = p->want_key = true;
    if (m->has_range) {
        p->has_end = ends(m);
        p->end_us = utc_us(p, m->range_end_us);
    }
    return 200;
}
