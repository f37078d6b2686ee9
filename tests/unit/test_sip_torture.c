/* SPDX-License-Identifier: MIT */
/* Messages after the descriptions in RFC 4475 and RFC 5118, and single header values. */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/scan.h"

#define TAIL                         "Call-ID: torture@example.com\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
#define VIA                          "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw\r\n"
#define FROM                         "From: <sip:caller@example.net>;tag=323\r\n"
#define TO                           "To: <sip:user@example.com>\r\n"
#define MESSAGE(line, via, from, to) line "\r\n" via from to TAIL
#define REQUEST                      "OPTIONS sip:user@example.com SIP/2.0"

struct torture {
    const char *name, *text;
    int err; /* of sip_scan */
    const char *bad;
    enum sip_method method;
};

static const struct torture cases[] = {
    /* valid, though odd */
    { "plain", MESSAGE(REQUEST, VIA, FROM, TO), 0, NULL, SIP_OPTIONS },
    { "unusual method",
      MESSAGE("!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)@example.com SIP/2.0", VIA,
              FROM, TO),
      0, NULL, SIP_UNKNOWN },
    { "method in small letters is another method", MESSAGE("options sip:a@b SIP/2.0", VIA, FROM, TO), 0, NULL,
      SIP_UNKNOWN },
    { "semicolon in the user", MESSAGE("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", VIA, FROM, TO), 0,
      NULL, SIP_OPTIONS },
    { "escapes", MESSAGE("OPTIONS sip:sips%3Auser%40example.com@example.net SIP/2.0", VIA, FROM, TO), 0, NULL,
      SIP_OPTIONS },
    { "no blank before <", MESSAGE(REQUEST, VIA, "From: caller<sip:caller@example.com>;tag=323\r\n", TO), 0, NULL,
      SIP_OPTIONS },
    { "unknown transport", MESSAGE(REQUEST, "Via: SIP/2.0/UNKNOWN t5.example.com;branch=z9\r\n", FROM, TO), 0, NULL,
      SIP_OPTIONS },
    { "RFC 2543, no tag, no branch",
      MESSAGE(REQUEST, "Via: SIP/2.0/UDP iftgw.example.com\r\n", "From: sip:iuser@example.com\r\n",
              "To: sip:user@example.com\r\n"),
      0, NULL, SIP_OPTIONS },
    { "trailing blanks in the request line", MESSAGE(REQUEST "  ", VIA, FROM, TO), 0, NULL, SIP_OPTIONS },
    { "unknown scheme", MESSAGE("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", VIA, FROM, TO), 0, NULL, SIP_OPTIONS },
    { "GBK display name", MESSAGE(REQUEST, VIA, "From: \xb4\xf3\xc3\xc5 <sip:a@b>;tag=1\r\n", TO), 0, NULL,
      SIP_OPTIONS },
    { "sip in capitals", MESSAGE("OPTIONS SIP:user@example.com sip/2.0", VIA, FROM, TO), 0, NULL, SIP_OPTIONS },
    /* requests that deserve 400 */
    { "two blanks, no URI", MESSAGE("INVITE  SIP/2.0", VIA, FROM, TO), 0, "request line", SIP_INVITE },
    { "one blank, no URI", MESSAGE("INVITE SIP/2.0", VIA, FROM, TO), 0, "request line", SIP_INVITE },
    { "two blanks before the URI", MESSAGE("INVITE  sip:a@b SIP/2.0", VIA, FROM, TO), 0, "Request-URI", SIP_INVITE },
    { "two blanks after the URI", MESSAGE("INVITE sip:a@b  SIP/2.0", VIA, FROM, TO), 0, "Request-URI", SIP_INVITE },
    { "blank in the URI", MESSAGE("INVITE sip:user@example.com; lr SIP/2.0", VIA, FROM, TO), 0, "Request-URI",
      SIP_INVITE },
    { "angles around the URI", MESSAGE("INVITE <sip:user@example.com> SIP/2.0", VIA, FROM, TO), 0, "Request-URI",
      SIP_INVITE },
    { "no scheme", MESSAGE("INVITE user@example.com SIP/2.0", VIA, FROM, TO), 0, "Request-URI", SIP_INVITE },
    { "IPv6 without brackets", MESSAGE("REGISTER sip:2001:db8::10 SIP/2.0", VIA, FROM, TO), 0, "Request-URI",
      SIP_REGISTER },
    { "port 65536", MESSAGE("INVITE sip:a@b:65536 SIP/2.0", VIA, FROM, TO), 0, "Request-URI", SIP_INVITE },
    { "version 7", MESSAGE("OPTIONS sip:t@example.com SIP/7.0", VIA, FROM, TO), 0, "SIP version", SIP_OPTIONS },
    { "open quote", MESSAGE(REQUEST, VIA, FROM, "To: \"Mr. J. User <sip:j.user@example.com>\r\n"), 0, "To",
      SIP_OPTIONS },
    { "backslash at the end of a quote", MESSAGE(REQUEST, VIA, FROM, "To: \"Mr. \\\" <sip:j.user@example.com>\r\n"), 0,
      "To", SIP_OPTIONS },
    { "blanks inside angles", MESSAGE(REQUEST, VIA, FROM, "To: \"W\" < sip:t.watson@example.org >\r\n"), 0, "To",
      SIP_OPTIONS },
    { "comma in a bare display name", MESSAGE(REQUEST, VIA, "From: Bell, Alexander <sip:a@example.com>;tag=43\r\n", TO),
      0, "From", SIP_OPTIONS },
    { "open angle", MESSAGE(REQUEST, VIA, "From: <sip:a@example.com;tag=43\r\n", TO), 0, "From", SIP_OPTIONS },
    { "Via is no Via", MESSAGE(REQUEST, "Via: nonsense\r\n", FROM, TO), 0, "Via", SIP_OPTIONS },
    { "Via without host", MESSAGE(REQUEST, "Via: SIP/2.0/UDP ;branch=x\r\n", FROM, TO), 0, "Via", SIP_OPTIONS },
    { "Via port", MESSAGE(REQUEST, "Via: SIP/2.0/UDP h:99999\r\n", FROM, TO), 0, "Via", SIP_OPTIONS },
    { "line without colon", MESSAGE(REQUEST, VIA "nonsense\r\n", FROM, TO), 0, "header line", SIP_OPTIONS },
    { "blank first header", MESSAGE(REQUEST, " X: y\r\n" VIA, FROM, TO), 0, "header line", SIP_OPTIONS },
    { "control byte in a name", MESSAGE(REQUEST, VIA "Contact\x01: <sip:evil@example.com>\r\n", FROM, TO), 0,
      "header line", SIP_OPTIONS },
    { "bare CR hides a header", MESSAGE(REQUEST, VIA "X: y\rContact: <sip:evil@example.com>\r\n", FROM, TO), 0,
      "header line", SIP_OPTIONS },
    { "CSeq too large",
      "OPTIONS sip:a@b SIP/2.0\r\n" VIA FROM TO "Call-ID: x\r\nCSeq: 36893488147419103232 OPTIONS\r\n\r\n", 0, "CSeq",
      SIP_OPTIONS },
    { "CSeq negative", "OPTIONS sip:a@b SIP/2.0\r\n" VIA FROM TO "Call-ID: x\r\nCSeq: -1 OPTIONS\r\n\r\n", 0, "CSeq",
      SIP_OPTIONS },
    { "CSeq glued", "OPTIONS sip:a@b SIP/2.0\r\n" VIA FROM TO "Call-ID: x\r\nCSeq: 1OPTIONS\r\n\r\n", 0, "CSeq",
      SIP_OPTIONS },
    { "blank in Call-ID", "OPTIONS sip:a@b SIP/2.0\r\n" VIA FROM TO "Call-ID: x y\r\nCSeq: 1 OPTIONS\r\n\r\n", 0,
      "Call-ID", SIP_OPTIONS },
    /* responses */
    { "no reason", "SIP/2.0 100 \r\n" VIA FROM TO TAIL, 0, NULL, SIP_OPTIONS },
    { "not even a blank", "SIP/2.0 100\r\n" VIA FROM TO TAIL, 0, NULL, SIP_OPTIONS },
    { "UTF-8 reason", "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n" VIA FROM TO TAIL, 0, NULL, SIP_OPTIONS },
    { "status too large", "SIP/2.0 4294967301 better not break the receiver\r\n" VIA FROM TO TAIL, 0, "status code",
      SIP_OPTIONS },
    { "status 99", "SIP/2.0 099 x\r\n" VIA FROM TO TAIL, 0, "status code", SIP_OPTIONS },
    { "status 700", "SIP/2.0 700 x\r\n" VIA FROM TO TAIL, 0, "status code", SIP_OPTIONS },
    { "response of another version", "SIP/3.0 200 OK\r\n" VIA FROM TO TAIL, 0, "SIP version", SIP_OPTIONS },
    { "response without CSeq method", "SIP/2.0 200 OK\r\n" VIA FROM TO "Call-ID: x\r\nCSeq: 1\r\n\r\n", 0, "CSeq",
      SIP_UNKNOWN },
    /* nothing to answer */
    { "no Via", MESSAGE(REQUEST, "", FROM, TO), -EBADMSG, NULL, SIP_UNKNOWN },
    { "cut request line", "OPTIONS sip:a@b", -EBADMSG, NULL, SIP_UNKNOWN },
};

static void test_torture_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = guard_str(cases[i].text);
        struct sip_scan s;
        int err = sip_scan(&s, text.p, text.n, false);

        if (err != cases[i].err)
            fail_msg("%s: %d", cases[i].name, err);
        if (!err && strcmp(s.bad ? s.bad : "", cases[i].bad ? cases[i].bad : ""))
            fail_msg("%s: bad = %s", cases[i].name, s.bad ? s.bad : "(none)");
        if (!err && s.method != cases[i].method)
            fail_msg("%s: method %d", cases[i].name, s.method);
        guard_str_free(text);
    }
}

static void test_a_second_request_in_the_datagram_is_not_read(void **state)
{
    static const char text[] = MESSAGE(REQUEST, VIA, FROM,
                                       TO) "INVITE sip:joe@example.com SIP/2.0\r\n" VIA FROM TO TAIL;
    struct span held = guard_str(text);
    struct sip_scan s;

    (void)state;
    assert_int_equal(sip_scan(&s, held.p, held.n, false), 0);
    assert_null(s.bad);
    assert_int_equal(s.method, SIP_OPTIONS);
    assert_int_equal(s.body.n, 0);
    guard_str_free(held);
}

static void test_nul_bytes_do_not_end_a_message(void **state)
{
    static const char in_header[] = REQUEST "\r\n" VIA FROM TO "X: a\0b\r\n" TAIL;
    static const char in_line[] = "OPTIONS sip:a\0@b SIP/2.0\r\n" VIA FROM TO TAIL;
    char *copy = guard_copy(in_header, sizeof(in_header) - 1);
    struct sip_scan s;

    (void)state;
    assert_int_equal(sip_scan(&s, copy, sizeof(in_header) - 1, false), 0);
    assert_string_equal(s.bad, "header line");
    guard_free(copy, sizeof(in_header) - 1);
    copy = guard_copy(in_line, sizeof(in_line) - 1);
    assert_int_equal(sip_scan(&s, copy, sizeof(in_line) - 1, false), -EBADMSG);
    guard_free(copy, sizeof(in_line) - 1);
}

struct party_case {
    const char *text, *user, *host, *tag;
    unsigned port;
};

static void test_from_and_to_are_parsed(void **state)
{
    static const struct party_case good[] = {
        { "sip:a@h", "a", "h", "", 0 },
        { "<sip:a@h:5060;transport=tcp>;expires=5", "a", "h", "", 5060 },
        { "sip:a@h;tag=x;y", "a", "h", "x", 0 },
        { "\"<sip:evil@x>\" <sips:a@[2001:db8::1]:7>;TAG=\"q\"", "a", "[2001:db8::1]", "q", 7 },
        { "<sip:h>", "", "h", "", 0 },
        { "<sip:34020000001320000001@>", "34020000001320000001", "", "", 0 },
        { "<sip:a:secret@h?Route=x>", "a", "h", "", 0 },
        { "<tel:+8610>;tag=t", "", "", "t", 0 },
        { "<sip:a@h:>", "a", "h", "", 0 },
        { " one two <sip:a@h>;x=\"a;tag=no\" ; tag = yes , <sip:b@h>;tag=z", "a", "h", "yes", 0 },
        { "<sip:a@h;tag=inside>", "a", "h", "", 0 },
    };
    static const char *const bad[] = {
        "",
        "*",
        "<>",
        "<sip:a@h",
        "a@h",
        "<sip:a@h:0x1>",
        "<sip:a@[::1>",
        "<sip:a@[::1]x>",
        "\"q",
        "<sip:a@h:123456>",
        "<1:2>",
        "\"a\" b \"c\" <sip:a@h>",
        "<sip:a\tb@h>",
    };
    struct sip_party p;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct span s = guard_str(good[i].text);

        if (sip_party_parse(&p, s) || !span_eq_str(p.user, good[i].user) || !span_eq_str(p.host, good[i].host) ||
            !span_eq_str(p.tag, good[i].tag) || p.port != good[i].port)
            fail_msg("%s", good[i].text);
        guard_str_free(s);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct span s = guard_str(bad[i]);

        if (sip_party_parse(&p, s) != -EBADMSG)
            fail_msg("accepted %s", bad[i]);
        guard_str_free(s);
    }
}

static void test_parameters_are_found(void **state)
{
    static const struct {
        const char *value, *name, *want;
    } found[] = {
        { "<sip:a@h;expires=1>;expires=60", "Expires", "60" },
        { "presence;id=5", "id", "5" },
        { "x;flag;y=1", "flag", "" },
        { "x;a=\"1;2,3\";b=4", "b", "4" },
        { "x;a=\"1;2\"", "a", "1;2" },
        { "x ; a = 1 ", "a", "1" },
        { "x;a=", "a", "" },
        { "x;a=\"", "a", "\"" },
    };
    static const struct {
        const char *value, *name;
    } missing[] = {
        { "<sip:a@h;expires=1>", "expires" },
        { "x;ab=1", "a" },
        { "x;a", "ab" },
        { "", "a" },
        { "x, y;a=1", "a" },
        { "\"q;a=1\"", "a" },
        { "<sip:a@h;a=1", "a" },
        { ";", "a" },
    };
    struct span out;

    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        struct span s = guard_str(found[i].value);

        if (!sip_param(s, found[i].name, &out) || !span_eq_str(out, found[i].want))
            fail_msg("%s", found[i].value);
        guard_str_free(s);
    }
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        struct span s = guard_str(missing[i].value);

        if (sip_param(s, missing[i].name, &out))
            fail_msg("found in %s", missing[i].value);
        guard_str_free(s);
    }
}

static void test_methods_have_names(void **state)
{
    (void)state;
    for (int m = SIP_REGISTER; m <= SIP_PUBLISH; m++)
        assert_int_equal(sip_method_parse(span_of(sip_method_name((enum sip_method)m))), m);
    assert_int_equal(sip_method_parse(SPAN_LIT("UNKNOWN")), SIP_UNKNOWN);
    assert_string_equal(sip_method_name(SIP_UNKNOWN), "UNKNOWN");
    assert_int_equal(sip_method_parse(SPAN_LIT("INVITE ")), SIP_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torture_messages),
        cmocka_unit_test(test_a_second_request_in_the_datagram_is_not_read),
        cmocka_unit_test(test_nul_bytes_do_not_end_a_message),
        cmocka_unit_test(test_from_and_to_are_parsed),
        cmocka_unit_test(test_parameters_are_found),
        cmocka_unit_test(test_methods_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
