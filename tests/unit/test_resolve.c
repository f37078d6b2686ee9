/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <netdb.h>
#include <unistd.h>

#include "net/resolve.h"

static unsigned calls;
static int last_err;

static void on_done(struct resolve *r, int err, void *arg)
{
    (void)r;
    assert_ptr_equal(arg, &calls);
    calls++;
    last_err = err;
}

static void wait_call(struct loop *l)
{
    unsigned before = calls;

    for (int i = 0; i < 200 && calls == before; i++)
        assert_int_equal(loop_turn(l, 100000), 0);
    assert_int_equal(calls, before + 1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child left */
}

static void test_literals(void **state)
{
    struct resolve r;
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    calls = 0;
    assert_int_equal(resolve_start(&r, "192.0.2.9", 5061, on_done, &calls), 1);
    assert_int_equal(r.naddr, 1);
    assert_int_equal(r.addr[0].port, 5061);
    assert_memory_equal(r.addr[0].ip, "\xc0\x00\x02\x09", 4);
    assert_int_equal(resolve_start(&r, "[2001:db8::5]", 5060, on_done, &calls), 1);
    assert_int_equal(r.addr[0].family, ADDR_V6);
    assert_int_equal(resolve_start(&r, "", 5060, on_done, &calls), -EINVAL);
    assert_int_equal(resolve_start(&r, "192.168.1.300", 5060, on_done, &calls), -EINVAL); /* not looked up */
    assert_int_equal(calls, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    resolve_free(&r);
    loop_free(l);
}

/* Without descriptors for the pipe it fails immediately and leaks nothing. */
static void test_no_descriptors(void **state)
{
    struct rlimit old, none;
    struct resolve r;
    struct loop *l;
    int fd;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    fd = dup(0);
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    for (int more = 0; more < 2; more++) { /* one descriptor is not enough for the pipe */
        none.rlim_cur = (rlim_t)(fd + more);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        assert_int_equal(resolve_start(&r, "localhost", 5060, on_done, &calls), -EMFILE);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(dup(0), fd);
    close(fd);
    resolve_free(&r);
    loop_free(l);
}

/* A chroot made by debootstrap has no /etc/hosts. */
static bool localhost_is_known(void)
{
    struct addrinfo *list = NULL;
    int err = getaddrinfo("localhost", NULL, NULL, &list);

    if (!err)
        freeaddrinfo(list);
    return !err;
}

static void test_name(void **state)
{
    struct resolve r;
    struct loop *l;
    bool loopback = false;

    (void)state;
    if (!localhost_is_known())
        skip_because("localhost is unknown: no /etc/hosts");
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    calls = 0;
    assert_int_equal(resolve_start(&r, "localhost", 5062, on_done, &calls), 0);
    assert_int_equal(calls, 0); /* never called from within resolve_start */
    wait_call(l);
    assert_int_equal(last_err, 0);
    assert_true(r.naddr >= 1 && r.naddr <= RESOLVE_ADDRS_MAX);
    for (unsigned i = 0; i < r.naddr; i++) {
        assert_int_equal(r.addr[i].port, 5062);
        loopback |= addr_classify(&r.addr[i]) == ADDR_LOOPBACK;
    }
    assert_true(loopback);
    resolve_free(&r);
    loop_free(l);
}

/* RFC 6761: .invalid never exists. */
static void test_no_such_name(void **state)
{
    struct resolve r;
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    calls = 0;
    assert_int_equal(resolve_start(&r, "nothing.invalid", 5060, on_done, &calls), 0);
    wait_call(l);
    assert_true(last_err < 0);
    assert_int_equal(r.naddr, 0);
    resolve_free(&r);
    loop_free(l);
}

static void test_last_good_answer(void **state)
{
    struct addr good = { .family = ADDR_V4, .port = 5060, .ip = { 192, 0, 2, 1 } };
    struct resolve r;
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    calls = 0;
    assert_int_equal(resolve_start(&r, "nothing.invalid", 5060, on_done, &calls), 0);
    r.good[0] = good; /* as if it had been found before */
    r.ngood = 1;
    wait_call(l);
    assert_int_equal(last_err, 0);
    assert_true(r.stale);
    assert_int_equal(r.naddr, 1);
    assert_true(addr_same(&r.addr[0], &good));
    assert_int_equal(resolve_start(&r, "other.invalid", 5060, on_done, &calls), 0);
    wait_call(l);
    assert_true(last_err < 0); /* another name has no good answer */
    resolve_free(&r);
    loop_free(l);
}

static void test_given_up(void **state)
{
    struct resolve r;
    struct loop *l;

    (void)state;
    assert_int_equal(loop_new(&l), 0);
    resolve_init(&r, l);
    calls = 0;
    assert_int_equal(resolve_start(&r, "localhost", 5060, on_done, &calls), 0);
    assert_int_equal(resolve_start(&r, "localhost", 5060, on_done, &calls), 0);
    resolve_free(&r);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(loop_turn(l, 20000), 0);
    assert_int_equal(calls, 0);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),     cmocka_unit_test(test_no_descriptors),   cmocka_unit_test(test_name),
        cmocka_unit_test(test_no_such_name), cmocka_unit_test(test_last_good_answer), cmocka_unit_test(test_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
