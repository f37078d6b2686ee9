/* SPDX-License-Identifier: MIT */
/* In its own network namespace; skipped if not permitted, or without tc. */
#include "tests/unit/support.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"
#include "tests/unit/run_command.h"

static bool in_namespace;

static int setup(void **state)
{
    (void)state;
    in_namespace = unshare(CLONE_NEWNET) == 0 && RUN("ip", "link", "set", "lo", "up") == 0;
    return 0;
}

static void test_reads_the_queue(void **state)
{
    struct addr v4 = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } }, v6 = { .family = ADDR_V6, .ip = { [15] = 1 } };
    struct addr nowhere = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };

    (void)state;
    if (!in_namespace)
        skip_because("network namespaces are not permitted, or ip is missing");
    assert_false(net_route_fq(&v4)); /* noqueue */
    assert_false(net_route_fq(&nowhere));
    if (RUN("tc", "qdisc", "replace", "dev", "lo", "root", "pfifo") != 0)
        skip_because("tc is missing");
    assert_false(net_route_fq(&v4));
    if (RUN("tc", "qdisc", "replace", "dev", "lo", "root", "fq_codel") == 0)
        assert_false(net_route_fq(&v4)); /* does not pace, despite its name */
    if (RUN("tc", "qdisc", "replace", "dev", "lo", "root", "fq") != 0)
        skip_because("this kernel has no fq");
    assert_true(net_route_fq(&v4));
    assert_true(net_route_fq(&v6));
    assert_false(net_route_fq(&nowhere));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_reads_the_queue) };

    return cmocka_run_group_tests(tests, setup, NULL);
}
