/* SPDX-License-Identifier: MIT */
/* HTTP digest as SIP uses it (RFC 2069, 2617, 7616, 8760), and the hashes. The only includer of mbedtls. */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/span.h"

enum hash_alg { HASH_MD5, HASH_SHA1, HASH_SHA256 };

#define HASH_BYTES_MAX 32
#define HASH_HEX_MAX 65
#define HASH_BASE64_MAX 45

/* Hashes the concatenation of n parts. Returns the digest length; -EIO when the library refuses. */
int hash_parts(enum hash_alg alg, const struct span *part, unsigned n, uint8_t out[HASH_BYTES_MAX]);
int hash_parts_hex(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_HEX_MAX]);
int hash_parts_base64(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_BASE64_MAX]);
const char *hash_name(enum hash_alg alg);   /* "MD5", "SHA-1", "SHA-256" */

/* Limits on what a challenge may carry; a larger value makes the challenge unusable. */
#define DIGEST_VALUE_MAX 512u

struct digest_challenge {
    struct span realm, nonce, opaque;   /* unquoted text as sent (escapes kept), borrowed from the header */
    bool has_opaque;
    enum hash_alg alg;                  /* algorithm absent: MD5 */
    bool alg_named;                     /* echo algorithm= only then */
    char alg_text[16];                  /* as the server spelt it */
    bool qop_auth;                      /* qop offered and it has auth: answer with qop=auth */
    bool stale;
};

/* One WWW-Authenticate value. -ENOTSUP: not Digest, unknown algorithm, or only auth-int;
 * -EBADMSG: no realm or nonce, broken quoting, a value past DIGEST_VALUE_MAX. */
int digest_challenge_parse(struct digest_challenge *c, struct span header);

struct digest_request {
    struct span username, password, method, uri;
    struct span cnonce;                 /* used with qop only; the nonce count is always 00000001 */
};

/* response= as lower-case hex. */
int digest_response(const struct digest_challenge *c, const struct digest_request *r, char out[HASH_HEX_MAX]);
/* The whole value of an Authorization header: `Digest username="...", ...`, comma and blank between. */
int digest_authorization(struct buf *out, const struct digest_challenge *c, const struct digest_request *r);

/* A Note value: Digest nonce="...", algorithm=... . The nonce is borrowed from it; no algorithm is MD5. -ENOTSUP: not
 * Digest or an unknown algorithm; -EBADMSG: no nonce, broken quoting, a value past DIGEST_VALUE_MAX. */
int digest_note_parse(struct span header, struct span *nonce, enum hash_alg *alg);

#endif
