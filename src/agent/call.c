/* SPDX-License-Identifier: MIT */
/* The calls of a platform: lookup and timers without walking the list, and how calls end. */
#include "agent/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/call_priv.h"
#include "util/log.h"

void calls_init(struct calls *cs, struct ua *ua)
{
    const uint64_t *secret = ua->common->secret;

    memset(cs, 0, sizeof(*cs));
    cs->ua = ua;
    list_init(&cs->list);
    list_init(&cs->leaving);
    list_init(&cs->touched);
    heap_init(&cs->due);
    /* Allocated by the first call. Keyed, because the platform chooses sources and channels and could force
     * collisions. */
    cs->by_number.secret[0] = cs->by_channel.secret[0] = cs->by_source.secret[0] = secret[0];
    cs->by_number.secret[1] = cs->by_channel.secret[1] = cs->by_source.secret[1] = secret[1];
}

/* ---- adding and removing --------------------------------------------------------------- */

static struct span number_key(const struct call *c)
{
    return (struct span){ (const char *)&c->number, sizeof(c->number) };
}

int call_add(struct call *c)
{
    struct calls *cs = c->calls;
    int err = heap_reserve(&cs->due, (size_t)cs->count + cs->nleaving + 1);

    if (err)
        return err;
    c->number = c->age = ++cs->ua->common->next_call;
    err = hash_insert(&cs->ua->common->calls, &c->by_id, c->call_id);
    if (err)
        return err;
    err = hash_insert(&cs->by_number, &c->by_number, number_key(c));
    if (err)
        goto no_number;
    err = hash_insert(&cs->by_channel, &c->by_channel, span_of(c->channel));
    if (err)
        goto no_channel;
    err = c->source[0] ? hash_insert(&cs->by_source, &c->by_source, span_of(c->source)) : 0;
    if (err)
        goto no_source;
    list_append(&cs->list, &c->node);
    list_append(&cs->touched, &c->touched);
    cs->count++;
    return 0;
no_source:
    hash_remove(&cs->by_channel, &c->by_channel);
no_channel:
    hash_remove(&cs->by_number, &c->by_number);
no_number:
    hash_remove(&cs->ua->common->calls, &c->by_id);
    return err;
}

void call_renumber(struct call *c)
{
    struct calls *cs = c->calls;

    hash_remove(&cs->by_number, &c->by_number);
    c->number = ++cs->ua->common->next_call;
    (void)hash_insert(&cs->by_number, &c->by_number,
                      number_key(c)); /* fails only when the table is not allocated yet */
}

static void leave_tables(struct call *c)
{
    struct calls *cs = c->calls;

    list_remove(&c->node);
    hash_remove(&cs->ua->common->calls, &c->by_id);
    hash_remove(&cs->by_number, &c->by_number);
    hash_remove(&cs->by_channel, &c->by_channel);
    if (c->source[0])
        hash_remove(&cs->by_source, &c->by_source);
    cs->count--;
}

/* Frees everything that a leaving call no longer needs. */
static void free_media(struct call *c)
{
    call_controls_free(c);
    call_message_free(&c->pending);
    free(c->stop_event);
    c->stop_event = NULL;
    free(c->sdp);
    c->sdp = NULL;
}

/* c must not be in any table. */
static void free_call(struct call *c)
{
    list_remove(&c->touched);
    heap_remove(&c->calls->due, &c->due);
    free_media(c);
    call_message_free(&c->dialog);
    free(c->answer);
    free(c);
}

void call_remove(struct call *c)
{
    struct calls *cs = c->calls;

    leave_tables(c);
    if (c->state != CALL_LEAVING) {
        free_call(c);
        return;
    }
    free_media(c);
    list_append(&cs->leaving, &c->node);
    cs->nleaving++;
    call_touch(c);
}

void call_forget(struct call *c)
{
    list_remove(&c->node);
    c->calls->nleaving--;
    free_call(c);
}

void calls_free(struct calls *cs)
{
    list_each_safe(it, &cs->list) {
        struct call *c = container_of(it, struct call, node);
        leave_tables(c);
        free_call(c);
    }
    list_each_safe(jt, &cs->leaving)
        call_forget(container_of(jt, struct call, node));
    hash_free(&cs->by_number);
    hash_free(&cs->by_channel);
    hash_free(&cs->by_source);
    heap_free(&cs->due);
}

/* ---- lookup ---------------------------------------------------------------------------- */

struct call *call_touch(struct call *c)
{
    if (c && list_empty(&c->touched))
        list_append(&c->calls->touched, &c->touched);
    return c;
}

struct call *call_find(const struct calls *cs, uint32_t number)
{
    struct hash_node *n = hash_find(&cs->by_number, (struct span){ (const char *)&number, sizeof(number) });

    return n ? call_touch(container_of(n, struct call, by_number)) : NULL;
}

struct call *call_of_channel(const struct calls *cs, const char *channel, const struct call *after)
{
    struct hash_node *n = after ? hash_find_next(&after->by_channel) : hash_find(&cs->by_channel, span_of(channel));

    return n ? call_touch(container_of(n, struct call, by_channel)) : NULL;
}

struct call *call_of_source(const struct calls *cs, const char *source)
{
    struct hash_node *n = hash_find(&cs->by_source, span_of(source));

    return n ? call_touch(container_of(n, struct call, by_source)) : NULL;
}

const struct call *call_of_id(const struct ua_common *common, struct span call_id, const struct call *after)
{
    struct hash_node *n = after ? hash_find_next(&after->by_id) : hash_find(&common->calls, call_id);

    return n ? container_of(n, struct call, by_id) : NULL;
}

struct ua *call_ua(const struct call *c)
{
    return c->calls->ua;
}

/* ---- ending ----------------------------------------------------------------------------- */

void call_queue_stop(struct call *c, enum agent_stop_reason reason, const char *why)
{
    const struct agent_event ev = { .kind = AGENT_CALL_STOP, .call = c->number, .why = why, .u.stop = reason };
    struct ua *u = c->calls->ua;

    log_debug("%s: call-stop call=%u channel=%s reason=\"%s\"", u->cfg.name, (unsigned)c->number, c->channel, why);
    ua_event_append(u, c->stop_event, &ev);
    c->stop_event = NULL;
}

void call_stop(struct call *c, enum agent_stop_reason reason, const char *why, const struct gb_time *now)
{
    call_refuse_pending(c, 487, now);
    call_queue_stop(c, reason, why);
    call_remove(c);
}

static bool is_established(const struct call *c)
{
    return c->state != CALL_OFFERED || c->reoffer;
}

int call_hang_up_later(struct call *c, uint64_t bye_ms)
{
    if (c->calls->nleaving >= CALLS_LEAVING_MAX)
        return -ENOBUFS;
    if (is_established(c)) {
        c->acked = c->state != CALL_ANSWERED;
        c->state = CALL_LEAVING;
        c->bye_ms = bye_ms;
    }
    return 0;
}

void call_hang_up(struct call *c, const struct gb_time *now)
{
    if (c->state == CALL_ANSWERED && now->mono_ms < c->give_up_ms && call_hang_up_later(c, now->mono_ms) == 0)
        return;
    if (is_established(c))
        call_send_bye(c, now);
}

static void end_all(struct calls *cs, enum agent_stop_reason reason, const char *why, const struct gb_time *now)
{
    list_each_safe(it, &cs->list) {
        struct call *c = container_of(it, struct call, node);
        call_hang_up(c, now);
        call_stop(c, reason, why, now);
    }
}

/* Sends BYEs, because the platform may still receive our requests. */
void calls_offline(struct calls *cs, const struct gb_time *now)
{
    end_all(cs, CALL_STOP_OFFLINE, "registration lost", now);
}

void calls_hold(struct calls *cs, const struct gb_time *now)
{
    list_each_safe(it, &cs->list) {
        struct call *c = container_of(it, struct call, node);
        if (c->state == CALL_RUNNING) {
            c->link = 0;
            continue;
        }
        call_hang_up(c, now);
        call_stop(c, CALL_STOP_OFFLINE, "registration lost", now);
    }
}

void calls_reconnect(struct calls *cs)
{
    list_each(it, &cs->list) {
        struct call *c = container_of(it, struct call, node);
        if (c->link == 0)
            c->link = cs->ua->link;
    }
}

static void leave(struct call *c, const struct gb_time *now)
{
    call_send_bye(c, now);
    call_forget(c);
}

static void leave_all(struct calls *cs, const struct gb_time *now)
{
    list_each_safe(it, &cs->leaving)
        leave(container_of(it, struct call, node), now);
}

void calls_flush_byes(struct calls *cs, const struct gb_time *now)
{
    if (cs->ua->link) {
        leave_all(cs, now);
        return;
    }
    list_each_safe(it, &cs->leaving)
        call_forget(container_of(it, struct call, node));
}

void calls_shutdown(struct calls *cs, const struct gb_time *now)
{
    end_all(cs, CALL_STOP_SHUTDOWN, "unregistering", now);
    leave_all(cs, now);
}

/* ---- while the registration is in doubt ------------------------------------------------- */

void calls_doubt(struct calls *cs)
{
    cs->kept_age = cs->ua->common->next_call;
    cs->kept_until_ms = UINT64_MAX;
}

void calls_confirmed(struct calls *cs)
{
    cs->kept_until_ms = 0;
}

void calls_kept(struct calls *cs, const struct gb_time *now)
{
    cs->kept_until_ms = now->mono_ms + CALL_KEPT_MS;
}

/* ---- time ------------------------------------------------------------------------------- */

/* Each of these may free c. */

static void tick_offered(struct call *c, const struct gb_time *now)
{
    if (now->mono_ms >= c->trying_ms)
        call_trying(c, now);
    if (now->mono_ms < c->give_up_ms)
        return;
    call_refuse_pending(c, 480, now);
    call_hang_up(c, now);
    call_stop(c, CALL_STOP_REJECTED, "offer not answered in time", now);
}

static void tick_answered(struct call *c, const struct gb_time *now)
{
    if (now->mono_ms >= c->resend_ms)
        call_resend(c, now);
    if (now->mono_ms < c->give_up_ms)
        return;
    call_hang_up(c, now);
    call_stop(c, CALL_STOP_NO_ACK, "no ACK", now);
}

static void tick_running(struct call *c, const struct gb_time *now)
{
    if (now->mono_ms < c->bye_ms)
        return;
    call_hang_up(c, now);
    call_stop(c, CALL_STOP_LOCAL, "end of recording", now);
}

static uint64_t latest_bye_ms(const struct call *c)
{
    return c->acked ? c->bye_ms : c->give_up_ms;
}

static void tick_leaving(struct call *c, const struct gb_time *now)
{
    if (now->mono_ms >= latest_bye_ms(c))
        leave(c, now);
    else if (!c->acked && now->mono_ms >= c->resend_ms)
        call_resend(c, now);
}

void call_leaving_acked(struct call *c, const struct gb_time *now)
{
    if (c->acked)
        return;
    c->acked = true;
    if (now->mono_ms >= c->bye_ms)
        leave(c, now);
}

static uint64_t min(uint64_t x, uint64_t y)
{
    return x < y ? x : y;
}

static uint64_t call_deadline(const struct call *c)
{
    const uint64_t controls = call_controls_deadline(c);

    switch (c->state) {
    case CALL_OFFERED:
        return min(controls, min(c->give_up_ms, c->trying_ms));
    case CALL_ANSWERED:
        return min(controls, min(c->give_up_ms, c->resend_ms));
    case CALL_RUNNING:
        return min(controls, c->bye_ms);
    case CALL_LEAVING:
        return c->acked ? c->bye_ms : min(c->give_up_ms, c->resend_ms);
    }
    return controls;
}

uint64_t calls_deadline(struct calls *cs)
{
    struct heap_node *top;

    list_each_safe(it, &cs->touched) {
        struct call *c = container_of(it, struct call, touched);
        list_remove(it);
        (void)heap_set(&cs->due, &c->due, call_deadline(c)); /* reserved by call_add */
    }
    top = heap_top(&cs->due);
    return top ? top->when : UINT64_MAX;
}

void calls_tick(struct calls *cs, const struct gb_time *now)
{
    static void (*const ticks[])(struct call * c, const struct gb_time *now) = {
        [CALL_OFFERED] = tick_offered,
        [CALL_ANSWERED] = tick_answered,
        [CALL_RUNNING] = tick_running,
        [CALL_LEAVING] = tick_leaving,
    };
    struct heap_node *top;

    while ((top = heap_top(&cs->due)) && top->when <= now->mono_ms) {
        struct call *c = container_of(top, struct call, due);
        heap_remove(&cs->due, top); /* calls_deadline inserts it again */
        call_touch(c);
        call_controls_tick(c, now);
        ticks[c->state](c, now);
    }
}
