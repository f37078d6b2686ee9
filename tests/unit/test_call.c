/* SPDX-License-Identifier: MIT */
#include "tests/unit/agent_rig.h"

#include <errno.h>

#include "agent/call.h"

#define SDP_HEAD "v=0\r\no=" DEVICE_ID " 0 0 IN IP4 192.0.2.3\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\n"
#define SDP_UDP  SDP_HEAD "m=video 30000 RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\ny=0200000001\r\n"
#define SDP_TCP                                                                                                        \
    SDP_HEAD "m=video 30000 TCP/RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\na=setup:passive\r\n"               \
             "a=connection:new\r\ny=0200000001\r\n"

/* A request within or outside of a dialog; the texts may be NULL. */
struct ask {
    const char *method, *user, *call_id, *branch, *from, *to, *cseq, *extra, *type, *body;
};

static void ask_from(struct rig *r, struct addr from, struct ask q)
{
    char text[4096];
    const char *body = q.body ? q.body : "";

    snprintf(text, sizeof(text),
             "%s sip:%s@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=%s\r\n"
             "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nMax-Forwards: 70\r\n"
             "Contact: <sip:" SERVER_ID "@192.0.2.1:5060>\r\n%s%s%s%sContent-Length: %zu\r\n\r\n%s",
             q.method, q.user ? q.user : CHANNEL_1, q.branch ? q.branch : "z9hG4bKa",
             q.from ? q.from : "<sip:" SERVER_ID "@3402000000>;tag=plat",
             q.to ? q.to : "<sip:" CHANNEL_1 "@3402000000>", q.call_id ? q.call_id : "call-1", q.cseq,
             q.extra ? q.extra : "", q.type ? "Content-Type: " : "", q.type ? q.type : "", q.type ? "\r\n" : "",
             strlen(body), body);
    rig_input_from(r, from, text);
    rig_drain(r);
}

static void ask(struct rig *r, struct ask q)
{
    ask_from(r, r->server, q);
}

static struct ask invite(const char *call_id, const char *sdp)
{
    return (struct ask){ .method = "INVITE",
                         .call_id = call_id,
                         .branch = call_id,
                         .cseq = "3 INVITE",
                         .type = "APPLICATION/SDP",
                         .body = sdp };
}

static unsigned last_status(struct rig *r)
{
    return (unsigned)strtoul(rig_last(r) + 8, NULL, 10);
}

/* INVITE, accept, ACK: the number of the running call. */
static uint32_t start_call(struct rig *r, const char *call_id, const char *sdp)
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t call;

    ask(r, invite(call_id, sdp));
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_accept(r->agent, call, &any, &r->now), 0);
    rig_drain(r);
    assert_int_equal(last_status(r), 200);
    ask(r, (struct ask){ .method = "ACK",
                         .call_id = call_id,
                         .branch = "z9hG4bKack",
                         .cseq = "3 ACK",
                         .to = rig_header(rig_last(r), "To") });
    assert_non_null(rig_event(r, AGENT_CALL_START));
    assert_int_equal(rig_event(r, AGENT_CALL_START)->ev.call, call);
    rig_forget(r);
    return call;
}

static void expect_stop(struct rig *r, uint32_t call, enum agent_stop_reason why)
{
    const struct rig_event *e = rig_event(r, AGENT_CALL_STOP);

    assert_non_null(e);
    assert_int_equal(e->ev.call, call);
    assert_int_equal(e->ev.u.stop, why);
}

static struct rig *online(void)
{
    struct rig *r = rig_new(NULL);

    rig_register(r);
    return r;
}

static void test_answer(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    const char *p;

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    assert_int_equal(r->npackets, 0);
    const struct rig_event *e = rig_event(r, AGENT_CALL_OFFER);
    assert_non_null(e);
    assert_string_equal(e->channel, CHANNEL_1);
    assert_int_equal(e->offer.ssrc, 200000001);
    assert_int_equal(e->offer.media.port, 30000);
    assert_int_equal(agent_call_accept(r->agent, e->ev.call, &any, &r->now), 0);
    p = rig_last(r);
    assert_int_equal(last_status(r), 200);
    assert_non_null(strstr(p, "Via: SIP/2.0/UDP 192.0.2.1:5060;rport=5060;branch=c1;received=192.0.2.1\r\n"));
    assert_string_equal(rig_header(p, "Contact"), "<sip:" CHANNEL_1 "@198.51.100.5:5062>");
    assert_string_equal(rig_header(p, "Content-Type"), "Application/SDP");
    assert_string_equal(rig_header(p, "CSeq"), "3 INVITE");
    assert_non_null(strstr(rig_header(p, "To"), ";tag="));
    assert_non_null(strstr(p, "\r\no=" CHANNEL_1 " 0 0 IN IP4 198.51.100.5\r\n"));
    assert_non_null(strstr(p, "\r\nc=IN IP4 198.51.100.5\r\n"));
    assert_non_null(strstr(p, "\r\nm=video 40000 RTP/AVP 96\r\n"));
    assert_non_null(strstr(p, "\r\ny=0200000001\r\n"));
    assert_null(rig_event(r, AGENT_CALL_START));
    rig_free(r);
}

/* The 2xx is retransmitted at T1 doubling to T2 until 32 s, then BYE and the end. */
static void test_no_ack(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint64_t start;
    uint32_t call;

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    start = r->now.mono_ms;
    agent_call_accept(r->agent, call, &any, &r->now);
    rig_run(r, 31900);
    assert_int_equal(r->npackets, 11);
    assert_int_equal(r->at[1] - start, 500);
    assert_int_equal(r->at[2] - start, 1500);
    assert_int_equal(r->at[3] - start, 3500);
    assert_int_equal(r->at[4] - start, 7500);
    assert_int_equal(r->at[5] - start, 11500);
    for (unsigned i = 1; i < r->npackets; i++)
        assert_string_equal(r->packet[i], r->packet[0]);
    rig_run(r, 100);
    assert_true(!strncmp(rig_last(r), "BYE sip:" SERVER_ID "@192.0.2.1:5060 SIP/2.0\r\n", 20));
    assert_string_equal(rig_header(rig_last(r), "To"), "<sip:" SERVER_ID "@3402000000>;tag=plat");
    assert_string_equal(rig_header(rig_last(r), "From"), rig_header(r->packet[0], "To"));
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), "c1");
    expect_stop(r, call, CALL_STOP_NO_ACK);
    rig_free(r);
}

static void test_same_invite_same_200(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t call;

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    ask(r, invite("c1", SDP_UDP));
    assert_int_equal(r->npackets, 0);
    assert_int_equal(r->nevents, 1);
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    agent_call_accept(r->agent, call, &any, &r->now);
    rig_drain(r);
    for (unsigned i = 0; i < 1000; i++)
        ask(r, invite("c1", SDP_UDP));
    assert_int_equal(r->npackets, 1001);
    for (unsigned i = 1; i < r->npackets; i++)
        assert_string_equal(r->packet[i], r->packet[0]);
    assert_int_equal(r->nevents, 1);
    /* Another branch: the same dialog, the same answer. */
    struct ask other = invite("c1", SDP_UDP);
    other.branch = "another";
    ask(r, other);
    assert_int_equal(last_status(r), 200);
    assert_string_equal(rig_header(rig_last(r), "To"), rig_header(r->packet[0], "To"));
    assert_int_equal(r->nevents, 1);
    rig_free(r);
}

static void test_trying_after_200ms(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    rig_run(r, 199);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 1);
    assert_int_equal(last_status(r), 100);
    assert_null(strstr(rig_header(rig_last(r), "To"), "tag="));
    ask(r, invite("c1", SDP_UDP));
    assert_int_equal(last_status(r), 100);
    agent_call_accept(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, &any, &r->now);
    assert_int_equal(last_status(r), 200);
    rig_free(r);
}

static void test_owner_never_answers(void **state)
{
    struct rig *r = online();

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    rig_run(r, 30000);
    assert_int_equal(last_status(r), 480);
    expect_stop(r, rig_event(r, AGENT_CALL_OFFER)->ev.call, CALL_STOP_REJECTED);
    rig_free(r);
}

/* A refusal is retransmitted until its ACK, whatever its tag and branch. */
static void test_reject(void **state)
{
    struct rig *r = online();
    uint32_t call;

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_reject(r->agent, call, 486, &r->now), 0);
    assert_int_equal(agent_call_reject(r->agent, call, 486, &r->now), -ENOENT);
    assert_int_equal(last_status(r), 486);
    rig_run(r, 1600);
    assert_int_equal(r->npackets, 3);
    ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .branch = "whatever", .cseq = "3 ACK" });
    rig_run(r, 60000);
    assert_int_equal(r->npackets, 3);
    assert_null(rig_event(r, AGENT_CALL_START));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

static void expect_refused(const char *user, const char *type, const char *sdp, unsigned status)
{
    struct rig *r = online();
    struct ask q = invite("c1", sdp);

    q.user = user;
    q.to = "<sip:34020000001310000099@3402000000>";
    q.type = type;
    ask(r, q);
    assert_int_equal(last_status(r), status);
    assert_null(rig_event(r, AGENT_CALL_OFFER));
    rig_free(r);
}

#define MEDIA(ip, port)                                                                                                \
    "v=0\r\no=a 0 0 IN IP4 192.0.2.3\r\ns=Play\r\nc=IN IP4 " ip "\r\nt=0 0\r\nm=video " port                           \
    " RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\n"

#define HISTORY(name, u, t)                                                                                            \
    "v=0\r\no=a 0 0 IN IP4 192.0.2.3\r\ns=" name "\r\n" u "c=IN IP4 192.0.2.3\r\nt=" t "\r\n"                          \
    "m=video 30000 RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\n"

static void test_refused_offers(void **state)
{
    (void)state;
    expect_refused("34020000001310000098", "Application/SDP", SDP_UDP, 404);
    expect_refused(CHANNEL_1, "text/plain", SDP_UDP, 415);
    expect_refused(CHANNEL_1, "Application/SDP", "garbage", 400);
    expect_refused(CHANNEL_1, NULL, NULL, 488);
    expect_refused(CHANNEL_1, "Application/SDP", SDP_HEAD "m=video 0 RTP/AVP 96\r\n", 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("192.0.2.3", "1023"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("0.0.0.0", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("224.0.0.5", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("255.255.255.255", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("127.0.0.1", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("169.254.1.1", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", MEDIA("198.51.100.5", "30000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", HISTORY("Playback", "", "0 0"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", HISTORY("Download", "", "1700000100 1700000000"), 488);
    expect_refused(CHANNEL_1, "Application/SDP", SDP_HEAD "m=video 30000 RTP/AVP 97\r\na=rtpmap:97 MPEG4/90000\r\n",
                   488);
}

static void test_media_allow(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    assert_int_equal(cidr_parse(&cfg.media_allow[0], SPAN_LIT("127.0.0.0/8")), 0);
    cfg.nmedia_allow = 1;
    r = rig_new(&cfg);
    rig_register(r);
    ask(r, invite("c1", MEDIA("127.0.0.1", "30000")));
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    rig_free(r);
}

#define MEDIA6(type, ip)                                                                                               \
    "v=0\r\no=a 0 0 IN " type " " ip "\r\ns=Play\r\nc=IN " type " " ip "\r\nt=0 0\r\nm=video 30000 RTP/AVP 96\r\n"     \
    "a=rtpmap:96 PS/90000\r\ny=0200000001\r\n"

/* Loopback media is refused if the signalling is over the other family's loopback, however c= writes it. */
static void test_loopback_of_the_other_family(void **state)
{
    static const struct {
        const char *server, *sdp;
        bool good;
    } cases[] = {
        { "127.0.0.1:5060", MEDIA6("IP4", "::1"), false },
        { "127.0.0.1:5060", MEDIA6("IP6", "::1"), false },
        { "127.0.0.1:5060", MEDIA6("IP6", "::ffff:127.0.0.1"), true },
        { "127.0.0.1:5060", MEDIA6("IP6", "fe80::1"), false },
        { "[::1]:5060", MEDIA6("IP4", "127.0.0.1"), false },
        { "[::1]:5060", MEDIA6("IP6", "::1"), true },
        { "192.0.2.1:5060", MEDIA6("IP6", "::1"), false },
        { "192.0.2.1:5060", MEDIA6("IP6", "2001:db8::9"), true },
        { "192.0.2.1:5060", MEDIA6("IP6", "ff02::1"), false },
        { "192.0.2.1:5060", MEDIA6("IP6", "::"), false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = rig_new(NULL);
        r->server = rig_addr(cases[i].server);
        r->local = r->server;
        r->local.port = 5062;
        rig_register(r);
        ask(r, invite("c1", cases[i].sdp));
        if ((rig_event(r, AGENT_CALL_OFFER) != NULL) != cases[i].good)
            fail_msg("case %zu", i);
        rig_free(r);
    }
}

/* Signalling over loopback allows media over loopback. */
static void test_loopback_world(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    r->server = rig_addr("127.0.0.1:5060");
    r->local = rig_addr("127.0.0.1:5062");
    rig_register(r);
    ask(r, invite("c1", MEDIA("127.0.0.1", "30000")));
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    rig_free(r);
}

static void test_no_y_makes_one(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };

    (void)state;
    ask(r, invite("c1", MEDIA("192.0.2.3", "30000")));
    const struct rig_event *e = rig_event(r, AGENT_CALL_OFFER);
    assert_true(e->offer.has_ssrc);
    assert_int_equal(strlen(e->offer.ssrc_text), 10);
    assert_memory_equal(e->offer.ssrc_text, "020000", 6);
    assert_int_equal(strtoul(e->offer.ssrc_text, NULL, 10), e->offer.ssrc);
    agent_call_accept(r->agent, e->ev.call, &any, &r->now);
    assert_non_null(strstr(rig_last(r), e->offer.ssrc_text));
    rig_free(r);
}

/* An offer without PS: the owner chooses the elementary stream, and the answer has only that one. */
static void test_elementary_answer(void **state)
{
    static const struct {
        enum sdp_format format;
        const char *answer;
        uint8_t payload_type;
    } cases[] = {
        { SDP_FORMAT_H264, "m=video 40000 RTP/AVP 98\r\na=sendonly\r\na=rtpmap:98 H264/90000\r\n", 98 },
        { SDP_FORMAT_H265, "m=video 40000 RTP/AVP 99\r\na=sendonly\r\na=rtpmap:99 H265/90000\r\n", 99 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct addr local = { .family = ADDR_V4, .port = 40000 };
        const struct call_answer ps = { .local = local }, fits = { .local = local, .format = cases[i].format };
        struct rig *r = online();
        ask(r, invite("c1", SDP_HEAD "m=video 30000 RTP/AVP 97 98 99\r\na=rtpmap:98 H264/90000\r\n"
                                     "a=rtpmap:99 H265/90000\r\ny=0200000001\r\n"));
        uint32_t call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
        assert_int_equal(agent_call_accept(r->agent, call + 1, &fits, &r->now), -ENOENT);
        assert_int_equal(agent_call_accept(r->agent, call, &ps, &r->now), -ENOTSUP);
        assert_int_equal(agent_call_accept(r->agent, call, &fits, &r->now), 0);
        assert_non_null(strstr(rig_last(r), cases[i].answer));
        assert_int_equal(agent_call_accept(r->agent, call, &fits, &r->now), -ENOENT);
        ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .branch = "z9hG4bKack", .cseq = "3 ACK" });
        assert_non_null(rig_event(r, AGENT_CALL_START));
        assert_int_equal(rig_event(r, AGENT_CALL_START)->ev.u.start.payload_type, cases[i].payload_type);
        assert_int_equal(rig_event(r, AGENT_CALL_START)->ev.u.start.ssrc, 200000001);
        rig_free(r);
    }
}

/* The media address in the answer. */
static void test_answer_address(void **state)
{
    static const struct {
        const char *media_address, *local, *answered;
    } cases[] = {
        { NULL, "0.0.0.0:40000", "198.51.100.5" }, /* unknown: that of the signalling */
        { NULL, "198.51.100.5:40000", "198.51.100.5" },
        { NULL, "198.51.100.77:40000", "198.51.100.77" }, /* another interface */
        { "203.0.113.9", "198.51.100.77:40000", "203.0.113.9" },
        { "203.0.113.9", "0.0.0.0:40000", "203.0.113.9" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct agent_config cfg;
        struct call_answer answer = { .local = rig_addr(cases[i].local) };
        char connection[64];
        struct rig *r;
        rig_config(&cfg);
        if (cases[i].media_address)
            assert_int_equal(addr_parse_ip(&cfg.media_address, span_of(cases[i].media_address)), 0);
        r = rig_new(&cfg);
        rig_register(r);
        ask(r, invite("c1", SDP_UDP));
        assert_int_equal(agent_call_accept(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, &answer, &r->now), 0);
        snprintf(connection, sizeof(connection), "\r\nc=IN IP4 %s\r\n", cases[i].answered);
        if (!strstr(rig_last(r), connection) || !strstr(rig_last(r), "\r\nm=video 40000 "))
            fail_msg("case %zu: %s", i, rig_last(r));
        rig_free(r);
    }
}

static void test_device_id_is_channel_1(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", SDP_UDP);

    (void)state;
    q.user = DEVICE_ID;
    ask(r, q);
    assert_string_equal(rig_event(r, AGENT_CALL_OFFER)->channel, CHANNEL_1);
    rig_free(r);
}

/* ---- ends ------------------------------------------------------------------------------- */

static void expect_bye(struct ask q)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);
    unsigned status;

    q.method = "BYE";
    q.call_id = "c1";
    ask(r, q);
    assert_int_equal(last_status(r), 200);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), q.cseq);
    expect_stop(r, call, CALL_STOP_BYE);
    rig_forget(r);
    ask(r, q);
    status = last_status(r);
    assert_true(status == 200 || status == 481);
    q.cseq = "77 BYE";
    q.extra = NULL;
    ask(r, q);
    status = last_status(r);
    assert_true(status == 200 || status == 481);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

static void test_bye_faults(void **state)
{
    (void)state;
    expect_bye((struct ask){ .cseq = "4 BYE", .branch = "z9hG4bKbye" });
    expect_bye((struct ask){ .cseq = "4 ACK", .branch = "z9hG4bKack" }); /* LAL */
    expect_bye((struct ask){ .cseq = "3 BYE", .branch = "c1" });         /* SLN, GOGB: the INVITE's branch */
    expect_bye((struct ask){ .cseq = "1 BYE",
                             .branch = "z9hG4bKbye",
                             .from = "<sip:x@192.0.2.1:5060>;tag=other",
                             .to = "<sip:" CHANNEL_1 "@9.9.9.9>;tag=wrong" });
    expect_bye((struct ask){ .cseq = "2147483647 BYE", .branch = "" });
    expect_bye((struct ask){ .cseq = "5 BYE", .branch = "1234567890" });
    expect_bye((struct ask){ .cseq = "6 BYE", .branch = "z9hG4bKreq", .extra = "Require: nobody-has-this\r\n" });
    expect_bye((struct ask){ .cseq = "7 BYE", .branch = "z9hG4bKbad", .extra = "Bad\x01Name: x\r\n" });
}

static void test_bye_unknown(void **state)
{
    struct rig *r = online();

    (void)state;
    start_call(r, "c1", SDP_UDP);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c2", .cseq = "4 BYE" });
    assert_int_equal(last_status(r), 481);
    /* Unknown source: no response. */
    rig_forget(r);
    ask_from(r, rig_addr("192.0.2.66:5060"), (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "4 BYE" });
    ask_from(r, rig_addr("192.0.2.1:5061"), (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "4 BYE" });
    assert_int_equal(r->npackets, 0);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_int_equal(mux_unknown_sources(r->mux), 2);
    rig_free(r);
}

static void test_cancel(void **state)
{
    struct rig *r = online();
    uint32_t call;

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    ask(r, (struct ask){ .method = "CANCEL", .call_id = "c1", .branch = "c1", .cseq = "3 CANCEL" });
    assert_int_equal(r->npackets, 2);
    assert_non_null(strstr(r->packet[0], "SIP/2.0 200"));
    assert_string_equal(rig_header(r->packet[0], "CSeq"), "3 CANCEL");
    assert_non_null(strstr(r->packet[1], "SIP/2.0 487"));
    assert_string_equal(rig_header(r->packet[1], "CSeq"), "3 INVITE");
    expect_stop(r, call, CALL_STOP_CANCEL);
    assert_int_equal(agent_call_accept(r->agent, call, &(struct call_answer){ .local = r->local }, &r->now), -ENOENT);
    ask(r, (struct ask){ .method = "CANCEL", .call_id = "cx", .branch = "cx", .cseq = "3 CANCEL" });
    assert_int_equal(last_status(r), 481);
    rig_free(r);
}

static void test_cancel_too_late(void **state)
{
    struct rig *r = online();

    (void)state;
    start_call(r, "c1", SDP_UDP);
    ask(r, (struct ask){ .method = "CANCEL", .call_id = "c1", .branch = "c1", .cseq = "3 CANCEL" });
    assert_int_equal(last_status(r), 200);
    assert_int_equal(r->npackets, 1);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

static void test_ended_by_us(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);

    (void)state;
    assert_int_equal(agent_call_ended(r->agent, call, "the receiver is gone", &r->now), 0);
    assert_true(!strncmp(rig_last(r), "BYE sip:", 8));
    assert_true(addr_same(&r->to[0], &r->server));
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 40000);
    assert_int_equal(r->npackets, 1);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_int_equal(agent_call_ended(r->agent, call, "x", &r->now), -ENOENT);
    rig_free(r);
}

/* INVITE and its 200, without the ACK. */
static uint32_t answered(struct rig *r)
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t call;

    ask(r, invite("c1", SDP_UDP));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_accept(r->agent, call, &any, &r->now), 0);
    rig_drain(r);
    return call;
}

static void ack(struct rig *r)
{
    ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .branch = "z9hG4bKack", .cseq = "3 ACK" });
}

/* RFC 3261 15: no BYE before the ACK, so the 200 is still retransmitted. */
static void test_ended_before_ack(void **state)
{
    struct rig *r = online();
    uint32_t call = answered(r);

    (void)state;
    assert_int_equal(agent_call_ended(r->agent, call, "no source", &r->now), 0);
    assert_int_equal(agent_call_ended(r->agent, call, "no source", &r->now), -ENOENT);
    assert_int_equal(rig_calls(r->agent), 0);
    rig_run(r, 1600);
    assert_int_equal(rig_count(r, "BYE "), 0);
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 3);
    ack(r);
    assert_int_equal(rig_count(r, "BYE "), 1);
    assert_string_equal(rig_header(rig_last(r), "From"), rig_header(r->packet[0], "To"));
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), "c1");
    assert_null(rig_event(r, AGENT_CALL_START));
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    ack(r);
    rig_run(r, 40000);
    assert_int_equal(rig_count(r, "BYE "), 1);
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 3);
    rig_free(r);
}

/* Without an ACK the BYE follows after 64*T1. */
static void test_ended_and_no_ack(void **state)
{
    struct rig *r = online();
    uint32_t call = answered(r);

    (void)state;
    rig_run(r, 10000);
    assert_int_equal(agent_call_ended(r->agent, call, "no source", &r->now), 0);
    rig_run(r, 21999);
    assert_int_equal(rig_count(r, "BYE "), 0);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "BYE "), 1);
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 11);
    rig_free(r);
}

/* Both hang up at the same time: one BYE suffices. Unregistering and a lost registration do not wait. */
static void test_ended_and_other_ends(void **state)
{
    struct rig *r = online();
    uint32_t call = answered(r);

    (void)state;
    agent_call_ended(r->agent, call, "no source", &r->now);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "4 BYE", .branch = "z9hG4bKbye" });
    assert_int_equal(last_status(r), 200);
    rig_forget(r);
    rig_run(r, 40000);
    assert_int_equal(r->npackets, 0);
    rig_free(r);

    r = online();
    call = answered(r);
    agent_call_ended(r->agent, call, "no source", &r->now);
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_drain(r);
    assert_int_equal(rig_count(r, "BYE "), 1);
    rig_free(r);

    r = online();
    call = answered(r);
    agent_call_ended(r->agent, call, "no source", &r->now);
    agent_link_failed(r->agent, "the cable", &r->now);
    rig_drain(r);
    rig_forget(r);
    rig_run(r, 40000);
    assert_int_equal(rig_count(r, "BYE "), 0);
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 0);
    rig_free(r);
}

/* The number of BYEs that wait for an ACK is limited; the next one is sent immediately. */
static void test_ended_many(void **state)
{
    const struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    struct rig *r = online();

    (void)state;
    for (unsigned i = 0; i <= CALLS_LEAVING_MAX; i++) {
        char id[12];
        snprintf(id, sizeof(id), "m%u", i);
        rig_forget(r);
        ask(r, invite(id, SDP_UDP));
        assert_non_null(rig_event(r, AGENT_CALL_OFFER));
        assert_int_equal(agent_call_accept(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, &any, &r->now), 0);
        assert_int_equal(agent_call_ended(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, "x", &r->now), 0);
        rig_drain(r);
        assert_int_equal(rig_count(r, "BYE "), i == CALLS_LEAVING_MAX);
    }
    ask(r, (struct ask){ .method = "ACK", .call_id = "m7", .branch = "z9hG4bKack", .cseq = "3 ACK" });
    assert_int_equal(rig_count(r, "BYE "), 2);
    rig_free(r);
}

/* An unusable Contact: the BYE goes to the source of the INVITE. */
static void test_bye_without_contact(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    char text[2048];
    uint32_t call;

    (void)state;
    snprintf(text, sizeof(text),
             "INVITE sip:" CHANNEL_1
             "@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=q\r\nFrom: <sip:a@b>;tag=1\r\n"
             "To: <sip:" CHANNEL_1 "@b>\r\nCall-ID: c9\r\nCSeq: 3 INVITE\r\nContact: <sip:id@>\r\n"
             "Record-Route: <sip:192.0.2.1;lr>\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(SDP_UDP), SDP_UDP);
    rig_input_from(r, r->server, text);
    rig_drain(r);
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    agent_call_accept(r->agent, call, &any, &r->now);
    assert_string_equal(rig_header(rig_last(r), "Record-Route"), "<sip:192.0.2.1;lr>");
    ask(r, (struct ask){ .method = "ACK", .call_id = "c9", .branch = "z9hG4bKack", .cseq = "3 ACK" });
    agent_call_ended(r->agent, call, "x", &r->now);
    assert_true(!strncmp(rig_last(r), "BYE ", 4));
    assert_string_equal(rig_header(rig_last(r), "Route"), "<sip:192.0.2.1;lr>");
    rig_free(r);
}

/* ---- which dialog --------------------------------------------------------------------------- */

#define FROM(tag) "<sip:" SERVER_ID "@3402000000>;tag=" tag
#define TO(user)  "<sip:" user "@3402000000>"

/* A running call; all have the same Call-ID. */
struct one {
    uint32_t call;
    char to[160]; /* with our tag */
};

static struct one start_one(struct rig *r, const char *from, const char *user, const char *to, const char *port)
{
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    char sdp[512];
    struct ask q = invite("one", sdp);
    struct one x;

    snprintf(sdp, sizeof(sdp), "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video %s RTP/AVP 96\r\n", port);
    q.from = from;
    q.user = user;
    q.to = to;
    ask(r, q);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    x.call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_accept(r->agent, x.call, &any, &r->now), 0);
    snprintf(x.to, sizeof(x.to), "%s", rig_header(rig_last(r), "To"));
    ask(r, (struct ask){ .method = "ACK",
                         .call_id = "one",
                         .branch = "z9hG4bKack",
                         .cseq = "3 ACK",
                         .from = from,
                         .user = "x",
                         .to = x.to });
    assert_int_equal(rig_event(r, AGENT_CALL_START)->ev.call, x.call);
    rig_forget(r);
    return x;
}

static unsigned count_events(const struct rig *r, enum agent_event_kind kind)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->nevents; i++)
        n += r->event[i].ev.kind == kind;
    return n;
}

/* A platform with one Call-ID for all calls: its tag distinguishes them, in every request. */
static void test_one_call_id(void **state)
{
    struct rig *r = online();
    struct one a = start_one(r, FROM("a"), CHANNEL_1, TO(CHANNEL_1), "30000");
    struct one b = start_one(r, FROM("b"), CHANNEL_1, TO(CHANNEL_1), "30002");

    (void)state;
    assert_true(rig_has_call(r, a.call) && rig_has_call(r, b.call));
    ask(r, (struct ask){ .method = "INFO",
                         .call_id = "one",
                         .cseq = "4 INFO",
                         .from = FROM("b"),
                         .to = b.to,
                         .branch = "i",
                         .type = "Application/MANSRTSP",
                         .body = "PAUSE RTSP/1.0\r\nCSeq: 1\r\n" });
    assert_int_equal(rig_event(r, AGENT_CALL_CONTROL)->ev.call, b.call);
    /* Without our tag, or with an unknown one, it is the same dialog. */
    ask(r, (struct ask){ .method = "BYE",
                         .call_id = "one",
                         .cseq = "5 BYE",
                         .from = FROM("b"),
                         .to = TO(CHANNEL_1),
                         .branch = "b1" });
    assert_int_equal(last_status(r), 200);
    expect_stop(r, b.call, CALL_STOP_BYE);
    /* A second BYE does not end the other call with the same Call-ID. */
    ask(r, (struct ask){
               .method = "BYE", .call_id = "one", .cseq = "6 BYE", .from = FROM("b"), .to = b.to, .branch = "b2" });
    assert_int_equal(last_status(r), 481);
    assert_true(rig_has_call(r, a.call));
    rig_forget(r);
    /* Another INVITE without a To tag is a new call and does not replace this one. */
    b = start_one(r, FROM("c"), CHANNEL_1, TO(CHANNEL_1), "30004");
    assert_true(rig_has_call(r, a.call) && rig_has_call(r, b.call));
    rig_free(r);
}

/* CANCEL of one offered call does not affect the other. */
static void test_one_call_id_cancel(void **state)
{
    struct rig *r = online();
    struct one a = start_one(r, FROM("a"), CHANNEL_1, TO(CHANNEL_1), "30000");
    struct ask q = invite("one", MEDIA("192.0.2.3", "30002"));

    (void)state;
    q.from = FROM("b");
    ask(r, q);
    assert_int_equal(count_events(r, AGENT_CALL_OFFER), 1);
    ask(r,
        (struct ask){ .method = "CANCEL", .call_id = "one", .branch = "one", .cseq = "3 CANCEL", .from = FROM("b") });
    assert_int_equal(last_status(r), 487);
    assert_int_equal(count_events(r, AGENT_CALL_STOP), 1);
    assert_true(rig_has_call(r, a.call));
    rig_free(r);
}

/* No matching dialog, several calls with the Call-ID: our tag decides, then the channel in Request-URI or To;
 * otherwise none ends. */
static void test_call_id_of_several(void **state)
{
    static const struct {
        const char *user, *to; /* to: NULL: that of the first with our tag */
        int ends;              /* 0, 1 or neither: -1 */
    } cases[] = {
        { "x", NULL, 0 },          { CHANNEL_2, NULL, 0 },
        { CHANNEL_1, TO("x"), 0 }, { CHANNEL_2, TO("x") ";tag=wrong", 1 },
        { "x", TO(CHANNEL_2), 1 }, { CHANNEL_2, TO(CHANNEL_1), 1 },
        { "x", TO("x"), -1 },      { DEVICE_ID, TO(DEVICE_ID), -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = online();
        struct one x[2] = { start_one(r, FROM("a"), CHANNEL_1, TO(CHANNEL_1), "30000"),
                            start_one(r, FROM("b"), CHANNEL_2, TO(CHANNEL_2), "30002") };
        ask(r, (struct ask){ .method = "BYE",
                             .call_id = "one",
                             .cseq = "1 BYE",
                             .from = FROM("other"),
                             .branch = "b",
                             .user = cases[i].user,
                             .to = cases[i].to ? cases[i].to : x[0].to });
        if (last_status(r) != (cases[i].ends < 0 ? 481u : 200u) || rig_has_call(r, x[0].call) != (cases[i].ends != 0) ||
            rig_has_call(r, x[1].call) != (cases[i].ends != 1))
            fail_msg("case %zu", i);
        rig_free(r);
    }
}

/* Two of one channel: ambiguous, neither ends. */
static void test_call_id_of_two_viewers(void **state)
{
    struct rig *r = online();
    struct one a = start_one(r, FROM("a"), CHANNEL_1, TO(CHANNEL_1), "30000");
    struct one b = start_one(r, FROM("b"), CHANNEL_1, TO(CHANNEL_1), "30002");

    (void)state;
    ask(r, (struct ask){ .method = "BYE", .call_id = "one", .cseq = "9 BYE", .from = FROM("other"), .branch = "b" });
    assert_int_equal(last_status(r), 481);
    assert_true(rig_has_call(r, a.call) && rig_has_call(r, b.call));
    ask(r, (struct ask){
               .method = "BYE", .call_id = "one", .cseq = "9 BYE", .from = FROM("other"), .to = b.to, .branch = "c" });
    assert_int_equal(last_status(r), 200);
    assert_true(rig_has_call(r, a.call) && !rig_has_call(r, b.call));
    rig_free(r);
}

/* A malformed BYE ends the only call with its Call-ID; if there are two it is refused. */
static void test_broken_bye(void **state)
{
    static const char *const parties[] = {
        "",
        "From: <sip:" SERVER_ID "@3402000000>;tag=plat\r\n",
        "To: <sip:" CHANNEL_1 "@3402000000>\r\n",
        "From: <sip:" SERVER_ID "@34020\r\nTo: <\r\n",
        "From: \r\nTo: \r\n",
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(parties) / sizeof(parties[0]); i++) {
        struct rig *r = online();
        struct one a = start_one(r, FROM("a"), CHANNEL_1, TO(CHANNEL_1), "30000"), b = a;
        char text[512];

        if (i % 2)
            b = start_one(r, FROM("b"), CHANNEL_1, TO(CHANNEL_1), "30002");
        snprintf(text, sizeof(text),
                 "BYE sip:x@198.51.100.5:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=b\r\n"
                 "%sCall-ID: one\r\nCSeq: 4 BYE\r\nContent-Length: 0\r\n\r\n",
                 parties[i / 2]);
        rig_input_from(r, r->server, text);
        rig_drain(r);
        assert_int_equal(last_status(r), i % 2 ? 400 : 200);
        assert_string_equal(rig_header(rig_last(r), "Call-ID"), "one");
        assert_string_equal(rig_header(rig_last(r), "CSeq"), "4 BYE");
        assert_int_equal(rig_has_call(r, a.call) && rig_has_call(r, b.call), i % 2);
        rig_free(r);
    }
}

static unsigned pause_by(struct rig *r, const char *cseq, const char *from)
{
    static unsigned branch;
    char id[16];

    snprintf(id, sizeof(id), "p%u", ++branch);
    rig_forget(r);
    ask(r, (struct ask){ .method = "INFO",
                         .call_id = "c1",
                         .branch = id,
                         .cseq = cseq,
                         .from = from,
                         .type = "Application/MANSRTSP",
                         .body = "PAUSE RTSP/1.0\r\nCSeq: 5\r\n" });
    if (!rig_event(r, AGENT_CALL_CONTROL))
        return last_status(r);
    agent_call_control_done(r->agent, rig_event(r, AGENT_CALL_CONTROL)->ev.call,
                            rig_event(r, AGENT_CALL_CONTROL)->ev.token, 200, &r->now);
    return last_status(r);
}

/* RFC 3261 12.2.2: a CSeq below the dialog's last one is refused without effect; a large drop means that it wrapped. */
static void test_old_cseq(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);
    struct ask q = invite("c1", MEDIA("192.0.2.3", "30002"));

    (void)state;
    assert_int_equal(pause_by(r, "2 INFO", NULL), 500);
    assert_int_equal(count_events(r, AGENT_CALL_CONTROL), 0);
    assert_int_equal(pause_by(r, "3 INFO", NULL), 200);
    assert_int_equal(pause_by(r, "100 INFO", NULL), 200);
    assert_int_equal(pause_by(r, "99 INFO", NULL), 500);
    assert_int_equal(pause_by(r, "99 INFO", FROM("other")), 200); /* another dialog has its own CSeq */
    rig_forget(r);
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    q.cseq = "99 INVITE";
    ask(r, q);
    assert_int_equal(last_status(r), 500);
    assert_int_equal(r->nevents, 0);
    assert_int_equal(pause_by(r, "2147483647 INFO", NULL), 200);
    assert_int_equal(pause_by(r, "1073741823 INFO", NULL), 500); /* 2^30 lower */
    assert_int_equal(pause_by(r, "1 INFO", NULL), 200);
    assert_int_equal(pause_by(r, "2 INFO", NULL), 200);
    assert_int_equal(pause_by(r, "1 INFO", NULL), 500);
    rig_forget(r);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "1 BYE", .branch = "b" });
    assert_int_equal(last_status(r), 200);
    expect_stop(r, call, CALL_STOP_BYE);
    rig_free(r);
}

/* CANCEL works with any CSeq. */
static void test_cancel_old_cseq(void **state)
{
    struct rig *r = online();

    (void)state;
    ask(r, invite("c1", SDP_UDP));
    ask(r, (struct ask){ .method = "CANCEL", .call_id = "c1", .branch = "c1", .cseq = "1 CANCEL" });
    expect_stop(r, rig_event(r, AGENT_CALL_OFFER)->ev.call, CALL_STOP_CANCEL);
    rig_free(r);
}

/* ---- TEARDOWN --------------------------------------------------------------------------------- */

static void info(struct rig *r, const char *cseq, const char *type, const char *body);

static void teardown(struct rig *r, uint32_t call)
{
    rig_forget(r);
    info(r, "8 INFO", "Application/MANSRTSP", "TEARDOWN RTSP/1.0\r\nCSeq: 9\r\n");
    assert_non_null(strstr(r->packet[0], "RTSP/1.0 200 OK\r\nCSeq: 9\r\n"));
    expect_stop(r, call, CALL_STOP_TEARDOWN);
    assert_false(rig_has_call(r, call));
}

/* The media stops immediately; our BYE follows if the platform's does not within 5 s. */
static void test_teardown(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);

    (void)state;
    teardown(r, call);
    ack(r); /* a late ACK, sent again */
    rig_run(r, 4999);
    assert_int_equal(r->npackets, 1);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "BYE sip:" SERVER_ID "@192.0.2.1:5060 "), 1);
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), "c1");
    assert_string_equal(rig_header(rig_last(r), "To"), FROM("plat"));
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 60000);
    assert_int_equal(rig_count(r, "BYE "), 1);
    assert_int_equal(count_events(r, AGENT_CALL_STOP), 1);
    rig_free(r);
}

static void test_teardown_then_bye(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);

    (void)state;
    teardown(r, call);
    rig_run(r, 3000);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "9 BYE", .branch = "b" });
    assert_int_equal(last_status(r), 200);
    rig_forget(r);
    rig_run(r, 60000);
    assert_int_equal(r->npackets, 0);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "10 BYE", .branch = "c" });
    assert_int_equal(last_status(r), 481);
    rig_free(r);
}

/* Before the ACK, which must come first; during a re-INVITE; before there is a dialog; and when unregistering. */
static void test_teardown_elsewhere(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", MEDIA("192.0.2.3", "30002"));
    uint32_t call = answered(r);

    (void)state;
    teardown(r, call);
    rig_run(r, 6000);
    assert_int_equal(rig_count(r, "BYE "), 0);
    assert_int_equal(rig_count(r, "SIP/2.0 200"), 4); /* to the INFO; to the INVITE again */
    ack(r);
    assert_int_equal(rig_count(r, "BYE "), 1);
    rig_free(r);

    r = online();
    call = answered(r);
    teardown(r, call);
    ack(r);
    rig_run(r, 4999);
    assert_int_equal(rig_count(r, "BYE "), 0);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "BYE "), 1);
    rig_free(r);

    r = online();
    start_call(r, "c1", SDP_UDP);
    q.cseq = "4 INVITE";
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    teardown(r, rig_event(r, AGENT_CALL_OFFER)->ev.call);
    assert_int_equal(rig_count(r, "SIP/2.0 487"), 1);
    ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .branch = "re", .cseq = "4 ACK" });
    rig_run(r, 5000);
    assert_int_equal(rig_count(r, "BYE "), 1);
    rig_free(r);

    r = online();
    ask(r, invite("c1", SDP_UDP));
    teardown(r, rig_event(r, AGENT_CALL_OFFER)->ev.call);
    assert_int_equal(rig_count(r, "SIP/2.0 487"), 1);
    ack(r);
    rig_run(r, 10000);
    assert_int_equal(rig_count(r, "BYE "), 0);
    rig_free(r);

    r = online();
    teardown(r, start_call(r, "c1", SDP_UDP));
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_drain(r);
    assert_int_equal(rig_count(r, "BYE "), 1);
    rig_free(r);
}

/* ---- the registration --------------------------------------------------------------------------- */

static void test_offline_stops(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);

    (void)state;
    r->auto_keepalive = false;
    rig_run(r, 300000);
    expect_stop(r, call, CALL_STOP_OFFLINE);
    assert_true(rig_count(r, "BYE") > 0);
    rig_free(r);
}

static void test_stop_says_bye(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);

    (void)state;
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_drain(r);
    expect_stop(r, call, CALL_STOP_SHUTDOWN);
    assert_int_equal(rig_count(r, "BYE"), 1);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    rig_answer_from(r, r->server, r->packet[0], 200, NULL);
    rig_answer_from(r, r->server, r->packet[1], 200, NULL);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_LINK_DONE));
    rig_free(r);
}

/* When the registration is lost, pending BYEs after TEARDOWN or without an ACK are sent immediately. */
static void test_offline_teardown(void **state)
{
    struct rig *r = online();
    uint32_t call;

    (void)state;
    teardown(r, start_call(r, "c1", SDP_UDP));
    ask(r, invite("c2", MEDIA("192.0.2.3", "30002")));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_equal(agent_call_accept(r->agent, call,
                                       &(struct call_answer){ .local = { .family = ADDR_V4, .port = 40000 } }, &r->now),
                     0);
    r->auto_keepalive = false;
    agent_network_changed(r->agent, &r->now);
    rig_tick(r);
    rig_answer_from(r, r->server, rig_last(r), 403, NULL);
    rig_drain(r);
    expect_stop(r, call, CALL_STOP_OFFLINE);
    assert_int_equal(rig_count(r, "BYE"), 2);
    rig_free(r);
}

/* ---- replacement ------------------------------------------------------------------------- */

static void test_replaced_by_subject(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    struct ask q = invite("c1", SDP_UDP);
    uint32_t first;

    (void)state;
    q.extra = "Subject: " CHANNEL_1 ":0200000001," SERVER_ID ":0\r\n";
    ask(r, q);
    first = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    agent_call_accept(r->agent, first, &any, &r->now);
    rig_drain(r);
    rig_forget(r);
    q.call_id = q.branch = "c2";
    q.body = MEDIA("192.0.2.3", "30002");
    ask(r, q);
    expect_stop(r, first, CALL_STOP_REPLACED);
    assert_int_equal(r->event[0].ev.kind, AGENT_CALL_STOP);
    assert_int_equal(r->event[1].ev.kind, AGENT_CALL_OFFER);
    assert_int_equal(r->npackets, 0); /* silently: SRS closes on a BYE */
    rig_free(r);
}

static void test_subject_zero_is_a_viewer(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", SDP_UDP);

    (void)state;
    q.extra = "Subject: " CHANNEL_1 ":0," SERVER_ID ":0\r\n";
    ask(r, q);
    q.call_id = q.branch = "c2";
    q.body = MEDIA("192.0.2.3", "30002");
    ask(r, q);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_int_equal(r->nevents, 2);
    rig_free(r);
}

/* Without a stream in SDP a sequence of one digit selects it, but no SSRC; a selector in SDP takes precedence. */
static void test_subject_stream(void **state)
{
    static const struct {
        const char *subject, *sdp;
        int stream;
    } cases[] = {
        { "1", SDP_UDP, 1 },   { " 2 ", SDP_UDP, 2 }, { "0", SDP_UDP, 0 },  { "0200000001", SDP_UDP, -1 },
        { "12", SDP_UDP, -1 }, { "", SDP_UDP, -1 },   { "a", SDP_UDP, -1 }, { "1", SDP_UDP "a=streamMode:main\r\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = online();
        struct ask q = invite("c1", cases[i].sdp);
        char extra[128];

        snprintf(extra, sizeof(extra), "Subject: " CHANNEL_1 ":%s," SERVER_ID ":5\r\n", cases[i].subject);
        q.extra = extra;
        ask(r, q);
        assert_int_equal(rig_event(r, AGENT_CALL_OFFER)->ev.u.offer->stream, cases[i].stream);
        rig_free(r);
    }
}

static void test_replaced_by_destination(void **state)
{
    struct rig *r = online();
    uint32_t first = start_call(r, "c1", SDP_UDP);

    (void)state;
    ask(r, invite("c2", SDP_UDP));
    expect_stop(r, first, CALL_STOP_REPLACED);
    assert_int_equal(r->npackets, 0);
    rig_free(r);
}

#define MEDIA_Y(port, y) MEDIA("192.0.2.3", port) y

/* One port with different y=: two viewers. No y=, or 0, matches any of them. */
static void test_destination_and_ssrc(void **state)
{
    static const struct {
        const char *first, *second;
        bool replaced;
    } cases[] = {
        { MEDIA_Y("30000", "y=0200000001\r\n"), MEDIA_Y("30000", "y=0200000001\r\n"), true },
        { MEDIA_Y("30000", "y=0200000001\r\n"), MEDIA_Y("30000", "y=0200000002\r\n"), false },
        { MEDIA_Y("30000", "y=0200000001\r\n"), MEDIA_Y("30000", "y=0000000000\r\n"), true },
        { MEDIA_Y("30000", "y=0200000001\r\n"), MEDIA_Y("30000", ""), true },
        { MEDIA_Y("30000", ""), MEDIA_Y("30000", "y=0200000001\r\n"), true },
        { MEDIA_Y("30000", "y=0\r\n"), MEDIA_Y("30000", "y=0200000001\r\n"), true },
        { MEDIA_Y("30000", ""), MEDIA_Y("30000", ""), true },
        { MEDIA_Y("30000", "y=0200000001\r\n"), MEDIA_Y("30002", "y=0200000001\r\n"), false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = online();
        uint32_t first = start_call(r, "c1", cases[i].first);
        ask(r, invite("c2", cases[i].second));
        if (rig_has_call(r, first) == cases[i].replaced || r->npackets > 0) /* and without a BYE */
            fail_msg("case %zu", i);
        rig_free(r);
    }
}

/* Other times are another playback; only a download has a file size. */
static void test_history(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    uint32_t first = start_call(r, "c1", HISTORY("Playback", "", "1700000000 1700000100"));
    uint32_t call;

    (void)state;
    ask(r, invite("c2", HISTORY("Playback", "u=" CHANNEL_2 ":3\r\n", "1700000000 1700000100")));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_string_equal(rig_event(r, AGENT_CALL_OFFER)->channel, CHANNEL_2); /* u= names the channel */
    rig_forget(r);
    ask(r, invite("c3", HISTORY("Playback", "u=34020000001320009999:0\r\n", "1700000000 1700000101")));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_string_equal(rig_event(r, AGENT_CALL_OFFER)->channel, CHANNEL_1);
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    any.file_size = 5;
    assert_int_equal(agent_call_accept(r->agent, call, &any, &r->now), 0);
    rig_drain(r);
    assert_non_null(strstr(rig_last(r), "\r\ny=1"));
    assert_non_null(strstr(rig_last(r), "\r\nt=1700000000 1700000101\r\n"));
    assert_null(strstr(rig_last(r), "filesize"));
    rig_forget(r);
    ask(r, invite("c4", HISTORY("Playback", "", "1700000000 1700000100")));
    expect_stop(r, first, CALL_STOP_REPLACED);
    rig_forget(r);
    ask(r, invite("c5", HISTORY("Download", "", "1700000000 1700000100")));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    call = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    any.file_size = 10485760;
    assert_int_equal(agent_call_accept(r->agent, call, &any, &r->now), 0);
    rig_drain(r);
    assert_non_null(strstr(rig_last(r), "\r\na=filesize:10485760\r\n"));
    rig_free(r);
}

/* The oldest live view is ended; recordings are not. */
static void test_max_spares_recordings(void **state)
{
    struct rig *r = online();
    uint32_t live, playback = start_call(r, "c0", HISTORY("Playback", "", "1700000000 1700000100"));
    char id[8], sdp[256];

    (void)state;
    live = start_call(r, "c1", MEDIA("192.0.2.3", "30020"));
    for (unsigned i = 2; i < 4; i++) {
        snprintf(id, sizeof(id), "c%u", i);
        snprintf(sdp, sizeof(sdp), HISTORY("Download", "", "1700000000 %u"), 1700000100 + i);
        start_call(r, id, sdp);
    }
    ask(r, invite("c4", HISTORY("Playback", "", "1700000000 1700000200")));
    expect_stop(r, live, CALL_STOP_REPLACED);
    rig_forget(r);
    ask(r, invite("c5", HISTORY("Playback", "", "1700000000 1700000300")));
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_true(playback != live);
    rig_free(r);
}

static void test_max_per_channel(void **state)
{
    struct rig *r = online();
    uint32_t first = 0;
    char id[8], sdp[256];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        snprintf(id, sizeof(id), "c%u", i);
        snprintf(sdp, sizeof(sdp), "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video %u RTP/AVP 96\r\n",
                 30000 + i);
        uint32_t call = start_call(r, id, sdp);
        if (i == 0)
            first = call;
    }
    ask(r, invite("c4", MEDIA("192.0.2.3", "30010")));
    expect_stop(r, first, CALL_STOP_REPLACED);
    assert_int_equal(rig_count(r, "BYE"), 1);
    assert_string_equal(rig_header(r->packet[0], "Call-ID"), "c0");
    /* Another channel is not affected. */
    rig_forget(r);
    struct ask q = invite("c5", MEDIA("192.0.2.3", "30012"));
    q.user = CHANNEL_2;
    ask(r, q);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_string_equal(rig_event(r, AGENT_CALL_OFFER)->channel, CHANNEL_2);
    rig_free(r);
}

/* Also one with a pending re-INVITE, which is refused before the dialog ends. */
static void test_max_per_channel_reinvite(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c0", MEDIA("192.0.2.3", "30020"));
    char id[8], sdp[256];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        snprintf(id, sizeof(id), "c%u", i);
        snprintf(sdp, sizeof(sdp), "v=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video %u RTP/AVP 96\r\n",
                 30000 + i);
        start_call(r, id, sdp);
    }
    q.cseq = "4 INVITE";
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    rig_forget(r);
    ask(r, invite("c4", MEDIA("192.0.2.3", "30010")));
    assert_int_equal(rig_count(r, "SIP/2.0 486"), 1);
    assert_int_equal(rig_count(r, "BYE"), 1);
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), "c0");
    rig_free(r);
}

/* ---- re-INVITE ---------------------------------------------------------------------------- */

static void test_reinvite_same(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", SDP_UDP);

    (void)state;
    start_call(r, "c1", SDP_UDP);
    q.cseq = "4 INVITE";
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    assert_int_equal(last_status(r), 200);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "4 INVITE");
    assert_non_null(strstr(rig_last(r), "m=video 40000 "));
    ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .cseq = "4 ACK" });
    rig_run(r, 40000);
    assert_int_equal(r->nevents, 0); /* the stream was not interrupted */
    assert_int_equal(r->npackets, 1);
    rig_free(r);
}

static void test_reinvite_moved(void **state)
{
    struct rig *r = online();
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40002 } };
    struct ask q = invite("c1", MEDIA("192.0.2.3", "30002"));
    uint32_t first = start_call(r, "c1", SDP_UDP), second;

    (void)state;
    q.cseq = "4 INVITE";
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    expect_stop(r, first, CALL_STOP_REPLACED);
    second = rig_event(r, AGENT_CALL_OFFER)->ev.call;
    assert_int_not_equal(first, second);
    assert_int_equal(rig_event(r, AGENT_CALL_OFFER)->offer.ssrc, 200000001);
    assert_int_equal(rig_event(r, AGENT_CALL_OFFER)->offer.media.port, 30002);
    agent_call_accept(r->agent, second, &any, &r->now);
    assert_non_null(strstr(rig_last(r), "m=video 40002 "));
    ask(r, (struct ask){ .method = "ACK", .call_id = "c1", .cseq = "4 ACK" });
    assert_int_equal(rig_event(r, AGENT_CALL_START)->ev.call, second);
    ask(r, (struct ask){ .method = "BYE", .call_id = "c1", .cseq = "5 BYE", .branch = "b" });
    expect_stop(r, second, CALL_STOP_BYE);
    rig_free(r);
}

static void test_reinvite_unknown(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", SDP_UDP);

    (void)state;
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    assert_int_equal(last_status(r), 481);
    rig_free(r);
}

static void test_reinvite_bad_keeps_stream(void **state)
{
    struct rig *r = online();
    struct ask q = invite("c1", MEDIA("127.0.0.1", "30002"));

    (void)state;
    start_call(r, "c1", SDP_UDP);
    q.cseq = "4 INVITE";
    q.branch = "re";
    q.to = "<sip:" CHANNEL_1 "@3402000000>;tag=any";
    ask(r, q);
    assert_int_equal(last_status(r), 488);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

/* ---- INFO --------------------------------------------------------------------------------- */

static void info(struct rig *r, const char *cseq, const char *type, const char *body)
{
    ask(r, (struct ask){ .method = "INFO", .call_id = "c1", .branch = cseq, .cseq = cseq, .type = type, .body = body });
}

static void test_info(void **state)
{
    struct rig *r = online();
    uint32_t call = start_call(r, "c1", SDP_UDP);
    const struct rig_event *e;

    (void)state;
    info(r, "4 INFO", "Application/MANSRTSP", "PAUSE RTSP/1.0\r\nCSeq: 5\r\nPauseTime: now\r\n");
    e = rig_event(r, AGENT_CALL_CONTROL);
    assert_non_null(e);
    assert_int_equal(e->ev.call, call);
    assert_int_equal(e->ev.u.rtsp.verb, MANSRTSP_PAUSE);
    assert_int_equal(r->npackets, 0);
    info(r, "4 INFO", "Application/MANSRTSP", "PAUSE RTSP/1.0\r\nCSeq: 5\r\nPauseTime: now\r\n");
    assert_int_equal(r->nevents, 1);
    assert_int_equal(agent_call_control_done(r->agent, call, e->ev.token, 200, &r->now), 0);
    assert_int_equal(last_status(r), 200);
    assert_non_null(strstr(rig_last(r), "RTSP/1.0 200 OK\r\nCSeq: 5\r\n"));
    assert_int_equal(agent_call_control_done(r->agent, call, e->ev.token, 200, &r->now), -ENOENT);
    info(r, "5 INFO", "text/plain", "PLAY RTSP/1.0\r\nCSeq: 6\r\n");
    assert_int_equal(last_status(r), 415);
    info(r, "6 INFO", "application/mansrtsp", "hello");
    assert_int_equal(last_status(r), 400);
    info(r, "7 INFO", "Application/MANSRTSP", "PLAY RTSP/1.0\r\nCSeq: 8\r\nScale: 4.000000\r\n");
    rig_run(r, 5000);
    assert_int_equal(last_status(r), 500); /* the owner did not answer */
    info(r, "8 INFO", "Application/MANSRTSP", "TEARDOWN RTSP/1.0\r\nCSeq: 9\r\n");
    assert_int_equal(last_status(r), 200);
    expect_stop(r, call, CALL_STOP_TEARDOWN);
    info(r, "9 INFO", "Application/MANSRTSP", "PAUSE RTSP/1.0\r\nCSeq: 10\r\n");
    assert_int_equal(last_status(r), 481);
    rig_free(r);
}

/* ---- before the registration ----------------------------------------------------------------- */

static void test_invite_overtakes_200(void **state)
{
    struct rig *r = rig_new(NULL);
    uint32_t call;

    (void)state;
    r->auto_keepalive = true;
    rig_run(r, 0);
    ask(r, invite("c0", SDP_UDP));
    assert_int_equal(last_status(r), 403); /* a REGISTER without credentials is pending */
    ask(r, (struct ask){ .method = "ACK", .call_id = "c0", .branch = "c0", .cseq = "3 ACK" });
    rig_answer_from(r, r->server, r->packet[0], 401, CHALLENGE);
    rig_drain(r);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    rig_run(r, 400);
    call = start_call(r, "c1", SDP_UDP);
    rig_run(r, 600); /* REGISTER is retransmitted */
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    assert_true(rig_has_call(r, call));
    rig_free(r);
}

/* SRS: no authentication, and for a known device the INVITE precedes the 200. */
static void test_invite_overtakes_unchallenged(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.transport = SIP_TCP;
    r = rig_new(&cfg);
    r->auto_keepalive = true;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    agent_link_failed(r->agent, "closed by the platform", &r->now);
    rig_drain(r);
    rig_forget(r);
    rig_run(r, 2000);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    char again[2048];
    snprintf(again, sizeof(again), "%s", rig_last(r));
    ask(r, invite("c1", SDP_TCP));
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    rig_answer_from(r, r->server, again, 200, NULL);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_null(rig_event(r, AGENT_CALL_STOP));
    rig_free(r);
}

/* Offered early, then the registration fails: the call ends. */
static void test_early_invite_then_403(void **state)
{
    struct rig *r = rig_new(NULL);
    char request[2048];

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    snprintf(request, sizeof(request), "%s", rig_last(r));
    uint32_t call = start_call(r, "c1", SDP_UDP);
    rig_answer_from(r, r->server, request, 403, NULL);
    rig_drain(r);
    expect_stop(r, call, CALL_STOP_OFFLINE);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    rig_free(r);
}

static void test_invite_too_early(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, r->packet[0], 401, CHALLENGE);
    rig_run(r, 2001);
    ask(r, invite("c1", SDP_UDP));
    assert_int_equal(last_status(r), 403);
    rig_free(r);
}

static void test_tcp_answer(void **state)
{
    struct agent_config cfg;
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.transport = SIP_TCP;
    r = rig_new(&cfg);
    rig_register(r);
    ask_from(r, rig_addr("192.0.2.1:33333"), invite("c1", SDP_TCP)); /* any port: the connection was opened by us */
    agent_call_accept(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, &any, &r->now);
    assert_non_null(strstr(rig_last(r), "m=video 40000 TCP/RTP/AVP 96\r\n"));
    assert_non_null(strstr(rig_last(r), "a=setup:active\r\n"));
    rig_run(r, 31000);
    assert_int_equal(r->npackets, 1); /* no retransmissions on TCP */
    rig_run(r, 1000);
    assert_int_equal(rig_count(r, "BYE"), 1);
    rig_free(r);
}

static void test_flood(void **state)
{
    struct rig *r = online();
    char id[16], sdp[256];
    unsigned busy = 0;

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        struct ask q;
        snprintf(id, sizeof(id), "f%u", i);
        snprintf(sdp, sizeof(sdp), "v=0\r\ns=Playx\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video %u RTP/AVP 96\r\n",
                 20000 + i);
        q = invite(id, sdp);
        ask(r, q);
        busy += r->npackets > 0 && last_status(r) == 486;
        rig_forget(r);
    }
    assert_true(rig_calls(r->agent) <= 4);
    (void)busy;
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_no_ack),
        cmocka_unit_test(test_same_invite_same_200),
        cmocka_unit_test(test_trying_after_200ms),
        cmocka_unit_test(test_owner_never_answers),
        cmocka_unit_test(test_reject),
        cmocka_unit_test(test_refused_offers),
        cmocka_unit_test(test_media_allow),
        cmocka_unit_test(test_loopback_world),
        cmocka_unit_test(test_loopback_of_the_other_family),
        cmocka_unit_test(test_no_y_makes_one),
        cmocka_unit_test(test_elementary_answer),
        cmocka_unit_test(test_answer_address),
        cmocka_unit_test(test_device_id_is_channel_1),
        cmocka_unit_test(test_bye_faults),
        cmocka_unit_test(test_bye_unknown),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_too_late),
        cmocka_unit_test(test_ended_by_us),
        cmocka_unit_test(test_ended_before_ack),
        cmocka_unit_test(test_ended_and_no_ack),
        cmocka_unit_test(test_ended_and_other_ends),
        cmocka_unit_test(test_ended_many),
        cmocka_unit_test(test_bye_without_contact),
        cmocka_unit_test(test_subject_stream),
        cmocka_unit_test(test_one_call_id),
        cmocka_unit_test(test_one_call_id_cancel),
        cmocka_unit_test(test_call_id_of_several),
        cmocka_unit_test(test_call_id_of_two_viewers),
        cmocka_unit_test(test_broken_bye),
        cmocka_unit_test(test_old_cseq),
        cmocka_unit_test(test_cancel_old_cseq),
        cmocka_unit_test(test_teardown),
        cmocka_unit_test(test_teardown_then_bye),
        cmocka_unit_test(test_teardown_elsewhere),
        cmocka_unit_test(test_destination_and_ssrc),
        cmocka_unit_test(test_max_per_channel_reinvite),
        cmocka_unit_test(test_offline_stops),
        cmocka_unit_test(test_offline_teardown),
        cmocka_unit_test(test_stop_says_bye),
        cmocka_unit_test(test_replaced_by_subject),
        cmocka_unit_test(test_subject_zero_is_a_viewer),
        cmocka_unit_test(test_replaced_by_destination),
        cmocka_unit_test(test_max_per_channel),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_max_spares_recordings),
        cmocka_unit_test(test_reinvite_same),
        cmocka_unit_test(test_reinvite_moved),
        cmocka_unit_test(test_reinvite_unknown),
        cmocka_unit_test(test_reinvite_bad_keeps_stream),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_invite_overtakes_200),
        cmocka_unit_test(test_invite_overtakes_unchallenged),
        cmocka_unit_test(test_early_invite_then_403),
        cmocka_unit_test(test_invite_too_early),
        cmocka_unit_test(test_tcp_answer),
        cmocka_unit_test(test_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
