/* SPDX-License-Identifier: MIT */
/* Shared by registration.c (states), registration_answer.c (responses to REGISTER) and registration_redirect.c only. */
#ifndef AGENT_REGISTRATION_PRIV_H
#define AGENT_REGISTRATION_PRIV_H

#include "agent/registration.h"

#define NO_EFFECTS ((struct reg_effects){ 0 })

enum reg_failure {
    REG_FAIL_TRANSPORT, /* no answer */
    REG_FAIL_TEMPORARY, /* temporary failure: the link works */
    REG_FAIL_AUTH,      /* refused */
};

/* ---- registration.c ---- */

void registration_new_cycle(struct registration *g);
void registration_new_identity(struct registration *g); /* Call-ID, tag and CSeq of a new binding */
/* Sends a REGISTER of this cycle. authorization: header value, NULL none. 0 or -errno. */
int registration_send(struct registration *g, const char *authorization, const struct gb_time *now);
void registration_want_link(struct registration *g, const struct gb_time *now);
/* Handles a failed REGISTER; ua->last_error has the reason. */
struct reg_effects registration_failed(struct registration *g, enum reg_failure kind, const struct gb_time *now);
/* The same, with the server's Retry-After. */
struct reg_effects registration_defer(struct registration *g, enum reg_failure kind, uint64_t at_least_ms, bool calls,
                                      const struct gb_time *now);

/* ---- registration_redirect.c ---- */

struct reg_effects registration_redirect(struct registration *g, const struct sip_scan *s, const struct gb_time *now);
void registration_redirected(struct registration *g, const struct gb_time *now); /* REG_NEXT_REDIRECTED */
/* The redirection has expired, and going back interrupts no call. */
bool registration_redirect_expired(const struct registration *g, bool calls, uint64_t now_ms);
/* Returns to the configured server, without requesting a link. false: it was in use. */
bool registration_redirect_end(struct registration *g);
/* The kind of back-off after a failure: a short one for redirected-to servers, REG_REDIRECT_FAILURES_MAX times. */
enum reg_failure registration_redirect_failed(struct registration *g, enum reg_failure kind);

#endif
