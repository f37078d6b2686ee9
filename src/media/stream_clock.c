/* SPDX-License-Identifier: MIT */
#include "media/stream_clock.h"

#include <string.h>

#include "media/packetizer.h"

#define INTERVAL_MIN_US     5000u
#define INTERVAL_DEFAULT_US 40000u
#define TICK_US             12u       /* minimum step that differs at 90 kHz */
#define FUTURE_US           500000    /* a live unit this far in the future: the clock jumped */
#define RECORDED_GAP_US     10000000  /* a larger step in a recording is a jump */
#define REOPEN_US           2000000   /* after reopening: within this difference it is the same clock */
#define BACK_US             200000    /* a jump to within this of the original clock returns to it */
#define LEAD_FALL_US        100       /* per unit: more than any two quartz clocks differ */
#define TRUST_US            2000000   /* an older capture time is not from the loop's clock, */
#define TURN_US             100000    /* nor is one this far ahead: the loop's clock is read once per turn */
#define REORDER_MAX_US      20000000u /* larger differences of presentation and decode time are invalid */

/* Split so that no product overflows. */
static uint64_t to_90k(uint64_t us)
{
    return us / 100u * 9u + us % 100u * 9u / 100u;
}

static int64_t difference(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return difference(a, b) < 0 ? b - a : a - b;
}

void stream_clock_open(struct stream_clock *c, bool live, bool resume, uint64_t now_us)
{
    uint64_t jumps = c->jumps;

    if (!resume) {
        memset(c, 0, sizeof(*c));
        c->jumps = jumps;
    }
    c->live = live;
    c->fresh = true;
    c->still = false;
    c->slow = (struct stream_slow){ .opened_us = now_us };
}

/* The time to send for the next unit of a track when the source's time is implausible. */
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

/* Whether the source is back on its original clock: with that offset the unit is closer to its plausible time. */
static bool is_back(const struct stream_clock *c, const struct stream_track *t, uint64_t source_us, uint64_t read_us,
                    uint64_t out_us)
{
    uint64_t home = source_us + c->original_us, want = plausible(c, t, read_us);
    uint64_t off = distance(home, want);

    return off < BACK_US && difference(home, t->out_us) > 0 && off < distance(out_us, want);
}

/* Sets the offset after a jump, forward or back; from here on the source's steps apply again. */
static uint64_t smooth(struct stream_clock *c, const struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us;

    out = is_back(c, t, source_us, read_us, out) ? source_us + c->original_us : plausible(c, t, read_us);
    c->offset_us = out - source_us;
    c->still = false;
    c->lead_us = difference(source_us, read_us);
    c->jumps++;
    return out;
}

static bool same_clock(const struct stream_track *t, uint64_t out_us, uint64_t want_us)
{
    int64_t off = difference(out_us, want_us);

    return off > -REOPEN_US && off < REOPEN_US && (!t->any || difference(out_us, t->out_us) > 0);
}

/* The first unit after opening the source: on the clock it had before, or on another one. */
static uint64_t begin(struct stream_clock *c, struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us, want = read_us;

    if (c->any) {
        want = plausible(c, t, read_us);
        out = same_clock(t, out, want) ? out : source_us + c->original_us;
        out = same_clock(t, out, want) ? out : want;
    } else if (source_us >> 62) { /* not a time since any epoch */
        out = want;
    }
    if (out == want)
        c->original_us = out - source_us;
    c->offset_us = out - source_us;
    c->lead_us = difference(source_us, read_us);
    c->fresh = false;
    c->any = true;
    return out;
}

/* The decode time to send for a unit. */
static uint64_t follow(struct stream_clock *c, struct stream_track *t, uint64_t source_us, uint64_t read_us)
{
    uint64_t out = source_us + c->offset_us;
    int64_t lead = difference(source_us, read_us), step = difference(out, t->out_us), fallen_us;

    if (t->any && source_us == t->source_us) {
        c->jumps += !c->still;
        c->still = true;
        return plausible(c, t, read_us);
    }
    if (t->any && step < (int64_t)TICK_US) {
        /* The last unit may have been sent later than the source's time; then this step may be right. */
        bool pushed = t->out_us != t->source_us + c->offset_us && step > -(int64_t)t->interval_us;
        if (!pushed && source_us - t->source_us >= TICK_US)
            return smooth(c, t, source_us, read_us);
        return t->out_us + TICK_US;
    }
    if (c->live ? difference((uint64_t)lead, (uint64_t)c->lead_us) > FUTURE_US : t->any && step > RECORDED_GAP_US)
        return smooth(c, t, source_us, read_us);
    c->still = false;
    if (c->offset_us != c->original_us && t->any && is_back(c, t, source_us, read_us, out))
        return smooth(c, t, source_us, read_us);
    fallen_us = difference((uint64_t)c->lead_us, LEAD_FALL_US);
    c->lead_us = difference((uint64_t)lead, (uint64_t)fallen_us) > 0 ? lead : fallen_us;
    return out;
}

/* ---- long picture intervals -------------------------------------------------------------------------------- */

static uint64_t *slot_of(struct stream_slow *w, uint64_t now_us)
{
    const uint64_t slot = now_us / STREAM_SLOW_SLOT_US;

    for (unsigned i = 0; w->slot < slot && i < STREAM_SLOW_SLOTS; i++)
        w->longest_us[++w->slot % STREAM_SLOW_SLOTS] = 0;
    w->slot = slot;
    return &w->longest_us[slot % STREAM_SLOW_SLOTS];
}

/* noinline keeps registers free for the usual unit. */
__attribute__((noinline)) static void record_slow(struct stream_slow *w, uint64_t before_us, uint64_t now_us,
                                                  uint64_t gap_us)
{
    uint64_t *longest;

    if (before_us < w->opened_us)
        return; /* the source was closed in between */
    longest = slot_of(w, now_us);
    *longest = gap_us > *longest ? gap_us : *longest;
}

uint64_t stream_clock_longest_us(struct stream_clock *c, uint64_t now_us)
{
    struct stream_slow *w = &c->slow;
    uint64_t longest = *slot_of(w, now_us);

    for (unsigned i = 0; i < STREAM_SLOW_SLOTS; i++)
        longest = w->longest_us[i] > longest ? w->longest_us[i] : longest;
    return longest;
}

/* ---- stamping --------------------------------------------------------------------------------------------- */

static void put_rtp(struct stream_clock *c, struct packed_unit *p)
{
    uint64_t rtp = p->dts;

    /* Receivers separate units by the RTP timestamp. PS: time of sending (RFC 2250 section 2); else: time of
     * presentation. */
    if (rtp <= c->rtp)
        rtp = c->rtp + 1;
    c->rtp = rtp;
    p->ts[PACKET_PS] = (uint32_t)rtp;
    p->ts[PACKET_ES] = (uint32_t)p->pts;
    if (p->unit.kind == GB_VIDEO) {
        p->ts[PACKET_ES] += p->ts[PACKET_ES] == c->es_ts;
        c->es_ts = p->ts[PACKET_ES];
    }
}

/* The time on the loop's clock that p->clock_ts corresponds to. A source's clock that jumped is not the loop's. */
static uint64_t loop_time_of(const struct stream_clock *c, const struct packed_unit *p, uint64_t out_us)
{
    bool true_step = out_us == p->unit.dts_us + c->offset_us;

    if (!c->live || !true_step)
        return p->read_us;
    if (c->offset_us == 0 && c->lead_us < TURN_US && c->lead_us > -TRUST_US)
        return out_us;
    return p->unit.dts_us - (uint64_t)c->lead_us;
}

/* Records an interval above STREAM_SLOW_US and limits it. */
static uint64_t limit_gap(struct stream_clock *c, const struct stream_track *t, const struct packed_unit *p,
                          uint64_t gap_us)
{
    if (p->unit.kind == GB_VIDEO)
        record_slow(&c->slow, t->read_us, p->read_us, gap_us);
    return STREAM_SLOW_US;
}

void stream_clock_stamp(struct stream_clock *c, struct packed_unit *p)
{
    struct stream_track *t = &c->track[p->unit.kind == GB_AUDIO];
    uint64_t source = p->unit.dts_us, later = p->unit.pts_us - source, out;

    out = c->fresh ? begin(c, t, source, p->read_us) : follow(c, t, source, p->read_us);
    if (t->any) {
        uint64_t gap = out - t->out_us;
        gap = gap > STREAM_SLOW_US ? limit_gap(c, t, p, gap) : gap;
        t->interval_us = (uint32_t)(gap < INTERVAL_MIN_US ? INTERVAL_MIN_US : gap);
    } else {
        t->interval_us = INTERVAL_DEFAULT_US;
    }
    p->interval_us = p->unit.kind == GB_VIDEO ? t->interval_us : INTERVAL_DEFAULT_US;
    p->dts = to_90k(out);
    p->pts = to_90k(out + (later <= REORDER_MAX_US ? later : 0));
    put_rtp(c, p);
    p->clock_ts = (uint32_t)p->dts;
    p->clock_us = loop_time_of(c, p, out);
    t->any = true;
    t->source_us = source;
    t->out_us = out;
    t->read_us = p->read_us;
}
