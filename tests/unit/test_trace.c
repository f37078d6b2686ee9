/* SPDX-License-Identifier: MIT */
/* The SIP trace: masking, the stream of records, the queue of a slow reader, text, pcap. */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/mask.h"
#include "trace/pcap.h"
#include "trace/queue.h"
#include "trace/record.h"
#include "trace/text.h"

/* ---- mask ---------------------------------------------------------------------------------------------------- */

static void masks(const char *text, const char *want)
{
    size_t n = strlen(text);
    char *copy = guard_copy(text, n);

    assert_int_equal(strlen(want), n);
    mask_credentials(copy, n);
    if (memcmp(copy, want, n) != 0)
        fail_msg("got  %.*s\nwant %s", (int)n, copy, want);
    guard_free(copy, n);
}

static void test_mask_digest(void **state)
{
    (void)state;
    masks("REGISTER sip:a@b SIP/2.0\r\n"
          "Authorization: Digest username=\"34020000001320000001\", realm=\"3402000000\", nonce=\"abc\", "
          "uri=\"sip:a@b\", response=\"0123456789abcdef\", algorithm=MD5, cnonce=\"f00\", qop=auth, nc=00000001, "
          "opaque=\"x\"\r\n\r\n",
          "REGISTER sip:a@b SIP/2.0\r\n"
          "Authorization: Digest username=\"34020000001320000001\", realm=\"3402000000\", nonce=\"abc\", "
          "uri=\"sip:a@b\", response=\"****************\", algorithm=MD5, cnonce=\"***\", qop=auth, nc=00000001, "
          "opaque=\"x\"\r\n\r\n");
    /* Case, blanks, folding, unquoted values, escapes. */
    masks("X\npROXY-aUTHORIZATION \t:\tdIGEST\r\n Response = 0123 ,USERNAME=\"a\\\" , response=\\\\\" ,\r\n"
          "\tcnonce=\"a\\\"b\"\r\nTo: response=1\r\n",
          "X\npROXY-aUTHORIZATION \t:\tdIGEST\r\n Response = **** ,USERNAME=\"*** * ***********\" ,\r\n"
          "\tcnonce=\"****\"\r\nTo: response=1\r\n");
    masks("Authentication-Info: nextnonce=\"n\", rspauth=\"0123\", cnonce=\"9\"\r\n",
          "Authentication-Info: nextnonce=\"n\", rspauth=\"****\", cnonce=\"*\"\r\n");
    masks("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n",
          "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
    masks("Note: Digest nonce=\"c2lnbmVk\", algorithm=SHA256\r\nDate: now\r\n",
          "Note: Digest nonce=\"********\", algorithm=SHA256\r\nDate: now\r\n");
    /* In a body, and truncated. */
    masks("\r\n\r\nAuthorization: Digest response=\"12", "\r\n\r\nAuthorization: Digest response=\"**");
    masks("\r\n Authorization: Digest response=1\r\n", "\r\n Authorization: Digest response=*\r\n");
    masks("<H>Authorization: Digest response=1,qop=auth</H>", "<H>Authorization: Digest response=*,qop=auth</H>");
    masks("A: b\rAuthorization: Digest qop=auth\rresponse=1\r", "A: b\rAuthorization: Digest qop=auth\rresponse=*\r");
    masks("Please Note: open\r\n", "Please Note: open\r\n");
    masks("Authorization: Digest response=", "Authorization: Digest response=");
    masks("Authorization: Digest response", "Authorization: Digest ********");
    masks("Authorization: Digest", "Authorization: Digest");
    masks("Authorization", "Authorization");
    masks("Authorization:", "Authorization:");
}

/* Malformed, or ambiguous: then more is masked. */
static void test_mask_digest_malformed(void **state)
{
    (void)state;
    masks("Authorization: Digest username=\"a, response=1\r\n", "Authorization: Digest username=\"** **********\r\n");
    masks("Authorization: Digest username=\"a, response=\"1\"\r\n",
          "Authorization: Digest username=\"a, response=\"**\r\n");
    /* GBK: the backslash may be the second byte of the username's character. */
    masks("Authorization: Digest username=\"\xd5\\\", response=1, qop=\"auth\"\r\n",
          "Authorization: Digest username=\"**** *********** ****\"*****\r\n");
    masks("Authorization: Digest qop=auth;response=1;nc=1\r\n", "Authorization: Digest qop=auth;response=*;nc=1\r\n");
    masks("Authorization: Digest qop=auth, Basic YTpi==, unknown=1\r\n",
          "Authorization: Digest qop=auth, ***** ****=*, *******=*\r\n");
}

static void test_mask_other_schemes(void **state)
{
    (void)state;
    masks("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
          "Authorization: Basic ****************************\r\n");
    masks("Authorization: Unidirection random1=\"1\", sign1=\"ab cd\"\r\n",
          "Authorization: Unidirection ************ ********* ***\r\n");
    masks("Authorization: username=\"a\", response=\"1\"\r\n", "Authorization: ************* ************\r\n");
    masks("Authorization:response\r\n", "Authorization:response\r\n");
}

static void test_mask_urls(void **state)
{
    static const struct {
        const char *text, *want;
    } urls[] = {
        { "<UploadURL>http://user:secret@host/path</UploadURL>",
          "<UploadURL>http://user:******@host/path</UploadURL>" },
        { "<FileURL>ftp://u:p@ss:w@host:21/a@b</FileURL>", "<FileURL>ftp://u:******@host:21/a@b</FileURL>" },
        { "ftp://u:p#1/?x@host/", "ftp://u:******@host/" },
        { "http://host:80/a@b", "http://host:80/a@b" },
        { "http://user@host", "http://user@host" },
        { "http://[2001:db8::1]:80/a@b", "http://[2001:db8::1]:80/a@b" },
        { "Contact: <sip:user:secret@host:5060;x=y>", "Contact: <sip:user:******@host:5060;x=y>" },
        { "INVITE sips:user:secret@host SIP/2.0", "INVITE sips:user:******@host SIP/2.0" },
        { "To: <sip:34020000002000000001@10.0.0.1:5060>;tag=1:2@3",
          "To: <sip:34020000002000000001@10.0.0.1:5060>;tag=1:2@3" },
        { "Call-ID: gossip:a:b@host", "Call-ID: gossip:a:b@host" },
        { "http://host/p?a=1&token=abc&amp;Signature=de%2f&b=2",
          "http://host/p?a=1&token=***&amp;Signature=*****&b=2" },
        { "http://user:it's@host", "http://user:****@host" },
        { "sip:user:it's@host", "sip:user:****@host" },
        { "Contact: <sip:a@b>;token=\"a \\\" b\", x", "Contact: <sip:a@b>;token=\"* ** *\", x" },
        { "http://host/p?sig=a'b&auth_key=1#2", "http://host/p?sig=***&auth_key=*#2" },
        { "password=a&b=c", "password=*&b=c" },
        { "http://", "http://" },
        { "http:/", "http:/" },
        { "sip:", "sip:" },
        { "sip:a:b", "sip:a:b" },
        { "?token=", "?token=" },
        { "?token", "?token" },
        { "//a:b@c", "//a:b@c" },
        { "://:@", "://:@" },
        { "://:x@", "://:*@" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        masks(urls[i].text, urls[i].want);
}

static void test_mask_xml(void **state)
{
    static const struct {
        const char *text, *want;
    } bodies[] = {
        { "<Password>abc</Password><A>b</A>", "<Password>***</Password><A>b</A>" },
        { "<x:UserPwd a='1'>a b\r\nc</X:userpwd>", "<x:UserPwd a='1'>* *\r\n*</X:userpwd>" },
        { "<Secret><![CDATA[a</b>]]></Secret>", "<Secret>*****************</Secret>" },
        { "<Pwd><![CDATA[a</Pwd>b]]></Pwd>", "<Pwd>********************</Pwd>" },
        { "<ns:Pass>a</PassHint>b</ns:Pass>", "<ns:Pass>*************</ns:Pass>" },
        { "<Pwd '>a</Pwd>", "<Pwd ***</Pwd>" },
        { "<A pwd=a/><A pwd\n=\n'a'/>", "<A pwd=**><A pwd\n=\n'*'/>" },
        { "<Password/><A>b</A>", "<Password/><A>b</A>" },
        { "<Password>abc<A>", "<Password>******" },
        { "<A password = \"a>b\" name='x' PWD='c'>d</A>", "<A password = \"***\" name='x' PWD='*'>d</A>" },
        { "<A password=\"abc", "<A password=\"***" },
        { "<A password", "<A password" },
        { "<A password=", "<A password=" },
        { "<Password", "<Password" },
        { "<", "<" },
        { "<Password>", "<Password>" },
        { "<Name>Password</Name>", "<Name>Password</Name>" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        masks(bodies[i].text, bodies[i].want);
}

static void test_mask_lines(void **state)
{
    static const struct {
        const char *text, *want;
    } lines[] = {
        { "v=0\r\nk=clear:a b\r\na=ice-pwd:abc\r\n", "v=0\r\nk=******* *\r\na=ice-pwd:***\r\n" },
        { "a=crypto:1 X inline:YQ|1\r\nm=x", "a=crypto:1 X inline:****\r\nm=x" },
        { "k: 100rel\r\nContent-Disposition: inline\r\n", "k: 100rel\r\nContent-Disposition: inline\r\n" },
        { "X-Token : a\r\n b\r\nTo: c", "X-Token : *\r\n *\r\nTo: c" },
        { "{\"password\": \"a\"}\r\nb", "{\"password\": ****\r\nb" },
        { "X-Token:\r\nTo: c", "X-Token:\r\nTo: c" },
        { "X: a;token=\"b\r\nAuthorization: Digest cnonce=\"c\"",
          "X: a;token=\"*\r\nAuthorization: Digest cnonce=\"*\"" },
        { "token", "token" },
        { "token:", "token:" },
        { "token=\"", "token=\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        masks(lines[i].text, lines[i].want);
}

/* Patterns that would provoke quadratic time. */
static void test_mask_linear(void **state)
{
    static const char *const parts[] = { "<a ",         "<a b=\"",
                                         "<Password>",  "</",
                                         "://a:b/",     "sip:",
                                         "sip:a:",      "?token=",
                                         "&",           "Authorization: Digest a=\"\n ",
                                         "passwpassw",  "Note:Digest\n",
                                         "<pwd pwd='",  "://",
                                         "\n",          "\r",
                                         "\r ",         "pwd ",
                                         "pwd:\n ",     "pwd=\"\\",
                                         "pwd=\"\"\n ", "Note",
                                         "Note ",       "<pwd><![CDATA[",
                                         "</pwd",       "<pwd:\n " };
    const size_t n = TRACE_MESSAGE_MAX;
    char *text = malloc(n);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (size_t at = 0; at < n; at++)
            text[at] = parts[i][at % strlen(parts[i])];
        for (unsigned again = 0; again < 10; again++)
            mask_credentials(text, n);
    }
    free(text);
}

/* ---- record -------------------------------------------------------------------------------------------------- */

static struct trace_record record(const char *message)
{
    struct trace_record r = {
        .unix_us = 1704067200123456, .utc_offset_s = 28800, .out = true, .platform = "main", .message = span_of(message)
    };

    assert_int_equal(addr_parse(&r.local, SPAN_LIT("192.0.2.9:5060"), 0), 0);
    assert_int_equal(addr_parse(&r.peer, SPAN_LIT("198.51.100.1:5061"), 0), 0);
    return r;
}

static void test_record(void **state)
{
    struct trace_record r = record("OPTIONS\n\nlost 1\n"), got;
    char head[TRACE_HEAD_MAX], stream[2 * TRACE_HEAD_MAX];
    uint64_t lost = 9;
    struct span rest;
    size_t n;

    (void)state;
    n = trace_record_head(&r, head);
    assert_int_equal(n, strlen(head));
    assert_string_equal(head, "sip out udp 1704067200123456 28800 192.0.2.9:5060 198.51.100.1:5061 16 0 main\n");
    r.out = false;
    r.tcp = true;
    r.suppressed = 7;
    r.utc_offset_s = -3600;
    r.platform[0] = '\0';
    assert_int_equal(addr_parse(&r.local, SPAN_LIT("[2001:db8::1]:5060"), 0), 0);
    trace_record_head(&r, head);
    assert_string_equal(head, "sip in tcp 1704067200123456 -3600 [2001:db8::1]:5060 198.51.100.1:5061 16 7 \n");
    snprintf(stream, sizeof(stream), "%sOPTIONS\n\nlost 1\nlost 12\n", head);
    for (n = 0; n < strlen(stream); n++) {
        char *copy = guard_copy(stream, n);

        rest = (struct span){ copy, n };
        assert_int_equal(trace_record_next(&rest, &got, &lost), n >= strlen(head) + 16);
        guard_free(copy, n);
    }
    rest = span_of(stream);
    assert_int_equal(trace_record_next(&rest, &got, &lost), 1);
    assert_int_equal(lost, 0);
    assert_true(got.tcp && !got.out && got.suppressed == 7 && got.utc_offset_s == -3600 &&
                got.unix_us == 1704067200123456);
    assert_true(addr_same(&got.local, &r.local) && addr_same(&got.peer, &r.peer) && !got.platform[0]);
    assert_true(span_eq(got.message, r.message));
    assert_int_equal(trace_record_next(&rest, &got, &lost), 1);
    assert_int_equal(lost, 12);
    assert_int_equal(rest.n, 0);
    assert_int_equal(trace_record_next(&rest, &got, &lost), 0);
}

static void test_record_refused(void **state)
{
    static const char *const lines[] = {
        "\n",
        "lost\n",
        "lost 0\n",
        "lost x\n",
        "sip\n",
        "sip up udp 1 0 1.1.1.1:1 1.1.1.1:1 0 0 \n",
        "sip in sctp 1 0 1.1.1.1:1 1.1.1.1:1 0 0 \n",
        "sip in udp -1 0 1.1.1.1:1 1.1.1.1:1 0 0 \n",
        "sip in udp 1 90000 1.1.1.1:1 1.1.1.1:1 0 0 \n",
        "sip in udp 1 0 x 1.1.1.1:1 0 0 \n",
        "sip in udp 1 0 1.1.1.1:1 1.1.1.1:1 65536 0 \n",
        "sip in udp 1 0 1.1.1.1:1 1.1.1.1:1 0\n",
        "sip in udp 1 0 1.1.1.1:1 1.1.1.1:1 0 0 a-name-that-is-longer-than-any-platform-may-have-it\n",
    };
    char longer[TRACE_HEAD_MAX + 1];
    struct trace_record r;
    struct span rest;
    uint64_t lost;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        rest = span_of(lines[i]);
        if (trace_record_next(&rest, &r, &lost) != -EBADMSG)
            fail_msg("accepted: %s", lines[i]);
    }
    memset(longer, 'x', sizeof(longer));
    rest = (struct span){ longer, sizeof(longer) };
    assert_int_equal(trace_record_next(&rest, &r, &lost), -EBADMSG);
}

/* ---- queue --------------------------------------------------------------------------------------------------- */

static void test_queue(void **state)
{
    static char message[1000];
    const struct span head = SPAN_LIT("head\n"), body = { message, sizeof(message) };
    struct trace_queue q;
    unsigned put = 0;

    (void)state;
    assert_int_equal(trace_queue_init(&q), 0);
    assert_int_equal(trace_queue_view(&q).n, 0);
    for (; put < 500; put++)
        trace_queue_put(&q, head, body);
    assert_true(q.lost > 300 && q.lost < 400);
    assert_int_equal(trace_queue_view(&q).n, (500 - q.lost) * 1005);
    assert_true(trace_queue_view(&q).n <= TRACE_QUEUE_MAX);
    /* After a partial send the next record that fits follows the "lost" record. */
    uint64_t lost = q.lost;
    char want[64];
    size_t before;

    trace_queue_sent(&q, 3000);
    before = trace_queue_view(&q).n;
    trace_queue_put(&q, head, SPAN_LIT("message"));
    snprintf(want, sizeof(want), "lost %llu\nhead\nmessage", (unsigned long long)lost);
    assert_int_equal(q.lost, 0);
    assert_true(span_eq_str(span_from(trace_queue_view(&q), before), want));
    /* Once everything is sent, the loss is reported without waiting for another record. */
    for (unsigned i = 0; i < 10; i++)
        trace_queue_put(&q, head, body);
    assert_true(q.lost > 0);
    trace_queue_sent(&q, trace_queue_view(&q).n);
    assert_int_equal(memcmp(trace_queue_view(&q).p, "lost ", 5), 0);
    trace_queue_sent(&q, trace_queue_view(&q).n);
    assert_int_equal(trace_queue_view(&q).n, 0);
    trace_queue_free(&q);
    trace_queue_free(&q);
}

static void test_queue_largest(void **state)
{
    char *message = calloc(1, TRACE_MESSAGE_MAX);
    struct trace_queue q;

    (void)state;
    assert_non_null(message);
    assert_int_equal(trace_queue_init(&q), 0);
    trace_queue_put(&q, SPAN_LIT("head\n"), (struct span){ message, TRACE_MESSAGE_MAX });
    assert_int_equal(q.lost, 0);
    trace_queue_free(&q);
    free(message);
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

static void test_text(void **state)
{
    struct trace_record r = record("OPTIONS sip:a SIP/2.0\r\nX: \x1b\x00\xff 大门\x7f\n\r\nend");
    char line[TRACE_TEXT_MAX], longer[3000];
    struct span rest;

    (void)state;
    trace_text_head(&r, line);
    assert_string_equal(line,
                        "2024-01-01T08:00:00.123456+0800 main out udp 192.0.2.9:5060 > 198.51.100.1:5061 27 bytes");
    r.message.n = sizeof("OPTIONS sip:a SIP/2.0\r\nX: \x1b\x00\xff 大门\x7f\n\r\nend") - 1;
    r.out = false;
    r.platform[0] = '\0';
    r.utc_offset_s = -19800;
    r.suppressed = 3;
    trace_text_head(&r, line);
    assert_string_equal(
        line, "2023-12-31T18:30:00.123456-0530 (unknown source) in udp 192.0.2.9:5060 < 198.51.100.1:5061 43 bytes, "
              "3 suppressed before");
    rest = r.message;
    assert_true(trace_text_line(&rest, line) && trace_text_line(&rest, line));
    assert_string_equal(line, "X: \\x1b\\x00\\xff 大门\\x7f");
    assert_true(trace_text_line(&rest, line));
    assert_string_equal(line, "");
    assert_true(trace_text_line(&rest, line));
    assert_string_equal(line, "end");
    assert_false(trace_text_line(&rest, line));
    /* A long line is split completely. */
    memset(longer, 'x', sizeof(longer));
    longer[2999] = '\n';
    rest = (struct span){ guard_copy(longer, sizeof(longer)), sizeof(longer) };
    const struct span all = rest;
    size_t total = 0;

    while (trace_text_line(&rest, line))
        total += strlen(line);
    assert_int_equal(total, 2999);
    guard_free((char *)(uintptr_t)all.p, all.n);
}

/* ---- pcap ---------------------------------------------------------------------------------------------------- */

static void hex(const uint8_t *p, size_t n, const char *want)
{
    char text[512] = "";

    assert_true(n < sizeof(text) / 2);
    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", p[i]);
    assert_string_equal(text, want);
}

/* The ones' complement sum; 0xffff over anything with a valid checksum. */
static unsigned words(const uint8_t *p, size_t n)
{
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void test_pcap_udp(void **state)
{
    static struct pcap p;
    static uint8_t out[PCAP_RECORD_MAX];
    struct trace_record r = record("hi!");
    uint8_t head[PCAP_FILE_HEAD];

    (void)state;
    memset(&p, 0, sizeof(p));
    pcap_file_head(head);
    hex(head, sizeof(head),
        "d4c3b2a1"
        "02000400"
        "00000000"
        "00000000"
        "00000400"
        "65000000");
    assert_int_equal(pcap_record(&p, &r, out), 16 + 20 + 8 + 3);
    hex(out, 16,
        "80009265"
        "40e20100"
        "1f000000"
        "1f000000");
    hex(out + 16, 10,
        "4500001f"
        "00010000"
        "4011");
    hex(out + 28, 8,
        "c0000209"
        "c6336401");
    hex(out + 36, 6,
        "13c4"
        "13c5"
        "000b");
    assert_memory_equal(out + 44, "hi!", 3);
    assert_int_equal(words(out + 16, 20), 0xffff);
    assert_int_equal(words((uint8_t[]){ 0, 17, 0, 11 }, 4) + words(out + 28, 8) + words(out + 36, 11), 0xffff);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void expect_tcp(struct pcap *p, const struct trace_record *r, uint32_t seq, uint32_t ack)
{
    static uint8_t out[PCAP_RECORD_MAX];
    const uint8_t *tcp = out + 16 + 40;
    const size_t len = 20 + r->message.n;
    unsigned sum;

    assert_int_equal(pcap_record(p, r, out), 16 + 40 + len);
    hex(out + 16, 8, r->message.n == 3 ? "6000000000170640" : "6000000000190640");
    assert_int_equal(be32(tcp + 4), seq);
    assert_int_equal(be32(tcp + 8), ack);
    hex(tcp + 12, 2, "5018");
    sum = words(out + 24, 32) + words(tcp, len) + 6 + (unsigned)len;
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
}

/* Sequence numbers continue, separately for each connection. */
static void test_pcap_tcp(void **state)
{
    static struct pcap p;
    struct trace_record out = record("abc"), in, other;

    (void)state;
    memset(&p, 0, sizeof(p));
    out.tcp = true;
    assert_int_equal(addr_parse(&out.local, SPAN_LIT("[2001:db8::1]:5060"), 0), 0);
    assert_int_equal(addr_parse(&out.peer, SPAN_LIT("[2001:db8::2]:5060"), 0), 0);
    in = other = out;
    in.out = false;
    in.message = SPAN_LIT("12345");
    other.peer.port = 5070;
    expect_tcp(&p, &out, 1, 1);
    expect_tcp(&p, &out, 4, 1);
    expect_tcp(&p, &in, 1, 7);
    expect_tcp(&p, &other, 1, 1);
    expect_tcp(&p, &in, 6, 7);
    expect_tcp(&p, &out, 7, 11);
    /* The least recently used connection is replaced. */
    for (uint16_t port = 6000; port < 6000 + PCAP_FLOWS_MAX - 1; port++) {
        struct trace_record r = out;

        r.peer.port = port;
        expect_tcp(&p, &r, 1, 1);
    }
    expect_tcp(&p, &out, 10, 11);
    expect_tcp(&p, &other, 1, 1);
}

/* The largest messages: two TCP segments, or a UDP datagram that fills the IP packet. */
static void test_pcap_largest(void **state)
{
    static struct pcap p;
    static uint8_t out[PCAP_RECORD_MAX];
    char *message = calloc(1, TRACE_MESSAGE_MAX);
    struct trace_record r = record("");
    size_t first;

    (void)state;
    assert_non_null(message);
    memset(&p, 0, sizeof(p));
    r.message = (struct span){ message, TRACE_MESSAGE_MAX };
    r.tcp = true;
    assert_int_equal(pcap_record(&p, &r, out), TRACE_MESSAGE_MAX + 2 * (16 + 20 + 20));
    first = 16u + out[8] + ((size_t)out[9] << 8);
    assert_int_equal(be32(out + 16 + 20 + 4), 1);
    assert_int_equal(be32(out + first + 16 + 20 + 4), 1 + first - 16 - 40);
    r.tcp = false;
    r.message.n = 65507;
    assert_int_equal(pcap_record(&p, &r, out), 16 + 65535);
    hex(out + 18, 2, "ffff");
    hex(out + 40, 2, "ffeb");
    assert_int_equal(addr_parse(&r.peer, SPAN_LIT("[2001:db8::1]:5060"), 0), 0);
    r.message.n = 65527;
    assert_int_equal(pcap_record(&p, &r, out), 16 + 40 + 65535);
    hex(out + 20, 2, "ffff");
    hex(out + 60, 2, "ffff");
    free(message);
}

/* IPv4-mapped addresses, and an unspecified local address. */
static void test_pcap_mapped(void **state)
{
    static struct pcap p;
    static uint8_t out[PCAP_RECORD_MAX];
    struct trace_record r = record("x");

    (void)state;
    assert_int_equal(addr_parse(&r.peer, SPAN_LIT("[::ffff:198.51.100.1]:5061"), 0), 0);
    assert_int_equal(addr_parse(&r.local, SPAN_LIT("[::]:5060"), 0), 0);
    assert_int_equal(pcap_record(&p, &r, out), 16 + 20 + 8 + 1);
    hex(out + 28, 8,
        "00000000"
        "c6336401");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mask_digest),
        cmocka_unit_test(test_mask_other_schemes),
        cmocka_unit_test(test_mask_urls),
        cmocka_unit_test(test_mask_xml),
        cmocka_unit_test(test_mask_linear),
        cmocka_unit_test(test_mask_lines),
        cmocka_unit_test(test_mask_digest_malformed),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_record_refused),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_queue_largest),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_pcap_udp),
        cmocka_unit_test(test_pcap_tcp),
        cmocka_unit_test(test_pcap_largest),
        cmocka_unit_test(test_pcap_mapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
