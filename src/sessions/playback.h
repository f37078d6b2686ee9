/* SPDX-License-Identifier: MIT */
/*
 * Playback or download of a recording: a frame source between the board's reader and a stream. It maps the times of
 * the recording to a continuous timeline: at double speed it takes half the time (RFC 2326 appendix B), and it
 * continues across seeks, gaps between records and in reverse. A download keeps the recording's times.
 */
#ifndef SESSIONS_PLAYBACK_H
#define SESSIONS_PLAYBACK_H

#include "cameras/camera.h"
#include "codec/mansrtsp.h"
#include "codec/sdp.h"
#include "gbagent/board.h"
#include "media/stream.h"
#include "sys/loop.h"

struct playback;

/* Opens the recording of the offer. by_type: the number in u= is a recording type (2022). Borrows c and l. -ENOENT: no
 * recording; -ENOTSUP, or the board's error. */
int playback_new(struct loop *l, struct camera *c, const struct sdp_offer *o, bool by_type, struct playback **out);
void playback_free(struct playback *p); /* its viewer must have been removed; NULL is fine */

struct stream *playback_stream(struct playback *p);
enum gb_codec playback_video(const struct playback *p); /* GB_CODEC_NONE: unknown */
uint64_t playback_bytes(const struct playback *p);      /* of all units; 0: unknown */
/* The reader failed, so the viewer did not reach the end of the recording. */
bool playback_lost(const struct playback *p);

/* Applies Scale and Range of a PLAY, both or neither. Returns the RTSP status: 200; 455 not open; 457 invalid range;
 * 501 speed or seeking not supported; 500. */
unsigned playback_play(struct playback *p, const struct mansrtsp *m);

#endif
