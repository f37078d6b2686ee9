/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "sys/clock.h"
#include "sys/loop.h"

static struct addr text_addr(const char *s)
{
    struct addr a;

    assert_int_equal(addr_parse(&a, span_of(s), 0), 0);
    return a;
}

static void test_sockaddr(void **state)
{
    struct addr v4 = text_addr("192.0.2.7:5060"), v6 = text_addr("[2001:db8::1]:15060"), back;
    struct sockaddr_storage ss;
    struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = htons(5060) };
    struct sockaddr other = { .sa_family = AF_UNIX };
    socklen_t len;

    (void)state;
    net_addr_to_sa(&v4, &ss, &len);
    assert_int_equal(len, sizeof(struct sockaddr_in));
    assert_int_equal(ss.ss_family, AF_INET);
    assert_int_equal(net_addr_from_sa((struct sockaddr *)&ss, &back), 0);
    assert_true(addr_same(&v4, &back));
    net_addr_to_sa(&v6, &ss, &len);
    assert_int_equal(len, sizeof(struct sockaddr_in6));
    assert_int_equal(net_addr_from_sa((struct sockaddr *)&ss, &back), 0);
    assert_true(addr_same(&v6, &back));
    memcpy(mapped.sin6_addr.s6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x07", 16);
    assert_int_equal(net_addr_from_sa((struct sockaddr *)&mapped, &back), 0);
    assert_int_equal(back.family, ADDR_V4);
    assert_true(addr_same(&v4, &back));
    assert_int_equal(net_addr_from_sa(&other, &back), -EAFNOSUPPORT);
}

/* Every even port of a small range is used, then none is left. */
static void test_port_range(void **state)
{
    struct net_bind b = { .addr = text_addr("127.0.0.1"), .even = true };
    struct addr local;
    int probe, fd[3];
    unsigned seen = 0;

    (void)state;
    for (unsigned base = 41001; base < 60000; base += 100) {
        b.port_min = (uint16_t)base;
        b.port_max = (uint16_t)(base + 6); /* 3 even ports: base + 1, + 3, + 5 */
        for (unsigned i = 0; i < 3; i++)
            fd[i] = net_udp_open(&b);
        probe = net_udp_open(&b);
        if (fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0)
            break; /* a range that no other process uses */
        for (unsigned i = 0; i < 3; i++)
            if (fd[i] >= 0)
                close(fd[i]);
    }
    assert_int_equal(probe, -EADDRINUSE);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(net_local(fd[i], &local), 0);
        assert_true(local.port % 2 == 0 && local.port >= b.port_min && local.port <= b.port_max);
        seen |= 1u << (local.port - b.port_min);
        close(fd[i]);
    }
    assert_int_equal(seen, 1u << 1 | 1u << 3 | 1u << 5);
    b.port_min = 4001;
    b.port_max = 4001; /* no even port in it */
    assert_int_equal(net_udp_open(&b), -EADDRINUSE);
}

static void test_flags_and_families(void **state)
{
    struct net_bind v6 = { .family = ADDR_V6 }, none = { .port_min = 1 },
                    ghost = { .family = ADDR_V4, .interface = "no-such-if0" };
    struct net_bind lo = { .family = ADDR_V4, .interface = "127.0.0.1" };
    struct addr local;
    int fd;

    (void)state;
    assert_int_equal(net_udp_open(&none), -EAFNOSUPPORT);
    assert_int_equal(net_udp_open(&ghost), -ENODEV);
    fd = net_udp_open(&lo);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(net_local(fd, &local), 0);
    assert_int_equal(addr_classify(&local), ADDR_LOOPBACK);
    assert_int_not_equal(local.port, 0);
    close(fd);
    fd = net_udp_open(&v6);
    if (fd == -EAFNOSUPPORT)
        return;
    assert_true(fd >= 0);
    assert_int_equal(net_local(fd, &local), 0);
    assert_int_equal(local.family, ADDR_V6);
    close(fd);
}

/* The kernel needs a descriptor before it checks for pending connections: the spare one is still available after
 * that. */
static void test_accept_keeps_the_spare(void **state)
{
    const struct net_bind b = { .addr = text_addr("127.0.0.1") };
    struct rlimit old, none;
    struct addr server;
    struct loop *l;
    int lfd, cfd, next, afd;

    (void)state;
    lfd = net_tcp_listen(&b);
    cfd = net_tcp_open(&b);
    assert_true(lfd >= 0 && cfd >= 0);
    assert_int_equal(net_local(lfd, &server), 0);
    assert_int_equal(loop_new(&l), 0);
    next = dup(lfd);
    assert_true(next >= 0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(net_accept(l, lfd, NULL), -EAGAIN);
    assert_int_equal(dup(lfd), -1); /* reserved meanwhile */
    (void)net_connect(cfd, &server);
    assert_int_equal(poll(&(struct pollfd){ .fd = lfd, .events = POLLIN }, 1, 2000), 1);
    afd = net_accept(l, lfd, NULL);
    assert_true(afd >= 0);
    assert_int_equal(net_accept(l, lfd, NULL), -EMFILE);
    close(afd);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    close(cfd);
    close(lfd);
    loop_free(l);
}

static void test_tcp(void **state)
{
    struct net_bind b = { .addr = text_addr("127.0.0.1") };
    struct addr server, from, client;
    struct loop *l;
    struct pollfd p;
    int lfd, cfd, afd, value = 0, err;
    socklen_t len = sizeof(value);

    (void)state;
    lfd = net_tcp_listen(&b);
    assert_true(lfd >= 0);
    assert_int_equal(loop_new(&l), 0);
    assert_int_equal(net_accept(l, lfd, &from), -EAGAIN);
    assert_int_equal(net_local(lfd, &server), 0);
    cfd = net_tcp_open(&b);
    assert_true(cfd >= 0);
    assert_int_equal(net_local(cfd, &client), 0);
    assert_int_not_equal(client.port, 0); /* known before it connects: the SDP answer names it */
    err = net_connect(cfd, &server);
    assert_true(err == 0 || err == -EINPROGRESS);
    p = (struct pollfd){ .fd = cfd, .events = POLLOUT };
    assert_int_equal(poll(&p, 1, 2000), 1);
    assert_int_equal(net_error(cfd), 0);
    afd = net_accept(l, lfd, &from);
    assert_true(afd >= 0);
    assert_true(addr_same(&from, &client));
    net_tcp_tune(cfd, NET_SIP_TIMEOUT_MS);
    assert_int_equal(getsockopt(cfd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
    assert_int_not_equal(value, 0);
    assert_int_equal(getsockopt(cfd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
    assert_int_not_equal(value, 0);
    assert_int_equal(getsockopt(cfd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &len), 0);
    assert_int_equal(value, NET_SIP_TIMEOUT_MS);
    close(afd);
    close(cfd);
    close(lfd);
    loop_free(l);
    cfd = net_tcp_open(&b);
    assert_true(cfd >= 0);
    err = net_connect(cfd, &server); /* the port is closed now */
    if (err == -EINPROGRESS) {
        p = (struct pollfd){ .fd = cfd, .events = POLLOUT };
        assert_int_equal(poll(&p, 1, 2000), 1);
        err = net_error(cfd);
    }
    assert_int_equal(err, -ECONNREFUSED);
    close(cfd);
}

static void test_probe_finds_the_local_address(void **state)
{
    struct addr to = text_addr("127.0.0.1:5060"), local;

    (void)state;
    assert_int_equal(net_probe_local(&to, "", &local), 0);
    assert_int_equal(addr_classify(&local), ADDR_LOOPBACK);
    assert_int_equal(local.port, 0);
    to = text_addr("127.0.0.1"); /* a port is not needed */
    assert_int_equal(net_probe_local(&to, NULL, &local), 0);
}

/* 2026-08-06T04:34:56Z is accepted; the time of a dead RTC or an invalid Date is not. */
static void test_credible_time(void **state)
{
    const int64_t now = INT64_C(1785990896000);
    int64_t move = 1;

    (void)state;
    assert_int_equal(clock_difference(now, now + 400, &move), 0);
    assert_int_equal(move, 0);
    assert_int_equal(clock_difference(now, 0, &move), 0);
    assert_int_equal(move, now);
    assert_int_equal(clock_difference(now, now + 5000, &move), 0);
    assert_int_equal(move, -5000);
    assert_int_equal(clock_difference(0, now, &move), -ERANGE);
    assert_int_equal(clock_difference(INT64_C(253402300799000), now, &move), -ERANGE); /* 9999 */
    assert_int_equal(clock_difference(INT64_MIN, now, &move), -ERANGE);
    assert_int_equal(clock_difference(INT64_MAX, now, &move), -ERANGE);
}

static void test_pair_has_an_even_rtp_port_and_the_next(void **state)
{
    struct net_bind any = { .family = ADDR_V4, .even = true };
    struct net_bind narrow = { .family = ADDR_V4, .even = true };
    struct addr a, b;
    int rtcp, fd, fd2, rtcp2;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        fd = net_udp_pair(&any, &rtcp);
        assert_true(fd >= 0 && rtcp >= 0);
        assert_int_equal(net_local(fd, &a), 0);
        assert_int_equal(net_local(rtcp, &b), 0);
        assert_int_equal(a.port % 2, 0);
        assert_int_equal(b.port, a.port + 1);
        narrow.port_min = a.port;
        narrow.port_max = b.port;
        close(fd);
        close(rtcp);
    }
    fd = net_udp_pair(&narrow, &rtcp); /* the range holds one pair */
    assert_true(fd >= 0 && rtcp >= 0);
    assert_int_equal(net_udp_pair(&narrow, &rtcp2), -EADDRINUSE);
    close(fd);
    fd2 = net_udp_pair(&narrow, &rtcp2); /* the next port is in use: media nevertheless */
    assert_true(fd2 >= 0 && rtcp2 == -1);
    close(fd2);
    close(rtcp);
    narrow.port_max = narrow.port_min; /* and no port outside the range is used */
    fd = net_udp_pair(&narrow, &rtcp);
    assert_true(fd >= 0 && rtcp == -1);
    close(fd);
}

static void test_dscp(void **state)
{
    struct net_bind v4 = { .family = ADDR_V4 }, v6 = { .family = ADDR_V6 };
    int fd = net_udp_open(&v4), tos = 0;
    socklen_t len = sizeof(tos);

    (void)state;
    net_dscp(fd, 34); /* AF41 */
    assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_TOS, &tos, &len), 0);
    assert_int_equal(tos, 0x88);
    close(fd);
    fd = net_udp_open(&v6);
    if (fd < 0)
        skip_because("no IPv6");
    net_dscp(fd, 46);
    len = sizeof(tos);
    assert_int_equal(getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, &len), 0);
    assert_int_equal(tos, 0xB8);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockaddr),
        cmocka_unit_test(test_port_range),
        cmocka_unit_test(test_pair_has_an_even_rtp_port_and_the_next),
        cmocka_unit_test(test_dscp),
        cmocka_unit_test(test_flags_and_families),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_accept_keeps_the_spare),
        cmocka_unit_test(test_probe_finds_the_local_address),
        cmocka_unit_test(test_credible_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
