/* SPDX-License-Identifier: MIT */
/*
 * Server transactions, ours: libosip2's IST dies on sending a 2xx and its lists are linear. A hash keyed by Call-ID,
 * CSeq number, request-line method, From tag and branch keeps the bytes of the last response for 32 s, so that the same
 * request again gets the same answer again and does nothing else. Final responses other than 2xx to INVITE are
 * sent again (T1 doubling to T2) until their ACK; a 2xx is for its dialog to repeat (RFC 3261, 13.3.1.4).
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
#define SERVER_TX_MAX 256u              /* per set; past it the oldest final one goes */
#define SIP_T1_MS 500u
#define SIP_T2_MS 4000u

struct server_tx {
    struct hash_node node;
    struct list age;                    /* of open or final */
    struct hash_node by_call;           /* of unacked, while its refusal waits for an ACK */
    struct heap_node due;               /* when that is sent again */
    uint64_t expires_ms;
    uint32_t interval_ms;
    enum sip_method method;
    uint32_t link;                      /* where the request came from */
    struct addr peer;
    bool reliable;                      /* TCP: nothing is ever sent twice by a timer */
    char *response;
    size_t response_len;
    size_t call_len;                    /* bytes of the key that the ACK shares */
    char key[];
};

struct server_txs {
    struct hash hash, unacked;
    struct list open, final;            /* without a final answer, and with: oldest first */
    struct heap due;
    unsigned count;
};

int server_txs_init(struct server_txs *x, const uint64_t secret[2]);    /* -ENOMEM */
void server_txs_free(struct server_txs *x);

struct server_tx *server_tx_find(const struct server_txs *x, const struct sip_scan *s);
/* A new one without a response yet. NULL: no memory, or SERVER_TX_MAX unfinished ones. */
struct server_tx *server_tx_add(struct server_txs *x, const struct sip_scan *s, uint64_t now_ms);
/* Keeps a copy of the response. -ENOMEM: the transaction is gone from the table, a duplicate is then new. */
int server_tx_answered(struct server_txs *x, struct server_tx *t, unsigned status, const char *data, size_t len,
                       uint64_t now_ms);
/* An ACK: ends the sending again of what it acknowledges (same Call-ID, CSeq number, From tag); false: of nothing. */
bool server_tx_ack(struct server_txs *x, const struct sip_scan *ack);

uint64_t server_txs_deadline(const struct server_txs *x);
/* Drops what is older than 32 s; then the next one whose response is due again, or NULL. Call until NULL. */
struct server_tx *server_txs_due(struct server_txs *x, uint64_t now_ms);

#endif
