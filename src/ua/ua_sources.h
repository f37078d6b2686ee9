/* SPDX-License-Identifier: MIT */
/* Finds the user agents that accept requests from an address, without walking the whole fleet. */
#ifndef UA_UA_SOURCES_H
#define UA_UA_SOURCES_H

#include <stdint.h>

#include "ua/config.h"
#include "util/addr.h"
#include "util/hash.h"
#include "util/list.h"

#define UA_SOURCES_MAX (AGENT_SERVER_ADDRS_MAX + 1u) /* of one user agent */

struct ua;

struct ua_sources {
    struct hash by_address; /* of struct ua_source_address, each while it has a source */
    struct list by_prefix;  /* of struct ua: user agents that accept additional prefixes (allow) */
};

/* One address that a user agent accepts requests from. */
struct ua_source {
    struct list node;
    struct ua *ua;
    struct ua_source_address *address; /* NULL: unused */
};

int ua_sources_init(struct ua_sources *s, const uint64_t secret[2]); /* -ENOMEM; ua_sources_free in either case */
void ua_sources_free(struct ua_sources *s);                          /* after every source has left */
/* Without memory the address is not found, and its requests for unknown users are not answered. */
void ua_source_join(struct ua_sources *s, struct ua_source *e, struct ua *u, const struct addr *from);
void ua_source_leave(struct ua_sources *s, struct ua_source *e);
/* Iterates over the sources of that address: NULL begins, NULL ends. */
struct ua_source *ua_sources_next(const struct ua_sources *s, const struct addr *from, struct ua_source *prev);

#endif
