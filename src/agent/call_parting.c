/* SPDX-License-Identifier: MIT */
#include "agent/call_parting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_impl.h"

struct parting {
    struct list node;
    struct call call;                   /* only what matching and sending need: dialog, tags, peer, answer and their timers */
    bool acked;                         /* else its 200 is sent again, and the ACK waited for */
    uint64_t bye_ms;                    /* no BYE before */
};

void partings_init(struct agent *a)
{
    list_init(&a->partings.list);
    a->partings.count = 0;
}

static void drop(struct parting *p)
{
    p->call.agent->partings.count--;
    list_remove(&p->node);
    call_message_free(&p->call.dialog);
    free(p->call.answer);
    free(p);
}

void partings_free(struct agent *a)
{
    list_each_safe(it, &a->partings.list)
        drop(container_of(it, struct parting, node));
}

int parting_new(struct call *c, uint64_t bye_ms)
{
    struct agent *a = c->agent;
    struct parting *p;

    if (a->partings.count >= PARTINGS_MAX)
        return -ENOBUFS;
    p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->acked = c->state != CALL_ANSWERED;
    p->bye_ms = bye_ms;
    p->call = (struct call){
        .agent = a, .number = c->number, .state = CALL_RUNNING, .parting = true, .dialog = c->dialog,
        .call_id = c->call_id, .remote_tag = c->remote_tag, .local_cseq = c->local_cseq, .link = c->link, .peer = c->peer,
        .reliable = c->reliable, .answer = c->answer, .answer_len = c->answer_len, .give_up_ms = c->give_up_ms,
        .resend_ms = c->resend_ms, .interval_ms = c->interval_ms,
    };
    memcpy(p->call.local_tag, c->local_tag, sizeof(p->call.local_tag));
    memcpy(p->call.channel, c->channel, sizeof(p->call.channel));
    c->dialog = (struct call_message){ 0 };
    c->answer = NULL;
    list_append(&a->partings.list, &p->node);
    a->partings.count++;
    return 0;
}

struct call *partings_next(const struct agent *a, const struct call *after)
{
    const struct list *at = after ? container_of(after, struct parting, call)->node.next : a->partings.list.next;

    return at == &a->partings.list ? NULL : &container_of(at, struct parting, node)->call;
}

void parting_drop(struct call *c)
{
    drop(container_of(c, struct parting, call));
}

static void part(struct parting *p, const struct gb_time *now)
{
    call_send_bye(&p->call, now);
    drop(p);
}

void parting_ack(struct call *c, const struct gb_time *now)
{
    struct parting *p = container_of(c, struct parting, call);

    if (p->acked)
        return;
    p->acked = true;
    if (now->mono_ms >= p->bye_ms)
        part(p, now);
}

void partings_shutdown(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->partings.list)
        part(container_of(it, struct parting, node), now);
}

/* When its BYE goes at the latest. */
static uint64_t last_ms(const struct parting *p)
{
    return p->acked ? p->bye_ms : p->call.give_up_ms;
}

void partings_tick(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->partings.list) {
        struct parting *p = container_of(it, struct parting, node);
        if (now->mono_ms >= last_ms(p))
            part(p, now);
        else if (!p->acked && now->mono_ms >= p->call.resend_ms)
            call_resend(&p->call, now);
    }
}

uint64_t partings_deadline(const struct agent *a)
{
    uint64_t when = UINT64_MAX;

    list_each(it, &a->partings.list) {
        const struct parting *p = container_of(it, struct parting, node);
        if (last_ms(p) < when)
            when = last_ms(p);
        if (!p->acked && p->call.resend_ms < when)
            when = p->call.resend_ms;
    }
    return when;
}
