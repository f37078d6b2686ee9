/* SPDX-License-Identifier: MIT */
/* How messages are proved to be whose they say: a table of schemes. Digest answers the registrar's challenges; Note signs
 * every other request (2016 annex H). */
#ifndef SIP_AUTH_H
#define SIP_AUTH_H

#include <stdbool.h>

#include "codec/digest.h"
#include "sip/scan.h"
#include "util/buf.h"
#include "util/span.h"
#include "util/walltime.h"

#define AUTH_CHALLENGES_MAX 16u         /* WWW-Authenticate lines looked at */
#define AUTH_VALUE_MAX 4096u            /* bytes of an Authorization value */
#define AUTH_NOTE_MAX 160u              /* bytes of the lines of a signed message */

/* What the scheme has to know of the request that is signed. */
struct auth_request {
    struct span username, password, method, uri, cnonce;
    enum hash_alg least;                /* no challenge of a weaker algorithm is answered; HASH_MD5: any is */
};

struct auth_answer {
    bool stale;
    enum hash_alg alg;
    struct span realm;                  /* borrowed from the challenge */
    char nonce[DIGEST_VALUE_MAX + 1];   /* to tell a new challenge from the same one again */
};

/* Is the first weaker than the second? */
bool auth_weaker(enum hash_alg a, enum hash_alg b);

/* Picks the best challenge of a 401 that a scheme supports and writes the Authorization value. -ENOENT: there was no
 * challenge, -ENOTSUP: none that we can answer, -EPERM: all that we could are weaker than r->least, -EMSGSIZE, -EIO. */
int auth_sign(const struct sip_scan *challenge, const struct auth_request *r, struct buf *out, struct auth_answer *a);

/* What both sides share to sign messages. */
struct auth_secret {
    const char *scheme;                 /* "Note" */
    enum hash_alg alg;
    struct span seed;
    uint32_t window_s;                  /* how far a Date may lie from now, either way */
};

/* The header lines that sign a finished message which s has read. -ENOTSUP, -EMSGSIZE, -EIO. */
int auth_sign_message(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now, struct buf *out);
/* 0: it is signed with that secret. -ENOENT: not signed; -EBADMSG: not to be read; -ETIMEDOUT: outside the window;
 * -EACCES: signed otherwise; -ENOTSUP, -EIO. */
int auth_verify_request(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now);

#endif
