/* SPDX-License-Identifier: MIT */
/* The codecs of a source and their declaration in the PSM of key units, across reopening; faults of the source. */
#include <errno.h>
#include <string.h>

#include "media/stream_priv.h"
#include "util/log.h"

#define AUDIO_GONE                                                                                                     \
    (5 * INT64_C(90000)) /* without audio for this long it is no longer declared; by the source's clock, as a
                                         * recording may be paused */

/* Nothing is declared, and so nothing packed, until a key frame arrives. Receivers outlive the source: the program
 * declared to them last decides whether the version changes. */
void stream_forget_program(struct stream *s)
{
    if (s->declared.video != GB_CODEC_NONE)
        s->before = s->declared;
    s->declared.video = s->declared.audio = GB_CODEC_NONE;
}

/* A source that announces audio has the same time, from its first unit. */
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
    if (last->video != GB_CODEC_NONE && (last->video != s->seen.video || last->audio != s->seen.audio))
        d->version = (d->version + 1) & 0x1Fu;
    d->video = s->seen.video;
    d->audio = s->seen.audio;
}

/* The PSM declares the codecs seen in the source; it changes at key units only. */
void stream_track_codec(struct stream *s, const struct packed_unit *p)
{
    const struct gb_unit *u = &p->unit;

    if (u->kind == GB_VIDEO) {
        s->seen.video = u->codec;
        if (u->key)
            declare(s, p);
    } else if (ps_stream_type(u->codec) != 0) {
        /* It is not sent until a key unit declares it. */
        if (s->seen.video != GB_CODEC_NONE && s->seen.audio != u->codec)
            stream_request_idr(s);
        s->seen.audio = u->codec;
        s->audio_dts = p->dts;
    }
}

/* Logs clock jumps number 1, 2, 4, 8 ... only. */
void stream_count_faults(struct stream *s, const struct packed_unit *p)
{
    uint64_t jumps = s->clock.jumps;

    if (jumps != s->stats.clock_jumps && (jumps & (jumps - 1)) == 0) {
        log_warn("stream: clock-jump channel=%s stream=%u count=%llu", s->channel.id, s->channel.stream,
                 (unsigned long long)jumps);
    }
    s->stats.clock_jumps = jumps;
    if (p->unit.lost > 0) {
        s->stats.lost += p->unit.lost;
        stream_request_idr(s);
    }
}

/* Audio that no PSM declares yet: receivers could not decode it. */
bool stream_is_undeclared(const struct stream *s, const struct gb_unit *u)
{
    return u->kind == GB_AUDIO && u->codec != s->declared.audio && ps_stream_type(u->codec) != 0;
}

void stream_count_unpackable(struct stream *s, const struct gb_unit *u, int err)
{
    if (u->kind == GB_VIDEO && s->declared.video == GB_CODEC_NONE) {
        s->stats.before_key++; /* the encoder was opened in the middle of a GOP */
        return;
    }
    *(err == -E2BIG ? &s->stats.dropped_large : &s->stats.dropped_bad) += 1;
    log_debug("stream: unit-dropped channel=%s stream=%u reason=\"%s\"", s->channel.id, s->channel.stream,
              strerror(-err));
}
