/* SPDX-License-Identifier: MIT */
/*
 * One receiver of a stream: its SSRC, sequence numbers and timestamps, a connected socket, and a cursor (unit, packet)
 * into the units that the stream leased. A unit sent in part is resumed from the cursor; a viewer that falls behind
 * drops units up to the next IDR. On TCP no RTP packet is ever truncated. Created by stream_add_viewer.
 */
#ifndef MEDIA_VIEWER_H
#define MEDIA_VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gbagent/board.h"

struct viewer;

#define VIEWER_STALE_US       500000u /* the unit being sent is older: drop units up to the next IDR */
#define VIEWER_TCP_RING       (512u * 1024u)
#define VIEWER_TCP_BLOCKED_US 10000000u /* TCP without progress for this long ends the viewer */
#define VIEWER_ICMP_RUN_US    5000000u  /* UDP: ICMP errors for this long, first to last, end the viewer */
#define VIEWER_ICMP_GAP_US    3000000u  /* a longer gap between ICMP errors starts a new run */

/* Large units: unpaced, in bursts from the loop, or by SO_MAX_PACING_RATE (if the route's qdisc is fq). */
enum viewer_pacing { VIEWER_PACING_OFF, VIEWER_PACING_LOOP, VIEWER_PACING_KERNEL };
/* UDP: sendmmsg, UDP GSO, or one sendmsg per packet. Falls back from GSO to sendmmsg to sendmsg. */
enum viewer_send { VIEWER_SEND_MMSG, VIEWER_SEND_GSO, VIEWER_SEND_MSG };

enum viewer_end {                         /* why a viewer ended */
                  VIEWER_END_UNREACHABLE, /* ICMP errors for VIEWER_ICMP_RUN_US */
                  VIEWER_END_CLOSED,      /* TCP closed or reset by the peer */
                  VIEWER_END_BLOCKED,     /* no progress on TCP for VIEWER_TCP_BLOCKED_US */
                  VIEWER_END_SOURCE,      /* end of a recording */
                  VIEWER_END_CODEC,       /* the source's codec is no longer the negotiated one */
};

struct viewer_config {
    int fd; /* connected UDP or TCP socket, non-blocking; takes it on success */
    bool tcp;
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t first_seq; /* random, except in tests */
    uint32_t first_timestamp;
    enum viewer_pacing pacing;
    enum viewer_send send;
    bool interleaved;         /* TCP: '$' framing instead of RFC 4571 */
    enum gb_codec elementary; /* GB_CODEC_NONE: PS; else an elementary stream of this codec */
    /* Called from the loop, at most once; the viewer sends nothing more. The owner calls stream_remove_viewer. */
    void (*on_end)(void *arg, struct viewer *v, enum viewer_end why);
    void *arg;
};

struct viewer_stats {
    uint64_t units, packets, bytes; /* passed to the kernel or the ring; bytes of RTP headers and payload */
    /* Dropped since the first key unit, including units sent in part. */
    uint64_t dropped_units, dropped_packets;
    uint64_t send_errors; /* ECONNREFUSED, EHOSTUNREACH, ... */
    uint64_t send_calls;  /* system calls */
    uint64_t started_us;  /* first packet; 0: none yet */
    uint32_t bitrate;     /* bit/s over the last few seconds */
};

void viewer_pause(struct viewer *v, bool paused); /* live: resumes with the next IDR */
const struct viewer_stats *viewer_stats(struct viewer *v);
/* The RTP timestamp of now; false: nothing sent yet. */
bool viewer_clock(const struct viewer *v, uint32_t *timestamp);
/* TCP: sends an RTCP packet between two RTP packets; drops it in the middle of an RTP packet or when the socket is
 * full. */
void viewer_send_rtcp(struct viewer *v, const uint8_t *data, size_t len);
const char *viewer_end_name(enum viewer_end why);

#endif
