/* SPDX-License-Identifier: MIT */
/* What a source was seen to give, what of it key units declare in their PSM, over sources that come and go, and what is wrong
 * with it. */
#include <errno.h>
#include <string.h>

#include "media/stream_priv.h"
#include "util/log.h"

#define AUDIO_GONE (5 * INT64_C(90000)) /* a source that gave no sound for so long has none any more; by its own times, for a
                                         * recording may be paused */

/* Nothing is declared until a key picture comes, so that nothing before it is packed. Receivers outlive the source: what they
 * were told last decides on the version then. */
void stream_forget_program(struct stream *s)
{
    if (s->declared.video != GB_CODEC_NONE) {
        s->before = s->declared;
    }
    s->declared.video = s->declared.audio = GB_CODEC_NONE;
}

/* A source that said it would give sound has as long from its first one on. */
static bool audio_gone(struct stream *s, const struct packed_unit *p)
{
    s->audio_dts = s->audio_dts ? s->audio_dts : p->dts;
    return (int64_t)(p->dts - s->audio_dts) >= AUDIO_GONE;
}

static void declare(struct stream *s, const struct packed_unit *p)
{
    struct ps_program *d = &s->declared;
    const struct ps_program *last = d->video != GB_CODEC_NONE ? d : &s->before;

    s->seen.audio = audio_gone(s, p) ? GB_CODEC_NONE : s->seen.audio;
    if (last->video != GB_CODEC_NONE && (last->video != s->seen.video || last->audio != s->seen.audio)) {
        d->version = (d->version + 1) & 0x1Fu;
    }
    d->video = s->seen.video;
    d->audio = s->seen.audio;
}

/* What the PSM may declare is what the source was seen to give; it changes at key units only. */
void stream_note_codec(struct stream *s, const struct packed_unit *p)
{
    const struct gb_unit *u = &p->unit;

    if (u->kind == GB_VIDEO) {
        s->seen.video = u->codec;
        if (u->key) {
            declare(s, p);
        }
    } else if (ps_stream_type(u->codec) != 0) {
        /* Until a key unit declares it nobody hears it. */
        if (s->seen.video != GB_CODEC_NONE && s->seen.audio != u->codec) {
            stream_request_idr(s);
        }
        s->seen.audio = u->codec;
        s->audio_dts = p->dts;
    }
}

/* A clock that is never true is not told of each time. */
void stream_note_faults(struct stream *s, const struct packed_unit *p)
{
    uint64_t jumps = s->clock.jumps;

    if (jumps != s->stats.clock_jumps && (jumps & (jumps - 1)) == 0) {
        log_warn("stream %s: the source's clock is not true, evened out (%llu times by now)", s->channel.id,
                 (unsigned long long)jumps);
    }
    s->stats.clock_jumps = jumps;
    if (p->unit.lost > 0) {
        s->stats.lost += p->unit.lost;
        stream_request_idr(s);
    }
}

/* Sound that no PSM speaks of yet: receivers would not know what it is. */
bool stream_is_undeclared(const struct stream *s, const struct gb_unit *u)
{
    return u->kind == GB_AUDIO && u->codec != s->declared.audio && ps_stream_type(u->codec) != 0;
}

void stream_note_unpackable(struct stream *s, const struct gb_unit *u, int err)
{
    if (u->kind == GB_VIDEO && s->declared.video == GB_CODEC_NONE) {
        s->stats.before_key++;          /* an encoder that was opened in the middle of a group of pictures */
        return;
    }
    *(err == -E2BIG ? &s->stats.dropped_large : &s->stats.dropped_bad) += 1;
    log_debug("stream %s: a unit cannot be packed (%s)", s->channel.id, strerror(-err));
}
