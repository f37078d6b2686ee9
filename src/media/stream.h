/* SPDX-License-Identifier: MIT */
/*
 * A stream reads the access units of one frame source, packs and packetizes each once, and pushes the result to all its
 * viewers. Units stay leased while any viewer needs them. In steady state nothing is allocated or copied per unit or
 * packet.
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
    uint64_t units, keys, bytes; /* read from the source */
    uint64_t lost;               /* units lost by the source, as reported by it */
    uint64_t dropped_large;      /* units over GB_UNIT_BYTES_MAX or GB_UNIT_SEGMENTS_MAX */
    uint64_t dropped_bad;        /* units that could not be packed for another reason */
    uint64_t before_key;         /* undecodable pictures before the source's first key frame */
    uint64_t losses;             /* times the source was lost */
    uint64_t clock_jumps;        /* jumps of the source's clock, smoothed over */
    unsigned viewers;
};

/* The source is opened for the first viewer and closed after the last; a lost one is reopened with back-off, 1 s to 30
 * s. Borrows board and loop, copies channel. */
struct stream_config {
    struct loop *loop;
    const struct board_ops *ops;
    struct board *board;
    const struct board_channel *channel;
    /* Opens the source (a recording); NULL: ops->stream_open does. */
    int (*open)(void *arg, struct frame_source **out);
    /* A live source without a picture for this long, or for five times the longest picture interval of the last minute
     * if that is longer, is lost; the first picture may take 20 s. Time with all leases in use does not count. 0: no
     * limit. */
    unsigned picture_timeout_s;
    /* Called from the loop when the state becomes RUNNING (after the first unit) or LOST, not IDLE. It may do anything
     * but free the stream. May be NULL. */
    void (*on_state)(void *arg, struct stream *s, enum stream_state state);
    void *arg;
};

int stream_new(const struct stream_config *cfg, struct stream **out); /* -ENOMEM */
void stream_free(struct stream *s);                                   /* all viewers must have been removed */
/* Opens the source if it is closed: 0 open, -EAGAIN not ready yet, -errno. */
int stream_start(struct stream *s);
/* Adds a viewer that starts at the next key unit, and requests one. Takes cfg->fd on success. -ENOMEM; -EBUSY: a
 * recording has a viewer already. */
int stream_add_viewer(struct stream *s, const struct viewer_config *cfg, struct viewer **out);
/* Returns its leases, closes its socket and frees it. NULL is fine. */
void stream_remove_viewer(struct stream *s, struct viewer *v);
/* At most one request per second reaches the source; an earlier one is deferred. */
void stream_request_idr(struct stream *s);
enum stream_state stream_get_state(const struct stream *s);
/* Codecs read since the source was opened; GB_CODEC_NONE: none yet. */
enum gb_codec stream_video_codec(const struct stream *s);
enum gb_codec stream_audio_codec(const struct stream *s);
const struct stream_stats *stream_stats(const struct stream *s);

#endif
