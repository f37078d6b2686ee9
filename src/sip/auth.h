/* SPDX-License-Identifier: MIT */
/* Authentication of SIP messages by a table of schemes. Digest (RFC 3261 22) answers the registrar's challenges; Note
 * (2016 annex H) signs every other request. */
#ifndef SIP_AUTH_H
#define SIP_AUTH_H

#include <stdbool.h>

#include "codec/digest.h"
#include "sip/scan.h"
#include "util/buf.h"
#include "util/span.h"
#include "util/walltime.h"

#define AUTH_CHALLENGES_MAX 16u   /* WWW-Authenticate headers read */
#define AUTH_VALUE_MAX      4096u /* bytes of an Authorization value */
#define AUTH_NOTE_MAX       160u  /* bytes that auth_sign_message writes */

/* The request that answers the challenge. */
struct auth_request {
    struct span username, password, method, uri, cnonce;
    enum hash_alg min_alg; /* challenges of a weaker algorithm are not answered */
};

struct auth_answer {
    bool stale;
    enum hash_alg alg;
    struct span realm;                /* borrowed from the challenge */
    char nonce[DIGEST_VALUE_MAX + 1]; /* to distinguish a new challenge from a repeated one */
};

bool auth_weaker(enum hash_alg a, enum hash_alg b); /* a is weaker than b */

/* Picks the strongest challenge of a 401 that a scheme supports and writes the Authorization value. -ENOENT: no
 * challenge, -ENOTSUP: none is supported, -EPERM: those supported are weaker than r->min_alg, -EMSGSIZE, -EIO. */
int auth_sign(const struct sip_scan *challenge, const struct auth_request *r, struct buf *out, struct auth_answer *a);

/* The shared secret that messages are signed with. */
struct auth_secret {
    const char *scheme; /* "Note" */
    enum hash_alg alg;
    struct span seed;
    uint32_t window_s; /* how far Date may be from now, either way */
};

/* Writes the header lines that sign the message s. -ENOTSUP, -EMSGSIZE, -EIO. */
int auth_sign_message(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now,
                      struct buf *out);
/* 0: signed with that secret. -ENOENT: not signed; -EBADMSG: malformed; -ETIMEDOUT: Date outside the window;
 * -EACCES: wrong digest; -ENOTSUP, -EIO. */
int auth_verify_request(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now);

#endif
