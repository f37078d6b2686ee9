/* SPDX-License-Identifier: MIT */
/* Display order of pictures: compared with ffprobe for clips with several encoder settings, and for NAL units written
 * bit by bit by the syntax of H.264 7.3 and H.265 7.3. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/access.h"
#include "board/sim/clip.h"
#include "board/sim/poc.h"
#include "board/sim/sets.h"
#include "nal_writer.h"
#include "run_command.h"

static char dir[] = "/tmp/gbagent-poc-XXXXXX";
static struct list loaded;
static struct clip *clip;

/* Baseline SPS 0 and PPS 0; frame_num has 4 bits; pic_order_cnt_lsb has 4 bits for type 0. */
static void put_sets_h264(unsigned type)
{
    nal_begin(0x67, 1);
    put_bits(24, 0x42000A);
    put_ue(0);
    put_ue(0);
    put_ue(type);
    if (type == 0) {
        put_ue(0);
    } else if (type == 1) {
        put_bits(1, 1);
        put_ue(0);
        put_ue(0);
        put_ue(0);
    }
    put_ue(1);
    put_bits(1, 0);
    put_ue(9);
    put_ue(7);
    put_bits(1, 1); /* frames only */
    put_bits(3, 0);
    nal_finish();
    put_pps_h264(0, false);
}

static void put_slice_h264(unsigned header, unsigned lsb)
{
    nal_begin(header, 1);
    put_ue(0);
    put_ue(7);
    put_ue(0);
    put_bits(4, 0);
    if ((header & 31) == 5)
        put_ue(0);
    put_bits(4, lsb);
    put_bits(8, 0xA5);
    nal_finish();
}

/* ---- helpers ----------------------------------------------------------------------------------------------------- */

static void load(const char *name)
{
    assert_int_equal(clip_get(&loaded, name, &clip), 0);
}

/* The file written above, as a clip. */
static void load_written(void)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/written.h264", dir);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(file, 1, file_len, f), file_len);
    assert_int_equal(fclose(f), 0);
    load(path);
}

static void expect_shifts(const int *want, size_t n, unsigned ahead, unsigned delay)
{
    assert_int_equal(clip->count, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(clip->unit[i].shift, want[i]);
    assert_int_equal(clip->ahead, ahead);
    assert_int_equal(clip->delay, delay);
}

static void drop(void)
{
    clip_put(clip);
    clip = NULL;
    file_len = 0;
    memset(file, 0, sizeof(file));
}

/* ---- streams written by the test --------------------------------------------------------------------------------- */

static void test_by_count(void **state)
{
    static const int shift[] = { 0, 2, -1, -1, 2, -1, -1, 0, 1, -1 };
    static const bool whole[] = { true, true, false, false, true, false, false, true, true, false };

    (void)state;
    put_sets_h264(0);
    put_slice_h264(0x65, 0); /* I P b b P b b, the count wraps at 16 */
    put_slice_h264(0x41, 6);
    put_slice_h264(0x01, 2);
    put_slice_h264(0x01, 4);
    put_slice_h264(0x41, 12);
    put_slice_h264(0x01, 8);
    put_slice_h264(0x01, 10);
    put_slice_h264(0x41, 14);
    put_slice_h264(0x41, 2); /* 18 */
    put_slice_h264(0x01, 0); /* 16 */
    load_written();
    expect_shifts(shift, 10, 2, 1);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(clip->unit[i].whole, whole[i]);
    drop();
}

/* An IDR resets the count: pictures decoded before it are displayed before it. */
static void test_idr_resets_the_count(void **state)
{
    static const int shift[] = { 0, 1, -1, 0, 1, -1 };

    (void)state;
    put_sets_h264(0);
    for (unsigned i = 0; i < 2; i++) {
        if (i > 0)
            put_sets_h264(0);
        put_slice_h264(0x65, 0);
        put_slice_h264(0x41, 4);
        put_slice_h264(0x01, 2);
    }
    load_written();
    expect_shifts(shift, 6, 1, 1);
    drop();
}

static void test_other_types(void **state)
{
    static const int none[4];

    (void)state;
    for (unsigned type = 1; type <= 3; type++) { /* 2: decoding order; 1 and invalid types are treated the same */
        put_sets_h264(type);
        put_slice_h264(0x65, 0);
        put_slice_h264(0x41, 9);
        put_slice_h264(0x41, 3);
        put_slice_h264(0x41, 6);
        load_written();
        expect_shifts(none, 4, 0, 0);
        assert_int_equal(poc_order(clip), type == 1 ? -ENOTSUP : type == 2 ? 0 : -EBADMSG);
        drop();
    }
}

/* An impossible display order is treated as decoding order. */
static void test_impossible_order(void **state)
{
    (void)state;
    put_sets_h264(0);
    put_slice_h264(0x65, 0);
    for (unsigned i = 0; i < 50; i++) /* each 2 less than the previous one, none an anchor */
        put_slice_h264(0x41, (16 - 2 * (i + 1)) & 15);
    load_written();
    assert_int_equal(poc_order(clip), -EBADMSG);
    assert_int_equal(clip->unit[40].shift, 0);
    assert_int_equal(clip->ahead + clip->delay, 0);
    drop();
}

/* Truncated anywhere, and with any byte changed: no access past the end (unmapped page), no shift out of range. */
static void test_broken_files(void **state)
{
    (void)state;
    put_sets_h264(0);
    put_slice_h264(0x65, 0);
    put_slice_h264(0x41, 6);
    put_slice_h264(0x01, 2);
    put_slice_h264(0x01, 4);
    for (size_t i = 0; i <= file_len * 256; i++) {
        size_t len = i < file_len ? i : file_len;
        uint8_t *data = (uint8_t *)guard_copy(file, len);
        struct clip_unit units[8] = { { 0, (uint32_t)len, true, true, 0 } };
        struct clip c = { .codec = i & 1 ? GB_CODEC_H265 : GB_CODEC_H264, .data = data, .len = len, .unit = units };

        if (i >= file_len)
            data[(i - file_len) / 256 % file_len] = (uint8_t)i;
        struct access access = { .sets.codec = c.codec };
        for (size_t n, at = 0; c.count < 8; at += n) {
            bool key;
            n = access_unit(&access, data, len, at, &key);
            if (n == 0)
                break;
            units[c.count++] = (struct clip_unit){ (uint32_t)at, (uint32_t)n, true, true, 0 };
        }
        if (c.count > 0) {
            (void)poc_order(&c);
            assert_in_range(c.ahead, 0, 7);
            assert_in_range(c.delay, 0, 7);
        }
        guard_free((char *)data, len);
    }
    file_len = 0;
}

/* ---- compared with ffmpeg ---------------------------------------------------------------------------------------- */

static void encode(const char *name, bool h265, const char *params)
{
    char path[128], all[256];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(all, sizeof(all), "keyint=12:min-keyint=12:scenecut=0:repeat-headers=1:%s", params);
    if (RUN("ffmpeg", "-loglevel", "quiet", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x128:rate=25",
            "-frames:v", "30", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", "-c:v",
            h265 ? "libx265" : "libx264", h265 ? "-x265-params" : "-x264-params", all, "-f", h265 ? "hevc" : "h264",
            path) != 0)
        skip_because("no ffmpeg with encoders");
}

/* ffprobe lists frames in display order, each with the file position of its access unit. */
static void same_as_ffprobe(const char *name, unsigned ahead, unsigned delay)
{
    char path[128], out[128], line[128];
    size_t shown = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(out, sizeof(out), "%s/shown", dir);
    assert_int_equal(RUN("ffprobe", "-threads", "1", "-loglevel", "quiet", "-show_entries", "frame=pkt_pos", "-of",
                         "csv=p=0", "-o", out, path),
                     0);
    load(path);
    assert_int_equal(clip->count, 30);
    f = fopen(out, "rb");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        size_t unit = 0;
        if (line[0] < '0' || line[0] > '9')
            continue;
        /* For H.265 ffmpeg assigns the first byte of a four-byte start code to the previous unit. */
        unsigned long at = strtoul(line, NULL, 10);
        while (unit < clip->count && clip->unit[unit].at != at && clip->unit[unit].at + 1 != at)
            unit++;
        assert_int_equal((int64_t)unit + clip->unit[unit].shift, shown);
        shown++;
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(shown, 30);
    assert_in_range(clip->ahead, ahead, ahead + 1);
    assert_in_range(clip->delay, delay, delay + 1);
    drop();
}

static void test_x264_without(void **state)
{
    (void)state;
    encode("no.h264", false, "bframes=0");
    same_as_ffprobe("no.h264", 0, 0);
}

static void test_x264_pyramid(void **state)
{
    (void)state;
    encode("b3.h264", false, "bframes=3:b-adapt=0:b-pyramid=normal");
    same_as_ffprobe("b3.h264", 3, 2);
}

static void test_x264_plain_open(void **state)
{
    (void)state;
    encode("b2.h264", false, "bframes=2:b-adapt=0:b-pyramid=none:open-gop=1");
    same_as_ffprobe("b2.h264", 2, 1);
}

static void test_x264_interlaced(void **state)
{
    (void)state;
    encode("tff.h264", false, "bframes=2:b-adapt=0:b-pyramid=none:tff=1");
    same_as_ffprobe("tff.h264", 2, 1);
}

static void test_x265_without(void **state)
{
    (void)state;
    encode("no.h265", true, "bframes=0:log-level=error");
    same_as_ffprobe("no.h265", 0, 0);
}

static void test_x265_open(void **state)
{
    (void)state;
    encode("b4.h265", true, "bframes=4:b-adapt=0:open-gop=1:log-level=error");
    same_as_ffprobe("b4.h265", 4, 2);
}

static void test_x265_closed(void **state)
{
    (void)state;
    encode("b3.h265", true, "bframes=3:b-adapt=0:open-gop=0:b-pyramid=0:log-level=error");
    same_as_ffprobe("b3.h265", 3, 1);
}

static int setup(void **state)
{
    (void)state;
    list_init(&loaded);
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return RUN("rm", "-r", dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_count),        cmocka_unit_test(test_idr_resets_the_count),
        cmocka_unit_test(test_other_types),     cmocka_unit_test(test_impossible_order),
        cmocka_unit_test(test_broken_files),    cmocka_unit_test(test_x264_without),
        cmocka_unit_test(test_x264_pyramid),    cmocka_unit_test(test_x264_plain_open),
        cmocka_unit_test(test_x264_interlaced), cmocka_unit_test(test_x265_without),
        cmocka_unit_test(test_x265_open),       cmocka_unit_test(test_x265_closed),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
