/* SPDX-License-Identifier: MIT */
/* Whom a platform may send the device to by HTTP, and what else [http] of the config says. */
#ifndef HTTP_HTTP_POLICY_H
#define HTTP_HTTP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "util/addr.h"

#define HTTP_ALLOW_MAX 16u
#define HTTP_HOST_SIZE 128u

/* Hosts by name and addresses by prefix. */
struct http_allow {
    struct cidr cidr[HTTP_ALLOW_MAX];
    char host[HTTP_ALLOW_MAX][HTTP_HOST_SIZE];
    unsigned ncidr, nhost;
};

enum http_upload { HTTP_UPLOAD_PUT, HTTP_UPLOAD_POST, HTTP_UPLOAD_MULTIPART };

struct http_conf {
    struct http_allow allow;
    enum http_upload upload;
    uint32_t stall_s;
    uint32_t upgrade_max_mb;
    char upgrade_dir[192];
    char upgrade_manufacturer[64];      /* "" = the device's own */
    char ca_file[192];                  /* "" = the system's */
};

/* May the platform of `a` send us to `host` at `to`? Without `allow`: where its requests may come from. Loopback,
 * link-local and own addresses only when `allow` has them as an address, or when the platform itself is there. */
bool http_allowed(const struct http_allow *allow, const struct agent *a, const char *host, const struct addr *to);

#endif
