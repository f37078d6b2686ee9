/* SPDX-License-Identifier: MIT */
#include "core/auth.h"

#include <errno.h>

struct auth_scheme {
    const char *name;
    /* How strong it is, 1..; negative errno when this challenge cannot be answered. */
    int (*on_challenge)(struct span header, struct auth_answer *a);
    int (*sign_request)(struct span header, const struct auth_request *r, struct buf *out);
};

static int digest_on_challenge(struct span header, struct auth_answer *a)
{
    static const int strength[] = { [HASH_MD5] = 1, [HASH_SHA1] = 1, [HASH_SHA256] = 2 };
    struct digest_challenge c;
    int rc = digest_challenge_parse(&c, header);

    if (rc != 0)
        return rc;
    if (!span_copy(c.nonce, a->nonce, sizeof(a->nonce)))
        return -EMSGSIZE;
    a->stale = c.stale;
    return strength[c.alg];
}

static int digest_sign_request(struct span header, const struct auth_request *r, struct buf *out)
{
    const struct digest_request q = {
        .username = r->username, .password = r->password, .method = r->method, .uri = r->uri, .cnonce = r->cnonce,
    };
    struct digest_challenge c;
    int rc = digest_challenge_parse(&c, header);

    return rc != 0 ? rc : digest_authorization(out, &c, &q);
}

static const struct auth_scheme schemes[] = {
    { "Digest", digest_on_challenge, digest_sign_request },
};

int auth_sign(const struct sip_scan *challenge, const struct auth_request *r, struct buf *out, struct auth_answer *a)
{
    const struct auth_scheme *best = NULL;
    struct span header, best_header = { 0 };
    struct auth_answer answer;
    int strongest = 0, rc;
    unsigned i;

    for (i = 0; i < AUTH_CHALLENGES_MAX && sip_scan_header(challenge, "WWW-Authenticate", i, &header); i++) {
        for (size_t k = 0; k < sizeof(schemes) / sizeof(schemes[0]); k++) {
            int strength = schemes[k].on_challenge(header, &answer);
            if (strength > strongest) {
                strongest = strength;
                best = &schemes[k];
                best_header = header;
                *a = answer;
            }
        }
    }
    if (!best)
        return i == 0 ? -ENOENT : -ENOTSUP;
    rc = best->sign_request(best_header, r, out);
    return rc < 0 ? rc : out->overflow ? -EMSGSIZE : 0;
}
