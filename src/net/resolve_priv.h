/* SPDX-License-Identifier: MIT */
/* What the child of resolve.c does. resolve_gai.c, or resolve_dns.c where glibc is linked statically. */
#ifndef NET_RESOLVE_PRIV_H
#define NET_RESOLVE_PRIV_H

#include "net/resolve.h"

/* Blocks. 0 with out->naddr >= 1 addresses, best first, without ports; -ENOENT, -EAGAIN, -errno with none. */
int resolve_lookup(const char *name, struct resolve_answer *out);

#endif
