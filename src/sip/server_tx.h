/* SPDX-License-Identifier: MIT */
/*
 * Server transactions (RFC 3261 17.2). Not libosip2's, whose IST ends when a 2xx is sent and whose lists are linear. A
 * hash keyed by Call-ID, CSeq number, request-line method, From tag and branch stores the last response for 32 s, to be
 * sent again when the request is retransmitted. Final responses to INVITE other than 2xx are retransmitted (T1 doubling
 * up to T2) until their ACK; the dialog retransmits a 2xx (13.3.1.4).
 */
#ifndef SIP_SERVER_TX_H
#define SIP_SERVER_TX_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/scan.h"
#include "util/addr.h"
#include "util/hash.h"
#include "util/heap.h"
#include "util/list.h"

#define SERVER_TX_LIFE_MS 32000u
#define SERVER_TX_MAX     256u /* per set; then the oldest final one is dropped */
#define SIP_T1_MS         500u
#define SIP_T2_MS         4000u

struct server_tx {
    struct hash_node node;
    struct list age;          /* of open or final */
    struct hash_node by_call; /* of unacked, while its final response waits for an ACK */
    struct heap_node due;     /* when that is retransmitted */
    uint64_t expires_ms;
    uint32_t interval_ms;
    enum sip_method method;
    uint32_t link; /* of the request, with peer */
    struct addr peer;
    bool reliable; /* TCP: never retransmitted by a timer */
    char *response;
    size_t response_len;
    size_t call_len; /* bytes of the key shared by the ACK */
    char key[];
};

struct server_txs {
    struct hash hash, unacked;
    struct list open, final; /* without a final response, and with one; oldest first */
    struct heap due;
    unsigned count;
};

int server_txs_init(struct server_txs *x, const uint64_t secret[2]); /* -ENOMEM */
void server_txs_free(struct server_txs *x);

struct server_tx *server_tx_find(const struct server_txs *x, const struct sip_scan *s);
/* NULL: no memory, or SERVER_TX_MAX open ones. */
struct server_tx *server_tx_add(struct server_txs *x, const struct sip_scan *s, uint64_t now_ms);
/* Copies the response. -ENOMEM: t was dropped; a retransmission will look like a new request. */
int server_tx_answered(struct server_txs *x, struct server_tx *t, unsigned status, const char *data, size_t len,
                       uint64_t now_ms);
/* Stops the retransmission of the responses that the ACK acknowledges, by Call-ID, CSeq number and From tag. false:
 * none. */
bool server_tx_ack(struct server_txs *x, const struct sip_scan *ack);

uint64_t server_txs_deadline(const struct server_txs *x);
/* Drops expired transactions and returns one whose response is to be retransmitted. Call until NULL. */
struct server_tx *server_txs_due(struct server_txs *x, uint64_t now_ms);

#endif
