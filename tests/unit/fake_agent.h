/* SPDX-License-Identifier: MIT */
/* A fake of agent/agent.c that records the messages and events of router, pager and alarms. Included by one file of a
 * test program; the linker then leaves the real agent out. */
#ifndef TESTS_UNIT_FAKE_AGENT_H
#define TESTS_UNIT_FAKE_AGENT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/alarm.h"
#include "agent/alarm_input.h"
#include "agent/notifier.h"
#include "agent/pager.h"
#include "agent/router.h"
#include "agent/subscription.h"
#include "tests/unit/support.h"
#include "util/list.h"

#define FAKE_SENT_MAX 512
#define DEVICE_ID     "34020000001320000001"
#define SERVER_ID     "34020000002000000001"

struct fake_message {
    enum message_purpose purpose;
    uint32_t ref;
    size_t len;
    char body[MANSCDP_BODY_MAX + 2048];
};

struct agent {
    struct ua ua;
    struct router router;
    struct pager pager;
    struct alarm_inputs alarm_inputs;
    struct alarms alarms;
    struct subscriptions subscriptions;
    struct notifier notifier;
    size_t room;
    int send_error;
    unsigned subscribers; /* of alarms, a bit each */
    int notify_error;
    uint32_t sn;
    struct fake_message *sent;
    unsigned nsent, nevents;
    struct agent_event ev;     /* the last one */
    struct gb_control control; /* what it pointed at */
    struct gb_setting setting;
    struct board_record_query records;
    char channel[GBID_SIZE];
};

/* The NOTIFYs of fake subscriber n go into the same list, purpose FAKE_NOTIFY + n. */
#define FAKE_NOTIFY 100

static const struct gb_time fake_now
    __attribute__((unused)) = { .mono_ms = 1000000, .unix_ms = 1704067200000, .utc_offset_s = 28800 };

int ua_send_message(struct ua *u, enum message_purpose purpose, uint32_t ref, struct span body,
                    const struct gb_time *now)
{
    struct agent *a = container_of(u, struct agent, ua);

    (void)now;
    if (!ua_online(u))
        return -ENETDOWN;
    if (a->send_error)
        return a->send_error;
    assert_true(a->nsent < FAKE_SENT_MAX);
    struct fake_message *m = &a->sent[a->nsent++];
    assert_true(body.n < sizeof(m->body));
    m->purpose = purpose;
    m->ref = ref;
    m->len = body.n;
    memcpy(m->body, body.p, body.n);
    m->body[body.n] = '\0';
    return 0;
}

unsigned subscriptions_wanting_alarm(const struct subscriptions *set, const struct agent_alarm *al,
                                     const struct gb_time *now)
{
    const struct agent *a = container_of(set, struct agent, subscriptions);

    (void)al;
    (void)now;
    return a->subscribers;
}

int subscriptions_notify_alarm(struct subscriptions *set, unsigned slot, uint32_t ref, struct span body,
                               const struct gb_time *now)
{
    struct agent *a = container_of(set, struct agent, subscriptions);

    if (!(a->subscribers & (1u << slot)))
        return -ENOENT;
    return a->notify_error ? a->notify_error
                           : ua_send_message(&a->ua, (enum message_purpose)(FAKE_NOTIFY + slot), ref, body, now);
}

size_t ua_body_room(const struct ua *u)
{
    const struct agent *a = container_of(u, struct agent, ua);

    return a->room;
}

uint32_t ua_next_sn(struct ua *u)
{
    struct agent *a = container_of(u, struct agent, ua);

    return ++a->sn;
}

void ua_event_push(struct ua *u, const struct agent_event *ev)
{
    struct agent *a = container_of(u, struct agent, ua);

    a->ev = *ev;
    snprintf(a->channel, sizeof(a->channel), "%s", ev->channel ? ev->channel : "(null)");
    a->ev.channel = a->channel;
    if (ev->kind == AGENT_CONTROL) {
        a->control = *ev->u.control;
        a->ev.u.control = &a->control;
    }
    if (ev->kind == AGENT_CONFIG) {
        a->setting = *ev->u.setting;
        a->ev.u.setting = &a->setting;
    }
    if (ev->kind == AGENT_QUERY && ev->u.query.kind == AGENT_QUERY_RECORDS) {
        a->records = *ev->u.query.records;
        a->ev.u.query.records = &a->records;
    }
    a->nevents++;
}

bool ua_is_platform(const struct ua *u, struct span id)
{
    const struct agent *a = container_of(u, struct agent, ua);

    return span_eq_str(id, a->ua.cfg.server_id);
}

uint32_t ua_random(struct ua *u)
{
    struct agent *a = container_of(u, struct agent, ua);

    return ++a->sn;
}

/* The verbs of agent/agent_verbs.c that only call a module, without the deadline handling of the real ones. */

int agent_reply_status(struct agent *a, uint32_t token, const struct agent_status_reply *r, const struct gb_time *now)
{
    return router_reply_status(&a->router, token, r, now);
}

int agent_reply_storage(struct agent *a, uint32_t token, const struct board_card *card, unsigned n,
                        const struct gb_time *now)
{
    return router_reply_storage(&a->router, token, card, n, now);
}

int agent_reply_setting(struct agent *a, uint32_t token, int err, const struct gb_setting *s, const struct gb_time *now)
{
    return router_reply_setting(&a->router, token, err, s, now);
}

int agent_reply_records(struct agent *a, uint32_t token, int err, const struct board_record *record, unsigned n,
                        unsigned total, const struct gb_time *now)
{
    return pager_fetched(&a->pager, token, err, record, n, total, now);
}

int agent_reply_result(struct agent *a, uint32_t token, int err, const struct gb_time *now)
{
    return router_reply_result(&a->router, token, err, now);
}

int agent_alarm(struct agent *a, const struct agent_alarm *al, const struct gb_time *now)
{
    return alarm_raise(&a->alarms, al, now);
}

int agent_admits_alarm(const struct agent *a, const struct agent_alarm *al, const struct gb_time *now)
{
    return alarm_admits(&a->alarms, al, now);
}

int agent_notify_snapshot(struct agent *a, const struct agent_snapshot_done *done, const struct gb_time *now)
{
    return notifier_snapshot(&a->notifier, done, now);
}

int agent_notify_upgrade(struct agent *a, const struct agent_upgrade_done *done, uint32_t *token,
                         const struct gb_time *now)
{
    return notifier_upgrade(&a->notifier, done, token, now);
}

/* Num of a list in a body; fails if the body has no such list. */
static inline unsigned num_of(const char *body, const char *list)
{
    char tag[64];
    const char *at;

    (void)snprintf(tag, sizeof(tag), "<%s Num=\"", list);
    at = strstr(body, tag);
    assert_non_null(at);
    return (unsigned)strtoul(at + strlen(tag), NULL, 10);
}

/* `channels` channels ...1310000001 on, then `inputs` alarm inputs ...1340000001 on. */
static inline struct device_item_config *fake_items(unsigned channels, unsigned inputs)
{
    struct device_item_config *item = calloc(channels + inputs + 1, sizeof(*item));

    assert_non_null(item);
    for (unsigned i = 0; i < channels + inputs; i++) {
        bool input = i >= channels;
        item[i].kind = input ? DEVICE_ALARM_INPUT : DEVICE_CHANNEL;
        snprintf(item[i].id, sizeof(item[i].id), "340200000013%c0%06u", input ? '4' : '1',
                 (input ? i - channels + 1 : i + 1) % 1000000);
        /* "camera" in Chinese and a number */
        snprintf(item[i].name, sizeof(item[i].name), "\xe6\x91\x84\xe5\x83\x8f\xe6\x9c\xba %u", i + 1);
        item[i].ptz_type = input ? 0 : 3;
    }
    return item;
}

static inline struct device_config fake_device_config(const struct device_item_config *item, unsigned nitems)
{
    struct device_config cfg = { .item = item, .nitems = nitems };

    snprintf(cfg.id, sizeof(cfg.id), "%s", DEVICE_ID);
    snprintf(cfg.name, sizeof(cfg.name), "gate & yard");
    snprintf(cfg.manufacturer, sizeof(cfg.manufacturer), "Maker");
    snprintf(cfg.model, sizeof(cfg.model), "M1");
    snprintf(cfg.firmware, sizeof(cfg.firmware), "1.0");
    return cfg;
}

static inline struct agent *fake_new(unsigned channels, unsigned inputs)
{
    struct agent *a = calloc(1, sizeof(*a));
    struct device_item_config *item = fake_items(channels, inputs);
    struct device_config cfg = fake_device_config(item, channels + inputs);

    assert_non_null(a);
    a->sent = calloc(FAKE_SENT_MAX, sizeof(*a->sent));
    assert_non_null(a->sent);
    assert_int_equal(device_new(&cfg, &a->ua.dev), 0);
    free(item);
    snprintf(a->ua.cfg.name, sizeof(a->ua.cfg.name), "main");
    snprintf(a->ua.cfg.server_id, sizeof(a->ua.cfg.server_id), "%s", SERVER_ID);
    a->ua.cfg.expires_s = 3600;
    a->ua.cfg.keepalive_interval_s = 60;
    a->ua.cfg.keepalive_count = 3;
    a->ua.cfg.edition = GB_2016;
    a->ua.cfg.charset = CHARSET_GB2312;
    a->ua.state = AGENT_ONLINE;
    a->room = 850;
    pager_init(&a->pager, &a->ua);
    alarm_inputs_init(&a->alarm_inputs, &a->ua);
    alarm_init(&a->alarms, &a->ua, &a->alarm_inputs, &a->subscriptions);
    router_init(&a->router, &a->ua, &a->pager, &a->alarm_inputs);
    notifier_init(&a->notifier, &a->ua);
    return a;
}

static inline void fake_free(struct agent *a)
{
    router_free(&a->router);
    pager_free(&a->pager);
    alarm_free(&a->alarms);
    alarm_inputs_free(&a->alarm_inputs);
    notifier_free(&a->notifier);
    device_free(a->ua.dev);
    free(a->sent);
    free(a);
}

#endif
