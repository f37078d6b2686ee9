/* SPDX-License-Identifier: MIT */
#include "codec/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

/* ---- hashes ---------------------------------------------------------------------------------- */

static void test_hashes(void **state)
{
    /* RFC 1321, RFC 3174, FIPS 180-2: "abc" in pieces. */
    const struct span parts[] = { SPAN_LIT("a"), { NULL, 0 }, SPAN_LIT("bc") };
    char hex[HASH_HEX_MAX];

    (void)state;
    assert_int_equal(hash_parts_hex(HASH_MD5, parts, 3, hex), 16);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    assert_int_equal(hash_parts_hex(HASH_SHA1, parts, 3, hex), 20);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_int_equal(hash_parts_hex(HASH_SHA256, parts, 3, hex), 32);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(hash_parts_hex(HASH_MD5, NULL, 0, hex), 16);
    assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
}

/* ---- vectors --------------------------------------------------------------------------------- */

struct vector {
    const char *challenge, *username, *password, *method, *uri, *cnonce, *response;
};

static const struct vector vectors[] = {
    /* Computed from the formulas of RFC 3261 22.4. */
    { "Digest realm=\"3402000000\",nonce=\"6fe9ba44a76be22a\"", "34020000001320000001", "12345678", "REGISTER",
      "sip:34020000002000000001@3402000000", "", "6a2143ae65b119e276a75f0a4a8992b7" },
    { "Digest realm=\"3402000000\",qop=\"auth\",nonce=\"6fe9ba44a76be22a\"", "34020000001320000001", "12345678",
      "REGISTER", "sip:34020000002000000001@3402000000", "0a4f113b", "fb6d2f768312116118c121c2608cf961" },
    { "Digest realm=\"3402000000\",qop=\"auth,auth-int\",nonce=\"6fe9ba44a76be22a\"", "34020000001320000001",
      "12345678", "REGISTER", "sip:34020000002000000001@3402000000", "0a4f113b", "fb6d2f768312116118c121c2608cf961" },
    /* captured from another vendor's camera, with qop */
    { "Digest realm=\"34020000\",qop=\"auth\",nonce=\"1ba00522b15b098aa2c05150cdb0df31\",algorithm=MD5",
      "34020000001320000002", "admin123", "REGISTER", "sip:34020000001320000010@34020000", "0a4f113b",
      "ff34c4434d132ad9b956c729aa229194" },
    /* captured from a recorder, without qop and with a 21-digit ID */
    { "Digest realm=\"64010000\",nonce=\"6fe9ba44a76be22a\",algorithm=MD5", "340200000013200000001", "123456",
      "REGISTER", "sip:34020000002000000001@192.168.63.190:5060", "", "5ffcbdacab24362deda62848d310518d" },
    /* RFC 2617 3.5. */
    { "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
      "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", "6629fae49393a05397450978507c4ef1" },
    /* RFC 7616 3.9.1, both algorithms. */
    { "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
      "Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
    { "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
      "Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      "8ca523f5e9506fed4657c9700eebdbec" },
};

static struct digest_request request_of(const struct vector *v)
{
    return (struct digest_request){ span_of(v->username), span_of(v->password), span_of(v->method), span_of(v->uri),
                                    span_of(v->cnonce) };
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct digest_challenge c;
        struct digest_request r = request_of(&vectors[i]);
        struct span header = guard_str(vectors[i].challenge);
        char out[HASH_HEX_MAX];
        assert_int_equal(digest_challenge_parse(&c, header), 0);
        assert_int_equal(digest_response(&c, &r, out), 0);
        assert_string_equal(out, vectors[i].response);
        guard_str_free(header);
    }
}

static int authorize(const char *challenge, const struct vector *v, char *out, size_t size)
{
    struct digest_challenge c;
    struct digest_request r = request_of(v);
    struct buf b;
    int err = digest_challenge_parse(&c, span_of(challenge));

    if (err)
        return err;
    buf_init(&b, out, size);
    return digest_authorization(&b, &c, &r);
}

static void test_authorization(void **state)
{
    char out[1024];

    (void)state;
    /* byte for byte as captured */
    assert_int_equal(authorize(vectors[3].challenge, &vectors[3], out, sizeof(out)), 0);
    assert_string_equal(out,
                        "Digest username=\"34020000001320000002\", realm=\"34020000\", "
                        "nonce=\"1ba00522b15b098aa2c05150cdb0df31\", uri=\"sip:34020000001320000010@34020000\", "
                        "response=\"ff34c4434d132ad9b956c729aa229194\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, "
                        "nc=00000001");
    assert_int_equal(authorize(vectors[4].challenge, &vectors[4], out, sizeof(out)), 0);
    assert_string_equal(out,
                        "Digest username=\"340200000013200000001\", realm=\"64010000\", nonce=\"6fe9ba44a76be22a\", "
                        "uri=\"sip:34020000002000000001@192.168.63.190:5060\", "
                        "response=\"5ffcbdacab24362deda62848d310518d\", algorithm=MD5");
    /* algorithm is echoed only if offered, opaque always, even if empty; escapes are echoed unchanged */
    assert_int_equal(authorize("Digest realm=\"a\\\"b\\\\c\",nonce=n1,opaque=\"\"", &vectors[0], out, sizeof(out)), 0);
    assert_non_null(strstr(out, "realm=\"a\\\"b\\\\c\", nonce=\"n1\""));
    assert_non_null(strstr(out, ", opaque=\"\""));
    assert_null(strstr(out, "algorithm"));
    assert_null(strstr(out, "qop"));
    assert_null(strstr(out, "12345678"));
    /* the algorithm is echoed as spelt */
    assert_int_equal(authorize("Digest realm=\"r\",nonce=\"n\",algorithm=\"md5\"", &vectors[0], out, sizeof(out)), 0);
    assert_non_null(strstr(out, "algorithm=md5"));
    /* quotes in our values are escaped; a control byte or too small a buffer is an error */
    struct vector v = vectors[0];
    v.username = "a\"b\\c";
    assert_int_equal(authorize("Digest realm=\"r\",nonce=\"n\"", &v, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "username=\"a\\\"b\\\\c\""));
    v.username = "a\r\nX: y";
    assert_int_equal(authorize("Digest realm=\"r\",nonce=\"n\"", &v, out, sizeof(out)), -EINVAL);
    assert_int_equal(authorize("Digest realm=\"r\",nonce=\"n\"", &vectors[0], out, 64), -EMSGSIZE);
    assert_int_equal(authorize("Digest realm=\"r\",nonce=\"n\",qop=auth", &vectors[0], out, sizeof(out)), -EINVAL);
}

static void test_parse(void **state)
{
    struct digest_challenge c;

    (void)state;
    assert_int_equal(digest_challenge_parse(&c, SPAN_LIT(" digest  Realm = \"x y\" ,\r\n NONCE=\"n\",stale=TRUE, "
                                                         "domain=\"sip:a\",foo=bar, ")),
                     0);
    assert_true(span_eq_str(c.realm, "x y"));
    assert_true(span_eq_str(c.nonce, "n"));
    assert_true(c.stale);
    assert_false(c.has_opaque);
    assert_false(c.alg_named);
    assert_int_equal(c.alg, HASH_MD5);
    assert_false(c.qop_auth);

    assert_int_equal(digest_challenge_parse(&c, SPAN_LIT("Digest realm=\"\",nonce=abc==,qop=\"\",algorithm=SHA-256")),
                     0);
    assert_int_equal(c.realm.n, 0);
    assert_true(span_eq_str(c.nonce, "abc=="));
    assert_false(c.qop_auth);
    assert_int_equal(c.alg, HASH_SHA256);
    assert_string_equal(c.alg_text, "SHA-256");

    /* the first duplicate counts */
    assert_int_equal(digest_challenge_parse(&c, SPAN_LIT("Digest realm=\"1\",realm=\"2\",nonce=\"n\",qop=AUTH")), 0);
    assert_true(span_eq_str(c.realm, "1"));
    assert_true(c.qop_auth);
}

static void test_refused(void **state)
{
    static const struct {
        const char *header;
        int want;
    } cases[] = {
        { "Basic realm=\"x\"", -ENOTSUP },
        { "Digestrealm=\"x\",nonce=\"n\"", -ENOTSUP },
        { "", -ENOTSUP },
        { "Digest realm=\"x\",nonce=\"n\",algorithm=SM3", -ENOTSUP },
        { "Digest realm=\"x\",nonce=\"n\",algorithm=MD5-sess", -ENOTSUP },
        { "Digest realm=\"x\",nonce=\"n\",algorithm=SHA-512-256-and-more", -ENOTSUP },
        { "Digest realm=\"x\",nonce=\"n\",qop=\"auth-int\"", -ENOTSUP },
        { "Digest realm=\"x\",nonce=\"n\",qop=\"authority\"", -ENOTSUP },
        { "Digest", -EBADMSG },
        { "Digest realm=\"x\"", -EBADMSG },
        { "Digest nonce=\"x\"", -EBADMSG },
        { "Digest realm=\"x,nonce=\"n\"", -EBADMSG },
        { "Digest realm=\"x\",nonce=\"n", -EBADMSG },
        { "Digest realm=\"x\\", -EBADMSG },
        { "Digest realm=\"x\",nonce=\"a\rb\"", -EBADMSG },
        { "Digest realm=\"x\",nonce=\"a\\\nb\"", -EBADMSG },
        { "Digest realm=\"x\" nonce=\"n\"", -EBADMSG },
        { "Digest realm", -EBADMSG },
        { "Digest realm=\"x\",nonce=n\\,opaque=\"\"", -EBADMSG },
        { "Digest =\"x\"", -EBADMSG },
        { "Digest realm=\"x\",nonce=\"n\",\"", -EBADMSG },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct digest_challenge c;
        struct span s = guard_str(cases[i].header);
        assert_int_equal(digest_challenge_parse(&c, s), cases[i].want);
        guard_str_free(s);
    }
}

static void test_limits(void **state)
{
    struct digest_challenge c;
    size_t size = 70000;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    for (unsigned n = DIGEST_VALUE_MAX - 1; n <= DIGEST_VALUE_MAX + 1; n++) {
        int head = snprintf(text, size, "Digest realm=\"r\",nonce=\"");
        memset(text + head, 'a', n);
        snprintf(text + head + n, size - (size_t)head - n, "\"");
        assert_int_equal(digest_challenge_parse(&c, span_of(text)), n > DIGEST_VALUE_MAX ? -EBADMSG : 0);
    }
    int head = snprintf(text, size, "Digest nonce=\"n\",realm=\"");
    memset(text + head, 'r', 65536);
    memcpy(text + head + 65536, "\"", 2);
    assert_int_equal(digest_challenge_parse(&c, span_of(text)), -EBADMSG);
    free(text);
}

/* Each byte of a valid challenge replaced by every other byte: the response never has a control byte. */
static void test_one_byte_wrong(void **state)
{
    char text[256];
    const size_t n = strlen(vectors[3].challenge);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        for (unsigned v = 0; v < 256; v++) {
            char out[2048];
            memcpy(text, vectors[3].challenge, n);
            text[n] = '\0';
            text[i] = (char)v;
            struct digest_challenge c;
            struct buf b;
            struct digest_request r = request_of(&vectors[3]);
            buf_init(&b, out, sizeof(out));
            if (digest_challenge_parse(&c, (struct span){ text, n }) || digest_authorization(&b, &c, &r))
                continue;
            for (size_t k = 0; k < b.len; k++)
                assert_true((unsigned char)out[k] >= 0x20 || out[k] == '\t');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),         cmocka_unit_test(test_vectors), cmocka_unit_test(test_authorization),
        cmocka_unit_test(test_parse),          cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_one_byte_wrong),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
