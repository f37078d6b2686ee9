/* SPDX-License-Identifier: MIT */
#include "sip/client_tx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>           /* osip.h leaves it to others */
#include <time.h>

#include <osip2/osip.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "sip/clock.h"

#define SIP_TIMER_RETRY_MS 500u         /* a timer for which there was no memory */

static void silent(const char *file, int line, osip_trace_level_t level, const char *format, va_list ap)
{
    (void)file;
    (void)line;
    (void)level;
    (void)format;
    (void)ap;
}

static int send_message(osip_transaction_t *tr, osip_message_t *sip, char *host, int port, int socket)
{
    struct client_tx *t = osip_transaction_get_your_instance(tr);

    (void)sip;
    (void)host;
    (void)port;
    (void)socket;
    if (t)
        t->owner->send(t->owner->user, t);
    return 0;
}

#ifdef GBAGENT_STATIC
/* osip_init fills a table of 64 KB for the parser that we give nothing to. */
int __wrap_parser_init(void);
int __wrap_parser_init(void)
{
    return OSIP_SUCCESS;
}
#endif

int client_txs_init(struct client_txs *x, client_tx_send_fn *send, void *user)
{
    static const uint64_t no_secret[2];         /* branches are our own: nobody can choose collisions */
    osip_t *osip = NULL;

    memset(x, 0, sizeof(*x));
    list_init(&x->list);
    list_init(&x->ended);
    heap_init(&x->due);
    x->send = send;
    x->user = user;
    if (hash_init(&x->by_branch, no_secret) != 0)
        return -ENOMEM;
    osip_trace_initialize_func(TRACE_LEVEL0, silent);
    if (osip_init(&osip) != 0)
        return -ENOMEM;
    osip_set_cb_send_message(osip, send_message);
    x->osip = osip;
    return 0;
}

void client_txs_free(struct client_txs *x)
{
    if (x->osip) {
        list_each_safe(it, &x->list)
            client_tx_drop(container_of(it, struct client_tx, node));
        osip_release(x->osip);
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
    if (t->osip) {
        osip_transaction_set_your_instance(t->osip, NULL);
        osip_transaction_free(t->osip);
    }
    free(t->bytes);
    free(t);
}

static const enum sip_method methods[] = {
    [CLIENT_TX_REGISTER] = SIP_REGISTER, [CLIENT_TX_MESSAGE] = SIP_MESSAGE, [CLIENT_TX_BYE] = SIP_BYE,
    [CLIENT_TX_NOTIFY] = SIP_NOTIFY,
};

/* ---- timers ---------------------------------------------------------------------------- */

static uint64_t to_ms(const struct timeval *tv)
{
    return tv->tv_sec < 0 ? UINT64_MAX : (uint64_t)tv->tv_sec * 1000 + (uint64_t)(tv->tv_usec + 999) / 1000;
}

/* Timers E and F: libosip2 says when; its own search for the next one would walk all transactions. After a final
 * response there is no K to wait for: we take the transaction away. */
static uint64_t next_timer(const struct client_tx *t)
{
    const osip_nict_t *n = t->osip->nict_context;
    uint64_t e = to_ms(&n->timer_e_start), f = to_ms(&n->timer_f_start);

    return e < f ? e : f;
}

static void run_machine(struct client_tx *t, osip_event_t *event, uint64_t now_ms)
{
    sip_clock_set(now_ms);
    event->transactionid = t->osip->transactionid;
    osip_transaction_execute(t->osip, event);           /* frees it */
}

static void timer_due(struct client_tx *t, uint64_t now_ms)
{
    osip_event_t *event = calloc(1, sizeof(*event));
    uint64_t next = now_ms + SIP_TIMER_RETRY_MS;

    if (event) {
        event->type = to_ms(&t->osip->nict_context->timer_f_start) <= now_ms ? TIMEOUT_F : TIMEOUT_E;
        run_machine(t, event, now_ms);
        if (t->osip->state == NICT_TERMINATED) {
            t->ended = true;
            t->status = 0;
            heap_remove(&t->owner->due, &t->due);
            list_append(&t->owner->ended, &t->ending);
            return;
        }
        next = next_timer(t) > now_ms ? next_timer(t) : now_ms + 1;
    }
    (void)heap_set(&t->owner->due, &t->due, next);      /* it is in: cannot fail */
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

/* Of the request no more than what the machine reads, filled in without a parser of libosip2, which static programs leave
 * out (__wrap_parser_init). */
static bool set_party(osip_from_t *party)
{
    return party && osip_uri_init(&party->url) == 0 && (party->url->scheme = osip_strdup("sip")) != NULL &&
           (party->url->host = osip_strdup("b")) != NULL;
}

/* Takes value. */
static bool set_param(osip_list_t *params, const char *name, char *value)
{
    char *key = osip_strdup(name);

    if (key && value && osip_generic_param_add(params, key, value) == 0)
        return true;
    osip_free(key);
    osip_free(value);
    return false;
}

static bool set_via(osip_message_t *m, const char *branch, bool reliable)
{
    osip_via_t *via;

    if (osip_via_init(&via) != 0)
        return false;
    if (osip_list_add(&m->vias, via, 0) < 0) {
        osip_via_free(via);
        return false;
    }
    via->version = osip_strdup("2.0");
    via->protocol = osip_strdup(reliable ? "TCP" : "UDP");
    via->host = osip_strdup("b");
    return via->version && via->protocol && via->host && set_param(&via->via_params, "branch", osip_strdup(branch));
}

static bool set_ids(osip_message_t *m, const struct client_tx *t, const char *method)
{
    char cseq[16];

    snprintf(cseq, sizeof(cseq), "%u", (unsigned)t->cseq);
    if (osip_call_id_init(&m->call_id) != 0 || osip_cseq_init(&m->cseq) != 0)
        return false;
    m->call_id->number = osip_strdup(t->branch);
    m->cseq->number = osip_strdup(cseq);
    m->cseq->method = osip_strdup(method);
    return m->call_id->number && m->cseq->number && m->cseq->method;
}

static int make_skeleton(osip_message_t **out, const struct client_tx *t, bool reliable)
{
    const char *method = sip_method_name(methods[t->kind]);
    osip_message_t *m = NULL;

    if (osip_message_init(&m) != 0)
        return -ENOMEM;
    m->sip_method = osip_strdup(method);
    m->sip_version = osip_strdup("SIP/2.0");
    if (!m->sip_method || !m->sip_version || osip_uri_init(&m->req_uri) != 0 ||
        !(m->req_uri->scheme = osip_strdup("sip")) || !(m->req_uri->host = osip_strdup("b")) ||
        osip_from_init(&m->from) != 0 || !set_party(m->from) ||
        !set_param(&m->from->gen_params, "tag", osip_strdup("a")) || osip_to_init(&m->to) != 0 ||
        !set_party((osip_from_t *)m->to) || !set_via(m, t->branch, reliable) || !set_ids(m, t, method))
        goto fail;
    *out = m;
    return 0;
fail:
    osip_message_free(m);
    return -ENOMEM;
}

static int start_osip(struct client_tx *t, bool reliable, uint64_t now_ms)
{
    osip_message_t *request = NULL;
    osip_event_t *event;
    int rc = make_skeleton(&request, t, reliable);

    if (rc != 0)
        return rc;
    sip_clock_set(now_ms);
    if (osip_transaction_init(&t->osip, NICT, t->owner->osip, request) != 0) {
        osip_message_free(request);
        t->osip = NULL;
        return -EINVAL;
    }
    osip_transaction_set_your_instance(t->osip, t);
    /* Made by hand, as in client_tx_response: osip_new_outgoing_sipmessage brings the parser. */
    event = calloc(1, sizeof(*event));
    if (!event) {
        osip_message_free(request);
        return -ENOMEM;
    }
    event->type = SND_REQUEST;
    event->sip = request;
    run_machine(t, event, now_ms);
    return 0;
}

int client_tx_start(struct client_txs *x, const struct client_tx_new *n, uint64_t now_ms, struct client_tx **out)
{
    struct client_tx *t;
    int rc;

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
        rc = t->bytes ? -EINVAL : -ENOMEM;
        goto fail;
    }
    memcpy(t->bytes, n->bytes, n->len);
    t->bytes[n->len] = '\0';
    t->len = n->len;
    rc = heap_reserve(&x->due, (size_t)x->count + 1);
    if (rc == 0)
        rc = hash_insert(&x->by_branch, &t->by_branch, span_of(t->branch));
    if (rc != 0)
        goto fail;
    rc = start_osip(t, n->reliable, now_ms);
    if (rc != 0) {
        hash_remove(&x->by_branch, &t->by_branch);
        goto fail;
    }
    (void)heap_set(&x->due, &t->due, next_timer(t));    /* there is room */
    list_append(&x->list, &t->node);
    x->count++;
    if (out)
        *out = t;
    return 0;
fail:
    client_tx_drop(t);
    return rc;
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
    osip_message_t *response = NULL;
    osip_event_t *event = NULL;

    if (t->osip && osip_message_init(&response) == 0) {
        osip_message_set_status_code(response, (int)status);
        event = calloc(1, sizeof(*event));
        if (!event)
            osip_message_free(response);
    }
    if (event) {
        event->type = status < 200 ? RCV_STATUS_1XX : status < 300 ? RCV_STATUS_2XX : RCV_STATUS_3456XX;
        event->sip = response;
        run_machine(t, event, now_ms);
    }
    /* A final answer counts even when there was no memory to tell the machine. */
    if (status >= 200) {
        t->ended = true;
        t->status = status;
        heap_remove(&t->owner->due, &t->due);
    } else {
        (void)heap_set(&t->owner->due, &t->due, next_timer(t));
    }
    return t->ended;
}
