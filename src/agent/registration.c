/* SPDX-License-Identifier: MIT */
#include "agent/registration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "sip/auth.h"
#include "util/log.h"

#define MARGIN_MS 10000u                /* a refresh is never later than this before the end */
#define RETRY_AFTER_MAX_S 3600u

void registration_new_identity(struct agent *a)
{
    ua_new_call_id(&a->ua, a->reg.call_id);
    ua_new_tag(&a->ua, a->reg.from_tag);
    a->reg.cseq = 0;
}

static void new_cycle(struct agent *a)
{
    a->reg.answers = 0;
    a->reg.raised = false;
    a->reg.nonce[0] = '\0';
}

void registration_init(struct agent *a)
{
    memset(&a->reg, 0, sizeof(a->reg));
    a->reg.asked_s = a->ua.cfg.expires_s;
    a->reg.want_link = true;
    registration_new_identity(a);
}

uint64_t registration_refresh_ms(uint32_t granted_s)
{
    uint64_t e = (uint64_t)granted_s * 1000, at = e / 2;

    /* The earlier of half and "60 s before", but short bindings would make that a tight loop: a third at least. */
    if (e < 120000) {
        uint64_t early = e > 60000 ? e - 60000 : 0;
        at = early > e / 3 ? early : e / 3;
    }
    if (e > 2 * (uint64_t)MARGIN_MS && at > e - MARGIN_MS)
        at = e - MARGIN_MS;
    return at < 1000 ? 1000 : at;
}

/* ---- sending --------------------------------------------------------------------------- */

static int send_register(struct agent *a, const char *authorization, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    char uri[192], party[192], from[224], contact[160];
    struct client_tx_new tx = { .kind = CLIENT_TX_REGISTER, .link = a->ua.link, .to = *ua_server(&a->ua) };
    struct sip_request r;
    int rc;

    snprintf(uri, sizeof(uri), "sip:%s@%s", a->ua.cfg.server_id, a->ua.domain);
    snprintf(party, sizeof(party), "<sip:%s@%s>", a->ua.device_id, a->ua.domain);
    snprintf(from, sizeof(from), "%s;tag=%s", party, g->from_tag);
    ua_contact(&a->ua, a->ua.device_id, contact);
    r = (struct sip_request){
        .method = SIP_REGISTER, .uri = span_of(uri), .from = span_of(from), .to = span_of(party),
        .call_id = span_of(g->call_id), .cseq = ++g->cseq, .contact = contact, .authorization = authorization,
        .has_expires = true, .expires = g->leaving ? 0 : g->asked_s, .gb_ver = a->ua.configured.edition == GB_2022,
    };
    rc = ua_send_request(&a->ua, &r, &tx, now);
    if (rc != 0)
        return rc;
    g->contact = ua_contact_addr(&a->ua);
    g->in_flight = true;
    g->heard = false;
    g->signed_now = authorization != NULL;
    g->sent_ms = now->mono_ms;
    return 0;
}

static uint64_t back_off_ms(struct agent *a, enum reg_failure kind)
{
    static const struct { uint32_t base, max; } limit[] = {
        [REG_FAIL_TRANSPORT] = { REG_TRANSPORT_BASE_S, REG_TRANSPORT_MAX_S },
        [REG_FAIL_PASSING] = { REG_TRANSPORT_BASE_S, REG_TRANSPORT_MAX_S },
        [REG_FAIL_AUTH] = { REG_AUTH_BASE_S, REG_AUTH_MAX_S },
    };
    unsigned *failures = kind == REG_FAIL_AUTH ? &a->reg.auth_failures : &a->reg.transport_failures;
    uint64_t w = (uint64_t)limit[kind].base * 1000 << (*failures < 12 ? *failures : 12);
    uint64_t max = (uint64_t)limit[kind].max * 1000;

    (*failures)++;
    if (w > max)
        w = max;
    return rng_range(&a->ua.common->rng, w / 2, w);
}

static void wait_for(struct agent *a, uint64_t ms, const struct gb_time *now)
{
    ua_set_state(&a->ua, AGENT_WAITING, now);
    a->reg.deadline_ms = now->mono_ms + ms;
    a->reg.in_flight = false;
    registration_new_identity(a);
    log_info("%s: %s; next try in %u s", a->ua.cfg.name, a->ua.last_error, (unsigned)((ms + 999) / 1000));
}

void registration_begin(struct agent *a, const struct gb_time *now)
{
    struct registration *g = &a->reg;

    if (a->ua.link == 0 || g->want_link) {
        const struct agent_event ev = {
            .kind = AGENT_LINK_WANTED,
            .u.link = { .fresh_port = g->fresh_port, .host = a->ua.redirect.active ? a->ua.redirect.host : NULL,
                        .port = a->ua.redirect.port },
        };
        if (ua_event_try(&a->ua, &ev) != 0) {
            ua_error(&a->ua, "out of memory");
            wait_for(a, 1000, now);
            return;
        }
        g->want_link = g->fresh_port = false;
        ua_set_state(&a->ua, AGENT_CONNECTING, now);
        return;
    }
    registration_start(a, now);
}

void registration_start(struct agent *a, const struct gb_time *now)
{
    new_cycle(a);
    if (a->ua.state == AGENT_ONLINE) {
        /* Reload or a new local address: a new identity, while calls and keepalives go on. */
        registration_new_identity(a);
        a->reg.readdressed_ms = now->mono_ms;
        a->reg.readdressing = true;
    } else {
        a->ua.peer_known = false;
        ua_update_effective_config(&a->ua);
        ua_set_state(&a->ua, AGENT_REGISTERING, now);
    }
    if (send_register(a, NULL, now) != 0) {
        ua_error(&a->ua, "REGISTER could not be sent");
        registration_failed(a, REG_FAIL_TRANSPORT, now);
    }
}

void registration_refresh(struct agent *a, const struct gb_time *now)
{
    struct addr contact = ua_contact_addr(&a->ua);

    new_cycle(a);
    if (!addr_same(&contact, &a->reg.contact)) {
        a->reg.readdressed_ms = now->mono_ms;
        a->reg.readdressing = true;
    }
    if (send_register(a, NULL, now) != 0)
        a->reg.deadline_ms = now->mono_ms + 1000;
}

void registration_send_leave(struct agent *a, const struct gb_time *now)
{
    new_cycle(a);
    send_register(a, NULL, now);
}

/* ---- failing --------------------------------------------------------------------------- */

/* While ONLINE: may what runs wait for the next try? When the binding still holds, for the keepalives watch the platform; in
 * doubt of it until that is over, when something was answered. */
static bool may_stay(const struct agent *a, enum reg_failure kind, uint64_t delay_ms, const struct gb_time *now)
{
    const struct registration *g = &a->reg;

    if (a->ua.state != AGENT_ONLINE || kind == REG_FAIL_AUTH)
        return false;
    return g->doubt_ms ? kind == REG_FAIL_PASSING : now->mono_ms + delay_ms + MARGIN_MS < g->expires_ms;
}

/* A link that works is kept, calls may live on it. When it goes on so, the server's name may have another address. */
static bool needs_link(const struct agent *a, enum reg_failure kind)
{
    return kind == REG_FAIL_TRANSPORT ||
           (kind == REG_FAIL_PASSING && a->reg.transport_failures > REG_PASSING_MAX && a->calls.count == 0);
}

static void failed(struct agent *a, enum reg_failure kind, uint64_t at_least_ms, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    bool away = a->ua.redirect.active, kept = g->doubt_ms && kind != REG_FAIL_AUTH && (a->ua.state != AGENT_ONLINE || a->ua.link == 0);
    uint64_t delay = back_off_ms(a, registration_bounced(a, kind));

    if (g->leaving)
        return;
    if (delay < at_least_ms && !away)
        delay = at_least_ms;
    g->in_flight = false;
    if (may_stay(a, kind, delay, now)) {
        log_info("%s: refresh: %s", a->ua.cfg.name, a->ua.last_error);
        g->deadline_ms = now->mono_ms + delay;
        return;
    }
    if (!kept)
        agent_go_offline(a, a->ua.last_error, now);
    else if (needs_link(a, kind))
        agent_link_broke(a, a->ua.last_error, now);        /* there is time left */
    if (registration_redirect_end(a) || needs_link(a, kind))
        g->want_link = true;
    wait_for(a, delay, now);
}

void registration_failed(struct agent *a, enum reg_failure kind, const struct gb_time *now)
{
    failed(a, kind, 0, now);
}

void registration_lost(struct agent *a, const char *why, const struct gb_time *now)
{
    bool silent = a->keepalive.missed > 0;
    char copy[96];

    if (a->ua.state != AGENT_ONLINE)
        return;
    snprintf(copy, sizeof(copy), "%s", why);
    ua_error(&a->ua, "%s", copy);
    agent_go_offline(a, copy, now);
    a->reg.want_link = registration_redirect_end(a) || silent;
    wait_for(a, back_off_ms(a, REG_FAIL_TRANSPORT), now);
}

/* ---- answers --------------------------------------------------------------------------- */

/* Never more than was asked for: a platform that keeps what we wanted would forget us before. 0: there is no binding,
 * for a number is there and it is 0 (RFC 3261 10.3). */
static uint32_t granted(const struct agent *a, const struct sip_scan *s)
{
    struct span value, text;
    struct sip_party contact;
    bool zero = false;
    uint64_t n = 0;

    /* Of several Contacts with our ID the others are former addresses, which may be going. */
    for (unsigned i = 0; n == 0 && sip_scan_header(s, "Contact", i, &value); i++) {
        if (sip_party_parse(&contact, value) == 0 && span_eq_str(contact.user, a->ua.device_id) &&
            sip_param(value, "expires", &text) && span_u64(text, UINT64_MAX, &n) == 0)
            zero = zero || n == 0;
        else
            n = 0;
    }
    if (n == 0 && sip_scan_header(s, "Expires", 0, &value) && span_u64(span_trim(value), UINT64_MAX, &n) == 0)
        zero = zero || n == 0;
    if (n == 0)
        return zero ? 0 : a->reg.asked_s;
    return n < a->reg.asked_s ? (uint32_t)n : a->reg.asked_s;
}

static void tell_time(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct agent_event ev = { .kind = AGENT_TIME };
    struct span date;
    int64_t ms;

    if (a->ua.cfg.time_sync == AGENT_TIME_OFF || !sip_scan_header(s, "Date", 0, &date))
        return;
    if (walltime_parse(date, now->utc_offset_s, &ms) != 0 || !walltime_credible(ms)) {
        log_debug("%s: a Date that is none: %.*s", a->ua.cfg.name, date.n < 40 ? (int)date.n : 40, date.p);
        return;
    }
    a->ua.platform_ms = ms;
    a->ua.platform_at_ms = now->mono_ms;
    ev.u.time.unix_ms = ms;
    ev.u.time.set = a->ua.cfg.time_sync == AGENT_TIME_SET;
    ua_event_push(&a->ua, &ev);
}

static void succeeded(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    const struct agent_event ev = { .kind = AGENT_REGISTERED };

    g->in_flight = false;
    g->granted_s = granted(a, s);
    if (g->granted_s == 0) {
        ua_error(&a->ua, "REGISTER answered 200, but for 0 s");
        failed(a, REG_FAIL_AUTH, 0, now);
        return;
    }
    g->expires_ms = now->mono_ms + (uint64_t)g->granted_s * 1000;
    g->deadline_ms = now->mono_ms + registration_refresh_ms(g->granted_s);
    g->auth_failures = g->silent = g->redirects = 0;
    if (!a->ua.redirect.active)
        g->bounced = 0;
    g->successes++;
    tell_time(a, s, now);
    if (a->ua.state != AGENT_ONLINE) {
        g->unchallenged = g->answers == 0;
        a->ua.last_error[0] = '\0';
        ua_set_state(&a->ua, AGENT_ONLINE, now);
        log_info("%s: registered for %u s", a->ua.cfg.name, (unsigned)g->granted_s);
        ua_event_push(&a->ua, &ev);
        keepalive_start(a, now);
    } else {
        g->transport_failures = 0;
        if (g->doubt_ms)
            keepalive_start(a, now);
    }
    if (g->doubt_ms)
        calls_kept(a, now);
    g->doubt_ms = 0;
    if (g->readdressing)
        keepalive_now(a, now);
    g->readdressing = false;
    registration_readdress(a, now);
}

static void challenged(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    char uri[192], value[AUTH_VALUE_MAX], cnonce[17];
    struct auth_answer answer;
    struct buf out;
    int rc;

    snprintf(uri, sizeof(uri), "sip:%s@%s", a->ua.cfg.server_id, a->ua.domain);
    rng_hex(&a->ua.common->rng, cnonce, 16);
    const struct auth_request q = {
        .username = span_of(a->ua.cfg.username[0] != '\0' ? a->ua.cfg.username : a->ua.device_id),
        .password = span_of(a->ua.cfg.password), .method = SPAN_LIT("REGISTER"), .uri = span_of(uri),
        .cnonce = span_of(cnonce), .least = a->ua.cfg.sha256_only ? HASH_SHA256 : HASH_MD5,
    };
    buf_init(&out, value, sizeof(value));
    rc = auth_sign(s, &q, &out, &answer);
    if (rc != 0) {
        ua_error(&a->ua, rc == -ENOENT ? "401 without a challenge" :
                    rc == -EPERM ? "the platform asks for credentials by MD5, less than min_algorithm = sha-256" :
                    "no challenge that can be answered");
        failed(a, REG_FAIL_AUTH, 0, now);
        return;
    }
    /* The same nonce again means that the password is wrong; a new or stale one gets one more try. */
    if (g->answers >= REG_ANSWERS_MAX || (g->answers > 0 && !answer.stale && strcmp(answer.nonce, g->nonce) == 0)) {
        ua_error(&a->ua, "the platform refuses our credentials (401)");
        failed(a, REG_FAIL_AUTH, 0, now);
        return;
    }
    registration_compare(a, &answer);
    g->answers++;
    memcpy(g->nonce, answer.nonce, sizeof(g->nonce));
    if (send_register(a, value, now) != 0) {
        ua_error(&a->ua, "REGISTER could not be sent");
        failed(a, REG_FAIL_TRANSPORT, 0, now);
    }
}

static void too_brief(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct registration *g = &a->reg;
    struct span value;
    uint64_t n;

    if (!g->raised && sip_scan_header(s, "Min-Expires", 0, &value) &&
        span_u64(span_trim(value), REG_EXPIRES_MAX, &n) == 0 && n > g->asked_s) {
        new_cycle(a);                   /* a nonce already answered comes again: that does not mean a wrong password */
        g->raised = true;
        g->asked_s = (uint32_t)n;
        log_info("%s: the platform wants Expires %u at least", a->ua.cfg.name, (unsigned)g->asked_s);
        if (send_register(a, NULL, now) == 0)
            return;
    }
    ua_error(&a->ua, "423 Interval Too Brief");
    failed(a, REG_FAIL_AUTH, 0, now);
}

static void refused(struct agent *a, unsigned status, const struct sip_scan *s, const struct gb_time *now)
{
    /* Nobody behind the server answered it, or it could not do it now: that passes. */
    const bool passing = status == 408 || status == 480 || (status >= 500 && status < 600);
    struct span value;
    uint64_t seconds = 0;

    if (status < 400)
        ua_error(&a->ua, "REGISTER answered %u, which is not followed", status);
    else if (status == 403)
        ua_error(&a->ua, "403 Forbidden: wrong password, or this ID is not known there");
    else
        ua_error(&a->ua, "REGISTER refused: %u", status);
    if (sip_scan_header(s, "Retry-After", 0, &value)) {
        struct span digits = { value.p, 0 };
        while (digits.n < value.n && value.p[digits.n] >= '0' && value.p[digits.n] <= '9')
            digits.n++;
        if (span_u64(digits, RETRY_AFTER_MAX_S, &seconds) != 0)
            seconds = 0;
    }
    failed(a, passing ? REG_FAIL_PASSING : REG_FAIL_AUTH, seconds * 1000, now);
}

void registration_done(struct agent *a, unsigned status, const struct sip_scan *s, const struct gb_time *now)
{
    struct registration *g = &a->reg;

    g->in_flight = false;
    if (s) {
        g->silence_told = false;
        registration_learn_edition(a, s);
    }
    if (g->leaving) {
        if (status == 401 && s && g->answers == 0)
            challenged(a, s, now);
        return;
    }
    if (a->ua.state != AGENT_REGISTERING && a->ua.state != AGENT_ONLINE)
        return;
    if (status == 0 || !s) {
        if (++g->silent >= REG_SILENT_MAX) {
            g->fresh_port = true;
            g->silent = 0;
        }
        ua_error(&a->ua, "no answer to REGISTER");
        failed(a, REG_FAIL_TRANSPORT, 0, now);
    } else if (status < 300) {
        succeeded(a, s, now);
    } else if (status == 401) {
        challenged(a, s, now);
    } else if (status == 423) {
        too_brief(a, s, now);
    } else if (status == 301 || status == 302) {
        registration_redirect(a, s, now);
    } else {
        refused(a, status, s, now);
    }
}
