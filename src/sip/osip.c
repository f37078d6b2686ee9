/* SPDX-License-Identifier: MIT */
#include "sip/osip.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h> /* not included by osip.h, which needs it */
#include <time.h>

#include <osip2/osip.h>
#include <osip2/osip_time.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#define RETRY_MS 500u /* delay of a timer that had no memory */

/* ---- the clock of libosip2 --------------------------------------------------------------------- */

static uint64_t clock_ms; /* set before each run of libosip2 */

#ifdef GBAGENT_STATIC
int __wrap_osip_gettimeofday(struct timeval *tp, void *tz);
#define osip_gettimeofday __wrap_osip_gettimeofday
#endif

/* Interposed where libosip2 is a shared library, wrapped by the linker where it is an archive (Makefile). */
int osip_gettimeofday(struct timeval *tp, void *tz)
{
    (void)tz;
    tp->tv_sec = (time_t)(clock_ms / 1000);
    tp->tv_usec = (suseconds_t)(clock_ms % 1000 * 1000);
    return 0;
}

static uint64_t to_ms(const struct timeval *tv)
{
    return tv->tv_sec < 0 ? UINT64_MAX : (uint64_t)tv->tv_sec * 1000 + (uint64_t)(tv->tv_usec + 999) / 1000;
}

/* ---- the library ------------------------------------------------------------------------------- */

#ifdef GBAGENT_STATIC
/* osip_init fills a table of 64 KB for the parser, which we do not use. */
int __wrap_parser_init(void);
int __wrap_parser_init(void)
{
    return OSIP_SUCCESS;
}
#endif

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
    struct osip_machine *m = osip_transaction_get_your_instance(tr);

    (void)sip;
    (void)host;
    (void)port;
    (void)socket;
    if (m)
        m->send(m);
    return 0;
}

int osip_machines_new(struct osip **out)
{
    osip_t *osip = NULL;

    osip_trace_initialize_func(TRACE_LEVEL0, silent);
    if (osip_init(&osip) != 0)
        return -ENOMEM;
    osip_set_cb_send_message(osip, send_message);
    *out = osip;
    return 0;
}

void osip_machines_free(struct osip *o)
{
    osip_release(o);
}

/* ---- the skeleton of a request ----------------------------------------------------------------- */

/* Only what the state machine reads, filled in without libosip2's parser, which static programs leave out
 * (__wrap_parser_init). */
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

static bool set_ids(osip_message_t *m, const struct osip_machine_request *r)
{
    char cseq[16];

    snprintf(cseq, sizeof(cseq), "%u", (unsigned)r->cseq);
    if (osip_call_id_init(&m->call_id) != 0 || osip_cseq_init(&m->cseq) != 0)
        return false;
    m->call_id->number = osip_strdup(r->branch);
    m->cseq->number = osip_strdup(cseq);
    m->cseq->method = osip_strdup(r->method);
    return m->call_id->number && m->cseq->number && m->cseq->method;
}

static int make_skeleton(osip_message_t **out, const struct osip_machine_request *r)
{
    osip_message_t *m = NULL;

    if (osip_message_init(&m) != 0)
        return -ENOMEM;
    m->sip_method = osip_strdup(r->method);
    m->sip_version = osip_strdup("SIP/2.0");
    if (!m->sip_method || !m->sip_version || osip_uri_init(&m->req_uri) != 0 ||
        !(m->req_uri->scheme = osip_strdup("sip")) || !(m->req_uri->host = osip_strdup("b")) ||
        osip_from_init(&m->from) != 0 || !set_party(m->from) ||
        !set_param(&m->from->gen_params, "tag", osip_strdup("a")) || osip_to_init(&m->to) != 0 ||
        !set_party((osip_from_t *)m->to) || !set_via(m, r->branch, r->reliable) || !set_ids(m, r))
        goto fail;
    *out = m;
    return 0;
fail:
    osip_message_free(m);
    return -ENOMEM;
}

/* ---- a machine --------------------------------------------------------------------------------- */

static void run(struct osip_machine *m, osip_event_t *event, uint64_t now_ms)
{
    clock_ms = now_ms;
    event->transactionid = m->transaction->transactionid;
    osip_transaction_execute(m->transaction, event); /* frees it */
}

int osip_machine_start(struct osip_machine *m, struct osip *o, const struct osip_machine_request *r,
                       void (*send)(struct osip_machine *m), uint64_t now_ms)
{
    osip_message_t *request = NULL;
    osip_event_t *event;
    int err = make_skeleton(&request, r);

    if (err != 0)
        return err;
    m->send = send;
    clock_ms = now_ms;
    if (osip_transaction_init(&m->transaction, NICT, o, request) != 0) {
        osip_message_free(request);
        m->transaction = NULL;
        return -EINVAL;
    }
    osip_transaction_set_your_instance(m->transaction, m);
    /* Not by osip_new_outgoing_sipmessage, which would link the parser; the same in osip_machine_response. */
    event = calloc(1, sizeof(*event));
    if (!event) {
        osip_message_free(request);
        return -ENOMEM;
    }
    event->type = SND_REQUEST;
    event->sip = request;
    run(m, event, now_ms);
    return 0;
}

void osip_machine_end(struct osip_machine *m)
{
    if (!m->transaction)
        return;
    osip_transaction_set_your_instance(m->transaction, NULL);
    osip_transaction_free(m->transaction);
    m->transaction = NULL;
}

/* libosip2's own search for the next timer walks all transactions. Timer K is not needed: a transaction is removed on
 * its final response. */
uint64_t osip_machine_due(const struct osip_machine *m)
{
    const osip_nict_t *n = m->transaction->nict_context;
    uint64_t e = to_ms(&n->timer_e_start), f = to_ms(&n->timer_f_start);

    return e < f ? e : f;
}

bool osip_machine_tick(struct osip_machine *m, uint64_t now_ms, uint64_t *next)
{
    osip_event_t *event = calloc(1, sizeof(*event));
    uint64_t due;

    *next = now_ms + RETRY_MS;
    if (!event)
        return true;
    event->type = to_ms(&m->transaction->nict_context->timer_f_start) <= now_ms ? TIMEOUT_F : TIMEOUT_E;
    run(m, event, now_ms);
    if (m->transaction->state == NICT_TERMINATED)
        return false;
    due = osip_machine_due(m);
    *next = due > now_ms ? due : now_ms + 1;
    return true;
}

void osip_machine_response(struct osip_machine *m, unsigned status, uint64_t now_ms)
{
    osip_message_t *response = NULL;
    osip_event_t *event;

    if (osip_message_init(&response) != 0)
        return;
    osip_message_set_status_code(response, (int)status);
    event = calloc(1, sizeof(*event));
    if (!event) {
        osip_message_free(response);
        return;
    }
    event->type = status < 200 ? RCV_STATUS_1XX : status < 300 ? RCV_STATUS_2XX : RCV_STATUS_3456XX;
    event->sip = response;
    run(m, event, now_ms);
}
