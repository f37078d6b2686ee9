/* SPDX-License-Identifier: MIT */
/* Responses to REGISTER: expiration, Date, edition (X-GB-Ver, 2022 annex I), challenges, refusals. */
#include "agent/registration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/registration_priv.h"
#include "sip/auth.h"
#include "util/log.h"

#define RETRY_AFTER_MAX_S 3600u

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

static void learn_edition(struct registration *g, const struct sip_scan *s)
{
    static const char *const names[] = { [GB_2011] = "2011", [GB_2016] = "2016", [GB_2022] = "2022" };
    enum gb_edition peer, was = g->ua->cfg.edition;
    char text[LOG_QUOTED_SIZE];
    struct span value;

    if (!sip_scan_header(s, "X-GB-Ver", 0, &value))
        return;
    if (!edition_of(value, &peer)) {
        log_debug("%s: edition-invalid value=%s", g->ua->cfg.name, log_quoted(text, sizeof(text), value));
        return;
    }
    g->ua->peer_known = true;
    g->ua->peer_edition = peer;
    ua_update_effective_config(g->ua);
    if (g->ua->cfg.edition != was)
        log_info("%s: edition-changed edition=%s platform_edition=%s", g->ua->cfg.name, names[g->ua->cfg.edition],
                 names[peer]);
}

/* ---- 200 --------------------------------------------------------------------------------- */

/* At most the requested time, which some platforms use in any case. 0: no binding, because expires is 0 (RFC 3261
 * 10.3). */
static uint32_t granted(const struct registration *g, const struct sip_scan *s)
{
    struct span value, text;
    struct sip_party contact;
    bool zero = false;
    uint64_t n = 0;

    /* Among several Contacts with our ID, those with expires=0 are former addresses. */
    for (unsigned i = 0; n == 0 && sip_scan_header(s, "Contact", i, &value); i++)
        if (sip_party_parse(&contact, value) == 0 && span_eq_str(contact.user, g->ua->device_id) &&
            sip_param(value, "expires", &text) && span_u64(text, UINT64_MAX, &n) == 0)
            zero = zero || n == 0;
        else
            n = 0;
    if (n == 0 && sip_scan_header(s, "Expires", 0, &value) && span_u64(span_trim(value), UINT64_MAX, &n) == 0)
        zero = zero || n == 0;
    if (n == 0)
        return zero ? 0 : g->requested_s;
    return n < g->requested_s ? (uint32_t)n : g->requested_s;
}

static void learn_time(struct registration *g, const struct sip_scan *s, const struct gb_time *now)
{
    struct agent_event ev = { .kind = AGENT_TIME };
    char text[LOG_QUOTED_SIZE];
    struct span date;
    int64_t ms;

    if (g->ua->cfg.time_sync == AGENT_TIME_OFF || !sip_scan_header(s, "Date", 0, &date))
        return;
    if (walltime_parse(date, now->utc_offset_s, &ms) != 0 || !walltime_credible(ms)) {
        log_debug("%s: date-invalid value=%s", g->ua->cfg.name, log_quoted(text, sizeof(text), date));
        return;
    }
    g->ua->platform_ms = ms;
    g->ua->platform_at_ms = now->mono_ms;
    ev.u.time.unix_ms = ms;
    ev.u.time.set = g->ua->cfg.time_sync == AGENT_TIME_SET;
    ua_event_push(g->ua, &ev);
}

static struct reg_effects succeeded(struct registration *g, const struct sip_scan *s, const struct gb_time *now)
{
    const struct agent_event ev = { .kind = AGENT_REGISTERED };
    struct reg_effects effects = { .flags = g->doubt_ms ? REG_ONLINE | REG_CALLS_KEPT : 0 };

    g->granted_s = granted(g, s);
    if (g->granted_s == 0) {
        ua_error(g->ua, "REGISTER answered with 200, but for 0 s");
        return registration_failed(g, REG_FAIL_AUTH, now);
    }
    g->expires_ms = now->mono_ms + (uint64_t)g->granted_s * 1000;
    g->deadline_ms = now->mono_ms + registration_refresh_ms(g->granted_s);
    g->auth_failures = g->silent = g->redirects = 0;
    if (!g->redirect.active)
        g->redirect_failures = 0;
    g->successes++;
    learn_time(g, s, now);
    if (g->ua->state != AGENT_ONLINE) {
        g->unchallenged = g->answers == 0;
        g->ua->last_error[0] = '\0';
        ua_set_state(g->ua, AGENT_ONLINE, now);
        log_info("%s: registered expires_s=%u", g->ua->cfg.name, (unsigned)g->granted_s);
        ua_event_push(g->ua, &ev);
        effects.flags |= REG_ONLINE;
    } else {
        g->transport_failures = 0;
    }
    g->doubt_ms = 0;
    if (g->readdressing)
        effects.flags |= REG_READDRESSED;
    g->readdressing = false;
    registration_readdress(g, now);
    return effects;
}

/* ---- challenges ------------------------------------------------------------------------ */

/* Warns, once each, of a challenge that is weaker than the registrar's last one or of another realm: an attacker's
 * might be. */
static void check_challenge(struct registration *g, const struct auth_answer *answer)
{
    struct reg_seen *seen = &g->seen[g->redirect.active], now = { .alg = answer->alg };
    char realm[LOG_QUOTED_SIZE], previous[LOG_QUOTED_SIZE];

    snprintf(now.server_id, sizeof(now.server_id), "%s", g->ua->cfg.server_id);
    snprintf(now.realm, sizeof(now.realm), "%.*s", (int)answer->realm.n, answer->realm.n ? answer->realm.p : "");
    if (strcmp(seen->server_id, now.server_id) == 0) {
        if (auth_weaker(now.alg, seen->alg) && !g->warned_alg) {
            g->warned_alg = true;
            log_warn("%s: digest-weaker algorithm=%s previous=%s", g->ua->cfg.name, hash_name(now.alg),
                     hash_name(seen->alg));
        }
        if (strcmp(now.realm, seen->realm) != 0 && !g->warned_realm) {
            g->warned_realm = true;
            log_warn("%s: realm-changed realm=%s previous=%s", g->ua->cfg.name,
                     log_quoted(realm, sizeof(realm), span_of(now.realm)),
                     log_quoted(previous, sizeof(previous), span_of(seen->realm)));
        }
    }
    *seen = now;
}

static struct reg_effects challenged(struct registration *g, const struct sip_scan *s, const struct gb_time *now)
{
    char uri[192], value[AUTH_VALUE_MAX], cnonce[17];
    struct auth_answer answer;
    struct buf out;
    int err;

    snprintf(uri, sizeof(uri), "sip:%s@%s", g->ua->cfg.server_id, g->ua->domain);
    rng_hex(&g->ua->common->rng, cnonce, 16);
    const struct auth_request q = {
        .username = span_of(g->ua->cfg.username[0] != '\0' ? g->ua->cfg.username : g->ua->device_id),
        .password = span_of(g->ua->cfg.password),
        .method = SPAN_LIT("REGISTER"),
        .uri = span_of(uri),
        .cnonce = span_of(cnonce),
        .min_alg = g->ua->cfg.sha256_only ? HASH_SHA256 : HASH_MD5,
    };
    buf_init(&out, value, sizeof(value));
    err = auth_sign(s, &q, &out, &answer);
    if (err != 0) {
        ua_error(g->ua, err == -ENOENT  ? "401 without a challenge"
                        : err == -EPERM ? "challenge with MD5, below min_algorithm = sha-256"
                                        : "unsupported challenge");
        return registration_failed(g, REG_FAIL_AUTH, now);
    }
    /* The same nonce again means a wrong password; a new or stale one gets one more try. */
    if (g->answers >= REG_ANSWERS_MAX || (g->answers > 0 && !answer.stale && strcmp(answer.nonce, g->nonce) == 0)) {
        ua_error(g->ua, "401 again: wrong password or username");
        return registration_failed(g, REG_FAIL_AUTH, now);
    }
    check_challenge(g, &answer);
    g->answers++;
    memcpy(g->nonce, answer.nonce, sizeof(g->nonce));
    if (registration_send(g, value, now) == 0)
        return NO_EFFECTS;
    ua_error(g->ua, "cannot send REGISTER");
    return registration_failed(g, REG_FAIL_TRANSPORT, now);
}

static struct reg_effects too_brief(struct registration *g, const struct sip_scan *s, const struct gb_time *now)
{
    struct span value;
    uint64_t n;

    if (!g->expires_raised && sip_scan_header(s, "Min-Expires", 0, &value) &&
        span_u64(span_trim(value), REG_EXPIRES_MAX, &n) == 0 && n > g->requested_s) {
        registration_new_cycle(g); /* from here on, the same nonce does not mean a wrong password */
        g->expires_raised = true;
        g->requested_s = (uint32_t)n;
        log_info("%s: expires-raised expires_s=%u", g->ua->cfg.name, (unsigned)g->requested_s);
        if (registration_send(g, NULL, now) == 0)
            return NO_EFFECTS;
    }
    ua_error(g->ua, "423 Interval Too Brief");
    return registration_failed(g, REG_FAIL_AUTH, now);
}

static struct reg_effects refused(struct registration *g, unsigned status, const struct sip_scan *s, bool calls,
                                  const struct gb_time *now)
{
    /* 408: a proxy got no answer. */
    const bool temporary = status == 408 || status == 480 || (status >= 500 && status < 600);
    struct span value;
    uint64_t seconds = 0;

    if (status < 400)
        ua_error(g->ua, "REGISTER answered with %u, which is not supported", status);
    else if (status == 403)
        ua_error(g->ua, "403 Forbidden: wrong password, or ID unknown to the platform");
    else
        ua_error(g->ua, "REGISTER refused with %u", status);
    if (sip_scan_header(s, "Retry-After", 0, &value)) {
        struct span digits = { value.p, 0 };
        while (digits.n < value.n && value.p[digits.n] >= '0' && value.p[digits.n] <= '9')
            digits.n++;
        if (span_u64(digits, RETRY_AFTER_MAX_S, &seconds) != 0)
            seconds = 0;
    }
    return registration_defer(g, temporary ? REG_FAIL_TEMPORARY : REG_FAIL_AUTH, seconds * 1000, calls, now);
}

static struct reg_effects unanswered(struct registration *g, const struct gb_time *now)
{
    if (++g->silent >= REG_SILENT_MAX) {
        g->fresh_port = true;
        g->silent = 0;
    }
    ua_error(g->ua, "no answer to REGISTER");
    return registration_failed(g, REG_FAIL_TRANSPORT, now);
}

struct reg_effects registration_done(struct registration *g, unsigned status, const struct sip_scan *s, bool calls,
                                     const struct gb_time *now)
{
    g->in_flight = false;
    if (s) {
        g->silence_logged = false;
        learn_edition(g, s);
    }
    if (g->unregistering)
        return status == 401 && s && g->answers == 0 ? challenged(g, s, now) : NO_EFFECTS;
    if (g->ua->state != AGENT_REGISTERING && g->ua->state != AGENT_ONLINE)
        return NO_EFFECTS;
    if (status == 0 || !s)
        return unanswered(g, now);
    if (status < 300)
        return succeeded(g, s, now);
    if (status == 401)
        return challenged(g, s, now);
    if (status == 423)
        return too_brief(g, s, now);
    if (status == 301 || status == 302)
        return registration_redirect(g, s, now);
    return refused(g, status, s, calls, now);
}

void registration_provisional(struct registration *g)
{
    g->provisional = true;
}
