/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>

#include "codec/mansrtsp.h"

static int parse(struct mansrtsp *m, const char *text)
{
    struct span s = guard_str(text);
    int err = mansrtsp_parse(m, s);

    guard_str_free(s);
    return err;
}

static void test_requests_of_real_platforms(void **state)
{
    struct mansrtsp m;

    (void)state;
    assert_int_equal(parse(&m, "PAUSE RTSP/1.0\r\nCSeq: 5\r\nPauseTime: now\r\n"), 0);
    assert_int_equal(m.verb, MANSRTSP_PAUSE);
    assert_int_equal(m.cseq, 5);
    assert_false(m.has_range || m.has_scale);

    assert_int_equal(parse(&m, "PLAY RTSP/1.0\nCSeq: 6\nRange: npt=now-\n"), 0);
    assert_int_equal(m.verb, MANSRTSP_PLAY);
    assert_true(m.has_range && m.range_now && !m.has_range_end);

    assert_int_equal(parse(&m, "PLAY RTSP/1.0\r\nCSeq: 7\r\nRange: npt=120-\r\n"), 0);
    assert_true(m.has_range && !m.range_now && m.range_from_us == 120000000);

    assert_int_equal(parse(&m, "PLAY RTSP/1.0\r\nCSeq: 8\r\nScale: 4.000000\r\n"), 0);
    assert_true(m.has_scale && m.scale_permille == 4000 && !m.has_range);

    assert_int_equal(parse(&m, "PLAY MANSRTSP/1.0\r\nCSEQ:2\r\nscale: 1.0\r\nrange: ntp=now-\r\n\r\n"), 0);
    assert_true(m.has_scale && m.scale_permille == 1000 && m.range_now && m.cseq == 2);

    assert_int_equal(parse(&m, "TEARDOWN rtsp://10.0.0.1/x y RTSP/1.0\r\n\r\nCSeq: 9"), 0);
    assert_int_equal(m.verb, MANSRTSP_TEARDOWN);
    assert_int_equal(m.cseq, 0);
}

static void test_ranges(void **state)
{
    static const struct {
        const char *range;
        int err;
        uint64_t from, to;
        bool end;
    } cases[] = {
        { "npt=12.5-", 0, 12500000, 0, false },
        { "npt=12-300", 0, 12000000, 300000000, true },
        { "npt=0-0", 0, 0, 0, true },
        { "NPT = 600 - 120", 0, 600000000, 120000000, true },
        { "npt=0.0000019-", 0, 1, 0, false },
        { "npt=.5-", 0, 500000, 0, false },
        { "npt=0:02:03.25-1:00:00", 0, 123250000, 3600000000, true },
        { "npt=7", 0, 7000000, 0, false },
        { "npt=5-now", 0, 5000000, 0, false },
        { "npt=1-;time=19970123T153600Z", 0, 1000000, 0, false },
        { "npt=1000000000-", 0, 1000000000000000, 0, false },
        { "npt=1000000001-", -EBADMSG, 0, 0, false },
        { "npt=99999999999999999999-", -EBADMSG, 0, 0, false },
        { "npt=-5-", -EBADMSG, 0, 0, false },
        { "npt=-", -EBADMSG, 0, 0, false },
        { "npt=", -EBADMSG, 0, 0, false },
        { "npt=.-", -EBADMSG, 0, 0, false },
        { "npt=1.x-", -EBADMSG, 0, 0, false },
        { "npt=1-2-3", -EBADMSG, 0, 0, false },
        { "npt=0:61:00-", -EBADMSG, 0, 0, false },
        { "npt=0:1-", -EBADMSG, 0, 0, false },
        { "npt=1:2:3:4-", -EBADMSG, 0, 0, false },
        { "npt=1e5-", -EBADMSG, 0, 0, false },
        { "120-", -EBADMSG, 0, 0, false },
        { "", -EBADMSG, 0, 0, false },
        /* examples of RFC 2326 3.5: 10:12:33 is frame 1102590 minus 2 per minute except every tenth, at 30000/1001 */
        { "smpte=10:12:33:20-", 0, (1102590u + 20u - 2u * (612u - 61u)) * UINT64_C(1001000) / 30u, 0, false },
        { "smpte=10:07:33-", 0, (1093590u - 2u * (607u - 60u)) * UINT64_C(1001000) / 30u, 0, false },
        { "smpte-25=10:07:00-10:07:33:05.01", 0, 36420000000, 36453200000, true },
        { "SMPTE-30-drop=0:10:00:00-0:10:00.15", 0, 600 * UINT64_C(1000000) - 600, 17997u * UINT64_C(1001000) / 30u,
          true },
        { "smpte-25=0:00:01:24-", 0, 1960000, 0, false },
        { "smpte-25=0:00:01:25-", -EBADMSG, 0, 0, false },
        { "smpte=0:00-", -EBADMSG, 0, 0, false },
        { "smpte=0:00:60-", -EBADMSG, 0, 0, false },
        { "smpte=0:00:00:00:00-", -EBADMSG, 0, 0, false },
        { "smpte=277778:00:00-", -EBADMSG, 0, 0, false },
        { "smpte=::-", -EBADMSG, 0, 0, false },
        { "smpte-24=0:00:01-", -ENOTSUP, 0, 0, false },
        { "clock=19961108T142300Z-", -ENOTSUP, 0, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mansrtsp m;
        char text[200];
        struct buf b;

        buf_init(&b, text, sizeof(text));
        buf_printf(&b, "PLAY RTSP/1.0\r\nCSeq: 1\r\nRange: %s", cases[i].range);
        if (parse(&m, text) != cases[i].err)
            fail_msg("%s", cases[i].range);
        if (!cases[i].err &&
            (m.range_from_us != cases[i].from || m.range_end_us != cases[i].to || m.has_range_end != cases[i].end))
            fail_msg("%s misread", cases[i].range);
    }
}

static void test_scales(void **state)
{
    static const struct {
        const char *scale;
        int err, permille;
    } cases[] = {
        { "0.25", 0, 250 },        { "0.5", 0, 500 },           { "1", 0, 1000 },        { "2.0", 0, 2000 },
        { "32", 0, 32000 },        { "-1", 0, -1000 },          { "-0.5", 0, -500 },     { "+2", 0, 2000 },
        { "0.125", 0, 125 },       { "1.9999999999", 0, 1999 }, { "1000", 0, 1000000 },  { "0", -EBADMSG, 0 },
        { "0.0001", -EBADMSG, 0 }, { "1001", -EBADMSG, 0 },     { "", -EBADMSG, 0 },     { "-", -EBADMSG, 0 },
        { "--1", -EBADMSG, 0 },    { "1x", -EBADMSG, 0 },       { "1.-5", -EBADMSG, 0 }, { "nan", -EBADMSG, 0 },
        { "1,5", -EBADMSG, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mansrtsp m;
        char text[200];
        struct buf b;

        buf_init(&b, text, sizeof(text));
        buf_printf(&b, "PLAY RTSP/1.0\r\nScale: %s\r\nCSeq: 1\r\n", cases[i].scale);
        if (parse(&m, text) != cases[i].err)
            fail_msg("%s", cases[i].scale);
        if (!cases[i].err)
            assert_int_equal(m.scale_permille, cases[i].permille);
    }
}

static void test_invalid_requests_are_refused(void **state)
{
    static const struct {
        const char *text;
        int err;
    } cases[] = {
        { "", -EBADMSG },
        { "\r\n\r\n", -EBADMSG },
        { "PLAY", -EBADMSG },
        { "PLAY ", -EBADMSG },
        { "PLAY RTSP/2.0\r\n", -EBADMSG },
        { "PLAY HTTP/1.0\r\n", -EBADMSG },
        { " RTSP/1.0\r\n", -EBADMSG },
        { "SETUP x RTSP/1.0\r\n", -ENOTSUP },
        { "PLAY RTSP/1.0\r\nno colon\r\n", -EBADMSG },
        { "PLAY RTSP/1.0\r\nCSeq: -1\r\n", -EBADMSG },
        { "PLAY RTSP/1.0\r\nCSeq: 4294967296\r\n", -EBADMSG },
        { "RTSP/1.0 200 OK\r\nCSeq: 1\r\n", -EBADMSG },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mansrtsp m;

        if (parse(&m, cases[i].text) != cases[i].err)
            fail_msg("case %zu", i);
    }
}

static void test_replies_repeat_the_cseq(void **state)
{
    char out[128];
    struct buf b;

    (void)state;
    buf_init(&b, out, sizeof(out));
    mansrtsp_reply(&b, 200, 7);
    assert_string_equal(out, "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n");
    buf_reset(&b);
    mansrtsp_reply(&b, 457, 4294967295u);
    assert_string_equal(out, "RTSP/1.0 457 Invalid Range\r\nCSeq: 4294967295\r\n\r\n");
    buf_reset(&b);
    mansrtsp_reply(&b, 599, 1);
    assert_string_equal(out, "RTSP/1.0 599 Error\r\nCSeq: 1\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_of_real_platforms),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_scales),
        cmocka_unit_test(test_invalid_requests_are_refused),
        cmocka_unit_test(test_replies_repeat_the_cseq),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
