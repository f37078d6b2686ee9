/* SPDX-License-Identifier: MIT */
#include "media/stream_clock.h"

#include <string.h>

#include "media/packetizer.h"

#define INTERVAL_MIN_US 5000u
#define INTERVAL_DEFAULT_US 40000u
#define TICK_US 12u                     /* the least that differs at 90 kHz */
#define FUTURE_US 500000                /* a unit so much younger than it can be: the clock jumped */
#define RECORDED_GAP_US 10000000        /* the same where reading has no pace of its own */
#define REOPEN_US 2000000               /* the clock before the opening, unless it is so far from it */
#define HOME_US 200000                  /* a jump that ends so near to the clock before it ends there */
#define LEAD_FALL_US 100                /* a unit: more than any two quartzes differ */
#define TRUST_US 2000000                /* a capture time longer ago is none of the loop's clock, */
#define TURN_US 100000                  /* nor one so late: within a turn of the loop its clock stands */
#define REORDER_MAX_US 20000000u        /* a presentation time farther from its decode time is none */

/* No product can overflow. */
static uint64_t to_90k(uint64_t us)
{
    return us / 100u * 9u + us % 100u * 9u / 100u;
}

static int64_t apart(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b);
}

/* The same without its sign. */
static uint64_t away(uint64_t a, uint64_t b)
{
    return apart(a, b) < 0 ? b - a : a - b;
}

void stream_clock_open(struct stream_clock *c, bool live, bool go_on, uint64_t now_us)
{
    uint64_t jumps = c->jumps;

    if (!go_on) {
        memset(c, 0, sizeof(*c));
        c->jumps = jumps;
    }
    c->live = live;
    c->fresh = true;
    c->still = false;
    c->slow = (struct stream_slow){ .opened_us = now_us };
}

/* What the next unit of a track goes out as when its source cannot be believed. */
static uint64_t plausible(const struct stream_clock *c, const struct stream_track *t, uint64_t read_us)
{
    uint64_t gap = t->interval_us;

    if (!t->any) {
        const struct stream_track *other = &c->track[t == &c->track[0]];
        return other->out_us + TICK_US;
    }
    if (c->live) {
        gap = read_us - t->read_us;
        gap = gap < INTERVAL_MIN_US ? INTERVAL_MIN_US : gap;
    }
    return t->out_us + gap;
}

/* Whether the clock before anything was evened out is back: it puts the unit nearer to where it should be. */
static bool is_home(const struct stream_clock *c, const struct stream_track *t, uint64_t source_us, uint64_t read_us,
                    uint64_t out_us)
{
    uint64_t home = source_us + c->home_us, want = plausible(c, t, read_us);
    uint64_t off = away(home, want);

    return off < HOME_US && apart(home, t->out_us) > 0 && off < away(out_us, want);
}

/* After a jump, there or back: the steps are the source's again from here on. */
static uint64_t even_out(struct stream_clock *c, const struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us;

    out = is_home(c, t, source_us, read_us, out) ? source_us + c->home_us : plausible(c, t, read_us);
    c->offset_us = out - source_us;
    c->still = false;
    c->lead_us = apart(source_us, read_us);
    c->jumps++;
    return out;
}

static bool believable(const struct stream_track *t, uint64_t out_us, uint64_t want_us)
{
    int64_t off = apart(out_us, want_us);

    return off > -REOPEN_US && off < REOPEN_US && (!t->any || apart(out_us, t->out_us) > 0);
}

/* The first unit after the source was opened: by the clock that it had, or by another one. */
static uint64_t begin(struct stream_clock *c, struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us, want = read_us;

    if (c->any) {
        want = plausible(c, t, read_us);
        out = believable(t, out, want) ? out : source_us + c->home_us;
        out = believable(t, out, want) ? out : want;
    } else if (source_us >> 62) {       /* no time since any zero */
        out = want;
    }
    if (out == want) {
        c->home_us = out - source_us;
    }
    c->offset_us = out - source_us;
    c->lead_us = apart(source_us, read_us);
    c->fresh = false;
    c->any = true;
    return out;
}

/* Decode time of a unit as it goes out. */
static uint64_t follow(struct stream_clock *c, struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us;
    int64_t lead = apart(source_us, read_us), step = apart(out, t->out_us), fallen_us;

    if (t->any && source_us == t->source_us) {
        c->jumps += !c->still;
        c->still = true;
        return plausible(c, t, read_us);
    }
    if (t->any && step < (int64_t)TICK_US) {
        /* Where the last unit went out later than the source said, this one may yet be right. */
        bool pushed = t->out_us != t->source_us + c->offset_us && step > -(int64_t)t->interval_us;
        if (!pushed && source_us - t->source_us >= TICK_US) {
            return even_out(c, t, source_us, read_us);
        }
        return t->out_us + TICK_US;
    }
    if (c->live ? apart((uint64_t)lead, (uint64_t)c->lead_us) > FUTURE_US : t->any && step > RECORDED_GAP_US) {
        return even_out(c, t, source_us, read_us);
    }
    c->still = false;
    if (c->offset_us != c->home_us && t->any && is_home(c, t, source_us, read_us, out)) {
        return even_out(c, t, source_us, read_us);
    }
    fallen_us = apart((uint64_t)c->lead_us, LEAD_FALL_US);
    c->lead_us = apart((uint64_t)lead, (uint64_t)fallen_us) > 0 ? lead : fallen_us;
    return out;
}

/* ---- how slow a source is --------------------------------------------------------------------------------- */

static uint64_t *slot_of(struct stream_slow *w, uint64_t now_us)
{
    const uint64_t slot = now_us / STREAM_SLOW_SLOT_US;

    for (unsigned i = 0; w->slot < slot && i < STREAM_SLOW_SLOTS; i++) {
        w->longest_us[++w->slot % STREAM_SLOW_SLOTS] = 0;
    }
    w->slot = slot;
    return &w->longest_us[slot % STREAM_SLOW_SLOTS];
}

/* Inlined, it would take registers from the usual unit. */
__attribute__((noinline)) static void note_slow(struct stream_slow *w, uint64_t before_us, uint64_t now_us, uint64_t gap_us)
{
    uint64_t *longest;

    if (before_us < w->opened_us) {
        return;                         /* it was closed in between */
    }
    longest = slot_of(w, now_us);
    *longest = gap_us > *longest ? gap_us : *longest;
}

uint64_t stream_clock_longest_us(struct stream_clock *c, uint64_t now_us)
{
    struct stream_slow *w = &c->slow;
    uint64_t longest = *slot_of(w, now_us);

    for (unsigned i = 0; i < STREAM_SLOW_SLOTS; i++) {
        longest = w->longest_us[i] > longest ? w->longest_us[i] : longest;
    }
    return longest;
}

/* ---- stamping --------------------------------------------------------------------------------------------- */

static void put_rtp(struct stream_clock *c, struct packed_unit *p)
{
    uint64_t rtp = p->dts;

    /* Receivers tell units apart by the RTP timestamp. PS: when it is sent (RFC 2250 2); else: when it is shown. */
    if (rtp <= c->rtp) {
        rtp = c->rtp + 1;
    }
    c->rtp = rtp;
    p->ts[PACKET_PS] = (uint32_t)rtp;
    p->ts[PACKET_ES] = (uint32_t)p->pts;
    if (p->unit.kind == GB_VIDEO) {
        p->ts[PACKET_ES] += p->ts[PACKET_ES] == c->es_ts;
        c->es_ts = p->ts[PACKET_ES];
    }
}

/* The moment on the loop's clock that p->clock_ts stands for. A clock that was evened out is not the loop's. */
static uint64_t moment(const struct stream_clock *c, const struct packed_unit *p, uint64_t out_us)
{
    bool true_step = out_us == p->unit.dts_us + c->offset_us;

    if (!c->live || !true_step) {
        return p->read_us;
    }
    if (c->offset_us == 0 && c->lead_us < TURN_US && c->lead_us > -TRUST_US) {
        return out_us;
    }
    return p->unit.dts_us - (uint64_t)c->lead_us;
}

/* What such an interval counts as. */
static uint64_t too_long(struct stream_clock *c, const struct stream_track *t, const struct packed_unit *p, uint64_t gap_us)
{
    if (p->unit.kind == GB_VIDEO) {
        note_slow(&c->slow, t->read_us, p->read_us, gap_us);
    }
    return STREAM_SLOW_US;
}

void stream_clock_stamp(struct stream_clock *c, struct packed_unit *p)
{
    struct stream_track *t = &c->track[p->unit.kind == GB_AUDIO];
    uint64_t source = p->unit.dts_us, later = p->unit.pts_us - source, out;

    out = c->fresh ? begin(c, t, source, p->read_us) : follow(c, t, source, p->read_us);
    if (t->any) {
        uint64_t gap = out - t->out_us;
        gap = gap > STREAM_SLOW_US ? too_long(c, t, p, gap) : gap;
        t->interval_us = (uint32_t)(gap < INTERVAL_MIN_US ? INTERVAL_MIN_US : gap);
    } else {
        t->interval_us = INTERVAL_DEFAULT_US;
    }
    p->interval_us = p->unit.kind == GB_VIDEO ? t->interval_us : INTERVAL_DEFAULT_US;
    p->dts = to_90k(out);
    p->pts = to_90k(out + (later <= REORDER_MAX_US ? later : 0));
    put_rtp(c, p);
    p->clock_ts = (uint32_t)p->dts;
    p->clock_us = moment(c, p, out);
    t->any = true;
    t->source_us = source;
    t->out_us = out;
    t->read_us = p->read_us;
}
