/* SPDX-License-Identifier: MIT */
/* How agent and mux are built; seen by the parts of core that make up an agent, and by nobody else. */
#ifndef AGENT_AGENT_IMPL_H
#define AGENT_AGENT_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "agent/agent_priv.h"
#include "agent/alarm.h"
#include "agent/call.h"
#include "agent/call_parting.h"
#include "agent/keepalive.h"
#include "agent/notifier.h"
#include "agent/pager.h"
#include "agent/registration.h"
#include "agent/router.h"
#include "agent/subscription.h"
#include "sip/client_tx.h"
#include "sip/message.h"
#include "sip/scan.h"
#include "sip/server_tx.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"
#include "util/rng.h"

#define MUX_SCRATCH 16384u              /* the largest message we compose */
#define AGENT_KEY_LEN 10u               /* hex digits that name an agent in branches, tags and Call-IDs */
#define SIP_COOKIE "z9hG4bK"
#define AGENT_DROPPED_GAP_MS 1000u
#define AGENT_PACKETS_MAX 512u          /* waiting for the shell */
#define AGENT_EVENTS_MAX 512u

struct mux {
    struct rng rng;
    uint64_t secret[2];
    struct hash by_key, by_user, calls, by_source;
    struct heap due;
    struct list agents, ready;
    struct list by_prefix;              /* the agents that accept further prefixes (allow) */
    size_t nagents;
    uint32_t next_call, next_token;
    uint64_t strangers;
    char scratch[MUX_SCRATCH];          /* the last member: not cleared */
};

/* Where a request came from and its responses go. */
struct sip_origin {
    uint32_t link;
    struct addr from;
    bool reliable;                      /* TCP */
    const char *data;                   /* the whole message */
    size_t len;
    bool unclear;                       /* several agents have a call of its Call-ID, and nothing says whose is meant */
};

struct agent_packet_node {
    struct list node;
    struct agent_packet packet;
    char data[];
};

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

/* One ID that requests may be addressed to. */
struct agent_user {
    struct hash_node node;
    struct agent *agent;
    char id[GBID_SIZE];
};

/* One address that requests are accepted from: the agents with it as server. Lives while it has any. */
struct mux_source {
    struct hash_node node;
    struct list agents;                 /* of struct agent_source */
    uint8_t key[17];                    /* family, address */
};

struct agent_source {
    struct list node;
    struct agent *agent;
    struct mux_source *source;          /* NULL: not in use */
};

#define AGENT_SOURCES_MAX (AGENT_SERVER_ADDRS_MAX + 1u)

struct agent {
    struct mux *mux;
    struct list all, ready;             /* of the mux */
    struct heap_node due;
    struct hash_node by_key;
    char key[AGENT_KEY_LEN + 1];
    struct agent_user *users;
    unsigned nusers;
    uint64_t users_layout;              /* device_layout they were made from */
    struct agent_source sources[AGENT_SOURCES_MAX];
    struct list by_prefix;
    struct agent_config cfg;            /* in force; see agent_put_in_force */
    struct {
        char server_id[GBID_SIZE];
        enum gb_edition edition;
        enum charset charset;
    } configured;                       /* what cfg had of these before a redirection or X-GB-Ver */
    bool peer_known;                    /* the platform told its edition (X-GB-Ver) */
    enum gb_edition peer_edition;
    struct device *dev;
    void *user;
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

    struct registration reg;
    struct keepalive keepalive;
    struct calls calls;
    struct partings partings;
    struct router router;
    struct pager pager;
    struct alarms alarms;
    struct subscriptions subscriptions;
    struct notifier notifier;
    struct client_txs client;
    struct server_txs served;

    struct list packets, events;
    unsigned npackets, nevents;
    struct agent_packet_node *out_packet;       /* handed out last */
    struct event_node *out_event;
    struct event_node *done_event;              /* LINK_DONE, made with the agent */
};

/* ---- agent.c ---- */
void agent_set_state(struct agent *a, enum agent_state s, const struct gb_time *now);
void agent_error(struct agent *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* After anything happened to it: its deadline in the heap. Called by the verbs (agent_verbs.c), mux_input and mux_tick
 * alone, so that nothing in between can forget it. */
void agent_settle(struct agent *a, const struct gb_time *now);
void agent_tick(struct agent *a, const struct gb_time *now);
/* Everything that lives by the registration goes; OFFLINE is told when it was ONLINE. */
void agent_go_offline(struct agent *a, const char *why, const struct gb_time *now);
/* As agent_go_offline, but the running calls stay until a->reg.doubt_ms. */
void agent_link_broke(struct agent *a, const char *why, const struct gb_time *now);
int agent_rebuild_users(struct agent *a);

/* What the verbs of agent/agent.h without a module of their own do. */
void agent_do_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server, unsigned nserver,
                      const struct gb_time *now);
void agent_do_link_failed(struct agent *a, const char *why, const struct gb_time *now);
void agent_do_device_changed(struct agent *a, const struct gb_time *now);

/* ---- agent_notice.c ---- */
int agent_do_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now);

/* ---- agent_config.c ---- */
int agent_do_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now);
void agent_do_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now);
void agent_take_config(struct agent *a, const struct agent_config *cfg);
/* After a change of redirection or of the platform's edition: server_id, edition, charset and domain in a->cfg. */
void agent_put_in_force(struct agent *a);

/* ---- agent_note.c ---- */
/* The Date and Note lines for a message of ours that is finished but for them; written to out. 0 or -errno. */
int agent_note_lines(const struct agent *a, const char *message, size_t len, struct buf *out, const struct gb_time *now);
/* false: a request without the right Note, which has been counted and logged. True when none is asked for. */
bool agent_note_ok(struct agent *a, const struct sip_scan *s, const struct gb_time *now);

/* ---- mux_source.c ---- */
/* After its server's addresses, the learnt one or the allowed prefixes changed. */
void agent_sources_update(struct agent *a);
void agent_sources_drop(struct agent *a);
/* The agents whose server has that address, one after the other: NULL begins, NULL ends. */
struct agent_source *mux_source_next(const struct mux *m, const struct addr *from, struct agent_source *prev);

/* ---- agent_queue.c ---- */
void agent_packet_push(struct agent *a, uint32_t link, const struct addr *to, const char *data, size_t len);
int agent_event_try(struct agent *a, const struct agent_event *ev);         /* -ENOMEM, -ENOBUFS */
void agent_event_append(struct agent *a, struct event_node *n, const struct agent_event *ev);   /* cannot fail */
void agent_queues_free(struct agent *a);

/* ---- agent_send.c ---- */
void agent_new_branch(struct agent *a, char out[SIP_BRANCH_MAX]);
void agent_new_tag(struct agent *a, char out[24]);
void agent_new_call_id(struct agent *a, char out[REG_CALL_ID_SIZE]);
struct addr agent_contact_addr(const struct agent *a);
struct addr agent_media_ip(const struct agent *a);
void agent_contact(const struct agent *a, const char *user, char out[160]);     /* "<sip:user@ip:port>" */
const struct addr *agent_server(const struct agent *a);                         /* where requests go */
/* Composes r (its via, branch, transport are filled in), starts the transaction. */
int agent_send_request(struct agent *a, struct sip_request *r, struct client_tx_new *tx, const struct gb_time *now);
/* Body bytes that keep this request within the transport's limit (1300 bytes on UDP, 8192 on TCP). */
size_t agent_request_room(struct agent *a, const struct sip_request *r);
/* Composes, keeps and sends a response; kept in the server transaction of s, which is made when there is none. */
void agent_respond(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, struct sip_response *r,
                   const struct gb_time *now);
void agent_refuse(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, unsigned status,
                  const struct gb_time *now);
void agent_client_send(void *user, const struct client_tx *t);

/* ---- agent_input.c ---- */
bool agent_accepts(const struct agent *a, uint32_t link, const struct addr *from, bool reliable);
/* A message of an accepted source that nobody answers: a debug line why, one in AGENT_DROPPED_GAP_MS. */
void agent_dropped(struct agent *a, const struct addr *from, const char *why, const struct gb_time *now);
void agent_input_request(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                         const struct gb_time *now);
void agent_input_response(struct agent *a, const struct sip_scan *s, const struct sip_origin *o,
                          const struct gb_time *now);
void agent_client_ended(struct agent *a, struct client_tx *t, const struct sip_scan *s, const struct gb_time *now);

#endif
