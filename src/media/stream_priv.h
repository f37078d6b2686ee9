/* SPDX-License-Identifier: MIT */
/* Shared by stream*.c; private to them: the source of a stream and its leases. */
#ifndef MEDIA_STREAM_PRIV_H
#define MEDIA_STREAM_PRIV_H

#include "media/packetizer.h"
#include "media/stream.h"
#include "media/stream_clock.h"
#include "media/viewer_priv.h"
#include "sys/loop.h"
#include "util/list.h"

#define STREAM_LEASES_MAX VIEWER_QUEUE_MAX /* even if a source offers more; one viewer may hold all of them */

struct stream {
    struct stream_config cfg;
    struct board_channel channel; /* owns its strings */
    struct frame_source *src;     /* NULL: closed */
    struct loop_fd watch;
    struct loop_timer retry, idr, idle, silence;
    uint64_t silence_at_us; /* when `silence` expires */
    uint64_t full_us;       /* all leases in use since then, except for the time already in since_us */
    uint64_t since_us;      /* earlier silence does not count */
    unsigned backoff_s;
    enum stream_state state;
    bool lost;  /* the source was lost and has not delivered since */
    bool eof;   /* end of a recording */
    bool stuck; /* every lease is being sent: wait for one */

    struct list viewers;                /* struct viewer */
    unsigned consumers[PACKET_FORMATS]; /* viewers per format */
    struct list spare;                  /* struct packed_unit, ready for reuse, most recently used first */
    unsigned nspare, spare_low;         /* spare units now; minimum since the last key unit */
    struct viewer_feed feed;            /* shared with its viewers; feed.unit includes the spare ones */
    unsigned leased, lease_max;

    struct ps_program declared; /* in the last PSM; of no codec until the source has given a key frame */
    struct ps_program before;   /* as declared when the source was opened; its version continues */
    struct ps_program seen;     /* codecs read so far */
    uint64_t audio_dts;         /* of the last audio unit, as sent, 90 kHz; 0: none since the source was opened */
    bool idr_requested;
    uint64_t idr_us; /* of the last request */
    struct stream_clock clock;
    struct stream_stats stats;
};

/* ---- stream.c; source_lost and set_state call the owner: nothing may follow ---------------------------------- */
void stream_source_ended(struct stream *s);
void stream_source_lost(struct stream *s, int err);
void stream_set_state(struct stream *s, enum stream_state state);
void stream_exclude_full(struct stream *s); /* the time since full_us, with all leases in use, is not silence */

/* ---- stream_units.c ------------------------------------------------------------------------------------------ */
void stream_release(struct viewer_feed *f, struct packed_unit *p);
void stream_readable(struct loop_fd *w, unsigned ready, void *arg);
/* Call after a change that affects whether the source may be read. */
void stream_update_read(struct stream *s);
void stream_free_spare(struct stream *s); /* frees all spare packed units */

/* ---- stream_program.c ---------------------------------------------------------------------------------------- */
void stream_forget_program(struct stream *s); /* the source was reopened */
void stream_track_codec(struct stream *s, const struct packed_unit *p);
void stream_count_faults(struct stream *s, const struct packed_unit *p);
bool stream_is_undeclared(const struct stream *s, const struct gb_unit *u);
void stream_count_unpackable(struct stream *s, const struct gb_unit *u, int err);

#endif
