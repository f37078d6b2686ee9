/* SPDX-License-Identifier: MIT */
/*
 * A recording that is played back or downloaded: between the board's reader and the one stream that packs it. Here the
 * times of the recording become a time line without steps: at twice the speed it takes half the recording's time (RFC
 * 2326 appendix B), and it goes on over a seek, a gap between records and backwards. A download keeps the recording's
 * times.
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

/* Opens what the offer asks for. by_type: the number in u= is a type of recordings (2022). Borrows c and l. -ENOENT:
 * nothing was recorded then; -ENOTSUP: the board cannot; or what the board says. */
int playback_new(struct loop *l, struct camera *c, const struct sdp_offer *o, bool by_type, struct playback **out);
void playback_free(struct playback *p);         /* its viewer is gone; NULL is harmless */

struct stream *playback_stream(struct playback *p);
enum gb_codec playback_video(const struct playback *p);     /* GB_CODEC_NONE: not known */
uint64_t playback_bytes(const struct playback *p);          /* of all units; 0 = not known */
/* The reader failed: what the viewer came to is not the end of the recording. */
bool playback_lost(const struct playback *p);

/* Scale and Range of a PLAY, as an RTSP status: 200; 457 no such place; 501 not at that speed, or no seeking at all;
 * 500. All or nothing. */
unsigned playback_play(struct playback *p, const struct mansrtsp *m);

#endif
