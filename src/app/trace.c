/* SPDX-License-Identifier: MIT */
#include "app/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace/mask.h"
#include "trace/record.h"
#include "trace/text.h"

void trace_init(struct trace *t, struct parts *p)
{
    *t = (struct trace){ .parts = p };
}

void trace_refresh(struct trace *t)
{
    t->on = t->followers > 0 || log_on(LOG_L_TRACE);
}

int trace_check(const struct trace *t, const char *platform, char *reason, size_t size)
{
    if (!platform[0])
        return 0;
    list_each(it, &t->parts->platforms)
        if (strcmp(container_of(it, struct platform, node)->cfg.agent.name, platform) == 0)
            return 0;
    snprintf(reason, size, "no platform %s", platform);
    return -ENOENT;
}

static void to_log(const struct trace_record *r)
{
    const char *subject = r->platform[0] ? r->platform : "sip";
    char local[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX], line[TRACE_TEXT_MAX], suppressed[32] = "";
    struct span rest = r->message;

    addr_print(&r->local, local);
    addr_print(&r->peer, peer);
    if (r->suppressed)
        snprintf(suppressed, sizeof(suppressed), " suppressed=%u", r->suppressed);
    log_trace("%s: message-%s transport=%s local=%s peer=%s bytes=%zu%s", subject, r->out ? "out" : "in",
              r->tcp ? "tcp" : "udp", local, peer, r->message.n, suppressed);
    while (trace_text_line(&rest, line))
        log_trace("%s: | %s", subject, line);
}

static int64_t unix_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Masks a copy; the message itself is not changed. */
static void show(struct trace *t, struct trace_record *r, const char *data, size_t len)
{
    struct gb_time now;
    char *copy;

    if (!len || len > TRACE_MESSAGE_MAX)
        return;
    copy = malloc(len);
    if (!copy)
        return;
    memcpy(copy, data, len);
    mask_credentials(copy, len);
    loop_time(t->parts->loop, &now);
    r->unix_us = unix_us();
    r->utc_offset_s = now.utc_offset_s;
    r->message = (struct span){ copy, len };
    if (log_on(LOG_L_TRACE))
        to_log(r);
    if (t->followers)
        ctl_trace(t->ctl, r);
    free(copy);
}

static bool is_from_server(const struct platform *pf, const struct addr *from)
{
    for (unsigned i = 0; i < pf->nserver; i++)
        if (addr_same(&pf->server[i], from))
            return true;
    return false;
}

/* The platform with this link and server, for messages without a recipient: malformed ones, late responses. */
static const struct platform *by_source(const struct parts *p, const struct sip_input *in)
{
    const struct platform *found = NULL;

    list_each(it, &p->platforms) {
        const struct platform *pf = container_of(it, struct platform, node);

        if (pf->number != in->link || !is_from_server(pf, &in->from))
            continue;
        if (found)
            return NULL;
        found = pf;
    }
    return found;
}

void trace_input(struct trace *t, const struct sip_input *in, struct agent *agent)
{
    const struct platform *pf = agent ? agent_owner(agent) : by_source(t->parts, in);
    struct trace_record r = { .tcp = in->transport == SIP_TCP, .peer = in->from };
    struct gb_time now;
    int held;

    if (pf) {
        span_copy(span_of(pf->cfg.agent.name), r.platform, sizeof(r.platform));
    } else {
        loop_time(t->parts->loop, &now);
        held = log_gate_pass(&t->unknown, now.mono_ms);
        if (held < 0)
            return;
        r.suppressed = (unsigned)held;
    }
    if (pf && pf->number == in->link)
        r.local = pf->local;
    else
        (void)sip_transport_local(t->parts->platform_config.transport, in->link, &r.local);
    show(t, &r, in->data, in->len);
}

void trace_output(struct trace *t, const struct agent_packet *p, struct agent *agent)
{
    const struct platform *pf = agent_owner(agent);
    struct trace_record r = { .out = true, .tcp = pf->opened.transport == SIP_TCP, .local = pf->local, .peer = p->to };

    span_copy(span_of(pf->cfg.agent.name), r.platform, sizeof(r.platform));
    show(t, &r, p->data, p->len);
}
