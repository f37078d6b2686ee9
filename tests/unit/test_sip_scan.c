/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/scan.h"

/* Scans a guarded copy of one message, which *s borrows until scan_done. */
static struct span held;

static int scan(struct sip_scan *s, const char *text, bool stream)
{
    held = guard_str(text);
    return sip_scan(s, held.p, held.n, stream);
}

static void scan_done(void)
{
    guard_str_free(held);
}

#define VIA          "Via: SIP/2.0/UDP 192.168.1.125:5060;rport;branch=z9hG4bK776\r\n"
#define FROM         "From: <sip:34020000002000000001@3402000000>;tag=4567\r\n"
#define TO           "To: <sip:34020000001320000001@3402000000>\r\n"
#define ID           "Call-ID: 4547560325\r\n"
#define BASE         VIA FROM TO ID
#define MESSAGE_LINE "MESSAGE sip:34020000001320000001@192.168.1.107:5060 SIP/2.0\r\n"

static void test_an_invite_is_parsed(void **state)
{
    static const char text[] = "INVITE sip:34020000001320000001@192.168.1.107:5060 SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP 192.100.100.125:5060;branch=z9hG4bK.18pdKrzVPh65bxy4\r\n"
                               "From: <sip:34020000002000000001@192.168.1.125:5060>;tag=454756032\r\n"
                               "To: <sip:34020000001320000001@192.168.1.107:5060>\r\n"
                               "Call-ID: 4547560325\r\nUser-Agent: Monibuca\r\nCSeq: 3 INVITE\r\nMax-Forwards: 70\r\n"
                               "Contact: <sip:34020000002000000001@192.168.1.125:5060>;tag=454756032\r\n"
                               "Content-Type: application/sdp;charset=x\r\nContent-Length: 5\r\n"
                               "Subject: 34020000001320000001:0200007686,34020000002000000001:0\r\n\r\nv=0\r\n";
    struct sip_scan s;
    struct span v;

    (void)state;
    assert_int_equal(scan(&s, text, true), 0);
    assert_null(s.bad);
    assert_false(s.response);
    assert_int_equal(s.method, SIP_INVITE);
    assert_true(span_eq_str(s.method_name, "INVITE"));
    assert_true(span_eq_str(s.uri, "sip:34020000001320000001@192.168.1.107:5060"));
    assert_true(span_eq_str(s.target.user, "34020000001320000001"));
    assert_true(span_eq_str(s.target.host, "192.168.1.107"));
    assert_int_equal(s.target.port, 5060);
    assert_true(span_eq_str(s.via.transport, "UDP"));
    assert_true(span_eq_str(s.via.host, "192.100.100.125"));
    assert_int_equal(s.via.port, 5060);
    assert_true(span_eq_str(s.via.branch, "z9hG4bK.18pdKrzVPh65bxy4"));
    assert_false(s.via.rport);
    assert_int_equal(s.via.received.n, 0);
    assert_true(span_eq_str(s.from.user, "34020000002000000001"));
    assert_true(span_eq_str(s.from.tag, "454756032"));
    assert_true(span_eq_str(s.from.uri, "sip:34020000002000000001@192.168.1.125:5060"));
    assert_int_equal(s.to.tag.n, 0);
    assert_true(span_eq_str(s.call_id, "4547560325"));
    assert_int_equal(s.cseq, 3);
    assert_true(span_eq_str(s.content_type, "application/sdp"));
    assert_true(span_eq_str(s.body, "v=0\r\n"));
    assert_int_equal(s.nheaders, 11);
    assert_true(sip_scan_header(&s, "subject", 0, &v));
    assert_true(span_eq_str(v, "34020000001320000001:0200007686,34020000002000000001:0"));
    assert_false(sip_scan_header(&s, "Subject", 1, &v));
    assert_false(sip_scan_header(&s, "Expires", 0, &v));
    scan_done();
}

static void test_a_response_is_parsed(void **state)
{
    static const char text[] =
        "SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\nCall-ID: 1973051184\r\n"
        "From: <sip:34020000001320000002@34020000>;tag=294565749\r\nTo: <sip:34020000001320000002@34020000>\r\n"
        "Via: SIP/2.0/UDP 10.192.33.95:5060;rport=15060;branch=z9hG4bK863117711;received=112.5.6.7\r\n"
        "WWW-Authenticate: Digest realm=\"34020000\",qop=\"auth\",nonce=\"1ba0\",algorithm=MD5\r\n"
        "Content-Length: 0\r\n\r\n";
    struct sip_scan s;

    (void)state;
    assert_int_equal(scan(&s, text, false), 0);
    assert_null(s.bad);
    assert_true(s.response);
    assert_int_equal(s.status, 401);
    assert_true(span_eq_str(s.reason, "Unauthorized"));
    assert_int_equal(s.method, SIP_REGISTER);
    assert_int_equal(s.cseq, 1);
    assert_true(s.via.rport);
    assert_int_equal(s.via.rport_value, 15060);
    assert_true(span_eq_str(s.via.received, "112.5.6.7"));
    assert_int_equal(s.body.n, 0);
    scan_done();
}

static void test_real_messages_are_accepted(void **state)
{
    static const char text[] = "\r\nMESSAGE sip:34020000001320000001@192.168.1.107:5060 SIP/2.0\n"
                               "v : SIP/2.0/UDP 10.0.0.1:5060;branch=;rport\n"
                               "Via: SIP/2.0/TCP 10.0.0.2\n"
                               "f: \"a;b<c>, \\\"d\" <sip:34020000002000000001@3402000000>;x=\"q;tag=no\";tag=t1\n"
                               "t:sip:34020000001320000001@3402000000;tag=t2\n"
                               "i: one@host\nCall-ID: two@host\nCSeq: 1073741824   MESSAGE\n"
                               "m: <sip:34020000002000000001@>\n"
                               "c: Application/MANSCDP+xml\nContent-Type: text/plain\n"
                               "l:    4\nContent-Length: 4\nUser-Agent: a\nUser-Agent: b\n\n<a/>";
    struct sip_scan s;
    struct sip_party p;
    struct span v;

    (void)state;
    assert_int_equal(scan(&s, text, false), 0);
    assert_null(s.bad);
    assert_int_equal(s.via.branch.n, 0);
    assert_true(s.via.rport && s.via.rport_value == 0);
    assert_true(sip_scan_header(&s, "Via", 1, &v) && span_eq_str(v, "SIP/2.0/TCP 10.0.0.2"));
    assert_false(sip_scan_header(&s, "Via", 2, &v));
    assert_true(span_eq_str(s.from.tag, "t1"));
    assert_true(span_eq_str(s.from.user, "34020000002000000001"));
    assert_true(span_eq_str(s.to.uri, "sip:34020000001320000001@3402000000"));
    assert_true(span_eq_str(s.to.tag, "t2"));
    assert_true(span_eq_str(s.call_id, "one@host"));
    assert_int_equal(s.cseq, 1073741824);
    assert_true(span_eq_str(s.content_type, "Application/MANSCDP+xml"));
    assert_true(span_eq_str(s.body, "<a/>"));
    assert_int_equal(s.nheaders, 10); /* the second ones of Call-ID, Content-Type, Content-Length, User-Agent ignored */
    assert_true(sip_scan_header(&s, "Contact", 0, &v));
    assert_int_equal(sip_party_parse(&p, v), 0);
    assert_true(span_eq_str(p.user, "34020000002000000001"));
    assert_int_equal(p.host.n, 0);
    scan_done();
}

static void test_branches_without_cookie_and_cseq_of_another_method(void **state)
{
    static const char text[] =
        "BYE sip:34020000001320000001@10.0.0.9 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=1\r\n" FROM TO ID
        "CSeq: 5 ACK\r\nContent-Length: 0\r\n\r\n";
    struct sip_scan s;

    (void)state;
    assert_int_equal(scan(&s, text, false), 0);
    assert_null(s.bad);
    assert_int_equal(s.method, SIP_BYE);
    assert_int_equal(s.cseq, 5);
    assert_true(span_eq_str(s.via.branch, "1"));
    scan_done();
}

static void test_folded_lines_are_joined(void **state)
{
    static const char text[] = MESSAGE_LINE "Via: SIP / 2.0\r\n /UDP\r\n\t192.0.2.2;branch=390skdjuw\r\n"
                                            "From:\r\n <sip:a@b>\r\n ;tag = 9\r\n" TO ID
                                            "CSeq:\r\n  7\r\n MESSAGE\r\nContent-Length:\r\n 2\r\n\r\nhi";
    struct sip_scan s;

    (void)state;
    assert_int_equal(scan(&s, text, true), 0);
    assert_null(s.bad);
    assert_true(span_eq_str(s.via.host, "192.0.2.2"));
    assert_true(span_eq_str(s.via.transport, "UDP"));
    assert_true(span_eq_str(s.via.branch, "390skdjuw"));
    assert_true(span_eq_str(s.from.tag, "9"));
    assert_int_equal(s.cseq, 7);
    assert_true(span_eq_str(s.body, "hi"));
    scan_done();
}

static void test_two_vias_in_one_line(void **state)
{
    static const char text[] = MESSAGE_LINE
        "Via: SIP/2.0/UDP h1:1;branch=\"a,b\";received=1.2.3.4 , SIP/2.0/UDP h2;branch=c\r\n" FROM TO ID
        "CSeq: 1 MESSAGE\r\n\r\n";
    struct sip_scan s;

    (void)state;
    assert_int_equal(scan(&s, text, false), 0);
    assert_null(s.bad);
    assert_true(span_eq_str(s.via.whole, "SIP/2.0/UDP h1:1;branch=\"a,b\";received=1.2.3.4"));
    assert_true(span_eq_str(s.via.branch, "a,b"));
    assert_true(span_eq_str(s.via.received, "1.2.3.4"));
    scan_done();
}

struct length_case {
    const char *headers;
    const char *bad; /* on a stream; NULL: fine */
    size_t body;     /* of "12345" */
};

static void test_content_length_must_match(void **state)
{
    static const struct length_case cases[] = {
        { "Content-Length: 5\r\n", NULL, 5 },
        { "Content-Length: 4\r\n", NULL, 4 },
        { "Content-Length: 0\r\n", NULL, 0 },
        { "Content-Length :\t 5 \r\n", NULL, 5 },
        { "l: 5\r\nContent-Length: 5\r\n", NULL, 5 },
        { "Content-Length: -1\r\n", "Content-Length", 0 },
        { "Content-Length: +5\r\n", "Content-Length", 0 },
        { "Content-Length: 0x10\r\n", "Content-Length", 0 },
        { "Content-Length: 4294967328\r\n", "Content-Length", 0 },
        { "Content-Length: 99999999999999999999\r\n", "Content-Length", 0 },
        { "Content-Length:\r\n", "Content-Length", 0 },
        { "Content-Length: 5 5\r\n", "Content-Length", 0 },
        { "Content-Length: 5,5\r\n", "Content-Length", 0 },
        { "Content-Length: 6\r\n", "body shorter than Content-Length", 0 },
        { "Content-Length: 5\r\nContent-Length: 4\r\n", "two Content-Lengths", 5 },
        { "Content-Length: 5\r\nl: 0\r\n", "two Content-Lengths", 5 },
        { "", "no Content-Length", 5 },
        { "Content-Length\x01: 5\r\n", "header line", 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sip_scan s;
        char text[600];

        snprintf(text, sizeof(text), "%s%sCSeq: 1 MESSAGE\r\n%s\r\n12345", MESSAGE_LINE, BASE, cases[i].headers);
        assert_int_equal(scan(&s, text, true), 0);
        if (cases[i].bad)
            assert_string_equal(s.bad ? s.bad : "none", cases[i].bad);
        else
            assert_null(s.bad);
        assert_int_equal(s.body.n, cases[i].body);
        scan_done();
    }
}

static void test_a_datagram_needs_no_content_length(void **state)
{
    struct sip_scan s;

    (void)state;
    assert_int_equal(scan(&s, MESSAGE_LINE BASE "CSeq: 1 MESSAGE\r\n\r\nall of it", false), 0);
    assert_null(s.bad);
    assert_true(span_eq_str(s.body, "all of it"));
    scan_done();
    assert_int_equal(scan(&s, MESSAGE_LINE BASE "CSeq: 1 MESSAGE\r\nContent-Length: 3\r\n\r\nall of it", false), 0);
    assert_null(s.bad);
    assert_true(span_eq_str(s.body, "all"));
    scan_done();
}

static void test_unanswerable_messages_are_dropped(void **state)
{
    static const char *const cases[] = {
        "",
        "\r\n\r\n",
        "hello",
        "hello world\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\x80\x60\x00\x01",
        "SIP/2.0 200 OK\r\n\r\n",
        MESSAGE_LINE FROM TO ID "CSeq: 1 MESSAGE\r\n\r\n",
        "MESS\rAGE sip:a@b SIP/2.0\r\n" BASE "CSeq: 1 MESSAGE\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sip_scan s;

        if (scan(&s, cases[i], false) != -EBADMSG)
            fail_msg("case %zu accepted", i);
        assert_non_null(s.bad);
        scan_done();
    }
}

static void test_a_missing_header_is_named(void **state)
{
    static const struct {
        const char *text, *bad;
    } cases[] = {
        { MESSAGE_LINE VIA TO ID "CSeq: 1 MESSAGE\r\n\r\n", "no From" },
        { MESSAGE_LINE VIA FROM ID "CSeq: 1 MESSAGE\r\n\r\n", "no To" },
        { MESSAGE_LINE VIA FROM TO "CSeq: 1 MESSAGE\r\n\r\n", "no Call-ID" },
        { MESSAGE_LINE BASE "\r\n", "no CSeq" },
        { MESSAGE_LINE BASE "CSeq:\r\n\r\n", "no CSeq" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sip_scan s;

        assert_int_equal(scan(&s, cases[i].text, false), 0);
        assert_string_equal(s.bad, cases[i].bad);
        scan_done();
    }
}

static void test_sizes_are_capped(void **state)
{
    static char big[SIP_MESSAGE_MAX + 2];
    static const char head[] = MESSAGE_LINE BASE "CSeq: 1 MESSAGE\r\n\r\n";
    struct sip_scan s;
    char *copy;
    size_t n = 0;

    (void)state;
    memset(big, 'x', sizeof(big));
    memcpy(big, head, sizeof(head) - 1);
    copy = guard_copy(big, SIP_MESSAGE_MAX);
    assert_int_equal(sip_scan(&s, copy, SIP_MESSAGE_MAX, false), 0);
    assert_null(s.bad);
    guard_free(copy, SIP_MESSAGE_MAX);
    copy = guard_copy(big, SIP_MESSAGE_MAX + 1);
    assert_int_equal(sip_scan(&s, copy, SIP_MESSAGE_MAX + 1, false), -EBADMSG);
    guard_free(copy, SIP_MESSAGE_MAX + 1);

    n += (size_t)snprintf(big + n, sizeof(big) - n, "%s%sCSeq: 1 MESSAGE\r\n", MESSAGE_LINE, BASE);
    for (unsigned i = 0; i < SIP_HEADERS_MAX; i++)
        n += (size_t)snprintf(big + n, sizeof(big) - n, "X-%u: y\r\n", i);
    n += (size_t)snprintf(big + n, sizeof(big) - n, "\r\n");
    assert_int_equal(sip_scan(&s, big, n, false), 0);
    assert_string_equal(s.bad, "too many headers");
    assert_int_equal(s.nheaders, SIP_HEADERS_MAX);
}

/* Truncated anywhere: no read past the end, and no truncated message is accepted. */
static void test_every_prefix_is_survived(void **state)
{
    static const char text[] =
        "INVITE sip:34020000001320000001@[2001:db8::1]:5060;x=y?z SIP/2.0\r\n"
        "v: SIP/2.0/UDP [::1]:5;received=\"q\\\"\";rport=7\r\n"
        "f: \"a\\\"b\" <sip:u:p@h>;tag=t\r\nt: tel:+86\r\ni: x\r\nCSeq: 1 INVITE\r\nl:\r\n 3\r\n\r\nabc";
    size_t all = sizeof(text) - 1;

    (void)state;
    for (size_t n = 0; n <= all; n++) {
        char *copy = guard_copy(text, n);
        struct sip_scan s;
        int err = sip_scan(&s, copy, n, true);

        assert_true(err == 0 || err == -EBADMSG);
        if (n < all)
            assert_true(err || s.bad);
        else
            assert_true(err == 0 && !s.bad && s.body.n == 3);
        guard_free(copy, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_invite_is_parsed),
        cmocka_unit_test(test_a_response_is_parsed),
        cmocka_unit_test(test_real_messages_are_accepted),
        cmocka_unit_test(test_branches_without_cookie_and_cseq_of_another_method),
        cmocka_unit_test(test_folded_lines_are_joined),
        cmocka_unit_test(test_two_vias_in_one_line),
        cmocka_unit_test(test_content_length_must_match),
        cmocka_unit_test(test_a_datagram_needs_no_content_length),
        cmocka_unit_test(test_unanswerable_messages_are_dropped),
        cmocka_unit_test(test_a_missing_header_is_named),
        cmocka_unit_test(test_sizes_are_capped),
        cmocka_unit_test(test_every_prefix_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
