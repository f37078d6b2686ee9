/* SPDX-License-Identifier: MIT */
/*
 * Plays a recording. Each record is the clip in a loop, starting with its first picture: the picture at a given time
 * depends only on the record and the time, and a time span always has the same bytes. The channel's audio is treated
 * the same way. A playback has audio at normal speed only, a download at any speed.
 */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LEASES     4u
#define LATE_US    1000000u /* later than this: reading was paused */
#define NORMAL     1000
#define SCALE_MIN  125
#define SCALE_MAX  64000
#define SCALE_KEYS 4000 /* from here on key frames only */

struct sim_reader {
    struct frame_source base;
    struct clip *clip;
    const struct board *board;
    unsigned restarts; /* of the board, when opened */
    int timer;
    unsigned fps;
    bool whole; /* a download: every picture at any speed */
    struct sim_piece *piece;
    unsigned npieces;

    unsigned at; /* next piece, and next picture of its record */
    int64_t next;
    bool ended;
    int scale;               /* permille */
    uint64_t base_us, paced; /* start of pacing, and pictures since */
    struct sim_audio audio;  /* only `sound` is used */
    unsigned sound_at;       /* next piece, and next audio unit of its record */
    uint64_t sound_next;
    struct gb_segment seg[LEASES];
    bool busy[LEASES];
};

static struct sim_reader *self(struct frame_source *src)
{
    return container_of(src, struct sim_reader, base);
}

/* ---- which picture ------------------------------------------------------------------------------------------ */

static const struct clip_unit *unit_of(const struct sim_reader *s, int64_t n)
{
    return &s->clip->unit[(uint64_t)n % s->clip->count];
}

/* A key frame that no earlier-displayed picture follows; unit 0 always counts as one. */
static bool is_key(const struct sim_reader *s, int64_t n)
{
    const struct clip_unit *u = unit_of(s, n);

    return (u->key && u->whole) || u == s->clip->unit;
}

static int64_t key_before(const struct sim_reader *s, int64_t n)
{
    while (!is_key(s, n))
        n--;
    return n;
}

/* Number of the picture after the last one of a piece. */
static int64_t piece_end(const struct sim_reader *s, unsigned i)
{
    return (s->piece[i].to_s - s->piece[i].record_s) * s->fps;
}

/* Number of the first picture of a piece. The first piece starts early if necessary, with a decodable picture. */
static int64_t piece_begin(const struct sim_reader *s, unsigned i)
{
    int64_t n = (s->piece[i].from_s - s->piece[i].record_s) * s->fps;

    if (i == 0)
        return key_before(s, n);
    while (n < piece_end(s, i) && !is_key(s, n))
        n++;
    return n;
}

static int64_t utc_us(const struct sim_reader *s, int64_t n)
{
    return s->piece[s->at].record_s * INT64_C(1000000) + n * 1000000 / s->fps;
}

static bool keys_only(const struct sim_reader *s)
{
    return !s->whole && (s->scale >= SCALE_KEYS || s->scale <= -SCALE_KEYS);
}

/* Continues with the next piece that has a picture. */
static void enter(struct sim_reader *s, unsigned i)
{
    for (; i < s->npieces; i++) {
        s->next = piece_begin(s, i);
        if (s->next < piece_end(s, i)) {
            s->at = i;
            return;
        }
    }
    s->ended = true;
}

static void enter_previous(struct sim_reader *s)
{
    while (s->at > 0) {
        s->at--;
        s->next = key_before(s, piece_end(s, s->at) - 1);
        if (s->next >= piece_begin(s, s->at))
            return;
    }
    s->ended = true;
}

/* Both return the distance to the next picture, for pacing; between records and GOPs 1. */
static uint64_t go_forward(struct sim_reader *s)
{
    int64_t from = s->next++;

    while (keys_only(s) && s->next < piece_end(s, s->at) && !is_key(s, s->next))
        s->next++;
    if (s->next < piece_end(s, s->at))
        return (uint64_t)(s->next - from);
    enter(s, s->at + 1);
    return 1;
}

static uint64_t go_backward(struct sim_reader *s)
{
    int64_t key = key_before(s, s->next);

    if (!keys_only(s) && s->next + 1 < piece_end(s, s->at) && !is_key(s, s->next + 1)) {
        s->next++;
        return 1;
    }
    if (key > piece_begin(s, s->at)) {
        s->next = key_before(s, key - 1);
        return keys_only(s) ? (uint64_t)(key - s->next) : 1;
    }
    enter_previous(s);
    return 1;
}

/* ---- pacing ------------------------------------------------------------------------------------------------- */

static uint64_t due_us(const struct sim_reader *s)
{
    uint64_t rate = (uint64_t)(s->scale < 0 ? -s->scale : s->scale);

    return s->base_us + s->paced * UINT64_C(1000000000) / (s->fps * rate);
}

/* ---- audio -------------------------------------------------------------------------------------------------- */

static bool audible(const struct sim_reader *s)
{
    return s->audio.sound && (s->whole || s->scale == NORMAL);
}

/* Microseconds since the record's start. */
static int64_t picture_time(const struct sim_reader *s, int64_t n)
{
    return n * INT64_C(1000000) / s->fps;
}

/* Continues the audio at the next picture. */
static void sync_sound(struct sim_reader *s)
{
    if (s->audio.sound && !s->ended) {
        s->sound_at = s->at;
        s->sound_next = sound_unit_at(s->audio.sound, (uint64_t)picture_time(s, s->next));
    }
}

/* By how much the next audio unit precedes the decode time of the next picture. <= 0: the picture comes first, even at
 * the same time, so that the first unit is a key frame. */
static int64_t sound_leads(const struct sim_reader *s)
{
    return picture_time(s, s->next - (int64_t)s->clip->delay) - (int64_t)sound_time(s->audio.sound, s->sound_next);
}

/* Whether the next unit is audio. Audio after the last picture of a record comes before the next record. */
static bool is_sound_next(struct sim_reader *s)
{
    const struct sim_piece *p = &s->piece[s->sound_at];

    if (!audible(s))
        return false;
    if ((int64_t)sound_time(s->audio.sound, s->sound_next) < (p->to_s - p->record_s) * INT64_C(1000000))
        return s->ended || s->sound_at != s->at || sound_leads(s) > 0;
    if (!s->ended && s->sound_at != s->at)
        sync_sound(s);
    return false;
}

static uint64_t sound_due_us(const struct sim_reader *s)
{
    uint64_t rate = (uint64_t)(s->scale < 0 ? -s->scale : s->scale), due = due_us(s), lead;

    if (s->ended || s->sound_at != s->at)
        return 0;
    lead = (uint64_t)sound_leads(s) * NORMAL / rate;
    return due > lead ? due - lead : 0;
}

static void take_sound(struct sim_reader *s, struct gb_unit *unit, struct gb_segment *seg)
{
    const struct sound *sound = s->audio.sound;
    const struct sound_unit *u = &sound->unit[s->sound_next % sound->count];
    const uint64_t at = (uint64_t)s->piece[s->sound_at].record_s * 1000000u + sound_time(sound, s->sound_next);

    *seg = (struct gb_segment){ sound->data + u->at, u->len };
    *unit = (struct gb_unit){ .kind = GB_AUDIO, .codec = sound->codec, .pts_us = at, .dts_us = at };
    s->sound_next++;
}

static void arm(struct sim_reader *s, uint64_t us)
{
    const struct itimerspec when = { .it_value = { (time_t)(us / 1000000u), (long)(us % 1000000u) * 1000 + 1 } };

    (void)timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void start_pace(struct sim_reader *s)
{
    s->base_us = sim_now_us();
    s->paced = 0;
    arm(s, s->base_us);
}

/* ---- the source --------------------------------------------------------------------------------------------- */

static int reader_fd(struct frame_source *src)
{
    return self(src)->timer;
}

static int free_lease(const struct sim_reader *s)
{
    for (unsigned i = 0; i < LEASES; i++)
        if (!s->busy[i])
            return (int)i;
    return -1;
}

/* Whether the board restarted or the card was formatted. */
static bool gone(const struct sim_reader *s)
{
    return s->restarts != s->board->restarts || s->piece[s->at].record_s < s->board->erased_unix_s;
}

static void take_picture(struct sim_reader *s, struct gb_unit *unit, struct gb_segment *seg)
{
    const struct clip_unit *u = unit_of(s, s->next);

    *seg = (struct gb_segment){ s->clip->data + u->at, u->len };
    *unit = (struct gb_unit){
        .kind = GB_VIDEO,
        .codec = s->clip->codec,
        .key = u->key,
        .pts_us = (uint64_t)utc_us(s, s->next + u->shift),
        .dts_us = (uint64_t)utc_us(s, s->next - (int64_t)s->clip->delay),
    };
    s->paced += s->scale < 0 ? go_backward(s) : go_forward(s);
}

static int reader_read(struct frame_source *src, struct gb_unit *unit)
{
    struct sim_reader *s = self(src);
    const bool sound = is_sound_next(s);
    uint64_t now = sim_now_us(), due = sound ? sound_due_us(s) : due_us(s);
    int lease = free_lease(s);

    if (gone(s))
        return -EPIPE;
    if (now < due || lease < 0)
        return -EAGAIN;
    if (sound) {
        take_sound(s, unit, &s->seg[lease]);
    } else if (s->ended) {
        return -ENODATA;
    } else {
        if (now - due > LATE_US) {
            s->base_us = now;
            s->paced = 0;
        }
        take_picture(s, unit, &s->seg[lease]);
    }
    s->busy[lease] = true;
    unit->seg = &s->seg[lease];
    unit->nseg = 1;
    unit->cookie = &s->busy[lease];
    arm(s, is_sound_next(s) ? sound_due_us(s) : due_us(s));
    return 0;
}

static void reader_release(struct frame_source *src, const struct gb_unit *unit)
{
    bool *busy = unit->cookie;

    (void)src;
    *busy = false;
}

static int reader_seek(struct frame_source *src, uint64_t to_us)
{
    struct sim_reader *s = self(src);
    unsigned i = 0;
    int64_t n;

    while (i < s->npieces && (uint64_t)s->piece[i].to_s * 1000000u <= to_us)
        i++;
    if (i == s->npieces)
        return -ERANGE;
    s->ended = false;
    enter(s, i);
    if (!s->ended && s->at == i && to_us > (uint64_t)s->piece[i].from_s * 1000000u) {
        n = key_before(s, (int64_t)((to_us - (uint64_t)s->piece[i].record_s * 1000000u) * s->fps / 1000000u));
        s->next = n > s->next ? n : s->next;
    }
    sync_sound(s);
    start_pace(s);
    return 0;
}

static int reader_scale(struct frame_source *src, int permille)
{
    struct sim_reader *s = self(src);
    int size = permille < 0 ? -permille : permille, before = s->scale;

    if (s->whole ? permille != before : size < SCALE_MIN || size > SCALE_MAX)
        return -ENOTSUP;
    s->scale = permille;
    if (!s->ended && (permille < 0) != (before < 0))
        s->next = key_before(s, s->next);
    else if (!s->ended && keys_only(s) && !is_key(s, s->next))
        (void)(permille < 0 ? go_backward(s) : go_forward(s));
    if (permille != before)
        sync_sound(s);
    start_pace(s);
    return 0;
}

static void reader_close(struct frame_source *src)
{
    struct sim_reader *s = self(src);

    clip_put(s->clip);
    sim_audio_close(&s->audio);
    if (s->timer >= 0)
        close(s->timer);
    free(s->piece);
    free(s);
}

static const struct frame_source_ops reader_ops = {
    .fd = reader_fd,
    .read = reader_read,
    .release = reader_release,
    .seek = reader_seek,
    .scale = reader_scale,
    .close = reader_close,
};

/* ---- opening ------------------------------------------------------------------------------------------------ */

/* Bytes of the first n pictures of a record; the units of a clip are contiguous. */
static uint64_t bytes_before(const struct clip *c, int64_t n)
{
    const struct clip_unit *last = &c->unit[c->count - 1];
    uint64_t loop = last->at + (uint64_t)last->len - c->unit[0].at;

    return (uint64_t)n / c->count * loop + c->unit[(uint64_t)n % c->count].at - c->unit[0].at;
}

/* Bytes of a piece's audio from a picture on. */
static uint64_t sound_between(const struct sim_reader *s, unsigned i, int64_t from)
{
    const uint64_t end = (uint64_t)(s->piece[i].to_s - s->piece[i].record_s) * 1000000u;
    const struct sound *sound = s->audio.sound;

    if (!sound)
        return 0;
    return sound_bytes(sound, sound_unit_at(sound, end)) -
           sound_bytes(sound, sound_unit_at(sound, (uint64_t)picture_time(s, from)));
}

static uint64_t count_bytes(const struct sim_reader *s)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->npieces; i++) {
        const int64_t from = piece_begin(s, i), to = piece_end(s, i);
        if (from < to)
            sum += bytes_before(s->clip, to) - bytes_before(s->clip, from) + sound_between(s, i, from);
    }
    return sum;
}

static int find_pieces(struct sim_reader *s, const struct board_channel *ch, const struct board_replay *what)
{
    struct sim_piece *fit;

    s->piece = calloc(SIM_PIECES_MAX, sizeof(*s->piece));
    if (!s->piece)
        return -ENOMEM;
    s->npieces = sim_record_pieces(s->board, ch, what, s->piece);
    if (!s->npieces)
        return -ENOENT;
    fit = realloc(s->piece, s->npieces * sizeof(*s->piece));
    s->piece = fit ? fit : s->piece;
    return 0;
}

int sim_record_open(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                    struct board_replay_source *out)
{
    struct sim_reader *s;
    char path[PATH_MAX];
    int err;

    if (sim_now_us() < b->down_until_us)
        return -EAGAIN;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->base = (struct frame_source){ .ops = &reader_ops, .max_leased = LEASES };
    s->board = b;
    s->restarts = b->restarts;
    s->fps = ch->fps == 0 ? SIM_FPS_DEFAULT : ch->fps < SIM_FPS_MAX ? ch->fps : SIM_FPS_MAX;
    s->whole = what->speed > 0;
    s->scale = s->whole ? (int)(what->speed < SCALE_MAX ? what->speed : SCALE_MAX) * NORMAL : NORMAL;
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    err = s->timer < 0 ? -errno : find_pieces(s, ch, what);
    if (!err)
        err = clip_path(ch->source, path, sizeof(path));
    if (!err) {
        err = clip_get(&b->clips, path, &s->clip);
        err = err == -ENOENT ? -EAGAIN : err; /* the recording exists, but not its clip */
    }
    if (err) {
        reader_close(&s->base);
        return err;
    }
    sim_audio_open(b, ch->audio, &s->audio);
    s->base.audio = s->audio.sound ? s->audio.sound->codec : GB_CODEC_NONE;
    enter(s, 0);
    sync_sound(s);
    start_pace(s);
    *out = (struct board_replay_source){ .src = &s->base, .video = s->clip->codec, .bytes = count_bytes(s) };
    return 0;
}
