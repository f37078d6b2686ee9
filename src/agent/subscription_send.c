/* SPDX-License-Identifier: MIT */
/* NOTIFY inside the dialog of a subscription. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "manscdp/message.h"
#include "util/log.h"

/* The Contact when it is an address that requests are accepted from and says its port, else where the SUBSCRIBE came
 * from: a platform cannot make us send to strangers, and one behind address translation is still found. */
static struct addr destination(const struct subscription *x, const struct sip_scan *s)
{
    struct sip_party contact;
    struct addr addr = { 0 };
    struct span value;

    if (x->reliable || sip_scan_header(s, "Record-Route", 0, &value) || !sip_scan_header(s, "Contact", 0, &value))
        return x->peer;
    if (sip_party_parse(&contact, value) != 0 || contact.port == 0 || addr_parse_ip(&addr, contact.host) != 0)
        return x->peer;
    addr.port = contact.port;
    return ua_accepts_ip(x->set->ua, &addr) ? addr : x->peer;
}

/* CSeq rises within a dialog, which two subscriptions may share. */
static uint32_t next_cseq(const struct subscription *x)
{
    uint32_t last = 0;

    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        const struct subscription *other = x->set->slot[i];
        if (other && !strcmp(other->local_tag, x->local_tag) && other->cseq > last)
            last = other->cseq;
    }
    return last % 0x7fffffffu + 1;
}

/* What all NOTIFYs of a subscription have; the strings live as long as this. */
struct notify {
    struct sip_dialog_request d;
    struct sip_scan s;
    char contact[160], state[64];
};

static int prepare(const struct subscription *x, const char *state, struct notify *n)
{
    struct ua *u = x->set->ua;
    int ret = sip_scan(&n->s, x->message, x->len, x->reliable);

    if (!ret)
        ret = sip_dialog_request(&n->d, SIP_NOTIFY, &n->s, x->local_tag, u->cfg.server_id, &x->peer);
    if (ret)
        return ret;
    snprintf(n->state, sizeof(n->state), "%s", state);
    ua_contact(u, u->device_id, n->contact);
    n->d.r.contact = n->contact;
    n->d.r.event = span_of(x->event);
    n->d.r.subscription_state = n->state;
    n->d.r.content_type = MANSCDP_CONTENT_TYPE;
    n->d.r.cseq = next_cseq(x);
    return 0;
}

static void active_state(const struct subscription *x, const struct gb_time *now, char out[64])
{
    uint64_t left = x->expires_ms > now->mono_ms ? (x->expires_ms - now->mono_ms + 999) / 1000 : 0;

    snprintf(out, 64, "active;expires=%u", (unsigned)left);
}

size_t subscription_room(const struct subscription *x, const struct gb_time *now)
{
    struct notify n;
    char state[64];

    active_state(x, now, state);
    return prepare(x, state, &n) ? 0 : ua_request_room(x->set->ua, &n.d.r);
}

static int transmit(struct subscription *x, const char *state, uint32_t number, struct span body,
                    const struct gb_time *now)
{
    struct client_tx_new tx = { .kind = CLIENT_TX_NOTIFY, .ref = number, .link = x->set->ua->link };
    struct notify n;
    int ret = prepare(x, state, &n);

    if (ret)
        return ret;
    tx.to = destination(x, &n.s);
    n.d.r.body = body;
    ret = ua_send_request(x->set->ua, &n.d.r, &tx, now);
    if (!ret)
        x->cseq = n.d.r.cseq;
    return ret;
}

int subscription_notify(struct subscription *x, struct span body, const struct gb_time *now)
{
    struct subscriptions *set = x->set;
    uint32_t number = set->next_notify % UINT32_MAX + 1;
    char state[64];
    int ret;

    if (x->in_flight)
        return -EBUSY;
    active_state(x, now, state);
    ret = transmit(x, state, number, body, now);
    if (ret) {
        log_info("%s: a %s NOTIFY was not sent: %s", x->set->ua->cfg.name, subscribe_cmd_type(x->want.kind),
                 strerror(-ret));
        return ret;
    }
    set->next_notify = number;
    x->in_flight = number;
    x->greets = x->hello;
    x->hello = false;
    return 0;
}

void subscription_terminate(struct subscription *x, const char *reason, const struct gb_time *now)
{
    char state[64];

    snprintf(state, sizeof(state), "terminated;reason=%s", reason);
    (void)transmit(x, state, 0, (struct span){ 0 }, now);
}
