/* SPDX-License-Identifier: MIT */
/* Clients that follow the SIP trace. Each has a queue; records that do not fit are lost. */
#include "app/ctl_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "trace/record.h"

static void changed(struct ctl *ctl, int by)
{
    ctl->ntraces = (unsigned)((int)ctl->ntraces + by);
    if (ctl->ops->trace_clients)
        ctl->ops->trace_clients(ctl->arg, ctl->ntraces);
}

void ctl_trace_end(struct ctl_client *c)
{
    if (!c->queue.data)
        return;
    trace_queue_free(&c->queue);
    changed(c->ctl, -1);
}

static void flush(struct ctl_client *c)
{
    struct span view;
    ssize_t n;

    while ((view = trace_queue_view(&c->queue)).n) {
        n = send(c->watch.fd, view.p, view.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            ctl_client_drop(c);
            return;
        }
        trace_queue_sent(&c->queue, (size_t)n);
    }
    loop_fd_want(c->ctl->loop, &c->watch, view.n ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

const char *ctl_trace_start(struct ctl_client *c, const struct ctl_reply *reply)
{
    if (c->ctl->ntraces >= CTL_TRACES_MAX)
        return "-too many traces running\n";
    if (trace_queue_init(&c->queue) < 0)
        return "-out of memory\n";
    memcpy(c->platform, reply->platform, sizeof(c->platform));
    loop_timer_del(c->ctl->loop, &c->idle);
    changed(c->ctl, 1);
    trace_queue_put(&c->queue, (struct span){ reply->text, reply->len }, (struct span){ "", 0 });
    flush(c);
    return NULL;
}

/* Further input is ignored; detects disconnection. */
void ctl_trace_ready(struct ctl_client *c, unsigned ready)
{
    char ignored[256];
    ssize_t n = 1;

    if (ready & LOOP_READ)
        n = recv(c->watch.fd, ignored, sizeof(ignored), MSG_DONTWAIT);
    if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
        ctl_client_drop(c);
    else if (ready & LOOP_WRITE)
        flush(c);
}

void ctl_trace(struct ctl *ctl, const struct trace_record *r)
{
    char head[TRACE_HEAD_MAX];
    struct span line = { head, trace_record_head(r, head) };

    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        struct ctl_client *c = &ctl->client[i];

        if (!c->queue.data || (c->platform[0] && strcmp(c->platform, r->platform) != 0))
            continue;
        trace_queue_put(&c->queue, line, r->message);
        flush(c);
    }
}
