/* SPDX-License-Identifier: MIT */
/* ADTS headers by ISO/IEC 13818-7 6.2: syncword, profile LC, sampling_frequency_index, channels, frame_length,
 * fullness 0x7FF, blocks. */
#include "sim_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADTS_LENGTH(len)        (uint8_t)((len) >> 3), (uint8_t)((len) << 5 | 0x1F)
#define ADTS_44100(len, blocks) 0xFF, 0xF1, 0x50, 0x80, ADTS_LENGTH(len), 0xFC | ((blocks)-1)
#define ADTS_8000(len)          0xFF, 0xF1, 0x6C, 0x40, ADTS_LENGTH(len), 0xFC

static char dir[] = "/tmp/gbagent-sound-XXXXXX";
static char path[64], clip[64];

static const uint8_t h264[] = { 0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xCE, 0, 0, 0, 1, 0x65, 0x88, 0x10 };

/* Creates a file of that name and content; its path in `path`. */
static void put_file(const char *name, const void *data, size_t len)
{
    FILE *f;

    assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path));
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    put_file("clip.h264", h264, sizeof(h264));
    memcpy(clip, path, sizeof(clip));
    return sim_board_open(&board);
}

static int teardown(void **state)
{
    (void)state;
    board_sim.close(board);
    unlink(clip);
    return rmdir(dir);
}

static int load(const char *name, const void *data, size_t len, struct sound **out)
{
    int err;

    put_file(name, data, len);
    err = sound_get(&board->sounds, path, out);
    unlink(path);
    return err;
}

/* ---- ADTS ----------------------------------------------------------------------------------------------- */

static int read_guarded(const uint8_t *data, size_t len, struct adts_frame *f)
{
    char *copy = guard_copy(data, len);
    int err = adts_read((const uint8_t *)copy, len, f);

    guard_free(copy, len);
    return err;
}

static void test_adts_headers(void **state)
{
    static const uint8_t two_blocks[12] = { ADTS_44100(12, 2) };
    static const uint8_t crc[10] = { 0xFF, 0xF0, 0x50, 0x80, 10 >> 3, (10 << 5 & 0xFF) | 0x1F, 0xFC };
    static const uint8_t mpeg2[8] = { 0xFF, 0xF9, 0x50, 0x80, 8 >> 3, 0x1F, 0xFC };
    static const struct {
        unsigned byte;
        uint8_t value;
    } broken[] = {
        { 0, 0xFE }, { 1, 0xE1 }, { 1, 0xF3 }, { 1, 0xF5 }, /* syncword, layer */
        { 2, 0x74 }, { 2, 0x7C },                           /* reserved index, escape */
    };
    struct adts_frame f;
    uint8_t bad[12];

    (void)state;
    assert_int_equal(read_guarded(two_blocks, 12, &f), 0);
    assert_int_equal(f.len, 12);
    assert_int_equal(f.rate, 44100);
    assert_int_equal(f.samples, 2048);
    assert_int_equal(read_guarded(crc, 10, &f), 0);
    assert_int_equal(f.len, 10);
    assert_int_equal(f.samples, 1024);
    assert_int_equal(read_guarded(mpeg2, 8, &f), 0);
    for (size_t n = 0; n < 12; n++)
        assert_int_equal(read_guarded(two_blocks, n, &f), -ENODATA);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        memcpy(bad, two_blocks, sizeof(bad));
        bad[broken[i].byte] = broken[i].value;
        assert_int_equal(read_guarded(bad, 12, &f), -EBADMSG);
    }
    for (unsigned len = 0; len <= 9; len++) { /* not longer than its header */
        memcpy(bad, (const uint8_t[]){ ADTS_44100(len, 1) }, 7);
        bad[1] = len <= 7 ? 0xF1 : 0xF0;
        assert_int_equal(read_guarded(bad, 12, &f), -EBADMSG);
    }
    memcpy(bad, two_blocks, sizeof(bad));
    bad[3] |= 3; /* 6156 bytes */
    assert_int_equal(read_guarded(bad, 12, &f), -ENODATA);
}

/* ---- files ---------------------------------------------------------------------------------------------- */

static void test_cut_into_units(void **state)
{
    static uint8_t data[1000];
    static const uint32_t lens[] = { 320, 320, 320, 40 };
    struct sound *s, *again;

    (void)state;
    assert_int_equal(load("a.PCMA", data, sizeof(data), &s), 0);
    assert_int_equal(s->codec, GB_CODEC_G711A);
    assert_int_equal(s->rate, 8000);
    assert_int_equal(s->count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s->unit[i].len, lens[i]);
        assert_int_equal(s->unit[i].samples, lens[i]);
        assert_int_equal(s->unit[i].at, i * 320);
    }
    assert_int_equal(sound_get(&board->sounds, path, &again), 0); /* the file is gone, the loaded data remains */
    assert_ptr_equal(again, s);
    sound_put(again);
    sound_put(s);
    assert_int_equal(sound_get(&board->sounds, path, &again), -ENOENT);
    assert_int_equal(load("a.pcmu", data, 1, &s), 0);
    assert_int_equal(s->codec, GB_CODEC_G711U);
    sound_put(s);
    assert_int_equal(load("a.g7221", data, 240, &s), 0); /* three frames of 20 ms */
    assert_int_equal(s->codec, GB_CODEC_G7221);
    assert_int_equal(s->count, 3);
    assert_int_equal(s->unit[1].at, 80);
    assert_int_equal(s->unit[1].len, 80);
    assert_int_equal(s->unit[1].samples, 320);
    sound_put(s);
    assert_int_equal(load("a.g7221", data, 241, &s), -EINVAL);
    assert_int_equal(load("a.mp3", data, 240, &s), -EINVAL);
    assert_int_equal(load("a", data, 240, &s), -EINVAL);
    assert_int_equal(load("a.pcma", data, 0, &s), -EINVAL);
    sound_put(NULL);
}

/* ID3v2, four frames of 23 ms, ID3v1. */
static size_t tagged(uint8_t out[512])
{
    static const uint8_t id3[] = { 'I', 'D', '3', 4, 0, 0, 0, 0, 0, 3, 0xFF, 0xF1, 0x50 };
    size_t n = sizeof(id3);

    memset(out, 0, 512);
    memcpy(out, id3, sizeof(id3));
    for (unsigned i = 0; i < 4; n += 20 + i, i++)
        memcpy(out + n, (const uint8_t[]){ ADTS_44100(20 + i, 1) }, 7);
    memcpy(out + n, "TAG", 3);
    return n + 128;
}

static void test_aac_between_tags(void **state)
{
    uint8_t file[512];
    size_t len = tagged(file);
    struct sound *s;

    (void)state;
    assert_int_equal(load("a.aac", file, len, &s), 0);
    assert_int_equal(s->codec, GB_CODEC_AAC);
    assert_int_equal(s->rate, 44100);
    assert_int_equal(s->count, 4); /* one frame per unit, so each has a PES and a time stamp */
    for (uint32_t i = 0, at = 13; i < 4; at += 20 + i, i++) {
        assert_int_equal(s->unit[i].at, at);
        assert_int_equal(s->unit[i].len, 20 + i);
        assert_int_equal(s->unit[i].samples, 1024);
    }
    sound_put(s);
    /* Truncated anywhere: complete frames are played; without any it is an error. */
    for (size_t n = 1; n < len - 128; n++) {
        int err = load("a.aac", file, n, &s);
        assert_int_equal(err, n < 13 + 20 ? -EINVAL : 0);
        if (err == 0) {
            size_t last = s->unit[s->count - 1].at + s->unit[s->count - 1].len;
            assert_true(last <= n && n - last < 23);
            sound_put(s);
        }
    }
}

/* The same from memory that ends at an unmapped page. Returns the number of units, or -errno. */
static long index_guarded(const char *name, const void *data, size_t len)
{
    struct sound s = { .len = len, .data = (uint8_t *)guard_copy(data, len) };
    int err;

    (void)snprintf(s.path, sizeof(s.path), "%s", name);
    err = sound_index(&s);
    guard_free((char *)s.data, len);
    free(s.unit);
    return err ? err : (long)s.count;
}

static void test_no_byte_past_the_end(void **state)
{
    static const char *const names[] = { "a.pcma", "a.pcmu", "a.g7221", "a.aac" };
    uint8_t file[512], noise[160];
    size_t len = tagged(file);

    (void)state;
    for (size_t n = 0; n <= len; n++) {
        long got = index_guarded("a.aac", file, n);
        /* A truncated tag is neither a tag nor the beginning of a frame. */
        assert_int_equal(got, n < 13 + 20                   ? -EINVAL
                              : n < 13 + 41                 ? 1
                              : n < 13 + 63                 ? 2
                              : n < 13 + 86                 ? 3
                              : n < 13 + 86 + 7 || n == len ? 4
                                                            : -EINVAL);
    }
    for (size_t n = 0; n <= sizeof(noise); n++) {
        for (size_t i = 0; i < n; i++)
            noise[i] = (uint8_t)(i * 37 + n * 11);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            (void)index_guarded(names[i], noise, n);
    }
    for (size_t n = 0; n <= 20; n++) /* tags with all announced lengths */
        assert_int_equal(index_guarded("a.aac", "ID3\4\0\x10\x7F\x7F\x7F\x7F..........", n), -EINVAL);
}

static void test_hostile_aac(void **state)
{
    uint8_t file[512];
    size_t len = tagged(file);
    struct sound *s;

    (void)state;
    file[9] = 2; /* the tag is longer than announced */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    file[9] = 3;
    file[6] = 0x7F; /* longer than the file */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    file[6] = 0x80; /* invalid length */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    file[6] = 0;
    file[13 + 20 + 2] = 0x4C; /* the second frame has 48 kHz */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    file[13 + 20 + 2] = 0x50;
    file[13 + 20 + 5] = 0x3F; /* the second frame's length: 17 */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    len = tagged(file);
    file[len - 128] = 'X'; /* other data after the last frame */
    assert_int_equal(load("a.aac", file, len, &s), -EINVAL);
    memset(file, 0xFF, sizeof(file));
    assert_int_equal(load("a.aac", file, sizeof(file), &s), -EINVAL);
    put_file("d.aac", file, 1);
    unlink(path);
    assert_int_equal(sound_get(&board->sounds, path, &s), -ENOENT);
    assert_int_equal(sound_get(&board->sounds, "/dev/null.aac", &s), -ENOENT);
    /* With any bit changed: no access past the end. */
    len = tagged(file);
    for (size_t at = 0; at < len - 128; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            file[at] ^= (uint8_t)(1u << bit);
            (void)index_guarded("a.aac", file, len);
            file[at] ^= (uint8_t)(1u << bit);
        }
    }
}

/* ---- the source ----------------------------------------------------------------------------------------- */

static void next_unit(struct frame_source *src, struct gb_unit *u)
{
    assert_int_equal(sim_next(src, u), 0);
    assert_int_equal(u->nseg, 1);
}

/* 50 pictures per second, audio every 40 ms, starting at the same time. */
static void test_in_order_of_capture(void **state)
{
    struct board_channel ch = { .id = "34020000001310000001", .source = clip, .audio = "tone", .fps = 50 };
    uint64_t first = 0, before = 0, sound = 0, picture = 0;
    struct frame_source *src;
    struct gb_unit u;

    (void)state;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), 0);
    for (unsigned i = 0; i < 15; i++) {
        next_unit(src, &u);
        first = i ? first : u.pts_us;
        assert_int_equal(u.kind, i % 3 == 0 ? GB_AUDIO : GB_VIDEO);
        assert_true(u.pts_us >= before && u.pts_us <= sim_now_us());
        before = u.pts_us;
        if (u.kind == GB_AUDIO) {
            assert_int_equal(u.codec, GB_CODEC_G711A);
            assert_int_equal(u.seg[0].len, 320);
            assert_int_equal(u.seg[0].data[7], 0xB4);
            assert_int_equal(u.pts_us - first, sound++ * 40000);
            assert_int_equal(u.dts_us, u.pts_us);
        } else {
            assert_int_equal(u.pts_us - first, picture++ * 20000);
        }
        src->ops->release(src, &u);
    }
    src->ops->close(src);
}

/* Missing, empty, invalid and unknown files: video only, and the camera is OK. */
static void test_video_without_audio_file(void **state)
{
    static const char *const texts[] = { "/nowhere/a.pcma", "/dev/null", "a.mp3", "no.aac" };
    struct board_channel ch = { .id = "34020000001310000001", .source = clip, .fps = 200 };
    struct frame_source *src;
    struct board_status st;
    struct gb_unit u;

    (void)state;
    put_file("no.aac", "this is no AAC at all", 21);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ch.audio = i == 3 ? path : texts[i];
        assert_int_equal(board_sim.stream_open(board, &ch, &src), 0);
        for (unsigned n = 0; n < 12; n++) {
            next_unit(src, &u);
            assert_int_equal(u.kind, GB_VIDEO);
            src->ops->release(src, &u);
        }
        src->ops->close(src);
        assert_int_equal(board_sim.status(board, &ch, &st), 0);
        assert_true(st.ok);
    }
    unlink(path);
}

static void test_no_sub_stream_without_a_source(void **state)
{
    struct board_channel ch = { .id = "34020000001310000001", .source = clip, .audio = "tone", .fps = 50, .stream = 1 };
    struct frame_source *src = NULL;

    (void)state;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -ENOENT);
    assert_null(src);
    ch.own_source = true;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), 0);
    src->ops->close(src);
}

/* After a pause old audio is skipped, and the time continues as if it had been delivered. */
static void test_old_audio_is_skipped(void **state)
{
    static uint8_t data[8000];
    struct sim_audio a;
    struct gb_unit u;
    struct gb_segment seg;

    (void)state;
    put_file("a.pcmu", data, sizeof(data));
    sim_audio_open(board, path, &a);
    unlink(path);
    a.start_us = 1000000;
    assert_int_equal(sim_audio_due(&a), 1000000);
    sim_audio_take(&a, 1320000, &u, &seg); /* late, but not too late */
    assert_int_equal(u.pts_us, 1000000);
    assert_int_equal(sim_audio_due(&a), 1040000);
    sim_audio_take(&a, 1000000 + 3600 * UINT64_C(1000000) + 10000, &u, &seg);
    assert_int_equal(u.pts_us, 1000000 + 3600 * UINT64_C(1000000));
    assert_ptr_equal(seg.data, a.sound->data); /* an hour is a whole number of loops */
    assert_int_equal(u.codec, GB_CODEC_G711U);
    sim_audio_close(&a);
    sim_audio_open(board, "", &a);
    assert_int_equal(sim_audio_due(&a), UINT64_MAX);
    sim_audio_close(&a);
}

/* Ten years at a rate that does not divide a second. */
static void test_never_drifts(void **state)
{
    struct sound s = { .rate = 22050 };
    struct sim_audio a = { .sound = &s, .samples = UINT64_C(22050) * 315360000 + 1024 };

    (void)state;
    assert_int_equal(sim_audio_due(&a), UINT64_C(315360000046439));
}

static bool open_and_read(void *ctx)
{
    const struct board_channel ch = { .id = "34020000001310000001", .source = clip, .audio = ctx, .fps = 200 };

    return sim_open_and_read(&ch);
}

static void test_every_allocation_fails(void **state)
{
    static const uint8_t frame[] = { ADTS_8000(8), 0 };

    (void)state;
    oom_ladder(open_and_read, (char[]){ "tone" }, 40);
    put_file("a.aac", frame, sizeof(frame));
    oom_ladder(open_and_read, path, 40);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adts_headers),
        cmocka_unit_test(test_cut_into_units),
        cmocka_unit_test(test_aac_between_tags),
        cmocka_unit_test(test_hostile_aac),
        cmocka_unit_test(test_no_byte_past_the_end),
        cmocka_unit_test(test_in_order_of_capture),
        cmocka_unit_test(test_video_without_audio_file),
        cmocka_unit_test(test_no_sub_stream_without_a_source),
        cmocka_unit_test(test_old_audio_is_skipped),
        cmocka_unit_test(test_never_drifts),
        cmocka_unit_test(test_every_allocation_fails),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
