/* SPDX-License-Identifier: MIT */
/* Shared by http.c (life of a request, name resolution, allowed addresses) and http_curl.c (the transfer) only. */
#ifndef HTTP_HTTP_PRIV_H
#define HTTP_HTTP_PRIV_H

#include "http/http.h"
#include "net/resolve.h"
#include "util/list.h"

struct http_engine;
struct http_transfer;

struct http {
    struct loop *loop;
    struct http_engine *engine; /* created with the first request, because a TLS library needs much memory */
    struct list requests;
    unsigned count;
};

enum http_stage { HTTP_RESOLVING, HTTP_RESOLVED, HTTP_RUNNING, HTTP_FAILED };

struct http_request {
    struct list node;
    struct http *http;
    struct http_params params;
    char url[HTTP_URL_MAX + 1], ca_file[256], file_name[64];
    char host[RESOLVE_NAME_MAX]; /* without brackets */
    enum http_stage stage;
    int err; /* reason of a failure, if libcurl has no code for it */
    struct resolve resolve;
    struct loop_timer deferred;
    struct addr to;
    struct http_transfer *transfer;
    uint64_t got, total;
};

/* http.c: frees r and calls done. */
void http_request_end(struct http_request *r, int err, unsigned status);
/* Removes the brackets of an IPv6 address from r->host and parses the port. 0 or -EINVAL. */
int http_request_host(struct http_request *r, const char *digits, uint16_t *port);
/* Counts a piece of the response body, and writes it to the file of a download with a 2xx status. 0, -EFBIG or the
 * file's error. */
int http_request_receive(struct http_request *r, const char *data, size_t n, unsigned status);

/* http_curl.c */
int http_engine_new(struct loop *l, struct http_engine **out);
void http_engine_free(struct http_engine *e); /* after the last transfer; NULL is fine */
/* Parses r->url as libcurl does, into r->host and *port. -EINVAL, -EPROTONOSUPPORT, -ENOMEM. */
int http_transfer_new(struct http_request *r, uint16_t *port);
int http_transfer_run(struct http_request *r);    /* connects to r->to only */
void http_transfer_free(struct http_transfer *t); /* NULL is fine */

#endif
