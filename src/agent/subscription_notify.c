/* SPDX-License-Identifier: MIT */
/* NOTIFY within the dialog of a subscription, and its contents: for Catalog, the net changes of a batch (an item added
 * and removed within it is not reported); for positions, the board's report once per interval. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/catalog_item.h"
#include "manscdp/position.h"
#include "util/log.h"

#define ITEM_MAX 4096u
#define HEAD_MAX 1024u
#define BODY_MAX 2048u /* of a position */
#define MOVED    0.005 /* degrees, zoom factor, metres: visible in two decimals */
#define NEVER    UINT64_MAX

/* ---- within the dialog ------------------------------------------------------------------------ */

/* The Contact if it has a port and an address from which requests are accepted, otherwise the source of the SUBSCRIBE.
 * So a platform cannot make us send to others, and a platform behind NAT is reached. */
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

/* CSeq increases within a dialog, which subscriptions may share. */
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

/* A NOTIFY and the strings that it points into. */
struct notify {
    struct sip_dialog_request d;
    struct sip_scan s;
    char contact[160], state[64];
};

static int prepare(const struct subscription *x, const char *state, struct notify *n)
{
    struct ua *u = x->set->ua;
    int err = sip_scan(&n->s, x->message, x->len, x->reliable);

    if (!err)
        err = sip_dialog_request(&n->d, SIP_NOTIFY, &n->s, x->local_tag, u->cfg.server_id, &x->peer);
    if (err)
        return err;
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

static size_t room_for_body(const struct subscription *x, const struct gb_time *now)
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
    int err = prepare(x, state, &n);

    if (err)
        return err;
    tx.to = destination(x, &n.s);
    n.d.r.body = body;
    err = ua_send_request(x->set->ua, &n.d.r, &tx, now);
    if (!err)
        x->cseq = n.d.r.cseq;
    return err;
}

int subscription_notify(struct subscription *x, struct span body, const struct gb_time *now)
{
    struct subscriptions *set = x->set;
    uint32_t number = set->next_notify % UINT32_MAX + 1;
    char state[64];
    int err;

    if (x->in_flight)
        return -EBUSY;
    active_state(x, now, state);
    err = transmit(x, state, number, body, now);
    if (err) {
        log_info("%s: subscription-notify-failed command=%s reason=\"%s\"", x->set->ua->cfg.name,
                 subscribe_cmd_type(x->want.kind), strerror(-err));
        return err;
    }
    set->next_notify = number;
    x->in_flight = number;
    x->initial_in_flight = x->initial_due;
    x->initial_due = false;
    return 0;
}

void subscription_terminate(struct subscription *x, const char *reason, const struct gb_time *now)
{
    char state[64];

    snprintf(state, sizeof(state), "terminated;reason=%s", reason);
    (void)transmit(x, state, 0, (struct span){ 0 }, now);
}

/* The DeviceID of the NOTIFYs: that of the subscription if it is an item's, else the device's. */
static const char *device_id(const struct subscription *x)
{
    return x->one_item ? x->want.device_id : x->set->ua->device_id;
}

/* ---- catalog: collecting changes -------------------------------------------------------------- */

static const char *const state_events[] = {
    [DEVICE_ITEM_ON] = "ON",
    [DEVICE_ITEM_VLOST] = "VLOST",
    [DEVICE_ITEM_DEFECT] = "DEFECT",
    [DEVICE_ITEM_OFF] = "OFF",
};

/* The net change of an item within a batch. */
struct net {
    char id_text[GBID_SIZE];
    bool before;  /* it existed when the batch began */
    bool changed; /* more than its state changed */
    bool has_state;
    enum device_item_state was; /* its state when the batch began, with has_state */
};

static struct net *net_of(struct net *net, unsigned *n, unsigned room, const char *id)
{
    for (unsigned i = 0; i < *n; i++)
        if (!strcmp(net[i].id_text, id))
            return &net[i];
    if (*n == room)
        return NULL;
    snprintf(net[*n].id_text, sizeof(net[*n].id_text), "%s", id);
    return &net[(*n)++];
}

static void net_add(struct net *e, bool fresh, const struct device_change *c)
{
    if (fresh)
        e->before = c->kind != DEVICE_CHANGE_ADD;
    if (c->kind != DEVICE_CHANGE_STATE)
        e->changed = true;
    if (c->kind == DEVICE_CHANGE_STATE && !e->has_state) {
        e->has_state = true;
        e->was = c->was;
    }
}

/* NULL: no net change. */
static const char *net_event(const struct device *d, const struct net *e)
{
    const struct device_item *item = device_item_find(d, span_of(e->id_text));

    if (!item)
        return e->before ? "DEL" : NULL;
    if (!e->before)
        return "ADD";
    if (e->changed)
        return "UPDATE";
    return e->has_state && e->was != item->state ? state_events[item->state] : NULL;
}

static void change_add(struct subscription *x, const char *id, const char *event)
{
    struct catalog_change *c = &x->change[x->nchanges];

    if (!event || !subscription_covers(x, id))
        return;
    snprintf(c->id, sizeof(c->id), "%s", id);
    c->event = event;
    x->nchanges++;
}

static int change_room(struct subscription *x, unsigned count)
{
    struct catalog_change *change = calloc(count ? count : 1, sizeof(*change));

    if (!change)
        return -ENOMEM;
    free(x->change);
    x->change = change;
    x->nchanges = x->next = x->sent = 0;
    return 0;
}

/* Every item, after the journal has overflowed. */
static int gather_all(struct subscription *x)
{
    const struct device *d = x->set->ua->dev;
    int err = change_room(x, device_item_count(d));

    for (unsigned i = 0; !err && i < device_item_count(d); i++)
        change_add(x, device_item_at(d, i)->cfg.id, "UPDATE");
    return err;
}

int subscription_catalog_initial(struct subscription *x)
{
    const struct device *d = x->set->ua->dev;
    int err = change_room(x, device_item_count(d));

    for (unsigned i = 0; !err && i < device_item_count(d); i++) {
        const struct device_item *item = device_item_at(d, i);
        change_add(x, item->cfg.id, item->state == DEVICE_ITEM_ON ? NULL : state_events[item->state]);
    }
    return err;
}

static int gather_net(struct subscription *x, struct net *net, unsigned room)
{
    const struct device *d = x->set->ua->dev;
    struct device_change c;
    unsigned n = 0;
    int got;

    while ((got = device_journal_next(d, &x->cursor, &c)) == 1) {
        unsigned known = n;
        struct net *e = net_of(net, &n, room, c.id);
        if (e)
            net_add(e, n > known, &c);
    }
    if (got == -EOVERFLOW)
        return gather_all(x);
    got = change_room(x, n);
    for (unsigned i = 0; !got && i < n; i++)
        change_add(x, net[i].id_text, net_event(d, &net[i]));
    return got;
}

static int catalog_gather(struct subscription *x)
{
    uint64_t behind = device_journal_end(x->set->ua->dev) - x->cursor, cursor = x->cursor;
    unsigned room = behind < DEVICE_JOURNAL_MAX ? (unsigned)behind : DEVICE_JOURNAL_MAX;
    struct net *net = calloc(room ? room : 1, sizeof(*net));
    int err;

    if (!net)
        return -ENOMEM;
    err = gather_net(x, net, room);
    if (err)
        x->cursor = cursor; /* for the next try */
    free(net);
    return err;
}

/* ---- catalog: sending ------------------------------------------------------------------------- */

/* Buffers for writing one NOTIFY. */
struct workspace {
    char scratch[ITEM_MAX], items[MANSCDP_BODY_MAX], body[MANSCDP_BODY_MAX + HEAD_MAX];
};

/* false: the item was removed meanwhile, a DEL will follow. */
static bool put_change(const struct subscription *x, const struct catalog_change *c, struct buf *utf8)
{
    const bool whole = !strcmp(c->event, "ADD") || !strcmp(c->event, "UPDATE");
    const struct device_item *item = device_item_find(x->set->ua->dev, span_of(c->id));
    struct catalog_item it;
    char code[CATALOG_CODE_SIZE];

    if (!whole) {
        catalog_event_put(utf8, c->id, c->event);
        return true;
    }
    if (!item)
        return false;
    catalog_item_of(x->set->ua->dev, item, &it, code);
    it.event = c->event;
    catalog_item_put(utf8, x->set->ua->cfg.edition, &it);
    return true;
}

/* Writes as many changes as fit, at least one. *num: items written; *taken: changes processed. */
static int put_changes(const struct subscription *x, size_t room, struct workspace *ws, struct buf *items,
                       unsigned *num, unsigned *taken)
{
    struct buf utf8;

    *num = *taken = 0;
    for (unsigned i = x->next; i < x->nchanges; i++, ++*taken) {
        size_t before = items->len;
        buf_init(&utf8, ws->scratch, sizeof(ws->scratch));
        if (!put_change(x, &x->change[i], &utf8))
            continue;
        int err = manscdp_convert(x->set->ua->cfg.charset, &utf8, items);
        if (*num && (err == -EMSGSIZE || items->len > room)) {
            items->len = before;
            items->overflow = false;
            break;
        }
        if (err)
            return err;
        ++*num;
    }
    return 0;
}

static int put_catalog_head(const struct subscription *x, unsigned num, struct workspace *ws, struct buf *body)
{
    enum charset cs = x->set->ua->cfg.charset;
    struct buf utf8;

    buf_init(&utf8, ws->scratch, sizeof(ws->scratch));
    catalog_notify_begin(&utf8, cs, x->set->ua->next_sn, device_id(x), num);
    return manscdp_convert(cs, &utf8, body);
}

static int send_changes(struct subscription *x, struct workspace *ws, const struct gb_time *now)
{
    size_t room = room_for_body(x, now);
    unsigned num, taken;
    struct buf items, body;
    int err;

    (void)ua_next_sn(x->set->ua);
    /* The head with the largest Num is the longest. */
    buf_init(&body, ws->body, sizeof(ws->body));
    err = put_catalog_head(x, x->nchanges, ws, &body);
    if (err)
        return err;
    catalog_notify_end(&body);
    room = room > body.len ? room - body.len : 0;
    buf_init(&items, ws->items, sizeof(ws->items));
    err = put_changes(x, room, ws, &items, &num, &taken);
    if (err)
        return err;
    if (!num) {
        x->next += taken;
        return 0;
    }
    buf_reset(&body);
    err = put_catalog_head(x, num, ws, &body);
    if (err)
        return err;
    buf_span(&body, buf_view(&items));
    catalog_notify_end(&body);
    if (body.overflow)
        return -EMSGSIZE;
    err = subscription_notify(x, buf_view(&body), now);
    if (!err)
        x->sent = taken;
    return err;
}

static int catalog_send(struct subscription *x, const struct gb_time *now)
{
    struct workspace *ws = malloc(sizeof(*ws));
    int err = ws ? send_changes(x, ws, now) : -ENOMEM;

    free(ws);
    if (err == -EMSGSIZE)
        x->next++; /* happens only if the headers alone fill a message */
    return err;
}

/* ---- positions: requests to the board --------------------------------------------------------- */

static uint64_t interval_ms(const struct subscription *x)
{
    bool head = x->want.kind == SUBSCRIBE_PTZ_POSITION;

    return head && !x->want.has_interval ? SUBSCRIPTION_HEAD_MS : (uint64_t)x->want.interval_s * 1000;
}

/* The ID to ask the board for: the item, "" = the device; a PTZ position is that of a channel. */
static const char *target(const struct subscription *x)
{
    const struct device_item *item;

    if (x->one_item)
        return x->want.device_id;
    if (x->want.kind != SUBSCRIBE_PTZ_POSITION)
        return "";
    item = device_channel_for(x->set->ua->dev, span_of(x->set->ua->device_id));
    return item ? item->cfg.id : "";
}

static int report(struct subscription *x, const struct board_geo *geo, const struct board_head *head,
                  const struct gb_time *now);

void subscription_ask(struct subscription *x, const struct gb_time *now)
{
    struct subscriptions *set = x->set;
    struct agent_event ev = { .kind = AGENT_QUERY };

    if (!subscription_is_position(x))
        return;
    if (x->token && now->mono_ms >= x->token_ms) {
        x->token = 0; /* no reply in time */
        (void)report(x, NULL, NULL, now);
    }
    if (x->token || now->mono_ms < x->ask_ms)
        return;
    x->ask_ms += interval_ms(x);
    if (x->ask_ms <= now->mono_ms)
        x->ask_ms = now->mono_ms + interval_ms(x);
    set->next_token = (set->next_token + 1) % SUBSCRIPTION_TOKEN;
    x->token = SUBSCRIPTION_TOKEN | set->next_token;
    x->token_ms = now->mono_ms + SUBSCRIPTION_ASK_MS;
    ev.token = x->token;
    ev.channel = target(x);
    ev.u.query.kind = x->want.kind == SUBSCRIBE_PTZ_POSITION ? AGENT_QUERY_HEAD : AGENT_QUERY_GEO;
    ua_event_push(x->set->ua, &ev);
}

static struct subscription *take_token(struct subscriptions *set, uint32_t token)
{
    for (unsigned i = 0; i < SUBSCRIPTIONS_MAX; i++) {
        struct subscription *x = set->slot[i];
        if (x && token && x->token == token) {
            x->token = 0;
            return x;
        }
    }
    return NULL;
}

/* ---- positions: replies ----------------------------------------------------------------------- */

static int put_position(const struct subscription *x, const struct board_geo *geo, const struct gb_time *now,
                        struct buf *utf8)
{
    struct ua *u = x->set->ua;
    struct mobile_position p = { .device_id = device_id(x), .list = u->cfg.position_format == POSITION_LIST };

    if (geo)
        p.geo = *geo;
    else if (!device_position(u->dev, x->one_item ? x->want.device_id : "", &p.geo.longitude, &p.geo.latitude))
        return -ENODATA;
    walltime_print(p.geo.unix_ms ? p.geo.unix_ms : now->unix_ms, now->utc_offset_s, p.time);
    mobile_position_notify(utf8, u->cfg.charset, ua_next_sn(u), &p);
    return 0;
}

static bool differs(double x, double y)
{
    return x - y > MOVED || y - x > MOVED;
}

static bool moved(const struct subscription *x, const struct board_head *h)
{
    const struct board_head *was = &x->head;

    return !x->head_known || differs(h->pan, was->pan) || differs(h->tilt, was->tilt) || differs(h->zoom, was->zoom) ||
           h->has_view != was->has_view || differs(h->horizontal_angle, was->horizontal_angle) ||
           differs(h->vertical_angle, was->vertical_angle) || differs(h->max_distance, was->max_distance);
}

static int put_head(struct subscription *x, const struct board_head *head, struct buf *utf8)
{
    struct ua *u = x->set->ua;

    if (!head || (!x->want.has_interval && !moved(x, head)))
        return -ENODATA;
    ptz_position_notify(utf8, u->cfg.charset, ua_next_sn(u), device_id(x), head);
    return 0;
}

/* Positions are dropped while a NOTIFY is in flight. If the position is unknown, the first NOTIFY has no body and later
 * ones are not sent, because platforms fail on a position without numbers. */
static int report(struct subscription *x, const struct board_geo *geo, const struct board_head *head,
                  const struct gb_time *now)
{
    char utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct buf utf8, body;
    int err;

    if (x->in_flight || now->mono_ms < x->resume_ms)
        return 0;
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    err = x->want.kind == SUBSCRIBE_PTZ_POSITION ? put_head(x, head, &utf8) : put_position(x, geo, now, &utf8);
    if (x->want.kind == SUBSCRIBE_PTZ_POSITION && !head && x->ask_ms < now->mono_ms + SUBSCRIPTION_UNKNOWN_MS)
        x->ask_ms = now->mono_ms + SUBSCRIPTION_UNKNOWN_MS;
    if (err == -ENODATA)
        return x->initial_due ? subscription_notify(x, (struct span){ 0 }, now) : 0;
    err = manscdp_convert(x->set->ua->cfg.charset, &utf8, &body);
    if (!err)
        err = subscription_notify(x, buf_view(&body), now);
    if (!err && head) {
        x->head = *head;
        x->head_known = true;
    }
    return err;
}

int subscriptions_reply_geo(struct subscriptions *set, uint32_t token, const struct board_geo *geo,
                            const struct gb_time *now)
{
    struct subscription *x = take_token(set, token);

    return x && x->want.kind == SUBSCRIBE_MOBILE_POSITION ? report(x, geo, NULL, now) : -ENOENT;
}

int subscriptions_reply_head(struct subscriptions *set, uint32_t token, const struct board_head *head,
                             const struct gb_time *now)
{
    struct subscription *x = take_token(set, token);

    return x && x->want.kind == SUBSCRIBE_PTZ_POSITION ? report(x, NULL, head, now) : -ENOENT;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static int catalog_send_due(struct subscription *x, const struct gb_time *now)
{
    int err = 0;

    if (x->next >= x->nchanges && x->batch_ms <= now->mono_ms) {
        err = catalog_gather(x);
        if (!err)
            x->batch_ms = NEVER;
    }
    return !err && x->next < x->nchanges ? catalog_send(x, now) : err;
}

void subscription_send_due(struct subscription *x, const struct gb_time *now)
{
    int err = 0;

    if (x->in_flight || now->mono_ms < x->resume_ms)
        return;
    if (x->want.kind == SUBSCRIBE_CATALOG)
        err = catalog_send_due(x, now);
    /* The initial NOTIFY of a position waits for the board. */
    if (!err && !x->in_flight && x->initial_due && !subscription_is_position(x))
        err = subscription_notify(x, (struct span){ 0 }, now);
    if (err)
        x->resume_ms = now->mono_ms + SUBSCRIPTION_RETRY_MS;
}
