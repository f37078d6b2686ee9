/* SPDX-License-Identifier: MIT */
/* Asynchronous operations of the simulated board: snapshots and firmware. */
#include "sim_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct board_channel channel = { .id = "34020000001310000001", .source = "", .audio = "" };

static bool readable(void)
{
    struct pollfd p = { .fd = board_sim.event_fd(board), .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Where the board looks for it, unless one is installed. */
static void need_pictures(void)
{
    char path[PATH_MAX];

    for (unsigned i = 1; i <= 2; i++) {
        char name[32];
        snprintf(name, sizeof(name), "snapshot%u.jpg", i);
        assert_int_equal(clip_shipped(name, path, sizeof(path)), 0);
        if (access(path, R_OK) != 0)
            put(path, i == 1 ? "\xff\xd8 first" : "\xff\xd8 second");
    }
}

static void test_pictures(void **state)
{
    struct board_event ev;

    (void)state;
    need_pictures();
    assert_false(readable());
    assert_int_equal(board_sim.event_read(board, &ev), -EAGAIN);
    assert_int_equal(board_sim.snapshot(board, &channel, 7), 0);
    assert_int_equal(board_sim.snapshot(board, NULL, 8), 0);
    assert_true(readable());
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.kind, BOARD_SNAPSHOT);
    assert_int_equal(ev.result, 0);
    assert_int_equal(ev.snapshot_id, 7);
    assert_string_equal(ev.id, channel.id);
    assert_true(ev.len > 4 && ev.len < 20000);
    assert_memory_equal(ev.data, "\xff\xd8", 2);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.snapshot_id, 8);
    assert_string_equal(ev.id, "");
    assert_int_equal(board_sim.event_read(board, &ev), -EAGAIN);
    assert_false(readable());
}

static void test_event_queue_is_bounded(void **state)
{
    struct board_event ev = { .kind = BOARD_SNAPSHOT, .data = (const uint8_t *)"abc", .len = 3 }, got;

    (void)state;
    for (unsigned i = 0; i < SIM_EVENTS_MAX; i++)
        assert_int_equal(sim_event_push(board, &ev), 0);
    assert_int_equal(sim_event_push(board, &ev), -ENOBUFS);
    assert_int_equal(board_sim.event_read(board, &got), 0);
    assert_memory_equal(got.data, "abc", 3);
    oom_fail_at(1);
    int err = sim_event_push(board, &ev);
    oom_off();
    assert_int_equal(err, -ENOMEM);
    for (unsigned i = 1; i < SIM_EVENTS_MAX; i++)
        assert_int_equal(board_sim.event_read(board, &got), 0);
    assert_int_equal(board_sim.event_read(board, &got), -EAGAIN);
}

static void test_firmware(void **state)
{
    char path[] = "/tmp/gbagent-firmware-XXXXXX";
    struct board_info info;
    struct board_event ev;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    put(path, "something else");
    assert_int_equal(board_sim.upgrade(board, path, "V9"), 0);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.kind, BOARD_UPGRADED);
    assert_int_equal(ev.result, -EBADMSG);
    put(path, "gbagent-sim V9\nand more");
    assert_int_equal(board_sim.upgrade(board, path, "V9"), 0);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.result, 0);
    assert_int_equal(board_sim.info(board, &info), 0);
    assert_string_equal(info.firmware, "V9");
    unlink(path);
    assert_int_equal(board_sim.upgrade(board, path, "V9"), 0);
    assert_int_equal(board_sim.event_read(board, &ev), 0);
    assert_int_equal(ev.result, -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_event_queue_is_bounded),
        cmocka_unit_test(test_firmware),
    };

    return cmocka_run_group_tests(tests, sim_setup, sim_teardown);
}
