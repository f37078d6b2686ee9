/* SPDX-License-Identifier: MIT */
/*
 * Registration at one platform (2016 and 2022 9.1): REGISTER without credentials first, one digest answer per nonce,
 * refresh, back-off, redirection, unregistration. Owns the user agent's state (enum agent_state). Back-off: W =
 * min(max, base * 2^failures), the delay uniform in 50..100 % of W.
 *
 * It does not know the other features: effects on them are returned as struct reg_effects, which the agent must apply
 * immediately. `calls`: there are calls, in any state.
 */
#ifndef AGENT_REGISTRATION_H
#define AGENT_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/digest.h"
#include "ua/ua.h"

#define REG_TRANSPORT_BASE_S 2u
#define REG_TRANSPORT_MAX_S  60u
#define REG_AUTH_BASE_S      120u /* a delay of at least one minute */
#define REG_AUTH_MAX_S       1800u
#define REG_SILENT_MAX       3u     /* timeouts until another local port is requested */
#define REG_TEMPORARY_MAX    3u     /* consecutive failures until an answering server is resolved again */
#define REG_ANSWERS_MAX      2u     /* digest answers in one cycle */
#define REG_ADDRESS_GAP_MS   10000u /* minimum between two re-registrations for a changed address */
#define REG_EARLY_INVITE_MS  2000u
#define REG_DOUBT_MS         10000u  /* for which calls are kept while the registration is in doubt */
#define REG_SILENCE_MS       4000u   /* without an answer to REGISTER until a warning */
#define REG_EXPIRES_MAX      864000u /* maximum that a 423 may raise Expires to */

#define REG_REDIRECT_MIN_S        60u /* minimum validity of a redirection */
#define REG_REDIRECTS_MAX         4u  /* consecutive 302s */
#define REG_REDIRECT_FAILURES_MAX 3u  /* failures of redirected-to servers with a short back-off */

/* The last challenge of a registrar that was answered. */
struct reg_seen {
    char server_id[GBID_SIZE]; /* "": none yet */
    enum hash_alg alg;
    char realm[64]; /* cut to fit */
};

/* Effects of a step on the rest of the agent, in the order in which they are applied. The registration is in doubt
 * while the platform may have lost it; calls stay until that is known. */
enum reg_effect {
    REG_DOUBTED = 1u << 0,     /* the registration is in doubt */
    REG_CONFIRMED = 1u << 1,   /* it is valid after all */
    REG_CALLS_LOST = 1u << 2,  /* already offline; calls that were kept end now */
    REG_HANG_UP = 1u << 3,     /* leaves the server: BYE for its calls ... */
    REG_UNSUBSCRIBE = 1u << 4, /* ... and a last NOTIFY for its subscriptions */
    REG_OFFLINE = 1u << 5,     /* ends all that needs the registration (why); then registration_continue */
    REG_LINK_BROKEN = 1u << 6, /* the same, except for running calls */
    REG_ONLINE = 1u << 7,      /* registered: keepalives start */
    REG_CALLS_KEPT = 1u << 8,  /* registered, with calls that were kept */
    REG_READDRESSED = 1u << 9, /* registered with a new address: sends a keepalive from there immediately */
};

struct reg_effects {
    unsigned flags;  /* of enum reg_effect; 0: none */
    const char *why; /* OFFLINE, BROKEN; borrowed from the registration until its next step */
};

/* What registration_continue does. */
enum reg_next {
    REG_NEXT_NOTHING,    /* the owner is opening a link */
    REG_NEXT_WAIT,       /* for wait_ms */
    REG_NEXT_REDIRECTED, /* to the server of `redirect` */
    REG_NEXT_RELINK,     /* immediately, over another link */
};

/* The server named in a 302. */
struct redirect {
    bool active;
    char id[GBID_SIZE], host[128];
    uint16_t port;
    uint64_t until_ms; /* valid until (RFC 3261 21.3.3); 0: until that server fails */
};

struct registration {
    struct ua *ua;
    uint64_t deadline_ms; /* of the present state: retry, refresh, or end of stopping */
    enum reg_next next;
    uint64_t wait_ms;
    char call_id[UA_CALL_ID_SIZE], from_tag[24];
    uint32_t cseq;
    bool in_flight;
    uint64_t sent_ms;                 /* the last REGISTER */
    bool provisional;                 /* it got a provisional response */
    bool silence_logged;              /* and no response since */
    bool authorized;                  /* it carried Authorization */
    bool unregistering;               /* it had Expires 0 */
    unsigned answers;                 /* digest answers in this cycle */
    bool expires_raised;              /* Expires was raised after a 423 in this cycle */
    char nonce[DIGEST_VALUE_MAX + 1]; /* answered last in this cycle */
    struct reg_seen seen[2];          /* of the configured server, of the one redirected to */
    bool warned_alg, warned_realm;    /* warned once */
    bool unchallenged;                /* the last success needed no credentials */
    uint32_t requested_s, granted_s;  /* Expires of our requests, of the last 200 */
    uint64_t expires_ms;              /* end of the binding */
    uint64_t doubt_ms;                /* in doubt until then, or the answer to REGISTER; 0: not in doubt. While ONLINE
                                         * after missed keepalives (registration_doubt), else after a lost connection */
    unsigned transport_failures, auth_failures, silent; /* consecutive; silent: timeouts */
    bool want_link, fresh_port;
    struct redirect redirect;
    unsigned redirects;         /* consecutive 302s */
    unsigned redirect_failures; /* of redirected-to servers, since the last success */
    struct addr contact;        /* in the last REGISTER */
    bool readdressing;          /* the 200 is followed by a keepalive */
    uint64_t readdressed_ms;    /* last re-registration for a changed address; 0 never */
    uint32_t successes;
};

void registration_init(struct registration *g, struct ua *u);
/* Ends a doubt that has lasted too long; call before registration_tick. */
struct reg_effects registration_doubt_tick(struct registration *g, const struct gb_time *now);
struct reg_effects registration_tick(struct registration *g, bool calls, const struct gb_time *now);
uint64_t registration_deadline(const struct registration *g, bool calls);

/* After REG_OFFLINE or REG_LINK_BROKEN: forgets the REGISTER in flight; if it was ONLINE, queues AGENT_OFFLINE. */
void registration_offline(struct registration *g, const char *why, const struct gb_time *now);
/* After that, and when everything else has ended: registers again, immediately or after the back-off. */
void registration_continue(struct registration *g, const struct gb_time *now);

/* Call before ua_link_up with a new link. server: the first of its addresses. */
struct reg_effects registration_link_replaced(struct registration *g, uint32_t link, const struct addr *server,
                                              bool calls, const struct gb_time *now);
struct reg_effects registration_link_up(struct registration *g, const struct gb_time *now); /* call after ua_link_up */
/* ua->link is 0. why: NULL is fine. */
struct reg_effects registration_link_lost(struct registration *g, const char *why, bool calls,
                                          const struct gb_time *now);

void registration_provisional(struct registration *g); /* a provisional response to REGISTER */
/* The final response to REGISTER; s NULL: timeout. */
struct reg_effects registration_done(struct registration *g, unsigned status, const struct sip_scan *s, bool calls,
                                     const struct gb_time *now);
/* Keepalives show that the binding is lost: offline, then REGISTER with a new Call-ID. silent: over a new link. */
struct reg_effects registration_lost(struct registration *g, const char *why, bool silent);
/* The platform does not respond: REGISTER with a new Call-ID. Calls and subscriptions stay until that is answered or
 * `ms` have passed; then registration_lost. */
struct reg_effects registration_doubt(struct registration *g, const char *why, unsigned ms, const struct gb_time *now);
struct reg_effects registration_keepalive_ok(struct registration *g);
/* Our public address has changed: REGISTER with the new Contact, at least REG_ADDRESS_GAP_MS after the last such
 * REGISTER. */
void registration_readdress(struct registration *g, const struct gb_time *now);
/* Reload: registers again with a new Call-ID without going offline. */
struct reg_effects registration_renew(struct registration *g, const struct gb_time *now);
struct reg_effects registration_relink(struct registration *g,
                                       const char *why);                        /* other server: offline, LINK_WANTED */
void registration_expires_changed(struct registration *g);                      /* for the next REGISTER */
void registration_retry_now(struct registration *g, const struct gb_time *now); /* the network changed */
/* When everything else has ended: REGISTER with Expires 0 if there is a binding, then LINK_DONE, no later than the
 * deadline (mono ms). Another call changes the deadline. */
void registration_unregister(struct registration *g, uint64_t deadline_ms, const struct gb_time *now);
void registration_check_stopped(struct registration *g,
                                const struct gb_time *now); /* call after each of our requests */
/* Are requests accepted? If online; an INVITE also shortly after our last REGISTER (SRS sends it before the 200). */
bool registration_accepts(const struct registration *g, bool invite, const struct gb_time *now);
/* false: a platform elsewhere redirected us to a name that resolves to a loopback or link-local address. */
bool registration_server_ok(const struct registration *g, const struct addr *server);

/* When to refresh a binding of that many seconds, in ms from the 200. */
uint64_t registration_refresh_ms(uint32_t granted_s);

#endif
