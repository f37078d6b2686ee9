/* SPDX-License-Identifier: MIT */
/* Counts of calls wrapped by the linker: sendmmsg and sendmsg, malloc and the like. */
#ifndef TESTS_BENCH_COUNTS_H
#define TESTS_BENCH_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/rtp.h"

#define PACKET_MAX  (RTP_HEADER + RTP_PAYLOAD_MAX)
#define GSO_PACKETS (65507u / PACKET_MAX) /* per call */

extern struct bench_counts {
    bool nowhere;                              /* nothing is sent, success is returned */
    bool bursts;                               /* most_packets is counted */
    uint64_t calls, most_packets, allocations; /* as in bench_rig.h */
} bench_counts;

#endif
