/* SPDX-License-Identifier: MIT */
/* Between registration.c (its life), registration_answer.c (what the registrar answers) and registration_redirect.c. */
#ifndef AGENT_REGISTRATION_PRIV_H
#define AGENT_REGISTRATION_PRIV_H

#include "agent/registration.h"

#define NO_NEWS ((struct reg_news){ 0 })

enum reg_failure {
    REG_FAIL_TRANSPORT,                 /* no answer */
    REG_FAIL_PASSING,                   /* one that says "not now": the link works */
    REG_FAIL_AUTH,                      /* refused */
};

/* ---- registration.c ---- */

void registration_new_cycle(struct registration *g);
void registration_new_identity(struct registration *g); /* Call-ID, tag and CSeq of a new binding */
/* A REGISTER of this cycle; authorization: the header's value, NULL none. 0 or -errno. */
int registration_send(struct registration *g, const char *authorization, const struct gb_time *now);
void registration_want_link(struct registration *g, const struct gb_time *now);
/* last_error says why. */
struct reg_news registration_failed(struct registration *g, enum reg_failure kind, const struct gb_time *now);
/* The same, and the server has said when to come again. */
struct reg_news registration_put_off(struct registration *g, enum reg_failure kind, uint64_t at_least_ms, bool calls,
                                     const struct gb_time *now);

/* ---- registration_redirect.c ---- */

struct reg_news registration_redirect(struct registration *g, const struct sip_scan *s, const struct gb_time *now);
void registration_redirected(struct registration *g, const struct gb_time *now);        /* REG_NEXT_REDIRECTED */
/* Its time is over and no call runs, so that nothing is cut: the redirecting server is asked anew. */
bool registration_redirect_over(const struct registration *g, bool calls, uint64_t now_ms);
/* Back to the configured server; false: it was in use. Does not ask for the link. */
bool registration_redirect_end(struct registration *g);
/* Whose back-off a failure is charged to: the server redirected to is given up soon, but not for ever so. */
enum reg_failure registration_bounced(struct registration *g, enum reg_failure kind);

#endif
