/* SPDX-License-Identifier: MIT */
/* Inside a stream: its source, and who holds which lease. */
#ifndef MEDIA_STREAM_PRIV_H
#define MEDIA_STREAM_PRIV_H

#include "media/packetizer.h"
#include "media/stream.h"
#include "media/stream_clock.h"
#include "media/viewer_priv.h"
#include "sys/loop.h"
#include "util/list.h"

#define STREAM_LEASES_MAX VIEWER_QUEUE_MAX      /* leases used of a source that offers more; one viewer may hold them all */

struct stream {
    struct stream_config cfg;
    struct board_channel channel;       /* strings are ours */
    struct frame_source *src;           /* NULL: closed */
    struct loop_fd watch;
    struct loop_timer retry, idr, idle, silence;
    uint64_t silence_at_us;             /* when that last one is due */
    uint64_t full_us;                   /* all leases have been out since then, as far as that was not counted yet */
    uint64_t since_us;                  /* silence does not count before */
    unsigned backoff_s;
    enum stream_state state;
    bool eof;                           /* a source that is not live has ended */
    bool stuck;                         /* every lease is under a cursor: wait for one */

    struct list viewers;                /* struct viewer */
    unsigned consumers[PACKET_FORMATS];      /* viewers per format */
    struct list spare;                  /* struct packed_unit, ready for reuse, most recently used first */
    unsigned nspare, spare_low;         /* how many; the least since the last key unit */
    struct viewer_feed feed;            /* what its viewers see of it; feed.unit includes the spare ones */
    unsigned leased, lease_max;

    struct ps_program declared;         /* in the last PSM; of no codec until the source has given a key picture */
    struct ps_program before;           /* what it was when the source was opened, whose version goes on */
    struct ps_program seen;             /* in the source so far */
    uint64_t audio_dts;                 /* of the last audio unit, as it went out, 90 kHz; 0: none since the source was opened */
    bool idr_made;
    uint64_t idr_us;                    /* of the last request */
    struct stream_clock clock;
    struct stream_stats stats;
};

/* ---- stream.c; lost and set_state call the owner: nothing may follow ----------------------------------------- */
void stream_source_ended(struct stream *s);
void stream_source_lost(struct stream *s, int err);
void stream_set_state(struct stream *s, enum stream_state state);
void stream_silence_full(struct stream *s);     /* all leases have been out since full_us: that is no silence */

/* ---- stream_units.c ------------------------------------------------------------------------------------------ */
void stream_release(struct viewer_feed *f, struct packed_unit *p);
void stream_readable(struct loop_fd *w, unsigned ready, void *arg);
/* After something changed that decides whether the source may be read. */
void stream_update_read(struct stream *s);
void stream_free_spare(struct stream *s);       /* all are spare */

/* ---- stream_program.c ---------------------------------------------------------------------------------------- */
void stream_forget_program(struct stream *s);  /* the source was opened anew */
void stream_note_codec(struct stream *s, const struct packed_unit *p);
void stream_note_faults(struct stream *s, const struct packed_unit *p);
bool stream_is_undeclared(const struct stream *s, const struct gb_unit *u);
void stream_note_unpackable(struct stream *s, const struct gb_unit *u, int err);

#endif
