/* SPDX-License-Identifier: MIT */
/*
 * Trace records as a capture file: pcap with microseconds and LINKTYPE_RAW. The headers of IP and UDP or TCP are
 * synthetic but consistent: valid checksums, and sequence numbers that continue from message to message of a
 * connection.
 */
#ifndef TRACE_PCAP_H
#define TRACE_PCAP_H

#include "trace/record.h"

#define PCAP_FILE_HEAD  24u
#define PCAP_FLOWS_MAX  64u /* TCP connections tracked; the least recently used is replaced */
#define PCAP_RECORD_MAX (TRACE_MESSAGE_MAX + 2u * (16u + 40u + 20u))

struct pcap_flow {
    struct addr local, peer;
    uint32_t sent, received; /* next sequence number of each direction */
    uint64_t used;           /* record count at the last use; 0: free */
};

struct pcap { /* zero before the first use */
    struct pcap_flow flow[PCAP_FLOWS_MAX];
    uint64_t records;
};

void pcap_file_head(uint8_t out[PCAP_FILE_HEAD]);
/* Writes the packet of a record (two if it is too large for one); returns the number of bytes. */
size_t pcap_record(struct pcap *p, const struct trace_record *r, uint8_t out[PCAP_RECORD_MAX]);

#endif
