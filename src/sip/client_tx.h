/* SPDX-License-Identifier: MIT */
/*
 * Non-INVITE client transactions (RFC 3261 17.1.2). libosip2 (sip/osip.h) handles retransmission and timeout, but never
 * sees text from the network: the bytes of a request are kept here and retransmitted unchanged; of a response, parsed
 * by sip_scan and matched by our branch, it only gets the status.
 */
#ifndef SIP_CLIENT_TX_H
#define SIP_CLIENT_TX_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/osip.h"
#include "sip/scan.h"
#include "util/addr.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"
#include "util/span.h"

#define CLIENT_TX_MAX  96u /* pending, per set */
#define SIP_BRANCH_MAX 48u

struct client_txs;

/* Selects who handles the outcome. */
enum client_tx_kind { CLIENT_TX_REGISTER, CLIENT_TX_MESSAGE, CLIENT_TX_BYE, CLIENT_TX_NOTIFY };

struct client_tx {
    struct list node;
    struct list ending; /* of ended, after a timeout */
    struct hash_node by_branch;
    struct heap_node due; /* its next timer */
    struct client_txs *owner;
    struct osip_machine machine;
    enum client_tx_kind kind;
    unsigned purpose; /* of a MESSAGE */
    uint32_t ref;
    uint64_t sent_ms;
    char branch[SIP_BRANCH_MAX];
    uint32_t cseq;
    uint32_t link;
    struct addr to;
    bool ended;      /* status is final */
    unsigned status; /* the final status; 0 timeout */
    size_t len;
    char *bytes;
};

/* Sends the bytes of t to t->to over t->link. */
typedef void client_tx_send_fn(void *user, const struct client_tx *t);

struct client_txs {
    struct osip *osip;
    struct list list, ended;
    struct hash by_branch;
    struct heap due;
    unsigned count;
    client_tx_send_fn *send;
    void *user;
};

int client_txs_init(struct client_txs *x, client_tx_send_fn *send, void *user); /* -ENOMEM */
void client_txs_free(struct client_txs *x);

struct client_tx_new {
    enum client_tx_kind kind;
    unsigned purpose;
    uint32_t ref;
    const char *branch;
    uint32_t cseq;
    uint32_t link;
    struct addr to;
    bool reliable; /* TCP: never retransmitted */
    const char *bytes;
    size_t len;
};

/* Copies the bytes and sends them. -ENOMEM; -ENOBUFS: CLIENT_TX_MAX are pending; -EINVAL: branch too long, or from
 * libosip2. out may be NULL. */
int client_tx_start(struct client_txs *x, const struct client_tx_new *n, uint64_t now_ms, struct client_tx **out);
/* The transaction of a response, by branch, CSeq number and method; NULL: none. */
struct client_tx *client_tx_match(const struct client_txs *x, const struct sip_scan *s);
/* true: the response is final and t has ended; the caller removes it from the set and drops it. */
bool client_tx_response(struct client_tx *t, unsigned status, uint64_t now_ms);
void client_tx_take(struct client_tx *t); /* out of the set: no longer found */
void client_tx_drop(struct client_tx *t); /* out of the set and freed */
/* Runs the timers. Then call client_tx_take_ended until NULL: it removes each transaction that timed out from the set
 * and returns it; the caller drops it. */
void client_txs_tick(struct client_txs *x, uint64_t now_ms);
struct client_tx *client_tx_take_ended(struct client_txs *x);
uint64_t client_txs_deadline(const struct client_txs *x);

#endif
