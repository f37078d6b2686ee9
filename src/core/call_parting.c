/* SPDX-License-Identifier: MIT */
#include "core/call_parting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/agent_impl.h"

struct parting {
    struct list node;
    struct call call;                   /* only what sending needs: dialog, tag, peer, answer and their timers */
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

int parting_new(struct call *c)
{
    struct agent *a = c->agent;
    struct parting *p;

    if (a->partings.count >= PARTINGS_MAX)
        return -ENOBUFS;
    p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->call = (struct call){
        .agent = a, .number = c->number, .state = CALL_RUNNING, .dialog = c->dialog, .call_id = c->call_id,
        .local_cseq = c->local_cseq, .link = c->link, .peer = c->peer, .reliable = c->reliable, .answer = c->answer,
        .answer_len = c->answer_len, .give_up_ms = c->give_up_ms, .resend_ms = c->resend_ms,
        .interval_ms = c->interval_ms,
    };
    memcpy(p->call.local_tag, c->local_tag, sizeof(p->call.local_tag));
    c->dialog = (struct call_message){ 0 };
    c->answer = NULL;
    list_append(&a->partings.list, &p->node);
    a->partings.count++;
    return 0;
}

static void part(struct parting *p, const struct gb_time *now)
{
    call_send_bye(&p->call, now);
    drop(p);
}

static struct parting *find(const struct agent *a, const struct sip_scan *s)
{
    list_each(it, &a->partings.list) {
        struct parting *p = container_of(it, struct parting, node);
        if (span_eq(p->call.call_id, s->call_id))
            return p;
    }
    return NULL;
}

void partings_ack(struct agent *a, const struct sip_scan *s, const struct gb_time *now)
{
    struct parting *p = find(a, s);

    if (p)
        part(p, now);
}

bool partings_bye(struct agent *a, const struct sip_scan *s)
{
    struct parting *p = find(a, s);

    if (p)
        drop(p);
    return p != NULL;
}

void partings_shutdown(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->partings.list)
        part(container_of(it, struct parting, node), now);
}

void partings_tick(struct agent *a, const struct gb_time *now)
{
    list_each_safe(it, &a->partings.list) {
        struct parting *p = container_of(it, struct parting, node);
        if (now->mono_ms >= p->call.give_up_ms)
            part(p, now);
        else if (now->mono_ms >= p->call.resend_ms)
            call_resend(&p->call, now);
    }
}

uint64_t partings_deadline(const struct agent *a)
{
    uint64_t when = UINT64_MAX;

    list_each(it, &a->partings.list) {
        const struct call *c = &container_of(it, struct parting, node)->call;
        if (c->give_up_ms < when)
            when = c->give_up_ms;
        if (c->resend_ms < when)
            when = c->resend_ms;
    }
    return when;
}
