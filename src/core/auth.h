/* SPDX-License-Identifier: MIT */
/* Answers to the registrar's challenges. A table of schemes; digest is the first. */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include <stdbool.h>

#include "codec/digest.h"
#include "codec/sip_scan.h"
#include "util/buf.h"
#include "util/span.h"

#define AUTH_CHALLENGES_MAX 16u         /* WWW-Authenticate lines looked at */
#define AUTH_VALUE_MAX 4096u            /* bytes of an Authorization value */

/* What the scheme has to know of the request that is signed. */
struct auth_request {
    struct span username, password, method, uri, cnonce;
};

struct auth_answer {
    bool stale;
    char nonce[DIGEST_VALUE_MAX + 1];   /* to tell a new challenge from the same one again */
};

/* Picks the best challenge of a 401 that a scheme supports and writes the Authorization value. -ENOENT: there was no
 * challenge, -ENOTSUP: none that we can answer, -EMSGSIZE, -EIO. */
int auth_sign(const struct sip_scan *challenge, const struct auth_request *r, struct buf *out, struct auth_answer *a);

#endif
