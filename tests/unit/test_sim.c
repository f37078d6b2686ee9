/* SPDX-License-Identifier: MIT */
#include "sim_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FPS 200u

static char dir[] = "/tmp/gbagent-sim-XXXXXX";
static char path_h264[64], path_h265[64], path_empty[64], path_junk[64];

/* One undecodable slice, then two GOPs of 4 and 2 units. */
static const uint8_t h264[] = {
    0,    0,    0, 1, 0x41, 0x9A, 0x01, 0,    0,    0, 1, 0x67, 0x42, 0,    0,    0,    1, 0x68, 0xCE,
    0,    0,    0, 1, 0x65, 0x88, 0x10, 0,    0,    0, 1, 0x41, 0x9A, 0x11, 0,    0,    0, 1,    0x41,
    0x9A, 0x12, 0, 0, 0,    1,    0x41, 0x9A, 0x13, 0, 0, 0,    1,    0x67, 0x42, 0,    0, 0,    1,
    0x68, 0xCE, 0, 0, 0,    1,    0x65, 0x88, 0x20, 0, 0, 0,    1,    0x41, 0x9A, 0x21,
};
static const uint8_t last_byte[] = { 0x10, 0x11, 0x12, 0x13, 0x20, 0x21 };
static const uint8_t h265[] = {
    0, 0, 0, 1,    0x40, 0x01, 0x0C, 0, 0, 0, 1,    0x42, 0x01, 0x01, 0,
    0, 0, 1, 0x44, 0x01, 0xC1, 0,    0, 0, 1, 0x26, 0x01, 0xAF, 0x10,
};

static void put_file(char *path, size_t size, const char *name, const void *data, size_t len)
{
    FILE *f;

    assert_true(snprintf(path, size, "%s/%s", dir, name) < (int)size);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    put_file(path_h264, sizeof(path_h264), "a.h264", h264, sizeof(h264));
    put_file(path_h265, sizeof(path_h265), "b.H265", h265, sizeof(h265));
    put_file(path_empty, sizeof(path_empty), "empty.h264", "", 0);
    put_file(path_junk, sizeof(path_junk), "junk.h264", "no video at all", 15);
    return sim_board_open(&board);
}

static int teardown(void **state)
{
    (void)state;
    board_sim.close(board);
    unlink(path_h264);
    unlink(path_h265);
    unlink(path_empty);
    unlink(path_junk);
    return rmdir(dir);
}

static struct board_channel channel(const char *source)
{
    return (struct board_channel){ .id = "34020000001310000001", .source = source, .audio = "", .fps = FPS };
}

static struct frame_source *open_source(const char *path)
{
    struct board_channel ch = channel(path);
    struct frame_source *src;

    assert_int_equal(board_sim.stream_open(board, &ch, &src), 0);
    assert_true(src->live);
    assert_true(src->max_leased >= 8);
    return src;
}

static void next_unit(struct frame_source *src, struct gb_unit *u)
{
    assert_int_equal(sim_next(src, u), 0);
}

static uint8_t end_of(const struct gb_unit *u)
{
    assert_int_equal(u->nseg, 1);
    return u->seg[0].data[u->seg[0].len - 1];
}

static void test_loops_at_its_rate(void **state)
{
    uint64_t first = 0, before = sim_now_us();
    struct frame_source *src = open_source(path_h264);
    struct gb_unit u;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        next_unit(src, &u);
        first = i ? first : u.pts_us;
        assert_int_equal(end_of(&u), last_byte[i % 6]);
        assert_int_equal(u.key, i % 6 == 0 || i % 6 == 4);
        assert_int_equal(u.codec, GB_CODEC_H264);
        assert_int_equal(u.dts_us, u.pts_us);
        assert_int_equal((u.pts_us - first) % (1000000 / FPS), 0);
        assert_true(u.pts_us >= first + i * (1000000 / FPS)); /* more if the test was delayed */
        src->ops->release(src, &u);
    }
    assert_in_range(first, before, before + 2000000); /* CLOCK_MONOTONIC */
    assert_true(sim_now_us() - before >= 19 * (1000000 / FPS) - 1000);
    src->ops->close(src);
}

static void test_jumps_to_a_key_frame(void **state)
{
    struct frame_source *src = open_source(path_h264);
    struct gb_unit u;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        next_unit(src, &u);
        src->ops->release(src, &u);
    }
    assert_int_equal(src->ops->request_idr(src), 0);
    next_unit(src, &u);
    assert_int_equal(end_of(&u), 0x20);
    src->ops->release(src, &u);
    assert_int_equal(src->ops->request_idr(src), 0);
    next_unit(src, &u);
    assert_int_equal(end_of(&u), 0x10); /* across the end of the file */
    src->ops->release(src, &u);
    src->ops->close(src);
}

static void test_sources_share_the_file(void **state)
{
    struct frame_source *a = open_source(path_h264), *b = open_source(path_h264);
    struct gb_unit ua, ub;

    (void)state;
    next_unit(a, &ua);
    next_unit(b, &ub);
    assert_ptr_equal(ua.seg[0].data, ub.seg[0].data);
    assert_ptr_not_equal(ua.cookie, ub.cookie);
    a->ops->release(a, &ua);
    a->ops->close(a);
    assert_int_equal(end_of(&ub), 0x10); /* still valid */
    b->ops->release(b, &ub);
    b->ops->close(b);
}

static void test_leases_are_limited(void **state)
{
    struct frame_source *src = open_source(path_h264);
    struct gb_unit u[SIM_LEASES], more;
    struct pollfd p = { .fd = src->ops->fd(src), .events = POLLIN };

    (void)state;
    for (unsigned i = 0; i < SIM_LEASES; i++)
        next_unit(src, &u[i]);
    assert_int_equal(poll(&p, 1, 2000), 1);
    assert_int_equal(src->ops->read(src, &more), -EAGAIN);
    src->ops->release(src, &u[5]);
    next_unit(src, &more);
    assert_ptr_equal(more.cookie, u[5].cookie);
    u[5] = more;
    for (unsigned i = 0; i < SIM_LEASES; i++)
        src->ops->release(src, &u[i]);
    src->ops->close(src);
}

static void test_reads_h265_by_its_name(void **state)
{
    struct frame_source *src = open_source(path_h265);
    struct gb_unit u;

    (void)state;
    next_unit(src, &u);
    assert_int_equal(u.codec, GB_CODEC_H265);
    assert_true(u.key);
    assert_int_equal(u.seg[0].len, sizeof(h265));
    src->ops->release(src, &u);
    src->ops->close(src);
}

/* In turn, in a loop, in steps of one picture. */
static void test_plays_a_list(void **state)
{
    char list[1024];
    uint64_t last = 0;
    size_t at = 0;

    (void)state;
    snprintf(list, sizeof(list), "%s,%s", path_h264, path_h265);
    struct frame_source *src = open_source(list);
    for (unsigned i = 0; i < 3 * 7; i++) {
        struct gb_unit u;
        next_unit(src, &u);
        assert_int_equal(u.codec, i % 7 == 6 ? GB_CODEC_H265 : GB_CODEC_H264);
        assert_int_equal(u.key, i % 7 == 0 || i % 7 == 4 || i % 7 == 6);
        assert_int_equal(end_of(&u), i % 7 == 6 ? 0x10 : last_byte[i % 7]);
        assert_int_equal(u.dts_us, u.pts_us);
        if (i > 0)
            assert_int_equal(u.dts_us - last, (1 + u.lost) * (1000000 / FPS));
        last = u.dts_us;
        src->ops->release(src, &u);
    }
    src->ops->close(src);
    struct board_channel ch = channel(list);
    struct board_status st;
    assert_int_equal(board_sim.status(board, &ch, &st), 0);
    assert_true(st.ok);
    snprintf(list, sizeof(list), "%s,/nowhere/clip.h265", path_h264);
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -ENOENT);
    assert_int_equal(board_sim.status(board, &ch, &st), 0);
    assert_false(st.ok);
    for (unsigned i = 0; i <= SIM_CLIPS_MAX; i++)
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? "," : "", path_h264);
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -E2BIG);
}

static void test_invalid_clips_are_refused(void **state)
{
    struct board_channel ch = channel("/nowhere/clip.h264");
    struct frame_source *src = NULL;
    struct board_status st;

    (void)state;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -ENOENT);
    assert_int_equal(board_sim.status(board, &ch, &st), 0);
    assert_false(st.ok);
    assert_true(st.reason[0] != '\0');
    ch.source = path_empty;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -EINVAL);
    ch.source = path_junk;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -EINVAL);
    ch.source = dir;
    assert_int_equal(board_sim.stream_open(board, &ch, &src), -EISDIR);
    assert_null(src);
    ch.source = path_h264;
    assert_int_equal(board_sim.status(board, &ch, &st), 0);
    assert_true(st.ok);
    assert_int_equal(board_sim.status(board, NULL, &st), 0);
    assert_true(st.ok);
}

static void test_finds_the_shipped_clip(void **state)
{
    char path[PATH_MAX], tiny[4];

    (void)state;
    assert_int_equal(clip_path("", path, sizeof(path)), 0);
    assert_string_equal(strrchr(path, '/'), "/clip.h264");
    assert_int_equal(clip_path("/a/b.h264", path, sizeof(path)), 0);
    assert_string_equal(path, "/a/b.h264");
    assert_int_equal(clip_path("/a/b.h264", tiny, sizeof(tiny)), -ENAMETOOLONG);
}

static bool open_and_read(void *ctx)
{
    struct board_channel ch = channel(ctx);

    return sim_open_and_read(&ch);
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    oom_ladder(open_and_read, path_h264, 20);
}

/* ---- PTZ -------------------------------------------------------------------------------------------------- */

static void command(struct ptz_cmd cmd)
{
    struct board_channel ch = channel("");
    const struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = cmd };

    assert_int_equal(board_sim.control(board, &ch, &c), 0);
}

static struct sim_position where(uint64_t at_us)
{
    struct sim_camera *c = sim_camera_find(board, "34020000001310000001");

    assert_non_null(c);
    sim_head_advance(c, at_us);
    return c->now;
}

static void test_keeps_a_position(void **state)
{
    struct sim_position p;
    uint64_t now;

    (void)state;
    assert_null(sim_camera_find(board, "34020000001310000001"));
    command((struct ptz_cmd){ .kind = PTZ_PRESET_SET, .number = 7 });
    command((struct ptz_cmd){ .kind = PTZ_MOVE, .pan = -255, .tilt = 51, .zoom = 15 });
    now = sim_now_us();
    p = where(now + 1000000); /* per second 60 degrees left, 12 up, zoom by 5 */
    assert_in_range((int)p.pan, 298, 301);
    assert_in_range((int)p.tilt, 11, 13);
    assert_in_range((int)(p.zoom * 10), 58, 63);
    p = where(now + 100000000);
    assert_int_equal((int)p.tilt, 30); /* the upper limit */
    assert_int_equal((int)p.zoom, 30);
    assert_true(p.pan >= 0.0 && p.pan < 360.0);
    command((struct ptz_cmd){ .kind = PTZ_STOP });
    p = where(now + 200000000);
    assert_int_equal((int)p.tilt, 30);
    command((struct ptz_cmd){ .kind = PTZ_PRESET_CALL, .number = 99 }); /* never set: ignored */
    assert_int_equal((int)where(now + 200000000).tilt, 30);
    command((struct ptz_cmd){ .kind = PTZ_PRESET_CALL, .number = 7 });
    p = where(now + 300000000);
    assert_int_equal((int)p.pan, 0);
    assert_int_equal((int)p.tilt, 0);
    assert_int_equal((int)p.zoom, 1);
    command((struct ptz_cmd){ .kind = PTZ_LENS, .focus = 10 });
    command((struct ptz_cmd){ .kind = PTZ_AUX_ON, .number = 1 });
}

static void test_info_and_unsupported_commands(void **state)
{
    struct board_info info;
    struct gb_control arg = { .kind = GB_CONTROL_TIME, .u.time.unix_ms = 1700000000000 };

    (void)state;
    assert_string_equal(board_sim.name, "sim");
    assert_int_equal(board_sim.info(board, &info), 0);
    assert_string_equal(info.model, "sim");
    assert_int_equal(board_sim.control(board, NULL, &arg), 0);
    arg.kind = (enum gb_control_kind)99;
    assert_int_equal(board_sim.control(board, NULL, &arg), -ENOTSUP);
}

static void test_position_moves_around_its_place(void **state)
{
    struct board_channel ch = { .id = "34020000001310000001",
                                .source = "",
                                .audio = "",
                                .has_position = true,
                                .longitude = 117.28,
                                .latitude = 31.86 };
    struct board_geo geo;

    (void)state;
    assert_int_equal(board_sim.geo(board, &ch, &geo), 0);
    double x = geo.longitude - ch.longitude, y = geo.latitude - ch.latitude;
    assert_true(x * x + y * y > 0.00048 * 0.00048 && x * x + y * y < 0.00052 * 0.00052);
    assert_true(geo.direction >= 0 && geo.direction < 360 && geo.speed > 0);
    assert_int_equal(board_sim.geo(board, NULL, &geo), 0);
    assert_true(geo.longitude > 100 && geo.latitude > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_position_moves_around_its_place),
        cmocka_unit_test(test_loops_at_its_rate),
        cmocka_unit_test(test_jumps_to_a_key_frame),
        cmocka_unit_test(test_sources_share_the_file),
        cmocka_unit_test(test_leases_are_limited),
        cmocka_unit_test(test_reads_h265_by_its_name),
        cmocka_unit_test(test_invalid_clips_are_refused),
        cmocka_unit_test(test_plays_a_list),
        cmocka_unit_test(test_finds_the_shipped_clip),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_keeps_a_position),
        cmocka_unit_test(test_info_and_unsupported_commands),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
