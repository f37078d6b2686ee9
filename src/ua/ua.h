/* SPDX-License-Identifier: MIT */
/*
 * The link to one platform that the features of an agent stand on: who we are, who the platform is and where, the config
 * in force, what is sent, and what waits for the agent's owner. It knows no feature.
 *
 * A feature (registration, keepalive, calls, router, pager, alarms, subscriptions, notifier) holds a struct ua * and is
 * embedded by value in struct agent. Each has X_init(x, ua), X_free(x), X_offline(x) (drop everything pending: the link is
 * gone), X_tick(x, now) and X_deadline(x) (mono ms, UINT64_MAX none).
 */
#ifndef UA_UA_H
#define UA_UA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/device.h"
#include "sip/client_tx.h"
#include "sip/message.h"
#include "sip/scan.h"
#include "sip/server_tx.h"
#include "ua/config.h"
#include "ua/event.h"
#include "ua/ua_sources.h"
#include "util/addr.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/list.h"
#include "util/log.h"
#include "util/rng.h"
#include "util/span.h"
#include "util/walltime.h"

#define UA_SCRATCH 16384u               /* the largest message we compose */
#define UA_KEY_LEN 10u                  /* hex digits that name an agent in branches, tags and Call-IDs */
#define UA_CALL_ID_SIZE 48
#define UA_PACKETS_MAX 512u             /* waiting for the owner */
#define UA_EVENTS_MAX 512u
#define UA_DROPPED_GAP_MS 1000u
#define SIP_COOKIE "z9hG4bK"
#define UA_ALLOW "INVITE, ACK, INFO, CANCEL, BYE, OPTIONS, MESSAGE, SUBSCRIBE"
#define UA_ACCEPT "application/sdp, Application/MANSCDP+xml, Application/MANSRTSP"

/* Where a request came from and its responses go. */
struct sip_origin {
    uint32_t link;
    struct addr from;
    bool reliable;                      /* TCP */
    const char *data;                   /* the whole message */
    size_t len;
    bool unclear;                       /* several agents have a call of its Call-ID, and nothing says whose is meant */
};

struct packet_node;

/* An event that waits; who must not fail to tell one later makes its node in time. */
struct event_node {
    struct list node;
    struct agent_event ev;
    char why[96];
    char channel[GBID_SIZE];
    /* What the event points at, by its kind; made with the node. */
    union {
        max_align_t align;
        struct sdp_offer offer;
        struct gb_control control;
        struct gb_setting setting;
        struct board_record_query records;
    } payload[];
};

/* What all links of one mux share. */
struct ua_common {
    struct rng rng;
    uint64_t secret[2];                 /* of hash tables */
    struct hash calls;                  /* every call of every link, by Call-ID */
    struct ua_sources sources;
    struct list ready;                  /* links that have packets or events */
    uint32_t next_call, next_token;
    char scratch[UA_SCRATCH];           /* the last member: not cleared */
};

struct ua {
    struct ua_common *common;
    struct list ready;                  /* of common */
    char key[UA_KEY_LEN + 1];
    struct ua_source sources[UA_SOURCES_MAX];
    struct list by_prefix;
    struct agent_config cfg;            /* in force; see ua_update_effective_config */
    struct {
        char server_id[GBID_SIZE];
        enum gb_edition edition;
        enum charset charset;
    } configured;                       /* what cfg had of these before a redirection or X-GB-Ver */
    char redirected_id[GBID_SIZE];      /* of the server that a 302 named; "" none */
    bool peer_known;                    /* the platform told its edition (X-GB-Ver) */
    enum gb_edition peer_edition;
    struct device *dev;
    char device_id[GBID_SIZE];
    char domain[128];                   /* of our URIs */

    uint32_t link;                      /* 0 = none */
    struct addr local, public_address;  /* public: learnt from the responses, family 0 = not known */
    struct addr server[AGENT_SERVER_ADDRS_MAX];
    unsigned nserver;
    struct addr learnt;                 /* where the last REGISTER 2xx came from */

    enum agent_state state;
    uint64_t since_ms;
    char last_error[96];
    uint64_t refused, unsigned_requests;
    uint64_t dropped_ms;                /* the last line about a message that was not answered; 0 none */
    unsigned dropped_more;              /* without a line since */
    struct log_gate refusals;           /* lines about requests that are refused */
    uint32_t next_sn;
    int64_t platform_ms;                /* the Date of the last 200 that had a credible one, at mono platform_at_ms */
    uint64_t platform_at_ms;            /* 0: none */

    struct client_txs client;
    struct server_txs served;

    struct list packets, events;
    unsigned npackets, nevents;
    struct packet_node *out_packet;     /* handed out last */
    struct event_node *out_event;
    struct event_node *done_event;              /* LINK_DONE, made with the agent */
};

/* ---- ua.c ---- */

/* Copies cfg, borrows common and dev. -ENOMEM; ua_free in either case. */
int ua_init(struct ua *u, struct ua_common *common, const struct agent_config *cfg, struct device *dev);
void ua_free(struct ua *u);
void ua_set_state(struct ua *u, enum agent_state s, const struct gb_time *now);
void ua_error(struct ua *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));     /* last_error */
static inline bool ua_online(const struct ua *u)        /* registered, as the platform sees us */
{
    return u->state == AGENT_ONLINE;
}
void ua_take_config(struct ua *u, const struct agent_config *cfg);
/* After a change of redirection or of the platform's edition: server_id, edition, charset and domain in u->cfg. The edition
 * is the older of the configured one and the platform's X-GB-Ver. */
void ua_update_effective_config(struct ua *u);
bool ua_is_platform(const struct ua *u, struct span id);        /* its configured ID, or the one redirected to */
/* Another link, or other addresses of it: server[0] is in use. The public address that was learnt goes when it cannot be
 * right any more. */
void ua_link_up(struct ua *u, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver);
void ua_link_drop(struct ua *u);                                /* and all that is known of its addresses */
/* What received and rport of our own Via say of the address platforms see (RFC 3581). true: it is another one now. */
bool ua_learn_public(struct ua *u, const struct sip_scan *s);
void ua_learn_source(struct ua *u, const struct addr *from);    /* where a REGISTER's 2xx came from */
uint32_t ua_next_sn(struct ua *u);                              /* of requests that we start; 1.. */
uint32_t ua_random(struct ua *u);                               /* unpredictable, from the mux's seed */
struct addr ua_contact_addr(const struct ua *u);
/* Where media comes from, as an answer says it. `local`: its port here and the IP it leaves by, unspecified when that is not
 * known. The IP is the config's media_address, else that one where media leaves by another address than signalling does,
 * else the one platforms see us at. */
struct addr ua_media_addr(const struct ua *u, const struct addr *local);
void ua_contact(const struct ua *u, const char *user, char out[160]);       /* "<sip:user@ip:port>" */
const struct addr *ua_server(const struct ua *u);                           /* where requests go */
/* An address that requests are accepted from: the server's, or one that `allow` names. */
bool ua_accepts_ip(const struct ua *u, const struct addr *from);
bool ua_accepts(const struct ua *u, uint32_t link, const struct addr *from, bool reliable);
/* After its server's addresses, the learnt one or the allowed prefixes changed. */
void ua_sources_update(struct ua *u);
/* A message of an accepted source that nobody answers: a debug line why, one in UA_DROPPED_GAP_MS. */
void ua_dropped(struct ua *u, const struct addr *from, const char *why, const struct gb_time *now);

/* ---- ua_send.c ---- */

/* Who is told when an out-of-dialog MESSAGE of ours ends: to the ua a number, which the agent gets back. */
enum message_purpose { MESSAGE_KEEPALIVE, MESSAGE_RESPONSE, MESSAGE_PAGE, MESSAGE_ALARM, MESSAGE_NOTICE, MESSAGE_NOTIFY };

/* Out-of-dialog MESSAGE (fresh Call-ID, Content-Type Application/MANSCDP+xml) to the platform; `body` is copied and
 * already in the link's charset. `ref` comes back in *_message_done with the final SIP status, 0 for a timeout or a
 * negative errno when the link was lost; never from inside this call.
 * 0, -ENETDOWN (not registered, or no link), -ENOBUFS (too large, or too many under way), -ENOMEM. */
int ua_send_message(struct ua *u, enum message_purpose purpose, uint32_t ref, struct span body, const struct gb_time *now);
/* Body bytes that fit so that the whole SIP message stays within 1300 bytes (UDP) or 8192 (TCP). */
size_t ua_body_room(const struct ua *u);
void ua_new_tag(struct ua *u, char out[24]);
void ua_new_call_id(struct ua *u, char out[UA_CALL_ID_SIZE]);
/* Composes r (its via, branch, transport are filled in), starts the transaction. */
int ua_send_request(struct ua *u, struct sip_request *r, struct client_tx_new *tx, const struct gb_time *now);
/* Body bytes that keep this request within the transport's limit (1300 bytes on UDP, 8192 on TCP). */
size_t ua_request_room(struct ua *u, const struct sip_request *r);
/* Composes, keeps and sends a response; kept in the server transaction of s, which is made when there is none. */
void ua_respond(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, struct sip_response *r,
                const struct gb_time *now);
/* A response that is a status alone, with the Allow and Accept that some need. */
void ua_refuse(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, unsigned status,
               const struct gb_time *now);
void ua_drop_requests(struct ua *u);                            /* of ours; nobody is told */
void ua_client_send(void *user, const struct client_tx *t);     /* of client_txs_init; user: the ua */

/* ---- ua_queue.c ---- */

void ua_packet_push(struct ua *u, uint32_t link, const struct addr *to, const char *data, size_t len);
/* Queues a copy, strings included (why, channel; an offer too). A queue that is full or no memory drops it with a log
 * line; CALL_STOP and OFFLINE are never dropped for a full queue. */
void ua_event_push(struct ua *u, const struct agent_event *ev);
int ua_event_try(struct ua *u, const struct agent_event *ev);                       /* -ENOMEM, -ENOBUFS */
void ua_event_append(struct ua *u, struct event_node *n, const struct agent_event *ev);    /* cannot fail; takes n */
bool ua_next_packet(struct ua *u, struct agent_packet *out);
bool ua_next_event(struct ua *u, struct agent_event *out);
struct ua *ua_ready(struct ua_common *common);          /* one that has packets or events; NULL none */
void ua_queues_free(struct ua *u);

/* ---- ua_note.c ---- */

/* The Date and Note lines for a message of ours that is finished but for them; written to out. 0 or -errno. */
int ua_note_lines(const struct ua *u, const char *message, size_t len, struct buf *out, const struct gb_time *now);
/* false: a request without the right Note, which has been counted and logged. True when none is asked for. */
bool ua_note_ok(struct ua *u, const struct sip_scan *s, const struct gb_time *now);

#endif
