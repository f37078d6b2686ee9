/* SPDX-License-Identifier: MIT */
/* Counts of what the linker puts before the C library: sendmmsg and sendmsg, malloc and its relations. */
#ifndef TESTS_BENCH_COUNTS_H
#define TESTS_BENCH_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/rtp.h"

#define PACKET_MAX (RTP_HEADER + RTP_PAYLOAD_MAX)
#define GSO_PACKETS (65507u / PACKET_MAX)       /* of one call */

extern struct bench_counts {
    bool nowhere;                       /* nothing is sent, as if all had been */
    bool bursts;                        /* most_packets is looked for */
    uint64_t calls, most_packets, allocations;          /* as in bench_rig.h */
} bench_counts;

#endif
