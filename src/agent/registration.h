/* SPDX-License-Identifier: MIT */
/*
 * REGISTER: unauthenticated first, one digest answer per nonce, refresh, back-off, unregister. Owns the agent's state
 * (enum agent_state). Back-off: W = min(max, base * 2^failures), the delay uniform in 50..100 % of it.
 */
#ifndef AGENT_REGISTRATION_H
#define AGENT_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/ua.h"
#include "codec/digest.h"

struct agent;

#define REG_TRANSPORT_BASE_S 2u
#define REG_TRANSPORT_MAX_S 60u
#define REG_AUTH_BASE_S 120u            /* so a minute at least */
#define REG_AUTH_MAX_S 1800u
#define REG_SILENT_MAX 3u               /* silent failures until another local port is asked for */
#define REG_PASSING_MAX 3u              /* failures in a row until the server is looked up again, though it answers */
#define REG_ANSWERS_MAX 2u              /* digest answers in one cycle */
#define REG_ADDRESS_GAP_MS 10000u       /* between two re-registrations for a changed address */
#define REG_EARLY_INVITE_MS 2000u
#define REG_DOUBT_MS 10000u             /* how long calls stay while it is not known whether the platform knows us */
#define REG_SILENCE_MS 4000u            /* without an answer to REGISTER the server is named in a warning */
#define REG_EXPIRES_MAX 864000u         /* what a 423 may raise us to */

#define REG_REDIRECT_MIN_S 60u          /* a redirection holds at least so long */
#define REG_REDIRECTS_MAX 4u            /* 302 after 302 */
#define REG_BOUNCES_MAX 3u              /* failures of redirected-to servers that are tried again soon */

/* What a registrar's last challenge that we answered was like. */
struct reg_seen {
    char server_id[GBID_SIZE];          /* "": nothing answered yet */
    enum hash_alg alg;
    char realm[64];                     /* cut to fit */
};

enum reg_failure {
    REG_FAIL_TRANSPORT,                 /* no answer */
    REG_FAIL_PASSING,                   /* one that says "not now": the link works */
    REG_FAIL_AUTH,                      /* refused */
};

struct registration {
    uint64_t deadline_ms;               /* of the present state: retry, refresh, or end of stopping */
    char call_id[UA_CALL_ID_SIZE], from_tag[24];
    uint32_t cseq;
    bool in_flight;
    uint64_t sent_ms;                   /* the last REGISTER */
    bool heard;                         /* a provisional answer came */
    bool silence_told;                  /* and nothing was answered since */
    bool signed_now;                    /* it carried Authorization */
    bool leaving;                       /* it was Expires 0 */
    unsigned answers;                   /* digest answers of this cycle */
    bool raised;                        /* a 423 was obeyed in this cycle */
    char nonce[DIGEST_VALUE_MAX + 1];   /* the one answered last in this cycle */
    struct reg_seen seen[2];            /* of the configured server, of the one redirected to */
    bool warned_alg, warned_realm;      /* once in a life */
    bool unchallenged;                  /* the last success needed no credentials */
    uint32_t asked_s, granted_s;
    uint64_t expires_ms;                /* when the binding ends */
    uint64_t doubt_ms;                  /* it is in doubt: calls stay until then, or the answer to REGISTER; 0: it is not.
                                         * ONLINE by silence (registration_doubt), else by a connection that broke */
    unsigned transport_failures, auth_failures, silent;
    bool want_link, fresh_port;
    unsigned redirects, bounced;        /* 302 in a row; failures of servers redirected to, since the last success */
    struct addr contact;                /* in the last REGISTER */
    bool readdressing;                  /* a keepalive follows the answer */
    uint64_t readdressed_ms;            /* last re-registration for a changed address; 0 never */
    uint32_t successes;
};

void registration_init(struct agent *a);
void registration_tick(struct agent *a, const struct gb_time *now);
uint64_t registration_deadline(const struct agent *a);

void registration_link_up(struct agent *a, const struct gb_time *now);      /* a->ua.link and addresses are new */
void registration_link_lost(struct agent *a, const char *why, const struct gb_time *now);
/* While ONLINE over TCP another connection took the place of the one in use: registration_link_up follows. */
void registration_replaced(struct agent *a, const char *why, const struct gb_time *now);
/* Final answer to a REGISTER; s NULL: timeout. */
void registration_done(struct agent *a, unsigned status, const struct sip_scan *s, const struct gb_time *now);
/* The binding is worth nothing any more (keepalives): offline, then REGISTER anew under a new Call-ID. */
void registration_lost(struct agent *a, const char *why, const struct gb_time *now);
/* Nothing is heard of the platform: REGISTER anew, under a new Call-ID. Calls and subscriptions stay until it is answered,
 * for `ms` at most; then registration_lost. */
void registration_doubt(struct agent *a, const char *why, unsigned ms, const struct gb_time *now);
bool registration_doubted(const struct agent *a);
/* The address platforms reach us at has changed: REGISTER with the new Contact, no sooner than REG_ADDRESS_GAP_MS. */
void registration_readdress(struct agent *a, const struct gb_time *now);
/* Reload: start over under a new Call-ID without going offline. */
void registration_renew(struct agent *a, const struct gb_time *now);
void registration_relink(struct agent *a, const char *why, const struct gb_time *now);  /* other server: offline, LINK_WANTED */
void registration_retry_now(struct agent *a, const struct gb_time *now);    /* the network changed */
void registration_keepalive_ok(struct agent *a);
void registration_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now);
void registration_check_stopped(struct agent *a, const struct gb_time *now);
/* Requests are served: online, or an INVITE right behind our last REGISTER (SRS's overtakes the 200). */
bool registration_serves(const struct agent *a, bool invite, const struct gb_time *now);

/* ---- between registration.c and registration_link.c ---- */
void registration_begin(struct agent *a, const struct gb_time *now);        /* LINK_WANTED, or registration_start */
void registration_start(struct agent *a, const struct gb_time *now);        /* the first REGISTER of a cycle */
void registration_refresh(struct agent *a, const struct gb_time *now);
void registration_failed(struct agent *a, enum reg_failure kind, const struct gb_time *now);
void registration_send_leave(struct agent *a, const struct gb_time *now);
void registration_new_identity(struct agent *a);        /* Call-ID, tag and CSeq of a new binding */

/* ---- registration_peer.c: what answers say of whom to speak with ---- */
struct auth_answer;
/* A challenge that is being answered: a warning, once each, when it is weaker than the registrar's last or of another
 * realm, for that is what somebody in its place would send. */
void registration_compare(struct agent *a, const struct auth_answer *answer);
void registration_learn_edition(struct agent *a, const struct sip_scan *s);     /* X-GB-Ver */
void registration_redirect(struct agent *a, const struct sip_scan *s, const struct gb_time *now);    /* 301, 302 */
/* Its time is over and no call runs, so that nothing is cut: the redirecting server is asked anew. */
bool registration_redirect_over(const struct agent *a, uint64_t now_ms);
/* Back to the configured server; false: it was in use. Does not ask for the link. */
bool registration_redirect_end(struct agent *a);
/* false: a name that a platform elsewhere redirected to turned out to be ourselves or our link. */
bool registration_may_use(const struct agent *a, const struct addr *server);
/* Whose back-off a failure is charged to: the server redirected to is given up soon, but not for ever so. */
enum reg_failure registration_bounced(struct agent *a, enum reg_failure kind);

/* When to refresh a binding of that many seconds, in ms from the answer. */
uint64_t registration_refresh_ms(uint32_t granted_s);

#endif
