/* SPDX-License-Identifier: MIT */
/* The end of a recording: MediaStatus 121 inside the INVITE's dialog, then the platform's BYE or ours. */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#define SDP                                                                                                            \
    "v=0\r\no=" DEVICE_ID " 0 0 IN IP4 192.0.2.3\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\n"                                  \
    "t=0 0\r\nm=video 30000 RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\ny=0200000001\r\n"
#define CALL_ID "play-1@192.0.2.1"

static void send_inside(struct rig *r, const char *method, const char *to, const char *body)
{
    static unsigned branch;
    char text[2048];

    snprintf(text, sizeof(text),
             "%s sip:" CHANNEL_1 "@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKe%u\r\n"
             "From: <sip:" SERVER_ID "@3402000000>;tag=plat\r\nTo: %s\r\nCall-ID: " CALL_ID "\r\nCSeq: %u %s\r\n"
             "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, ++branch, to, !strcmp(method, "BYE") ? 4u : 3u, method,
             body[0] ? "Content-Type: Application/SDP\r\n" : "", strlen(body), body);
    rig_input_from(r, r->server, text);
    rig_drain(r);
}

static uint32_t start(struct rig *r, char to[256])
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t call;

    send_inside(r, "INVITE", "<sip:" CHANNEL_1 "@3402000000>", SDP);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_eof(r->agent, call, &r->now), -ENOENT);
    assert_int_equal(agent_call_accept(r->agent, call, &any, &r->now), 0);
    snprintf(to, 256, "%s", rig_header(rig_last(r), "To"));
    send_inside(r, "ACK", to, "");
    assert_non_null(rig_event(r, AGENT_CALL_START));
    rig_forget(r);
    return call;
}

static const char *media_status(struct rig *r, uint32_t call, const char *to)
{
    const char *m;

    assert_int_equal(agent_call_eof(r->agent, call, &r->now), 0);
    assert_int_equal(agent_call_eof(r->agent, call, &r->now), -EALREADY);
    rig_drain(r);
    assert_int_equal(r->npackets, 1);
    m = r->packet[0];
    assert_true(!strncmp(m, "MESSAGE sip:" SERVER_ID "@192.0.2.1:5060 SIP/2.0\r\n", 45));
    assert_string_equal(rig_header(m, "Call-ID"), CALL_ID);
    assert_string_equal(rig_header(m, "From"), to);
    assert_string_equal(rig_header(m, "To"), "<sip:" SERVER_ID "@3402000000>;tag=plat");
    assert_string_equal(rig_header(m, "CSeq"), "1 MESSAGE");
    assert_string_equal(rig_header(m, "Content-Type"), "Application/MANSCDP+xml");
    assert_non_null(strstr(m, "<Notify>\r\n<CmdType>MediaStatus</CmdType>\r\n"));
    assert_non_null(strstr(m, "<DeviceID>" CHANNEL_1 "</DeviceID>\r\n<NotifyType>121</NotifyType>\r\n</Notify>"));
    return m;
}

static void test_platform_ends(void **state)
{
    struct rig *r = rig_new(NULL);
    char to[256];
    uint32_t call;

    (void)state;
    rig_register(r);
    call = start(r, to);
    rig_answer_from(r, r->server, media_status(r, call, to), 200, NULL);
    rig_run(r, 3000);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    send_inside(r, "BYE", to, "");
    assert_non_null(rig_event(r, AGENT_CALL_STOP));
    assert_int_equal(rig_event(r, AGENT_CALL_STOP)->ev.u.stop, CALL_STOP_BYE);
    rig_run(r, 10000);
    assert_int_equal(rig_count(r, "BYE "), 0);
    rig_free(r);
}

static void test_device_ends(void **state)
{
    struct rig *r = rig_new(NULL);
    char to[256];
    uint32_t call;

    (void)state;
    rig_register(r);
    call = start(r, to);
    rig_answer_from(r, r->server, media_status(r, call, to), 200, NULL);
    rig_run(r, 4999);
    assert_int_equal(rig_count(r, "BYE "), 0);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "BYE "), 1);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "2 BYE");
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), CALL_ID);
    assert_non_null(rig_event(r, AGENT_CALL_STOP));
    assert_int_equal(rig_event(r, AGENT_CALL_STOP)->ev.u.stop, CALL_STOP_LOCAL);
    assert_int_equal(agent_call_eof(r->agent, call, &r->now), -ENOENT);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_platform_ends), cmocka_unit_test(test_device_ends) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
