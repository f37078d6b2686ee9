/* SPDX-License-Identifier: MIT */
/* What a source was seen to give, what of it the PSM declares, and what is wrong with it. */
#include "media/stream_priv.h"
#include "util/log.h"

/* What the PSM may declare is what the source was seen to give; it changes at key units only. */
void stream_note_codec(struct stream *s, const struct plan *p)
{
    const struct gb_unit *u = &p->unit;

    if (u->kind == GB_VIDEO) {
        s->seen.video = u->codec;
        if (u->key) {
            stream_declare(s, p);
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
void stream_note_faults(struct stream *s, const struct plan *p)
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
