/* SPDX-License-Identifier: MIT */
/*
 * HTTP on our loop: uploads from memory and downloads into a file. No thread, no redirect, no proxy, http and https
 * only; names are looked up by net/resolve, and a connection is made to no other address than the one that was judged.
 * Built without libcurl (WITH_CURL=0) every order is answered -ENOTSUP.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/loop.h"
#include "util/addr.h"

#define HTTP_URL_MAX 1023u
#define HTTP_REQUESTS_MAX 16u
#define HTTP_CONNECT_MS 5000u
#define HTTP_REPLY_MAX 65536u           /* bytes of an answer to an upload that are read (and thrown away) */

struct http;
struct http_request;

enum http_method { HTTP_PUT, HTTP_POST, HTTP_MULTIPART, HTTP_GET };

/* May `host` (as in the URL) at this address, port included, be talked to? */
typedef bool http_judge_fn(void *arg, const char *host, const struct addr *to);
/* The end, called once unless http_cancel came before; the request is gone after it. err: 0 for a 2xx with all its
 * bytes.
 *   -EACCES the address is not allowed   -EPROTONOSUPPORT, -EINVAL the URL   -ENOENT no such name
 *   -ETIMEDOUT no connection, or it stalled   -EFBIG too large   -EBADMSG ended before its length
 *   -EREMOTEIO a status that is not 2xx   -ECONNREFUSED, -EIO, -ENOMEM ...
 * status: of HTTP, 0 when there was none. */
typedef void http_done_fn(void *arg, int err, unsigned status);

struct http_order {
    enum http_method method;
    const char *url;                    /* copied; for PUT the name of the file is in it already */
    unsigned stall_s;                   /* so long without a byte per second is a time-out */
    unsigned total_s;                   /* for all of it; 0 no limit */
    const char *ca_file;                /* "" = the system's; copied */

    const uint8_t *body;                /* upload: borrowed until the end */
    size_t len;
    const char *content_type;           /* a literal */
    const char *file_name;              /* multipart: of the part; copied */

    int fd;                             /* download: written to from where it stands, never closed */
    uint64_t max_bytes;

    http_judge_fn *judge;
    http_done_fn *done;
    void *arg;
};

bool http_available(void);
int http_new(struct loop *l, struct http **out);        /* -ENOTSUP, -ENOMEM */
void http_free(struct http *h);                         /* cancels what runs; NULL is fine */
/* -ENOTSUP (also with h NULL), -EINVAL and -EPROTONOSUPPORT the URL, -EBUSY too many, -ENOMEM; done is called later,
 * never from here. */
int http_start(struct http *h, const struct http_order *o, struct http_request **out);
void http_cancel(struct http_request *r);               /* done is not called; NULL is fine */
/* Bytes of the file so far and in all (0 = not known). */
void http_progress(const struct http_request *r, uint64_t *got, uint64_t *total);

#endif
