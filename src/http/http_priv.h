/* SPDX-License-Identifier: MIT */
/* Between http.c (lookup, judgement, life) and http_curl.c (the transfer). Nobody else includes this. */
#ifndef HTTP_HTTP_PRIV_H
#define HTTP_HTTP_PRIV_H

#include "http/http.h"
#include "net/resolve.h"
#include "util/list.h"

struct http_engine;
struct http_transfer;

struct http {
    struct loop *loop;
    struct http_engine *engine;         /* made with the first request: a TLS library takes its memory */
    struct list requests;
    unsigned count;
};

enum http_stage { HTTP_LOOKING_UP, HTTP_JUDGED, HTTP_RUNNING, HTTP_FAILED };

struct http_request {
    struct list node;
    struct http *http;
    struct http_order order;
    char url[HTTP_URL_MAX + 1], ca_file[256], file_name[64];
    char host[RESOLVE_NAME_MAX];        /* without brackets */
    enum http_stage stage;
    int err;                            /* why it failed, where libcurl's own code does not say it */
    struct resolve resolve;
    struct loop_timer soon;
    struct addr to;
    struct http_transfer *transfer;
    uint64_t got, total;
};

/* http.c: frees r and tells done. */
void http_request_end(struct http_request *r, int err, unsigned status);
/* What the URL says of the host: brackets leave r->host, `digits` is the port. 0 or -EINVAL. */
int http_request_host(struct http_request *r, const char *digits, uint16_t *port);
/* A piece of the reply's body, counted, and stored when it is what was asked for. 0, -EFBIG or the file's error. */
int http_request_take(struct http_request *r, const char *data, size_t n, unsigned status);

/* http_curl.c */
int http_engine_new(struct loop *l, struct http_engine **out);
void http_engine_free(struct http_engine *e);       /* every transfer is gone; NULL is fine */
/* Reads r->url as libcurl will use it, into r->host and *port. -EINVAL, -EPROTONOSUPPORT, -ENOMEM. */
int http_transfer_new(struct http_request *r, uint16_t *port);
int http_transfer_run(struct http_request *r);      /* connects to r->to alone */
void http_transfer_free(struct http_transfer *t);   /* NULL is fine */

#endif
