/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "codec/sdp.h"

#define IP               "192.168.1.125"
#define HEAD(user, name) "v=0\r\no=" user " 0 0 IN IP4 " IP "\r\ns=" name "\r\n"
#define CT(t)            "c=IN IP4 " IP "\r\nt=" t "\r\n"
#define DEV              "34020000001320000001"
#define PS               "a=recvonly\r\na=rtpmap:96 PS/90000\r\n"
#define H264             "a=rtpmap:98 H264/90000\r\n"
#define MPEG4            "a=rtpmap:97 MPEG4/90000\r\n"
#define H265             "a=rtpmap:99 H265/90000\r\n"
#define MAPS             PS H264 MPEG4 H265
#define PASSIVE          "a=setup:passive\r\na=connection:new\r\n"
#define ACTIVE           "a=setup:active\r\na=connection:new\r\n"
#define SENIOR                                                                                                         \
    PS "a=fmtp:126 profile-level-id=42e01e\r\na=rtpmap:126 H264/90000\r\n"                                             \
       "a=rtpmap:125 H264S/90000\r\na=fmtp:125 profile-level-id=42e01e\r\n" H265 H264 MPEG4
#define SPAN_OF_DAY "1690000000 1690003600"

struct sample {
    const char *name, *sdp;
    enum sdp_session session;
    bool tcp;
    enum sdp_setup setup;
    uint16_t port;
    const char *ssrc; /* NULL: none */
    int stream;
    const char *proto;
};

/* Offers of platforms, line by line as captured or as in their source code. */
static const struct sample samples[] = {
    { "WVP TCP passive",
      HEAD(DEV, "Play") CT("0 0") "m=video 30000 TCP/RTP/AVP 96 97 98 99\r\n" MAPS PASSIVE
                                  "a=stream:0\r\ny=0200000001\r\n",
      SDP_PLAY, true, SDP_SETUP_PASSIVE, 30000, "0200000001", 0, "TCP/RTP/AVP" },
    { "WVP TCP active",
      HEAD(DEV, "Play") CT("0 0") "m=video 30000 TCP/RTP/AVP 96 97 98 99\r\n" MAPS ACTIVE "y=0200000001\r\n", SDP_PLAY,
      true, SDP_SETUP_ACTIVE, 30000, "0200000001", -1, "TCP/RTP/AVP" },
    { "WVP UDP, sub stream",
      HEAD(DEV, "Play") CT("0 0") "m=video 30002 RTP/AVP 96 97 98 99\r\n" MAPS "a=streamMode:sub\r\ny=0200000002\r\n",
      SDP_PLAY, false, SDP_SETUP_NONE, 30002, "0200000002", 1, "RTP/AVP" },
    { "WVP senior",
      HEAD(DEV, "Play") CT("0 0") "m=video 30000 TCP/RTP/AVP 96 126 125 99 34 98 97\r\n" SENIOR PASSIVE
                                  "y=0200000001\r\n",
      SDP_PLAY, true, SDP_SETUP_PASSIVE, 30000, "0200000001", -1, "TCP/RTP/AVP" },
    { "WVP playback",
      HEAD(DEV, "Playback") "u=" DEV ":0\r\n" CT(SPAN_OF_DAY) "m=video 30004 TCP/RTP/AVP 96 97 98 99\r\n" MAPS PASSIVE
                                                              "y=1200000001\r\n",
      SDP_PLAYBACK, true, SDP_SETUP_PASSIVE, 30004, "1200000001", -1, "TCP/RTP/AVP" },
    { "WVP download",
      HEAD(DEV, "Download") "u=" DEV ":0\r\n" CT(SPAN_OF_DAY) "m=video 30004 TCP/RTP/AVP 96 97 98 99\r\n" MAPS PASSIVE
                                                              "a=downloadspeed:4\r\ny=1200000001\r\n",
      SDP_DOWNLOAD, true, SDP_SETUP_PASSIVE, 30004, "1200000001", -1, "TCP/RTP/AVP" },
    { "WVP talk",
      HEAD(DEV, "Talk") CT("0 0") "m=audio 30006 TCP/RTP/AVP 8\r\n" PASSIVE
                                  "a=sendrecv\r\na=rtpmap:8 PCMA/8000\r\ny=0200000009\r\nf=v/////a/1/8/1\r\n",
      SDP_TALK, true, SDP_SETUP_PASSIVE, 30006, "0200000009", -1, "TCP/RTP/AVP" },
    { "SRS", HEAD("", "Play") CT("0 0") "m=video 9000 TCP/RTP/AVP 96\r\n" PS "y=0200007585\r\n", SDP_PLAY, true,
      SDP_SETUP_NONE, 9000, "0200007585", -1, "TCP/RTP/AVP" },
    { "LAL", HEAD(DEV, "Play") CT("0 0") "m=video 10002 TCP/RTP/AVP 96\r\n" PS "y=0200004321\r\n" PASSIVE, SDP_PLAY,
      true, SDP_SETUP_PASSIVE, 10002, "0200004321", -1, "TCP/RTP/AVP" },
    { "LAL UDP", HEAD(DEV, "Play") CT("0 0") "m=video 10002 RTP/AVP 96\r\n" PS "y=0200004321\r\n", SDP_PLAY, false,
      SDP_SETUP_NONE, 10002, "0200004321", -1, "RTP/AVP" },
    { "MON",
      HEAD(DEV, "Play") "u=" DEV ":0\r\n" CT("0 0") "m=video 58200 TCP/RTP/AVP 96\r\n" PS
                                                    "y=0200007686\r\na=setup:passive\r\na=connection:new",
      SDP_PLAY, true, SDP_SETUP_PASSIVE, 58200, "0200007686", -1, "TCP/RTP/AVP" },
    { "GOWVP",
      HEAD(DEV, "Play") CT("0 0") "m=video 20010 TCP/RTP/AVP 96 97 98\r\na=recvonly\r\n" PASSIVE
                                  "a=rtpmap:96 PS/90000\r\n" MPEG4 H264 "y=0200000123\r\n",
      SDP_PLAY, true, SDP_SETUP_PASSIVE, 20010, "0200000123", -1, "TCP/RTP/AVP" },
    { "GOGB",
      HEAD(DEV, "Play") "t=0 0\r\nm=video 6000 RTP/RTCP 96 98 97\r\nc=IN IP4 " IP "\r\n" PS H264 MPEG4
                        "y=0200000055\r\n",
      SDP_PLAY, false, SDP_SETUP_NONE, 6000, "0200000055", -1, "RTP/RTCP" },
    { "AKS, setup though UDP",
      HEAD(DEV, "Playback") "u=" DEV
                            ":0\r\n" CT(SPAN_OF_DAY) "m=video 10000 RTP/AVP 96 98\r\na=recvonly\r\n"
                                                     "a=setup:passive\r\ny=1200000077\r\na=rtpmap:96 PS/90000\r\n" H264,
      SDP_PLAYBACK, false, SDP_SETUP_NONE, 10000, "1200000077", -1, "RTP/AVP" },
    { "SLN",
      HEAD(DEV, "Play") CT("0 0") "m=video 10000 RTP/AVP 96 98\r\na=recvonly\r\na=setup:active\r\na=connection:new\r\n"
                                  "y=0123456789\r\na=rtpmap:96 PS/90000\r\n" H264,
      SDP_PLAY, false, SDP_SETUP_NONE, 10000, "0123456789", -1, "RTP/AVP" },
    { "SLN playback without y",
      HEAD(DEV, "Playback") CT(SPAN_OF_DAY) "m=video 10000 RTP/AVP 96 98\r\na=recvonly\r\n"
                                            "a=rtpmap:96 PS/90000\r\n" H264,
      SDP_PLAYBACK, false, SDP_SETUP_NONE, 10000, NULL, -1, "RTP/AVP" },
    { "LIBGB",
      HEAD("34020000002000000001", "Play")
          CT("0 0") "m=video 7000 TCP/RTP/AVP 96 98\r\na=setup:actpass\r\na=connection:new\r\n" PS H264
                    "a=ice-ufrag:x\r\na=streamnumber:1\r\na=streamprofile:1\r\n"
                    "a=stream:1\r\na=streamMode:Sub\r\na=filesize:0\r\na=downloadspeed:1\r\ny=0200000042\r\n"
                    "f=v/2/6/25/1/4000a/1/8/1\r\n",
      SDP_PLAY, true, SDP_SETUP_ACTPASS, 7000, "0200000042", 1, "TCP/RTP/AVP" },
    { "UVP download",
      HEAD("34020000002000000001",
           "Download") "u=" DEV ":0\r\n" CT(SPAN_OF_DAY) "m=video 30004 TCP/RTP/AVP 96 97 98 99\r\n" MAPS
                                                         "a=downloadspeed:4\r\n" PASSIVE "y=1200000001\r\n",
      SDP_DOWNLOAD, true, SDP_SETUP_PASSIVE, 30004, "1200000001", -1, "TCP/RTP/AVP" },
};

static int parse(struct sdp_offer *o, const char *text)
{
    struct span s = guard_str(text);
    int err = sdp_offer_parse(o, s);

    guard_str_free(s);
    return err;
}

static void test_every_platform_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *w = &samples[i];
        struct sdp_offer o;
        char ip[ADDR_TEXT_MAX];

        if (parse(&o, w->sdp))
            fail_msg("%s: refused", w->name);
        addr_print_ip(&o.media, ip);
        if (o.session != w->session || o.tcp != w->tcp || o.setup != w->setup || o.media.port != w->port ||
            o.stream != w->stream || strcmp(o.proto, w->proto) || strcmp(ip, IP))
            fail_msg("%s: misread", w->name);
        if (o.has_ssrc != (w->ssrc != NULL) || (w->ssrc && strcmp(o.ssrc_text, w->ssrc)))
            fail_msg("%s: y=%s", w->name, o.ssrc_text);
        assert_int_equal(o.audio, w->session == SDP_TALK);
        assert_int_equal(o.payload_type, o.audio ? 8 : 96);
        assert_int_equal(o.format, o.audio ? SDP_FORMAT_PCMA : SDP_FORMAT_PS);
        assert_true(o.start == (strstr(w->sdp, SPAN_OF_DAY) ? 1690000000 : 0));
        assert_true(o.stop == (strstr(w->sdp, SPAN_OF_DAY) ? 1690003600 : 0));
        assert_int_equal(o.has_f, strstr(w->sdp, "f=v") != NULL);
        assert_int_equal(o.download_speed == 4, strstr(w->sdp, "downloadspeed:4") != NULL);
        assert_int_equal(o.download_speed == 1, strstr(w->sdp, "downloadspeed:1") != NULL);
    }
}

#define PLAY(media) HEAD(DEV, "Play") CT("0 0") media
#define VIDEO       "m=video 6000 RTP/AVP 96\r\n"

static void test_ssrc_is_kept_as_sent_or_absent(void **state)
{
    static const struct {
        const char *y;
        const char *text;
        uint32_t ssrc;
    } cases[] = {
        { "0100000001", "0100000001", 0x05F5E101 },
        { "100000001", "100000001", 0x05F5E101 }, /* nine digits */
        { " 0200000001 ", "0200000001", 200000001 },
        { "1", "1", 1 },
        { "1999999999", "1999999999", 1999999999 },
        { "2000000000", "2000000000", 2000000000 },
        { "4294967295", "4294967295", 4294967295u },
        { "4294967296", NULL, 0 },
        { "9999999999", NULL, 0 },
        { "00000000001", NULL, 0 },
        { "0000000000", NULL, 0 },
        { "0", NULL, 0 },
        { "", NULL, 0 },
        { "0x10", NULL, 0 },
        { "-1", NULL, 0 },
        { "02000000A1", NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[400];
        struct sdp_offer o;
        struct buf b;

        buf_init(&b, text, sizeof(text));
        buf_printf(&b, "%sy=%s\r\n", PLAY(VIDEO), cases[i].y);
        assert_int_equal(parse(&o, text), 0);
        assert_int_equal(o.has_ssrc, cases[i].text != NULL);
        assert_string_equal(o.ssrc_text, cases[i].text ? cases[i].text : "");
        assert_int_equal(o.ssrc, cases[i].ssrc);
    }
}

static void test_usable_and_unusable_offers(void **state)
{
    static const struct {
        const char *name, *sdp;
        int err;
    } cases[] = {
        { "empty", "", -EBADMSG },
        { "no session description", "hello\r\n", -EBADMSG },
        { "xml", "<?xml version=\"1.0\"?>", -EBADMSG },
        { "only v", "v=0\r\n", -ENOTSUP },
        { "no m", HEAD(DEV, "Play") CT("0 0"), -ENOTSUP },
        { "no c, no o", "v=0\r\ns=Play\r\nt=0 0\r\n" VIDEO, -ENOTSUP },
        { "c from o", HEAD(DEV, "Play") "t=0 0\r\n" VIDEO, 0 },
        { "only c and m", "c=IN IP4 1.2.3.4\r\n" VIDEO, 0 },
        { "only m and its c", VIDEO "c=IN IP4 1.2.3.4\r\n", 0 },
        { "host name", "v=0\r\nc=IN IP4 media.example.com\r\n" VIDEO, -ENOTSUP },
        { "host name at media level", PLAY(VIDEO "c=IN IP4 media.example.com\r\n"), -ENOTSUP },
        { "c with ttl", "v=0\r\nc=IN IP4 10.0.0.1/127\r\n" VIDEO, 0 },
        { "IPv6", "v=0\r\nc=IN IP6 2001:db8::1\r\n" VIDEO, 0 },
        { "LF only, blanks", "v=0\n c=IN  IP4  10.0.0.1 \n m=video  6000  RTP/AVP  96 \n", 0 },
        { "port 65536", PLAY("m=video 65536 RTP/AVP 96\r\n"), -ENOTSUP },
        { "port 0", PLAY("m=video 0 RTP/AVP 96\r\n"), -ENOTSUP },
        { "port -1", PLAY("m=video -1 RTP/AVP 96\r\n"), -ENOTSUP },
        { "port x", PLAY("m=video x RTP/AVP 96\r\n"), -ENOTSUP },
        { "port/2", PLAY("m=video 6000/2 RTP/AVP 96\r\n"), 0 },
        { "port 0, offerer connects", PLAY("m=video 0 TCP/RTP/AVP 96\r\na=setup:active\r\n"), 0 },
        { "port 0, offerer listens", PLAY("m=video 0 TCP/RTP/AVP 96\r\na=setup:passive\r\n"), -ENOTSUP },
        { "no format", PLAY("m=video 6000 RTP/AVP\r\n"), -ENOTSUP },
        { "format 128", PLAY("m=video 6000 RTP/AVP 128\r\n"), -ENOTSUP },
        { "unknown proto", PLAY("m=video 6000 RTP/SAVP 96\r\n"), -ENOTSUP },
        { "no proto", PLAY("m=video 6000\r\n"), -ENOTSUP },
        { "audio where video belongs", PLAY("m=audio 6000 RTP/AVP 8\r\n"), -ENOTSUP },
        { "second m is the usable one", PLAY("m=audio 6000 RTP/AVP 8\r\n" VIDEO), 0 },
        { "proto in small letters", PLAY("m=video 6000 tcp/rtp/avp 96\r\n"), 0 },
        { "playback without time", HEAD(DEV, "Playback") CT("0 0") VIDEO, -ENOTSUP },
        { "playback backwards", HEAD(DEV, "Playback") CT("1690003600 1690000000") VIDEO, -ENOTSUP },
        { "playback of the far future", HEAD(DEV, "Playback") CT("1690000000 18446744073709551615") VIDEO, -ENOTSUP },
        { "playback of nothing", HEAD(DEV, "Download") CT("1690000000 1690000000") VIDEO, -ENOTSUP },
        { "playback, broken time", HEAD(DEV, "Playback") CT("-5 1690000000") VIDEO, -ENOTSUP },
        { "talk without audio", HEAD(DEV, "Talk") CT("0 0") VIDEO, -ENOTSUP },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sdp_offer o;
        int err = parse(&o, cases[i].sdp);

        if (err != cases[i].err)
            fail_msg("%s: %d", cases[i].name, err);
        if (!err)
            assert_int_equal(o.format, SDP_FORMAT_PS);
    }
}

static void test_the_second_media_keeps_its_own_lines(void **state)
{
    struct sdp_offer o;
    char ip[ADDR_TEXT_MAX];

    (void)state;
    assert_int_equal(parse(&o, PLAY("m=audio 6000 TCP/RTP/AVP 8\r\nc=IN IP4 10.9.9.9\r\na=setup:active\r\n"
                                    "m=video 7000 TCP/RTP/AVP 98 105\r\na=rtpmap:105 ps/90000\r\na=setup:passive\r\n")),
                     0);
    addr_print_ip(&o.media, ip);
    assert_string_equal(ip, IP);
    assert_int_equal(o.media.port, 7000);
    assert_int_equal(o.setup, SDP_SETUP_PASSIVE);
    assert_int_equal(o.payload_type, 105);
    assert_int_equal(o.format, SDP_FORMAT_PS);
}

static void test_formats_are_chosen(void **state)
{
    static const struct {
        const char *media;
        unsigned pt;
        enum sdp_format format;
    } cases[] = {
        { "m=video 1 RTP/AVP 98 96\r\na=rtpmap:96 DAHUA/90000\r\n", 96, SDP_FORMAT_PS },
        { "m=video 1 RTP/AVP 98\r\n", 98, SDP_FORMAT_H264 },
        { "m=video 1 RTP/AVP 100\r\n", 100, SDP_FORMAT_H265 },
        { "m=video 1 RTP/AVP 99 98\r\na=rtpmap:99 H265/90000\r\n", 99, SDP_FORMAT_H265 },
        { "m=video 1 RTP/AVP 97 98\r\na=rtpmap:97 MPEG4/90000\r\n", 97, SDP_FORMAT_OTHER },
        { "m=video 1 RTP/AVP 34\r\n", 34, SDP_FORMAT_OTHER },
        { "m=video 1 RTP/AVP 97 108\r\na=rtpmap:108 PS/90000\r\na=rtpmap:108 H264/90000\r\n", 108, SDP_FORMAT_PS },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[400];
        struct sdp_offer o;
        struct buf b;

        buf_init(&b, text, sizeof(text));
        buf_printf(&b, "%s%s", PLAY(""), cases[i].media);
        assert_int_equal(parse(&o, text), 0);
        assert_int_equal(o.payload_type, cases[i].pt);
        assert_int_equal(o.format, cases[i].format);
    }
    struct sdp_offer o;
    assert_int_equal(
        parse(&o, PLAY("") "m=video 1 RTP/AVP 97 98 99\r\na=rtpmap:97 MPEG4/90000\r\na=rtpmap:99 H265/90000\r\n"), 0);
    assert_int_equal(o.h264, 98); /* the payload type of the standard, without rtpmap */
    assert_int_equal(o.h265, 99); /* WVP's */
    assert_int_equal(parse(&o, PLAY("") "m=video 1 RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\n"), 0);
    assert_int_equal(o.h264, 0);
    assert_int_equal(o.h265, 0);
}

static void test_sessions_and_times(void **state)
{
    struct sdp_offer o;

    (void)state;
    assert_int_equal(parse(&o, HEAD(DEV, " play ") CT("0 0") VIDEO), 0);
    assert_int_equal(o.session, SDP_PLAY);
    assert_string_equal(o.session_name, "play");
    assert_int_equal(parse(&o, HEAD(DEV, "EmbeddedNetVideo server with a long name") CT("0 0") VIDEO), 0);
    assert_int_equal(o.session, SDP_PLAY);
    assert_string_equal(o.session_name, "EmbeddedNetVideo server with a ");
    assert_int_equal(parse(&o, HEAD(DEV, "#ms") CT("3898988800 3898992400") VIDEO), 0);
    assert_int_equal(o.session, SDP_PLAYBACK);
    assert_true(o.start == 3898988800u && o.stop == 3898992400u);
    assert_int_equal(parse(&o, HEAD(DEV, "Playback") CT("4000000001 4000003601") VIDEO), 0);
    assert_true(o.start == 1791011201 && o.stop == 1791014801); /* NTP era */
    assert_int_equal(parse(&o, HEAD(DEV, "Play\ra=evil") CT("0 0") VIDEO), 0);
    assert_string_equal(o.session_name, "Play"); /* a line break must not get into the answer */
    assert_int_equal(parse(&o, "c=IN IP4 1.2.3.4\r\n" VIDEO), 0);
    assert_string_equal(o.session_name, "");
}

static void test_sources_are_read(void **state)
{
    static const struct {
        const char *u, *source;
        int type;
    } cases[] = {
        { "", "", -1 },
        { "u=" DEV ":0\r\n", DEV, 0 },
        { "u=" DEV ":3\r\n", DEV, 3 },
        { "u= " DEV " : 2 \r\n", "", -1 },
        { "u=" DEV "\r\n", DEV, -1 },
        { "u=" DEV ":x\r\n", DEV, -1 },
        { "u=:1\r\n", "", 1 },
        { "u=" DEV ":256\r\n", DEV, -1 },
        { "u=http://34020000002100000001/a/b.ps\r\n", "", -1 },
        { "u=340200000013200000013402000000:1\r\n", "", 1 },
    };
    struct sdp_offer o;

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), HEAD(DEV, "Playback") "%s" CT(SPAN_OF_DAY) VIDEO, cases[i].u);
        assert_int_equal(parse(&o, text), 0);
        assert_string_equal(o.source, cases[i].source);
        assert_int_equal(o.record_type, cases[i].type);
    }
}

static void test_selectors_are_read(void **state)
{
    static const struct {
        const char *lines;
        int stream;
    } cases[] = {
        { "", -1 },
        { "a=stream:1\r\n", 1 },
        { "a=streamnumber:2\r\n", 2 },
        { "a=streamprofile:1\r\n", 1 },
        { "a=streamMode:main\r\n", 0 },
        { "a=streamMode:SUB\r\n", 1 },
        { "a=stream:x\r\n", -1 },
        { "a=stream:-1\r\n", -1 },
        { "a=stream:256\r\n", -1 },
        { "a=streamMode:main\r\na=stream:1\r\na=streamnumber:2\r\na=streamprofile:3\r\n", 2 },
        { "a=streamx:1\r\n", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[400];
        struct sdp_offer o;
        struct buf b;

        buf_init(&b, text, sizeof(text));
        buf_printf(&b, "%s%s", PLAY(VIDEO), cases[i].lines);
        assert_int_equal(parse(&o, text), 0);
        assert_int_equal(o.stream, cases[i].stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_platform_is_understood),
        cmocka_unit_test(test_ssrc_is_kept_as_sent_or_absent),
        cmocka_unit_test(test_usable_and_unusable_offers),
        cmocka_unit_test(test_the_second_media_keeps_its_own_lines),
        cmocka_unit_test(test_formats_are_chosen),
        cmocka_unit_test(test_sessions_and_times),
        cmocka_unit_test(test_sources_are_read),
        cmocka_unit_test(test_selectors_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
