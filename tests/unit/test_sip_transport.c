/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/net.h"
#include "net/sip_transport.h"

static const char message[] = "OPTIONS sip:34020000001320000001@127.0.0.1 SIP/2.0\r\n"
                              "Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
                              "Content-Length: 5\r\n"
                              "\r\n"
                              "hello";
#define MESSAGE_LEN (sizeof(message) - 1)

struct rig {
    struct loop *loop;
    struct sip_transports *t;
    struct sip_link_config cfg;
    uint32_t link;
    int peer; /* the platform's side */
    int listener;
    struct addr server;
    unsigned messages, connected, down;
    bool close_in_message;
    char why[64];
    char last[200];
    size_t last_len;
    struct addr from;
};

static void on_message(void *arg, const struct sip_input *in)
{
    struct rig *r = arg;

    assert_int_equal(in->link, r->link);
    r->messages++;
    r->from = in->from;
    r->last_len = in->len;
    memcpy(r->last, in->data, in->len < sizeof(r->last) ? in->len : sizeof(r->last));
    if (r->close_in_message)
        sip_transport_close(r->t, in->link);
    /* Still readable after the close. */
    assert_memory_equal(in->data, "OPTIONS", 7);
}

static void on_connected(void *arg, uint32_t link)
{
    struct rig *r = arg;

    assert_int_equal(link, r->link);
    r->connected++;
}

static void on_down(void *arg, uint32_t link, const char *why)
{
    struct rig *r = arg;

    assert_int_equal(link, r->link);
    r->down++;
    snprintf(r->why, sizeof(r->why), "%s", why);
    sip_transport_close(r->t, link); /* harmless */
}

static const struct sip_transport_ops ops = { on_message, on_connected, on_down };

static void turn_until(struct rig *r, const unsigned *counter, unsigned value)
{
    for (int i = 0; i < 300 && *counter < value; i++)
        assert_int_equal(loop_turn(r->loop, 10000), 0);
    assert_int_equal(*counter, value);
}

static void setup(struct rig *r, enum sip_transport transport)
{
    struct net_bind b = { .addr = { .family = ADDR_V4, .ip = { 127, 0, 0, 1 } } };

    memset(r, 0, sizeof(*r));
    r->peer = r->listener = -1;
    assert_int_equal(loop_new(&r->loop), 0);
    assert_int_equal(sip_transport_new(r->loop, &ops, r, &r->t), 0);
    if (transport == SIP_UDP) {
        r->peer = net_udp_open(&b);
        assert_int_equal(net_local(r->peer, &r->server), 0);
    } else {
        r->listener = net_tcp_listen(&b);
        assert_int_equal(net_local(r->listener, &r->server), 0);
    }
    r->cfg = (struct sip_link_config){ .transport = transport, .server = r->server, .interface = "" };
    assert_int_equal(sip_transport_open(r->t, &r->cfg, &r->link), 0);
    assert_int_not_equal(r->link, 0);
    if (transport == SIP_TCP) {
        struct addr from;

        assert_int_equal(r->connected, 0);
        turn_until(r, &r->connected, 1);
        r->peer = net_accept(r->loop, r->listener, &from);
        assert_true(r->peer >= 0);
    }
}

static void teardown(struct rig *r)
{
    sip_transport_free(r->t);
    loop_free(r->loop);
    if (r->peer >= 0)
        close(r->peer);
    if (r->listener >= 0)
        close(r->listener);
}

static void peer_sends(const struct rig *r, const char *data, size_t len)
{
    struct sockaddr_storage ss;
    struct addr to;
    socklen_t sslen;

    assert_int_equal(sip_transport_local(r->t, r->link, &to), 0);
    to.ip[0] = 127;
    to.ip[3] = 1;
    net_addr_to_sa(&to, &ss, &sslen);
    assert_int_equal(sendto(r->peer, data, len, 0, (struct sockaddr *)&ss, sslen), len);
}

static void test_udp(void **state)
{
    struct rig r;
    char got[32];

    (void)state;
    setup(&r, SIP_UDP);
    assert_int_equal(sip_transport_send(r.t, r.link, &r.server, "REGISTER", 8), 0);
    assert_int_equal(recv(r.peer, got, sizeof(got), 0), 8);
    peer_sends(&r, "\r\n\r\n", 4); /* not a message */
    peer_sends(&r, message, MESSAGE_LEN);
    turn_until(&r, &r.messages, 1);
    assert_int_equal(r.last_len, MESSAGE_LEN);
    assert_true(addr_same(&r.from, &r.server));
    assert_int_equal(sip_transport_send(r.t, r.link + 1, &r.server, "x", 1), -ENOTCONN);
    sip_transport_close(r.t, r.link);
    assert_int_equal(sip_transport_send(r.t, r.link, &r.server, "x", 1), -ENOTCONN);
    sip_transport_close(r.t, r.link);
    teardown(&r);
}

/* One turn takes 32; a flood leaves room for the rest of the loop. */
static void test_udp_flood(void **state)
{
    struct rig r;

    (void)state;
    setup(&r, SIP_UDP);
    for (int i = 0; i < 50; i++)
        peer_sends(&r, message, MESSAGE_LEN);
    assert_int_equal(loop_turn(r.loop, 100000), 0);
    assert_int_equal(r.messages, SIP_TRANSPORT_DATAGRAMS);
    turn_until(&r, &r.messages, 50);
    teardown(&r);
}

static void test_udp_closed_by_its_own_message(void **state)
{
    struct rig r;

    (void)state;
    setup(&r, SIP_UDP);
    r.close_in_message = true;
    peer_sends(&r, message, MESSAGE_LEN);
    peer_sends(&r, message, MESSAGE_LEN);
    turn_until(&r, &r.messages, 1);
    assert_int_equal(loop_turn(r.loop, 10000), 0);
    assert_int_equal(r.messages, 1);
    teardown(&r);
}

static void test_udp_shared_port(void **state)
{
    struct sip_link_config cfg;
    uint32_t a, b, c;
    struct addr local;
    struct rig r;

    (void)state;
    setup(&r, SIP_UDP);
    assert_int_equal(sip_transport_local(r.t, r.link, &local), 0);
    sip_transport_close(r.t, r.link);
    cfg = r.cfg;
    cfg.local_port = local.port; /* was just free */
    assert_int_equal(sip_transport_open(r.t, &cfg, &a), 0);
    assert_int_equal(sip_transport_open(r.t, &cfg, &b), 0);
    assert_int_equal(a, b);
    cfg.local_port = 0;
    assert_int_equal(sip_transport_open(r.t, &cfg, &c), 0);
    assert_int_not_equal(a, c);
    sip_transport_close(r.t, a);
    assert_int_equal(sip_transport_local(r.t, a, &local), 0); /* the second owner still has it */
    sip_transport_close(r.t, a);
    assert_int_equal(sip_transport_local(r.t, a, &local), -ENOENT);
    teardown(&r);
}

/* Split at every position, and all at once. */
static void test_tcp_segments(void **state)
{
    char three[3 * MESSAGE_LEN + 4];
    struct rig r;

    (void)state;
    setup(&r, SIP_TCP);
    for (size_t cut = 1; cut < MESSAGE_LEN; cut += 13) {
        unsigned before = r.messages;

        assert_int_equal(send(r.peer, message, cut, 0), cut);
        assert_int_equal(loop_turn(r.loop, 20000), 0);
        assert_int_equal(r.messages, before);
        assert_int_equal(send(r.peer, message + cut, MESSAGE_LEN - cut, 0), MESSAGE_LEN - cut);
        turn_until(&r, &r.messages, before + 1);
        assert_int_equal(r.last_len, MESSAGE_LEN);
        assert_memory_equal(r.last, message, MESSAGE_LEN);
    }
    memcpy(three, message, MESSAGE_LEN);
    memcpy(three + MESSAGE_LEN, "\r\n\r\n", 4);
    memcpy(three + MESSAGE_LEN + 4, message, MESSAGE_LEN);
    memcpy(three + 2 * MESSAGE_LEN + 4, message, MESSAGE_LEN);
    r.messages = 0;
    assert_int_equal(send(r.peer, three, sizeof(three), 0), sizeof(three));
    turn_until(&r, &r.messages, 3);
    assert_true(addr_same(&r.from, &r.server));
    assert_int_equal(r.down, 0);
    teardown(&r);
}

static void test_tcp_closed_by_its_own_message(void **state)
{
    char two[2 * MESSAGE_LEN];
    struct rig r;

    (void)state;
    setup(&r, SIP_TCP);
    memcpy(two, message, MESSAGE_LEN);
    memcpy(two + MESSAGE_LEN, message, MESSAGE_LEN);
    r.close_in_message = true;
    assert_int_equal(send(r.peer, two, sizeof(two), 0), sizeof(two));
    turn_until(&r, &r.messages, 1);
    assert_int_equal(loop_turn(r.loop, 10000), 0);
    assert_int_equal(r.messages, 1);
    assert_int_equal(r.down, 0);
    teardown(&r);
}

static void test_tcp_down(void **state)
{
    struct rig r;

    (void)state;
    setup(&r, SIP_TCP);
    close(r.peer);
    r.peer = -1;
    turn_until(&r, &r.down, 1);
    assert_string_equal(r.why, "closed by peer");
    assert_int_equal(sip_transport_send(r.t, r.link, &r.server, "x", 1), -ENOTCONN);
    teardown(&r);

    setup(&r, SIP_TCP); /* not SIP: no message boundaries */
    assert_int_equal(send(r.peer, "OPTIONS sip:a SIP/2.0\r\nFoo: bar\r\n\r\n", 36, 0), 36);
    turn_until(&r, &r.down, 1);
    teardown(&r);
}

static void test_tcp_refused(void **state)
{
    uint32_t again;
    struct rig r;

    (void)state;
    setup(&r, SIP_TCP);
    sip_transport_close(r.t, r.link);
    close(r.listener);
    r.listener = -1;
    assert_int_equal(sip_transport_open(r.t, &r.cfg, &again), 0);
    r.link = again;
    assert_int_equal(sip_transport_send(r.t, again, &r.server, "x", 1), -ENOTCONN);
    turn_until(&r, &r.down, 1);
    assert_string_equal(r.why, strerror(ECONNREFUSED));
    assert_int_equal(r.connected, 1);
    teardown(&r);
}

/* A peer that does not read: the queue is bounded, in order, and complete once it reads again. */
static void test_tcp_queue(void **state)
{
    static char chunk[8192];
    size_t accepted = 0, got = 0;
    char buf[16384];
    struct rig r;
    int err;

    (void)state;
    setup(&r, SIP_TCP);
    for (unsigned i = 0; i < 4096; i++) {
        for (size_t j = 0; j < sizeof(chunk); j++)
            chunk[j] = (char)('a' + (accepted + j) % 23);
        err = sip_transport_send(r.t, r.link, &r.server, chunk, sizeof(chunk));
        if (err)
            break;
        accepted += sizeof(chunk);
    }
    assert_int_equal(err, -ENOBUFS);
    for (int idle = 0; got < accepted && idle < 500;) {
        ssize_t n = recv(r.peer, buf, sizeof(buf), 0);

        assert_int_equal(loop_turn(r.loop, 1000), 0);
        if (n <= 0) {
            idle++;
            continue;
        }
        for (ssize_t j = 0; j < n; j++)
            assert_int_equal(buf[j], 'a' + (int)((got + (size_t)j) % 23));
        got += (size_t)n;
    }
    assert_int_equal(got, accepted);
    assert_int_equal(r.down, 0);
    teardown(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_udp_flood),
        cmocka_unit_test(test_udp_closed_by_its_own_message),
        cmocka_unit_test(test_udp_shared_port),
        cmocka_unit_test(test_tcp_segments),
        cmocka_unit_test(test_tcp_closed_by_its_own_message),
        cmocka_unit_test(test_tcp_down),
        cmocka_unit_test(test_tcp_refused),
        cmocka_unit_test(test_tcp_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
