/* SPDX-License-Identifier: MIT */
/* Composing and sending: requests through client transactions, responses through server transactions. */
#include "agent/agent_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/auth.h"
#include "util/log.h"

#define UDP_MESSAGE_MAX 1300u           /* RFC 3261 18.1.1 */
#define TCP_MESSAGE_MAX 8192u
#define MANSCDP_TYPE "Application/MANSCDP+xml"

void agent_new_branch(struct agent *a, char out[SIP_BRANCH_MAX])
{
    size_t n = sizeof(SIP_COOKIE) - 1;

    memcpy(out, SIP_COOKIE, n);
    memcpy(out + n, a->key, AGENT_KEY_LEN);
    rng_hex(&a->mux->rng, out + n + AGENT_KEY_LEN, 20);
}

void agent_new_tag(struct agent *a, char out[24])
{
    memcpy(out, a->key, AGENT_KEY_LEN);
    rng_hex(&a->mux->rng, out + AGENT_KEY_LEN, 12);
}

void agent_new_call_id(struct agent *a, char out[REG_CALL_ID_SIZE])
{
    memcpy(out, a->key, AGENT_KEY_LEN);
    rng_hex(&a->mux->rng, out + AGENT_KEY_LEN, 20);
}

struct addr agent_contact_addr(const struct agent *a)
{
    struct addr addr = a->cfg.public_address;

    if (addr.family == ADDR_NONE)
        return a->public_address.family != ADDR_NONE ? a->public_address : a->local;
    if (addr.port == 0)
        addr.port = a->local.port;
    return addr;
}

struct addr agent_media_ip(const struct agent *a)
{
    struct addr addr = a->cfg.media_address.family != ADDR_NONE ? a->cfg.media_address : agent_contact_addr(a);

    addr.port = 0;
    return addr;
}

void agent_contact(const struct agent *a, const char *user, char out[160])
{
    struct addr addr = agent_contact_addr(a);
    char host[ADDR_TEXT_MAX];

    addr_print(&addr, host);
    snprintf(out, 160, "<sip:%s@%s>", user, host);
}

const struct addr *agent_server(const struct agent *a)
{
    return &a->server[0];
}

void agent_client_send(void *user, const struct client_tx *t)
{
    struct agent *a = user;

    agent_packet_push(a, t->link, &t->to, t->bytes, t->len);
}

int agent_send_request(struct agent *a, struct sip_request *r, struct client_tx_new *tx, const struct gb_time *now)
{
    char branch[SIP_BRANCH_MAX];
    struct buf out;

    if (tx->link == 0)
        return -ENETDOWN;
    agent_new_branch(a, branch);
    r->branch = branch;
    r->via = &a->local;
    r->transport = a->cfg.transport;
    buf_init(&out, a->mux->scratch, sizeof(a->mux->scratch));
    sip_request_write(&out, r);
    if (a->cfg.note_digest != AGENT_NOTE_OFF && r->method != SIP_REGISTER && !out.overflow) {
        char lines[AUTH_NOTE_MAX];
        struct buf note;
        int rc;

        buf_init(&note, lines, sizeof(lines));
        rc = agent_note_lines(a, out.data, out.len, &note, now);
        if (rc != 0)
            return rc;
        r->extra = buf_view(&note);
        buf_init(&out, a->mux->scratch, sizeof(a->mux->scratch));
        sip_request_write(&out, r);
        r->extra = (struct span){ 0 };
    }
    if (out.overflow)
        return -ENOBUFS;
    tx->branch = branch;
    tx->reliable = a->cfg.transport == SIP_TCP;
    tx->cseq = r->cseq;
    tx->bytes = out.data;
    tx->len = out.len;
    return client_tx_start(&a->client, tx, now->mono_ms, NULL);
}

size_t agent_request_room(struct agent *a, const struct sip_request *r)
{
    size_t whole = a->cfg.transport == SIP_TCP ? TCP_MESSAGE_MAX : UDP_MESSAGE_MAX;
    struct sip_request probe = *r;
    char branch[SIP_BRANCH_MAX];
    struct buf out;

    agent_new_branch(a, branch);
    probe.branch = branch;
    probe.via = &a->local;
    probe.transport = a->cfg.transport;
    probe.body = SPAN_LIT("0123456789");        /* so that Content-Type is there */
    buf_init(&out, a->mux->scratch, sizeof(a->mux->scratch));
    sip_request_write(&out, &probe);
    /* Content-Length says two digits here. */
    size_t head = out.len - probe.body.n + 3;
    if (a->cfg.note_digest != AGENT_NOTE_OFF)
        head += AUTH_NOTE_MAX;
    return !out.overflow && head < whole ? whole - head : 0;
}

/* The parts of an out-of-dialog MESSAGE whose values live as long as this. */
struct page {
    struct sip_request r;
    char uri[192], from[224], to[200], call_id[REG_CALL_ID_SIZE], tag[24];
};

static void page_make(struct agent *a, struct page *p, struct span body)
{
    memset(p, 0, sizeof(*p));
    agent_new_call_id(a, p->call_id);
    agent_new_tag(a, p->tag);
    snprintf(p->uri, sizeof(p->uri), "sip:%s@%s", a->cfg.server_id, a->domain);
    snprintf(p->from, sizeof(p->from), "<sip:%s@%s>;tag=%s", a->device_id, a->domain, p->tag);
    snprintf(p->to, sizeof(p->to), "<%s>", p->uri);
    p->r = (struct sip_request){
        .method = SIP_MESSAGE, .uri = span_of(p->uri), .from = span_of(p->from), .to = span_of(p->to),
        .call_id = span_of(p->call_id), .cseq = 1, .content_type = MANSCDP_TYPE, .body = body,
    };
}

int agent_send_message(struct agent *a, enum message_purpose purpose, uint32_t ref, struct span body,
                       const struct gb_time *now)
{
    struct client_tx_new tx = { .kind = CLIENT_TX_MESSAGE, .purpose = purpose, .ref = ref, .link = a->link,
                                .to = *agent_server(a) };
    struct page p;

    if (a->state != AGENT_ONLINE)
        return -ENETDOWN;
    page_make(a, &p, body);
    return agent_send_request(a, &p.r, &tx, now);
}

size_t agent_body_room(const struct agent *a)
{
    size_t whole = a->cfg.transport == SIP_TCP ? TCP_MESSAGE_MAX : UDP_MESSAGE_MAX;
    char host[ADDR_TEXT_MAX];

    addr_print(&a->local, host);
    /* The fixed text of what page_make writes, plus what varies. */
    size_t head = sizeof("MESSAGE sip:@ SIP/2.0\r\nVia: SIP/2.0/UDP ;rport;branch=" SIP_COOKIE
                         "\r\nMax-Forwards: 70\r\nFrom: <sip:@>;tag=\r\nTo: <sip:@>\r\nCall-ID: \r\nCSeq: 1 MESSAGE\r\n"
                         "User-Agent: " SIP_USER_AGENT "\r\nContent-Type: " MANSCDP_TYPE
                         "\r\nContent-Length: 12345\r\n\r\n");
    head += 2 * strlen(a->cfg.server_id) + strlen(a->device_id) + 3 * strlen(a->domain) + strlen(host);
    head += AGENT_KEY_LEN + 20 + AGENT_KEY_LEN + 12 + AGENT_KEY_LEN + 20;
    if (a->cfg.note_digest != AGENT_NOTE_OFF)
        head += AUTH_NOTE_MAX;
    return head < whole ? whole - head : 0;
}

void agent_respond(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, struct sip_response *r,
                   const struct gb_time *now)
{
    struct server_tx *t = server_tx_find(&a->served, s);
    char tag[24];
    struct buf out;

    if (!t)
        t = server_tx_add(&a->served, s, now->mono_ms);
    if (!r->to_tag && r->status > 100) {
        agent_new_tag(a, tag);
        r->to_tag = tag;
    }
    buf_init(&out, a->mux->scratch, sizeof(a->mux->scratch));
    sip_response_write(&out, r, s, &o->from);
    if (r->to_tag == tag)
        r->to_tag = NULL;
    if (out.overflow) {
        log_warn("%s: the headers of a request are too large to be answered", a->cfg.name);
        return;
    }
    agent_packet_push(a, o->link, &o->from, out.data, out.len);
    if (t) {
        t->link = o->link;
        t->peer = o->from;
        t->reliable = o->reliable;
        server_tx_answered(&a->served, t, r->status, out.data, out.len, now->mono_ms);
    }
}

void agent_refuse(struct agent *a, const struct sip_scan *s, const struct sip_origin *o, unsigned status,
                  const struct gb_time *now)
{
    struct sip_response r = { .status = status, .allow = status == 405 || status == 501 };

    if (status == 415)
        r.accept = true;
    agent_respond(a, s, o, &r, now);
}
