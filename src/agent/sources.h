/* SPDX-License-Identifier: MIT */
/* Which links accept requests from an address: found without walking all of a fleet. */
#ifndef AGENT_SOURCES_H
#define AGENT_SOURCES_H

#include <stdint.h>

#include "agent/config.h"
#include "util/addr.h"
#include "util/hash.h"
#include "util/list.h"

#define SOURCES_MAX (AGENT_SERVER_ADDRS_MAX + 1u)      /* of one link */

struct ua;

struct sources {
    struct hash by_address;             /* of struct source_address, each while it has a source */
    struct list by_prefix;              /* the links that accept further prefixes (allow): struct ua, by_prefix */
};

/* One address that a link accepts requests from. */
struct source {
    struct list node;
    struct ua *ua;
    struct source_address *address;     /* NULL: not in use */
};

int sources_init(struct sources *s, const uint64_t secret[2]);      /* -ENOMEM; sources_free in either case */
void sources_free(struct sources *s);                               /* every source has left */
/* Without memory the address is not found this way: requests for unknown users from there stay unanswered. */
void source_join(struct sources *s, struct source *e, struct ua *u, const struct addr *from);
void source_leave(struct sources *s, struct source *e);
/* The sources of that address, one after the other: NULL begins, NULL ends. */
struct source *sources_next(const struct sources *s, const struct addr *from, struct source *prev);

#endif
