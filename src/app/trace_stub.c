/* SPDX-License-Identifier: MIT */
/* Replaces the SIP trace in builds WITH_TRACE=0. */
#include "app/trace.h"

#include <errno.h>
#include <stdio.h>

#include "app/ctl_priv.h"

void trace_init(struct trace *t, struct parts *p)
{
    *t = (struct trace){ .parts = p };
}

void trace_refresh(struct trace *t)
{
    (void)t;
    if (log_on(LOG_L_TRACE))
        log_warn("gbagentd: trace-unavailable reason=\"built with WITH_TRACE=0\"");
}

int trace_check(const struct trace *t, const char *platform, char *reason, size_t size)
{
    (void)t;
    (void)platform;
    snprintf(reason, size, "no SIP trace (WITH_TRACE=0)");
    return -ENOTSUP;
}

void trace_input(struct trace *t, const struct sip_input *in, struct agent *agent)
{
    (void)t;
    (void)in;
    (void)agent;
}

void trace_output(struct trace *t, const struct agent_packet *p, struct agent *agent)
{
    (void)t;
    (void)p;
    (void)agent;
}

const char *ctl_trace_start(struct ctl_client *c, const struct ctl_reply *reply)
{
    (void)c;
    (void)reply;
    return "";
}

void ctl_trace_ready(struct ctl_client *c, unsigned ready)
{
    (void)c;
    (void)ready;
}

void ctl_trace_end(struct ctl_client *c)
{
    (void)c;
}
