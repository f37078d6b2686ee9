/* SPDX-License-Identifier: MIT */
/*
 * HTTP client on the event loop: uploads from memory and downloads into a file. http and https only; no threads, no
 * redirects, no proxy. Names are resolved by net/resolve, and a connection is made only to the address that was
 * allowed. Built without libcurl (WITH_CURL=0) every request fails with -ENOTSUP.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/loop.h"
#include "util/addr.h"

#define HTTP_URL_MAX      1023u
#define HTTP_REQUESTS_MAX 16u
#define HTTP_CONNECT_MS   5000u
#define HTTP_REPLY_MAX    65536u /* bytes read (and discarded) of the response to an upload */

struct http;
struct http_request;

enum http_method { HTTP_PUT, HTTP_POST, HTTP_MULTIPART, HTTP_GET };

/* Whether a connection to `host` (as in the URL) at this address and port is allowed. */
typedef bool http_allow_fn(void *arg, const char *host, const struct addr *to);
/* Called once at the end, unless http_cancel() was called before; the request is freed then. err: 0 for a complete 2xx
 * response.
 *   -EACCES address not allowed   -EPROTONOSUPPORT, -EINVAL bad URL   -ENOENT unknown host
 *   -ETIMEDOUT not connected in time, or stalled   -EFBIG too large   -EBADMSG shorter than announced
 *   -EREMOTEIO not a 2xx status   -ECONNREFUSED, -EIO, -ENOMEM ...
 * status: the HTTP status, 0 without a response. */
typedef void http_done_fn(void *arg, int err, unsigned status);

struct http_params {
    enum http_method method;
    const char *url;     /* copied; for PUT it includes the file name */
    unsigned stall_s;    /* timeout: less than one byte per second for this long */
    unsigned total_s;    /* timeout for the whole request; 0: none */
    const char *ca_file; /* "" = the system's; copied */

    const uint8_t *body; /* upload: borrowed until the end */
    size_t len;
    const char *content_type; /* a literal */
    const char *file_name;    /* multipart: of the part; copied */

    int fd; /* download: written to at its current offset, never closed */
    uint64_t max_bytes;

    http_allow_fn *allow;
    http_done_fn *done;
    void *arg;
};

bool http_available(void);
int http_new(struct loop *l, struct http **out); /* -ENOTSUP, -ENOMEM */
void http_free(struct http *h);                  /* cancels all requests; NULL is fine */
/* -ENOTSUP (also with h NULL), -EINVAL and -EPROTONOSUPPORT for the URL, -EBUSY too many requests, -ENOMEM. done is
 * never called from here, only later. */
int http_start(struct http *h, const struct http_params *params, struct http_request **out);
void http_cancel(struct http_request *r); /* done is not called; NULL is fine */
/* Bytes transferred so far and in total (0 = unknown). */
void http_progress(const struct http_request *r, uint64_t *got, uint64_t *total);

#endif
