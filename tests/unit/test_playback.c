/* SPDX-License-Identifier: MIT */
/* Mapping a recording's times to a continuous time line; MANSRTSP commands. */
#include "support.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/stream_priv.h"
#include "sessions/playback.h"

#define START     INT64_C(1700000000)
#define SECOND_US INT64_C(1000000)

/* A reader with units supplied by the test. */
static struct {
    struct frame_source base;
    struct board_replay asked;
    struct {
        int64_t us;
        bool key;
        enum gb_kind kind;
        int64_t ahead_us;
    } unit;
    int read_err, open_err, seek_err, scale_err, fds[2];
    unsigned reads, releases, closes, seeks, scales, not_keys;
    uint64_t sought_us;
    int scale;
} fake;

static int fake_fd(struct frame_source *src)
{
    (void)src;
    return fake.fds[0];
}

static int fake_read(struct frame_source *src, struct gb_unit *u)
{
    (void)src;
    if (fake.read_err)
        return fake.read_err;
    fake.reads++;
    *u = (struct gb_unit){ .kind = fake.unit.kind, .codec = GB_CODEC_H264, .key = fake.unit.key };
    if (fake.not_keys > 0) {
        fake.not_keys--;
        u->key = false;
    }
    u->dts_us = (uint64_t)(START * SECOND_US) + (uint64_t)fake.unit.us;
    u->pts_us = u->dts_us + (uint64_t)fake.unit.ahead_us;
    return 0;
}

static void fake_release(struct frame_source *src, const struct gb_unit *u)
{
    (void)src;
    (void)u;
    fake.releases++;
}

static int fake_seek(struct frame_source *src, uint64_t us)
{
    (void)src;
    fake.seeks++;
    fake.sought_us = us;
    return fake.seek_err;
}

static int fake_scale(struct frame_source *src, int permille)
{
    (void)src;
    fake.scales++;
    if (!fake.scale_err)
        fake.scale = permille;
    return fake.scale_err;
}

static void fake_close(struct frame_source *src)
{
    (void)src;
    fake.closes++;
}

static const struct frame_source_ops fake_ops = {
    .fd = fake_fd,
    .read = fake_read,
    .release = fake_release,
    .seek = fake_seek,
    .scale = fake_scale,
    .close = fake_close,
};
static const struct frame_source_ops plain_ops = {
    .fd = fake_fd,
    .read = fake_read,
    .release = fake_release,
    .close = fake_close,
};

static int fake_open(struct board *b, const struct board_channel *ch, const struct board_replay *what,
                     struct board_replay_source *out)
{
    (void)b;
    assert_string_equal(ch->source, "text");
    fake.asked = *what;
    if (fake.open_err)
        return fake.open_err;
    *out = (struct board_replay_source){ .src = &fake.base, .video = GB_CODEC_H264, .bytes = 77 };
    return 0;
}

static const struct board_ops board = { .name = "fake", .record_open = fake_open };
static struct camera camera = { .id = "34020000001310000001", .source = "fake:text", .ops = &board };
static struct loop *loop;
static struct playback *playback;

static int open_offer(const struct sdp_offer *o, bool by_type)
{
    return playback_new(loop, &camera, o, by_type, &playback);
}

static void begin(const struct frame_source_ops *ops, enum sdp_session session)
{
    const struct sdp_offer o = { .session = session,
                                 .start = (uint64_t)START,
                                 .stop = (uint64_t)START + 3600,
                                 .stream = -1,
                                 .record_type = -1,
                                 .download_speed = 8 };

    memset(&fake, 0, sizeof(fake));
    fake.base = (struct frame_source){ .ops = ops, .max_leased = 1 };
    assert_int_equal(pipe(fake.fds), 0);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(open_offer(&o, false), 0);
}

static void end(void)
{
    playback_free(playback);
    playback = NULL;
    assert_int_equal(fake.closes, 1);
    loop_free(loop);
    close(fake.fds[0]);
    close(fake.fds[1]);
}

static int read_unit(struct gb_unit *u)
{
    struct frame_source *src = playback_stream(playback)->src;

    return src->ops->read(src, u);
}

/* A picture recorded `ms` after the start: its position on the time line, in ms since the first one. */
static int64_t picture(int64_t ms, bool key)
{
    static uint64_t zero_us;
    struct gb_unit u;

    fake.unit.us = ms * 1000;
    fake.unit.key = key;
    fake.unit.kind = GB_VIDEO;
    assert_int_equal(read_unit(&u), 0);
    assert_true(u.pts_us > 0);
    assert_int_equal(u.pts_us, u.dts_us);
    if (fake.reads == 1)
        zero_us = u.pts_us;
    return ((int64_t)u.pts_us - (int64_t)zero_us) / 1000;
}

static unsigned play(struct mansrtsp m)
{
    return playback_play(playback, &m);
}

static struct mansrtsp range(int64_t ms)
{
    return (struct mansrtsp){ .has_range = true, .range_from_us = (uint64_t)ms * 1000 };
}

static struct mansrtsp scale(int permille)
{
    return (struct mansrtsp){ .has_scale = true, .scale_permille = permille };
}

static void test_board_gets_the_requested_period_and_speed(void **state)
{
    struct sdp_offer o = { .session = SDP_PLAYBACK, .start = 1000, .stop = 2000, .stream = 1, .record_type = 2 };

    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    assert_true(fake.asked.start_unix_s == START && fake.asked.end_unix_s == START + 3600);
    assert_int_equal(fake.asked.speed, 0);
    assert_int_equal(fake.asked.stream, 0);
    assert_int_equal(playback_bytes(playback), 77);
    assert_int_equal(playback_video(playback), GB_CODEC_H264);
    end();
    begin(&fake_ops, SDP_DOWNLOAD);
    assert_int_equal(fake.asked.speed, 8);
    end();
    assert_int_equal(loop_new(&loop), 0);
    for (int i = 0; i < 6; i++) { /* 2022: 0 all, 1 manual, 2 alarm, 3 scheduled */
        static const enum board_record_type types[] = { BOARD_RECORD_ALL,  BOARD_RECORD_MANUAL, BOARD_RECORD_ALARM,
                                                        BOARD_RECORD_TIME, BOARD_RECORD_ALL,    BOARD_RECORD_ALL };
        fake.open_err = -ENOENT;
        o.record_type = i < 5 ? i : -1;
        o.session = i ? SDP_PLAYBACK : SDP_DOWNLOAD;
        assert_int_equal(open_offer(&o, true), -ENOENT);
        assert_int_equal(fake.asked.type, types[i]);
        assert_int_equal(fake.asked.stream, 1);
        assert_int_equal(fake.asked.speed, i ? 0 : 1);
        assert_int_equal(open_offer(&o, false), -ENOENT);
        assert_int_equal(fake.asked.type, BOARD_RECORD_ALL);
    }
    camera.ops = &(struct board_ops){ .name = "none" };
    assert_int_equal(open_offer(&o, false), -ENOTSUP);
    camera.ops = &board;
    loop_free(loop);
}

/* After seeks and gaps between records the time line continues by one picture interval; also for the key frame before
 * the start. */
static void test_jumps(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    assert_int_equal(picture(-400, true), 0);
    assert_int_equal(picture(-360, false), 40);
    assert_int_equal(picture(-300, false), 100);
    assert_int_equal(play(range(100000)), 200);
    assert_int_equal(fake.sought_us, (START + 100) * SECOND_US);
    assert_int_equal(picture(99500, true), 160);
    assert_int_equal(picture(99540, false), 200);
    assert_int_equal(picture(103000, true), 240); /* a gap */
    assert_int_equal(picture(103040, false), 280);
    assert_int_equal(picture(104000, false), 1240); /* not a gap: pictures skipped by the camera */
    assert_int_equal(play(range(0)), 200);
    assert_int_equal(picture(0, true), 2200);
    end();
}

/* Units before the key frame after a seek are not sent. */
static void test_waits_for_the_key(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    picture(0, true);
    assert_int_equal(play(range(5000)), 200);
    fake.not_keys = 3;
    assert_int_equal(picture(5000, true), 40);
    assert_int_equal(fake.releases, 3);
    end();
}

static void test_speeds(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    assert_int_equal(picture(0, true), 0);
    assert_int_equal(picture(40, false), 40);
    assert_int_equal(play(scale(2000)), 200);
    assert_int_equal(fake.scale, 2000);
    assert_int_equal(picture(80, false), 60);
    assert_int_equal(picture(120, false), 80);
    assert_int_equal(play(scale(250)), 200);
    assert_int_equal(picture(160, false), 240);
    assert_int_equal(play(scale(8000)), 200); /* only key frames */
    assert_int_equal(picture(4160, true), 740);
    assert_int_equal(picture(8160, true), 1240);
    assert_int_equal(play(scale(1000)), 200);
    assert_int_equal(picture(8200, false), 1280);
    assert_int_equal(play((struct mansrtsp){ .has_range = true, .range_now = true }), 200);
    assert_int_equal(fake.scales, 4);
    assert_int_equal(picture(8240, false), 1320);
    end();
}

static void test_backwards(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    assert_int_equal(picture(10000, true), 0);
    assert_int_equal(picture(10040, false), 40);
    assert_int_equal(play(scale(-2000)), 200);
    assert_int_equal(picture(10000, true), 60); /* whole GOPs, each played forward */
    assert_int_equal(picture(10040, false), 80);
    assert_int_equal(picture(9920, true), 100);
    assert_int_equal(picture(9960, false), 120);
    assert_int_equal(picture(9840, true), 140);
    assert_int_equal(picture(7840, true), 1140); /* only key frames, at their recorded distance */
    assert_int_equal(picture(5840, true), 2140);
    end();
}

static void test_download_keeps_times(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_DOWNLOAD);
    assert_int_equal(picture(0, true), 0);
    assert_int_equal(picture(40, false), 40);
    assert_int_equal(picture(100, false), 100);
    end();
}

static void test_sound_and_reordering(void **state)
{
    struct gb_unit u;
    int64_t first;

    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    fake.unit.kind = GB_VIDEO;
    fake.unit.key = true;
    fake.unit.us = 0;
    fake.unit.ahead_us = 80000;
    assert_int_equal(read_unit(&u), 0);
    assert_int_equal(u.pts_us - u.dts_us, 80000);
    first = (int64_t)u.dts_us;
    fake.unit.kind = GB_AUDIO;
    fake.unit.key = false;
    fake.unit.ahead_us = 0;
    fake.unit.us = 20000;
    assert_int_equal(read_unit(&u), 0);
    assert_int_equal((int64_t)u.pts_us - first, 20000);
    fake.unit.us = -30000; /* recorded a little before the picture */
    assert_int_equal(read_unit(&u), 0);
    assert_int_equal((int64_t)u.pts_us - first, -30000);
    fake.unit.us = 500 * SECOND_US; /* from the record after a gap, before its first picture */
    assert_int_equal(read_unit(&u), 0);
    assert_int_equal((int64_t)u.pts_us - first, 0);
    end();
}

static void test_ends_at_the_range_end(void **state)
{
    struct gb_unit u;

    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    picture(0, true);
    assert_int_equal(play((struct mansrtsp){
                         .has_range = true, .range_from_us = 1000000, .has_range_end = true, .range_end_us = 2000000 }),
                     200);
    assert_int_equal(picture(1000, true), 40);
    assert_int_equal(picture(1960, false), 1000);
    fake.unit.us = 2000000;
    assert_int_equal(read_unit(&u), -ENODATA);
    assert_int_equal(fake.releases, 1);
    assert_int_equal(play((struct mansrtsp){ .has_range = true, .range_now = true }), 200);
    assert_int_equal(read_unit(&u), 0);                                                         /* to the end again */
    assert_int_equal(play((struct mansrtsp){ .has_range = true, .has_range_end = true }), 200); /* npt=0-0 */
    fake.unit.key = true;
    assert_int_equal(read_unit(&u), 0);
    fake.read_err = -ENODATA;
    assert_int_equal(read_unit(&u), -ENODATA);
    fake.read_err = -EAGAIN;
    assert_int_equal(read_unit(&u), -EAGAIN);
    assert_false(playback_lost(playback));
    fake.read_err = -EIO;
    assert_int_equal(read_unit(&u), -EIO);
    assert_true(playback_lost(playback));
    end();
}

static void test_refusals(void **state)
{
    struct mansrtsp both = range(5000);

    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    assert_int_equal(picture(0, true), 0);
    fake.seek_err = -ERANGE;
    both.has_scale = true;
    both.scale_permille = 4000;
    assert_int_equal(play(both), 457);
    assert_int_equal(fake.scale, 1000); /* neither is applied */
    assert_int_equal(fake.scales, 2);
    fake.seek_err = -EIO;
    assert_int_equal(play(range(5000)), 500);
    fake.seek_err = 0;
    assert_int_equal(
        play((struct mansrtsp){ .has_range = true, .range_from_us = 9, .has_range_end = true, .range_end_us = 9 }),
        457);
    fake.scale_err = -ENOTSUP;
    assert_int_equal(play(scale(-1000)), 501);
    fake.scale_err = -EIO;
    assert_int_equal(play(scale(2000)), 500);
    assert_int_equal(picture(40, false), 40); /* unchanged */
    end();
    begin(&plain_ops, SDP_PLAYBACK);
    assert_int_equal(play(range(5000)), 501);
    assert_int_equal(play(scale(2000)), 501);
    assert_int_equal(play(scale(1000)), 200);
    end();
}

/* A reader with invalid times: the time line continues in plausible steps. */
static void test_no_times(void **state)
{
    static const int64_t us[] = { INT64_MIN,     INT64_MAX,     0,    -START * SECOND_US, -START * SECOND_US - 1,
                                  INT64_MIN / 2, INT64_MAX / 2, 40000 };
    static const int scales[] = { 1, -1, 1000, 1000999, -1000999, 125 };
    uint64_t last = 0;
    struct gb_unit u;

    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    fake.unit.key = true;
    for (unsigned n = 0; n < 8 * 8 * 6 * 2; n++) {
        fake.unit.us = n / 8 % 2 ? us[n % 8] : us[n * 5 / 64 % 8];
        fake.unit.ahead_us = us[n / 8 % 8];
        fake.unit.kind = n % 7 == 3 ? GB_AUDIO : GB_VIDEO;
        assert_int_equal(play(scale(scales[n / 64 % 6])), 200);
        assert_int_equal(read_unit(&u), 0);
        assert_true(u.pts_us >= u.dts_us && u.pts_us - u.dts_us <= (uint64_t)20 * SECOND_US * 1000);
        if (fake.unit.kind == GB_VIDEO) {
            assert_true(u.dts_us > last && u.dts_us - last <= (uint64_t)(11 * SECOND_US));
            last = u.dts_us;
        }
    }
    end();
}

static bool open_and_close(void *ctx)
{
    const struct sdp_offer o = { .session = SDP_PLAYBACK, .start = (uint64_t)START, .stop = (uint64_t)START + 60 };
    bool opened = open_offer(&o, false) == 0;

    (void)ctx;
    if (opened)
        playback_free(playback);
    return opened;
}

static void test_allocations_fail(void **state)
{
    (void)state;
    begin(&fake_ops, SDP_PLAYBACK);
    playback_free(playback);
    oom_ladder(open_and_close, NULL, 20);
    playback_free(NULL);
    loop_free(loop);
    close(fake.fds[0]);
    close(fake.fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_board_gets_the_requested_period_and_speed),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_waits_for_the_key),
        cmocka_unit_test(test_speeds),
        cmocka_unit_test(test_backwards),
        cmocka_unit_test(test_download_keeps_times),
        cmocka_unit_test(test_sound_and_reordering),
        cmocka_unit_test(test_ends_at_the_range_end),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_times),
        cmocka_unit_test(test_allocations_fail),
    };

    return cmocka_run_group_tests_name("playback", tests, NULL, NULL);
}
