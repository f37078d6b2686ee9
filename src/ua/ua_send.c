/* SPDX-License-Identifier: MIT */
/* Writes and sends requests through client transactions, responses through server transactions. */
#include "ua/ua.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manscdp/message.h"
#include "sip/auth.h"
#include "util/log.h"

#define UDP_MESSAGE_MAX 1300u /* RFC 3261 18.1.1 */
#define TCP_MESSAGE_MAX 8192u

static void new_branch(struct ua *u, char out[SIP_BRANCH_MAX])
{
    size_t n = sizeof(SIP_COOKIE) - 1;

    memcpy(out, SIP_COOKIE, n);
    memcpy(out + n, u->key, UA_KEY_LEN);
    rng_hex(&u->common->rng, out + n + UA_KEY_LEN, 20);
}

void ua_new_tag(struct ua *u, char out[24])
{
    memcpy(out, u->key, UA_KEY_LEN);
    rng_hex(&u->common->rng, out + UA_KEY_LEN, 12);
}

void ua_new_call_id(struct ua *u, char out[UA_CALL_ID_SIZE])
{
    memcpy(out, u->key, UA_KEY_LEN);
    rng_hex(&u->common->rng, out + UA_KEY_LEN, 20);
}

void ua_drop_requests(struct ua *u)
{
    list_each_safe(it, &u->client_txs.list)
        client_tx_drop(container_of(it, struct client_tx, node));
}

void ua_client_send(void *user, const struct client_tx *t)
{
    struct ua *u = user;

    ua_packet_push(u, t->link, &t->to, t->bytes, t->len);
}

int ua_send_request(struct ua *u, struct sip_request *r, struct client_tx_new *tx, const struct gb_time *now)
{
    char branch[SIP_BRANCH_MAX];
    struct buf out;

    if (tx->link == 0)
        return -ENETDOWN;
    new_branch(u, branch);
    r->branch = branch;
    r->via = &u->local;
    r->transport = u->cfg.transport;
    buf_init(&out, u->common->scratch, sizeof(u->common->scratch));
    sip_request_write(&out, r);
    if (u->cfg.note_digest != AGENT_NOTE_OFF && r->method != SIP_REGISTER && !out.overflow) {
        char lines[AUTH_NOTE_MAX];
        struct buf note;
        int err;

        buf_init(&note, lines, sizeof(lines));
        err = ua_note_lines(u, out.data, out.len, &note, now);
        if (err != 0)
            return err;
        r->extra = buf_view(&note);
        buf_init(&out, u->common->scratch, sizeof(u->common->scratch));
        sip_request_write(&out, r);
        r->extra = (struct span){ 0 };
    }
    if (out.overflow)
        return -ENOBUFS;
    tx->branch = branch;
    tx->reliable = u->cfg.transport == SIP_TCP;
    tx->cseq = r->cseq;
    tx->bytes = out.data;
    tx->len = out.len;
    return client_tx_start(&u->client_txs, tx, now->mono_ms, NULL);
}

size_t ua_request_room(struct ua *u, const struct sip_request *r)
{
    size_t whole = u->cfg.transport == SIP_TCP ? TCP_MESSAGE_MAX : UDP_MESSAGE_MAX;
    struct sip_request probe = *r;
    char branch[SIP_BRANCH_MAX];
    struct buf out;

    new_branch(u, branch);
    probe.branch = branch;
    probe.via = &u->local;
    probe.transport = u->cfg.transport;
    probe.body = SPAN_LIT("0123456789"); /* for Content-Type */
    buf_init(&out, u->common->scratch, sizeof(u->common->scratch));
    sip_request_write(&out, &probe);
    /* Content-Length has two digits here, up to five in the request. */
    size_t head = out.len - probe.body.n + 3;
    if (u->cfg.note_digest != AGENT_NOTE_OFF)
        head += AUTH_NOTE_MAX;
    return !out.overflow && head < whole ? whole - head : 0;
}

/* An out-of-dialog MESSAGE and the strings that it points into. */
struct message {
    struct sip_request r;
    char uri[192], from[224], to[200], call_id[UA_CALL_ID_SIZE], tag[24];
};

static void message_fill(struct ua *u, struct message *p, struct span body)
{
    memset(p, 0, sizeof(*p));
    ua_new_call_id(u, p->call_id);
    ua_new_tag(u, p->tag);
    snprintf(p->uri, sizeof(p->uri), "sip:%s@%s", u->cfg.server_id, u->domain);
    snprintf(p->from, sizeof(p->from), "<sip:%s@%s>;tag=%s", u->device_id, u->domain, p->tag);
    snprintf(p->to, sizeof(p->to), "<%s>", p->uri);
    p->r = (struct sip_request){
        .method = SIP_MESSAGE,
        .uri = span_of(p->uri),
        .from = span_of(p->from),
        .to = span_of(p->to),
        .call_id = span_of(p->call_id),
        .cseq = 1,
        .content_type = MANSCDP_CONTENT_TYPE,
        .body = body,
    };
}

int ua_send_message(struct ua *u, enum message_purpose purpose, uint32_t ref, struct span body,
                    const struct gb_time *now)
{
    struct client_tx_new tx = {
        .kind = CLIENT_TX_MESSAGE, .purpose = purpose, .ref = ref, .link = u->link, .to = *ua_server(u)
    };
    struct message p;

    if (u->state != AGENT_ONLINE)
        return -ENETDOWN;
    message_fill(u, &p, body);
    return ua_send_request(u, &p.r, &tx, now);
}

size_t ua_body_room(const struct ua *u)
{
    size_t whole = u->cfg.transport == SIP_TCP ? TCP_MESSAGE_MAX : UDP_MESSAGE_MAX;
    char host[ADDR_TEXT_MAX];

    addr_print(&u->local, host);
    /* The fixed text of a message_fill message, plus the parts that vary. */
    size_t head = sizeof("MESSAGE sip:@ SIP/2.0\r\nVia: SIP/2.0/UDP ;rport;branch=" SIP_COOKIE
                         "\r\nMax-Forwards: 70\r\nFrom: <sip:@>;tag=\r\nTo: <sip:@>\r\nCall-ID: \r\nCSeq: 1 MESSAGE\r\n"
                         "User-Agent: " SIP_USER_AGENT "\r\nContent-Type: " MANSCDP_CONTENT_TYPE
                         "\r\nContent-Length: 12345\r\n\r\n");
    head += 2 * strlen(u->cfg.server_id) + strlen(u->device_id) + 3 * strlen(u->domain) + strlen(host);
    head += UA_KEY_LEN + 20 + UA_KEY_LEN + 12 + UA_KEY_LEN + 20;
    if (u->cfg.note_digest != AGENT_NOTE_OFF)
        head += AUTH_NOTE_MAX;
    return head < whole ? whole - head : 0;
}

void ua_respond(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, struct sip_response *r,
                const struct gb_time *now)
{
    struct server_tx *t = server_tx_find(&u->server_txs, s);
    char tag[24];
    struct buf out;

    if (!t)
        t = server_tx_add(&u->server_txs, s, now->mono_ms);
    if (!r->to_tag && r->status > 100) {
        ua_new_tag(u, tag);
        r->to_tag = tag;
    }
    buf_init(&out, u->common->scratch, sizeof(u->common->scratch));
    sip_response_write(&out, r, s, &o->from);
    if (r->to_tag == tag)
        r->to_tag = NULL;
    if (out.overflow) {
        log_warn("%s: response-failed method=%s status=%u reason=\"headers of the request too large\"", u->cfg.name,
                 sip_method_name(s->method), r->status);
        return;
    }
    ua_packet_push(u, o->link, &o->from, out.data, out.len);
    if (t) {
        t->link = o->link;
        t->peer = o->from;
        t->reliable = o->reliable;
        server_tx_answered(&u->server_txs, t, r->status, out.data, out.len, now->mono_ms);
    }
}

void ua_refuse(struct ua *u, const struct sip_scan *s, const struct sip_origin *o, unsigned status,
               const struct gb_time *now)
{
    struct sip_response r = {
        .status = status,
        .allow = status == 405 || status == 501 ? UA_ALLOW : NULL,
        .accept = status == 415 ? UA_ACCEPT : NULL,
    };

    ua_respond(u, s, o, &r, now);
}
