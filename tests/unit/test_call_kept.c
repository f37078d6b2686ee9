/* SPDX-License-Identifier: MIT */
/* Running calls while the registration is in doubt, that is, after a lost TCP connection or missed keepalives. */
#include "tests/unit/agent_rig.h"

#include "agent/call.h"
#include "agent/registration.h"

struct offer {
    const char *call_id, *name;
    unsigned port, ssrc;
};

static void sip(struct rig *r, const char *method, const char *call_id, const char *to_tag, const char *body)
{
    static unsigned branch;
    char text[2048];

    snprintf(text, sizeof(text),
             "%s sip:" CHANNEL_1 "@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKk%u\r\n"
             "From: <sip:" SERVER_ID "@3402000000>;tag=plat\r\nTo: <sip:" CHANNEL_1
             "@3402000000>%s\r\nCall-ID: %s\r\nCSeq: 3 %s\r\n"
             "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, ++branch, to_tag, call_id, method, body[0] ? "Content-Type: Application/SDP\r\n" : "",
             strlen(body), body);
    rig_input_from(r, r->server, text);
    rig_drain(r);
}

static void invite(struct rig *r, struct offer o)
{
    char sdp[512];

    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=" DEVICE_ID " 0 0 IN IP4 192.0.2.3\r\ns=%s\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\n"
             "m=video %u RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\ny=%010u\r\n",
             o.name ? o.name : "Play", o.port, o.ssrc);
    sip(r, "INVITE", o.call_id, "", sdp);
}

static uint32_t call(struct rig *r, struct offer o)
{
    const struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t number;
    char tag[64];

    invite(r, o);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    number = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_accept(r->agent, number, &any, &r->now), 0);
    snprintf(tag, sizeof(tag), "%s", strstr(rig_header(rig_last(r), "To"), ";tag="));
    sip(r, "ACK", o.call_id, tag, "");
    assert_non_null(rig_event(r, AGENT_CALL_START));
    rig_forget(r);
    return number;
}

static const struct offer first = { "c1", NULL, 30000, 200000001 }, second = { "c2", NULL, 30002, 200000002 };

static struct rig *online(enum sip_transport transport)
{
    struct agent_config cfg;
    struct rig *r;

    rig_config(&cfg);
    cfg.transport = transport;
    r = rig_new(&cfg);
    rig_register(r);
    return r;
}

static void expect_stop(struct rig *r, uint32_t number, enum agent_stop_reason reason)
{
    const struct rig_event *e = rig_event(r, AGENT_CALL_STOP);

    assert_non_null(e);
    assert_int_equal(e->ev.call, number);
    assert_int_equal(e->ev.u.stop, reason);
    assert_false(rig_has_call(r, number));
}

/* To the 401 of the REGISTER on the next connection. */
static void reconnect(struct rig *r)
{
    agent_link_failed(r->agent, "connection reset", &r->now);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    r->link++;
    rig_forget(r);
    rig_run(r, 2000);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    rig_drain(r);
}

static void registered(struct rig *r)
{
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 86400\r\n");
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
}

static void test_renewed(void **state)
{
    struct rig *r = online(SIP_TCP);
    uint32_t a = call(r, first), b = call(r, second);

    (void)state;
    reconnect(r);
    registered(r);
    rig_run(r, 120000);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_true(rig_has_call(r, a) && rig_has_call(r, b));
    assert_int_equal(rig_count(r, "BYE"), 0);
    /* Their requests use the new connection, in both directions. */
    assert_int_equal(agent_call_ended(r->agent, a, "over", &r->now), 0);
    rig_drain(r);
    assert_int_equal(rig_count(r, "BYE"), 1);
    sip(r, "BYE", "c2", "", "");
    expect_stop(r, b, CALL_STOP_BYE);
    rig_free(r);
}

static void test_not_renewed(void **state)
{
    (void)state;
    for (unsigned answers = 0; answers < 2; answers++) {
        struct rig *r = online(SIP_TCP);
        uint32_t a = call(r, first);
        uint64_t broke = r->now.mono_ms;

        /* A platform that refuses connections, and one that accepts them but does not respond. */
        r->auto_link = answers > 0;
        agent_link_failed(r->agent, "connection reset", &r->now);
        while (r->now.mono_ms < broke + REG_DOUBT_MS - 1) {
            unsigned links = r->links;
            rig_run(r, 1);
            if (!answers && r->links > links)
                agent_link_failed(r->agent, "connection refused", &r->now);
            assert_null(rig_event(r, AGENT_CALL_STOP));
        }
        assert_true(rig_has_call(r, a));
        assert_true(r->links > 1);
        rig_run(r, 1);
        expect_stop(r, a, CALL_STOP_OFFLINE);
        rig_free(r);
    }
}

/* REGISTER is sent again over the new connection, which the call uses already. */
static void test_kept_call_outlasts_a_passing_503(void **state)
{
    (void)state;
    for (unsigned taken = 0; taken < 2; taken++) {
        struct rig *r = online(SIP_TCP);
        uint32_t a = call(r, first);
        unsigned links;

        reconnect(r);
        links = r->links;
        rig_answer_from(r, r->server, rig_last(r), 503, NULL);
        rig_drain(r);
        assert_true(rig_has_call(r, a));
        rig_forget(r);
        rig_run(r, 4000); /* the second failure in a row */
        assert_int_equal(rig_count(r, "REGISTER"), 1);
        assert_int_equal(r->links, links);
        if (taken) {
            registered(r);
            rig_run(r, 60000);
            assert_true(rig_has_call(r, a));
            assert_int_equal(agent_call_ended(r->agent, a, "over", &r->now), 0);
            rig_drain(r);
            assert_int_equal(rig_count(r, "BYE"), 1);
        } else {
            rig_run(r, REG_DOUBT_MS);
            expect_stop(r, a, CALL_STOP_OFFLINE);
        }
        rig_free(r);
    }
}

static void test_refused(void **state)
{
    static const struct {
        unsigned reg, keepalive;
    } t[] = { { 403, 0 }, { 404, 0 }, { 401, 0 }, { 200, 404 }, { 200, 403 } };

    (void)state;
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = online(SIP_TCP);
        uint32_t a = call(r, first);

        reconnect(r);
        r->auto_keepalive = false;
        rig_answer_from(r, r->server, rig_last(r), t[i].reg, t[i].reg == 200 ? "Expires: 3600\r\n" : CHALLENGE);
        rig_run(r, 0);
        rig_drain(r);
        if (t[i].keepalive) {
            assert_true(rig_has_call(r, a));
            rig_answer_from(r, r->server, rig_last(r), t[i].keepalive, NULL);
            rig_drain(r);
        }
        expect_stop(r, a, CALL_STOP_OFFLINE);
        rig_free(r);
    }
}

static void test_other_server(void **state)
{
    struct rig *r = online(SIP_TCP);
    uint32_t a = call(r, first);

    (void)state;
    r->server = rig_addr("192.0.2.9:5060");
    agent_link_failed(r->agent, "connection reset", &r->now);
    rig_drain(r);
    assert_true(rig_has_call(r, a));
    r->link++;
    rig_run(r, 2000);
    expect_stop(r, a, CALL_STOP_OFFLINE);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    rig_free(r);
}

/* The owner opened another connection before the old one was lost: the local address changed. */
static void test_connection_replaced(void **state)
{
    struct rig *r = online(SIP_TCP);
    uint32_t a = call(r, first);
    struct addr local = rig_addr("198.51.100.6:5070");

    (void)state;
    r->link++;
    agent_link_up(r->agent, r->link, &local, &r->server, 1, &r->now);
    rig_drain(r);
    assert_true(!strncmp(rig_last(r), "REGISTER ", 9));
    registered(r);
    assert_true(rig_has_call(r, a));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

/* Not over UDP, where a failed link is an unusable socket; and not for calls that are not running yet. */
static void test_udp_and_unanswered_calls_are_not_kept(void **state)
{
    struct rig *r = online(SIP_UDP);
    uint32_t a = call(r, first);

    (void)state;
    agent_link_failed(r->agent, "no route", &r->now);
    rig_drain(r);
    expect_stop(r, a, CALL_STOP_OFFLINE);
    rig_free(r);
    r = online(SIP_TCP);
    invite(r, first);
    a = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    agent_link_failed(r->agent, "connection reset", &r->now);
    rig_drain(r);
    expect_stop(r, a, CALL_STOP_OFFLINE);
    rig_free(r);
}

static void test_stop_or_new_server_ends_a_kept_call(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 2; how++) {
        struct rig *r = online(SIP_TCP);
        uint32_t a = call(r, first);
        struct agent_config cfg;

        agent_link_failed(r->agent, "connection reset", &r->now);
        rig_config(&cfg);
        cfg.transport = SIP_TCP;
        snprintf(cfg.server_host, sizeof(cfg.server_host), "192.0.2.8");
        if (how == 0)
            agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
        else
            agent_apply(r->agent, &cfg, &r->now);
        rig_drain(r);
        expect_stop(r, a, CALL_STOP_SHUTDOWN);
        rig_run(r, 60000);
        rig_free(r);
    }
}

/* ---- a platform that calls again -------------------------------------------------------------- */

/* After the 200 to REGISTER, or before it (SRS); no BYE, on which SRS would close the connection. */
static void test_new_invite_replaces_a_kept_call(void **state)
{
    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        struct rig *r = online(SIP_TCP);
        uint32_t a = call(r, first), b;

        reconnect(r);
        if (!early)
            registered(r);
        rig_forget(r);
        invite(r, second);
        expect_stop(r, a, CALL_STOP_REPLACED);
        assert_non_null(rig_event(r, AGENT_CALL_OFFER));
        b = rig_event(r, AGENT_CALL_OFFER)->ev.call;
        assert_int_equal(rig_count(r, "BYE"), 0);
        /* A call made since then is not replaced. */
        rig_forget(r);
        invite(r, (struct offer){ "c3", NULL, 30004, 200000003 });
        assert_null(rig_event(r, AGENT_CALL_STOP));
        assert_true(rig_has_call(r, b));
        rig_free(r);
    }
}

/* Each new call replaces one, the oldest first. */
static void test_two_viewers(void **state)
{
    struct rig *r = online(SIP_TCP);
    uint32_t a = call(r, first), b = call(r, second);

    (void)state;
    reconnect(r);
    registered(r);
    rig_forget(r);
    invite(r, (struct offer){ "c3", NULL, 30004, 200000003 });
    expect_stop(r, a, CALL_STOP_REPLACED);
    assert_true(rig_has_call(r, b));
    rig_forget(r);
    /* A call to the destination of an earlier one replaces only that one. */
    invite(r, (struct offer){ "c4", NULL, 30002, 200000002 });
    expect_stop(r, b, CALL_STOP_REPLACED);
    rig_free(r);
}

static void test_other_session_or_late_invite_replaces_nothing(void **state)
{
    struct rig *r = online(SIP_TCP);
    uint32_t a = call(r, first);

    (void)state;
    reconnect(r);
    registered(r);
    rig_forget(r);
    invite(r, (struct offer){ "c3", "Download", 30004, 200000003 });
    assert_true(rig_has_call(r, a));
    rig_run(r, CALL_KEPT_MS - 1);
    assert_true(rig_has_call(r, a));
    rig_run(r, 1);
    rig_forget(r);
    /* After CALL_KEPT_MS. */
    invite(r, second);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    assert_true(rig_has_call(r, a));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

/* ---- an unresponsive platform ----------------------------------------------------------------- */

/* The last REGISTER sent. */
static const char *last_register(const struct rig *r)
{
    for (unsigned i = r->npackets; i > 0; i--)
        if (!strncmp(r->packet[i - 1], "REGISTER ", 9))
            return r->packet[i - 1];
    fail_msg("no REGISTER");
    return NULL;
}

static void test_call_survives_silence_until_register_is_answered(void **state)
{
    struct rig *r = online(SIP_UDP);
    uint32_t a = call(r, first);

    (void)state;
    r->auto_keepalive = false;
    rig_run(r, 60000 + 25000 + REG_DOUBT_MS - 1);
    assert_true(rig_has_call(r, a));
    rig_answer_from(r, r->server, last_register(r), 200, "Expires: 86400\r\n");
    r->auto_keepalive = true;
    rig_run(r, 0);
    assert_true(rig_has_call(r, a));
    assert_int_equal(rig_count(r, "BYE"), 0);
    /* The platform has lost the call and calls again. */
    rig_forget(r);
    invite(r, second);
    expect_stop(r, a, CALL_STOP_REPLACED);
    assert_int_equal(rig_count(r, "BYE"), 0);
    rig_free(r);
}

/* A temporary failure does not end the call: REGISTER is retried in time. */
static void test_call_survives_silence_and_503(void **state)
{
    struct rig *r = online(SIP_UDP);
    uint32_t a = call(r, first);

    (void)state;
    r->auto_keepalive = false;
    rig_run(r, 60000 + 25000 + 1000);
    rig_answer_from(r, r->server, last_register(r), 503, NULL);
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    rig_run(r, 2000);
    rig_answer_from(r, r->server, last_register(r), 503, NULL);
    rig_run(r, 4000);
    assert_true(rig_has_call(r, a));
    rig_answer_from(r, r->server, last_register(r), 200, "Expires: 86400\r\n");
    r->auto_keepalive = true;
    rig_run(r, 60000);
    assert_true(rig_has_call(r, a));
    assert_null(rig_event(r, AGENT_OFFLINE));
    rig_free(r);
    /* But not forever. */
    r = online(SIP_UDP);
    a = call(r, first);
    r->auto_keepalive = false;
    rig_run(r, 60000 + 25000);
    rig_answer_from(r, r->server, last_register(r), 503, "Retry-After: 60\r\n");
    rig_run(r, REG_DOUBT_MS - 1);
    assert_true(rig_has_call(r, a));
    rig_run(r, 1);
    expect_stop(r, a, CALL_STOP_OFFLINE);
    rig_free(r);
}

static void test_lasting_silence_stops_the_call(void **state)
{
    struct rig *r = online(SIP_UDP);
    uint32_t a = call(r, first);

    (void)state;
    r->auto_keepalive = false;
    rig_run(r, 60000 + 25000 + REG_DOUBT_MS - 1);
    assert_true(rig_has_call(r, a));
    rig_run(r, 1);
    expect_stop(r, a, CALL_STOP_OFFLINE);
    assert_true(rig_count(r, "BYE") > 0);
    rig_free(r);
}

/* A late 200 to a keepalive: the registration was valid, and a new call replaces nothing. */
static void test_late_keepalive_answer_ends_the_doubt(void **state)
{
    struct rig *r = online(SIP_UDP);
    uint32_t a = call(r, first);

    (void)state;
    r->auto_keepalive = false;
    rig_run(r, 60000 + 25000 + 1000);
    rig_answer_from(r, r->server, r->packet[0], 200, NULL);
    rig_forget(r);
    invite(r, second);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    assert_true(rig_has_call(r, a));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renewed),
        cmocka_unit_test(test_not_renewed),
        cmocka_unit_test(test_kept_call_outlasts_a_passing_503),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_server),
        cmocka_unit_test(test_connection_replaced),
        cmocka_unit_test(test_udp_and_unanswered_calls_are_not_kept),
        cmocka_unit_test(test_stop_or_new_server_ends_a_kept_call),
        cmocka_unit_test(test_new_invite_replaces_a_kept_call),
        cmocka_unit_test(test_two_viewers),
        cmocka_unit_test(test_other_session_or_late_invite_replaces_nothing),
        cmocka_unit_test(test_call_survives_silence_until_register_is_answered),
        cmocka_unit_test(test_call_survives_silence_and_503),
        cmocka_unit_test(test_lasting_silence_stops_the_call),
        cmocka_unit_test(test_late_keepalive_answer_ends_the_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
