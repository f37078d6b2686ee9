/* SPDX-License-Identifier: MIT */
/* Positions: the board is asked every interval, and its answer goes as NOTIFY. */
#include "agent/subscription_priv.h"

#include <errno.h>
#include <string.h>

#include "manscdp/position.h"

#define BODY_MAX 2048u
#define MOVED 0.005                     /* degrees, times, metres: what two decimals show */

/* ---- questions ----------------------------------------------------------------------------------- */

static uint64_t interval_ms(const struct subscription *x)
{
    bool head = x->want.kind == SUBSCRIBE_PTZ_POSITION;

    return head && !x->want.has_interval ? SUBSCRIPTION_HEAD_MS : (uint64_t)x->want.interval_s * 1000;
}

void subscription_hasten(struct subscription *x, const struct gb_time *now)
{
    x->ask_ms = now->mono_ms;
}

/* What the board is asked about: the item, "" = the device; the head is that of a channel. */
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

static int told(struct subscription *x, const struct board_geo *geo, const struct board_head *head,
                const struct gb_time *now);

void subscription_ask(struct subscription *x, const struct gb_time *now)
{
    struct subscriptions *set = x->set;
    struct agent_event ev = { .kind = AGENT_QUERY };

    if (x->want.kind != SUBSCRIBE_MOBILE_POSITION && x->want.kind != SUBSCRIBE_PTZ_POSITION)
        return;
    if (x->token && now->mono_ms >= x->token_ms) {
        x->token = 0;                   /* it has not said anything */
        (void)told(x, NULL, NULL, now);
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

/* ---- answers ------------------------------------------------------------------------------------- */

static int put_position(const struct subscription *x, const struct board_geo *geo, const struct gb_time *now,
                        struct buf *utf8)
{
    struct ua *u = x->set->ua;
    struct mobile_position p = { .device_id = subscription_device_id(x), .list = u->cfg.position_format == POSITION_LIST };

    if (geo)
        p.geo = *geo;
    else if (!device_place(u->dev, x->one_item ? x->want.device_id : "", &p.geo.longitude, &p.geo.latitude))
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
    ptz_position_notify(utf8, u->cfg.charset, ua_next_sn(u), subscription_device_id(x), head);
    return 0;
}

/* One at a time: while a NOTIFY waits for its answer the next position is not worth keeping. Without any position the
 * first NOTIFY has no body and later ones are left out, since platforms stumble over one without numbers. */
static int told(struct subscription *x, const struct board_geo *geo, const struct board_head *head,
                const struct gb_time *now)
{
    char utf8_mem[BODY_MAX], body_mem[BODY_MAX];
    struct buf utf8, body;
    int ret;

    if (x->in_flight || now->mono_ms < x->resume_ms)
        return 0;
    buf_init(&utf8, utf8_mem, sizeof(utf8_mem));
    buf_init(&body, body_mem, sizeof(body_mem));
    ret = x->want.kind == SUBSCRIBE_PTZ_POSITION ? put_head(x, head, &utf8) : put_position(x, geo, now, &utf8);
    if (x->want.kind == SUBSCRIBE_PTZ_POSITION && !head && x->ask_ms < now->mono_ms + SUBSCRIPTION_UNKNOWN_MS)
        x->ask_ms = now->mono_ms + SUBSCRIPTION_UNKNOWN_MS;
    if (ret == -ENODATA)
        return x->hello ? subscription_notify(x, (struct span){ 0 }, now) : 0;
    ret = manscdp_convert(x->set->ua->cfg.charset, &utf8, &body);
    if (!ret)
        ret = subscription_notify(x, buf_view(&body), now);
    if (!ret && head) {
        x->head = *head;
        x->head_known = true;
    }
    return ret;
}

int subscriptions_reply_geo(struct subscriptions *set, uint32_t token, const struct board_geo *geo, const struct gb_time *now)
{
    struct subscription *x = take_token(set, token);

    return x && x->want.kind == SUBSCRIBE_MOBILE_POSITION ? told(x, geo, NULL, now) : -ENOENT;
}

int subscriptions_reply_head(struct subscriptions *set, uint32_t token, const struct board_head *head, const struct gb_time *now)
{
    struct subscription *x = take_token(set, token);

    return x && x->want.kind == SUBSCRIBE_PTZ_POSITION ? told(x, NULL, head, now) : -ENOENT;
}
