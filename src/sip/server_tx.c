/* SPDX-License-Identifier: MIT */
#include "sip/server_tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

#define KEY_MAX 1024u

/* Parts are length-prefixed, so that different requests have different keys. Overlong parts are truncated: a peer can
 * only make its own requests collide. *call: length of the part of the key that the ACK to an INVITE shares; the ACK to
 * a refusal often has another branch. */
static size_t make_key(char key[KEY_MAX], const struct sip_scan *s, enum sip_method method, size_t *call)
{
    const struct span parts[] = { s->call_id, s->from.tag, s->via.branch, s->method_name };
    struct buf b;

    buf_init(&b, key, KEY_MAX);
    buf_printf(&b, "%u %u", (unsigned)s->cseq, (unsigned)method);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (i == 2)
            *call = b.len;
        struct span p = parts[i];
        if (p.n > 230)
            p.n = 230;
        buf_printf(&b, " %zu:", parts[i].n);
        buf_span(&b, p);
    }
    return b.len;
}

int server_txs_init(struct server_txs *x, const uint64_t secret[2])
{
    memset(x, 0, sizeof(*x));
    list_init(&x->open);
    list_init(&x->final);
    heap_init(&x->due);
    x->unacked.secret[0] = secret[0]; /* allocated by the first refusal */
    x->unacked.secret[1] = secret[1];
    return hash_init(&x->hash, secret);
}

static void resend_stop(struct server_txs *x, struct server_tx *t)
{
    if (!t->due.pos)
        return;
    heap_remove(&x->due, &t->due);
    hash_remove(&x->unacked, &t->by_call);
}

/* Without memory, the response is repeated only when the platform retransmits its request. */
static void resend_start(struct server_txs *x, struct server_tx *t, uint64_t now_ms)
{
    t->interval_ms = SIP_T1_MS;
    if (hash_insert(&x->unacked, &t->by_call, (struct span){ t->key, t->call_len }) != 0)
        return;
    if (heap_set(&x->due, &t->due, now_ms + SIP_T1_MS) != 0)
        hash_remove(&x->unacked, &t->by_call);
}

static void drop(struct server_txs *x, struct server_tx *t)
{
    resend_stop(x, t);
    hash_remove(&x->hash, &t->node);
    list_remove(&t->age);
    x->count--;
    free(t->response);
    free(t);
}

void server_txs_free(struct server_txs *x)
{
    if (!x->hash.slot)
        return;
    list_each_safe(it, &x->open)
        drop(x, container_of(it, struct server_tx, age));
    list_each_safe(jt, &x->final)
        drop(x, container_of(jt, struct server_tx, age));
    hash_free(&x->hash);
    hash_free(&x->unacked);
    heap_free(&x->due);
}

struct server_tx *server_tx_find(const struct server_txs *x, const struct sip_scan *s)
{
    char key[KEY_MAX];
    size_t call, n = make_key(key, s, s->method, &call);
    struct hash_node *node = hash_find(&x->hash, (struct span){ key, n });

    return node ? container_of(node, struct server_tx, node) : NULL;
}

static bool evict(struct server_txs *x)
{
    struct list *oldest = list_first(&x->final);

    if (oldest)
        drop(x, container_of(oldest, struct server_tx, age));
    return oldest != NULL;
}

struct server_tx *server_tx_add(struct server_txs *x, const struct sip_scan *s, uint64_t now_ms)
{
    char key[KEY_MAX];
    size_t call, n = make_key(key, s, s->method, &call);
    struct server_tx *t;

    if (x->count >= SERVER_TX_MAX && !evict(x))
        return NULL;
    t = calloc(1, sizeof(*t) + n);
    if (!t)
        return NULL;
    memcpy(t->key, key, n);
    t->call_len = call;
    if (hash_insert(&x->hash, &t->node, (struct span){ t->key, n }) != 0) {
        free(t);
        return NULL;
    }
    t->method = s->method;
    t->expires_ms = now_ms + SERVER_TX_LIFE_MS;
    list_append(&x->open, &t->age);
    x->count++;
    return t;
}

int server_tx_answered(struct server_txs *x, struct server_tx *t, unsigned status, const char *data, size_t len,
                       uint64_t now_ms)
{
    char *copy = malloc(len > 0 ? len : 1);

    if (!copy) {
        drop(x, t);
        return -ENOMEM;
    }
    memcpy(copy, data, len);
    free(t->response);
    t->response = copy;
    t->response_len = len;
    if (status < 200)
        return 0;
    /* 32 s from the final response. */
    t->expires_ms = now_ms + SERVER_TX_LIFE_MS;
    list_remove(&t->age);
    list_append(&x->final, &t->age);
    resend_stop(x, t);
    if (t->method == SIP_INVITE && status >= 300 && !t->reliable)
        resend_start(x, t, now_ms);
    return 0;
}

bool server_tx_ack(struct server_txs *x, const struct sip_scan *ack)
{
    char key[KEY_MAX];
    struct hash_node *n, *next;
    bool found = false;
    size_t call;

    (void)make_key(key, ack, SIP_INVITE, &call);
    for (n = hash_find(&x->unacked, (struct span){ key, call }); n; n = next) {
        next = hash_find_next(n);
        resend_stop(x, container_of(n, struct server_tx, by_call));
        found = true;
    }
    return found;
}

static uint64_t oldest_expires(const struct list *head)
{
    return list_empty(head) ? UINT64_MAX : container_of(list_first(head), struct server_tx, age)->expires_ms;
}

uint64_t server_txs_deadline(const struct server_txs *x)
{
    const struct heap_node *top = heap_top(&x->due);
    uint64_t open = oldest_expires(&x->open), final = oldest_expires(&x->final), when = open < final ? open : final;

    return top && top->when < when ? top->when : when;
}

static void expire(struct server_txs *x, const struct list *head, uint64_t now_ms)
{
    while (oldest_expires(head) <= now_ms)
        drop(x, container_of(list_first(head), struct server_tx, age));
}

struct server_tx *server_txs_due(struct server_txs *x, uint64_t now_ms)
{
    struct heap_node *top;
    struct server_tx *t;

    expire(x, &x->open, now_ms);
    expire(x, &x->final, now_ms);
    top = heap_top(&x->due);
    if (!top || top->when > now_ms)
        return NULL;
    t = container_of(top, struct server_tx, due);
    t->interval_ms = t->interval_ms * 2 < SIP_T2_MS ? t->interval_ms * 2 : SIP_T2_MS;
    (void)heap_set(&x->due, &t->due, now_ms + t->interval_ms); /* already in the heap: cannot fail */
    return t;
}
