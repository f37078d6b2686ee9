/* SPDX-License-Identifier: MIT */
/*
 * A stream takes the access units of one frame source, packs each once as PS, cuts the pack once into RTP payloads,
 * and shares the result among its viewers. Units are leased while any viewer needs them. Nothing is allocated or
 * copied per unit or packet in steady state.
 */
#ifndef MEDIA_STREAM_H
#define MEDIA_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "gbagent/board.h"
#include "sys/loop.h"

struct stream;
struct viewer;
struct viewer_config;

enum stream_state { STREAM_IDLE, STREAM_RUNNING, STREAM_LOST };

struct stream_stats {
    uint64_t units, keys, bytes;        /* read from the source */
    uint64_t lost;                      /* units that the source said it lost */
    uint64_t dropped_large;             /* larger than GB_UNIT_BYTES_MAX or of more segments than GB_UNIT_SEGMENTS_MAX */
    uint64_t dropped_bad;               /* that could not be packed for another reason */
    uint64_t before_key;                /* pictures before the source's first key picture, which nobody could decode */
    uint64_t losses;                    /* times that the source was lost */
    uint64_t clock_jumps;               /* times that its clock was evened out */
    unsigned viewers;
};

/* Opens the source when the first viewer comes, closes it after the last one left; reopens a lost one with
 * back-off (1 s to 30 s). Borrows board and loop, copies ch. */
struct stream_config {
    struct loop *loop;
    const struct board_ops *ops;
    struct board *board;
    const struct board_channel *channel;
    /* Where the source comes from instead of ops->stream_open (a recording); NULL: from there. */
    int (*open)(void *arg, struct frame_source **out);
    /* A live source is lost when it gives no picture for so long, or for five times the longest interval between two
     * pictures in the last minute; for the first one it has 20 s at least. While all leases are out nothing is counted. 0: never. */
    unsigned picture_timeout_s;
    /* Called when the state becomes RUNNING (after the first unit) or LOST, from the loop. It may do anything but free
     * the stream. IDLE, when the last viewer has left, comes without a call. May be NULL. */
    void (*on_state)(void *arg, struct stream *s, enum stream_state state);
    void *arg;
};

int stream_new(const struct stream_config *cfg, struct stream **out);   /* -ENOMEM */
void stream_free(struct stream *s);                                     /* no viewer may be left */
/* Opens the source now if it is not: 0 ready, -EAGAIN not yet, -errno. An offer is answered 480 on failure. */
int stream_start(struct stream *s);
/* One more viewer, from the next key unit on, which it asks for. Takes cfg->fd on success. -ENOMEM; -EBUSY: a second one of a
 * source that is not live. */
int stream_add_viewer(struct stream *s, const struct viewer_config *cfg, struct viewer **out);
/* Gives its leases back, closes its socket and frees it. NULL is harmless. */
void stream_remove_viewer(struct stream *s, struct viewer *v);
/* Coalesced to one a second; a request inside that second is kept and made at its end. */
void stream_request_idr(struct stream *s);
enum stream_state stream_get_state(const struct stream *s);
/* Of what was read since the source was opened; GB_CODEC_NONE before. */
enum gb_codec stream_video_codec(const struct stream *s);
enum gb_codec stream_audio_codec(const struct stream *s);
const struct stream_stats *stream_stats(const struct stream *s);

#endif
