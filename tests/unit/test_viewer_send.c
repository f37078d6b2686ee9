/* SPDX-License-Identifier: MIT */
/* The methods of sending over UDP, to real receivers over loopback: identical bytes from each, and the fallbacks. */
#include "media_support.h"

#include "net/net_options.h"

#define BIG         300000u /* an IDR of 215 packets */
#define BIG_PACKETS 215u

static bool have_gso;

static int setup(void **state)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0), bytes = 1412;

    (void)state;
    have_gso = setsockopt(fd, SOL_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)) == 0;
    close(fd);
    return 0;
}

static struct rx *watch_by(enum viewer_send send, enum viewer_pacing pacing)
{
    int fd;
    struct rx *rx = rx_udp(&fd);
    struct viewer_config cfg = viewer_cfg(rx, fd, false);

    if (send == VIEWER_SEND_GSO && !have_gso)
        skip_because("this kernel has no GSO");
    cfg.send = send;
    cfg.pacing = pacing;
    assert_int_equal(stream_add_viewer(stream, &cfg, &rx->v), 0);
    return rx;
}

/* Sends a first, small unit; from here on faults apply to this viewer. */
static struct rx *started_by(enum viewer_send send, enum viewer_pacing pacing)
{
    begin(true, 8);
    struct rx *rx = watch_by(send, pacing);
    (void)cam_push(true, 1000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 1);
    fault.fd = sends[0].fd;
    nsends = 0;
    return rx;
}

static int segment_size(const struct rx *rx)
{
    int bytes = -1, fd = sends[0].fd;
    socklen_t len = sizeof(bytes);

    (void)rx;
    assert_int_equal(getsockopt(fd, SOL_UDP, UDP_SEGMENT, &bytes, &len), 0);
    return bytes;
}

/* Every length around a packet and a PES boundary; take_apart compares the bytes. */
static void same_bytes(enum viewer_send send)
{
    begin(true, 8);
    struct rx *rx = watch_by(send, VIEWER_PACING_OFF);
    unsigned n = 0;

    for (size_t len = 1; len < 70000; len += len < 3000 ? 97 : len > 64200 && len < 65900 ? 11 : 4001) {
        (void)cam_push(n % 10 == 0, len);
        turn(2);
        collect_udp(rx);
        n++;
        if (rx->len > sizeof(rx->buf) / 2) {
            take_apart(rx);
            rx->len = rx->seen = 0;
        }
    }
    for (size_t len = BIG; len <= 1000000; len += 350000) {
        take_apart(rx);
        rx->len = rx->seen = 0;
        (void)cam_push(true, len);
        turn(2);
        collect_udp(rx);
        n++;
    }
    take_apart(rx);
    assert_int_equal(rx->units, n);
    assert_int_equal(rx->cut, 0);
    const struct viewer_stats *st = viewer_stats(rx->v);
    assert_int_equal(st->units, n);
    assert_int_equal(st->packets, rx->packets);
    assert_int_equal(st->send_errors, 0);
    assert_int_equal(st->dropped_units, 0);
    if (send == VIEWER_SEND_MSG)
        assert_int_equal(st->send_calls, st->packets);
    else
        assert_true(st->send_calls <= n + 4); /* one per unit; the two largest need more with GSO */
    unwatch(rx);
    end();
}

static void test_by_mmsg(void **state)
{
    (void)state;
    same_bytes(VIEWER_SEND_MMSG);
}

static void test_by_gso(void **state)
{
    (void)state;
    same_bytes(VIEWER_SEND_GSO);
}

static void test_by_msg(void **state)
{
    (void)state;
    same_bytes(VIEWER_SEND_MSG);
}

static void test_gso_takes_46_packets(void **state)
{
    (void)state;
    struct rx *rx = started_by(VIEWER_SEND_GSO, VIEWER_PACING_OFF);
    (void)cam_push(true, BIG);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(rx->packets, 1 + BIG_PACKETS);
    assert_int_equal(nsends, 1);
    assert_int_equal(sends[0].npkt, 5); /* messages: 215 / 46 */
    unwatch(rx);
    end();
}

static void test_gso_partial_counts(void **state)
{
    (void)state;
    struct rx *rx = started_by(VIEWER_SEND_GSO, VIEWER_PACING_OFF);
    fault.take_max = 2;
    (void)cam_push(true, BIG);
    (void)cam_push(false, 50000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_true(nsends >= 3);
    fault.take_max = 0;
    fault.budget = 1; /* messages, then EAGAIN */
    (void)cam_push(true, BIG);
    turn(1);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    fault.budget = UINT32_MAX;
    turn(3);
    receive(rx, false);
    assert_int_equal(rx->units, 4);
    assert_int_equal(viewer_stats(rx->v)->dropped_packets, 0);
    unwatch(rx);
    end();
}

/* A fallback in the first call of a unit, and within a unit: nothing is lost or sent twice, and it is permanent. */
static void test_gso_falls_back(void **state)
{
    static const int errors[] = { EIO, EINVAL, EMSGSIZE };

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct rx *rx = started_by(VIEWER_SEND_GSO, VIEWER_PACING_OFF);
        fault.take_max = i % 2 ? 2 : 0;
        fault.err_after = i % 2;
        fault.err = errors[i / 2];
        fault.err_count = 1;
        (void)cam_push(true, BIG);
        turn(2);
        fault_off();
        receive(rx, false);
        assert_int_equal(rx->units, 2);
        assert_int_equal(rx->packets, 1 + BIG_PACKETS);
        assert_int_equal(segment_size(rx), 0);
        nsends = 0;
        (void)cam_push(false, 50000);
        turn(2);
        receive(rx, false);
        assert_int_equal(rx->units, 3);
        assert_int_equal(nsends, 1);
        assert_int_equal(sends[0].npkt, 36); /* one packet per message again */
        assert_int_equal(viewer_stats(rx->v)->send_errors, 0);
        assert_int_equal(viewer_stats(rx->v)->dropped_units, 0);
        unwatch(rx);
        end();
    }
}

static void test_no_sendmmsg(void **state)
{
    (void)state;
    struct rx *rx = started_by(VIEWER_SEND_MMSG, VIEWER_PACING_OFF);
    fault.err = ENOSYS;
    fault.err_count = 1;
    (void)cam_push(true, BIG);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(nsends, 1 + BIG_PACKETS);
    fault.err = EAGAIN; /* also waits for a full socket with one packet per call */
    fault.err_count = 1;
    fault.err_after = 10;
    (void)cam_push(true, BIG);
    turn(4);
    receive(rx, false);
    assert_int_equal(rx->units, 3);
    assert_int_equal(viewer_stats(rx->v)->send_errors, 0);
    unwatch(rx);
    end();
}

/* Paced by the loop: four bursts, one call each, none longer than a quarter. */
static void test_gso_paced(void **state)
{
    (void)state;
    struct rx *rx = started_by(VIEWER_SEND_GSO, VIEWER_PACING_LOOP);
    (void)cam_push(true, BIG);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->packets, 1 + 54);
    for (unsigned i = 0; i < 4; i++)
        pass_us(6000);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(nsends, 4);
    unwatch(rx);
    end();
}

/* Paced by the kernel: the rate is set once, messages are short, the viewer does not wait. */
static void test_kernel_paced(void **state)
{
    (void)state;
    struct rx *rx = started_by(VIEWER_SEND_GSO, VIEWER_PACING_KERNEL);
    int fd = sends[0].fd;
    (void)cam_push(true, BIG);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    unsigned rate = 0;
    socklen_t len = sizeof(rate);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len), 0);
    if (!getenv("GBAGENT_EMULATED"))                 /* qemu-user does not support the option */
        assert_in_range(rate, BIG * 50u, BIG * 52u); /* in half of 40 ms */
    for (unsigned i = 0; i < nsends; i++)
        assert_in_range(sends[i].npkt, 1, 8);
    assert_in_range(nsends, 4, 5); /* 27 messages of 8 packets */
    unwatch(rx);
    end();
}

static void test_buffer_grows(void **state)
{
    int fd, before = 0, after = 0;
    socklen_t len = sizeof(before);

    (void)state;
    begin(true, 8);
    struct rx *rx = watch_by(VIEWER_SEND_MMSG, VIEWER_PACING_OFF);
    (void)cam_push(true, 1000);
    turn(2);
    fd = sends[0].fd;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &before, &len), 0);
    (void)cam_push(true, 1000000);
    turn(2);
    receive(rx, false);
    assert_int_equal(rx->units, 2);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &after, &len), 0);
    assert_true(after > before); /* up to the system's limit */
    unwatch(rx);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_mmsg),
        cmocka_unit_test(test_by_gso),
        cmocka_unit_test(test_by_msg),
        cmocka_unit_test(test_gso_takes_46_packets),
        cmocka_unit_test(test_gso_partial_counts),
        cmocka_unit_test(test_gso_falls_back),
        cmocka_unit_test(test_no_sendmmsg),
        cmocka_unit_test(test_gso_paced),
        cmocka_unit_test(test_kernel_paced),
        cmocka_unit_test(test_buffer_grows),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
