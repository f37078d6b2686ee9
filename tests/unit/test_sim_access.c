/* SPDX-License-Identifier: MIT */
/* Access unit boundaries: fields, slices and NAL units between them, by H.264 7.4.1.2.3 and H.265 7.4.2.4.4; whole
 * clips compared with ffprobe. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/sim/access.h"
#include "board/sim/clip.h"
#include "nal_writer.h"
#include "run_command.h"

#define SC4 0, 0, 0, 1
#define SC3 0, 0, 1

static char dir[] = "/tmp/gbagent-access-XXXXXX";

static size_t unit_of(enum gb_codec codec, const uint8_t *data, size_t len, size_t from, bool *key)
{
    char *copy = guard_copy(data, len);
    struct access a = { .sets.codec = codec };
    size_t n = access_unit(&a, (uint8_t *)copy, len, from, key);
    guard_free(copy, len);
    return n;
}

/* By first_mb_in_slice only, as these parameter sets are truncated. Two slices in the first picture, one in the second,
 * an AUD before the third. */
static void test_first_slices_h264(void **state)
{
    static const uint8_t data[] = {
        SC4, 0x67, 0x42, SC4,  0x68, 0xCE, SC3, 0x65, 0x88, 0x11, SC3, 0x65, 0x40, 0x22, /* 26 */
        SC4, 0x41, 0x9A, 0x33,                                                           /* 7 */
        SC4, 0x09, 0xF0, SC4,  0x06, 0x05, SC3, 0x41, 0x9A, 0x44,                        /* 18 */
        SC4, 0x67, 0x42, SC4,  0x65, 0x88,                                               /* an IDR without its PPS */
    };
    bool key;

    (void)state;
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 0, &key), 24);
    assert_true(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 24, &key), 7);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 31, &key), 18);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), 49, &key), 12);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H264, data, 12, 0, &key), 0); /* only parameter sets */
    assert_int_equal(unit_of(GB_CODEC_H264, data, sizeof(data), sizeof(data), &key), 0);
}

static void test_first_slices_h265(void **state)
{
    static const uint8_t data[] = {
        SC4, 0x40, 0x01, 0x0C, SC4, 0x42, 0x01, 0x01, SC4, 0x44, 0x01, 0xC1, SC3, 0x26, 0x01, 0xAF, /* 27 */
        SC3, 0x26, 0x01, 0x2F, /* a second slice: first_slice_segment_in_pic_flag 0 */
        SC4, 0x02, 0x01, 0xD0, /* TRAIL_R */
        SC3, 0x50, 0x01, 0x80, /* suffix SEI: still the same unit */
        SC4, 0x02, 0x01, 0xD0,
    };
    bool key;

    (void)state;
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 0, &key), 33);
    assert_true(key);
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 33, &key), 13);
    assert_false(key);
    assert_int_equal(unit_of(GB_CODEC_H265, data, sizeof(data), 46, &key), 7);
    assert_false(key);
}

/* ---- streams written by the test --------------------------------------------------------------------------------- */

static void put_nal(unsigned type, const char *bytes, size_t n)
{
    nal_begin(type, 1);
    memcpy(file + file_len, bytes, n);
    file_len += n;
}

static size_t mark[32];
static unsigned marks;

/* A unit must begin here. */
static void begins(void)
{
    mark[marks++] = file_len;
}

static void begin_file(void)
{
    memset(file, 0, sizeof(file));
    file_len = marks = 0;
}

static void expect_units(enum gb_codec codec)
{
    struct access a = { .sets.codec = codec };
    size_t at = 0, len;
    unsigned n = 0;
    bool key;

    for (; (len = access_unit(&a, file, file_len, at, &key)) > 0; at += len, n++) {
        assert_true(n < marks);
        assert_int_equal(at, mark[n]);
    }
    assert_int_equal(n, marks);
    assert_int_equal(at, file_len);
}

/* Two fields are one picture; a field alone, two of one parity, of two frame_nums, and an IDR are not. */
static void test_fields_of_a_frame(void **state)
{
    (void)state;
    begin_file();
    begins();
    put_sps_fields();
    put_pps_h264(0, false);
    put_pcm_slice(0x65, 0, TOP, 0, 0, 90);
    put_pcm_slice(0x61, 0, BOTTOM, 0, 1, 90);
    begins();
    put_nal(0x09, "\xF0", 1); /* a delimiter before each field */
    put_pcm_slice(0x41, 0, BOTTOM, 1, 4, 90);
    put_nal(0x09, "\xF0", 1);
    put_nal(0x06, "\x01\x01\x80\x80", 4);
    put_pcm_slice(0x41, 0, TOP, 1, 5, 90);
    begins();
    put_pcm_slice(0x01, 0, TOP, 2, 8, 90);
    put_pcm_slice(0x01, 0, BOTTOM, 2, 9, 90);
    begins(); /* the same frame_num, but the first field has its second already */
    put_pcm_slice(0x01, 0, TOP, 2, 10, 90);
    put_pcm_slice(0x01, 0, BOTTOM, 2, 11, 90);
    begins();
    put_pcm_slice(0x41, 0, FRAME, 2, 12, 90);
    begins();
    put_pcm_slice(0x41, 0, TOP, 3, 14, 90);
    begins();
    put_pcm_slice(0x41, 0, TOP, 4, 16, 90);
    begins();
    put_pcm_slice(0x41, 0, BOTTOM, 5, 19, 90);
    begins();
    put_sps_fields();
    put_pps_h264(0, false);
    put_pcm_slice(0x65, 0, TOP, 0, 0, 90);
    begins();
    put_pcm_slice(0x65, 0, BOTTOM, 0, 1, 90); /* an IDR is never a second field */
    begins();
    put_pcm_slice(0x41, 0, FRAME, 1, 2, 90);
    expect_units(GB_CODEC_H264);
}

/* A slice header of the baseline picture that put_sps_fields describes, but as a frame. */
static void put_slice(unsigned header, unsigned first_mb, unsigned pps, unsigned frame_num, unsigned lsb, int redundant)
{
    nal_begin(header, 1);
    put_ue(first_mb);
    put_ue(7);
    put_ue(pps);
    put_bits(4, frame_num);
    put_bits(1, 0);
    if ((header & 31) == 5)
        put_ue(0);
    put_bits(6, lsb);
    if (redundant >= 0)
        put_ue((unsigned)redundant);
    put_bits(16, 0xA5A5);
    nal_finish();
}

static void put_between(void)
{
    put_nal(0x6E, "\x40\x80\x07", 3); /* a prefix NAL unit, */
    put_nal(0x0C, "\xFF\xFF\x80", 3); /* filler, */
    put_pps_h264(3, false);           /* parameter sets, also of views and layers, */
    put_nal(0x6F, "\x53\x00\x1E\x80", 4);
    put_nal(0x06, "\x05\x01\x80\x80", 4); /* SEI, and reserved types */
    put_nal(0x70, "\x80", 1);
    put_nal(0x71, "\x80", 1);
    put_nal(0x72, "\x80", 1);
}

static void test_between_slices_h264(void **state)
{
    (void)state;
    begin_file();
    begins();
    put_sps_fields();
    put_pps_h264(0, false);
    put_nal(0x6E, "\x40\x80\x07", 3);
    put_slice(0x65, 0, 0, 0, 0, -1);
    put_between();
    put_slice(0x65, 1, 0, 0, 0, -1);
    put_nal(0x14, "\x40\x80\x07\x88", 4); /* a slice of another view, with its parameter sets */
    put_nal(0x18, "\x80", 1);
    put_between();
    put_nal(0x14, "\x40\x80\x07\x88", 4);
    put_nal(0x13, "\x88\x80", 2); /* an auxiliary picture */
    begins();
    put_between(); /* before the next picture they belong to it */
    put_slice(0x41, 0, 0, 1, 2, -1);
    put_between();
    put_slice(0x41, 1, 0, 1, 2, -1);
    begins(); /* its first slice was lost */
    put_slice(0x41, 1, 0, 2, 4, -1);
    begins(); /* the same header, but another first slice */
    put_slice(0x01, 0, 0, 3, 6, -1);
    begins();
    put_slice(0x01, 0, 0, 3, 6, -1);
    begins();
    put_slice(0x41, 0, 0, 3, 6, -1); /* reference and non-reference picture */
    put_nal(0x0A, "\x80", 1);        /* end of sequence */
    expect_units(GB_CODEC_H264);
}

static void test_redundant_pictures(void **state)
{
    (void)state;
    begin_file();
    begins();
    put_sps_fields();
    put_pps_h264(0, true);
    put_slice(0x65, 0, 0, 0, 0, 0);
    put_slice(0x65, 0, 0, 0, 0, 1);
    put_slice(0x65, 1, 0, 0, 0, 1);
    begins();
    put_slice(0x41, 0, 0, 1, 2, 0);
    put_slice(0x41, 1, 0, 1, 2, 0);
    put_slice(0x41, 0, 0, 1, 2, 1);
    begins();
    put_slice(0x41, 0, 0, 2, 4, 0);
    expect_units(GB_CODEC_H264);
}

static void put_h265(unsigned type, unsigned layer, const char *bytes, size_t n)
{
    nal_begin(type << 9 | layer << 3 | 1, 2);
    memcpy(file + file_len, bytes, n);
    file_len += n;
}

static void test_between_slices_h265(void **state)
{
    static const unsigned types[] = { 33, 34, 39, 40, 41, 44, 48, 55, 38 };

    (void)state;
    begin_file();
    for (unsigned picture = 0; picture < 3; picture++) {
        begins();
        if (picture == 1)
            put_h265(35, 0, "\x50", 1); /* a delimiter */
        for (unsigned i = 0; picture == 2 && i < 3; i++)
            put_h265(types[i], 0, "\x81\x80", 2);
        put_h265(1, 0, "\xD0\x80", 2);
        for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            put_h265(types[i], 0, "\x81\x80", 2);
            put_h265(1, 0, "\x50\x80", 2);
        }
        put_h265(32, 1, "\x81\x80", 2); /* another layer: its parameter sets and picture */
        put_h265(39, 1, "\x81\x80", 2);
        put_h265(1, 1, "\xD0\x80", 2);
        put_h265(40, 0, "\x81\x80", 2); /* a suffix */
    }
    expect_units(GB_CODEC_H265);
}

/* A key frame of another layer does not make the base layer's picture one. */
static void test_key_of_another_layer(void **state)
{
    struct access a = { .sets.codec = GB_CODEC_H265 };
    bool key;

    (void)state;
    begin_file();
    put_h265(32, 0, "\x81\x80", 2);
    put_h265(33, 0, "\x81\x80", 2);
    put_h265(34, 0, "\x81\x80", 2);
    put_h265(1, 0, "\xD0\x80", 2);
    put_h265(19, 1, "\xD0\x80", 2);
    assert_int_equal(access_unit(&a, file, file_len, 0, &key), file_len);
    assert_false(key);
    begin_file();
    put_h265(32, 0, "\x81\x80", 2);
    put_h265(33, 1, "\x81\x80", 2); /* of the other layer only */
    put_h265(34, 1, "\x81\x80", 2);
    put_h265(19, 0, "\xD0\x80", 2);
    assert_int_equal(access_unit(&a, file, file_len, 0, &key), file_len);
    assert_false(key);
}

/* Truncated anywhere, and with any bit changed: no access past the end, and units are contiguous. */
static void test_broken(void **state)
{
    (void)state;
    begin_file();
    put_sps_fields();
    put_pps_h264(0, true);
    put_between();
    put_slice(0x65, 0, 0, 0, 0, 1);
    put_slice(0x41, 0, 0, 1, 2, 0);
    put_nal(0x09, "\xF0", 1);
    put_slice(0x41, 1, 0, 1, 2, 0);
    for (size_t i = 0; i < file_len * 9; i++) {
        size_t len = i < file_len ? i : file_len, at = 0, n;
        uint8_t *data = (uint8_t *)guard_copy(file, len);
        struct access a = { .sets.codec = i & 1 ? GB_CODEC_H265 : GB_CODEC_H264 };
        bool key;

        if (i >= file_len)
            data[(i - file_len) / 8] ^= (uint8_t)(1u << i % 8);
        while ((n = access_unit(&a, data, len, at, &key)) > 0) {
            at += n;
            assert_true(at <= len);
        }
        guard_free((char *)data, len);
    }
    begin_file();
}

/* ---- compared with ffmpeg ---------------------------------------------------------------------------------------- */

static void path_of(const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", dir, name);
}

static void write_file(const char *name)
{
    char path[128];
    FILE *f;

    path_of(name, path);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(file, 1, file_len, f), file_len);
    assert_int_equal(fclose(f), 0);
}

static void read_file(const char *name)
{
    char path[128];
    FILE *f;

    begin_file();
    path_of(name, path);
    f = fopen(path, "rb");
    assert_non_null(f);
    file_len = fread(file, 1, sizeof(file), f);
    assert_in_range(file_len, 1, sizeof(file) - 1);
    assert_int_equal(fclose(f), 0);
}

/* The units of a file are ffprobe's frames; each begins before its frame's first slice; display order is the same. */
static void same_as_ffprobe(const char *name, unsigned frames)
{
    char path[128], out[128], line[128];
    struct list loaded;
    struct clip *c;
    size_t shown = 0;
    FILE *f;

    list_init(&loaded);
    path_of(name, path);
    path_of("shown", out);
    if (RUN("ffprobe", "-threads", "1", "-loglevel", "quiet", "-show_entries", "frame=pkt_pos", "-of", "csv=p=0", "-o",
            out, path) != 0)
        skip_because("ffprobe is missing");
    assert_int_equal(clip_get(&loaded, path, &c), 0);
    assert_int_equal(c->count, frames);
    assert_true(c->unit[0].key);
    f = fopen(out, "rb");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        size_t unit = 0;
        if (line[0] < '0' || line[0] > '9')
            continue;
        unsigned long at = strtoul(line, NULL, 10) + 4;
        while (unit < c->count && at >= c->unit[unit].at + c->unit[unit].len)
            unit++;
        assert_true(unit < c->count);
        assert_int_equal((int64_t)unit + c->unit[unit].shift, shown);
        shown++;
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(shown, frames);
    clip_put(c);
}

/* Field pictures with reordering, top and bottom field first, mixed with frames, with and without delimiters. */
static void test_paff(void **state)
{
    static const unsigned lsb[] = { 0, 4, 2, 6, 10, 8, 12, 14 }, frame_num[] = { 0, 1, 2, 2, 3, 4, 4, 5 };
    static const bool reference[] = { true, true, false, true, true, false, true, true };

    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        const unsigned first = way & 1 ? BOTTOM : TOP;
        begin_file();
        for (unsigned i = 0; i < 16; i++) {
            const unsigned k = i % 8, head = reference[k] ? 0x41 : 0x01;
            if (k == 0) {
                put_sps_fields();
                put_pps_h264(0, false);
            } else if (way & 2) {
                put_nal(0x09, "\xF0", 1);
            }
            if (k == 6) {
                put_pcm_slice(head, 0, FRAME, frame_num[k], lsb[k], 60 + 10 * i);
                continue;
            }
            put_pcm_slice(k ? head : 0x65, 0, first, frame_num[k], lsb[k], 60 + 10 * i);
            if (way & 2)
                put_nal(0x09, "\xF0", 1);
            put_pcm_slice(head, 0, TOP + BOTTOM - first, frame_num[k], lsb[k] + 1, 60 + 10 * i);
        }
        write_file("paff.h264");
        same_as_ffprobe("paff.h264", 16);
    }
}

static bool encode(const char *name, const char *codec, const char *option, const char *params)
{
    char path[128];

    path_of(name, path);
    return RUN("ffmpeg", "-loglevel", "quiet", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x128:rate=25",
               "-frames:v", "20", "-pix_fmt", "yuv420p", "-threads", "1", "-c:v", codec, "-preset", "veryfast", option,
               params, "-f", strcmp(codec, "libx265") == 0 ? "hevc" : "h264", path) == 0;
}

/* Inserted before and after each slice of the file. */
static void insert(enum gb_codec codec, const char *before, size_t nbefore, const char *behind, size_t nbehind)
{
    static uint8_t from[sizeof(file)];
    size_t len = file_len;
    struct nal n;

    memcpy(from, file, len);
    begin_file();
    for (size_t at = 0; nal_next(codec, from, len, at, &n); at = (size_t)(n.data - from) + n.len) {
        const bool slice = nal_is_vcl(codec, n.type);
        assert_true(file_len + n.len + nbefore + nbehind < sizeof(file));
        memcpy(file + file_len, before, slice ? nbefore : 0);
        file_len += slice ? nbefore : 0;
        memcpy(file + file_len, n.data, n.len);
        file_len += n.len;
        memcpy(file + file_len, behind, slice ? nbehind : 0);
        file_len += slice ? nbehind : 0;
    }
}

/* As written by encoders of scalable and stereo video: a prefix NAL unit before each slice, slices of the other view
 * after it. */
static void test_x264_with_views(void **state)
{
    static const char prefix[] = "\0\0\0\1\x6E\x40\x80\x07", view[] = "\0\0\0\1\x74\x40\x80\x07\x88\x80";

    (void)state;
    if (!encode("slices.h264", "libx264", "-x264-params",
                "keyint=10:repeat-headers=1:slices=4:bframes=2:b-adapt=0:weightp=0"))
        skip_because("no ffmpeg with encoders");
    same_as_ffprobe("slices.h264", 20);
    read_file("slices.h264");
    insert(GB_CODEC_H264, prefix, sizeof(prefix) - 1, view, sizeof(view) - 1);
    write_file("views.h264");
    same_as_ffprobe("views.h264", 20);
}

static void test_x264_mbaff(void **state)
{
    (void)state;
    if (!encode("mbaff.h264", "libx264", "-x264-params",
                "keyint=10:repeat-headers=1:slices=2:bframes=2:b-adapt=0:tff=1:aud=1"))
        skip_because("no ffmpeg with encoders");
    same_as_ffprobe("mbaff.h264", 20);
}

/* Parameter sets, SEI and slices of another layer. */
static void test_x265_with_layers(void **state)
{
    static const char behind[] = "\0\0\0\1\x44\x09\x81\x80\0\0\0\1\x4E\x09\x81\x80\0\0\0\1\x02\x09\xD0\x80";

    (void)state;
    if (!encode("slices.h265", "libx265", "-x265-params",
                "keyint=10:repeat-headers=1:slices=4:bframes=2:b-adapt=0:log-level=error"))
        skip_because("no ffmpeg with encoders");
    same_as_ffprobe("slices.h265", 20);
    read_file("slices.h265");
    insert(GB_CODEC_H265, "", 0, behind, sizeof(behind) - 1);
    write_file("layers.h265");
    same_as_ffprobe("layers.h265", 20);
}

static int setup(void **state)
{
    (void)state;
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
        cmocka_unit_test(test_first_slices_h264),
        cmocka_unit_test(test_first_slices_h265),
        cmocka_unit_test(test_fields_of_a_frame),
        cmocka_unit_test(test_between_slices_h264),
        cmocka_unit_test(test_redundant_pictures),
        cmocka_unit_test(test_between_slices_h265),
        cmocka_unit_test(test_key_of_another_layer),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_paff),
        cmocka_unit_test(test_x264_with_views),
        cmocka_unit_test(test_x264_mbaff),
        cmocka_unit_test(test_x265_with_layers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
