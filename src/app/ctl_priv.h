/* SPDX-License-Identifier: MIT */
/* Shared by ctl*.c and trace_stub.c. */
#ifndef APP_CTL_PRIV_H
#define APP_CTL_PRIV_H

#include <sys/types.h>
#include <sys/un.h>

#include "app/ctl.h"
#include "trace/queue.h"
#include "util/buf.h"

struct ctl_client {
    struct ctl *ctl;
    struct loop_fd watch; /* fd -1: the slot is free */
    struct loop_timer idle;
    char line[CTL_LINE_MAX];
    size_t nline;
    char *reply; /* NULL: still reading */
    size_t len, sent;
    struct trace_queue queue; /* allocated while the client follows the trace of `platform`, "" = all */
    char platform[CTL_NAME_MAX];
};

struct ctl {
    struct loop *loop;
    const struct ctl_ops *ops;
    void *arg;
    struct loop_fd watch;
    struct loop_timer accept_retry;
    bool accept_paused; /* accept() failed; logged once */
    struct ctl_client client[CTL_CLIENTS_MAX];
    unsigned nclients, ntraces;
    struct sockaddr_un addr;
    dev_t dev; /* of the socket file, so that only our own file is removed */
    ino_t ino;
};

void ctl_client_drop(struct ctl_client *c);

/* ---- ctl_trace.c, or trace_stub.c ---- */
/* Sends the reply; the records of ctl_trace() follow. NULL, or an error reply. */
const char *ctl_trace_start(struct ctl_client *c, const struct ctl_reply *reply);
void ctl_trace_ready(struct ctl_client *c, unsigned ready);
void ctl_trace_end(struct ctl_client *c); /* harmless without a trace */

/* ---- ctl_render.c ---- */
/* Appends the reply to `status` or, with sessions_only, `sessions`. Overflow: see buf. */
void ctl_render(const struct ctl_snapshot *s, bool json, bool sessions_only, struct buf *out);
size_t ctl_render_room(const struct ctl_snapshot *s);      /* upper limit in bytes */
void ctl_render_string(const char *text, struct buf *out); /* as a JSON string with its quotes */

#endif
