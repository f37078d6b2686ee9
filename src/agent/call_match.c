/* SPDX-License-Identifier: MIT */
/* Which call a request means. A call is a dialog: its Call-ID and the platform's tag, for some platforms use one Call-ID for
 * several. Others get tags wrong: a request that matches no dialog means the only call of its Call-ID, or of several the
 * one that its To tag, its Request-URI or its To names. */
#include "agent/call.h"

#include <string.h>

#include "agent/agent_impl.h"
#include "sip/dialog.h"

/* Each says more than those below it together. */
#define FITS_DIALOG 8u
#define FITS_TAG 4u
#define FITS_TARGET 2u
#define FITS_TO 1u

struct pick {
    struct call *call;                  /* the one that fits best */
    unsigned fits, others;              /* how; calls that fit as well */
    unsigned candidates;
};

bool call_is_dialog(const struct call *c, const struct sip_scan *s)
{
    return span_eq(c->call_id, s->call_id) && span_eq(c->remote_tag, s->from.tag);
}

/* A tag that we made names one dialog and no other, of those that ended, too: a second BYE for one of them, say. */
static bool of_another_dialog(const struct call *c, const struct sip_scan *s)
{
    const char *key = c->agent->ua.key;

    return s->to.tag.n == strlen(c->local_tag) && memcmp(s->to.tag.p, key, UA_KEY_LEN) == 0 &&
           !span_eq_str(s->to.tag, c->local_tag);
}

static unsigned fits(const struct call *c, const struct sip_scan *s)
{
    unsigned n = call_is_dialog(c, s) ? FITS_DIALOG : 0;

    n += s->to.tag.n > 0 && span_eq_str(s->to.tag, c->local_tag) ? FITS_TAG : 0;
    n += span_eq_str(s->target.user, c->channel) ? FITS_TARGET : 0;
    return n + (span_eq_str(s->to.user, c->channel) ? FITS_TO : 0);
}

static void consider(struct pick *p, struct call *c, const struct sip_scan *s)
{
    unsigned n = fits(c, s);

    if (n < FITS_DIALOG && of_another_dialog(c, s))
        return;
    p->candidates++;
    if (!p->call || n > p->fits) {
        *p = (struct pick){ .call = c, .fits = n, .candidates = p->candidates };
    } else if (n == p->fits) {
        p->others++;
    }
}

struct call *call_of_request(const struct agent *a, const struct sip_scan *s)
{
    struct pick p = { 0 };

    for (struct hash_node *n = hash_find(&a->ua.common->calls, s->call_id); n; n = hash_find_next(n)) {
        struct call *c = container_of(n, struct call, by_id);
        if (c->agent == a)
            consider(&p, c, s);
    }
    for (struct call *c = NULL; (c = partings_next(a, c));) {
        if (span_eq(c->call_id, s->call_id))
            consider(&p, c, s);
    }
    if (p.candidates == 1 || p.fits >= FITS_DIALOG || (p.fits > 0 && p.others == 0))
        return call_touch(p.call);
    return NULL;
}

bool call_cseq_old(struct call *c, const struct sip_scan *s)
{
    if (!call_is_dialog(c, s))
        return false;
    if (sip_cseq_old(s->cseq, c->remote_cseq))
        return true;
    c->remote_cseq = s->cseq;
    return false;
}
