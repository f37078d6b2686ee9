/* SPDX-License-Identifier: MIT */
/* Simulated recordings: each channel has one for every full hour of the last 30 days (UTC), and in every sixth hour an
 * alarm recording of two minutes. They depend on the clock only, so that a platform's tester knows what to expect.
 * Recordings started by platforms are added. Formatting the card erases all of them. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOUR_S        3600
#define HOURS_KEPT    720
#define ALARM_EVERY   6 /* hours */
#define ALARM_AFTER_S 600
#define ALARM_LASTS_S 120
#define ALARM_METHOD  5u      /* video */
#define ALARM_TYPE    2u      /* motion */
#define BYTES_PER_S   125000u /* 1 Mbit/s */

struct find {
    const struct board_channel *ch;
    bool by_path; /* the query's path names an existing record */
    bool look;    /* first pass: only determine by_path */
    const struct board_record_query *q;
    struct board_record *out;
    unsigned skip, max, filled, total;
    int64_t erased;                                  /* records that began before are erased */
    const struct sim_recording *manual, *manual_end; /* not offered yet */
    struct sim_piece *piece;                         /* instead of out: the parts to play */
    unsigned npieces;
};

/* Skips what earlier records cover already. */
static void add_piece(struct find *f, int64_t start, int64_t end)
{
    const struct sim_piece *last = f->npieces ? &f->piece[f->npieces - 1] : NULL;
    int64_t from = start > f->q->start_unix_s ? start : f->q->start_unix_s;

    from = last && last->to_s > from ? last->to_s : from;
    end = end < f->q->end_unix_s ? end : f->q->end_unix_s;
    if (from < end && f->npieces < SIM_PIECES_MAX)
        f->piece[f->npieces++] = (struct sim_piece){ .record_s = start, .from_s = from, .to_s = end };
}

static bool alarm_fits(const struct board_record_query *q, enum board_record_type type)
{
    if (!q->alarm_methods && !q->alarm_type)
        return true;
    return type == BOARD_RECORD_ALARM && (!q->alarm_methods || (q->alarm_methods & (1u << ALARM_METHOD))) &&
           (!q->alarm_type || q->alarm_type == ALARM_TYPE);
}

static bool query_fits(const struct board_record_query *q, enum board_record_type type, int64_t start, int64_t end,
                       unsigned stream)
{
    return start < q->end_unix_s && end > q->start_unix_s && (q->type == BOARD_RECORD_ALL || q->type == type) &&
           (q->stream < 0 || (unsigned)q->stream == stream) && alarm_fits(q, type);
}

static void offer(struct find *f, enum board_record_type type, int64_t start, int64_t end, unsigned stream)
{
    struct board_record r = { .type = type, .start_unix_s = start, .end_unix_s = end, .stream = stream };

    if (start < f->erased)
        return;
    (void)snprintf(r.path, sizeof(r.path), "/sim/%s/%lld.ps", f->ch->id, (long long)start);
    if (f->look) {
        f->by_path = f->by_path || strstr(r.path, f->q->path) != NULL;
        return;
    }
    if (!query_fits(f->q, type, start, end, stream) || (f->by_path && !strstr(r.path, f->q->path)))
        return;
    if (f->piece) {
        add_piece(f, start, end);
        return;
    }
    r.bytes = (uint64_t)(end - start) * BYTES_PER_S;
    if (f->total++ >= f->skip && f->filled < f->max)
        f->out[f->filled++] = r;
}

/* Offers the recordings started by platforms before `until`. */
static void offer_manual(struct find *f, int64_t until, int64_t now)
{
    for (; f->manual < f->manual_end && f->manual->start_unix_s < until; f->manual++) {
        int64_t end = f->manual->end_unix_s ? f->manual->end_unix_s : now;

        if (strcmp(f->manual->id, f->ch->id) == 0 && end > f->manual->start_unix_s)
            offer(f, BOARD_RECORD_MANUAL, f->manual->start_unix_s, end, f->manual->stream);
    }
}

void sim_record_mark(struct board *b, const char *id, unsigned stream, bool on, int64_t unix_s)
{
    struct sim_recording *r;

    for (unsigned i = 0; i < b->nmanual; i++) {
        r = &b->manual[i];
        if (strcmp(r->id, id) == 0 && r->stream == stream && !r->end_unix_s) {
            r->end_unix_s = on ? 0 : unix_s;
            return;
        }
    }
    if (!on)
        return;
    if (b->nmanual == SIM_RECORDINGS_MAX) {
        memmove(&b->manual[0], &b->manual[1], sizeof(b->manual) - sizeof(b->manual[0]));
        b->nmanual--;
    }
    r = &b->manual[b->nmanual++];
    *r = (struct sim_recording){ .stream = stream, .start_unix_s = unix_s };
    (void)snprintf(r->id, sizeof(r->id), "%s", id);
}

static void offer_all(struct find *f, const struct board *b)
{
    const int64_t now = (int64_t)time(NULL), last = now - now % HOUR_S;

    f->erased = b->erased_unix_s;
    f->manual = b->manual;
    f->manual_end = b->manual + b->nmanual;
    for (int64_t t = last - (int64_t)HOURS_KEPT * HOUR_S; t < last; t += HOUR_S) {
        offer_manual(f, t, now);
        offer(f, BOARD_RECORD_TIME, t, t + HOUR_S, 0);
        if (t / HOUR_S % ALARM_EVERY == 0) {
            offer_manual(f, t + ALARM_AFTER_S, now);
            offer(f, BOARD_RECORD_ALARM, t + ALARM_AFTER_S, t + ALARM_AFTER_S + ALARM_LASTS_S, 0);
        }
    }
    offer_manual(f, INT64_MAX, now);
}

int sim_record_find(struct board *b, const struct board_channel *ch, const struct board_record_query *q, unsigned skip,
                    struct board_record *out, unsigned max, unsigned *total)
{
    struct find f = { .ch = ch, .q = q, .out = out, .skip = skip, .max = max };

    /* Platforms copy the standard's sample: FilePath is the channel, an address, a recorder ID. A path that names no
     * record is ignored, and so are addresses and recorder IDs. */
    if (q->path[0]) {
        f.look = true;
        offer_all(&f, b);
        f.look = false;
    }
    offer_all(&f, b);
    *total = f.total;
    return (int)f.filled;
}

unsigned sim_record_pieces(const struct board *b, const struct board_channel *ch, const struct board_replay *what,
                           struct sim_piece out[SIM_PIECES_MAX])
{
    const struct board_record_query q = { .start_unix_s = what->start_unix_s,
                                          .end_unix_s = what->end_unix_s,
                                          .type = what->type,
                                          .stream = (int)what->stream };
    struct find f = { .ch = ch, .q = &q, .piece = out };

    offer_all(&f, b);
    return f.npieces;
}
