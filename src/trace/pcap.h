/* SPDX-License-Identifier: MIT */
/*
 * Records of a trace as a capture file: pcap of microseconds, raw IP (LINKTYPE_RAW), with headers of IP and UDP or TCP that nobody ever
 * sent, but that agree: checksums, and sequence numbers that go on from message to message of a connection.
 */
#ifndef TRACE_PCAP_H
#define TRACE_PCAP_H

#include "trace/record.h"

#define PCAP_FILE_HEAD 24u
#define PCAP_FLOWS_MAX 64u              /* TCP connections that are told apart; the one unused for longest makes way */
#define PCAP_RECORD_MAX (TRACE_MESSAGE_MAX + 2u * (16u + 40u + 20u))

struct pcap_flow {
    struct addr local, peer;
    uint32_t sent, received;            /* sequence numbers: bytes so far, from 1 on */
    uint64_t used;                      /* by the count of records, 0 free */
};

struct pcap {                           /* starts zeroed */
    struct pcap_flow flow[PCAP_FLOWS_MAX];
    uint64_t records;
};

void pcap_file_head(uint8_t out[PCAP_FILE_HEAD]);
/* The packet of one record, two when it does not fit into one; bytes written. */
size_t pcap_record(struct pcap *p, const struct trace_record *r, uint8_t out[PCAP_RECORD_MAX]);

#endif
