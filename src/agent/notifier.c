/* SPDX-License-Identifier: MIT */
#include "agent/notifier.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ua.h"
#include "manscdp/snapshot.h"
#include "manscdp/upgrade.h"
#include "util/log.h"

#define BODY_MAX 4096u
_Static_assert(AGENT_FILE_ID_SIZE == SNAPSHOT_FILE_ID_SIZE, "the same names");

struct notifier_entry {
    struct notifier_entry *next;
    uint32_t ref;
    unsigned tries;
    bool in_flight;
    uint64_t due_ms, end_ms;
    size_t len;
    char body[];
};

void notifier_init(struct notifier *n, struct ua *u)
{
    memset(n, 0, sizeof(*n));
    n->ua = u;
    n->next_ref = 1;
}

void notifier_free(struct notifier *n)
{
    while (n->head) {
        struct notifier_entry *e = n->head;
        n->head = e->next;
        free(e);
    }
    n->count = 0;
}

static void entry_end(struct notifier *n, struct notifier_entry *gone, int result)
{
    struct agent_event ev = { .kind = AGENT_NOTIFIED, .token = gone->ref, .u.notified = result };

    for (struct notifier_entry **at = &n->head; *at; at = &(*at)->next) {
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    }
    n->count--;
    free(gone);
    if (result)
        log_warn("%s: a notify was given up: %s", n->ua->cfg.name, strerror(-result));
    ua_event_push(n->ua, &ev);
}

/* One at a time, in order: a result must not overtake what came before it. */
static void pump(struct notifier *n, const struct gb_time *now)
{
    while (n->head && !n->head->in_flight && n->head->end_ms <= now->mono_ms)
        entry_end(n, n->head, -ETIMEDOUT);
    struct notifier_entry *e = n->head;
    if (!e || e->in_flight || e->due_ms > now->mono_ms || !ua_online(n->ua))
        return;
    int ret = ua_send_message(n->ua, MESSAGE_NOTIFY, e->ref, (struct span){ e->body, e->len }, now);
    e->tries++;
    if (!ret)
        e->in_flight = true;
    else if (e->tries >= NOTIFIER_TRIES_MAX)
        entry_end(n, e, ret);
    else
        e->due_ms = now->mono_ms + NOTIFIER_RETRY_MS;
}

int notifier_add(struct notifier *n, struct span body, uint32_t *token, const struct gb_time *now)
{
    struct notifier_entry *e, **at = &n->head;

    if (n->count >= NOTIFIER_QUEUE_MAX)
        return -ENOSPC;
    e = malloc(sizeof(*e) + body.n);
    if (!e)
        return -ENOMEM;
    *e = (struct notifier_entry){
        .ref = n->next_ref++, .due_ms = now->mono_ms, .end_ms = now->mono_ms + NOTIFIER_KEEP_MS, .len = body.n,
    };
    n->next_ref += !n->next_ref;
    memcpy(e->body, body.p, body.n);
    while (*at)
        at = &(*at)->next;
    *at = e;
    n->count++;
    if (token)
        *token = e->ref;
    pump(n, now);
    return 0;
}

void notifier_message_done(struct notifier *n, uint32_t ref, int status, const struct gb_time *now)
{
    struct notifier_entry *e = n->head;

    while (e && !(e->ref == ref && e->in_flight))
        e = e->next;
    if (!e)
        return;
    e->in_flight = false;
    if (status >= 200 && status < 300)
        entry_end(n, e, 0);
    else if (status > 0 && status != 408 && status < 500)
        entry_end(n, e, -EPROTO);       /* refused: it would be again */
    else if (status >= 0 && e->tries >= NOTIFIER_TRIES_MAX)
        entry_end(n, e, -ETIMEDOUT);
    else
        e->due_ms = now->mono_ms + NOTIFIER_RETRY_MS;
    pump(n, now);
}

void notifier_offline(struct notifier *n)
{
    for (struct notifier_entry *e = n->head; e; e = e->next) {
        e->in_flight = false;
        e->tries = 0;
    }
}

void notifier_tick(struct notifier *n, const struct gb_time *now)
{
    pump(n, now);
}

uint64_t notifier_deadline(const struct notifier *n)
{
    const struct notifier_entry *e = n->head;

    if (!e || e->in_flight)
        return UINT64_MAX;
    return ua_online(n->ua) && e->due_ms < e->end_ms ? e->due_ms : e->end_ms;
}

/* ---- what is notified ---------------------------------------------------------------------------- */

/* The body in UTF-8, converted and queued. */
static int add_utf8(struct notifier *n, const struct buf *utf8, uint32_t *token, const struct gb_time *now)
{
    char mem[BODY_MAX];
    struct buf body;
    int ret;

    buf_init(&body, mem, sizeof(mem));
    ret = manscdp_convert(n->ua->cfg.charset, utf8, &body);
    return ret ? ret : notifier_add(n, buf_view(&body), token, now);
}

int notifier_snapshot(struct notifier *n, const struct agent_snapshot_done *done, const struct gb_time *now)
{
    const struct snapshot_notify s = { ua_next_sn(n->ua), done->device_id, done->session, done->file, done->nfiles };
    char mem[BODY_MAX];
    struct buf utf8;

    buf_init(&utf8, mem, sizeof(mem));
    snapshot_notify_put(&utf8, n->ua->cfg.charset, &s);
    return add_utf8(n, &utf8, NULL, now);
}

int notifier_upgrade(struct notifier *n, const struct agent_upgrade_done *done, uint32_t *token,
                     const struct gb_time *now)
{
    const struct upgrade_notify u = { ua_next_sn(n->ua), done->device_id, done->session, done->firmware,
                                      (enum upgrade_reason)done->reason };
    char mem[BODY_MAX];
    struct buf utf8;

    buf_init(&utf8, mem, sizeof(mem));
    upgrade_notify_put(&utf8, n->ua->cfg.charset, &u);
    return add_utf8(n, &utf8, token, now);
}
