/* SPDX-License-Identifier: MIT */
/* Playing recordings of the simulated board. */
#include "sim_support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOUR      INT64_C(3600)
#define SECOND_US INT64_C(1000000)
#define ID        "34020000001310000001"

/* Two GOPs of 4 and 2 units, which end in: */
static const uint8_t last_byte[] = { 0x10, 0x11, 0x12, 0x13, 0x20, 0x21 };
static const uint8_t h264[] = {
    0,    0,    0, 1,    0x67, 0x42, 0,    0,    0,    1, 0x68, 0xCE, 0,    0,    0,    1,    0x65,
    0x88, 0x10, 0, 0,    0,    1,    0x41, 0x9A, 0x11, 0, 0,    0,    1,    0x41, 0x9A, 0x12, 0,
    0,    0,    1, 0x41, 0x9A, 0x13, 0,    0,    0,    1, 0x67, 0x42, 0,    0,    0,    1,    0x68,
    0xCE, 0,    0, 0,    1,    0x65, 0x88, 0x20, 0,    0, 0,    1,    0x41, 0x9A, 0x21,
};
#define KEY_LEN 19u
#define LEN     7u

static char path[] = "/tmp/gbagent-play-XXXXXX";
static const char *audio = ""; /* of the channel */

static int setup(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, h264, sizeof(h264)), sizeof(h264));
    close(fd);
    return sim_board_open(&board);
}

static int teardown(void **state)
{
    (void)state;
    board_sim.close(board);
    return unlink(path);
}

/* The start of the newest whole hour. */
static int64_t newest(void)
{
    int64_t now = (int64_t)time(NULL);
    return now - now % HOUR - HOUR;
}

static int open_it(unsigned fps, struct board_replay what, struct board_replay_source *out)
{
    const struct board_channel ch = { .id = ID, .source = path, .audio = audio, .fps = fps };

    *out = (struct board_replay_source){ 0 };
    return board_sim.record_open(board, &ch, &what, out);
}

static struct frame_source *opened(unsigned fps, struct board_replay what)
{
    struct board_replay_source out;

    assert_int_equal(open_it(fps, what, &out), 0);
    assert_false(out.src->live);
    assert_int_equal(out.video, GB_CODEC_H264);
    return out.src;
}

static int next(struct frame_source *src, struct gb_unit *u)
{
    int err = sim_next(src, u);

    if (err == 0)
        src->ops->release(src, u);
    return err;
}

static uint8_t end_of(const struct gb_unit *u)
{
    return u->seg[0].data[u->seg[0].len - 1];
}

/* Picture n of the record that began at `record`. */
static void expect(struct frame_source *src, int64_t record, unsigned fps, int64_t n)
{
    struct gb_unit u;

    assert_int_equal(next(src, &u), 0);
    assert_int_equal(end_of(&u), last_byte[n % 6]);
    assert_int_equal(u.key, n % 6 == 0 || n % 6 == 4);
    assert_int_equal((int64_t)u.pts_us, record * SECOND_US + n * SECOND_US / fps);
    assert_int_equal(u.dts_us, u.pts_us);
}

static void expect_end(struct frame_source *src)
{
    struct pollfd p = { .fd = src->ops->fd(src), .events = POLLIN };
    struct gb_unit u;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(next(src, &u), -ENODATA);
        assert_int_equal(poll(&p, 1, 0), 1);
    }
}

/* One picture per second: those of the time span, from the preceding key frame on; the same each time. */
static void test_plays_the_period_from_the_preceding_key_frame(void **state)
{
    const int64_t hour = newest();
    struct board_replay_source out;

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(open_it(1, (struct board_replay){ hour + 5, hour + 15, 0, 0, 1000 }, &out), 0);
        /* 4, 5 | 6 .. 9, 10, 11 | 12 .. 14 */
        assert_int_equal(out.bytes, 4 * KEY_LEN + 7 * LEN);
        for (int64_t n = 4; n < 15; n++)
            expect(out.src, hour, 1, n);
        expect_end(out.src);
        out.src->ops->close(out.src);
    }
}

static void test_two_hours(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src = opened(1, (struct board_replay){ hour - 2, hour + 3, 0, 0, 1000 });

    (void)state;
    expect(src, hour - HOUR, 1, 3598);
    expect(src, hour - HOUR, 1, 3599);
    for (int64_t n = 0; n < 3; n++)
        expect(src, hour, 1, n);
    expect_end(src);
    src->ops->close(src);
}

/* A recording started by a platform spans two hours: nothing is repeated or missing. */
static void test_overlap(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src;

    (void)state;
    sim_record_mark(board, ID, 0, true, hour - 10);
    sim_record_mark(board, ID, 0, false, hour + 10);
    src = opened(1, (struct board_replay){ hour - 4, hour + 12, 0, 0, 1000 });
    for (int64_t n = 3594; n < 3600; n++)
        expect(src, hour - HOUR, 1, n);
    for (int64_t n = 10; n < 20; n++)
        expect(src, hour - 10, 1, n);
    expect(src, hour, 1, 10);
    expect(src, hour, 1, 11);
    expect_end(src);
    src->ops->close(src);
    src = opened(1, (struct board_replay){ hour - HOUR, hour + HOUR, BOARD_RECORD_MANUAL, 0, 1000 });
    for (int64_t n = 0; n < 20; n++)
        expect(src, hour - 10, 1, n);
    expect_end(src);
    src->ops->close(src);
    board->nmanual = 0;
}

static void test_missing_recordings_are_refused(void **state)
{
    const int64_t hour = newest();
    const struct board_channel gone = { .id = ID, .source = "/nowhere.h264" };
    struct board_replay what = { hour + 5, hour + 15, 0, 0, 0 };
    struct board_replay_source out = { 0 };

    (void)state;
    assert_int_equal(board_sim.record_open(board, &gone, &what, &out), -EAGAIN);
    assert_int_equal(open_it(1, (struct board_replay){ hour + 5, hour + 15, BOARD_RECORD_MANUAL, 0, 0 }, &out),
                     -ENOENT);
    assert_int_equal(open_it(1, (struct board_replay){ hour + 5, hour + 15, 0, 1, 0 }, &out), -ENOENT);
    assert_int_equal(open_it(1, (struct board_replay){ hour + 3 * HOUR, hour + 4 * HOUR, 0, 0, 0 }, &out), -ENOENT);
    assert_int_equal(open_it(1, (struct board_replay){ 10, 20, 0, 0, 0 }, &out), -ENOENT);
    board->down_until_us = sim_now_us() + 10 * SECOND_US;
    assert_int_equal(open_it(1, what, &out), -EAGAIN);
    board->down_until_us = 0;
    assert_null(out.src);
}

static void test_seek(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src = opened(1, (struct board_replay){ hour + 1, hour + 600, 0, 0, 0 });
    struct gb_unit u;

    (void)state;
    assert_int_equal(src->ops->seek(src, (uint64_t)((hour + 302) * SECOND_US + 500000)), 0);
    expect(src, hour, 1, 300);
    assert_int_equal(src->ops->seek(src, (uint64_t)((hour + 600) * SECOND_US)), -ERANGE);
    assert_int_equal(src->ops->seek(src, 0), 0);
    expect(src, hour, 1, 0);
    assert_int_equal(src->ops->seek(src, (uint64_t)((hour + 599) * SECOND_US)), 0);
    expect(src, hour, 1, 598);
    src->ops->close(src);

    /* Into a gap: alarms are recorded every sixth hour, from minute 10 to 12. */
    int64_t alarm = newest();
    alarm -= alarm % (6 * HOUR);
    src = opened(1, (struct board_replay){ alarm - 6 * HOUR, alarm + HOUR, BOARD_RECORD_ALARM, 0, 0 });
    expect(src, alarm - 6 * HOUR + 600, 1, 0);
    assert_int_equal(src->ops->seek(src, (uint64_t)((alarm - HOUR) * SECOND_US)), 0);
    expect(src, alarm + 600, 1, 0);
    assert_int_equal(src->ops->read(src, &u), -EAGAIN); /* the next one follows in a second */
    src->ops->close(src);
}

static void test_scale(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src = opened(200, (struct board_replay){ hour, hour + 600, 0, 0, 0 });
    static const int64_t back[] = { 198, 199, 200, 201, 196, 197, 192, 193, 194, 195, 190, 191 };
    struct gb_unit u;

    (void)state;
    assert_int_equal(src->ops->seek(src, (uint64_t)((hour + 1) * SECOND_US)), 0);
    assert_int_equal(src->ops->scale(src, -1000), 0);
    for (unsigned i = 0; i < sizeof(back) / sizeof(back[0]); i++)
        expect(src, hour, 200, back[i]);
    assert_int_equal(src->ops->scale(src, 1000), 0); /* the next GOP */
    for (int64_t n = 186; n < 196; n++)
        expect(src, hour, 200, n);
    assert_int_equal(src->ops->scale(src, 8000), 0); /* only key frames */
    expect(src, hour, 200, 196);
    expect(src, hour, 200, 198);
    expect(src, hour, 200, 202);
    assert_int_equal(src->ops->scale(src, 2000), 0);
    for (int64_t n = 204; n < 208; n++)
        expect(src, hour, 200, n);
    assert_int_equal(src->ops->seek(src, (uint64_t)(hour * SECOND_US + 60000)), 0);
    assert_int_equal(src->ops->scale(src, -64000), 0);
    expect(src, hour, 200, 12);
    expect(src, hour, 200, 10);
    expect(src, hour, 200, 6);
    expect(src, hour, 200, 4);
    expect(src, hour, 200, 0);
    expect_end(src);
    assert_int_equal(src->ops->seek(src, (uint64_t)(hour * SECOND_US)), 0);
    assert_int_equal(next(src, &u), 0);
    for (unsigned i = 0; i < 4; i++) {
        static const int none[] = { 0, 100, 65000, -65000 };
        assert_int_equal(src->ops->scale(src, none[i]), -ENOTSUP);
    }
    src->ops->close(src);
    src = opened(200, (struct board_replay){ hour, hour + 600, 0, 0, 4 });
    assert_int_equal(src->ops->scale(src, 2000), -ENOTSUP);
    expect(src, hour, 200, 0);
    expect(src, hour, 200, 1);
    src->ops->close(src);
}

/* A picture is not delivered early, and skipped after a long pause. */
static void test_pace(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src = opened(50, (struct board_replay){ hour, hour + 600, 0, 0, 0 });
    uint64_t before = sim_now_us(), took;
    struct gb_unit u;

    (void)state;
    for (int64_t n = 0; n < 6; n++)
        expect(src, hour, 50, n);
    took = sim_now_us() - before;
    assert_true(took >= 100000 - 1000);
    usleep(1100000); /* the board's clock is the real one */
    expect(src, hour, 50, 6);
    assert_int_equal(src->ops->read(src, &u), -EAGAIN);
    src->ops->close(src);
}

static void test_restart_or_format_ends_the_source(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src = opened(200, (struct board_replay){ hour, hour + 600, 0, 0, 0 });
    struct gb_unit u;

    (void)state;
    expect(src, hour, 200, 0);
    board->restarts++;
    assert_int_equal(next(src, &u), -EPIPE);
    src->ops->close(src);
    src = opened(200, (struct board_replay){ hour, hour + 600, 0, 0, 0 });
    board->erased_unix_s = hour + 1;
    assert_int_equal(next(src, &u), -EPIPE);
    src->ops->close(src);
    board->erased_unix_s = 0;
}

static bool open_and_close(void *ctx)
{
    const int64_t hour = newest();
    struct board_replay_source out;

    (void)ctx;
    if (open_it(25, (struct board_replay){ hour, hour + 600, 0, 0, 0 }, &out) != 0)
        return false;
    out.src->ops->close(out.src);
    return true;
}

static void test_allocations_fail(void **state)
{
    (void)state;
    oom_ladder(open_and_close, NULL, 30);
}

/* ---- sound -------------------------------------------------------------------------------------------------- */

#define SOUND_LEN   1000u /* bytes of G.711, one sample each: units of 320, 320, 320 and 40 */
#define SOUND_UNITS 4u
#define SOUND_US    125000 /* of the whole file */

static char sound_path[] = "/tmp/gbagent-play-XXXXXX.pcmu";

static uint8_t sound_byte(uint64_t n)
{
    return (uint8_t)(n % SOUND_LEN * 7 + n % SOUND_LEN / 256);
}

static void begin_sound(void)
{
    uint8_t data[SOUND_LEN];
    int fd = mkstemps(sound_path, 5);

    assert_true(fd >= 0);
    for (unsigned i = 0; i < SOUND_LEN; i++)
        data[i] = sound_byte(i);
    assert_int_equal(write(fd, data, sizeof(data)), sizeof(data));
    close(fd);
    audio = sound_path;
}

static void end_sound(void)
{
    unlink(sound_path);
    memcpy(sound_path + strlen("/tmp/gbagent-play-"), "XXXXXX", 6);
    audio = "";
}

/* State of a source for the checks. */
static struct {
    unsigned pictures, sounds;
    uint64_t bytes, sound_bytes;
    int64_t sound_us, next_us; /* of the last unit; expected start of the next one */
    int64_t dts_us;
} heard;

/* Reads the next unit. Audio must be that of the record from its start, without gaps, and in order with the
 * pictures. */
static bool listen(struct frame_source *src, int64_t record, bool *key)
{
    struct gb_unit u;
    int err = next(src, &u);

    if (err) {
        assert_int_equal(err, -ENODATA);
        return false;
    }
    *key = u.kind == GB_VIDEO && u.key;
    heard.bytes += u.seg[0].len;
    if (heard.dts_us)
        assert_true((int64_t)u.dts_us >= heard.dts_us);
    heard.dts_us = (int64_t)u.dts_us;
    if (u.kind == GB_VIDEO) {
        heard.pictures++;
        return true;
    }
    const int64_t us = (int64_t)u.pts_us - record * SECOND_US;
    const uint64_t sample = (uint64_t)us * 8 / 1000;
    assert_int_equal(u.codec, GB_CODEC_G711U);
    assert_int_equal(u.dts_us, u.pts_us);
    assert_true(heard.pictures > 0); /* the key frame comes first */
    assert_int_equal(sample % SOUND_LEN % 320, 0);
    for (size_t i = 0; i < u.seg[0].len; i++)
        assert_int_equal(u.seg[0].data[i], sound_byte(sample + i));
    if (heard.next_us)
        assert_int_equal(us, heard.next_us);
    heard.next_us = us + (int64_t)u.seg[0].len * 125;
    heard.sound_us = us;
    heard.sounds++;
    heard.sound_bytes += u.seg[0].len;
    return true;
}

/* A download has all bytes of both at any speed, and announces their number. */
static void test_sound_downloaded(void **state)
{
    static const struct {
        int64_t from, to;
        unsigned speed;
    } spans[] = { { 4, 14, 1000 }, { 0, 3, 16 }, { 5, 7, 4 } };
    const int64_t hour = newest();
    struct board_replay_source out;
    bool key;

    (void)state;
    begin_sound();
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        const int64_t from = spans[i].from, to = spans[i].to;
        memset(&heard, 0, sizeof(heard));
        assert_int_equal(open_it(25, (struct board_replay){ hour + from, hour + to, 0, 0, spans[i].speed }, &out), 0);
        assert_int_equal(out.src->audio, GB_CODEC_G711U);
        while (listen(out.src, hour, &key))
            assert_true(heard.pictures > 1 || heard.sounds > 0 || key);
        assert_int_equal(heard.bytes, out.bytes);
        assert_in_range(heard.pictures, (to - from) * 25, (to - from) * 25 + 3);
        assert_in_range(heard.sound_bytes, (to - from) * 8000 - 320, (to - from) * 8000 + 4 * 320);
        assert_in_range(heard.next_us, to * SECOND_US, to * SECOND_US + 39999); /* to the end of the last picture */
        out.src->ops->close(out.src);
    }
    end_sound();
}

/* Across two records: each has its own audio from its start. */
static void test_sound_of_two_hours(void **state)
{
    const int64_t hour = newest();
    struct board_replay_source out;
    unsigned before = 0;
    bool key;

    (void)state;
    begin_sound();
    memset(&heard, 0, sizeof(heard));
    assert_int_equal(open_it(25, (struct board_replay){ hour - 1, hour + 1, 0, 0, 1000 }, &out), 0);
    for (unsigned i = 0; heard.next_us < HOUR * SECOND_US; i++)
        assert_true(i < 60 && listen(out.src, hour - HOUR, &key));
    before = heard.sounds;
    assert_in_range(before, 24, 36);
    heard.next_us = 0;
    while (listen(out.src, hour, &key)) {
    }
    assert_int_equal(heard.sounds - before, 8 * SOUND_UNITS);
    assert_int_equal(heard.next_us, SECOND_US);
    assert_int_equal(heard.bytes, out.bytes);
    out.src->ops->close(out.src);
    end_sound();
}

/* Only at normal speed; after a seek or a change of speed it starts with the picture. */
static void test_sound_played_back(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src;
    unsigned before;
    uint64_t began;
    bool key;

    (void)state;
    begin_sound();
    memset(&heard, 0, sizeof(heard));
    src = opened(25, (struct board_replay){ .start_unix_s = hour, .end_unix_s = hour + 600 });
    began = sim_now_us();
    for (unsigned i = 0; i < 24; i++)
        assert_true(listen(src, hour, &key));
    assert_in_range(heard.sounds, 11, 14);
    assert_in_range(sim_now_us() - began, 300000, 1500000); /* paced, not all at once */
    assert_int_equal(src->ops->seek(src, (uint64_t)(hour + 300) * 1000000u + 500000u), 0);
    heard.next_us = 0;
    heard.dts_us = 0;
    assert_true(listen(src, hour, &key) && key);
    const int64_t picture_us = heard.dts_us - hour * SECOND_US;
    before = heard.sounds;
    while (heard.sounds == before)
        assert_true(listen(src, hour, &key));
    assert_in_range(heard.sound_us, picture_us, picture_us + 40000);
    for (int scale = 2000; scale >= -1000; scale -= 3000) {
        assert_int_equal(src->ops->scale(src, scale), 0);
        before = heard.sounds;
        for (unsigned i = 0; i < 10; i++) {
            heard.dts_us = 0;
            assert_true(listen(src, hour, &key));
        }
        assert_int_equal(heard.sounds, before);
    }
    assert_int_equal(src->ops->scale(src, 1000), 0);
    heard.next_us = heard.dts_us = 0;
    for (unsigned i = 0; i < 10; i++)
        assert_true(listen(src, hour, &key));
    assert_in_range(heard.sounds - before, 4, 6);
    src->ops->close(src);
    end_sound();
}

/* As for live streams: audio is missing, video continues. */
static void test_sound_missing(void **state)
{
    const int64_t hour = newest();
    struct frame_source *src;

    (void)state;
    audio = "/nowhere/a.aac";
    src = opened(1, (struct board_replay){ hour, hour + 5, 0, 0, 1000 });
    audio = "";
    assert_int_equal(src->audio, GB_CODEC_NONE);
    for (int64_t n = 0; n < 5; n++)
        expect(src, hour, 1, n);
    expect_end(src);
    src->ops->close(src);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound_downloaded),
        cmocka_unit_test(test_sound_of_two_hours),
        cmocka_unit_test(test_sound_played_back),
        cmocka_unit_test(test_sound_missing),
        cmocka_unit_test(test_plays_the_period_from_the_preceding_key_frame),
        cmocka_unit_test(test_two_hours),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_missing_recordings_are_refused),
        cmocka_unit_test(test_seek),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_restart_or_format_ends_the_source),
        cmocka_unit_test(test_allocations_fail),
    };

    return cmocka_run_group_tests_name("sim_play", tests, setup, teardown);
}
