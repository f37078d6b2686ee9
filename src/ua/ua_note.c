/* SPDX-License-Identifier: MIT */
/* The signalling digest (2016 annex H): Note and Date in every request except REGISTER, in both directions. */
#include "ua/ua.h"

#include <errno.h>

#include "sip/auth.h"
#include "util/log.h"

#define WINDOW_S 600u

static struct auth_secret secret_of(const struct ua *u)
{
    static const enum hash_alg algs[] = {
        [AGENT_NOTE_MD5] = HASH_MD5,
        [AGENT_NOTE_SHA1] = HASH_SHA1,
        [AGENT_NOTE_SHA256] = HASH_SHA256,
    };

    return (struct auth_secret){
        .scheme = "Note",
        .alg = algs[u->cfg.note_digest],
        .seed = span_of(u->cfg.note_seed),
        .window_s = u->cfg.note_window_s > 0 ? u->cfg.note_window_s : WINDOW_S,
    };
}

/* The platform's clock, by the Date of its last 200: ours may not be set yet. */
static struct gb_time platform_time(const struct ua *u, const struct gb_time *now)
{
    struct gb_time t = *now;

    if (u->platform_at_ms != 0)
        t.unix_ms = u->platform_ms + (int64_t)(now->mono_ms - u->platform_at_ms);
    return t;
}

int ua_note_lines(const struct ua *u, const char *message, size_t len, struct buf *out, const struct gb_time *now)
{
    const struct auth_secret secret = secret_of(u);
    const struct gb_time t = platform_time(u, now);
    struct sip_scan s;

    /* Parsed again, so that the signed values are exactly those that the platform sees. */
    if (sip_scan(&s, message, len, false) != 0)
        return -EINVAL;
    return auth_sign_message(&secret, &s, &t, out);
}

bool ua_note_ok(struct ua *u, const struct sip_scan *s, const struct gb_time *now)
{
    const struct auth_secret secret = secret_of(u);
    struct gb_time t;
    int err;

    if (u->cfg.note_digest == AGENT_NOTE_OFF)
        return true;
    t = platform_time(u, now);
    err = auth_verify_request(&secret, s, &t);
    if (err == 0)
        return true;
    u->refused++;
    u->unsigned_requests++;
    log_warn_gated(&u->refusals, now->mono_ms, "%s: request-refused method=%s reason=\"%s\"", u->cfg.name,
                   sip_method_name(s->method),
                   err == -ENOENT      ? "no Note or no Date"
                   : err == -ETIMEDOUT ? "Date outside the accepted window"
                   : err == -EBADMSG   ? "malformed Note or Date"
                                       : "wrong Note");
    return false;
}
