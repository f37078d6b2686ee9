/* SPDX-License-Identifier: MIT */
/* The HTTP servers to which a platform may direct the device. */
#ifndef HTTP_HTTP_POLICY_H
#define HTTP_HTTP_POLICY_H

#include <stdbool.h>

#include "agent/agent.h"
#include "conf/conf.h"
#include "util/addr.h"

/* Whether the platform of `a` may direct the device to `host` at `to`. Allowed are the addresses whose requests the
 * agent accepts, and those of `allow`. Loopback, link-local and own addresses are allowed only when `allow` has them
 * as an address, or when the platform itself has such an address. */
bool http_allowed(const struct http_allow *allow, const struct agent *a, const char *host, const struct addr *to);

#endif
