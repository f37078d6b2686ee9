/* SPDX-License-Identifier: MIT */
/*
 * The SIP user agent of one platform, the base of an agent's features: identity and addresses of both sides, the
 * effective config, the transactions, and the queues to the agent's owner. It does not know the features.
 *
 * A feature (registration, keepalive, calls, router, pager, alarms, subscriptions, notifier) holds a struct ua * and is
 * embedded by value in struct agent. Each has X_init(x, ua), X_free(x), X_offline(x) (drop everything pending),
 * X_tick(x, now) and X_deadline(x) (mono ms, UINT64_MAX none).
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

#define UA_SCRATCH        16384u /* the largest message we compose */
#define UA_KEY_LEN        10u    /* hex digits that identify an agent in branches, tags and Call-IDs */
#define UA_CALL_ID_SIZE   48
#define UA_PACKETS_MAX    512u /* queued for the owner */
#define UA_EVENTS_MAX     512u
#define UA_DROPPED_GAP_MS 1000u
#define SIP_COOKIE        "z9hG4bK"
#define UA_ALLOW          "INVITE, ACK, INFO, CANCEL, BYE, OPTIONS, MESSAGE, SUBSCRIBE"
#define UA_ACCEPT         "application/sdp, Application/MANSCDP+xml, Application/MANSRTSP"

/* The source of a request, and destination of its responses. */
struct sip_origin {
    uint32_t link;
    struct addr from;
    bool reliable;    /* TCP */
    const char *data; /* the whole message */
    size_t len;
    bool unclear; /* several agents have a call with its Call-ID and match equally well */
};

struct packet_node;

/* A queued event. Allocated in advance if queueing it must not fail. */
struct event_node {
    struct list node;
    struct agent_event ev;
    char why[96];
    char channel[GBID_SIZE];
    /* The target of the event's pointer, by its kind; allocated with the node. */
    union {
        max_align_t align;
        struct sdp_offer offer;
        struct gb_control control;
        struct gb_setting setting;
        struct board_record_query records;
    } payload[];
};

/* Shared by all user agents of a mux. */
struct ua_common {
    struct rng rng;
    uint64_t secret[2]; /* for hash tables */
    struct hash calls;  /* the calls of all user agents, by Call-ID */
    struct ua_sources sources;
    struct list ready; /* user agents that have packets or events */
    uint32_t next_call, next_token;
    char scratch[UA_SCRATCH]; /* the last member: not cleared */
};

struct ua {
    struct ua_common *common;
    struct list ready; /* of common */
    char key[UA_KEY_LEN + 1];
    struct ua_source sources[UA_SOURCES_MAX];
    struct list by_prefix;
    struct agent_config cfg; /* effective; see ua_update_effective_config */
    struct {
        char server_id[GBID_SIZE];
        enum gb_edition edition;
        enum charset charset;
    } configured;                  /* as configured, before a redirection or X-GB-Ver */
    char redirected_id[GBID_SIZE]; /* of the server in a 302; "" none */
    bool peer_known;               /* the platform sent X-GB-Ver, see peer_edition */
    enum gb_edition peer_edition;
    struct device *dev;
    char device_id[GBID_SIZE];
    char domain[128]; /* of our URIs */

    uint32_t link;                     /* 0 = none */
    struct addr local, public_address; /* public: learnt from responses, family 0 = unknown */
    struct addr server[AGENT_SERVER_ADDRS_MAX];
    unsigned nserver;
    struct addr learnt; /* source of the last 2xx to REGISTER */

    enum agent_state state;
    uint64_t since_ms;
    char last_error[96];
    uint64_t refused, unsigned_requests;
    uint64_t dropped_ms;         /* the last log line of ua_dropped; 0 none */
    unsigned dropped_suppressed; /* messages dropped without a line since */
    struct log_gate refusals;    /* limits the log lines about refused requests */
    uint32_t next_sn;
    int64_t platform_ms;     /* the last credible Date of a 200, received at mono platform_at_ms */
    uint64_t platform_at_ms; /* 0: none */

    struct client_txs client_txs;
    struct server_txs server_txs;

    struct list packets, events;
    unsigned npackets, nevents;
    struct packet_node *out_packet; /* returned last, still borrowed */
    struct event_node *out_event;
    struct event_node *done_event; /* LINK_DONE, allocated in advance */
};

/* ---- ua.c ---- */

/* Copies cfg, borrows common and dev. -ENOMEM; ua_free in either case. */
int ua_init(struct ua *u, struct ua_common *common, const struct agent_config *cfg, struct device *dev);
void ua_free(struct ua *u);
void ua_set_state(struct ua *u, enum agent_state s, const struct gb_time *now);
void ua_error(struct ua *u, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* last_error */
static inline bool ua_online(const struct ua *u)                                         /* registered */
{
    return u->state == AGENT_ONLINE;
}
void ua_set_config(struct ua *u, const struct agent_config *cfg); /* copies */
/* After a change of the redirection or the platform's edition: sets server_id, edition, charset and domain of u->cfg.
 * The edition is the older of the configured one and that of X-GB-Ver. */
void ua_update_effective_config(struct ua *u);
bool ua_is_platform(const struct ua *u, struct span id); /* its configured ID, or the one redirected to */
/* A new link, or new addresses of the link; server[0] is in use. Forgets a public address that can no longer be
 * valid. */
void ua_link_up(struct ua *u, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver);
void ua_link_drop(struct ua *u); /* also forgets its addresses */
/* Learns our public address from received and rport of our own Via (RFC 3581). true: it has changed. */
bool ua_learn_public(struct ua *u, const struct sip_scan *s);
void ua_learn_source(struct ua *u, const struct addr *from); /* of a 2xx to REGISTER */
uint32_t ua_next_sn(struct ua *u);                           /* of our requests; 1.. */
uint32_t ua_random(struct ua *u);                            /* unpredictable, from the mux's seed */
struct addr ua_contact_addr(const struct ua *u);
/* The media address for an answer's SDP. `local`: our media port, and the IP it sends from, unspecified if unknown. The
 * IP is media_address of the config, else that of `local` if media and signalling leave by different addresses, else
 * our public address. */
struct addr ua_media_addr(const struct ua *u, const struct addr *local);
void ua_contact(const struct ua *u, const char *user, char out[160]); /* "<sip:user@ip:port>" */
const struct addr *ua_server(const struct ua *u);                     /* destination of requests */
/* Are requests accepted from this address: the server's, or one in `allow`? */
bool ua_accepts_ip(const struct ua *u, const struct addr *from);
bool ua_accepts(const struct ua *u, uint32_t link, const struct addr *from, bool reliable); /* and from this port */
/* Call after a change of the server's addresses, the learnt one or the allowed prefixes. */
void ua_sources_update(struct ua *u);
/* A message of an accepted source is dropped: a debug line, at most one in UA_DROPPED_GAP_MS. */
void ua_dropped(struct ua *u, const struct addr *from, const char *why, const struct gb_time *now);

/* ---- ua_send.c ---- */

/* The content of our MESSAGE, which selects the feature that handles its outcome. MANSCDP's Notify is not SIP's NOTIFY,
 * which belongs to subscriptions. */
enum message_purpose {
    MESSAGE_KEEPALIVE,
    MESSAGE_RESPONSE,      /* a Response */
    MESSAGE_PAGE,          /* one message of a long Response */
    MESSAGE_ALARM,         /* Notify Alarm */
    MESSAGE_MEDIA_STATUS,  /* Notify MediaStatus, in the dialog of a call; ref: the call */
    MESSAGE_VIDEO_UPLOAD,  /* Notify VideoUploadNotify */
    MESSAGE_QUEUED_NOTIFY, /* a Notify that the notifier repeats until it is delivered */
};

/* Sends an out-of-dialog MESSAGE (new Call-ID, Content-Type Application/MANSCDP+xml) to the platform. Copies `body`,
 * which must be in the effective charset. `ref` is passed to *_message_done with the final SIP status, 0 on timeout, or
 * a negative errno if the link was lost; never before this returns. 0, -ENETDOWN (not registered, or no link), -ENOBUFS
 * (too large, or too many pending), -ENOMEM. */
int ua_send_message(struct ua *u, enum message_purpose purpose, uint32_t ref, struct span body,
                    const struct gb_time *now);
/* Body bytes that keep such a MESSAGE within the transport's limit: 1300 bytes on UDP, 8192 on TCP. */
size_t ua_body_room(const struct ua *u);
void ua_new_tag(struct ua *u, char out[24]);
void ua_new_call_id(struct ua *u, char out[UA_CALL_ID_SIZE]);
/* Fills in via, branch and transport of r, writes it and starts the transaction. */
int ua_send_request(struct ua *u, struct sip_request *r, struct client_tx_new *tx, const struct gb_time *now);
/* Body bytes that keep this request within the same limit. */
size_t ua_request_room(struct ua *u, const struct sip_request *r);
/* Writes and sends a response, and stores it in the server transaction of s, which is added if there is none. */
void ua_respond(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, struct sip_response *r,
                const struct gb_time *now);
/* Responds with that status, and the Allow or Accept that it requires. */
void ua_refuse(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, unsigned status,
               const struct gb_time *now);
void ua_drop_requests(struct ua *u);                        /* our pending ones, without an outcome */
void ua_client_send(void *user, const struct client_tx *t); /* of client_txs_init; user: the ua */

/* ---- ua_queue.c ---- */

void ua_packet_push(struct ua *u, uint32_t link, const struct addr *to, const char *data, size_t len);
/* Queues a deep copy. Without memory, or if the queue is full, the event is dropped and logged; a full queue still
 * accepts CALL_STOP and OFFLINE. */
void ua_event_push(struct ua *u, const struct agent_event *ev);
int ua_event_try(struct ua *u, const struct agent_event *ev);                           /* -ENOMEM, -ENOBUFS */
void ua_event_append(struct ua *u, struct event_node *n, const struct agent_event *ev); /* takes n; cannot fail */
bool ua_next_packet(struct ua *u, struct agent_packet *out);
bool ua_next_event(struct ua *u, struct agent_event *out);
struct ua *ua_ready(struct ua_common *common); /* a user agent that has packets or events; NULL none */
void ua_queues_free(struct ua *u);

/* ---- ua_note.c ---- */

/* Writes the Date and Note lines for our message, which must not have them yet. 0 or a negative errno. */
int ua_note_lines(const struct ua *u, const char *message, size_t len, struct buf *out, const struct gb_time *now);
/* false: a valid Note is required, but missing; counted and logged. */
bool ua_note_ok(struct ua *u, const struct sip_scan *s, const struct gb_time *now);

#endif
