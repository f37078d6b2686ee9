/* SPDX-License-Identifier: MIT */
/* IP addresses with ports: parsing, printing, classes and prefixes, without system calls. */
#ifndef UTIL_ADDR_H
#define UTIL_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

struct addr {
    uint8_t family; /* enum addr_family */
    uint16_t port;  /* host byte order, 0 = none */
    uint8_t ip[16]; /* network byte order; 4 or 16 bytes used, the rest 0 */
};

/* A prefix; a bare address is /32 or /128. */
struct cidr {
    struct addr net;
    unsigned bits;
};

enum addr_class {
    ADDR_UNICAST,
    ADDR_UNSPECIFIED,
    ADDR_LOOPBACK,
    ADDR_LINK_LOCAL,
    ADDR_MULTICAST,
    ADDR_BROADCAST,
};

#define ADDR_TEXT_MAX 64 /* "[ipv6]:port" and NUL */

/* Parsers return 0 or -EINVAL; *a is zero after an error. */
int addr_parse_ip(struct addr *a, struct span text); /* a literal without port, also [v6]; port becomes 0 */
/* An invalid IPv4 address such as 192.168.1.300 or 10.1: never a host name, but some resolvers accept it. */
bool addr_broken_ip(struct span host);
int addr_parse(struct addr *a, struct span text, uint16_t default_port);          /* ip, ip:port, [v6]:port */
void addr_print_ip(const struct addr *a, char out[ADDR_TEXT_MAX]);                /* v6 without brackets */
void addr_print_host(const struct addr *a, char out[ADDR_TEXT_MAX]);              /* v6 with brackets, for URIs */
void addr_print(const struct addr *a, char out[ADDR_TEXT_MAX]);                   /* host:port */
#define ADDR_NAMED_MAX 280                                                        /* host name, port and NUL */
void addr_print_named(const char *host, uint16_t port, char out[ADDR_NAMED_MAX]); /* host:port; adds brackets to a v6
                                                                                     * literal */
/* v4-mapped v6 (::ffff:a.b.c.d) counts as v4 here. */
bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_same(const struct addr *a, const struct addr *b); /* IP and port */
enum addr_class addr_classify(const struct addr *a);
enum addr_family addr_family(const struct addr *a);
int cidr_parse(struct cidr *c, struct span text); /* 0, -EINVAL; host bits must be 0 */
bool cidr_has(const struct cidr *c, const struct addr *a);

#endif
