/* SPDX-License-Identifier: MIT */
#include "codec/digest.h"

#include <errno.h>
#include <string.h>

#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#define HASH_BYTES_MAX 32
#define NONCE_COUNT    "00000001"

/* Called directly: mbedtls_md would link every hash. mbedtls 2 has the functions with a suffix. */
#if MBEDTLS_VERSION_MAJOR < 3
#define MD(name) mbedtls_##name##_ret
#else
#define MD(name) mbedtls_##name
#endif

union hash_state {
    mbedtls_md5_context md5;
    mbedtls_sha1_context sha1;
    mbedtls_sha256_context sha256;
};

/* The functions of one hash; __VA_ARGS__: further arguments of starts(). */
#define HASH_FUNCTIONS(name, ...)                                                                                      \
    static int name##_start(union hash_state *h)                                                                       \
    {                                                                                                                  \
        mbedtls_##name##_init(&h->name);                                                                               \
        return MD(name##_starts)(&h->name __VA_ARGS__);                                                                \
    }                                                                                                                  \
    static int name##_update(union hash_state *h, const uint8_t *p, size_t n)                                          \
    {                                                                                                                  \
        return MD(name##_update)(&h->name, p, n);                                                                      \
    }                                                                                                                  \
    static int name##_finish(union hash_state *h, uint8_t *out)                                                        \
    {                                                                                                                  \
        return MD(name##_finish)(&h->name, out);                                                                       \
    }                                                                                                                  \
    static void name##_free(union hash_state *h)                                                                       \
    {                                                                                                                  \
        mbedtls_##name##_free(&h->name);                                                                               \
    }
#define HASH_ROW(name, size)                                                                                           \
    {                                                                                                                  \
        name##_start, name##_update, name##_finish, name##_free, size                                                  \
    }
#define COMMA_SHA256 , 0 /* not SHA-224 */

HASH_FUNCTIONS(md5, )
HASH_FUNCTIONS(sha1, )
HASH_FUNCTIONS(sha256, COMMA_SHA256)

static const struct {
    int (*start)(union hash_state *h);
    int (*update)(union hash_state *h, const uint8_t *p, size_t n);
    int (*finish)(union hash_state *h, uint8_t *out);
    void (*free)(union hash_state *h);
    int size;
} hashes[] = {
    [HASH_MD5] = HASH_ROW(md5, 16),
    [HASH_SHA1] = HASH_ROW(sha1, 20),
    [HASH_SHA256] = HASH_ROW(sha256, 32),
};

static const struct {
    const char *name;
    enum hash_alg alg;
} algorithms[] = {
    { "MD5", HASH_MD5 },    { "SHA-256", HASH_SHA256 }, { "SHA256", HASH_SHA256 },
    { "SHA-1", HASH_SHA1 }, { "SHA1", HASH_SHA1 },      { "SHA", HASH_SHA1 },
};

static int hash_parts(enum hash_alg alg, const struct span *part, unsigned n, uint8_t out[HASH_BYTES_MAX])
{
    union hash_state h;
    int len = -EIO;

    if (hashes[alg].start(&h))
        goto out;
    for (unsigned i = 0; i < n; i++)
        if (part[i].n && hashes[alg].update(&h, (const uint8_t *)part[i].p, part[i].n))
            goto out;
    if (hashes[alg].finish(&h, out))
        goto out;
    len = hashes[alg].size;
out:
    hashes[alg].free(&h);
    return len;
}

int hash_parts_hex(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_HEX_MAX])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t raw[HASH_BYTES_MAX];
    int len = hash_parts(alg, part, n, raw);

    out[0] = '\0';
    if (len < 0)
        return len;
    for (int i = 0; i < len; i++) {
        out[2 * i] = digit[raw[i] >> 4];
        out[2 * i + 1] = digit[raw[i] & 15];
    }
    out[2 * len] = '\0';
    return len;
}

/* RFC 4648, with padding. */
int hash_parts_base64(enum hash_alg alg, const struct span *part, unsigned n, char out[HASH_BASE64_MAX])
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t raw[HASH_BYTES_MAX + 2] = { 0 };
    int len = hash_parts(alg, part, n, raw), at = 0;

    out[0] = '\0';
    if (len < 0)
        return len;
    for (int i = 0; i < len; i += 3, at += 4) {
        unsigned v = (unsigned)raw[i] << 16;
        v |= i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0;
        v |= i + 2 < len ? raw[i + 2] : 0;
        out[at] = digit[v >> 18];
        out[at + 1] = digit[v >> 12 & 63];
        out[at + 2] = i + 1 < len ? digit[v >> 6 & 63] : '=';
        out[at + 3] = i + 2 < len ? digit[v & 63] : '=';
    }
    out[at] = '\0';
    return len;
}

const char *hash_name(enum hash_alg alg)
{
    static const char *const names[] = { [HASH_MD5] = "MD5", [HASH_SHA1] = "SHA-1", [HASH_SHA256] = "SHA-256" };

    return names[alg];
}

/* ---- challenge ----------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static void skip_blanks(struct span *s)
{
    while (s->n && is_blank(s->p[0]))
        *s = span_from(*s, 1);
}

/* Removes a token, up to a blank or one of `,="`. */
static struct span take_token(struct span *s)
{
    size_t n = 0;

    while (n < s->n && !is_blank(s->p[n]) && !strchr(",=\"", s->p[n]) && !is_control(s->p[n]))
        n++;
    struct span token = { s->p, n };
    *s = span_from(*s, n);
    return token;
}

/* Removes a quoted string whose opening quote is already gone; escapes are kept. */
static int take_quoted(struct span *s, struct span *value)
{
    size_t n = 0;

    while (n < s->n && s->p[n] != '"') {
        /* It would be echoed in our own header. */
        if (is_control(s->p[n]) && s->p[n] != '\t')
            return -EBADMSG;
        if (s->p[n] == '\\' && ++n >= s->n)
            return -EBADMSG;
        if (is_control(s->p[n]) && s->p[n] != '\t')
            return -EBADMSG;
        n++;
    }
    if (n >= s->n)
        return -EBADMSG;
    *value = (struct span){ s->p, n };
    *s = span_from(*s, n + 1);
    return 0;
}

/* Removes the next name=value and the commas before it. -ENOENT: none left. */
static int take_param(struct span *s, struct span *name, struct span *value)
{
    skip_blanks(s);
    while (s->n && s->p[0] == ',') {
        *s = span_from(*s, 1);
        skip_blanks(s);
    }
    if (!s->n)
        return -ENOENT;
    *name = take_token(s);
    skip_blanks(s);
    if (!name->n || !s->n || s->p[0] != '=')
        return -EBADMSG;
    *s = span_from(*s, 1);
    skip_blanks(s);
    if (s->n && s->p[0] == '"') {
        *s = span_from(*s, 1);
        if (take_quoted(s, value))
            return -EBADMSG;
    } else {
        /* Unquoted base64 nonces exist and may end in '='. A backslash would escape the closing quote in our header. */
        size_t n = 0;
        while (n < s->n && !is_blank(s->p[n]) && !strchr(",\"\\", s->p[n]) && !is_control(s->p[n]))
            n++;
        *value = (struct span){ s->p, n };
        *s = span_from(*s, n);
    }
    skip_blanks(s);
    if (s->n && s->p[0] != ',')
        return -EBADMSG;
    return value->n > DIGEST_VALUE_MAX ? -EBADMSG : 0;
}

static int read_algorithm(struct digest_challenge *c, struct span value)
{
    value = span_trim(value);
    if (!value.n)
        return 0;
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (!span_case_eq_str(value, algorithms[i].name))
            continue;
        c->alg = algorithms[i].alg;
        c->alg_named = true;
        span_copy(value, c->alg_text, sizeof(c->alg_text));
        return 0;
    }
    return -ENOTSUP;
}

/* qop="auth,auth-int": one of the options must be auth. An empty list counts as absent. */
static int read_qop(struct digest_challenge *c, struct span value)
{
    bool any = false;

    while (value.n) {
        size_t comma = span_chr(value, ',');
        struct span option = span_trim((struct span){ value.p, comma });
        value = span_from(value, comma + 1);
        any = any || option.n;
        if (span_case_eq_str(option, "auth"))
            c->qop_auth = true;
    }
    return any && !c->qop_auth ? -ENOTSUP : 0;
}

int digest_note_parse(struct span header, struct span *nonce, enum hash_alg *alg)
{
    struct digest_challenge c = { .alg = HASH_MD5 };
    struct span rest = span_trim(header), name, v;
    struct span scheme = take_token(&rest);
    int err;

    *nonce = (struct span){ 0 };
    if (!span_case_eq_str(scheme, "Digest"))
        return -ENOTSUP;
    while ((err = take_param(&rest, &name, &v)) == 0)
        if (span_case_eq_str(name, "nonce") && !nonce->n)
            *nonce = v;
        else if (span_case_eq_str(name, "algorithm") && read_algorithm(&c, v) != 0)
            return -ENOTSUP;
    *alg = c.alg;
    return err != -ENOENT || !nonce->n ? -EBADMSG : 0;
}

enum { PARAM_REALM, PARAM_NONCE, PARAM_OPAQUE, PARAM_ALGORITHM, PARAM_QOP, PARAM_STALE, PARAM_COUNT };

static const char *const param_names[PARAM_COUNT] = { "realm", "nonce", "opaque", "algorithm", "qop", "stale" };

int digest_challenge_parse(struct digest_challenge *c, struct span header)
{
    struct span value[PARAM_COUNT] = { { 0 } };
    bool seen[PARAM_COUNT] = { false };
    struct span rest = span_trim(header), name, v;
    struct span scheme = take_token(&rest);
    int err;

    memset(c, 0, sizeof(*c));
    if (!span_case_eq_str(scheme, "Digest") || (rest.n && !is_blank(rest.p[0])))
        return -ENOTSUP;
    while ((err = take_param(&rest, &name, &v)) == 0) {
        for (int i = 0; i < PARAM_COUNT; i++) {
            if (span_case_eq_str(name, param_names[i]) && !seen[i]) {
                seen[i] = true;
                value[i] = v;
            }
        }
    }
    if (err != -ENOENT || !seen[PARAM_REALM] || !seen[PARAM_NONCE])
        return -EBADMSG;
    c->realm = value[PARAM_REALM];
    c->nonce = value[PARAM_NONCE];
    c->opaque = value[PARAM_OPAQUE];
    c->has_opaque = seen[PARAM_OPAQUE];
    c->stale = span_case_eq_str(span_trim(value[PARAM_STALE]), "true");
    err = read_algorithm(c, value[PARAM_ALGORITHM]);
    return err ? err : read_qop(c, value[PARAM_QOP]);
}

/* ---- response -------------------------------------------------------------------------------- */

int digest_response(const struct digest_challenge *c, const struct digest_request *r, char out[HASH_HEX_MAX])
{
    const struct span colon = SPAN_LIT(":");
    char ha1[HASH_HEX_MAX], ha2[HASH_HEX_MAX];
    int len;

    const struct span a1[] = { r->username, colon, c->realm, colon, r->password };
    len = hash_parts_hex(c->alg, a1, 5, ha1);
    if (len < 0)
        goto out;
    const struct span a2[] = { r->method, colon, r->uri };
    len = hash_parts_hex(c->alg, a2, 3, ha2);
    if (len < 0)
        goto out;
    if (c->qop_auth) {
        const struct span kd[] = { span_of(ha1), colon, c->nonce,         colon, SPAN_LIT(NONCE_COUNT), colon,
                                   r->cnonce,    colon, SPAN_LIT("auth"), colon, span_of(ha2) };
        len = hash_parts_hex(c->alg, kd, 11, out);
    } else {
        const struct span kd[] = { span_of(ha1), colon, c->nonce, colon, span_of(ha2) };
        len = hash_parts_hex(c->alg, kd, 5, out);
    }
out:
    /* HA1 is equivalent to the password. */
    mbedtls_platform_zeroize(ha1, sizeof(ha1));
    return len < 0 ? len : 0;
}

static int put_quoted(struct buf *out, const char *name, struct span value)
{
    buf_printf(out, "%s=\"", name);
    for (size_t i = 0; i < value.n; i++) {
        if (is_control(value.p[i]))
            return -EINVAL;
        if (value.p[i] == '"' || value.p[i] == '\\')
            buf_char(out, '\\');
        buf_char(out, value.p[i]);
    }
    buf_char(out, '"');
    return 0;
}

static void put_verbatim(struct buf *out, const char *name, struct span value)
{
    buf_printf(out, ", %s=\"", name);
    buf_span(out, value);
    buf_char(out, '"');
}

int digest_authorization(struct buf *out, const struct digest_challenge *c, const struct digest_request *r)
{
    char response[HASH_HEX_MAX];
    int err;

    if (c->qop_auth && !r->cnonce.n)
        return -EINVAL;
    err = digest_response(c, r, response);
    if (err)
        return err;
    buf_str(out, "Digest ");
    err = put_quoted(out, "username", r->username);
    if (err)
        return err;
    put_verbatim(out, "realm", c->realm);
    put_verbatim(out, "nonce", c->nonce);
    buf_str(out, ", ");
    err = put_quoted(out, "uri", r->uri);
    if (err)
        return err;
    buf_printf(out, ", response=\"%s\"", response);
    if (c->alg_named)
        buf_printf(out, ", algorithm=%s", c->alg_text);
    if (c->qop_auth)
        put_verbatim(out, "cnonce", r->cnonce);
    if (c->has_opaque)
        put_verbatim(out, "opaque", c->opaque);
    if (c->qop_auth)
        buf_str(out, ", qop=auth, nc=" NONCE_COUNT);
    return out->overflow ? -EMSGSIZE : 0;
}
