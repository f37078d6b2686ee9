/* SPDX-License-Identifier: MIT */
/* Whom a platform may send the device to by HTTP. */
#ifndef HTTP_HTTP_POLICY_H
#define HTTP_HTTP_POLICY_H

#include <stdbool.h>

#include "agent/agent.h"
#include "conf/conf.h"
#include "util/addr.h"

/* May the platform of `a` send us to `host` at `to`? Without `allow`: where its requests may come from. Loopback,
 * link-local and own addresses only when `allow` has them as an address, or when the platform itself is there. */
bool http_allowed(const struct http_allow *allow, const struct agent *a, const char *host, const struct addr *to);

#endif
