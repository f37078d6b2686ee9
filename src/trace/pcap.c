/* SPDX-License-Identifier: MIT */
#include "trace/pcap.h"

#include <string.h>

#define LINKTYPE_RAW 101u
#define SNAPLEN      262144u /* what libpcap accepts; an IPv6 packet may have 65,575 bytes */
#define LENGTH_MAX   65535u  /* of an IPv4 packet, or of what follows the header of an IPv6 packet */
#define PROTO_TCP    6u
#define PROTO_UDP    17u
#define TCP_PSH_ACK  0x18u

/* Little endian for the file, big endian for the packets. */
static void put_le(uint8_t *p, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static void put_be(uint8_t *p, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

void pcap_file_head(uint8_t out[PCAP_FILE_HEAD])
{
    put_le(out, 0xa1b2c3d4u, 4);
    put_le(out + 4, 2, 2);
    put_le(out + 6, 4, 2);
    put_le(out + 8, 0, 4);
    put_le(out + 12, 0, 4);
    put_le(out + 16, SNAPLEN, 4);
    put_le(out + 20, LINKTYPE_RAW, 4);
}

/* RFC 1071, unfolded. Only the last part may have an odd length. */
static uint32_t sum(const uint8_t *p, size_t n, uint32_t acc)
{
    for (size_t i = 0; i < n; i++)
        acc += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    return acc;
}

static uint16_t fold(uint32_t acc)
{
    while (acc >> 16)
        acc = (acc & 0xffff) + (acc >> 16);
    return (uint16_t)~acc;
}

struct packet {
    struct addr from, to;
    bool v6, tcp;
    uint32_t seq, ack;
    uint16_t id;
    struct span payload;
};

static size_t put_ip(uint8_t *p, const struct packet *k, size_t len)
{
    if (k->v6) {
        put_be(p, 0x60000000u, 4);
        put_be(p + 4, (uint32_t)len, 2);
        p[6] = k->tcp ? PROTO_TCP : PROTO_UDP;
        p[7] = 64;
        memcpy(p + 8, k->from.ip, 16);
        memcpy(p + 24, k->to.ip, 16);
        return 40;
    }
    memset(p, 0, 20);
    p[0] = 0x45;
    put_be(p + 2, (uint32_t)len + 20, 2);
    put_be(p + 4, k->id, 2);
    p[8] = 64;
    p[9] = k->tcp ? PROTO_TCP : PROTO_UDP;
    memcpy(p + 12, k->from.ip, 4);
    memcpy(p + 16, k->to.ip, 4);
    put_be(p + 10, fold(sum(p, 20, 0)), 2);
    return 20;
}

/* UDP or TCP header and payload; the checksum includes the pseudo header. */
static size_t put_segment(uint8_t *p, const struct packet *k)
{
    const size_t head = k->tcp ? 20 : 8, len = head + k->payload.n, at = k->tcp ? 16 : 6;
    uint32_t acc = (k->tcp ? PROTO_TCP : PROTO_UDP) + (uint32_t)len;
    uint16_t check;

    memset(p, 0, head);
    put_be(p, k->from.port, 2);
    put_be(p + 2, k->to.port, 2);
    if (k->tcp) {
        put_be(p + 4, k->seq, 4);
        put_be(p + 8, k->ack, 4);
        p[12] = 5 << 4;
        p[13] = TCP_PSH_ACK;
        put_be(p + 14, 65535, 2);
    } else {
        put_be(p + 4, (uint32_t)len, 2);
    }
    memcpy(p + head, k->payload.p, k->payload.n);
    acc = sum(k->from.ip, k->v6 ? 16 : 4, acc);
    acc = sum(k->to.ip, k->v6 ? 16 : 4, acc);
    check = fold(sum(p, len, acc));
    put_be(p + at, check || k->tcp ? check : 0xffff, 2);
    return len;
}

static size_t put_packet(uint8_t *p, const struct packet *k, int64_t unix_us)
{
    const size_t ip = k->v6 ? 40 : 20, len = put_segment(p + 16 + ip, k);

    put_ip(p + 16, k, len);
    put_le(p, (uint32_t)(unix_us / 1000000), 4);
    put_le(p + 4, (uint32_t)(unix_us % 1000000), 4);
    put_le(p + 8, (uint32_t)(ip + len), 4);
    put_le(p + 12, (uint32_t)(ip + len), 4);
    return 16 + ip + len;
}

static struct pcap_flow *flow_of(struct pcap *p, const struct trace_record *r)
{
    struct pcap_flow *oldest = &p->flow[0];

    for (unsigned i = 0; i < PCAP_FLOWS_MAX; i++) {
        struct pcap_flow *f = &p->flow[i];

        if (f->used && addr_same(&f->local, &r->local) && addr_same(&f->peer, &r->peer)) {
            f->used = p->records;
            return f;
        }
        if (f->used < oldest->used)
            oldest = f;
    }
    *oldest = (struct pcap_flow){ .local = r->local, .peer = r->peer, .sent = 1, .received = 1, .used = p->records };
    return oldest;
}

/* The address in the family of the packet: IPv4-mapped IPv6 becomes IPv4, any other mismatch unspecified. */
static struct addr plain(const struct addr *a, bool v6)
{
    struct addr out = { .family = v6 ? ADDR_V6 : ADDR_V4, .port = a->port };

    if (a->family == ADDR_V6 && addr_family(a) == ADDR_V4)
        memcpy(out.ip, a->ip + 12, 4);
    else if ((a->family == ADDR_V6) == v6)
        memcpy(out.ip, a->ip, sizeof(out.ip));
    return out;
}

size_t pcap_record(struct pcap *p, const struct trace_record *r, uint8_t out[PCAP_RECORD_MAX])
{
    const bool v6 = addr_family(&r->peer) == ADDR_V6;
    const struct addr local = plain(&r->local, v6), peer = plain(&r->peer, v6);
    struct packet k = { .from = r->out ? local : peer, .to = r->out ? peer : local, .v6 = v6, .tcp = r->tcp };
    const size_t room = LENGTH_MAX - (v6 ? 0 : 20) - (r->tcp ? 20 : 8);
    struct span rest = r->message;
    struct pcap_flow *f = NULL;
    uint32_t *seq = NULL;
    size_t n = 0;

    p->records++;
    if (r->tcp) {
        f = flow_of(p, r);
        seq = r->out ? &f->sent : &f->received;
        k.ack = r->out ? f->received : f->sent;
    }
    do {
        k.payload = (struct span){ rest.p, rest.n < room ? rest.n : room };
        k.id = (uint16_t)p->records;
        if (seq) {
            k.seq = *seq;
            *seq += (uint32_t)k.payload.n;
        }
        n += put_packet(out + n, &k, r->unix_us);
        rest = span_from(rest, k.payload.n);
    } while (seq && rest.n); /* no datagram is larger than room */
    return n;
}
