/* SPDX-License-Identifier: MIT */
/*
 * One receiver of a stream: its own SSRC, sequence and timestamp base, a cursor (unit, packet) into what the stream
 * leased, and a connected socket. A unit that the socket takes in part is resumed from the cursor; a viewer that
 * falls behind drops to the next IDR. On TCP no RTP packet is ever cut. stream_add_viewer makes one.
 */
#ifndef MEDIA_VIEWER_H
#define MEDIA_VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

struct viewer;

#define VIEWER_STALE_US 500000u             /* a unit older than this under the cursor: drop to the next IDR */
#define VIEWER_TCP_RING (512u * 1024u)
#define VIEWER_TCP_BLOCKED_US 10000000u     /* TCP that takes nothing for so long has ended */
#define VIEWER_ICMP_RUN_US 5000000u         /* UDP that nobody listens to for so long has ended: first to last ICMP error */
#define VIEWER_ICMP_GAP_US 3000000u         /* between two of them; after more they begin anew */

/* Large units: at once, in bursts from the loop, or by SO_MAX_PACING_RATE (where the route's qdisc is fq). */
enum viewer_pacing { VIEWER_PACING_OFF, VIEWER_PACING_LOOP, VIEWER_PACING_KERNEL };
/* UDP: sendmmsg; UDP GSO where the kernel has it; one sendmsg a packet. Each falls back to the one that always works. */
enum viewer_send { VIEWER_SEND_MMSG, VIEWER_SEND_GSO, VIEWER_SEND_MSG };

enum viewer_end {                           /* why it ended by itself */
    VIEWER_END_UNREACHABLE,                 /* ICMP errors for VIEWER_ICMP_RUN_US */
    VIEWER_END_CLOSED,                      /* TCP closed or reset by the peer */
    VIEWER_END_BLOCKED,                     /* TCP took nothing for VIEWER_TCP_BLOCKED_US */
    VIEWER_END_SOURCE,                      /* a source that is not live came to its end */
    VIEWER_END_CODEC,                       /* the source changed to another codec than the one agreed on */
};

struct viewer_config {
    int fd;                                 /* connected UDP or TCP socket, non-blocking; taken on success */
    bool tcp;
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t first_seq;                     /* random in real life; tests choose */
    uint32_t first_timestamp;
    enum viewer_pacing pacing;
    enum viewer_send send;
    bool interleaved;                       /* TCP: '$' framing instead of RFC 4571 */
    enum gb_codec elementary;               /* GB_CODEC_NONE: PS; else elementary stream of this codec */
    /* From the loop, at most once; the viewer sends no more and waits for stream_remove_viewer. */
    void (*on_end)(void *arg, struct viewer *v, enum viewer_end why);
    void *arg;
};

struct viewer_stats {
    uint64_t units, packets, bytes;         /* handed to the kernel or the ring (RTP header and payload) */
    /* Not sent since the first key unit came; a unit that was begun and not finished counts as dropped, too. */
    uint64_t dropped_units, dropped_packets;
    uint64_t send_errors;                   /* ECONNREFUSED, EHOSTUNREACH, ... */
    uint64_t send_calls;                    /* system calls */
    uint64_t started_us;                    /* first packet, 0 = none yet */
    uint32_t bitrate;                       /* bit/s over the last few seconds */
};

void viewer_pause(struct viewer *v, bool paused);   /* live: resumes with the next IDR */
const struct viewer_stats *viewer_stats(struct viewer *v);
/* Now on the clock of its RTP timestamps; false while nothing was sent. */
bool viewer_clock(const struct viewer *v, uint32_t *timestamp);
/* TCP: an RTCP packet between two RTP packets; dropped where the connection is not at such a place or takes nothing. */
void viewer_send_rtcp(struct viewer *v, const uint8_t *data, size_t len);
const char *viewer_end_name(enum viewer_end why);

#endif
