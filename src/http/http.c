/* SPDX-License-Identifier: MIT */
#include "http/http_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/span.h"

bool http_available(void)
{
    return true;
}

static void request_free(struct http_request *r)
{
    loop_timer_del(r->http->loop, &r->deferred);
    resolve_free(&r->resolve);
    http_transfer_free(r->transfer);
    list_remove(&r->node);
    r->http->count--;
    free(r);
}

void http_request_end(struct http_request *r, int err, unsigned status)
{
    http_done_fn *done = r->params.done;
    void *arg = r->params.arg;

    request_free(r);
    done(arg, err, status);
}

void http_cancel(struct http_request *r)
{
    if (r)
        request_free(r);
}

void http_progress(const struct http_request *r, uint64_t *got, uint64_t *total)
{
    *got = r->got;
    *total = r->total;
}

int http_request_host(struct http_request *r, const char *digits, uint16_t *port)
{
    uint64_t number;
    size_t n = strlen(r->host);

    if (span_u64(span_of(digits), 65535, &number) || !number)
        return -EINVAL;
    *port = (uint16_t)number;
    /* An IPv6 literal keeps its brackets there. */
    if (n > 2 && r->host[0] == '[') {
        memmove(r->host, r->host + 1, n - 2);
        r->host[n - 2] = '\0';
    }
    return 0;
}

static int write_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t put = write(fd, data, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        data += put;
        n -= (size_t)put;
    }
    return 0;
}

int http_request_receive(struct http_request *r, const char *data, size_t n, unsigned status)
{
    const bool upload = r->params.method != HTTP_GET;
    const uint64_t max = upload ? HTTP_REPLY_MAX : r->params.max_bytes;

    if (n > max - r->got)
        return -EFBIG;
    r->got += n;
    /* The body of an error response is not the file. */
    return !upload && status >= 200 && status < 300 ? write_all(r->params.fd, data, n) : 0;
}

/* In the next turn of the loop: starts the transfer, or reports an earlier failure. */
static void on_deferred(struct loop_timer *t, void *arg)
{
    struct http_request *r = arg;
    int err = r->err;

    (void)t;
    if (r->stage == HTTP_RESOLVED)
        err = http_transfer_run(r);
    if (err)
        http_request_end(r, err, 0);
    else
        r->stage = HTTP_RUNNING;
}

static int defer(struct http_request *r, int err)
{
    r->stage = err ? HTTP_FAILED : HTTP_RESOLVED;
    r->err = err;
    return loop_timer_at(r->http->loop, &r->deferred, loop_now_us(r->http->loop), on_deferred, r);
}

/* The first allowed address. */
static int pick_address(struct http_request *r)
{
    for (unsigned i = 0; i < r->resolve.naddr; i++) {
        r->to = r->resolve.addr[i];
        if (r->params.allow(r->params.arg, r->host, &r->to))
            return 0;
    }
    return -EACCES;
}

static void on_resolved(struct resolve *rs, int err, void *arg)
{
    struct http_request *r = arg;

    (void)rs;
    if (defer(r, err ? err : pick_address(r)))
        http_request_end(r, -ENOMEM, 0);
}

static bool copy_strings(struct http_request *r, const struct http_params *params)
{
    return span_copy(span_of(params->url), r->url, sizeof(r->url)) &&
           span_copy(span_of(params->ca_file), r->ca_file, sizeof(r->ca_file)) &&
           span_copy(span_of(params->file_name), r->file_name, sizeof(r->file_name));
}

int http_start(struct http *h, const struct http_params *params, struct http_request **out)
{
    struct http_request *r;
    uint16_t port = 0;
    int err;

    *out = NULL;
    if (!h)
        return -ENOTSUP;
    if (h->count >= HTTP_REQUESTS_MAX)
        return -EBUSY;
    err = h->engine ? 0 : http_engine_new(h->loop, &h->engine);
    if (err)
        return err;
    r = calloc(1, sizeof(*r));
    if (!r)
        return -ENOMEM;
    r->http = h;
    r->params = *params;
    resolve_init(&r->resolve, h->loop);
    list_append(&h->requests, &r->node);
    h->count++;
    err = copy_strings(r, params) ? http_transfer_new(r, &port) : -EINVAL;
    if (!err)
        err = resolve_start(&r->resolve, r->host, port, on_resolved, r);
    if (err == 1)
        err = defer(r, pick_address(r));
    if (err) {
        request_free(r);
        return err;
    }
    *out = r;
    return 0;
}

int http_new(struct loop *l, struct http **out)
{
    struct http *h = calloc(1, sizeof(*h));

    *out = NULL;
    if (!h)
        return -ENOMEM;
    h->loop = l;
    list_init(&h->requests);
    *out = h;
    return 0;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    list_each_safe(it, &h->requests)
        request_free(container_of(it, struct http_request, node));
    http_engine_free(h->engine);
    free(h);
}
