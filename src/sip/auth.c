/* SPDX-License-Identifier: MIT */
#include "sip/auth.h"

#include <errno.h>
#include <string.h>

#include "sip/scan.h"

/* NULL: not supported by the scheme. */
struct auth_scheme {
    const char *name;
    /* 0, or a negative errno when this challenge cannot be answered. */
    int (*on_challenge)(struct span header, struct auth_answer *a);
    int (*sign_request)(struct span header, const struct auth_request *r, struct buf *out);
    int (*sign_message)(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now,
                        struct buf *out);
    int (*verify_request)(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now);
};

bool auth_weaker(enum hash_alg a, enum hash_alg b)
{
    static const int strength[] = { [HASH_MD5] = 1, [HASH_SHA1] = 1, [HASH_SHA256] = 2 };

    return strength[a] < strength[b];
}

static int digest_on_challenge(struct span header, struct auth_answer *a)
{
    struct digest_challenge c;
    int err = digest_challenge_parse(&c, header);

    if (err != 0)
        return err;
    if (!span_copy(c.nonce, a->nonce, sizeof(a->nonce)))
        return -EMSGSIZE;
    a->stale = c.stale;
    a->alg = c.alg;
    a->realm = c.realm;
    return 0;
}

static int digest_sign_request(struct span header, const struct auth_request *r, struct buf *out)
{
    const struct digest_request q = {
        .username = r->username,
        .password = r->password,
        .method = r->method,
        .uri = r->uri,
        .cnonce = r->cnonce,
    };
    struct digest_challenge c;
    int err = digest_challenge_parse(&c, header);

    return err != 0 ? err : digest_authorization(out, &c, &q);
}

/* ---- Note: BASE64(hash(From To Call-ID Date seed body)), header values as they stand --------------------- */

static int note_digest(const struct auth_secret *k, const struct sip_scan *s, struct span date,
                       char out[HASH_BASE64_MAX])
{
    struct span part[6] = { { 0 }, { 0 }, { 0 }, date, k->seed, s->body };

    sip_scan_header(s, "From", 0, &part[0]);
    sip_scan_header(s, "To", 0, &part[1]);
    sip_scan_header(s, "Call-ID", 0, &part[2]);
    return hash_parts_base64(k->alg, part, 6, out);
}

static int note_sign_message(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now,
                             struct buf *out)
{
    char date[WALLTIME_TEXT], nonce[HASH_BASE64_MAX];
    int err;

    walltime_print(now->unix_ms, now->utc_offset_s, date);
    err = note_digest(k, s, span_of(date), nonce);
    if (err < 0)
        return err;
    buf_printf(out, "Date: %s\r\nNote: Digest nonce=\"%s\", algorithm=%s\r\n", date, nonce, hash_name(k->alg));
    return 0;
}

/* In constant time. */
static bool same_text(struct span x, struct span y)
{
    unsigned diff = x.n != y.n;

    for (size_t i = 0; i < x.n && i < y.n; i++)
        diff |= (unsigned)(unsigned char)x.p[i] ^ (unsigned char)y.p[i];
    return diff == 0;
}

static int note_verify_request(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now)
{
    int64_t ms, window = (int64_t)k->window_s * 1000;
    struct span note, date, nonce;
    char want[HASH_BASE64_MAX];
    enum hash_alg alg;
    int err;

    if (!sip_scan_header(s, "Note", 0, &note) || !sip_scan_header(s, "Date", 0, &date))
        return -ENOENT;
    if (digest_note_parse(note, &nonce, &alg) != 0 || walltime_parse(date, now->utc_offset_s, &ms) != 0)
        return -EBADMSG;
    if (ms - now->unix_ms > window || now->unix_ms - ms > window)
        return -ETIMEDOUT;
    err = note_digest(k, s, date, want);
    if (err < 0)
        return err;
    return alg == k->alg && same_text(nonce, span_of(want)) ? 0 : -EACCES;
}

static const struct auth_scheme schemes[] = {
    { "Digest", digest_on_challenge, digest_sign_request, NULL, NULL },
    { "Note", NULL, NULL, note_sign_message, note_verify_request },
};
#define NSCHEMES (sizeof(schemes) / sizeof(schemes[0]))

int auth_sign(const struct sip_scan *challenge, const struct auth_request *r, struct buf *out, struct auth_answer *a)
{
    const struct auth_scheme *best = NULL;
    struct span header, best_header = { 0 };
    struct auth_answer answer;
    bool weak = false;
    unsigned i;
    int err;

    for (i = 0; i < AUTH_CHALLENGES_MAX && sip_scan_header(challenge, "WWW-Authenticate", i, &header); i++) {
        for (size_t k = 0; k < NSCHEMES; k++) {
            if (!schemes[k].on_challenge || schemes[k].on_challenge(header, &answer) != 0)
                continue;
            if (auth_weaker(answer.alg, r->min_alg)) {
                weak = true;
            } else if (!best || auth_weaker(a->alg, answer.alg)) {
                best = &schemes[k];
                best_header = header;
                *a = answer;
            }
        }
    }
    if (!best)
        return i == 0 ? -ENOENT : weak ? -EPERM : -ENOTSUP;
    err = best->sign_request(best_header, r, out);
    return err < 0 ? err : out->overflow ? -EMSGSIZE : 0;
}

static const struct auth_scheme *scheme_of(const struct auth_secret *k)
{
    for (size_t i = 0; i < NSCHEMES; i++)
        if (strcmp(schemes[i].name, k->scheme) == 0)
            return &schemes[i];
    return NULL;
}

int auth_sign_message(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now, struct buf *out)
{
    const struct auth_scheme *scheme = scheme_of(k);
    int err;

    if (!scheme || !scheme->sign_message)
        return -ENOTSUP;
    err = scheme->sign_message(k, s, now, out);
    return err < 0 ? err : out->overflow ? -EMSGSIZE : 0;
}

int auth_verify_request(const struct auth_secret *k, const struct sip_scan *s, const struct gb_time *now)
{
    const struct auth_scheme *scheme = scheme_of(k);

    return scheme && scheme->verify_request ? scheme->verify_request(k, s, now) : -ENOTSUP;
}
