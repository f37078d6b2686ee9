/* SPDX-License-Identifier: MIT */
/* What answers to REGISTER say of whom to speak with: the platform's edition (2022 annex I) and another server (2022
 * clause 9.1.2.3). */
#include "agent/registration.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "sip/auth.h"
#include "util/log.h"

#define SIP_PORT 5060u

/* ---- X-GB-Ver -------------------------------------------------------------------------- */

/* 1.0 and 1.1 are 2011, 2.0 is 2016, 3.0 is 2022. */
static bool edition_of(struct span text, enum gb_edition *out)
{
    uint64_t major;

    text = span_trim(text);
    text.n = span_chr(text, '.');
    if (span_u64(text, 1000, &major) != 0 || major == 0)
        return false;
    *out = major == 1 ? GB_2011 : major == 2 ? GB_2016 : GB_2022;
    return true;
}

void registration_learn_edition(struct agent *a, const struct sip_scan *s)
{
    static const char *const names[] = { [GB_2011] = "2011", [GB_2016] = "2016", [GB_2022] = "2022" };
    enum gb_edition peer, was = a->ua.cfg.edition;
    struct span value;

    if (!sip_scan_header(s, "X-GB-Ver", 0, &value))
        return;
    if (!edition_of(value, &peer)) {
        log_debug("%s: an X-GB-Ver that is none: %.*s", a->ua.cfg.name, value.n < 40 ? (int)value.n : 40, value.p);
        return;
    }
    a->ua.peer_known = true;
    a->ua.peer_edition = peer;
    ua_update_effective_config(&a->ua);
    if (a->ua.cfg.edition != was)
        log_info("%s: the platform speaks the edition of %s: %s is used", a->ua.cfg.name, names[peer],
                 names[a->ua.cfg.edition]);
}

/* ---- challenges ------------------------------------------------------------------------ */

void registration_compare(struct agent *a, const struct auth_answer *answer)
{
    struct registration *g = &a->reg;
    struct reg_seen *seen = &g->seen[a->ua.redirect.active], now = { .alg = answer->alg };

    snprintf(now.server_id, sizeof(now.server_id), "%s", a->ua.cfg.server_id);
    snprintf(now.realm, sizeof(now.realm), "%.*s", (int)answer->realm.n, answer->realm.n ? answer->realm.p : "");
    if (strcmp(seen->server_id, now.server_id) == 0) {
        if (auth_weaker(now.alg, seen->alg) && !g->warned_alg) {
            g->warned_alg = true;
            log_warn("%s: the platform asks for credentials by %s, it was %s before (min_algorithm = sha-256 refuses that)",
                     a->ua.cfg.name, hash_name(now.alg), hash_name(seen->alg));
        }
        if (strcmp(now.realm, seen->realm) != 0 && !g->warned_realm) {
            g->warned_realm = true;
            log_warn("%s: the platform asks for credentials in realm \"%s\", it was \"%s\" before", a->ua.cfg.name, now.realm,
                     seen->realm);
        }
    }
    *seen = now;
}

/* ---- redirection ----------------------------------------------------------------------- */

static bool near(enum addr_class c)
{
    return c == ADDR_LOOPBACK || c == ADDR_LINK_LOCAL;
}

bool registration_may_use(const struct agent *a, const struct addr *server)
{
    if (!a->ua.redirect.active || a->ua.state != AGENT_CONNECTING)
        return true;
    return !near(addr_classify(server)) || (a->ua.nserver > 0 && near(addr_classify(&a->ua.server[0])));
}

/* A literal that may be spoken to, or a name. Ourselves and our link are not for a platform elsewhere to name. */
static bool host_ok(const struct agent *a, const char *host)
{
    struct addr literal = { 0 };
    enum addr_class class;

    if (addr_parse_ip(&literal, span_of(host)) != 0) {
        for (const char *p = host; *p; p++) {
            if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-' && *p != '_')
                return false;
        }
        return *host != '\0' && !addr_broken_ip(span_of(host));
    }
    class = addr_classify(&literal);
    if (class == ADDR_UNICAST)
        return true;
    return near(class) && a->ua.nserver > 0 && near(addr_classify(&a->ua.server[0]));
}

/* expires of the Contact, else Expires. A number that is none, and 0, say nothing. */
static uint64_t holds_until(const struct sip_scan *s, struct span contact, const struct gb_time *now)
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
static bool contact_of(const struct agent *a, const struct sip_scan *s, struct redirect *to, const struct gb_time *now)
{
    struct sip_party c;
    struct span value;

    for (unsigned i = 0; sip_scan_header(s, "Contact", i, &value); i++) {
        if (sip_party_parse(&c, value) != 0 || gbid_check(c.user) < 0)
            continue;
        if (c.host.n > 2 && c.host.p[0] == '[' && c.host.p[c.host.n - 1] == ']')
            c.host = (struct span){ c.host.p + 1, c.host.n - 2 };
        *to = (struct redirect){ .active = true, .port = c.port != 0 ? c.port : (uint16_t)SIP_PORT,
                                 .until_ms = holds_until(s, value, now) };
        if (span_copy(c.user, to->id, sizeof(to->id)) && span_copy(c.host, to->host, sizeof(to->host)) &&
            host_ok(a, to->host))
            return true;
    }
    return false;
}

void registration_redirect(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    struct redirect to;

    if (!contact_of(a, s, &to, now)) {
        ua_error(&a->ua, "redirected, but not to a server that can be used");
        registration_failed(a, REG_FAIL_AUTH, now);
        return;
    }
    if (g->redirects >= REG_REDIRECTS_MAX) {
        ua_error(&a->ua, "redirected %u times in a row", g->redirects);
        g->redirects = 0;
        g->bounced = REG_BOUNCES_MAX;
        registration_failed(a, REG_FAIL_AUTH, now);
        return;
    }
    log_info("%s: redirected to %s at %s, port %u", a->ua.cfg.name, to.id, to.host, (unsigned)to.port);
    if (a->ua.state == AGENT_ONLINE || g->doubt_ms) {
        calls_shutdown(a, now);
        agent_go_offline(a, "redirected to another server", now);
    }
    g->redirects++;
    a->ua.redirect = to;
    g->silent = 0;
    g->want_link = true;
    a->ua.peer_known = false;
    a->ua.learnt = (struct addr){ 0 };
    ua_sources_update(&a->ua);
    ua_update_effective_config(&a->ua);
    registration_new_identity(a);
    registration_begin(a, now);
}

bool registration_redirect_over(const struct agent *a, uint64_t now_ms)
{
    return a->ua.redirect.active && a->ua.redirect.until_ms && now_ms >= a->ua.redirect.until_ms &&
           a->calls.count == 0;
}

bool registration_redirect_end(struct agent *a)
{
    struct registration *g = &a->reg;

    if (!a->ua.redirect.active)
        return false;
    a->ua.redirect = (struct redirect){ 0 };
    g->redirects = 0;
    a->ua.peer_known = false;
    a->ua.learnt = (struct addr){ 0 };
    ua_sources_update(&a->ua);
    ua_update_effective_config(&a->ua);
    log_info("%s: back to the configured server", a->ua.cfg.name);
    return true;
}

enum reg_failure registration_bounced(struct agent *a, enum reg_failure kind)
{
    if (!a->ua.redirect.active)
        return kind;
    return a->reg.bounced++ < REG_BOUNCES_MAX ? REG_FAIL_TRANSPORT : kind;
}
