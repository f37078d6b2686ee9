/* SPDX-License-Identifier: MIT */
/* Redirection of REGISTER to another server by 301 or 302 (2022 9.1.2.3), and the return to the configured one. */
#include "agent/registration.h"

#include <ctype.h>
#include <string.h>

#include "agent/registration_priv.h"
#include "util/log.h"

#define SIP_PORT 5060u

static bool is_local(enum addr_class c)
{
    return c == ADDR_LOOPBACK || c == ADDR_LINK_LOCAL;
}

bool registration_server_ok(const struct registration *g, const struct addr *server)
{
    if (!g->redirect.active || g->ua->state != AGENT_CONNECTING)
        return true;
    return !is_local(addr_classify(server)) || (g->ua->nserver > 0 && is_local(addr_classify(&g->ua->server[0])));
}

/* A name, or a unicast address; loopback and link-local ones only from a server on such an address. */
static bool host_ok(const struct registration *g, const char *host)
{
    struct addr literal = { 0 };
    enum addr_class class;

    if (addr_parse_ip(&literal, span_of(host)) != 0) {
        for (const char *p = host; *p; p++)
            if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-' && *p != '_')
                return false;
        return *host != '\0' && !addr_broken_ip(span_of(host));
    }
    class = addr_classify(&literal);
    if (class == ADDR_UNICAST)
        return true;
    return is_local(class) && g->ua->nserver > 0 && is_local(addr_classify(&g->ua->server[0]));
}

/* According to expires of the Contact, or else Expires; 0: neither is a number above 0. */
static uint64_t valid_until(const struct sip_scan *s, struct span contact, const struct gb_time *now)
{
    struct span text;
    uint64_t n = 0;

    if (!sip_param(contact, "expires", &text) || span_u64(text, REG_EXPIRES_MAX, &n) != 0)
        if (!sip_scan_header(s, "Expires", 0, &text) || span_u64(span_trim(text), REG_EXPIRES_MAX, &n) != 0)
            n = 0;
    if (n == 0)
        return 0;
    return now->mono_ms + (n < REG_REDIRECT_MIN_S ? REG_REDIRECT_MIN_S : n) * 1000;
}

/* The first Contact with an ID and a host. */
static bool contact_of(const struct registration *g, const struct sip_scan *s, struct redirect *to,
                       const struct gb_time *now)
{
    struct sip_party c;
    struct span value;

    for (unsigned i = 0; sip_scan_header(s, "Contact", i, &value); i++) {
        if (sip_party_parse(&c, value) != 0 || gbid_check(c.user) < 0)
            continue;
        if (c.host.n > 2 && c.host.p[0] == '[' && c.host.p[c.host.n - 1] == ']')
            c.host = (struct span){ c.host.p + 1, c.host.n - 2 };
        *to = (struct redirect){ .active = true,
                                 .port = c.port != 0 ? c.port : (uint16_t)SIP_PORT,
                                 .until_ms = valid_until(s, value, now) };
        if (span_copy(c.user, to->id, sizeof(to->id)) && span_copy(c.host, to->host, sizeof(to->host)) &&
            host_ok(g, to->host))
            return true;
    }
    return false;
}

struct reg_effects registration_redirect(struct registration *g, const struct sip_scan *s, const struct gb_time *now)
{
    char server[ADDR_NAMED_MAX];
    struct redirect to;

    if (!contact_of(g, s, &to, now)) {
        ua_error(g->ua, "redirected without a usable server in Contact");
        return registration_failed(g, REG_FAIL_AUTH, now);
    }
    if (g->redirects >= REG_REDIRECTS_MAX) {
        ua_error(g->ua, "redirected %u times in a row", g->redirects);
        g->redirects = 0;
        g->redirect_failures = REG_REDIRECT_FAILURES_MAX;
        return registration_failed(g, REG_FAIL_AUTH, now);
    }
    addr_print_named(to.host, to.port, server);
    log_info("%s: redirected server=%s server_id=%s", g->ua->cfg.name, server, to.id);
    g->redirect = to;
    g->next = REG_NEXT_REDIRECTED;
    if (g->ua->state == AGENT_ONLINE || g->doubt_ms) {
        g->doubt_ms = 0;
        return (struct reg_effects){ REG_HANG_UP | REG_OFFLINE, "redirected to another server" };
    }
    registration_continue(g, now);
    return NO_EFFECTS;
}

/* Switches to the server of g->redirect, or back; forgets everything learnt from the previous one. */
static void change_server(struct registration *g)
{
    memcpy(g->ua->redirected_id, g->redirect.id, sizeof(g->ua->redirected_id));
    g->ua->peer_known = false;
    g->ua->learnt = (struct addr){ 0 };
    ua_sources_update(g->ua);
    ua_update_effective_config(g->ua);
}

void registration_redirected(struct registration *g, const struct gb_time *now)
{
    g->redirects++;
    g->silent = 0;
    change_server(g);
    registration_new_identity(g);
    registration_want_link(g, now);
}

bool registration_redirect_expired(const struct registration *g, bool calls, uint64_t now_ms)
{
    return g->redirect.active && g->redirect.until_ms && now_ms >= g->redirect.until_ms && !calls;
}

bool registration_redirect_end(struct registration *g)
{
    if (!g->redirect.active)
        return false;
    g->redirect = (struct redirect){ 0 };
    g->redirects = 0;
    change_server(g);
    log_info("%s: redirection-ended", g->ua->cfg.name);
    return true;
}

enum reg_failure registration_redirect_failed(struct registration *g, enum reg_failure kind)
{
    if (!g->redirect.active)
        return kind;
    return g->redirect_failures++ < REG_REDIRECT_FAILURES_MAX ? REG_FAIL_TRANSPORT : kind;
}
