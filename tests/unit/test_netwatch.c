/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/netwatch.h"

static unsigned calls;

static void on_change(void *arg)
{
    assert_ptr_equal(arg, &calls);
    calls++;
}

static void loopback(bool up)
{
    struct ifreq r = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &r), 0);
    r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
    close(fd);
}

/* In its own network namespace: an interface that comes up changes link, addresses and routes, but causes only one
 * call. */
static void test_changes(void **state)
{
    struct netwatch n;
    struct loop *l;

    (void)state;
    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        skip_because("network namespaces are not permitted");
    assert_int_equal(loop_new(&l), 0);
    assert_int_equal(netwatch_open(&n, l, on_change, &calls), 0);
    assert_int_equal(loop_turn(l, 20000), 0);
    assert_int_equal(calls, 0);
    for (unsigned round = 1; round <= 2; round++) {
        loopback(round == 1);
        for (int i = 0; i < 30 && calls < round; i++)
            assert_int_equal(loop_turn(l, 100000), 0);
        assert_int_equal(calls, round);
    }
    loopback(true);
    assert_int_equal(loop_turn(l, 20000), 0);
    netwatch_close(&n); /* while a call is pending */
    assert_int_equal(loop_turn(l, 20000), 0);
    assert_int_equal(calls, 2);
    loop_free(l);
}

static void test_close_without_open(void **state)
{
    struct netwatch n = { .watch = { .fd = -1 } };

    (void)state;
    netwatch_close(&n);
    assert_null(n.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_close_without_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
