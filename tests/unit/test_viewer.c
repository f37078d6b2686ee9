/* SPDX-License-Identifier: MIT */
#include "media_support.h"

#define BIG 300000u /* an IDR of 215 packets */

/* ---- UDP -------------------------------------------------------------------------------------------------- */

static void test_udp_whole_units(void **state)
{
    static const size_t sizes[] = {
        1, 1300, 1325, 1326, 1400, 64371, 64372, 64373, 65400, 66800, 131000, BIG, 1000000
    };

    (void)state;
    begin(true, 8);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(false, 500); /* before the first key unit: not sent */
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        (void)cam_push(i % 3 == 0, sizes[i]);
        turn(2);
        collect_udp(rx);
    }
    take_apart(rx);
    assert_int_equal(rx->units, sizeof(sizes) / sizeof(sizes[0]));
    assert_int_equal(rx->cut, 0);
    const struct viewer_stats *st = viewer_stats(rx->v);
    assert_int_equal(st->units, rx->units);
    assert_int_equal(st->packets, rx->packets);
    assert_int_equal(st->send_calls, rx->units); /* one call per unit */
    assert_int_equal(st->dropped_units, 0);
    assert_int_equal(st->bytes, rx->len - 4 * rx->packets);
    assert_true(st->started_us > 0);
    assert_int_equal(cam.leased, 0);
    /* 40 ms are 3600 ticks, also across the 32-bit wrap. */
    for (unsigned i = 1; i < rx->units; i++)
        assert_int_equal(rx->unit_ts[i] - rx->unit_ts[i - 1], 3600);
    unwatch(rx);
    end();
}

static void test_udp_short_counts(void **state)
{
    (void)state;
    begin(true, 8);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    fault.fd = sends[0].fd;
    (void)cam_push(true, 1000);
    turn(2);
    fault.fd = sends[0].fd;
    fault.take_max = 7;
    (void)cam_push(true, BIG);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(viewer_stats(rx->v)->packets, rx->packets);
    assert_int_equal(viewer_stats(rx->v)->dropped_packets, 0);
    unwatch(rx);
    end();
}

/* fd of the only viewer, taken from its first send. */
static struct rx *started(bool tcp, int buffers, unsigned max_leased, enum viewer_pacing pacing)
{
    begin(true, max_leased);
    struct rx *rx = watch(tcp, pacing, buffers);
    (void)cam_push(true, 1000);
    turn(2);
    receive(rx, tcp);
    assert_int_equal(rx->units, 1);
    fault.fd = sends[0].fd;
    nsends = 0;
    return rx;
}

static void test_udp_again_and_nobufs(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    fault.budget = 100;
    (void)cam_push(true, BIG);
    (void)cam_push(false, 1000);
    turn(1);
    assert_int_equal(cam.leased, 2); /* the one being sent and the next one */
    receive(rx, false);
    assert_int_equal(rx->packets, 101);
    fault.budget = UINT32_MAX;
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_int_equal(cam.leased, 0);

    fault.err = ENOBUFS;
    fault.err_count = 2;
    (void)cam_push(false, 5000);
    turn(3);
    assert_int_equal(cam.leased, 1);
    assert_int_equal(fault.err_count, 1); /* waits for a timer, not in a loop */
    pass_us(20000);
    pass_us(20000);
    receive(rx, false);
    assert_int_equal(rx->units, 4);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 0);
    assert_int_equal(viewer_stats(rx->v)->send_errors, 0);
    unwatch(rx);
    end();
}

static void test_udp_icmp_sends_once_more(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    for (unsigned i = 0; i < 2; i++) {
        fault.err = i ? EHOSTUNREACH : ECONNREFUSED;
        fault.err_count = 1;
        (void)cam_push(false, 5000);
        turn(2);
        pass_us(1000000);
    }
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_int_equal(viewer_stats(rx->v)->send_errors, 2);
    assert_int_equal(viewer_stats(rx->v)->dropped_packets, 0);
    unwatch(rx);
    end();
}

/* An ICMP error, then time passes. */
static void icmp(uint64_t then_ms)
{
    fault.err = ECONNREFUSED;
    fault.err_count = 1;
    (void)cam_push(false, 5000);
    turn(2);
    pass_us(then_ms * 1000);
}

/* `n` errors at intervals of `gap_ms`; returns at the last one. */
static void icmp_run(unsigned n, uint64_t gap_ms)
{
    for (unsigned i = 1; i < n; i++)
        icmp(gap_ms);
    icmp(0);
}

/* A media server may open its port late: only errors over five seconds end the viewer. */
static void test_udp_icmp_must_persist(void **state)
{
    static const struct {
        unsigned n, gap_ms, pause_ms, again, again_gap_ms;
        bool ends;
    } t[] = {
        { 3, 400, 0, 0, 0, false },    { 100, 40, 0, 0, 0, false },   { 124, 40, 0, 0, 0, false },
        { 126, 40, 0, 0, 0, true },    { 2, 2900, 2200, 1, 0, true }, { 2, 2900, 1900, 1, 0, false },
        { 2, 300, 2900, 1, 0, false }, { 12, 3100, 0, 0, 0, false },  { 100, 40, 3200, 100, 40, false },
        { 100, 40, 2800, 1, 0, true }, { 2, 0, 5200, 2, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
        icmp_run(t[i].n, t[i].gap_ms);
        pass_us(t[i].pause_ms * 1000u);
        if (t[i].again)
            icmp_run(t[i].again, t[i].again_gap_ms);
        turn(2);
        if (rx->ended != t[i].ends)
            fail_msg("case %zu: ended %u", i, rx->ended);
        unwatch(rx);
        end();
    }
}

static void test_udp_icmp_ends(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    icmp_run(126, 40);
    turn(2);
    assert_int_equal(rx->ended, 1);
    assert_int_equal(rx->why, VIEWER_END_UNREACHABLE);
    assert_int_equal(cam.leased, 0);
    (void)cam_push(true, 5000); /* it sends nothing more and holds no lease */
    nsends = 0;
    turn(3);
    assert_int_equal(nsends, 0);
    assert_int_equal(cam.leased, 0);
    assert_int_equal(rx->ended, 1);
    unwatch(rx);
    end();
}

/* When the errors stop, the receiver has missed the key frame: another one is requested. */
static void test_udp_icmp_stops(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    icmp_run(100, 40);
    unsigned idrs = cam.idrs;
    pass_us(900000);
    assert_int_equal(cam.idrs, idrs);
    pass_us(200000);
    assert_int_equal(cam.idrs, idrs + 1);
    pass_us(5000000);
    assert_int_equal(cam.idrs, idrs + 1);
    (void)cam_push(true, 5000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->order[rx->units - 1], cam.tail - 1);
    unwatch(rx);
    end();
}

/* A real closed port. */
static void test_udp_port_closed(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    close(rx->fd);
    rx->fd = -1;
    for (unsigned i = 0; i < 200 && !rx->ended; i++) {
        (void)cam_push(i % 10 == 0, 5000);
        turn(2);
        pass_us(40000);
    }
    assert_int_equal(rx->ended, 1);
    assert_int_equal(rx->why, VIEWER_END_UNREACHABLE);
    unwatch(rx);
    end();
}

static void test_udp_refused_packet_costs_the_unit(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    fault.err = EPERM;
    fault.err_count = 2;
    (void)cam_push(false, 5000);
    turn(2);
    (void)cam_push(false, 5000); /* its reference is missing */
    turn(2);
    (void)cam_push(true, 5000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(rx->order[1], 3);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 2);
    assert_int_equal(viewer_stats(rx->v)->dropped_packets, 8);
    assert_int_equal(rx->ended, 0);
    unwatch(rx);
    end();
}

/* One viewer's socket is full, the other's is not. */
static void test_laggard_does_not_disturb(void **state)
{
    (void)state;
    begin(true, 6);
    struct rx *a = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 1000);
    turn(2);
    fault.fd = sends[0].fd;
    fault.budget = 0;
    struct rx *b = watch(false, VIEWER_PACING_OFF, 0);
    for (unsigned i = 0; i < 30; i++) {
        (void)cam_push(i % 10 == 0, 3000);
        turn(2);
        collect_udp(b);
    }
    take_apart(b);
    assert_int_equal(b->units, 30);
    assert_int_equal(viewer_stats(b->v)->dropped_units, 0);
    assert_true(cam.leased_peak <= 6);
    fault.budget = UINT32_MAX;
    for (unsigned i = 30; i < 50; i++) {
        (void)cam_push(i % 10 == 0, 3000);
        turn(2);
        collect_udp(a);
    }
    take_apart(a);
    assert_int_equal(a->cut, 0);
    const struct viewer_stats *st = viewer_stats(a->v);
    assert_int_equal(st->units, a->units);
    assert_int_equal(st->units + st->dropped_units, 51);
    assert_true(st->dropped_units > 0);
    /* After the gap it continues with a key unit. */
    for (unsigned i = 1; i < a->units; i++)
        assert_true(a->order[i] == a->order[i - 1] + 1 || cam.unit[a->order[i]].key);
    assert_int_equal(cam.leased, 0);
    unwatch(a);
    unwatch(b);
    end();
}

static void test_both_send_the_same_memory(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *a = watch(false, VIEWER_PACING_OFF, 0), *b = watch(false, VIEWER_PACING_OFF, 0);
    for (unsigned i = 0; i < 10; i++) {
        nsends = 0;
        (void)cam_push(i == 0, 20000);
        turn(2);
        assert_int_equal(nsends, 2);
        assert_ptr_equal(sends[0].payload, sends[1].payload);
        assert_int_not_equal(sends[0].fd, sends[1].fd);
    }
    receive(a, false);
    receive(b, false);
    assert_int_equal(a->units, 10);
    assert_int_equal(b->units, 10);
    unwatch(a);
    unwatch(b);
    end();
}

/* 100 packets every 40 ms: 28 Mbit/s. A large key frame is completed, however long that takes. */
static void test_udp_slow_link_keeps_begun_units(void **state)
{
    (void)state;
    for (unsigned leases = 1; leases <= 9; leases += 4) {
        struct rx *rx = started(false, 0, leases, VIEWER_PACING_OFF);
        for (unsigned i = 0; i < 75; i++) {
            fault.budget = 20;
            (void)cam_push(i % 25 == 0, i % 25 == 0 ? BIG : 3000);
            turn(3);
            pass_us(40000);
            collect_udp(rx);
        }
        take_apart(rx);
        const struct viewer_stats *st = viewer_stats(rx->v);
        assert_int_equal(rx->cut, 0);
        assert_true(rx->units >= 4);
        assert_int_equal(st->units, rx->units);
        assert_true(st->units + st->dropped_units <= 76);
        assert_true(st->units + st->dropped_units + cam.leased + (cam.tail - cam.head) >= 76);
        unwatch(rx);
        assert_int_equal(cam.leased, 0);
        end();
    }
}

static void test_udp_no_progress_gives_the_lease_back(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 2, VIEWER_PACING_OFF);
    fault.budget = 10;
    (void)cam_push(true, BIG);
    (void)cam_push(false, 1000);
    turn(3);
    assert_int_equal(cam.leased, 2);
    pass_us(400000);
    assert_int_equal(cam.leased, 2);
    pass_us(200000);
    assert_int_equal(cam.leased, 0);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 2);
    assert_int_equal(viewer_stats(rx->v)->units, 1);
    fault.budget = UINT32_MAX;
    (void)cam_push(true, 1000);
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->cut, 1);
    assert_int_equal(rx->order[rx->units - 1], 3);
    unwatch(rx);
    end();
}

static void test_pacing(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_LOOP);
    (void)cam_push(false, 31 * 1400); /* not above 32 packets */
    turn(2);
    assert_int_equal(nsends, 1);
    nsends = 0;
    (void)cam_push(false, 100 * 1400);
    for (unsigned i = 0; i < 100 && (cam.leased || i < 3); i++)
        pass_us(1000);
    assert_int_equal(nsends, 4);
    assert_int_equal(sends[0].npkt, 26);
    assert_true(sends[3].at_us - sends[0].at_us >= 12000);
    assert_true(sends[3].at_us - sends[0].at_us <= 25000); /* half the interval, plus delays of the test */
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    /* A late unit is not paced. */
    (void)cam_push(false, 100 * 1400);
    (void)cam_push(false, 1000);
    turn(3);
    pass_us(10000);
    assert_int_equal(cam.leased, 0);
    unwatch(rx);
    end();
}

static void test_pause_resumes_with_a_key_unit(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 8, VIEWER_PACING_OFF);
    unsigned idrs = cam.idrs;
    viewer_pause(rx->v, true);
    (void)cam_push(false, 1000);
    (void)cam_push(true, 1000);
    turn(3);
    pass_us(1000000);
    viewer_pause(rx->v, false);
    assert_int_equal(cam.idrs, idrs + 1);
    (void)cam_push(false, 1000);
    (void)cam_push(true, 1000);
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(rx->order[1], 4);
    unwatch(rx);
    end();
}

static void test_equal_capture_times_still_differ(void **state)
{
    (void)state;
    begin(true, 8);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push_at(true, 100, 1000000);
    (void)cam_push_at(false, 101, 1000000);
    (void)cam_push_at(false, 102, 1033333);
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_int_equal(rx->unit_ts[2] - rx->unit_ts[0], 2999); /* 33,333 us */
    unwatch(rx);
    end();
}

/* ---- TCP, live ---------------------------------------------------------------------------------------------- */

static void test_tcp_one_write_a_unit(void **state)
{
    (void)state;
    struct rx *rx = started(true, 4 << 20, 8, VIEWER_PACING_OFF);
    nsends = 0;
    for (unsigned i = 0; i < 20; i++) {
        (void)cam_push(i % 5 == 0, 1000 + i * 4000);
        turn(2);
        receive(rx, true);
    }
    assert_int_equal(rx->units, 21);
    assert_int_equal(nsends, 20);
    assert_int_equal(viewer_stats(rx->v)->send_calls, 21);
    assert_int_equal(viewer_stats(rx->v)->packets, rx->packets);
    assert_int_equal(viewer_stats(rx->v)->bytes, rx->len - 4 * rx->packets);
    (void)cam_push(true, 2000000); /* more than IOV_MAX iovecs */
    for (unsigned i = 0; i < 200 && rx->units < 22; i++) {
        turn(1);
        receive(rx, true);
    }
    assert_int_equal(rx->units, 22);
    unwatch(rx);
    end();
}

/* Writes end within packets and headers. */
static void test_tcp_any_short_write(void **state)
{
    static const size_t takes[] = { 1, 2, 13, 14, 15, 1413, 1414, 1415, 3000 };

    (void)state;
    for (unsigned k = 0; k < sizeof(takes) / sizeof(takes[0]); k++) {
        struct rx *rx = started(true, 1 << 20, 8, VIEWER_PACING_OFF);
        fault.bytes_max = takes[k];
        (void)cam_push(true, 20000);
        for (unsigned i = 0; i < 1000 && rx->units < 2; i++) {
            turn(1);
            receive(rx, true);
        }
        assert_int_equal(rx->units, 2);
        assert_int_equal(rx->wire, 0);
        unwatch(rx);
        end();
    }
}

/* The reader is slower than the camera: whole units are dropped, never parts of packets. */
static void test_tcp_ring_and_drops(void **state)
{
    (void)state;
    struct rx *rx = started(true, 30000, 4, VIEWER_PACING_OFF);
    for (unsigned i = 0; i < 300; i++) {
        (void)cam_push(i % 25 == 0, i % 25 == 0 ? 200000 : 12000);
        turn(2);
        assert_int_equal(cam.leased, 0); /* unsent bytes are copied and the leases returned, for other viewers */
        (void)collect_tcp(rx, 8000);
        pass_us(40000);
    }
    for (unsigned i = 0; i < 2000; i++) {
        turn(1);
        (void)collect_tcp(rx, 8000);
    }
    take_apart(rx);
    const struct viewer_stats *st = viewer_stats(rx->v);
    assert_int_equal(rx->wire, 0);
    assert_int_equal(rx->cut, 0);
    assert_int_equal(st->units, rx->units);
    assert_int_equal(st->packets, rx->packets);
    assert_int_equal(st->units + st->dropped_units, 301);
    assert_true(st->dropped_units > 50);
    for (unsigned i = 1; i < rx->units; i++)
        assert_true(rx->order[i] == rx->order[i - 1] + 1 || cam.unit[rx->order[i]].key);
    unwatch(rx);
    end();
}

/* A key frame larger than the ring is sent if nothing was queued before it. */
static void test_tcp_huge_unit(void **state)
{
    (void)state;
    struct rx *rx = started(true, 30000, 4, VIEWER_PACING_OFF);
    (void)cam_push(true, 1500000);
    for (unsigned i = 0; i < 1000; i++) {
        turn(1);
        (void)collect_tcp(rx, 8000);
    }
    take_apart(rx);
    assert_int_equal(rx->units, 2);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 0);
    unwatch(rx);
    end();
}

static void test_tcp_no_memory_for_the_ring(void **state)
{
    (void)state;
    struct rx *rx = started(true, 30000, 4, VIEWER_PACING_OFF);
    (void)cam_push(true, 200000); /* so that its arrays are allocated */
    turn(1);
    for (unsigned i = 0; i < 100; i++) {
        turn(1);
        (void)collect_tcp(rx, 30000);
    }
    take_apart(rx);
    unsigned before = rx->units;
    unsigned n = cam_push(true, 200000);
    oom_fail_at(1);
    turn(1);
    oom_off();
    for (unsigned i = 0; i < 100; i++) {
        turn(1);
        (void)collect_tcp(rx, 30000);
    }
    take_apart(rx);
    assert_int_equal(rx->wire, 0); /* the begun packet is completed */
    assert_int_equal(rx->units, before);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 1);
    (void)cam_push(false, 1000);
    (void)cam_push(true, 1000);
    turn(3);
    receive(rx, true);
    assert_int_equal(rx->cut, 1);
    assert_int_equal(rx->order[rx->units - 1], n + 2);
    unwatch(rx);
    end();
}

static void test_tcp_peer_ends(void **state)
{
    static uint8_t junk[40000];

    (void)state;
    struct rx *rx = started(true, 0, 4, VIEWER_PACING_OFF);
    assert_int_equal(send(rx->fd, junk, sizeof(junk), 0), sizeof(junk)); /* content is ignored */
    turn(30);
    assert_int_equal(rx->ended, 0);
    close(rx->fd);
    turn(3);
    assert_int_equal(rx->ended, 1);
    assert_int_equal(rx->why, VIEWER_END_CLOSED);
    rx->fd = -1;
    unwatch(rx);
    end();

    rx = started(true, 0, 4, VIEWER_PACING_OFF); /* detected by the write */
    close(rx->fd);
    rx->fd = -1;
    fault.err = EPIPE;
    fault.err_count = 1;
    (void)cam_push(true, 1000);
    turn(3);
    assert_int_equal(rx->ended, 1);
    unwatch(rx);
    end();
}

static void test_tcp_blocked_ends(void **state)
{
    (void)state;
    struct rx *rx = started(true, 30000, 4, VIEWER_PACING_OFF);
    (void)cam_push(true, BIG);
    turn(3);
    pass_us(9000000);
    assert_int_equal(rx->ended, 0);
    assert_true(collect_tcp(rx, SIZE_MAX) > 0); /* some progress restarts the time-out */
    turn(3);
    pass_us(9000000);
    assert_int_equal(rx->ended, 0);
    pass_us(1100000);
    assert_int_equal(rx->ended, 1);
    assert_int_equal(rx->why, VIEWER_END_BLOCKED);
    unwatch(rx);
    end();
}

static void test_tcp_pause_keeps_flushing(void **state)
{
    (void)state;
    struct rx *rx = started(true, 30000, 4, VIEWER_PACING_OFF);
    (void)cam_push(true, 200000);
    turn(2);
    viewer_pause(rx->v, true);
    for (unsigned i = 0; i < 200; i++) {
        turn(1);
        (void)collect_tcp(rx, 8000);
    }
    take_apart(rx);
    assert_int_equal(rx->wire, 0);
    assert_int_equal(rx->units, 2);
    unwatch(rx);
    end();
}

/* ---- recordings ------------------------------------------------------------------------------------------------ */

static void lossless(bool tcp)
{
    begin(false, 4);
    struct rx *rx = watch(tcp, VIEWER_PACING_OFF, 30000);
    struct viewer *second = NULL;
    int fd;
    struct rx *rx2 = rx_udp(&fd);
    struct viewer_config cfg = viewer_cfg(rx2, fd, false);
    assert_int_equal(stream_add_viewer(stream, &cfg, &second), -EBUSY);
    close(fd);
    close(rx2->fd);
    free(rx2);

    for (unsigned i = 0; i < 60; i++)
        (void)cam_push(i % 20 == 0, i % 20 == 0 ? 120000 : 7000);
    turn(3);
    if (tcp) {
        pass_us(8000000); /* it waits and reads nothing */
        assert_int_equal(cam.leased, 1);
        assert_true(cam.head <= 2);
        fault.fd = sends[0].fd;
    }
    cam.read_err = -ENODATA;
    cam_ring();
    for (unsigned i = 0; i < 3000 && !rx->ended; i++) {
        turn(1);
        if (tcp)
            (void)collect_tcp(rx, i % 2 ? 777 : 9001);
        else
            collect_udp(rx);
        assert_true(cam.leased <= 1);
    }
    receive(rx, tcp);
    assert_int_equal(rx->ended, 1);
    assert_int_equal(rx->why, VIEWER_END_SOURCE);
    assert_int_equal(rx->units, 60);
    assert_int_equal(viewer_stats(rx->v)->dropped_packets, 0);
    unwatch(rx);
    assert_int_equal(cam.closes, cam.opens);
    end();
}

static void test_lossless_tcp(void **state)
{
    (void)state;
    lossless(true);
}

static void test_lossless_udp(void **state)
{
    (void)state;
    lossless(false);
}

static void test_lossless_pause(void **state)
{
    (void)state;
    begin(false, 4);
    struct rx *rx = watch(true, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 1000);
    turn(2);
    viewer_pause(rx->v, true);
    (void)cam_push(false, 1000);
    turn(5);
    receive(rx, true);
    assert_int_equal(rx->units, 1);
    viewer_pause(rx->v, false);
    turn(3);
    receive(rx, true);
    assert_int_equal(rx->units, 2);
    unwatch(rx);
    end();
}

/* A paused receiver may stop reading for any time. */
static void test_lossless_pause_blocked(void **state)
{
    (void)state;
    begin(false, 4);
    struct rx *rx = watch(true, VIEWER_PACING_OFF, 30000);
    for (unsigned i = 0; i < 20; i++)
        (void)cam_push(i == 0, 120000);
    turn(3);
    assert_int_equal(cam.leased, 1);
    viewer_pause(rx->v, true);
    pass_us(30000000);
    assert_int_equal(rx->ended, 0);
    viewer_pause(rx->v, false);
    for (unsigned i = 0; i < 3000 && rx->units < 20; i++) {
        turn(1);
        (void)collect_tcp(rx, 30000);
        receive(rx, true);
    }
    assert_int_equal(rx->units, 20);
    unwatch(rx);
    end();
}

/* ---- other tests ------------------------------------------------------------------------------------------------ */

static void test_bitrate(void **state)
{
    (void)state;
    struct rx *rx = started(false, 0, 4, VIEWER_PACING_OFF);
    for (unsigned i = 0; i < 200; i++) { /* 25 per second of 20,000 bytes: 4 Mbit/s */
        (void)cam_push(i % 50 == 0, 20000);
        turn(1);
        pass_us(40000);
        collect_udp(rx);
    }
    assert_in_range(viewer_stats(rx->v)->bitrate, 3800000, 4400000);
    pass_us(6000000);
    assert_int_equal(viewer_stats(rx->v)->bitrate, 0);
    unwatch(rx);
    end();
}

static void test_end_reasons_have_names(void **state)
{
    (void)state;
    assert_string_equal(viewer_end_name(VIEWER_END_UNREACHABLE), "unreachable");
    assert_string_equal(viewer_end_name(VIEWER_END_CLOSED), "closed");
    assert_string_equal(viewer_end_name(VIEWER_END_BLOCKED), "blocked");
    assert_string_equal(viewer_end_name(VIEWER_END_SOURCE), "source-ended");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp_whole_units),
        cmocka_unit_test(test_udp_short_counts),
        cmocka_unit_test(test_udp_again_and_nobufs),
        cmocka_unit_test(test_udp_icmp_sends_once_more),
        cmocka_unit_test(test_udp_icmp_must_persist),
        cmocka_unit_test(test_udp_icmp_ends),
        cmocka_unit_test(test_udp_icmp_stops),
        cmocka_unit_test(test_udp_port_closed),
        cmocka_unit_test(test_udp_refused_packet_costs_the_unit),
        cmocka_unit_test(test_laggard_does_not_disturb),
        cmocka_unit_test(test_both_send_the_same_memory),
        cmocka_unit_test(test_udp_slow_link_keeps_begun_units),
        cmocka_unit_test(test_udp_no_progress_gives_the_lease_back),
        cmocka_unit_test(test_pacing),
        cmocka_unit_test(test_pause_resumes_with_a_key_unit),
        cmocka_unit_test(test_equal_capture_times_still_differ),
        cmocka_unit_test(test_tcp_one_write_a_unit),
        cmocka_unit_test(test_tcp_any_short_write),
        cmocka_unit_test(test_tcp_ring_and_drops),
        cmocka_unit_test(test_tcp_huge_unit),
        cmocka_unit_test(test_tcp_no_memory_for_the_ring),
        cmocka_unit_test(test_tcp_peer_ends),
        cmocka_unit_test(test_tcp_blocked_ends),
        cmocka_unit_test(test_tcp_pause_keeps_flushing),
        cmocka_unit_test(test_lossless_tcp),
        cmocka_unit_test(test_lossless_udp),
        cmocka_unit_test(test_lossless_pause),
        cmocka_unit_test(test_lossless_pause_blocked),
        cmocka_unit_test(test_bitrate),
        cmocka_unit_test(test_end_reasons_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
