/* SPDX-License-Identifier: MIT */
#include "core/sip_server_tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

#define KEY_MAX 1024u

/* Parts are length-prefixed so that no two different requests share a key; overlong ones are told apart by their
 * first bytes, which hostile peers alone make collide, against themselves. */
static size_t make_key(char key[KEY_MAX], const struct sip_scan *s, enum sip_method method)
{
    const struct span parts[] = { s->call_id, s->from.tag, s->via.branch, s->method_name };
    struct buf b;

    buf_init(&b, key, KEY_MAX);
    buf_printf(&b, "%u %u", (unsigned)s->cseq, (unsigned)method);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
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
    list_init(&x->by_age);
    list_init(&x->resending);
    x->count = 0;
    return hash_init(&x->hash, secret);
}

static void drop(struct server_txs *x, struct server_tx *t)
{
    hash_remove(&x->hash, &t->node);
    list_remove(&t->age);
    list_remove(&t->resend);
    x->count--;
    free(t->response);
    free(t);
}

void server_txs_free(struct server_txs *x)
{
    list_each_safe(it, &x->by_age)
        drop(x, container_of(it, struct server_tx, age));
    hash_free(&x->hash);
}

struct server_tx *server_tx_find(const struct server_txs *x, const struct sip_scan *s)
{
    char key[KEY_MAX];
    size_t n = make_key(key, s, s->method);
    struct hash_node *node = hash_find(&x->hash, (struct span){ key, n });

    return node ? container_of(node, struct server_tx, node) : NULL;
}

static bool evict(struct server_txs *x)
{
    list_each(it, &x->by_age) {
        struct server_tx *t = container_of(it, struct server_tx, age);
        if (t->final) {
            drop(x, t);
            return true;
        }
    }
    return false;
}

struct server_tx *server_tx_add(struct server_txs *x, const struct sip_scan *s, uint64_t now_ms)
{
    char key[KEY_MAX];
    size_t n = make_key(key, s, s->method);
    struct server_tx *t;

    if (x->count >= SERVER_TX_MAX && !evict(x))
        return NULL;
    t = calloc(1, sizeof(*t) + n);
    if (!t)
        return NULL;
    memcpy(t->key, key, n);
    t->key_len = n;
    if (hash_insert(&x->hash, &t->node, (struct span){ t->key, n }) != 0) {
        free(t);
        return NULL;
    }
    t->method = s->method;
    t->expires_ms = now_ms + SERVER_TX_LIFE_MS;
    list_init(&t->resend);
    list_append(&x->by_age, &t->age);
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
    t->final = true;
    /* Its life starts anew with the final answer, so it also goes to the young end. */
    t->expires_ms = now_ms + SERVER_TX_LIFE_MS;
    list_remove(&t->age);
    list_append(&x->by_age, &t->age);
    list_remove(&t->resend);
    if (t->method == SIP_INVITE && status >= 300 && !t->reliable) {
        t->interval_ms = SIP_T1_MS;
        t->resend_at_ms = now_ms + SIP_T1_MS;
        list_append(&x->resending, &t->resend);
    }
    return 0;
}

void server_tx_ack(struct server_txs *x, const struct sip_scan *ack)
{
    /* Platforms send the ACK of a refusal with a branch of its own and with a To tag or none: the part of the key
     * that is the INVITE's own identity has to do. */
    char want[KEY_MAX];
    struct sip_scan s = { .call_id = ack->call_id, .cseq = ack->cseq, .method_name = SPAN_LIT("") };
    s.from.tag = ack->from.tag;
    size_t n = make_key(want, &s, SIP_INVITE);
    size_t same = n > 6 ? n - 6 : 0;    /* without " 0: 0:" of branch and method name */

    list_each_safe(it, &x->resending) {
        struct server_tx *t = container_of(it, struct server_tx, resend);
        if (t->key_len >= same && memcmp(t->key, want, same) == 0)
            list_remove(&t->resend);
    }
}

uint64_t server_txs_deadline(const struct server_txs *x)
{
    uint64_t when = UINT64_MAX;

    if (!list_empty(&x->by_age))
        when = container_of(list_first(&x->by_age), struct server_tx, age)->expires_ms;
    list_each(it, &x->resending) {
        struct server_tx *t = container_of(it, struct server_tx, resend);
        if (t->resend_at_ms < when)
            when = t->resend_at_ms;
    }
    return when;
}

struct server_tx *server_txs_due(struct server_txs *x, uint64_t now_ms)
{
    list_each_safe(it, &x->by_age) {
        struct server_tx *t = container_of(it, struct server_tx, age);
        if (t->expires_ms > now_ms)
            break;
        drop(x, t);
    }
    list_each(it, &x->resending) {
        struct server_tx *t = container_of(it, struct server_tx, resend);
        if (t->resend_at_ms > now_ms)
            continue;
        t->interval_ms = t->interval_ms * 2 < SIP_T2_MS ? t->interval_ms * 2 : SIP_T2_MS;
        t->resend_at_ms = now_ms + t->interval_ms;
        return t;
    }
    return NULL;
}
