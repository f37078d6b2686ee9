/* SPDX-License-Identifier: MIT */
/* Finds the agent that a message is for: by our key in branch or tag, by Call-ID, by user, by source address. */
#include "agent/agent_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define SOURCES_TRIED_MAX 64u

int mux_new(const uint8_t seed[32], struct mux **out)
{
    struct mux *m = malloc(sizeof(*m));

    if (!m)
        return -ENOMEM;
    memset(m, 0, offsetof(struct mux, common) + offsetof(struct ua_common, scratch));
    rng_init(&m->common.rng, seed);
    m->common.secret[0] = rng_u64(&m->common.rng);
    m->common.secret[1] = rng_u64(&m->common.rng);
    list_init(&m->agents);
    list_init(&m->common.ready);
    heap_init(&m->due);
    if (hash_init(&m->by_key, m->common.secret) != 0 || hash_init(&m->by_user, m->common.secret) != 0 ||
        hash_init(&m->common.calls, m->common.secret) != 0 ||
        ua_sources_init(&m->common.sources, m->common.secret) != 0) {
        mux_free(m);
        return -ENOMEM;
    }
    *out = m;
    return 0;
}

void mux_free(struct mux *m)
{
    if (!m)
        return;
    hash_free(&m->by_key);
    hash_free(&m->by_user);
    hash_free(&m->common.calls);
    ua_sources_free(&m->common.sources);
    heap_free(&m->due);
    free(m);
}

static struct agent *by_key(const struct mux *m, struct span text)
{
    struct hash_node *n;

    if (text.n < UA_KEY_LEN)
        return NULL;
    n = hash_find(&m->by_key, (struct span){ text.p, UA_KEY_LEN });
    return n ? container_of(n, struct agent, by_key) : NULL;
}

#define FIT_MORE 16u /* above the maximum of fit() */

/* How well an agent matches the source of a request; 0: source not accepted. */
static unsigned fit(const struct agent *a, const struct sip_scan *s, const struct sip_origin *o)
{
    unsigned score = 1;

    if (!ua_accepts(&a->ua, o->link, &o->from, o->reliable))
        return 0;
    if (a->ua.link == o->link)
        score += 8;
    if (a->ua.nserver > 0 && addr_same(&a->ua.server[0], &o->from))
        score += 4;
    if (span_eq_str(s->from.user, a->ua.cfg.server_id))
        score += 2;
    return score;
}

static struct agent *better(struct agent *best, unsigned *score, struct agent *a, const struct sip_scan *s,
                            const struct sip_origin *o)
{
    unsigned n = fit(a, s, o);

    if (n <= *score)
        return best;
    *score = n;
    return a;
}

static struct agent *by_user(const struct mux *m, struct span user, const struct sip_scan *s,
                             const struct sip_origin *o)
{
    struct hash_node *n = user.n > 0 ? hash_find(&m->by_user, user) : NULL;
    struct agent *best = NULL;
    unsigned score = 0;

    for (; n; n = hash_find_next(n))
        best = better(best, &score, container_of(n, struct agent_user, node)->agent, s, o);
    return best;
}

/* Several agents may have calls with the same Call-ID: prefers the one with the dialog, then the one with the addressed
 * channel. NULL and *unclear: several match equally well. An INVITE that creates a dialog does not match by Call-ID. */
static struct agent *by_call(const struct mux *m, const struct sip_scan *s, const struct sip_origin *o, bool *unclear)
{
    bool begins = s->method == SIP_INVITE && s->to.tag.n == 0;
    struct agent *best = NULL;
    unsigned most = 0;

    *unclear = false;
    for (const struct call *c = NULL; (c = call_of_id(&m->common, s->call_id, c));) {
        struct agent *a = agent_of(call_ua(c));
        bool is_dialog = call_is_dialog(c, s);
        unsigned score = fit(a, s, o);

        if (score == 0 || (begins && !is_dialog))
            continue;
        score += (is_dialog ? 2 * FIT_MORE : 0) + (call_is_named(c, s) ? FIT_MORE : 0);
        if (score > most) {
            most = score;
            best = a;
            *unclear = false;
        } else if (score == most && best != a) {
            *unclear = true;
        }
    }
    return *unclear ? NULL : best;
}

/* Unknown recipient: an agent that accepts the source will answer with 404 or similar. If all agents of a fleet have
 * the same platform, any of them will do, so only a few are tried. */
static struct agent *by_source(const struct mux *m, const struct sip_scan *s, const struct sip_origin *o)
{
    struct agent *best = NULL;
    unsigned score = 0, tried = 0;

    for (struct ua_source *e = NULL;
         tried < SOURCES_TRIED_MAX && (e = ua_sources_next(&m->common.sources, &o->from, e)); tried++)
        best = better(best, &score, agent_of(e->ua), s, o);
    if (best)
        return best;
    tried = 0;
    list_each(it, &m->common.sources.by_prefix) {
        if (tried++ >= SOURCES_TRIED_MAX)
            break;
        best = better(best, &score, agent_of(container_of(it, struct ua, by_prefix)), s, o);
    }
    return best;
}

/* Sets o->unclear. */
static struct agent *route(const struct mux *m, const struct sip_scan *s, struct sip_origin *o)
{
    struct agent *a = by_key(m, s->to.tag);
    bool unclear;

    if (a && ua_accepts(&a->ua, o->link, &o->from, o->reliable))
        return a;
    a = by_call(m, s, o, &unclear);
    if (!a)
        a = by_user(m, s->target.user, s, o);
    if (!a)
        a = by_user(m, s->to.user, s, o);
    o->unclear = !a && unclear;
    return a ? a : by_source(m, s, o);
}

/* Any agent that accepts the address, regardless of the port. */
static struct agent *by_ip(const struct mux *m, const struct addr *from)
{
    struct ua_source *e = ua_sources_next(&m->common.sources, from, NULL);
    unsigned tried = 0;

    if (e)
        return agent_of(e->ua);
    list_each(it, &m->common.sources.by_prefix) {
        struct agent *a = agent_of(container_of(it, struct ua, by_prefix));

        if (tried++ >= SOURCES_TRIED_MAX)
            break;
        if (ua_accepts_ip(&a->ua, from))
            return a;
    }
    return NULL;
}

/* Logs the drop of a message for an agent that accepts its source, or at least the address. */
static void dropped(const struct mux *m, const struct sip_scan *s, const struct sip_origin *o, const char *why,
                    const struct gb_time *now)
{
    struct agent *a = log_on(LOG_L_DEBUG) ? by_source(m, s, o) : NULL;

    if (!a && log_on(LOG_L_DEBUG))
        a = by_ip(m, &o->from);
    if (a)
        ua_dropped(&a->ua, &o->from, why, now);
}

static struct agent *response(struct mux *m, const struct sip_scan *s, const struct sip_origin *o,
                              const struct gb_time *now)
{
    const size_t cookie = sizeof(SIP_COOKIE) - 1;
    const bool has_cookie = s->via.branch.n >= cookie && memcmp(s->via.branch.p, SIP_COOKIE, cookie) == 0;
    struct agent *a = has_cookie ? by_key(m, span_from(s->via.branch, cookie)) : NULL;

    if (s->bad) {
        dropped(m, s, o, s->bad, now);
        return NULL;
    }
    if (!a) {
        dropped(m, s, o, "Via of the response is not ours", now);
        return NULL;
    }
    if (!ua_accepts_ip(&a->ua, &o->from)) {
        m->unknown_sources++;
        return NULL;
    }
    agent_input_response(a, s, o, now);
    return a;
}

struct agent *mux_input(struct mux *m, const struct sip_input *in, const struct gb_time *now)
{
    struct sip_origin o = {
        .link = in->link, .from = in->from, .reliable = in->transport == SIP_TCP, .data = in->data, .len = in->len
    };
    struct sip_scan s;
    struct agent *a;

    if (sip_scan(&s, in->data, in->len, o.reliable) != 0) {
        dropped(m, &s, &o, s.bad, now);
        return NULL;
    }
    if (s.response) {
        a = response(m, &s, &o, now);
    } else {
        a = route(m, &s, &o);
        if (!a) {
            dropped(m, &s, &o, "unknown source port, see allow_any_port", now);
            m->unknown_sources++;
            return NULL;
        }
        agent_input_request(a, &s, &o, now);
    }
    if (a)
        agent_update_deadline(a, now);
    return a;
}

uint64_t mux_deadline(const struct mux *m)
{
    const struct heap_node *top = heap_top(&m->due);

    return top ? top->when : UINT64_MAX;
}

void mux_tick(struct mux *m, const struct gb_time *now)
{
    /* Each agent once: one that is due again immediately waits for the next tick, so that it does not starve the
     * others. */
    size_t left = m->nagents;
    struct heap_node *top;

    while (left-- > 0 && (top = heap_top(&m->due)) && top->when <= now->mono_ms) {
        struct agent *a = container_of(top, struct agent, due);
        agent_tick(a, now);
        agent_update_deadline(a, now);
    }
}

struct agent *mux_ready(struct mux *m)
{
    struct ua *u = ua_ready(&m->common);

    return u ? agent_of(u) : NULL;
}

uint64_t mux_unknown_sources(const struct mux *m)
{
    return m->unknown_sources;
}
