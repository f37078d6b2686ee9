/* SPDX-License-Identifier: MIT */
/* Anyone who can forge the platform's address over UDP can cause refusals as fast as the network carries the requests.
 * Whatever the request, they must not fill the camera's log. */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#define FLOOD   300u
#define STRANGE "34020000002000000099"

static unsigned lines;
static char last[512];

static void count(enum log_level level, const char *line)
{
    (void)level;
    lines++;
    snprintf(last, sizeof(last), "%s", line);
}

struct flood {
    const char *method, *target, *from, *head, *body;
    const char *says; /* contained in each line */
};

#define XML "Content-Type: Application/MANSCDP+xml\r\n"
#define SDP "Content-Type: application/sdp\r\n"
#define MANSCDP(root, cmd, more)                                                                                       \
    "<?xml version=\"1.0\"?>\r\n<" root "><CmdType>" cmd "</CmdType><SN>1</SN><DeviceID>" CHANNEL_1 "</DeviceID>" more \
    "</" root ">"

static const struct flood floods[] = {
    { "MESSAGE", DEVICE_ID, STRANGE, XML, MANSCDP("Control", "DeviceControl", "<PTZCmd>A50F010180000036</PTZCmd>"),
      "order_from" },
    { "MESSAGE", STRANGE, SERVER_ID, XML, MANSCDP("Control", "DeviceControl", "<PTZCmd>A50F010180000036</PTZCmd>"),
      "not addressed" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, MANSCDP("Control", "DeviceControl", "<PTZCmd>A50F010180000037</PTZCmd>"),
      "checksum" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, MANSCDP("Control", "DeviceConfig", ""), "no known block" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, "<Query", "malformed MANSCDP" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, MANSCDP("Query", "Nonsense", ""), "request-unsupported" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, MANSCDP("Query", "RecordInfo", "<StartTime>noon</StartTime>"),
      "invalid time" },
    { "MESSAGE", DEVICE_ID, SERVER_ID, XML, MANSCDP("Query", "Catalog", "<StartTime>noon</StartTime>"),
      "invalid time" },
    { "SUBSCRIBE", DEVICE_ID, SERVER_ID, XML "Event: Alarm\r\nExpires: 600\r\n",
      MANSCDP("Query", "Alarm", "<StartAlarmTime>noon</StartAlarmTime>"), "invalid time" },
    { "SUBSCRIBE", DEVICE_ID, SERVER_ID, XML "Event: Alarm\r\nExpires: 1\r\n", MANSCDP("Query", "Alarm", ""),
      "Expires below" },
    { "SUBSCRIBE", DEVICE_ID, SERVER_ID, XML "Event: Nothing\r\nExpires: 600\r\n", MANSCDP("Query", "Nothing", ""),
      "unknown CmdType" },
    { "INVITE", CHANNEL_1, SERVER_ID, SDP,
      "v=0\r\ns=Playback\r\nc=IN IP4 192.0.2.1\r\nt=20 10\r\nm=video 30000 RTP/AVP 96\r\n"
      "a=rtpmap:96 PS/90000\r\n",
      "unsupported offer" },
    { "INVITE", CHANNEL_1, SERVER_ID, SDP,
      "v=0\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 30000 RTP/AVP 96\r\n"
      "a=rtpmap:96 PS/90000\r\n",
      "not allowed" },
};

static void ask(struct rig *r, const struct flood *f, unsigned n)
{
    char text[2048];

    snprintf(
        text, sizeof(text),
        "%s sip:%s@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%u\r\n"
        "From: <sip:%s@x>;tag=%u\r\nTo: <sip:%s@x>\r\nCall-ID: %u\r\nCSeq: 3 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
        f->method, f->target, n, f->from, n, f->target, n, f->method, f->head, strlen(f->body), f->body);
    rig_forget(r);
    rig_input_from(r, r->server, text);
    rig_drain(r);
}

static void test_refusal_floods_log_few_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
        struct rig *r = rig_new(NULL);
        unsigned many;

        rig_register(r);
        log_set_sink(count);
        lines = 0;
        ask(r, &floods[i], 0);
        if (lines != 1 || !strstr(last, floods[i].says))
            fail_msg("flood %zu: %u lines, the last: %s", i, lines, last);
        for (unsigned n = 1; n < FLOOD; n++)
            ask(r, &floods[i], n);
        many = lines;
        log_set_sink(NULL);
        if (many != LOG_GATE_BURST)
            fail_msg("flood %zu (%s): %u lines", i, floods[i].says, many);
        rig_free(r);
    }
}

/* A flood of list queries that the board fails or answers immediately. */
static void test_list_floods_log_few_lines(void **state)
{
    static const struct flood query = {
        "MESSAGE",
        DEVICE_ID,
        SERVER_ID,
        XML,
        MANSCDP("Query", "RecordInfo",
                "<StartTime>2024-01-01T00:00:00</StartTime><EndTime>2024-01-02T00:00:00</EndTime>"),
        ""
    };

    (void)state;
    for (int err = -EIO; err <= 0; err += EIO) {
        struct rig *r = rig_new(NULL);

        rig_register(r);
        log_set_sink(count);
        lines = 0;
        for (unsigned n = 0; n < FLOOD; n++) {
            ask(r, &query, n);
            rig_run(r, 0);
            const struct rig_event *e = rig_event(r, AGENT_QUERY);
            assert_non_null(e);
            assert_int_equal(agent_reply_records(r->agent, e->ev.token, err, NULL, 0, 0, &r->now), 0);
            rig_drain(r);
            assert_non_null(strstr(rig_last(r), "<SumNum>0</SumNum>"));
            rig_answer_from(r, r->server, rig_last(r), 200, NULL);
            rig_forget(r);
        }
        log_set_sink(NULL);
        assert_int_equal(lines, LOG_GATE_BURST);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusal_floods_log_few_lines),
        cmocka_unit_test(test_list_floods_log_few_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
