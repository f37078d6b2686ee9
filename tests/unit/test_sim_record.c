/* SPDX-License-Identifier: MIT */
/* The simulated recordings of the simulated board. */
#include "sim_support.h"

#include <stdio.h>
#include <time.h>

#define HOUR 3600

/* End of the newest recording. */
static int64_t newest(void)
{
    int64_t now = (int64_t)time(NULL);
    return now - now % HOUR;
}

static int find(const struct board_record_query *q, unsigned skip, struct board_record *out, unsigned max,
                unsigned *total)
{
    const struct board_channel ch = { .id = "34020000001310000001", .source = "", .audio = "" };
    return board_sim.record_find(board, &ch, q, skip, out, max, total);
}

static unsigned count(struct board_record_query q)
{
    struct board_record r;
    unsigned total;

    assert_true(find(&q, 0, &r, 1, &total) <= 1);
    return total;
}

static void test_hours(void **state)
{
    const int64_t end = newest();
    struct board_record_query q = {
        .start_unix_s = end - 5 * HOUR, .end_unix_s = end, .type = BOARD_RECORD_TIME, .stream = -1
    };
    struct board_record r[8];
    unsigned total;

    (void)state;
    assert_int_equal(find(&q, 0, r, 8, &total), 5);
    assert_int_equal(total, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(r[i].start_unix_s, end - (5 - i) * HOUR);
        assert_int_equal(r[i].end_unix_s, r[i].start_unix_s + HOUR);
        assert_int_equal(r[i].type, BOARD_RECORD_TIME);
        assert_true(r[i].bytes > 0);
    }
    /* Overlapping by a second; only adjacent. */
    q.start_unix_s = q.end_unix_s = end - HOUR + 1;
    assert_int_equal(count(q), 1);
    q.start_unix_s = end;
    q.end_unix_s = end + 10;
    assert_int_equal(count(q), 0);
}

static void test_pages(void **state)
{
    const int64_t end = newest();
    struct board_record_query q = { .start_unix_s = end - 1000 * HOUR, .end_unix_s = end, .stream = 0 };
    struct board_record r[7];
    int64_t last = 0;
    unsigned total = 0, seen = 0;

    (void)state;
    for (int n; (n = find(&q, seen, r, 7, &total)) > 0; seen += (unsigned)n) {
        for (int i = 0; i < n; i++) {
            assert_true(r[i].start_unix_s > last);
            last = r[i].start_unix_s;
        }
    }
    assert_int_equal(seen, total);
    assert_int_equal(total, 720 + 120);
    assert_int_equal(find(&q, total + 5, r, 7, &total), 0);
}

static void test_filters(void **state)
{
    const int64_t end = newest();
    const struct board_record_query day = { .start_unix_s = end - 24 * HOUR, .end_unix_s = end, .stream = -1 };
    struct board_record_query q = day;

    (void)state;
    assert_int_equal(count(q), 28);
    q.type = BOARD_RECORD_ALARM;
    assert_int_equal(count(q), 4);
    q.alarm_methods = 1u << 5;
    q.alarm_type = 2;
    assert_int_equal(count(q), 4);
    q.alarm_methods = 1u << 2;
    assert_int_equal(count(q), 0);
    q = day;
    q.alarm_type = 2;
    assert_int_equal(count(q), 4);
    q = day;
    q.type = BOARD_RECORD_MANUAL;
    assert_int_equal(count(q), 0);
    q = day;
    q.stream = 1;
    assert_int_equal(count(q), 0);
    q = day;
    span_copy(SPAN_LIT("34020000001310000001"), q.path, sizeof(q.path));
    assert_int_equal(count(q), 28);
    snprintf(q.path, sizeof(q.path), "/%lld.ps", (long long)(end - 3 * HOUR));
    assert_int_equal(count(q), 1);
    /* An existing path, on another day. */
    snprintf(q.path, sizeof(q.path), "/%lld.ps", (long long)(end - 30 * HOUR));
    assert_int_equal(count(q), 0);
}

/* Unknown paths, addresses and recorder IDs are ignored. */
static void test_unknown_filters(void **state)
{
    static const char *const paths[] = { "34020000001320000001", "64010000002100000001", "../etc",
                                         "/sim/34020000001310000009/1.ps" };
    const int64_t end = newest();
    const struct board_record_query day = {
        .start_unix_s = end - 24 * HOUR, .end_unix_s = end, .stream = -1, .type = BOARD_RECORD_TIME
    };
    struct board_record_query q = day;

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        span_copy(span_of(paths[i]), q.path, sizeof(q.path));
        assert_int_equal(count(q), 24);
    }
    span_copy(SPAN_LIT("Address 1"), q.address, sizeof(q.address));
    span_copy(SPAN_LIT("64010000003000000001"), q.recorder, sizeof(q.recorder));
    assert_int_equal(count(q), 24);
}

/* Sorted by start time; a running recording ends now; formatting erases all. */
static void test_ordered(void **state)
{
    const char *id = "34020000001310000001";
    const int64_t end = newest(), now = (int64_t)time(NULL);
    struct board_record_query q = { .start_unix_s = end - 2 * HOUR, .end_unix_s = now + 5, .stream = -1 };
    struct board_record r[16];
    unsigned total;
    int n;

    (void)state;
    sim_record_mark(board, id, 0, true, end - HOUR - 60);
    sim_record_mark(board, id, 0, true, end - HOUR - 50);
    sim_record_mark(board, id, 0, false, end - HOUR + 60);
    sim_record_mark(board, id, 0, false, end - HOUR + 70);
    sim_record_mark(board, "34020000001310000002", 0, true, end - HOUR);
    sim_record_mark(board, id, 1, true, now - 1);
    n = find(&q, 0, r, 16, &total);
    assert_int_equal(n, total);
    for (int i = 1; i < n; i++)
        assert_true(r[i - 1].start_unix_s <= r[i].start_unix_s);
    q.type = BOARD_RECORD_MANUAL;
    assert_int_equal(find(&q, 0, r, 16, &total), 2);
    assert_int_equal(r[0].start_unix_s, end - HOUR - 60);
    assert_int_equal(r[0].end_unix_s, end - HOUR + 60);
    assert_int_equal(r[1].stream, 1);
    assert_true(r[1].end_unix_s >= now);
    q.stream = 1;
    assert_int_equal(count(q), 1);
    board->erased_unix_s = now;
    q.stream = -1;
    q.type = BOARD_RECORD_ALL;
    assert_int_equal(count(q), 0);
    board->erased_unix_s = 0;
    /* More than the table holds. */
    for (unsigned i = 0; i < 2 * SIM_RECORDINGS_MAX; i++) {
        sim_record_mark(board, id, 2, true, now - 1000 + i);
        sim_record_mark(board, id, 2, false, now - 999 + i);
    }
    q.stream = 2;
    assert_int_equal(count(q), SIM_RECORDINGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_hours), cmocka_unit_test(test_pages),
                                        cmocka_unit_test(test_filters), cmocka_unit_test(test_unknown_filters),
                                        cmocka_unit_test(test_ordered) };

    return cmocka_run_group_tests_name("sim_record", tests, sim_setup, sim_teardown);
}
