/* SPDX-License-Identifier: MIT */
/*
 * REGISTER: unauthenticated first, one digest answer per nonce, refresh, back-off, redirection, unregister. Owns the link's
 * state (enum agent_state). Back-off: W = min(max, base * 2^failures), the delay uniform in 50..100 % of it.
 *
 * It knows no other feature: what a step means for them is returned as struct reg_news, which the agent acts on at once.
 * `calls`: there are calls, whatever their state.
 */
#ifndef AGENT_REGISTRATION_H
#define AGENT_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/digest.h"
#include "ua/ua.h"

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

/* What a step means for the rest of the agent, in the order in which it is acted on. */
enum reg_fact {
    REG_DOUBTED = 1u << 0,              /* whether the platform knows us is in doubt; calls stay until that is known */
    REG_SURE = 1u << 1,                 /* it does */
    REG_CALLS_LOST = 1u << 2,           /* offline already, and those that had stayed have waited long enough */
    REG_HANGS_UP = 1u << 3,             /* it leaves that server, whose calls get a BYE ... */
    REG_UNSUBSCRIBES = 1u << 4,         /* ... and whose subscriptions a last NOTIFY */
    REG_OFFLINE = 1u << 5,              /* all that lives by the registration ends (why); registration_go_on is next */
    REG_BROKEN = 1u << 6,               /* the same, but for running calls */
    REG_ONLINE = 1u << 7,               /* registered: keepalives begin anew */
    REG_KEPT = 1u << 8,                 /* with the calls that had stayed */
    REG_READDRESSED = 1u << 9,          /* under another address: a keepalive goes from there at once */
};

struct reg_news {
    unsigned facts;                     /* of enum reg_fact; 0: go on */
    const char *why;                    /* OFFLINE, BROKEN; borrowed from the registration until its next step */
};

/* What registration_go_on does. */
enum reg_next {
    REG_NEXT_NOTHING,                   /* a link is on its way */
    REG_NEXT_WAIT,                      /* for wait_ms */
    REG_NEXT_REDIRECTED,                /* to the server of `redirect` */
    REG_NEXT_RELINK,                    /* at once, over another link */
};

/* The server that a 302 named. */
struct redirect {
    bool active;
    char id[GBID_SIZE], host[128];
    uint16_t port;
    uint64_t until_ms;                  /* it holds until then (RFC 3261 21.3.3); 0: as long as that server serves */
};

struct registration {
    struct ua *ua;
    uint64_t deadline_ms;               /* of the present state: retry, refresh, or end of stopping */
    enum reg_next next;
    uint64_t wait_ms;
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
    struct redirect redirect;
    unsigned redirects, bounced;        /* 302 in a row; failures of servers redirected to, since the last success */
    struct addr contact;                /* in the last REGISTER */
    bool readdressing;                  /* a keepalive follows the answer */
    uint64_t readdressed_ms;            /* last re-registration for a changed address; 0 never */
    uint32_t successes;
};

void registration_init(struct registration *g, struct ua *u);
/* A doubt that has lasted long enough. Then the rest of what is due. */
struct reg_news registration_doubt_tick(struct registration *g, const struct gb_time *now);
struct reg_news registration_tick(struct registration *g, bool calls, const struct gb_time *now);
uint64_t registration_deadline(const struct registration *g, bool calls);

/* After OFFLINE or BROKEN: nothing is in flight any more, OFFLINE is told when it was ONLINE. */
void registration_offline(struct registration *g, const char *why, const struct gb_time *now);
/* And when all the rest has ended: begins anew, now or after the back-off. */
void registration_go_on(struct registration *g, const struct gb_time *now);

/* Before the link is put in place: what it ends. server: the first of its addresses. */
struct reg_news registration_link_replaced(struct registration *g, uint32_t link, const struct addr *server, bool calls,
                                           const struct gb_time *now);
struct reg_news registration_link_up(struct registration *g, const struct gb_time *now);    /* ua_link_up is done */
/* ua->link is 0. why: NULL is fine. */
struct reg_news registration_link_lost(struct registration *g, const char *why, bool calls, const struct gb_time *now);

void registration_provisional(struct registration *g);          /* a provisional answer to a REGISTER */
/* Final answer to a REGISTER; s NULL: timeout. */
struct reg_news registration_done(struct registration *g, unsigned status, const struct sip_scan *s, bool calls,
                                  const struct gb_time *now);
/* The binding is worth nothing any more (keepalives): offline, then REGISTER anew under a new Call-ID. silent: over another
 * link. */
struct reg_news registration_lost(struct registration *g, const char *why, bool silent);
/* Nothing is heard of the platform: REGISTER anew, under a new Call-ID. Calls and subscriptions stay until it is answered,
 * for `ms` at most; then registration_lost. */
struct reg_news registration_doubt(struct registration *g, const char *why, unsigned ms, const struct gb_time *now);
struct reg_news registration_keepalive_ok(struct registration *g);
/* The address platforms reach us at has changed: REGISTER with the new Contact, no sooner than REG_ADDRESS_GAP_MS. */
void registration_readdress(struct registration *g, const struct gb_time *now);
/* Reload: start over under a new Call-ID without going offline. */
struct reg_news registration_renew(struct registration *g, const struct gb_time *now);
struct reg_news registration_relink(struct registration *g, const char *why);   /* other server: offline, LINK_WANTED */
void registration_expires_changed(struct registration *g);      /* from the next REGISTER on */
void registration_retry_now(struct registration *g, const struct gb_time *now);         /* the network changed */
/* All the rest has ended: REGISTER with Expires 0 when there is a binding, LINK_DONE at the deadline (mono ms) at the
 * latest. Again: another deadline. */
void registration_leave(struct registration *g, uint64_t deadline_ms, const struct gb_time *now);
void registration_check_stopped(struct registration *g, const struct gb_time *now);     /* a request of ours ended */
/* Requests are served: online, or an INVITE right behind our last REGISTER (SRS's overtakes the 200). */
bool registration_serves(const struct registration *g, bool invite, const struct gb_time *now);
/* false: a name that a platform elsewhere redirected to turned out to be ourselves or our link. */
bool registration_may_use(const struct registration *g, const struct addr *server);

/* When to refresh a binding of that many seconds, in ms from the answer. */
uint64_t registration_refresh_ms(uint32_t granted_s);

#endif
