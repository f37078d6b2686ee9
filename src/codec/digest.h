/* SPDX-License-Identifier: MIT */
/* Digest authentication (RFC 2069, 2617, 7616, 8760), and the hashes. The only includer of mbedtls. */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/span.h"

enum hash_alg { HASH_MD5, HASH_SHA1, HASH_SHA256 };

#define HASH_HEX_MAX    65
#define HASH_BASE64_MAX 45

/* Hash the concatenation of n parts. Return the length of the digest in bytes, before it is encoded, or -EIO if the
 * library fails. */
int hash_parts_hex(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_HEX_MAX]);
int hash_parts_base64(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_BASE64_MAX]);
const char *hash_name(enum hash_alg alg); /* "MD5", "SHA-1", "SHA-256" */

/* Bytes of a value in a challenge; a longer one makes it unusable. */
#define DIGEST_VALUE_MAX 512u

struct digest_challenge {
    struct span realm, nonce, opaque; /* without quotes, escapes as sent; borrowed from the header */
    bool has_opaque;
    enum hash_alg alg; /* MD5 without algorithm= */
    bool alg_named;    /* algorithm= was sent, so it is echoed */
    char alg_text[16]; /* as spelt by the server */
    bool qop_auth;     /* qop= offers auth: respond with qop=auth */
    bool stale;
};

/* Parses a WWW-Authenticate value. 0; -ENOTSUP: not Digest, unknown algorithm, or only auth-int; -EBADMSG: no realm or
 * nonce, broken quoting, a value longer than DIGEST_VALUE_MAX. */
int digest_challenge_parse(struct digest_challenge *c, struct span header);

struct digest_request {
    struct span username, password, method, uri;
    struct span cnonce; /* used only with qop; the nonce count is always 00000001 */
};

/* The value of response=, lower-case hex. 0, -EIO. */
int digest_response(const struct digest_challenge *c, const struct digest_request *r, char out[HASH_HEX_MAX]);
/* The whole value of an Authorization header: `Digest username="...", ...`, separated by comma and blank. 0; -EINVAL:
 * control bytes in the request, or no cnonce with qop; -EMSGSIZE; -EIO. */
int digest_authorization(struct buf *out, const struct digest_challenge *c, const struct digest_request *r);

/* Parses a Note value: Digest nonce="...", algorithm=... . The nonce is borrowed from the header; the default algorithm
 * is MD5. 0; -ENOTSUP: not Digest or unknown algorithm; -EBADMSG: no nonce, broken quoting, a value longer than
 * DIGEST_VALUE_MAX. */
int digest_note_parse(struct span header, struct span *nonce, enum hash_alg *alg);

#endif
