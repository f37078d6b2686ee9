/* SPDX-License-Identifier: MIT */
/* Answers byte for byte, as platforms parse them: the user in o= is the channel, y= and f= come last. */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/sdp.h"

#define CHANNEL "34020000001310000001"
#define LOCAL   "192.168.1.108:10032"
#define OFFER(name, time, media)                                                                                       \
    "v=0\r\no=x 0 0 IN IP4 10.0.0.1\r\ns=" name "\r\nc=IN IP4 10.0.0.1\r\nt=" time "\r\n" media
#define START(name, time)                                                                                              \
    "v=0\r\no=" CHANNEL " 0 0 IN IP4 192.168.1.108\r\ns=" name "\r\nc=IN IP4 192.168.1.108\r\nt=" time "\r\n"

struct answer_case {
    const char *offer, *local, *want, *f, *ssrc;
    uint64_t file_size;
};

static void test_answers_are_what_platforms_parse(void **state)
{
    static const struct answer_case cases[] = {
        { OFFER("Play", "0 0", "m=video 30000 TCP/RTP/AVP 96 98\r\na=setup:passive\r\ny=0200005549\r\n"), LOCAL,
          START("Play", "0 0") "m=video 10032 TCP/RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
                               "a=setup:active\r\na=connection:new\r\ny=0200005549\r\n",
          NULL, NULL, 0 },
        { OFFER("Play", "0 0", "m=video 30000 TCP/RTP/AVP 96\r\na=setup:active\r\ny=100000001\r\n"), LOCAL,
          START("Play", "0 0") "m=video 10032 TCP/RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
                               "a=setup:passive\r\na=connection:new\r\ny=100000001\r\n",
          NULL, NULL, 0 },
        { OFFER("Play", "0 0", "m=video 6000 RTP/RTCP 96\r\na=setup:passive\r\n"), LOCAL,
          START("Play", "0 0") "m=video 10032 RTP/RTCP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
                               "y=0200000007\r\nf=v/2/6/25/1/4000a///\r\n",
          "v/2/6/25/1/4000a///", "0200000007", 0 },
        { OFFER("Download", "1690000000 1690003600", "m=video 6000 RTP/AVP 96\r\ny=1200000001\r\n"), LOCAL,
          START("Download", "1690000000 1690003600") "m=video 10032 RTP/AVP 96\r\na=sendonly\r\n"
                                                     "a=rtpmap:96 PS/90000\r\na=filesize:10485760\r\ny=1200000001\r\n",
          NULL, NULL, 10485760 },
        { OFFER("Talk", "0 0", "m=audio 6000 RTP/AVP 8\r\ny=0200000003\r\nf=v/////a/1/8/1\r\n"), LOCAL,
          START("Talk", "0 0") "m=audio 10032 RTP/AVP 8\r\na=sendrecv\r\na=rtpmap:8 PCMA/8000\r\n"
                               "y=0200000003\r\nf=v/////a/1/8/1\r\n",
          "v/////a/1/8/1", NULL, 0 },
        /* no s= but a time span: treated as and named Playback */
        { "v=0\r\nc=IN IP4 10.0.0.1\r\nt=1690000000 1690003600\r\nm=video 6000 RTP/AVP 96\r\ny=1200000001\r\n", LOCAL,
          START("Playback", "1690000000 1690003600") "m=video 10032 RTP/AVP 96\r\na=sendonly\r\n"
                                                     "a=rtpmap:96 PS/90000\r\ny=1200000001\r\n",
          NULL, NULL, 0 },
        { "c=IN IP6 2001:db8::9\r\nm=video 6000 RTP/AVP 98\r\ny=0200000001\r\n", "[2001:db8::1]:9000",
          "v=0\r\no=" CHANNEL " 0 0 IN IP6 2001:db8::1\r\ns=Play\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n"
          "m=video 9000 RTP/AVP 98\r\na=sendonly\r\na=rtpmap:98 H264/90000\r\ny=0200000001\r\n",
          NULL, NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sdp_offer o;
        struct sdp_answer a = { .offer = &o, .channel = CHANNEL, .f = cases[i].f, .file_size = cases[i].file_size };
        char out[1024];
        struct buf b;

        assert_int_equal(sdp_offer_parse(&o, span_of(cases[i].offer)), 0);
        assert_int_equal(addr_parse(&a.local, span_of(cases[i].local), 0), 0);
        a.setup = sdp_setup_answer(o.setup);
        assert_true(span_copy(span_of(cases[i].ssrc ? cases[i].ssrc : o.ssrc_text), a.ssrc_text, sizeof(a.ssrc_text)));
        buf_init(&b, out, sizeof(out));
        sdp_answer_write(&b, &a);
        assert_false(b.overflow);
        assert_string_equal(out, cases[i].want);
        buf_init(&b, out, 60);
        sdp_answer_write(&b, &a);
        assert_true(b.overflow);
    }
}

static void test_setup_is_answered_with_its_complement(void **state)
{
    (void)state;
    assert_int_equal(sdp_setup_answer(SDP_SETUP_PASSIVE), SDP_SETUP_ACTIVE);
    assert_int_equal(sdp_setup_answer(SDP_SETUP_ACTIVE), SDP_SETUP_PASSIVE);
    assert_int_equal(sdp_setup_answer(SDP_SETUP_ACTPASS), SDP_SETUP_ACTIVE);
    assert_int_equal(sdp_setup_answer(SDP_SETUP_NONE), SDP_SETUP_ACTIVE);
}

static void test_an_ssrc_is_made_by_the_rule(void **state)
{
    static const struct {
        bool history;
        const char *domain;
        unsigned number;
        const char *want;
    } cases[] = {
        { false, "13010000002000000001", 1, "0100000001" },
        { true, "13010000002000000001", 4242, "1100004242" },
        { false, "3402000000", 7, "0200000007" },
        { false, "34020012345", 99999, "0200129999" },
        { true, "", 3, "1000000003" },
        { false, "ab", 0, "0000000001" },
        { false, "10.0.0.1", 10000, "0000010000" },
        { false, "3402", 10000, "0200000000" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span domain = guard_str(cases[i].domain);
        char out[SDP_SSRC_TEXT];

        sdp_ssrc_make(out, cases[i].history, domain, cases[i].number);
        assert_string_equal(out, cases[i].want);
        assert_true(strtoul(out, NULL, 10) > 0);
        guard_str_free(domain);
    }
}

static void test_hostile_sizes(void **state)
{
    static char big[65536];
    struct sdp_offer o;
    struct buf b;

    (void)state;
    buf_init(&b, big, sizeof(big));
    buf_str(&b, "v=0\r\nc=IN IP4 1.2.3.4\r\n");
    for (unsigned i = 0; i < 1000; i++)
        buf_printf(&b, "m=audio %u RTP/AVP 8\r\n", i);
    buf_str(&b, "m=video 6000 RTP/AVP");
    for (unsigned i = 0; i < 5000; i++)
        buf_str(&b, " 97");
    buf_str(&b, "\r\na=");
    for (unsigned i = 0; i < 10240; i++)
        buf_char(&b, 'x');
    assert_false(b.overflow);
    assert_int_equal(sdp_offer_parse(&o, buf_view(&b)), 0);
    assert_int_equal(o.media.port, 6000);
    assert_int_equal(o.payload_type, 97);
}

static void test_every_prefix_is_survived(void **state)
{
    static const char text[] = OFFER(
        "Playback", "1690000000 1690003600",
        "m=video 30000/2 TCP/RTP/AVP 96 98\r\n"
        "a=rtpmap:96 PS/90000\r\na=setup:passive\r\na=streamMode:main\r\ny=1200000001\r\nf=v/2a///\r\n");

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = guard_copy(text, n);
        struct sdp_offer o;
        int err = sdp_offer_parse(&o, (struct span){ copy, n });

        assert_true(err == 0 || err == -EBADMSG || err == -ENOTSUP);
        guard_free(copy, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_what_platforms_parse),
        cmocka_unit_test(test_setup_is_answered_with_its_complement),
        cmocka_unit_test(test_an_ssrc_is_made_by_the_rule),
        cmocka_unit_test(test_hostile_sizes),
        cmocka_unit_test(test_every_prefix_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
