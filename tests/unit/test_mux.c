/* SPDX-License-Identifier: MIT */
#include "tests/unit/agent_rig.h"

static void request(struct rig *r, struct addr from, const char *method, const char *user, const char *to,
                    const char *extra, const char *body)
{
    static unsigned n;
    char text[4096];

    n++;
    snprintf(text, sizeof(text),
             "%s sip:%s@198.51.100.5 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK%u\r\n"
             "From: <sip:" SERVER_ID
             "@3402000000>;tag=p\r\nTo: <sip:%s@3402000000>\r\nCall-ID: m%u\r\nCSeq: %u %s\r\n%s"
             "Content-Length: %zu\r\n\r\n%s",
             method, user, n, to, n, n, method, extra, strlen(body), body);
    rig_input_from(r, from, text);
    rig_drain(r);
}

static unsigned last_status(struct rig *r)
{
    return (unsigned)strtoul(rig_last(r) + 8, NULL, 10);
}

static struct rig *online(void)
{
    struct rig *r = rig_new(NULL);

    rig_register(r);
    return r;
}

#define CATALOG                                                                                                        \
    "Content-Type: Application/MANSCDP+xml\r\n",                                                                       \
        "<?xml version=\"1.0\"?><Query><CmdType>DeviceInfo</CmdType><SN>17</SN><DeviceID>" DEVICE_ID                   \
        "</DeviceID></Query>"

static void test_unknown_sources_get_no_response(void **state)
{
    static const char *const from[] = { "192.0.2.2:5060", "192.0.2.1:5061", "198.51.100.5:5060", "127.0.0.1:5060" };
    static const char *const methods[] = { "MESSAGE", "INVITE", "OPTIONS", "BYE", "REGISTER", "NOTIFY", "FOO" };
    struct rig *r = online();

    (void)state;
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
        for (size_t k = 0; k < sizeof(methods) / sizeof(methods[0]); k++)
            request(r, rig_addr(from[i]), methods[k], DEVICE_ID, DEVICE_ID, CATALOG);
    assert_int_equal(r->npackets, 0);
    assert_int_equal(r->nevents, 0);
    assert_int_equal(mux_unknown_sources(r->mux), 28);
    rig_free(r);
}

static void test_any_port_and_allow(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.any_port = true;
    assert_int_equal(cidr_parse(&cfg.allow[0], SPAN_LIT("203.0.113.0/24")), 0);
    cfg.nallow = 1;
    r = rig_new(&cfg);
    rig_register(r);
    request(r, rig_addr("192.0.2.1:9999"), "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 200);
    assert_int_equal(r->to[0].port, 9999);
    request(r, rig_addr("203.0.113.8:5060"), "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(r->npackets, 2);
    request(r, rig_addr("203.0.114.8:5060"), "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(r->npackets, 2);
    rig_free(r);
}

/* The source port of a 2xx to REGISTER is learnt if its address is accepted. */
static void test_port_of_a_register_response_is_learnt(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_run(r, 0);
    request(r, rig_addr("192.0.2.1:15060"), "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(r->npackets, 1);
    rig_answer_from(r, rig_addr("192.0.2.1:15060"), rig_last(r), 200, NULL);
    rig_drain(r);
    rig_forget(r);
    r->auto_keepalive = true;
    rig_run(r, 0);
    request(r, rig_addr("192.0.2.1:15060"), "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 200);
    rig_free(r);
}

static void test_methods(void **state)
{
    struct rig *r = online();

    (void)state;
    request(r, r->server, "OPTIONS", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 200);
    assert_non_null(strstr(rig_header(rig_last(r), "Allow"), "INVITE"));
    assert_non_null(strstr(rig_header(rig_last(r), "Accept"), "Application/MANSCDP+xml"));
    assert_string_equal(rig_header(rig_last(r), "Content-Length"), "0");
    request(r, r->server, "NOTIFY", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 405);
    assert_non_null(rig_header(rig_last(r), "Allow"));
    request(r, r->server, "REGISTER", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 405);
    request(r, r->server, "FROBNICATE", DEVICE_ID, DEVICE_ID, "", "");
    assert_int_equal(last_status(r), 501);
    request(r, r->server, "OPTIONS", DEVICE_ID, DEVICE_ID, "Require: 100rel\r\n", "");
    assert_int_equal(last_status(r), 420);
    assert_string_equal(rig_header(rig_last(r), "Unsupported"), "100rel");
    rig_free(r);
}

static void test_not_registered(void **state)
{
    static const struct {
        const char *method;
        unsigned status;
    } want[] = {
        { "OPTIONS", 200 }, { "BYE", 481 }, { "MESSAGE", 403 }, { "INVITE", 403 }, { "INFO", 403 }, { "NOTIFY", 403 },
    };
    struct rig *r = rig_new(NULL);
    struct agent_status st;

    (void)state;
    rig_run(r, 0);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        request(r, r->server, want[i].method, DEVICE_ID, DEVICE_ID, CATALOG);
        assert_int_equal(last_status(r), want[i].status);
    }
    agent_get_status(r->agent, &st);
    assert_int_equal(st.refused, 4);
    rig_free(r);
}

static void test_message_answered(void **state)
{
    struct rig *r = online();

    (void)state;
    request(r, r->server, "MESSAGE", DEVICE_ID, DEVICE_ID, CATALOG);
    assert_int_equal(r->npackets, 2);
    assert_true(!strncmp(r->packet[0], "SIP/2.0 200 OK\r\n", 16));
    assert_string_equal(rig_header(r->packet[0], "Content-Length"), "0");
    assert_true(!strncmp(r->packet[1], "MESSAGE sip:" SERVER_ID "@", 20));
    assert_non_null(strstr(r->packet[1], "<SN>17</SN>"));
    request(r, r->server, "MESSAGE", DEVICE_ID, DEVICE_ID, "Content-Type: Application/MANSCDP+xml\r\n", "<Query><");
    assert_int_equal(last_status(r), 400);
    rig_free(r);
}

static void test_broken_requests_are_refused_or_dropped(void **state)
{
    struct rig *r = online();
    unsigned n;

    (void)state;
    rig_input_from(r, r->server,
                   "OPTIONS sip:" DEVICE_ID "@h SIP/3.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\n"
                   "To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n");
    assert_int_equal(last_status(r), 505);
    rig_input_from(r, r->server,
                   "OPTIONS sip:" DEVICE_ID "@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=2\r\nFrom: <sip:a@b>;tag=1\r\n"
                   "To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 500\r\n\r\n");
    assert_int_equal(last_status(r), 400);
    n = r->npackets;
    rig_input_from(r, r->server, "");
    rig_input_from(r, r->server, "\r\n\r\n");
    rig_input_from(r, r->server, "GET / HTTP/1.1\r\n\r\n");
    rig_input_from(r, r->server, "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n");
    rig_drain(r);
    assert_int_equal(r->npackets, n);
    rig_free(r);
}

static void test_two_vias_and_no_cookie(void **state)
{
    struct rig *r = online();
    const char *p;

    (void)state;
    rig_input_from(r, r->server,
                   "OPTIONS sip:" DEVICE_ID "@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=123;rport, "
                   "SIP/2.0/UDP 10.0.0.2;branch=9\r\nVia: SIP/2.0/TCP 10.0.0.3;branch=8\r\nFrom: <sip:a@b>;tag=1\r\n"
                   "To: <sip:" DEVICE_ID "@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    p = rig_last(r);
    assert_int_equal(last_status(r), 200);
    assert_non_null(strstr(p, "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=123;rport=5060;received=192.0.2.1, "
                              "SIP/2.0/UDP 10.0.0.2;branch=9\r\nVia: SIP/2.0/TCP 10.0.0.3;branch=8\r\n"));
    assert_true(addr_same(&r->to[0], &r->server));
    rig_free(r);
}

/* Two platforms, one device: requests reach the right agent; on a shared address by port and From. */
static void test_two_platforms(void **state)
{
    struct rig *r = online();
    struct addr second = rig_addr("192.0.2.50:5060");
    struct agent_config cfg;
    struct agent *b;
    char text[1024];

    (void)state;
    rig_config(&cfg);
    snprintf(cfg.name, sizeof(cfg.name), "second");
    assert_int_equal(agent_new(r->mux, &cfg, r->dev, &b), 0);
    r->auto_link = false;
    rig_run(r, 0);
    agent_link_up(b, LINK, &r->local, &second, 1, &r->now);
    rig_drain(r);
    assert_true(addr_same(&r->to[r->npackets - 1], &second));
    snprintf(text, sizeof(text), "%s", rig_last(r));
    rig_answer_from(r, second, text, 200, NULL);
    rig_drain(r);
    struct agent_status st;
    agent_get_status(b, &st);
    assert_int_equal(st.state, AGENT_ONLINE);
    rig_forget(r);
    struct sip_input in = { .link = LINK, .from = second, .transport = SIP_UDP };
    in.data = "OPTIONS sip:" CHANNEL_2 "@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\n"
              "To: <sip:x@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    in.len = strlen(in.data);
    assert_ptr_equal(mux_input(r->mux, &in, &r->now), b);
    in.from = r->server;
    assert_ptr_equal(mux_input(r->mux, &in, &r->now), r->agent);
    rig_drain(r);
    agent_free(b);
    rig_free(r);
}

#define OTHER_DEVICE  "34020000001320000009"
#define OTHER_CHANNEL "34020000001310000009"

static struct agent *call_input(struct rig *r, const char *method, const char *user, const char *tag)
{
    static unsigned n;
    char text[1024], sdp[256];

    n++;
    snprintf(sdp, sizeof(sdp), "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video %u RTP/AVP 96\r\n", 30000 + n);
    snprintf(
        text, sizeof(text),
        "%s sip:%s@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKc%u\r\nFrom: <sip:" SERVER_ID "@b>;tag=%s\r\n"
        "To: <sip:%s@d>\r\nCall-ID: one\r\nCSeq: %u %s\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n"
        "%s",
        method, user, n, tag, user, n, method, strlen(sdp), sdp);
    struct sip_input in = { .link = LINK, .from = r->server, .transport = SIP_UDP, .data = text, .len = strlen(text) };
    return mux_input(r->mux, &in, &r->now);
}

/* One platform, two devices, and one Call-ID for calls to both: an INVITE goes to its recipient, a request within a
 * call to the agent of the call. */
static void test_one_call_id(void **state)
{
    static const char *const in_call[] = { "BYE", "CANCEL", "INFO", "ACK" };
    struct rig *r = online();
    struct device_item_config item = { .id = OTHER_CHANNEL };
    struct device_config dc = { .id = OTHER_DEVICE, .item = &item, .nitems = 1 };
    struct agent_config cfg;
    struct device *dev;
    struct agent *b;

    (void)state;
    rig_config(&cfg);
    assert_int_equal(device_new(&dc, &dev), 0);
    assert_int_equal(agent_new(r->mux, &cfg, dev, &b), 0);
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_drain(r);
    assert_ptr_equal(call_input(r, "INVITE", CHANNEL_1, "a"), r->agent);
    assert_ptr_equal(call_input(r, "INVITE", OTHER_CHANNEL, "b"), b);
    rig_drain(r);
    assert_string_equal(rig_event(r, AGENT_CALL_OFFER)->channel, OTHER_CHANNEL);
    assert_ptr_equal(call_input(r, "INFO", "x", "a"), r->agent);
    assert_ptr_equal(call_input(r, "INFO", "x", "b"), b);
    assert_ptr_equal(call_input(r, "INFO", OTHER_CHANNEL, "a"), r->agent);
    assert_ptr_equal(call_input(r, "INFO", OTHER_CHANNEL, "c"), b);
    assert_ptr_equal(call_input(r, "INFO", CHANNEL_1, "c"), r->agent);
    rig_drain(r);
    /* Ambiguous by tag and channel: nothing ends, nothing starts. */
    for (size_t i = 0; i < sizeof(in_call) / sizeof(in_call[0]); i++) {
        rig_forget(r);
        call_input(r, in_call[i], "x", "c");
        rig_drain(r);
        if (strcmp(in_call[i], "ACK") == 0)
            assert_int_equal(r->npackets, 0);
        else
            assert_int_equal(last_status(r), 481);
        assert_int_equal(r->nevents, 0);
        assert_true(rig_calls(r->agent) > 0 && rig_calls(b) > 0);
    }
    /* Addressed to a device with one call. */
    rig_forget(r);
    assert_ptr_equal(call_input(r, "BYE", OTHER_DEVICE, "c"), b);
    rig_drain(r);
    assert_int_equal(rig_count(r, "SIP/2.0 200 "), 1);
    assert_string_equal(rig_event(r, AGENT_CALL_STOP)->why, "BYE");
    /* Now the Call-ID is unambiguous. */
    rig_forget(r);
    assert_ptr_equal(call_input(r, "BYE", "x", "c"), r->agent);
    rig_drain(r);
    assert_int_equal(rig_count(r, "SIP/2.0 200 "), 1);
    agent_free(b);
    device_free(dev);
    rig_free(r);
}

/* Only agents that are due run. */
static void test_only_due_agents_run(void **state)
{
    enum { FLEET = 300 };
    static struct device *dev[FLEET];
    static struct agent *agent[FLEET];
    struct rig *r = online();
    struct agent_packet p;
    struct agent_event ev;
    struct agent_config cfg;
    struct agent *a;
    unsigned registers = 0;

    (void)state;
    rig_config(&cfg);
    for (unsigned i = 0; i < FLEET; i++) {
        struct device_config dc;
        memset(&dc, 0, sizeof(dc));
        snprintf(dc.id, sizeof(dc.id), "3402000000132%07u", 1000 + i);
        assert_int_equal(device_new(&dc, &dev[i]), 0);
        assert_int_equal(agent_new(r->mux, &cfg, dev[i], &agent[i]), 0);
    }
    mux_tick(r->mux, &r->now);
    for (unsigned i = 0; i < FLEET; i++)
        agent_link_up(agent[i], LINK, &r->local, &r->server, 1, &r->now);
    while ((a = mux_ready(r->mux))) {
        while (agent_next_packet(a, &p))
            registers += p.len > 9 && !memcmp(p.data, "REGISTER ", 9);
        while (agent_next_event(a, &ev))
            ;
    }
    assert_int_equal(registers, FLEET);
    /* Addressed by device ID over the one socket. */
    char text[512];
    snprintf(text, sizeof(text),
             "OPTIONS sip:34020000001320001123@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\n"
             "From: <sip:a@b>;tag=1\r\nTo: <sip:x@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    struct sip_input in = { .link = LINK, .from = r->server, .transport = SIP_UDP, .data = text, .len = strlen(text) };
    assert_ptr_equal(mux_input(r->mux, &in, &r->now), agent[123]);
    /* Unknown recipient: an agent that accepts the source answers, found without walking all. */
    snprintf(text, sizeof(text),
             "OPTIONS sip:nobody@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=2\r\n"
             "From: <sip:a@b>;tag=1\r\nTo: <sip:x@d>\r\nCall-ID: 2\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
    in.len = strlen(text);
    assert_non_null(mux_input(r->mux, &in, &r->now));
    in.from = rig_addr("192.0.2.77:5060");
    assert_null(mux_input(r->mux, &in, &r->now));
    for (unsigned i = 0; i < FLEET; i++) {
        agent_free(agent[i]);
        device_free(dev[i]);
    }
    rig_free(r);
}

/* Requests to an unknown recipient, by source. */
static void test_unknown_user(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    assert_int_equal(cidr_parse(&cfg.allow[0], SPAN_LIT("203.0.113.0/24")), 0);
    cfg.nallow = 1;
    cfg.any_port = true;
    r = rig_new(&cfg);
    rig_register(r);
    request(r, r->server, "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(last_status(r), 200);
    request(r, rig_addr("[::ffff:192.0.2.1]:5060"), "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(r->npackets, 2);
    request(r, rig_addr("203.0.113.9:5060"), "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(r->npackets, 3);
    request(r, rig_addr("192.0.2.2:5060"), "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(r->npackets, 3);
    /* The server has moved: the old address and the removed prefix are unknown sources, the new address is not. */
    struct addr moved = rig_addr("192.0.2.2:5060");
    agent_link_up(r->agent, LINK, &r->local, &moved, 1, &r->now);
    cfg.nallow = 0;
    agent_apply(r->agent, &cfg, &r->now);
    rig_drain(r);
    rig_forget(r);
    request(r, r->server, "OPTIONS", "nobody", "no-one", "", "");
    request(r, rig_addr("203.0.113.9:5060"), "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(rig_count(r, "SIP/2.0 "), 0);
    request(r, moved, "OPTIONS", "nobody", "no-one", "", "");
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 1);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_sources_get_no_response),
        cmocka_unit_test(test_any_port_and_allow),
        cmocka_unit_test(test_port_of_a_register_response_is_learnt),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_not_registered),
        cmocka_unit_test(test_message_answered),
        cmocka_unit_test(test_broken_requests_are_refused_or_dropped),
        cmocka_unit_test(test_two_vias_and_no_cookie),
        cmocka_unit_test(test_two_platforms),
        cmocka_unit_test(test_one_call_id),
        cmocka_unit_test(test_only_due_agents_run),
        cmocka_unit_test(test_unknown_user),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
