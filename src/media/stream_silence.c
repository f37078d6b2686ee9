/* SPDX-License-Identifier: MIT */
/* A source that is open and gives no picture is lost, as if it had said so: one timer looks after it from time to time, and
 * what it goes by is noted anyway. Sound is no sign of life. */
#include <errno.h>

#include "media/stream_priv.h"
#include "util/log.h"

#define SECOND_US UINT64_C(1000000)
#define FIRST_US (20u * SECOND_US)      /* for the first picture after the source was opened */
#define SLOW_TIMES 5u                   /* a source of few pictures has so many of its intervals */
#define STOOD_US SECOND_US              /* the timer came later than that: the whole loop stood, and read nothing */

/* ---- how slow a source is -------------------------------------------------------------------------------- */

static uint64_t *slot_of(struct stream_slow *w, uint64_t now_us)
{
    const uint64_t slot = now_us / STREAM_SLOW_SLOT_US;

    for (unsigned i = 0; w->slot < slot && i < STREAM_SLOW_SLOTS; i++) {
        w->longest_us[++w->slot % STREAM_SLOW_SLOTS] = 0;
    }
    w->slot = slot;
    return &w->longest_us[slot % STREAM_SLOW_SLOTS];
}

void stream_slow_note(struct stream_slow *w, uint64_t before_us, uint64_t now_us, uint64_t gap_us)
{
    uint64_t *longest;

    if (before_us < w->opened_us) {
        return;                         /* it was closed in between */
    }
    longest = slot_of(w, now_us);
    *longest = gap_us > *longest ? gap_us : *longest;
}

static uint64_t longest_interval(struct stream_slow *w, uint64_t now_us)
{
    uint64_t longest = *slot_of(w, now_us);

    for (unsigned i = 0; i < STREAM_SLOW_SLOTS; i++) {
        longest = w->longest_us[i] > longest ? w->longest_us[i] : longest;
    }
    return longest;
}

/* ---- how long it may be silent ---------------------------------------------------------------------------- */

static bool has_begun(const struct stream *s)
{
    return s->seen.video != GB_CODEC_NONE;
}

static uint64_t limit_us(struct stream *s, uint64_t now_us)
{
    const uint64_t least = s->cfg.picture_timeout_s * SECOND_US;
    const uint64_t more = has_begun(s) ? SLOW_TIMES * longest_interval(&s->clock.slow, now_us) : FIRST_US;

    return least > more ? least : more;
}

/* Since when it has been silent; later by the time in which no lease was left since then. */
static uint64_t silent_since(const struct stream *s)
{
    uint64_t since = has_begun(s) ? s->clock.track[GB_VIDEO].read_us : s->clock.slow.opened_us;

    return s->since_us > since ? s->since_us : since;
}

void stream_silence_full(struct stream *s)
{
    const uint64_t now = loop_now_us(s->cfg.loop);

    s->since_us = silent_since(s) + (now - s->full_us);
    s->full_us = now;
}

static void silence_due(struct loop_timer *t, void *arg);

static void look_again(struct stream *s, uint64_t at_us)
{
    s->silence_at_us = at_us;
    (void)loop_timer_at(s->cfg.loop, &s->silence, at_us, silence_due, s);
}

static void silence_due(struct loop_timer *t, void *arg)
{
    struct stream *s = arg;
    const uint64_t now = loop_now_us(s->cfg.loop), least = s->cfg.picture_timeout_s * SECOND_US;
    const uint64_t limit = limit_us(s, now);
    uint64_t since;

    (void)t;
    if (s->leased == s->lease_max) {
        stream_silence_full(s);
    }
    if (now > s->silence_at_us + STOOD_US) {
        s->since_us = now;
    }
    since = silent_since(s);
    if (now - since < limit) {
        look_again(s, since + limit < now + least ? since + limit : now + least);
        return;
    }
    log_warn("stream %s: no picture for %llu s", s->channel.id, (unsigned long long)((now - since) / SECOND_US));
    stream_source_lost(s, -ETIMEDOUT);
}

void stream_silence_begin(struct stream *s)
{
    const uint64_t now = loop_now_us(s->cfg.loop);

    s->clock.slow = (struct stream_slow){ .opened_us = now };
    s->full_us = s->since_us = 0;
    if (s->src->live && s->cfg.picture_timeout_s > 0) {
        look_again(s, now + s->cfg.picture_timeout_s * SECOND_US);
    }
}

void stream_silence_end(struct stream *s)
{
    loop_timer_del(s->cfg.loop, &s->silence);
}
