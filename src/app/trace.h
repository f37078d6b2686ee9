/* SPDX-License-Identifier: MIT */
/*
 * The SIP trace: every message sent and received, with its credentials masked, to the log at level trace and to the
 * clients of the control socket that follow it. With WITH_TRACE=0 trace_stub.c is built instead, and the trace is
 * never on.
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
    bool on;             /* the only check per message while the trace is off */
    struct parts *parts; /* borrowed */
    struct ctl *ctl;     /* borrowed; NULL without a control socket */
    unsigned followers;
    struct log_gate unknown; /* limits messages from unknown sources */
};

void trace_init(struct trace *t, struct parts *p);
/* Call after the log level or the number of followers has changed. */
void trace_refresh(struct trace *t);
/* Whether a platform ("" = all) can be traced. 0; -ENOENT: no such platform; -ENOTSUP: WITH_TRACE=0; reason gets the
 * text. */
int trace_check(const struct trace *t, const char *platform, char *reason, size_t size);

/* Call only when on. agent: the recipient, or NULL; such a message is shown for the only platform with this link and
 * server address, or without a platform, then limited to a burst of LOG_GATE_BURST and one every LOG_GATE_GAP_MS. */
void trace_input(struct trace *t, const struct sip_input *in, struct agent *agent);
void trace_output(struct trace *t, const struct agent_packet *p, struct agent *agent);

#endif
