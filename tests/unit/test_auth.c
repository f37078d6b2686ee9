/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/auth.h"

static int sign(const char *challenges, const struct auth_request *q, char *out, size_t size, struct auth_answer *a)
{
    char text[16384];
    struct sip_scan s;
    struct buf b;
    int err;

    snprintf(text, sizeof(text),
             "SIP/2.0 401 U\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
             "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
             challenges);
    assert_int_equal(sip_scan(&s, text, strlen(text), false), 0);
    buf_init(&b, out, size);
    err = auth_sign(&s, q, &b, a);
    return err;
}

/* A Hikvision camera against a JAIN-SIP server, qop="auth". */
static void test_capture_qop(void **state)
{
    const struct auth_request q = {
        .username = SPAN_LIT("34020000001320000002"),
        .password = SPAN_LIT("admin123"),
        .method = SPAN_LIT("REGISTER"),
        .uri = SPAN_LIT("sip:34020000001320000010@34020000"),
        .cnonce = SPAN_LIT("0a4f113b"),
    };
    struct auth_answer a;
    char out[AUTH_VALUE_MAX];

    (void)state;
    assert_int_equal(sign("WWW-Authenticate: Digest realm=\"34020000\",qop=\"auth\","
                          "nonce=\"1ba00522b15b098aa2c05150cdb0df31\",algorithm=MD5\r\n",
                          &q, out, sizeof(out), &a),
                     0);
    assert_non_null(strstr(out, "response=\"ff34c4434d132ad9b956c729aa229194\""));
    assert_non_null(strstr(out, "qop=auth"));
    assert_non_null(strstr(out, "nc=00000001"));
    assert_non_null(strstr(out, "cnonce=\"0a4f113b\""));
    assert_string_equal(a.nonce, "1ba00522b15b098aa2c05150cdb0df31");
    assert_false(a.stale);
}

/* An NVR without qop and with an ID of 21 digits. */
static void test_capture_no_qop(void **state)
{
    const struct auth_request q = {
        .username = SPAN_LIT("340200000013200000001"),
        .password = SPAN_LIT("123456"),
        .method = SPAN_LIT("REGISTER"),
        .uri = SPAN_LIT("sip:34020000002000000001@192.168.63.190:5060"),
        .cnonce = SPAN_LIT("x"),
    };
    struct auth_answer a;
    char out[AUTH_VALUE_MAX];

    (void)state;
    assert_int_equal(sign("WWW-Authenticate: Digest realm=\"64010000\",nonce=\"6fe9ba44a76be22a\",algorithm=MD5\r\n",
                          &q, out, sizeof(out), &a),
                     0);
    assert_non_null(strstr(out, "response=\"5ffcbdacab24362deda62848d310518d\""));
    assert_null(strstr(out, "cnonce"));
}

/* Weaker challenges than min_alg are skipped, in either order. */
static void test_challenges_below_min_alg_are_skipped(void **state)
{
    static const char md5[] = "WWW-Authenticate: Digest realm=\"x\",nonce=\"m\"\r\n";
    static const char sha[] = "WWW-Authenticate: Digest realm=\"y\",nonce=\"s\",algorithm=SHA-256\r\n";
    struct auth_request q = { .username = SPAN_LIT("u"),
                              .password = SPAN_LIT("p"),
                              .method = SPAN_LIT("REGISTER"),
                              .uri = SPAN_LIT("sip:a@b"),
                              .cnonce = SPAN_LIT("c") };
    struct auth_answer a;
    char out[AUTH_VALUE_MAX], both[512];

    (void)state;
    assert_int_equal(sign(md5, &q, out, sizeof(out), &a), 0);
    assert_int_equal(a.alg, HASH_MD5);
    q.min_alg = HASH_SHA256;
    assert_int_equal(sign(md5, &q, out, sizeof(out), &a), -EPERM);
    assert_int_equal(sign(sha, &q, out, sizeof(out), &a), 0);
    for (unsigned turn = 0; turn < 4; turn++) {
        q.min_alg = turn & 2u ? HASH_SHA256 : HASH_MD5;
        snprintf(both, sizeof(both), "%s%s", turn & 1u ? md5 : sha, turn & 1u ? sha : md5);
        assert_int_equal(sign(both, &q, out, sizeof(out), &a), 0);
        assert_int_equal(a.alg, HASH_SHA256);
        assert_string_equal(a.nonce, "s");
        assert_non_null(strstr(out, "realm=\"y\""));
    }
    assert_true(auth_weaker(HASH_MD5, HASH_SHA256) && !auth_weaker(HASH_SHA256, HASH_MD5) &&
                !auth_weaker(HASH_MD5, HASH_MD5));
}

static void test_unusable_challenges_are_refused(void **state)
{
    const struct auth_request q = { .username = SPAN_LIT("u"),
                                    .password = SPAN_LIT("p"),
                                    .method = SPAN_LIT("REGISTER"),
                                    .uri = SPAN_LIT("sip:a@b"),
                                    .cnonce = SPAN_LIT("c") };
    struct auth_answer a;
    char out[AUTH_VALUE_MAX], many[8192] = "";

    (void)state;
    assert_int_equal(sign("", &q, out, sizeof(out), &a), -ENOENT);
    assert_int_equal(sign("WWW-Authenticate: Basic realm=\"x\"\r\n", &q, out, sizeof(out), &a), -ENOTSUP);
    assert_int_equal(sign("WWW-Authenticate: Digest realm=\"x\"\r\n", &q, out, sizeof(out), &a), -ENOTSUP);
    assert_int_equal(sign("Proxy-Authenticate: Digest realm=\"x\",nonce=\"y\"\r\n", &q, out, sizeof(out), &a), -ENOENT);
    for (unsigned i = 0; i < 40; i++)
        strncat(many, "WWW-Authenticate: Digest realm=\"x\",nonce=\"y\",algorithm=NOPE\r\n",
                sizeof(many) - strlen(many) - 1);
    assert_int_equal(sign(many, &q, out, sizeof(out), &a), -ENOTSUP);
    assert_int_equal(sign("WWW-Authenticate: Digest realm=\"x\",nonce=\"y\"\r\n", &q, out, 20, &a), -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capture_qop),
        cmocka_unit_test(test_capture_no_qop),
        cmocka_unit_test(test_challenges_below_min_alg_are_skipped),
        cmocka_unit_test(test_unusable_challenges_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
