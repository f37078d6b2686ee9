/* SPDX-License-Identifier: MIT */
/* Client transactions (libosip2 under our clock) and server transactions (ours). */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/client_tx.h"
#include "sip/message.h"
#include "sip/server_tx.h"
#include "util/rng.h"

static const uint64_t secret[2] = { 1, 2 };

/* ---- client ------------------------------------------------------------------------------- */

static unsigned sends;

static void count_send(void *user, const struct client_tx *t)
{
    assert_ptr_equal(user, &sends);
    assert_int_equal(t->len, 5);
    assert_memory_equal(t->bytes, "bytes", 5);
    sends++;
}

static struct client_tx *start(struct client_txs *x, uint64_t now, bool reliable)
{
    struct client_tx_new n = { .kind = CLIENT_TX_MESSAGE,
                               .purpose = 2,
                               .ref = 9,
                               .branch = "z9hG4bKabc",
                               .cseq = 1,
                               .link = 1,
                               .reliable = reliable,
                               .bytes = "bytes",
                               .len = 5 };
    struct client_tx *t = NULL;

    assert_int_equal(client_tx_start(x, &n, now, &t), 0);
    return t;
}

static void tick(struct client_txs *x, uint64_t now)
{
    client_txs_tick(x, now);
}

static void test_timer_e_and_f(void **state)
{
    static const uint64_t at[] = { 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500 };
    struct client_txs x;
    struct client_tx *t;
    uint64_t now = 5000;

    (void)state;
    sends = 0;
    assert_int_equal(client_txs_init(&x, count_send, &sends), 0);
    assert_int_equal(client_txs_deadline(&x), UINT64_MAX);
    start(&x, now, false);
    assert_int_equal(sends, 1);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        assert_int_equal(client_txs_deadline(&x), 5000 + at[i]);
        tick(&x, 5000 + at[i] - 1);
        assert_int_equal(sends, i + 1);
        now = 5000 + at[i];
        tick(&x, now);
        assert_int_equal(sends, i + 2);
    }
    assert_null(client_tx_take_ended(&x));
    tick(&x, 37000);
    t = client_tx_take_ended(&x);
    assert_non_null(t);
    assert_int_equal(t->status, 0);
    assert_int_equal(t->ref, 9);
    client_tx_drop(t);
    assert_int_equal(x.count, 0);
    client_txs_free(&x);
}

static void test_reliable_sends_once(void **state)
{
    struct client_txs x;
    struct client_tx *t;

    (void)state;
    sends = 0;
    assert_int_equal(client_txs_init(&x, count_send, &sends), 0);
    start(&x, 0, true);
    for (uint64_t now = 100; now < 32000; now += 100)
        tick(&x, now);
    assert_int_equal(sends, 1);
    tick(&x, 32000);
    t = client_tx_take_ended(&x);
    assert_non_null(t);
    client_tx_drop(t);
    client_txs_free(&x);
}

static void scan_response(struct sip_scan *s, const char *branch, const char *cseq, unsigned status, char *text,
                          size_t size)
{
    snprintf(text, size,
             "SIP/2.0 %u X\r\nVia: SIP/2.0/UDP h;branch=%s\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
             "Call-ID: 1\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
             status, branch, cseq);
    assert_int_equal(sip_scan(s, text, strlen(text), false), 0);
}

static void test_match_and_end(void **state)
{
    struct client_txs x;
    struct client_tx *t;
    struct sip_scan s;
    char text[512];

    (void)state;
    sends = 0;
    assert_int_equal(client_txs_init(&x, count_send, &sends), 0);
    t = start(&x, 1000, false);
    scan_response(&s, "z9hG4bKabd", "1 MESSAGE", 200, text, sizeof(text));
    assert_null(client_tx_match(&x, &s));
    scan_response(&s, "z9hG4bKabc", "2 MESSAGE", 200, text, sizeof(text));
    assert_null(client_tx_match(&x, &s));
    scan_response(&s, "z9hG4bKabc", "1 BYE", 200, text, sizeof(text));
    assert_null(client_tx_match(&x, &s));
    scan_response(&s, "z9hG4bKabc", "1 MESSAGE", 200, text, sizeof(text));
    assert_ptr_equal(client_tx_match(&x, &s), t);
    /* A provisional response slows timer E to T2 and ends nothing. */
    assert_false(client_tx_response(t, 100, 1000));
    tick(&x, 1500);
    assert_int_equal(sends, 1);
    tick(&x, 5500);
    assert_int_equal(sends, 2);
    assert_true(client_tx_response(t, 404, 5500));
    assert_int_equal(t->status, 404);
    client_tx_drop(t);
    client_txs_free(&x);
}

static void test_client_bound(void **state)
{
    struct client_txs x;
    struct client_tx_new n = { .kind = CLIENT_TX_BYE, .branch = "z9hG4bKabc", .cseq = 1, .bytes = "bytes", .len = 5 };

    (void)state;
    assert_int_equal(client_txs_init(&x, count_send, &sends), 0);
    for (unsigned i = 0; i < CLIENT_TX_MAX; i++)
        assert_int_equal(client_tx_start(&x, &n, 0, NULL), 0);
    assert_int_equal(client_tx_start(&x, &n, 0, NULL), -ENOBUFS);
    client_txs_free(&x);
}

/* Independent timers, whatever the order of the starts. */
static void test_many_timers(void **state)
{
    struct client_tx_new n = { .kind = CLIENT_TX_MESSAGE, .cseq = 1, .link = 1, .bytes = "bytes", .len = 5 };
    struct client_txs x;
    struct client_tx *t;
    unsigned ended = 0;
    char branch[SIP_BRANCH_MAX];

    (void)state;
    sends = 0;
    assert_int_equal(client_txs_init(&x, count_send, &sends), 0);
    for (unsigned i = 0; i < 90; i++) {
        snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
        n.branch = branch;
        n.ref = i;
        assert_int_equal(client_tx_start(&x, &n, 1000 + i * 10, &t), 0);
        if (i % 3 == 0)
            client_tx_drop(t);
    }
    assert_int_equal(x.count, 60);
    assert_int_equal(client_txs_deadline(&x), 1510);
    for (uint64_t now = 1000; now < 40000; now += 10) {
        tick(&x, now);
        while ((t = client_tx_take_ended(&x))) {
            assert_int_equal(now, 33000 + t->ref * 10);
            assert_int_not_equal(t->ref % 3, 0);
            client_tx_drop(t);
            ended++;
        }
    }
    assert_int_equal(ended, 60);
    assert_int_equal(sends, 90 + 60 * 10);
    assert_int_equal(client_txs_deadline(&x), UINT64_MAX);
    client_txs_free(&x);
}

/* ---- server ------------------------------------------------------------------------------- */

static void scan_request(struct sip_scan *s, char *text, size_t size, const char *method, const char *call_id,
                         const char *branch, const char *tag, unsigned cseq)
{
    snprintf(text, size,
             "%s sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=%s\r\nFrom: <sip:a@b>;tag=%s\r\nTo: <sip:a@b>\r\n"
             "Call-ID: %s\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n",
             method, branch, tag, call_id, cseq, method);
    assert_int_equal(sip_scan(s, text, strlen(text), false), 0);
}

static void test_server_key(void **state)
{
    struct server_txs x;
    struct server_tx *t;
    struct sip_scan s;
    char text[512];

    (void)state;
    assert_int_equal(server_txs_init(&x, secret), 0);
    scan_request(&s, text, sizeof(text), "BYE", "c", "b", "t", 1);
    t = server_tx_add(&x, &s, 0);
    assert_non_null(t);
    assert_ptr_equal(server_tx_find(&x, &s), t);
    scan_request(&s, text, sizeof(text), "INFO", "c", "b", "t", 1);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "BYE", "d", "b", "t", 1);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "BYE", "c", "a", "t", 1);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "BYE", "c", "b", "u", 1);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "BYE", "c", "b", "t", 2);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "BYE", "c", "b", "t", 1);
    assert_int_equal(server_tx_answered(&x, t, 200, "answer", 6, 1000), 0);
    assert_memory_equal(t->response, "answer", 6);
    assert_int_equal(server_txs_deadline(&x), 33000);
    assert_null(server_txs_due(&x, 32999));
    assert_non_null(server_tx_find(&x, &s));
    assert_null(server_txs_due(&x, 33000));
    assert_null(server_tx_find(&x, &s));
    assert_int_equal(server_txs_deadline(&x), UINT64_MAX);
    server_txs_free(&x);
}

static void test_server_bound(void **state)
{
    struct server_txs x;
    struct server_tx *t;
    struct sip_scan s;
    char text[512], id[16];

    (void)state;
    assert_int_equal(server_txs_init(&x, secret), 0);
    scan_request(&s, text, sizeof(text), "INVITE", "pending", "b", "t", 1);
    assert_non_null(server_tx_add(&x, &s, 0));
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "c%u", i);
        scan_request(&s, text, sizeof(text), "MESSAGE", id, "b", "t", 1);
        t = server_tx_add(&x, &s, i);
        assert_non_null(t);
        assert_int_equal(server_tx_answered(&x, t, 200, "a", 1, i), 0);
    }
    assert_int_equal(x.count, SERVER_TX_MAX);
    /* The oldest final ones were dropped, the open one stayed. */
    assert_non_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "MESSAGE", "c0", "b", "t", 1);
    assert_null(server_tx_find(&x, &s));
    scan_request(&s, text, sizeof(text), "INVITE", "pending", "b", "t", 1);
    assert_non_null(server_tx_find(&x, &s));
    server_txs_free(&x);
}

static void test_server_full_of_pending_ones(void **state)
{
    struct server_txs x;
    struct server_tx *t = NULL;
    struct sip_scan s;
    char text[512], id[16];

    (void)state;
    assert_int_equal(server_txs_init(&x, secret), 0);
    for (unsigned i = 0; i < SERVER_TX_MAX; i++) {
        snprintf(id, sizeof(id), "c%u", i);
        scan_request(&s, text, sizeof(text), "INVITE", id, "b", "t", 1);
        t = server_tx_add(&x, &s, i);
        assert_non_null(t);
    }
    scan_request(&s, text, sizeof(text), "INVITE", "more", "b", "t", 1);
    assert_null(server_tx_add(&x, &s, 300));
    assert_int_equal(server_tx_answered(&x, t, 486, "busy", 4, 300), 0);
    assert_int_equal(server_txs_deadline(&x), 800);
    assert_non_null(server_tx_add(&x, &s, 301));
    assert_int_equal(x.count, SERVER_TX_MAX);
    /* The refusal made room, and is not retransmitted any more. */
    assert_int_equal(server_txs_deadline(&x), 32000);
    assert_null(server_txs_due(&x, 32300));
    assert_int_equal(x.count, 1);
    assert_int_equal(server_txs_deadline(&x), 32301);
    server_txs_free(&x);
}

static void test_server_resends_refusals(void **state)
{
    static const uint64_t at[] = { 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500 };
    struct server_txs x;
    struct server_tx *t;
    struct sip_scan s;
    char text[512];
    unsigned n = 0;

    (void)state;
    assert_int_equal(server_txs_init(&x, secret), 0);
    scan_request(&s, text, sizeof(text), "INVITE", "c", "b", "t", 7);
    t = server_tx_add(&x, &s, 0);
    assert_int_equal(server_tx_answered(&x, t, 486, "busy", 4, 0), 0);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        assert_int_equal(server_txs_deadline(&x), at[i]);
        while (server_txs_due(&x, at[i]))
            n++;
        assert_int_equal(n, i + 1);
    }
    assert_null(server_txs_due(&x, 32000));
    assert_int_equal(x.count, 0);
    t = server_tx_add(&x, &s, 40000);
    assert_int_equal(server_tx_answered(&x, t, 404, "none", 4, 40000), 0);
    scan_request(&s, text, sizeof(text), "ACK", "c", "other", "t", 8);
    server_tx_ack(&x, &s);
    assert_int_equal(server_txs_deadline(&x), 40500);
    scan_request(&s, text, sizeof(text), "ACK", "c", "other", "t", 7);
    server_tx_ack(&x, &s);
    assert_int_equal(server_txs_deadline(&x), 72000);
    server_txs_free(&x);
}

/* ---- rng, messages ---------------------------------------------------------------------------- */

static void test_rng(void **state)
{
    static const uint8_t seed[32] = { 0 };
    /* RFC 8439 A.1 test vector 1: key and nonce zero; the first 32 bytes are the next key here. */
    static const uint8_t want[32] = {
        0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37,
        0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
    };
    uint8_t out[32], again[32];
    struct rng r;
    char hex[22];

    (void)state;
    rng_init(&r, seed);
    rng_bytes(&r, out, sizeof(out));
    assert_memory_equal(out, want, sizeof(want));
    rng_bytes(&r, again, sizeof(again));
    assert_memory_not_equal(out, again, sizeof(out));
    rng_hex(&r, hex, 21);
    assert_int_equal(strlen(hex), 21);
    assert_int_equal(strspn(hex, "0123456789abcdef"), 21);
    for (unsigned i = 0; i < 1000; i++)
        assert_in_range(rng_range(&r, 30, 60), 30, 60);
    assert_int_equal(rng_range(&r, 5, 5), 5);
}

/* No text from outside can start a header line in what we send. */
static void test_no_header_injection(void **state)
{
    struct addr via = { .family = ADDR_V4, .port = 5060, .ip = { 10, 0, 0, 1 } };
    struct sip_request r = { .method = SIP_BYE,
                             .uri = SPAN_LIT("sip:a@b"),
                             .via = &via,
                             .branch = "b",
                             .from = SPAN_LIT("<sip:a@b>;tag=1"),
                             .to = SPAN_LIT("<sip:x@y>\r\nEvil: 1"),
                             .call_id = SPAN_LIT("c\nEvil: 2"),
                             .cseq = 1 };
    char text[1024];
    struct buf out;

    (void)state;
    buf_init(&out, text, sizeof(text));
    sip_request_write(&out, &r);
    assert_false(out.overflow);
    assert_null(strstr(text, "\nEvil"));
    assert_non_null(strstr(text, "\r\nMax-Forwards: 70\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Length: 0\r\n\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timer_e_and_f),
        cmocka_unit_test(test_reliable_sends_once),
        cmocka_unit_test(test_match_and_end),
        cmocka_unit_test(test_client_bound),
        cmocka_unit_test(test_many_timers),
        cmocka_unit_test(test_server_full_of_pending_ones),
        cmocka_unit_test(test_server_key),
        cmocka_unit_test(test_server_bound),
        cmocka_unit_test(test_server_resends_refusals),
        cmocka_unit_test(test_rng),
        cmocka_unit_test(test_no_header_injection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
