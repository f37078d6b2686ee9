/* SPDX-License-Identifier: MIT */
/* The signalling digest of 2016 annex H. The digests were computed with Python's hashlib over the concatenation
 * From To Call-ID Date seed body. */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#include "codec/digest.h"
#include "sip/auth.h"

#define SEED         "s3cret"
#define DATE         "2035-01-01T08:00:00"
#define AT_MS        INT64_C(2051222400000)
#define MD5          "vzB6kpvd3NyFWGFKpmInIg=="
#define SHA1         "LzypHkPaBE9XfGOAAqx8toYyiXs="
#define SHA256       "/wLIGkkE/iESVzdH0o89NkdfodTSd9D36WsBbF8quk8="
#define NOTE(n, alg) "Note: Digest nonce=\"" n "\", algorithm=" alg "\r\n"
#define DATED        "Date: " DATE "\r\n"

static const char *message(const char *headers, const char *body)
{
    static char text[2048];

    snprintf(text, sizeof(text),
             "MESSAGE sip:" DEVICE_ID "@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn%u\r\n"
             "From: <sip:" SERVER_ID "@3402000000>;tag=p1\r\nTo: <sip:" DEVICE_ID "@3402000000>\r\nCall-ID: note-1\r\n"
             "CSeq: 1 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n%sContent-Length: %zu\r\n\r\n%s",
             (unsigned)strlen(headers), headers, strlen(body), body);
    return text;
}

static int verify(enum hash_alg alg, const char *headers, const char *body, int64_t now_ms)
{
    const struct auth_secret k = { .scheme = "Note", .alg = alg, .seed = SPAN_LIT(SEED), .window_s = 600 };
    const struct gb_time now = { .unix_ms = now_ms, .utc_offset_s = 28800 };
    const char *text = message(headers, body);
    size_t n = strlen(text);
    char *copy = guard_copy(text, n);
    struct sip_scan s;
    int err;

    assert_int_equal(sip_scan(&s, copy, n, false), 0);
    err = auth_verify_request(&k, &s, &now);
    guard_free(copy, n);
    return err;
}

static void test_vectors(void **state)
{
    (void)state;
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS), 0);
    assert_int_equal(verify(HASH_SHA1, DATED NOTE(SHA1, "SHA-1"), "<x/>", AT_MS), 0);
    assert_int_equal(verify(HASH_SHA1, DATED NOTE(SHA1, "SHA1"), "<x/>", AT_MS), 0);
    assert_int_equal(verify(HASH_SHA256, DATED NOTE(SHA256, "SHA-256"), "<x/>", AT_MS), 0);
    assert_int_equal(verify(HASH_SHA256, DATED NOTE(SHA256, "SHA256"), "<x/>", AT_MS), 0);
    assert_int_equal(verify(HASH_MD5, DATED "Note: Digest algorithm = md5 ,nonce=\"" MD5 "\"\r\n", "<x/>", AT_MS), 0);
}

static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(verify(HASH_MD5, "", "<x/>", AT_MS), -ENOENT);
    assert_int_equal(verify(HASH_MD5, DATED, "<x/>", AT_MS), -ENOENT);
    assert_int_equal(verify(HASH_MD5, NOTE(MD5, "MD5"), "<x/>", AT_MS), -ENOENT);
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<y/>", AT_MS), -EACCES);
    assert_int_equal(verify(HASH_SHA1, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS), -EACCES);
    assert_int_equal(verify(HASH_MD5, DATED NOTE("vzB6", "MD5"), "<x/>", AT_MS), -EACCES);
    assert_int_equal(verify(HASH_MD5, DATED NOTE("", "MD5"), "<x/>", AT_MS), -EBADMSG);
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "SM3"), "<x/>", AT_MS), -EBADMSG);
    assert_int_equal(verify(HASH_MD5, DATED "Note: Basic nonce=\"" MD5 "\"\r\n", "<x/>", AT_MS), -EBADMSG);
    assert_int_equal(verify(HASH_MD5, DATED "Note: Digest nonce=\"abc\r\n", "<x/>", AT_MS), -EBADMSG);
    assert_int_equal(verify(HASH_MD5, "Date: then\r\n" NOTE(MD5, "MD5"), "<x/>", AT_MS), -EBADMSG);
    /* Up to ten minutes either way are accepted. */
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS + 600000), 0);
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS - 600000), 0);
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS + 601000), -ETIMEDOUT);
    assert_int_equal(verify(HASH_MD5, DATED NOTE(MD5, "MD5"), "<x/>", AT_MS - 601000), -ETIMEDOUT);
}

/* RFC 4648 section 4, for each length of digest. */
static void test_base64(void **state)
{
    const struct span nothing = { 0 };
    char out[HASH_BASE64_MAX];

    (void)state;
    assert_int_equal(hash_parts_base64(HASH_MD5, &nothing, 1, out), 16);
    assert_string_equal(out, "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_int_equal(hash_parts_base64(HASH_SHA1, &nothing, 1, out), 20);
    assert_string_equal(out, "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    assert_int_equal(hash_parts_base64(HASH_SHA256, &nothing, 1, out), 32);
    assert_string_equal(out, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

/* ---- an agent with note_digest ------------------------------------------------------------ */

static struct rig *online(const char *date)
{
    struct agent_config cfg;
    struct rig *r;

    rig_config(&cfg);
    cfg.note_digest = AGENT_NOTE_MD5;
    snprintf(cfg.note_seed, sizeof(cfg.note_seed), SEED);
    r = rig_new(&cfg);
    rig_run(r, 0);
    assert_null(rig_header(rig_last(r), "Note"));
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_null(rig_header(rig_last(r), "Note"));
    rig_answer_from(r, r->server, rig_last(r), 200, date);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    return r;
}

static void test_ours_are_signed(void **state)
{
    const struct auth_secret k = { .scheme = "Note", .alg = HASH_MD5, .seed = SPAN_LIT(SEED), .window_s = 600 };
    struct rig *r = online(DATED);
    const struct gb_time now = { .unix_ms = AT_MS, .utc_offset_s = 28800 };
    struct sip_scan s;
    const char *p;

    (void)state;
    p = rig_last(r);
    assert_non_null(strstr(p, "<CmdType>Keepalive<"));
    /* The platform's time, although the local clock is at 1970. */
    assert_string_equal(rig_header(p, "Date"), DATE);
    assert_non_null(strstr(rig_header(p, "Note"), "Digest nonce=\""));
    assert_non_null(strstr(rig_header(p, "Note"), "\", algorithm=MD5"));
    assert_int_equal(sip_scan(&s, p, strlen(p), false), 0);
    assert_int_equal(auth_verify_request(&k, &s, &now), 0);
    /* A retransmission is identical. */
    rig_run(r, 600);
    assert_true(r->npackets >= 2);
    assert_string_equal(r->packet[r->npackets - 1], r->packet[r->npackets - 2]);
    rig_free(r);
}

static unsigned answer_of(struct rig *r, const char *text)
{
    unsigned status = 0;

    rig_drain(r);
    rig_forget(r);
    rig_input_from(r, r->server, text);
    rig_drain(r);
    for (unsigned i = 0; i < r->npackets; i++)
        if (!strncmp(r->packet[i], "SIP/2.0 ", 8))
            status = (unsigned)strtoul(r->packet[i] + 8, NULL, 10);
    return status;
}

static void test_theirs_are_checked(void **state)
{
    struct rig *r = online(DATED);
    struct agent_status st;

    (void)state;
    assert_int_equal(answer_of(r, message("", "<x/>")), 403);
    assert_int_equal(answer_of(r, message(DATED NOTE("AAAAAAAAAAAAAAAAAAAAAA==", "MD5"), "<x/>")), 403);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.unsigned_requests, 2);
    assert_int_equal(st.refused, 2);
    /* Signed, but not MANSCDP. */
    assert_int_equal(answer_of(r, message("X: yz\r\n" DATED NOTE(MD5, "MD5"), "<x/>")), 400);
    /* A replay after eleven minutes. */
    r->auto_keepalive = true;
    rig_run(r, 660000);
    assert_int_equal(answer_of(r, message("X: y\r\n" DATED NOTE(MD5, "MD5"), "<x/>")), 403);
    rig_free(r);
}

static void test_options_too(void **state)
{
    struct rig *r = online(DATED);

    (void)state;
    rig_forget(r);
    rig_input_from(r, r->server,
                   "OPTIONS sip:" DEVICE_ID "@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKo\r\n"
                   "From: <sip:" SERVER_ID "@3402000000>;tag=p1\r\nTo: <sip:" DEVICE_ID "@3402000000>\r\nCall-ID: o\r\n"
                   "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    rig_drain(r);
    assert_true(!strncmp(rig_last(r), "SIP/2.0 403", 11));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_ours_are_signed),
        cmocka_unit_test(test_theirs_are_checked),
        cmocka_unit_test(test_options_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
