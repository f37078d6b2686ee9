/* SPDX-License-Identifier: MIT */
#include "core/sip_client_tx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <osip2/osip.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "util/buf.h"

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

int client_txs_init(struct client_txs *x, client_tx_send_fn *send, void *user)
{
    osip_t *osip = NULL;

    list_init(&x->list);
    x->count = 0;
    x->send = send;
    x->user = user;
    x->osip = NULL;
    osip_trace_initialize_func(TRACE_LEVEL0, silent);
    if (osip_init(&osip) != 0)
        return -ENOMEM;
    osip_set_cb_send_message(osip, send_message);
    x->osip = osip;
    return 0;
}

void client_txs_free(struct client_txs *x)
{
    if (!x->osip)
        return;
    list_each_safe(it, &x->list)
        client_tx_drop(container_of(it, struct client_tx, node));
    osip_release(x->osip);
    x->osip = NULL;
}

void client_tx_drop(struct client_tx *t)
{
    if (!list_empty(&t->node)) {
        list_remove(&t->node);
        t->owner->count--;
    }
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

static int start_osip(struct client_tx *t, bool reliable)
{
    const char *method = sip_method_name(methods[t->kind]);
    osip_message_t *request = NULL;
    osip_event_t *event;
    char text[512];
    struct buf b;

    buf_init(&b, text, sizeof(text));
    buf_printf(&b, "%s sip:a@b SIP/2.0\r\nVia: SIP/2.0/%s b;branch=%s\r\nFrom: <sip:a@b>;tag=a\r\nTo: <sip:a@b>\r\n"
               "Call-ID: %s\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n", method, reliable ? "TCP" : "UDP", t->branch,
               t->branch, (unsigned)t->cseq, method);
    if (osip_message_init(&request) != 0)
        return -ENOMEM;
    if (osip_message_parse(request, b.data, b.len) != 0 ||
        osip_transaction_init(&t->osip, NICT, t->owner->osip, request) != 0) {
        osip_message_free(request);
        t->osip = NULL;
        return -EINVAL;
    }
    osip_transaction_set_your_instance(t->osip, t);
    event = osip_new_outgoing_sipmessage(request);
    if (!event) {
        osip_message_free(request);
        return -ENOMEM;
    }
    event->transactionid = t->osip->transactionid;
    osip_transaction_execute(t->osip, event);
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
    rc = start_osip(t, n->reliable);
    if (rc != 0)
        goto fail;
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
    list_each(it, &x->list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->cseq == s->cseq && methods[t->kind] == s->method && span_eq_str(s->via.branch, t->branch))
            return t;
    }
    return NULL;
}

bool client_tx_response(struct client_tx *t, unsigned status)
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
        event->transactionid = t->osip->transactionid;
        osip_transaction_execute(t->osip, event);
    }
    /* A final answer counts even when there was no memory to tell the machine. */
    if (status >= 200) {
        t->ended = true;
        t->status = status;
    }
    return t->ended;
}

void client_txs_tick(struct client_txs *x)
{
    if (x->count == 0)
        return;
    osip_timers_nict_execute(x->osip);
    osip_nict_execute(x->osip);
    list_each(it, &x->list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (!t->ended && t->osip->state == NICT_TERMINATED) {
            t->ended = true;
            t->status = 0;
        }
    }
}

struct client_tx *client_tx_take_ended(struct client_txs *x)
{
    list_each(it, &x->list) {
        struct client_tx *t = container_of(it, struct client_tx, node);
        if (t->ended) {
            list_remove(&t->node);
            x->count--;
            return t;
        }
    }
    return NULL;
}

uint64_t client_txs_deadline(const struct client_txs *x, uint64_t now_ms)
{
    struct timeval tv;

    if (x->count == 0)
        return UINT64_MAX;
    osip_timers_gettimeout(x->osip, &tv);
    if (tv.tv_sec < 0)
        return now_ms;
    /* Rounded up, or the timer would be found not yet due. */
    return now_ms + (uint64_t)tv.tv_sec * 1000 + (uint64_t)(tv.tv_usec + 999) / 1000;
}
