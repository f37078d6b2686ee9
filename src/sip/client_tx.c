/* SPDX-License-Identifier: MIT */
#include "sip/client_tx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the set -------------------------------------------------------------------------------- */

int client_txs_init(struct client_txs *x, client_tx_send_fn *send, void *user)
{
    static const uint64_t no_secret[2]; /* we choose the branches, so no peer can choose collisions */

    memset(x, 0, sizeof(*x));
    list_init(&x->list);
    list_init(&x->ended);
    heap_init(&x->due);
    x->send = send;
    x->user = user;
    if (hash_init(&x->by_branch, no_secret) != 0)
        return -ENOMEM;
    return osip_machines_new(&x->osip);
}

void client_txs_free(struct client_txs *x)
{
    if (x->osip) {
        list_each_safe(it, &x->list)
            client_tx_drop(container_of(it, struct client_tx, node));
        osip_machines_free(x->osip);
        x->osip = NULL;
    }
    hash_free(&x->by_branch);
    heap_free(&x->due);
}

void client_tx_take(struct client_tx *t)
{
    struct client_txs *x = t->owner;

    if (list_empty(&t->node))
        return;
    list_remove(&t->node);
    list_remove(&t->ending);
    hash_remove(&x->by_branch, &t->by_branch);
    heap_remove(&x->due, &t->due);
    x->count--;
}

void client_tx_drop(struct client_tx *t)
{
    client_tx_take(t);
    osip_machine_end(&t->machine);
    free(t->bytes);
    free(t);
}

static const enum sip_method methods[] = {
    [CLIENT_TX_REGISTER] = SIP_REGISTER,
    [CLIENT_TX_MESSAGE] = SIP_MESSAGE,
    [CLIENT_TX_BYE] = SIP_BYE,
    [CLIENT_TX_NOTIFY] = SIP_NOTIFY,
};

/* ---- timers ---------------------------------------------------------------------------- */

static void timer_due(struct client_tx *t, uint64_t now_ms)
{
    uint64_t next;

    if (osip_machine_tick(&t->machine, now_ms, &next)) {
        (void)heap_set(&t->owner->due, &t->due, next); /* already in the heap: cannot fail */
        return;
    }
    t->ended = true;
    t->status = 0;
    heap_remove(&t->owner->due, &t->due);
    list_append(&t->owner->ended, &t->ending);
}

void client_txs_tick(struct client_txs *x, uint64_t now_ms)
{
    struct heap_node *top;

    while ((top = heap_top(&x->due)) && top->when <= now_ms)
        timer_due(container_of(top, struct client_tx, due), now_ms);
}

struct client_tx *client_tx_take_ended(struct client_txs *x)
{
    struct list *first = list_first(&x->ended);
    struct client_tx *t = first ? container_of(first, struct client_tx, ending) : NULL;

    if (t)
        client_tx_take(t);
    return t;
}

uint64_t client_txs_deadline(const struct client_txs *x)
{
    const struct heap_node *top = heap_top(&x->due);

    return top ? top->when : UINT64_MAX;
}

/* ---- start and end --------------------------------------------------------------------- */

static void send_request(struct osip_machine *m)
{
    struct client_tx *t = container_of(m, struct client_tx, machine);

    t->owner->send(t->owner->user, t);
}

static int start_machine(struct client_tx *t, bool reliable, uint64_t now_ms)
{
    const struct osip_machine_request r = {
        .method = sip_method_name(methods[t->kind]),
        .branch = t->branch,
        .cseq = t->cseq,
        .reliable = reliable,
    };

    return osip_machine_start(&t->machine, t->owner->osip, &r, send_request, now_ms);
}

int client_tx_start(struct client_txs *x, const struct client_tx_new *n, uint64_t now_ms, struct client_tx **out)
{
    struct client_tx *t;
    int err;

    if (x->count >= CLIENT_TX_MAX)
        return -ENOBUFS;
    t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    list_init(&t->node);
    list_init(&t->ending);
    t->owner = x;
    t->kind = n->kind;
    t->purpose = n->purpose;
    t->ref = n->ref;
    t->cseq = n->cseq;
    t->link = n->link;
    t->to = n->to;
    t->sent_ms = now_ms;
    t->bytes = malloc(n->len + 1);
    if (!t->bytes || !span_copy(span_of(n->branch), t->branch, sizeof(t->branch))) {
        err = t->bytes ? -EINVAL : -ENOMEM;
        goto fail;
    }
    memcpy(t->bytes, n->bytes, n->len);
    t->bytes[n->len] = '\0';
    t->len = n->len;
    err = heap_reserve(&x->due, (size_t)x->count + 1);
    if (err == 0)
        err = hash_insert(&x->by_branch, &t->by_branch, span_of(t->branch));
    if (err != 0)
        goto fail;
    err = start_machine(t, n->reliable, now_ms);
    if (err != 0) {
        hash_remove(&x->by_branch, &t->by_branch);
        goto fail;
    }
    (void)heap_set(&x->due, &t->due, osip_machine_due(&t->machine)); /* reserved above */
    list_append(&x->list, &t->node);
    x->count++;
    if (out)
        *out = t;
    return 0;
fail:
    client_tx_drop(t);
    return err;
}

struct client_tx *client_tx_match(const struct client_txs *x, const struct sip_scan *s)
{
    for (struct hash_node *n = hash_find(&x->by_branch, s->via.branch); n; n = hash_find_next(n)) {
        struct client_tx *t = container_of(n, struct client_tx, by_branch);
        if (t->cseq == s->cseq && methods[t->kind] == s->method)
            return t;
    }
    return NULL;
}

bool client_tx_response(struct client_tx *t, unsigned status, uint64_t now_ms)
{
    osip_machine_response(&t->machine, status, now_ms);
    /* A final response counts even when libosip2 had no memory for it. */
    if (status >= 200) {
        t->ended = true;
        t->status = status;
        heap_remove(&t->owner->due, &t->due);
    } else {
        (void)heap_set(&t->owner->due, &t->due, osip_machine_due(&t->machine));
    }
    return t->ended;
}
