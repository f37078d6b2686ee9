/* SPDX-License-Identifier: MIT */
#include "http/http_policy.h"

#include "net/net.h"
#include "util/span.h"

static bool named(const struct http_allow *allow, const char *host)
{
    for (unsigned i = 0; i < allow->nhost; i++)
        if (span_case_eq_str(span_of(host), allow->host[i]))
            return true;
    return false;
}

/* The address is one of this host. */
static bool is_own(const struct addr *to)
{
    struct addr from;

    return to->family != ADDR_NONE && net_probe_local(to, NULL, &from) == 0 && addr_same_ip(&from, to);
}

bool http_allowed(const struct http_allow *allow, const struct agent *a, const char *host, const struct addr *to)
{
    const enum addr_class class = addr_classify(to);
    struct agent_status st;

    if (class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST || class == ADDR_BROADCAST || !to->port)
        return false;
    for (unsigned i = 0; i < allow->ncidr; i++)
        if (cidr_has(&allow->cidr[i], to))
            return true;
    if (!named(allow, host) && !agent_accepts_ip(a, to))
        return false;
    agent_get_status(a, &st);
    if (class == ADDR_LOOPBACK || class == ADDR_LINK_LOCAL)
        return st.server.family != ADDR_NONE && addr_classify(&st.server) == class;
    return !is_own(to) || is_own(&st.server);
}
