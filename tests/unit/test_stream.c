/* SPDX-License-Identifier: MIT */
#include "media/stream_priv.h"
#include "media_support.h"

static void test_opens_for_the_first_closes_after_the_last(void **state)
{
    (void)state;
    begin(true, 4);
    assert_int_equal(cam.opens, 0);
    struct rx *a = watch(false, VIEWER_PACING_OFF, 0);
    struct rx *b = watch(true, VIEWER_PACING_OFF, 0);
    assert_int_equal(cam.opens, 1);
    assert_int_equal(stream_stats(stream)->viewers, 2);
    assert_int_equal(stream_get_state(stream), STREAM_IDLE);
    (void)cam_push(true, 100000);
    (void)cam_push(false, 1000);
    turn(3);
    assert_int_equal(stream_get_state(stream), STREAM_RUNNING);
    assert_int_equal(nstates, 1);
    assert_int_equal(states[0], STREAM_RUNNING);
    assert_int_equal(stream_stats(stream)->units, 2);
    assert_int_equal(stream_stats(stream)->keys, 1);
    assert_int_equal(stream_stats(stream)->bytes, 101000);
    receive(a, false);
    receive(b, true);
    assert_int_equal(a->units, 2);
    unwatch(a);
    assert_int_equal(cam.closes, 0);
    unwatch(b);
    assert_int_equal(cam.closes, 1);
    assert_int_equal(stream_get_state(stream), STREAM_IDLE);
    struct rx *c = watch(false, VIEWER_PACING_OFF, 0);
    assert_int_equal(cam.opens, 2);
    unwatch(c);
    end();
}

static void test_start_without_a_viewer(void **state)
{
    (void)state;
    begin(true, 2);
    cam.open_err = -EAGAIN;
    assert_int_equal(stream_start(stream), -EAGAIN);
    cam.open_err = 0;
    assert_int_equal(stream_start(stream), 0);
    assert_int_equal(stream_start(stream), 0);
    assert_int_equal(cam.opens, 1);
    for (unsigned i = 0; i < 20; i++) { /* without viewers they are released to the encoder */
        (void)cam_push(i == 0, 1000);
        turn(1);
    }
    turn(5);
    assert_int_equal(cam.leased, 0);
    assert_int_equal(cam.releases, 20);
    pass_us(39000000);
    assert_int_equal(cam.closes, 0);
    pass_us(2000000);
    assert_int_equal(cam.closes, 1); /* no viewer came */
    end();
}

static void test_idr_requests_are_coalesced(void **state)
{
    (void)state;
    begin(true, 4);
    stream_request_idr(stream); /* harmless while closed */
    struct rx *a = watch(false, VIEWER_PACING_OFF, 0);
    assert_int_equal(cam.idrs, 1);
    for (unsigned i = 0; i < 10; i++) {
        stream_request_idr(stream);
        turn(1);
    }
    assert_int_equal(cam.idrs, 1);
    pass_us(900000);
    assert_int_equal(cam.idrs, 1);
    pass_us(200000);
    assert_int_equal(cam.idrs, 2); /* deferred to the end of the second */
    pass_us(5000000);
    assert_int_equal(cam.idrs, 2);
    stream_request_idr(stream);
    assert_int_equal(cam.idrs, 3);
    unwatch(a);
    end();
}

static void test_lost_and_reopened(void **state)
{
    static const unsigned backoff_s[] = { 1, 2, 4, 8, 16, 30, 30 };

    (void)state;
    begin(true, 4);
    struct rx *udp = watch(false, VIEWER_PACING_OFF, 0), *tcp = watch(true, VIEWER_PACING_OFF, 30000);
    (void)cam_push(true, 100000); /* half of it stays in the TCP viewer's ring */
    turn(2);
    cam.read_err = -EPIPE;
    cam.open_err = -ENOENT;
    cam_ring();
    turn(3);
    assert_int_equal(cam.closes, 1);
    assert_int_equal(nstates, 2);
    assert_int_equal(states[1], STREAM_LOST);
    for (unsigned i = 0; i < sizeof(backoff_s) / sizeof(backoff_s[0]); i++) {
        pass_us(backoff_s[i] * UINT64_C(1000000) - 100000);
        assert_int_equal(cam.opens, 1);
        if (i + 1 < sizeof(backoff_s) / sizeof(backoff_s[0])) {
            receive(tcp, true);
            pass_us(100000);
        }
    }
    int spare = dup(0); /* its descriptor changes */
    cam.open_err = 0;
    cam.read_err = 0;
    pass_us(200000);
    close(spare);
    assert_int_equal(cam.opens, 2);
    assert_int_equal(stream_get_state(stream), STREAM_LOST);
    (void)cam_push(false, 1000);
    (void)cam_push(true, 1000);
    turn(3);
    assert_int_equal(stream_get_state(stream), STREAM_RUNNING);
    assert_int_equal(nstates, 3);
    receive(udp, false);
    receive(tcp, true);
    assert_int_equal(udp->units, 2);
    assert_int_equal(tcp->units, 2);
    assert_int_equal(udp->order[1], 2);
    assert_int_equal(tcp->cut, 0);
    assert_int_equal(udp->ended + tcp->ended, 0);
    unwatch(udp);
    unwatch(tcp);
    end();
}

static void test_loss_returns_leases(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 1000);
    turn(2);
    fault.fd = sends[0].fd;
    fault.budget = 20;
    (void)cam_push(true, 100000);
    (void)cam_push(false, 1000);
    turn(2);
    assert_int_equal(cam.leased, 2);
    cam.read_err = -EIO; /* any other error is a loss as well */
    cam_ring();
    turn(2);
    assert_int_equal(cam.closes, 1);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 2);
    unwatch(rx); /* the last viewer's removal cancels the retry */
    cam.read_err = 0;
    pass_us(3000000);
    assert_int_equal(cam.opens, 1);
    end();
}

static void test_viewer_before_the_source(void **state)
{
    (void)state;
    begin(true, 4);
    cam.open_err = -EAGAIN;
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    turn(2);
    assert_int_equal(stream_get_state(stream), STREAM_LOST);
    cam.open_err = 0;
    pass_us(1100000);
    assert_int_equal(cam.opens, 1);
    assert_int_equal(cam.idrs, 1);
    (void)cam_push(true, 1000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 1);
    unwatch(rx);
    end();
}

static void test_bad_units(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 1000);
    unsigned bad = cam_push(false, 1000);
    cam.unit[bad].codec = GB_CODEC_H265; /* not the codec declared in the PSM */
    (void)cam_push(false, 1000);         /* references it */
    unsigned sound = cam_push(false, 160);
    cam.unit[sound].kind = GB_AUDIO; /* not declared yet: not counted as lost */
    cam.unit[sound].codec = GB_CODEC_G711A;
    unsigned key = cam_push(true, 1000);
    turn(5);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(rx->order[1], key);
    assert_int_equal(stream_stats(stream)->dropped_bad, 1);
    assert_int_equal(viewer_stats(rx->v)->dropped_units, 2);
    assert_int_equal(cam.leased, 0);
    unwatch(rx);
    end();
}

static unsigned packed_units(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < STREAM_LEASES_MAX; i++)
        n += stream->feed.unit[i] != NULL;
    return n;
}

/* A lagging viewer needs a packed unit per lease; two key units later only one is spare. */
static void test_memory_of_a_lag_is_freed(void **state)
{
    (void)state;
    begin(true, 8);
    struct rx *rx = watch(false, VIEWER_PACING_OFF, 0);
    (void)cam_push(true, 3000);
    turn(2);
    fault.fd = sends[0].fd;
    fault.budget = 0;
    for (unsigned i = 0; i < 8; i++) {
        (void)cam_push(false, 3000);
        turn(2);
    }
    assert_int_equal(packed_units(), 8);
    fault.budget = UINT32_MAX;
    turn(3);
    for (unsigned i = 0; i < 3; i++) {
        (void)cam_push(true, 3000);
        turn(2);
    }
    assert_int_equal(packed_units(), 2);
    for (unsigned i = 0; i < 20; i++) {
        (void)cam_push(i % 5 == 0, 3000);
        turn(2);
    }
    assert_int_equal(packed_units(), 2);
    receive(rx, false);
    assert_int_equal(rx->units, 32);
    unwatch(rx);
    assert_int_equal(packed_units(), 0);
    end();
}

static void test_no_allocation_in_steady_state(void **state)
{
    (void)state;
    begin(true, 4);
    struct rx *a = watch(false, VIEWER_PACING_LOOP, 0), *b = watch(true, VIEWER_PACING_OFF, 0);
    for (unsigned i = 0; i < 150; i++) {
        (void)cam_push(i % 30 == 0, i % 30 == 0 ? 80000 : 9000);
        oom_fail_at(1000000); /* only counts */
        turn(1);
        pass_us(40000);
        oom_off();
        if (i > 60) /* paced units overlap: two packed units have held a key unit by now */
            assert_int_equal(oom_count(), 0);
        receive(a, false);
        receive(b, true);
    }
    assert_int_equal(a->units, 150);
    assert_int_equal(b->units, 150);
    assert_true(cam.leased_peak <= 4);
    unwatch(a);
    unwatch(b);
    end();
}

/* A complete life cycle with each allocation failing in turn. */
static bool life(void *ctx)
{
    (void)ctx;
    int fd[2] = { -1, -1 };
    struct rx *rx[2] = { rx_udp(&fd[0]), rx_tcp(&fd[1], 30000) };
    bool ok = make_stream() == 0;

    for (unsigned i = 0; i < 2; i++) {
        struct viewer_config cfg = viewer_cfg(rx[i], fd[i], i == 1);
        if (!ok || stream_add_viewer(stream, &cfg, &rx[i]->v) != 0) {
            close(fd[i]);
            rx[i]->v = NULL;
            ok = false;
        }
    }
    turn(4);
    for (unsigned i = 0; i < 2; i++) {
        receive(rx[i], i == 1);
        ok = ok && rx[i]->units > 0;
        stream_remove_viewer(stream, rx[i]->v);
        close(rx[i]->fd);
        free(rx[i]);
    }
    stream_free(stream);
    stream = NULL;
    assert_int_equal(cam.leased, 0);
    assert_int_equal(cam.opens, cam.closes);
    cam.head = 0;
    return ok;
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    cam_reset(true, 4);
    assert_int_equal(loop_new(&loop), 0);
    (void)cam_push(true, 20000);
    (void)cam_push(false, 1000);
    oom_ladder(life, NULL, 100);
    loop_free(loop);
    cam_reset(true, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens_for_the_first_closes_after_the_last),
        cmocka_unit_test(test_start_without_a_viewer),
        cmocka_unit_test(test_idr_requests_are_coalesced),
        cmocka_unit_test(test_lost_and_reopened),
        cmocka_unit_test(test_loss_returns_leases),
        cmocka_unit_test(test_viewer_before_the_source),
        cmocka_unit_test(test_bad_units),
        cmocka_unit_test(test_memory_of_a_lag_is_freed),
        cmocka_unit_test(test_no_allocation_in_steady_state),
        cmocka_unit_test(test_every_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
