/* SPDX-License-Identifier: MIT */
/* The expected bytes were derived bit by bit from ISO 13818-1 2.4.3.6, 2.5.3.3, 2.5.3.5 and 2.5.4, not with our
 * writer. */
#include "support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ps_join.h"

#define PTS UINT64_C(0x123456789)

static const uint8_t pack_header[] = { 0x00, 0x00, 0x01, 0xBA, 0x66, 0x34, 0x56,
                                       0xCB, 0xCC, 0x01, 0x0F, 0x42, 0x43, 0xF8 }; /* SCR = PTS - 3600 */
static const uint8_t pack_header_sound[] = { 0x00, 0x00, 0x01, 0xBA, 0x66, 0x34, 0x4E,
                                             0xD7, 0x4C, 0x01, 0x0F, 0x42, 0x43, 0xF8 }; /* SCR = PTS - 36000 */
static const uint8_t pack_header_dts[] = { 0x00, 0x00, 0x01, 0xBA, 0x66, 0x34, 0x56,
                                           0x6D, 0xF4, 0x01, 0x0F, 0x42, 0x43, 0xF8 }; /* SCR = PTS - 3003 - 3600 */
static const uint8_t system_video[] = { 0x00, 0x00, 0x01, 0xBB, 0x00, 0x09, 0x87, 0xA1,
                                        0x21, 0x00, 0xE1, 0x7F, 0xE0, 0xF0, 0x00 };
static const uint8_t system_both[] = { 0x00, 0x00, 0x01, 0xBB, 0x00, 0x0C, 0x87, 0xA1, 0x21,
                                       0x04, 0xE1, 0x7F, 0xE0, 0xF0, 0x00, 0xC0, 0xC0, 0x40 };
static const uint8_t map_h264[] = { 0x00, 0x00, 0x01, 0xBC, 0x00, 0x0E, 0xE0, 0xFF, 0x00, 0x00,
                                    0x00, 0x04, 0x1B, 0xE0, 0x00, 0x00, 0xF4, 0xDC, 0xBD, 0x45 };
static const uint8_t map_h265_g711a[] = { 0x00, 0x00, 0x01, 0xBC, 0x00, 0x12, 0xE0, 0xFF, 0x00, 0x00, 0x00, 0x08,
                                          0x24, 0xE0, 0x00, 0x00, 0x90, 0xC0, 0x00, 0x00, 0x5E, 0x5F, 0x92, 0xC2 };
static const uint8_t map_h264_aac_5[] = { 0x00, 0x00, 0x01, 0xBC, 0x00, 0x12, 0xE5, 0xFF, 0x00, 0x00, 0x00, 0x08,
                                          0x1B, 0xE0, 0x00, 0x00, 0x0F, 0xC0, 0x00, 0x00, 0x16, 0xAC, 0x2F, 0x7A };
static const uint8_t map_h265_g711u_31[] = { 0x00, 0x00, 0x01, 0xBC, 0x00, 0x12, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x08,
                                             0x24, 0xE0, 0x00, 0x00, 0x91, 0xC0, 0x00, 0x00, 0x0B, 0x70, 0xAA, 0x2F };
static const uint8_t pes_audio[] = {
    0x00, 0x00, 0x01, 0xC0, 0x01, 0x48, 0x84, 0x80, 0x05, 0x29, 0x8D, 0x15, 0xCF, 0x13
};
static const uint8_t pes_pts[] = { 0x00, 0x00, 0x01, 0xE0, 0x00, 0x0E, 0x84, 0x80, 0x05, 0x29, 0x8D, 0x15, 0xCF, 0x13 };
static const uint8_t pes_pts_dts[] = { 0x00, 0x00, 0x01, 0xE0, 0x00, 0x13, 0x84, 0xC0, 0x0A, 0x39,
                                       0x8D, 0x15, 0xCF, 0x13, 0x19, 0x8D, 0x15, 0xB7, 0x9D };

static const uint8_t idr[] = { 0, 0, 0, 1, 0x65, 0x88 }; /* 6 bytes of payload, as in the expected lengths */

static size_t expect(const uint8_t *data, size_t at, const uint8_t *want, size_t n)
{
    assert_memory_equal(data + at, want, n);
    return at + n;
}

static struct gb_unit video_unit(enum gb_codec codec, bool key, const struct gb_segment *seg, unsigned nseg)
{
    return (struct gb_unit){ .kind = GB_VIDEO, .codec = codec, .key = key, .seg = seg, .nseg = nseg };
}

static void test_crc_check_value(void **state)
{
    (void)state;
    assert_int_equal(ps_crc32((const uint8_t *)"123456789", 9), 0x0376E6E7u);
    assert_int_equal(ps_crc32(map_h264, 16), 0xF4DCBD45u);
    assert_int_equal(ps_crc32(map_h264, 20), 0); /* 0 over data with its own CRC */
}

static void test_stream_types(void **state)
{
    (void)state;
    assert_int_equal(ps_stream_type(GB_CODEC_H264), 0x1B);
    assert_int_equal(ps_stream_type(GB_CODEC_H265), 0x24);
    assert_int_equal(ps_stream_type(GB_CODEC_G711A), 0x90);
    assert_int_equal(ps_stream_type(GB_CODEC_G711U), 0x91);
    assert_int_equal(ps_stream_type(GB_CODEC_AAC), 0x0F);
    assert_int_equal(ps_stream_type(GB_CODEC_G7221), 0x92);
    assert_int_equal(ps_stream_type(GB_CODEC_NONE), 0);
    assert_int_equal(ps_stream_type((enum gb_codec)99), 0);
}

static void test_key_unit(void **state)
{
    const struct ps_program prog = { .video = GB_CODEC_H264 };
    const struct gb_segment seg[] = { { idr, 2 }, { idr, 0 }, { idr + 2, 4 } };
    struct gb_unit u = video_unit(GB_CODEC_H264, true, seg, 3);
    uint8_t out[256];
    size_t at = 0, n;

    (void)state;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    at = expect(out, at, pack_header, sizeof(pack_header));
    at = expect(out, at, system_video, sizeof(system_video));
    at = expect(out, at, map_h264, sizeof(map_h264));
    at = expect(out, at, pes_pts, sizeof(pes_pts));
    at = expect(out, at, idr, sizeof(idr));
    assert_int_equal(at, n);
}

static void test_other_unit_and_dts(void **state)
{
    const struct ps_program prog = { .video = GB_CODEC_H264 };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H264, false, seg, 1);
    uint8_t out[256];
    size_t at = 0, n;

    (void)state;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS - 3003), 0);
    at = expect(out, at, pack_header_dts, sizeof(pack_header_dts));
    at = expect(out, at, pes_pts_dts, sizeof(pes_pts_dts));
    at = expect(out, at, idr, sizeof(idr));
    assert_int_equal(at, n);
}

static void test_with_audio(void **state)
{
    const struct ps_program prog = { .video = GB_CODEC_H265, .audio = GB_CODEC_G711A };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H265, true, seg, 1);
    uint8_t out[256];
    size_t at = 14, n;

    (void)state;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    at = expect(out, at, system_both, sizeof(system_both));
    at = expect(out, at, map_h265_g711a, sizeof(map_h265_g711a));
    (void)expect(out, at, pes_pts, sizeof(pes_pts));

    u.kind = GB_AUDIO;
    u.codec = GB_CODEC_G711A;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    (void)expect(out, 0, pack_header_sound, sizeof(pack_header_sound));
    assert_int_equal(out[14 + 3], 0xC0); /* no system header and PSM, even with `key` set */
}

/* 40 ms of G.711: the pack header, one PES, nothing else. */
static void test_audio_unit(void **state)
{
    const struct ps_program prog = { .video = GB_CODEC_H264, .audio = GB_CODEC_G711U };
    static uint8_t sound[320];
    const struct gb_segment seg[] = { { sound, 100 }, { sound + 100, 220 } };
    struct gb_unit u = { .kind = GB_AUDIO, .codec = GB_CODEC_G711U, .seg = seg, .nseg = 2 };
    uint8_t out[512];
    size_t at = 0, n;

    (void)state;
    memset(sound, 0xD5, sizeof(sound));
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    at = expect(out, at, pack_header_sound, sizeof(pack_header_sound));
    at = expect(out, at, pes_audio, sizeof(pes_audio));
    at = expect(out, at, sound, sizeof(sound));
    assert_int_equal(at, n);
    u.codec = GB_CODEC_G711A; /* not the codec in the PSM */
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), -EINVAL);
}

static void test_versions_of_the_map(void **state)
{
    struct ps_program prog = { .video = GB_CODEC_H264, .audio = GB_CODEC_AAC, .version = 5 };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H264, true, seg, 1);
    uint8_t out[256];
    size_t n;

    (void)state;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    (void)expect(out, 14, system_both, sizeof(system_both));
    (void)expect(out, 14 + sizeof(system_both), map_h264_aac_5, sizeof(map_h264_aac_5));
    prog = (struct ps_program){ .video = GB_CODEC_H265, .audio = GB_CODEC_G711U, .version = 31 };
    u.codec = GB_CODEC_H265;
    assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
    (void)expect(out, 14 + sizeof(system_both), map_h265_g711u_31, sizeof(map_h265_g711u_31));
}

/* A pack whose decode time is before that of the previous pack: the SCR must rise (2.5.3.4) and must not exceed the
 * decode time. */
static void test_scr_increases(void **state)
{
    static const struct {
        uint64_t before, scr;
        uint8_t coded[6];
    } cases[] = {
        { PTS - 3601, PTS - 3600, { 0x66, 0x34, 0x56, 0xCB, 0xCC, 0x01 } }, /* as without a previous pack */
        { PTS - 3600, PTS - 3599, { 0x66, 0x34, 0x56, 0xCB, 0xD4, 0x01 } },
        { PTS - 1, PTS, { 0x66, 0x34, 0x57, 0x3C, 0x4C, 0x01 } },
        { PTS, PTS - 3600, { 0x66, 0x34, 0x56, 0xCB, 0xCC, 0x01 } }, /* too far: a jump */
        { PTS + 90000, PTS - 3600, { 0x66, 0x34, 0x56, 0xCB, 0xCC, 0x01 } },
    };
    struct ps_program prog = { .video = GB_CODEC_H264, .begun = true };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H264, false, seg, 1);
    struct ps_head head;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        prog.scr = cases[i].before;
        assert_int_equal(ps_begin(&head, &prog, &u, sizeof(idr), PTS, PTS), 0);
        (void)expect(head.data, 4, cases[i].coded, sizeof(cases[i].coded));
        assert_true(head.scr == cases[i].scr);
    }
    prog.scr = (UINT64_C(1) << 33) - 1; /* across the wrap */
    assert_int_equal(ps_begin(&head, &prog, &u, sizeof(idr), 100, 100), 0);
    assert_true(head.scr == 0);
}

/* Audio later than video of the same time, from 40 ms (long AAC frames) up to the documented 400 ms: the SCR always
 * rises and never exceeds the decode time. */
static void test_late_audio(void **state)
{
    static const uint64_t late[] = { 3600, 3601, 9000, 35990 };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H264, false, seg, 1);
    struct ps_head head;

    (void)state;
    for (size_t k = 0; k < sizeof(late) / sizeof(late[0]); k++) {
        struct ps_program prog = { .video = GB_CODEC_H264, .audio = GB_CODEC_AAC };
        for (unsigned i = 0; i < 200; i++) {
            uint64_t dts = (UINT64_C(1) << 33) - 100 * 1800 + i / 2 * UINT64_C(3600) - (i % 2 ? late[k] : 0);
            u.kind = i % 2 ? GB_AUDIO : GB_VIDEO;
            u.codec = i % 2 ? GB_CODEC_AAC : GB_CODEC_H264;
            assert_int_equal(ps_begin(&head, &prog, &u, sizeof(idr), dts, dts), 0);
            assert_true(((dts - head.scr) & 0x1FFFFFFFF) <= 36000);
            assert_true(i == 0 || ((head.scr - prog.scr) & 0x1FFFFFFFF) - 1 < 90000);
            ps_sent(&prog, &head);
        }
    }
}

static void test_clock_wraps(void **state)
{
    static const uint8_t pts_1[] = { 0x21, 0x00, 0x01, 0x00, 0x03 };
    static const uint8_t pts_max[] = { 0x2F, 0xFF, 0xFF, 0xFF, 0xFF };
    static const uint8_t scr_before_1[] = { 0x00, 0x00, 0x01, 0xBA, 0x7F, 0xFF, 0xFF,
                                            0x8F, 0x8C, 0x01, 0x0F, 0x42, 0x43, 0xF8 };
    const struct ps_program prog = { .video = GB_CODEC_H264 };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H264, false, seg, 1);
    const uint64_t wrap = UINT64_C(1) << 33;
    uint8_t out[256];
    size_t n;

    (void)state;
    assert_int_equal(ps_join(out, &n, &prog, &u, wrap - 1, wrap - 1), 0);
    (void)expect(out, 23, pts_max, 5);
    assert_int_equal(ps_join(out, &n, &prog, &u, wrap, wrap), 0); /* receivers read 0 as "none" */
    (void)expect(out, 23, pts_1, 5);
    (void)expect(out, 0, scr_before_1, sizeof(scr_before_1));
    assert_int_equal(ps_join(out, &n, &prog, &u, 0, 0), 0);
    (void)expect(out, 23, pts_1, 5);
    assert_int_equal(ps_join(out, &n, &prog, &u, wrap + PTS, wrap + PTS), 0);
    (void)expect(out, 0, pack_header, sizeof(pack_header));
    (void)expect(out, 14, pes_pts, sizeof(pes_pts));
}

/* Walks the PES packets of a pack by their lengths, compares the payload, returns their number. */
static unsigned walk_pes(const uint8_t *ps, size_t len, size_t at, const uint8_t *want, size_t want_len)
{
    unsigned count = 0;
    size_t got = 0;

    while (at < len) {
        static const uint8_t start[] = { 0, 0, 1, 0xE0 };
        assert_true(len - at >= 9);
        assert_memory_equal(ps + at, start, 4);
        size_t plen = (size_t)ps[at + 4] << 8 | ps[at + 5];
        size_t skip = 3u + ps[at + 8];
        assert_true(plen > skip && plen <= len - at - 6); /* never 0: unbounded is only for TS */
        assert_int_equal(ps[at + 6], count ? 0x80 : 0x84);
        assert_int_equal(ps[at + 7], count ? 0x00 : 0x80); /* PTS only in the first */
        assert_true(got + plen - skip <= want_len);
        assert_memory_equal(ps + at + 6 + skip, want + got, plen - skip);
        got += plen - skip;
        at += 6 + plen;
        count++;
    }
    assert_int_equal(got, want_len);
    return count;
}

/* PES packets of PS_PART bytes, the first including all headers before it: each boundary is also one of RTP packets. */
static void test_long_units(void **state)
{
    static const size_t first = PS_PART - 14 - 14, further = PS_PART - 9;
    static const size_t sizes[] = { 1,      first - 1,        first, first + 1, first + further, first + further + 1,
                                    300000, GB_UNIT_BYTES_MAX };
    const struct ps_program prog = { .video = GB_CODEC_H264 };
    uint8_t *data = malloc(GB_UNIT_BYTES_MAX), *out = malloc(PS_JOIN_ROOM(GB_UNIT_BYTES_MAX));
    struct gb_segment seg[GB_UNIT_SEGMENTS_MAX];

    (void)state;
    assert_non_null(data);
    assert_non_null(out);
    assert_int_equal(PS_PART % RTP_PAYLOAD_MAX, 0);
    for (size_t i = 0; i < GB_UNIT_BYTES_MAX; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        for (unsigned nseg = 1; nseg <= GB_UNIT_SEGMENTS_MAX; nseg += 255) {
            size_t at = 0, n;
            for (unsigned i = 0; i < nseg; i++) { /* of different sizes, some empty */
                size_t len = i + 1 == nseg ? sizes[k] - at : sizes[k] / nseg * (i % 3) / 2;
                seg[i] = (struct gb_segment){ data + at, len };
                at += len;
            }
            struct gb_unit u = video_unit(GB_CODEC_H264, false, seg, nseg);
            assert_int_equal(ps_join(out, &n, &prog, &u, PTS, PTS), 0);
            assert_int_equal(walk_pes(out, n, 14, data, sizes[k]),
                             sizes[k] <= first ? 1 : 2 + (sizes[k] - first - 1) / further);
        }
    }
    free(data);
    free(out);
}

static void test_refusals(void **state)
{
    const struct ps_program prog = { .video = GB_CODEC_H264 };
    const struct gb_segment seg[] = { { idr, sizeof(idr) } };
    struct gb_unit u = video_unit(GB_CODEC_H265, true, seg, 1);
    struct ps_head head;

    (void)state;
    assert_int_equal(ps_begin(&head, &prog, &u, 6, 1, 1), -EINVAL); /* not in the program */
    u.codec = GB_CODEC_H264;
    u.kind = GB_AUDIO;
    assert_int_equal(ps_begin(&head, &prog, &u, 6, 1, 1), -EINVAL);
    u.codec = GB_CODEC_NONE;
    assert_int_equal(ps_begin(&head, &prog, &u, 6, 1, 1), -EINVAL);
    u.kind = GB_VIDEO;
    u.codec = GB_CODEC_H264;
    assert_int_equal(ps_begin(&head, &prog, &u, 6, 1, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc_check_value), cmocka_unit_test(test_stream_types),
        cmocka_unit_test(test_key_unit),        cmocka_unit_test(test_other_unit_and_dts),
        cmocka_unit_test(test_with_audio),      cmocka_unit_test(test_clock_wraps),
        cmocka_unit_test(test_audio_unit),      cmocka_unit_test(test_versions_of_the_map),
        cmocka_unit_test(test_scr_increases),   cmocka_unit_test(test_late_audio),
        cmocka_unit_test(test_long_units),      cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
