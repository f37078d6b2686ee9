/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/framing.h"
#include "sip/scan.h"

#define ONE   "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h\r\nContent-Length: 0\r\n\r\n"
#define TWO   "MESSAGE sip:a@b SIP/2.0\r\nl :\r\n 11\r\nX: y\r\n\r\n<a>\r\n\r\n</a>"
#define THREE "BYE sip:a@b SIP/2.0\nCONTENT-LENGTH: 2\n\nhi"

static int push(struct sip_stream *s, const char *data, size_t n, uint64_t now)
{
    while (n) {
        size_t room;
        char *p;
        int err = sip_stream_space(s, &p, &room);

        if (err)
            return err;
        if (room > n)
            room = n;
        memcpy(p, data, room);
        sip_stream_pushed(s, room, now);
        data += room;
        n -= room;
    }
    return 0;
}

static void expect(struct sip_stream *s, const char *text)
{
    struct span msg;

    assert_int_equal(sip_stream_next(s, &msg), 1);
    assert_true(span_eq_str(msg, text));
}

static void expect_next(struct sip_stream *s, int got)
{
    struct span msg;

    assert_int_equal(sip_stream_next(s, &msg), got);
}

static void test_messages_in_one_segment(void **state)
{
    static const char all[] = ONE TWO "\r\n" THREE ONE;
    struct sip_stream s;

    (void)state;
    sip_stream_init(&s);
    expect_next(&s, 0);
    assert_int_equal(push(&s, all, sizeof(all) - 1, 1), 0);
    expect(&s, ONE);
    expect(&s, TWO);
    expect(&s, THREE);
    expect(&s, ONE);
    expect_next(&s, 0);
    assert_true(sip_stream_deadline(&s) == UINT64_MAX);
    sip_stream_free(&s);
}

static void test_every_split_in_two(void **state)
{
    static const char all[] = ONE TWO THREE;
    static const char *const want[] = { ONE, TWO, THREE };

    (void)state;
    for (size_t cut = 0; cut < sizeof(all); cut++) {
        struct sip_stream s;
        struct span msg;
        unsigned got = 0;

        sip_stream_init(&s);
        for (unsigned part = 0; part < 2; part++) {
            assert_int_equal(push(&s, part ? all + cut : all, part ? sizeof(all) - 1 - cut : cut, 1 + part), 0);
            while (sip_stream_next(&s, &msg) == 1) {
                assert_true(got < 3 && span_eq_str(msg, want[got]));
                got++;
            }
        }
        assert_int_equal(got, 3);
        expect_next(&s, 0);
        sip_stream_free(&s);
    }
}

static void test_byte_by_byte(void **state)
{
    static const char all[] = "\r\n\r\n" ONE "\r\n\r\n" TWO THREE "\r\n";
    static const char *const want[] = { ONE, TWO, THREE };
    struct sip_stream s;
    struct span msg;
    unsigned n = 0;

    (void)state;
    sip_stream_init(&s);
    for (size_t i = 0; i < sizeof(all) - 1; i++) {
        int got;

        assert_int_equal(push(&s, all + i, 1, 1 + i), 0);
        got = sip_stream_next(&s, &msg);
        assert_true(got == 0 || got == 1);
        if (got) {
            assert_true(n < 3 && span_eq_str(msg, want[n]));
            n++;
        }
    }
    assert_int_equal(n, 3);
    assert_int_equal(s.pings, 2);
    sip_stream_free(&s);
}

static void test_keep_alives_are_counted_and_never_stall(void **state)
{
    struct sip_stream s;

    (void)state;
    sip_stream_init(&s);
    push(&s, "\r\n", 2, 1000); /* a pong */
    expect_next(&s, 0);
    assert_int_equal(s.pings, 0);
    assert_true(sip_stream_deadline(&s) == UINT64_MAX);
    push(&s, "\r", 1, 2000);
    expect_next(&s, 0);
    push(&s, "\n", 1, 90000);
    expect_next(&s, 0);
    assert_int_equal(s.pings, 1);
    push(&s, "\r\n\r\n\r\n\r\n", 8, 90001);
    expect_next(&s, 0);
    assert_int_equal(s.pings, 3);
    assert_true(sip_stream_deadline(&s) == UINT64_MAX);
    sip_stream_free(&s);
}

static void test_a_stalling_message_has_a_deadline(void **state)
{
    struct sip_stream s;

    (void)state;
    sip_stream_init(&s);
    assert_true(sip_stream_deadline(&s) == UINT64_MAX);
    push(&s, ONE "BYE", sizeof(ONE "BYE") - 1, 5000);
    expect(&s, ONE);
    expect_next(&s, 0);
    assert_true(sip_stream_deadline(&s) == 5000 + SIP_STREAM_STALL_MS);
    push(&s, " sip:", 5, 14000); /* further bytes do not move the deadline */
    expect_next(&s, 0);
    assert_true(sip_stream_deadline(&s) == 5000 + SIP_STREAM_STALL_MS);
    push(&s, "a@b SIP/2.0\r\nl: 1\r\n\r\n", 21, 14500);
    expect_next(&s, 0);
    assert_true(sip_stream_deadline(&s) == 5000 + SIP_STREAM_STALL_MS);
    push(&s, "xINFO", 5, 14999);
    expect(&s, "BYE sip:a@b SIP/2.0\r\nl: 1\r\n\r\nx");
    assert_true(sip_stream_deadline(&s) == 14999 + SIP_STREAM_STALL_MS);
    sip_stream_free(&s);
}

static void test_wrong_lengths_end_the_connection(void **state)
{
    static const char *const cases[] = {
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 0x10",
        "Content-Length: 4294967328",
        "Content-Length: 18446744073709551617",
        "Content-Length: 65535",
        "Content-Length: 1234567890",
        "Content-Length:",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3\r\nl: 0",
        "X: y",
        "Content-Length\x01: 3",
        "X: a\rContent-Length: 3",
        "Content-Length: 1 2",
        "Content-Length: 3,3",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sip_stream s;
        char text[200];
        int n = snprintf(text, sizeof(text), "BYE sip:a@b SIP/2.0\r\n%s\r\n\r\nabc", cases[i]);

        sip_stream_init(&s);
        assert_int_equal(push(&s, text, (size_t)n, 1), 0);
        expect_next(&s, -EBADMSG);
        assert_true(s.cap <= 8192); /* nothing was allocated for the claimed length */
        sip_stream_free(&s);
    }
}

static void test_garbage_ends_the_connection(void **state)
{
    static const char *const cases[] = { "\x16\x03\x01\x02", " BYE", "{\"a\":1}", "<?xml", "\x80" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sip_stream s;

        sip_stream_init(&s);
        assert_int_equal(push(&s, cases[i], strlen(cases[i]), 1), 0);
        expect_next(&s, -EBADMSG);
        sip_stream_free(&s);
    }
}

static void test_endless_headers_are_cut_off(void **state)
{
    struct sip_stream s;
    struct span msg;
    size_t sent = 0;
    int got = 0;

    (void)state;
    sip_stream_init(&s);
    push(&s, "BYE sip:a@b SIP/2.0\r\n", 21, 1);
    for (; got == 0 && sent < 1u << 20; sent += 100) {
        char line[101];

        memset(line, 'x', sizeof(line));
        memcpy(line, "X:", 2);
        memcpy(line + 98, "\r\n", 2);
        assert_int_equal(push(&s, line, 100, 2), 0);
        got = sip_stream_next(&s, &msg);
    }
    assert_int_equal(got, -EBADMSG);
    assert_true(sent < SIP_STREAM_HEADERS_MAX + 200);
    sip_stream_free(&s);
}

static void test_the_largest_message_passes_and_memory_comes_back(void **state)
{
    static char body[SIP_MESSAGE_MAX];
    char head[100], *p;
    size_t n, room;
    struct sip_stream s;
    struct span msg;

    (void)state;
    memset(body, 'b', sizeof(body));
    n = (size_t)snprintf(head, sizeof(head), "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: %u\r\n\r\n",
                         SIP_MESSAGE_MAX - 50);
    assert_int_equal(n, 50);
    sip_stream_init(&s);
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(push(&s, head, n, 1), 0);
        expect_next(&s, 0);
        assert_int_equal(push(&s, body, SIP_MESSAGE_MAX - n, 2), 0);
        assert_int_equal(sip_stream_next(&s, &msg), 1);
        assert_int_equal(msg.n, SIP_MESSAGE_MAX);
    }
    expect_next(&s, 0);
    assert_int_equal(sip_stream_space(&s, &p, &room), 0);
    assert_true(room <= 16384);
    sip_stream_free(&s);

    /* one byte more is refused as soon as the headers are complete */
    n = (size_t)snprintf(head, sizeof(head), "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: %u\r\n\r\n",
                         SIP_MESSAGE_MAX - 49);
    sip_stream_init(&s);
    assert_int_equal(push(&s, head, n, 1), 0);
    expect_next(&s, -EBADMSG);
    sip_stream_free(&s);
}

static void test_unread_messages_are_bounded(void **state)
{
    struct sip_stream s;
    int err = 0;
    size_t n = 0;

    (void)state;
    sip_stream_init(&s);
    for (; !err && n < 1u << 20; n += 1000) {
        static const char zeros[1000];

        err = push(&s, zeros, sizeof(zeros), 1);
    }
    assert_int_equal(err, -EMSGSIZE);
    sip_stream_free(&s);
}

static bool ladder_body(void *ctx)
{
    static char body[20000];
    struct sip_stream s;
    struct span msg;
    bool ok;

    (void)ctx;
    sip_stream_init(&s);
    ok = !push(&s, "BYE sip:a@b SIP/2.0\r\nl: 20000\r\n\r\n", 34, 1) && !push(&s, body, sizeof(body), 1) &&
         sip_stream_next(&s, &msg) == 1;
    sip_stream_free(&s);
    return ok;
}

static void test_out_of_memory_is_reported(void **state)
{
    struct sip_stream s;
    char *p;
    size_t n;

    (void)state;
    sip_stream_init(&s);
    oom_fail_at(1);
    assert_int_equal(sip_stream_space(&s, &p, &n), -ENOMEM);
    oom_off();
    assert_int_equal(push(&s, ONE, sizeof(ONE) - 1, 1), 0);
    expect(&s, ONE);
    sip_stream_free(&s);
    oom_ladder(ladder_body, NULL, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_in_one_segment),
        cmocka_unit_test(test_every_split_in_two),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_keep_alives_are_counted_and_never_stall),
        cmocka_unit_test(test_a_stalling_message_has_a_deadline),
        cmocka_unit_test(test_wrong_lengths_end_the_connection),
        cmocka_unit_test(test_garbage_ends_the_connection),
        cmocka_unit_test(test_endless_headers_are_cut_off),
        cmocka_unit_test(test_the_largest_message_passes_and_memory_comes_back),
        cmocka_unit_test(test_unread_messages_are_bounded),
        cmocka_unit_test(test_out_of_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
