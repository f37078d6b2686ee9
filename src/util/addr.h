/* SPDX-License-Identifier: MIT */
/* An IP address with a port, without the kernel: text in and out, classes, prefixes. */
#ifndef UTIL_ADDR_H
#define UTIL_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

struct addr {
    uint8_t family;             /* enum addr_family */
    uint16_t port;              /* host order, 0 = none */
    uint8_t ip[16];             /* network order; 4 or 16 bytes used, the rest 0 */
};

/* Prefix; an address alone is /32 or /128. */
struct cidr {
    struct addr net;
    unsigned bits;
};

enum addr_class {
    ADDR_UNICAST, ADDR_UNSPECIFIED, ADDR_LOOPBACK, ADDR_LINK_LOCAL, ADDR_MULTICAST, ADDR_BROADCAST,
};

#define ADDR_TEXT_MAX 64        /* "[ipv6]:port" and NUL */

int addr_parse_ip(struct addr *a, struct span text);        /* literal only, [v6] too; -EINVAL. port untouched = 0 */
/* What is written as an IPv4 address and is none: 192.168.1.300, 10.1. No host has such a name, but a resolver may make
 * something of it. */
bool addr_broken_ip(struct span host);
int addr_parse(struct addr *a, struct span text, uint16_t default_port);    /* ip, ip:port, [v6]:port; -EINVAL */
void addr_print_ip(const struct addr *a, char out[ADDR_TEXT_MAX]);          /* v6 without brackets */
void addr_print_host(const struct addr *a, char out[ADDR_TEXT_MAX]);        /* v6 with brackets, for URIs */
void addr_print(const struct addr *a, char out[ADDR_TEXT_MAX]);             /* host:port */
#define ADDR_NAMED_MAX 280      /* host name, port and NUL */
void addr_print_named(const char *host, uint16_t port, char out[ADDR_NAMED_MAX]);   /* host:port, a v6 literal in brackets */
bool addr_same_ip(const struct addr *a, const struct addr *b);              /* v4-mapped v6 equals v4 */
bool addr_same(const struct addr *a, const struct addr *b);
enum addr_class addr_classify(const struct addr *a);
enum addr_family addr_family(const struct addr *a);                         /* of v4-mapped v6: ADDR_V4 */
int cidr_parse(struct cidr *c, struct span text);                           /* -EINVAL; host bits must be 0 */
bool cidr_has(const struct cidr *c, const struct addr *a);

#endif
