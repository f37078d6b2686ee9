/* SPDX-License-Identifier: MIT */
/*
 * The SIP trace: every message as it came in or went out, with its credentials masked, to the log at level trace and to those who follow
 * it through the control socket. Built WITH_TRACE=0, trace_stub.c is here instead and it is never on.
 */
#ifndef APP_TRACE_H
#define APP_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/ctl.h"
#include "app/parts.h"
#include "net/sip_transport.h"
#include "util/log.h"

struct trace {
    bool on;                            /* all that is looked at while nobody wants one */
    struct parts *parts;                /* borrowed */
    struct ctl *ctl;                    /* borrowed; NULL without a control socket */
    unsigned followers;
    struct log_gate unknown;            /* messages from unknown sources, which nothing else limits */
};

void trace_init(struct trace *t, struct parts *p);
/* When the log level or the number of followers may have changed. */
void trace_refresh(struct trace *t);
/* 0; -ENOENT: no such platform ("" any); -ENOTSUP: built without. err says so. */
int trace_check(const struct trace *t, const char *platform, char *err, size_t size);

/* Only when it is on. agent: whose message it is, NULL for none: it is then shown under the platform that this link and address
 * belong to alone, or else under none, at most LOG_GATE_BURST at once and one each LOG_GATE_GAP_MS. */
void trace_input(struct trace *t, const struct sip_input *in, struct agent *agent);
void trace_output(struct trace *t, const struct agent_packet *p, struct agent *agent);

#endif
