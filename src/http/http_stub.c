/* SPDX-License-Identifier: MIT */
/* Replaces http.c and http_curl.c in builds without libcurl. */
#include "http/http.h"

#include <errno.h>

bool http_available(void)
{
    return false;
}

int http_new(struct loop *l, struct http **out)
{
    (void)l;
    *out = NULL;
    return -ENOTSUP;
}

void http_free(struct http *h)
{
    (void)h;
}

int http_start(struct http *h, const struct http_params *params, struct http_request **out)
{
    (void)h;
    (void)params;
    *out = NULL;
    return -ENOTSUP;
}

void http_cancel(struct http_request *r)
{
    (void)r;
}

void http_progress(const struct http_request *r, uint64_t *got, uint64_t *total)
{
    (void)r;
    *got = *total = 0;
}
