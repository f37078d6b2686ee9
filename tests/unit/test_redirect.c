/* SPDX-License-Identifier: MIT */
/* 302 to another server and back; negotiation of the edition; 21-digit IDs. */
#include "tests/unit/agent_rig.h"

#include "agent/registration.h"

#define OTHER_ID "44010000002000000009"
#define CONTACT  "Contact: <sip:" OTHER_ID "@192.0.2.9:5080>\r\nExpires: 3600\r\n"

static struct rig *start(const struct agent_config *cfg)
{
    struct rig *r = rig_new(cfg);

    r->auto_keepalive = true;
    rig_run(r, 0);
    return r;
}

static const struct agent_status *status(const struct rig *r)
{
    static struct agent_status st;

    agent_get_status(r->agent, &st);
    return &st;
}

/* To REGISTERING at the other server. */
static void redirect(struct rig *r)
{
    rig_answer_from(r, r->server, rig_last(r), 302, CONTACT);
    rig_drain(r);
    assert_string_equal(r->host, "192.0.2.9");
    assert_int_equal(r->away.port, 5080);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
}

static void test_redirect(void **state)
{
    struct rig *r = start(NULL);
    char first[64];
    const char *p;

    (void)state;
    snprintf(first, sizeof(first), "%s", rig_header(rig_last(r), "Call-ID"));
    /* The redirecting server may ask for credentials first. */
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    redirect(r);
    p = rig_last(r);
    assert_true(addr_same(&r->to[r->npackets - 1], &r->away));
    assert_non_null(strstr(p, "REGISTER sip:" OTHER_ID "@4401000000 SIP/2.0\r\n"));
    assert_string_equal(rig_header(p, "To"), "<sip:" DEVICE_ID "@4401000000>");
    assert_null(rig_header(p, "Authorization"));
    assert_string_not_equal(rig_header(p, "Call-ID"), first);
    assert_string_equal(rig_header(p, "CSeq"), "1 REGISTER");
    rig_answer_from(r, r->away, p, 401, CHALLENGE);
    assert_non_null(strstr(rig_header(rig_last(r), "Authorization"), "uri=\"sip:" OTHER_ID "@4401000000\""));
    r->auto_keepalive = false;
    rig_answer_from(r, r->away, rig_last(r), 200, "Expires: 3600\r\n");
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_string_equal(status(r)->server_id, OTHER_ID);
    assert_true(addr_same(&status(r)->server, &r->away));
    /* Keepalives are sent to the new server and its ID. */
    p = rig_last(r);
    assert_non_null(strstr(p, "MESSAGE sip:" OTHER_ID "@4401000000 SIP/2.0\r\n"));
    assert_true(addr_same(&r->to[r->npackets - 1], &r->away));
    rig_free(r);
}

static void online_away(struct rig *r)
{
    redirect(r);
    rig_answer_from(r, r->away, rig_last(r), 200, "Expires: 3600\r\n");
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
}

/* The server redirected to controls with its own ID or, as some do, with that of the configured one. */
static void test_both_server_ids_may_control(void **state)
{
    static const struct {
        const char *from;
        unsigned status;
    } cases[] = {
        { OTHER_ID, 200 },
        { SERVER_ID, 200 },
        { "44010000002000000008", 403 },
    };
    static const char body[] =
        "<?xml version=\"1.0\"?><Control><CmdType>DeviceControl</CmdType><SN>1</SN><DeviceID>" CHANNEL_1
        "</DeviceID><PTZCmd>A50F01021F0000D6</PTZCmd></Control>";
    struct rig *r = start(NULL);
    char text[1024], want[32];

    (void)state;
    online_away(r);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig_forget(r);
        snprintf(text, sizeof(text),
                 "MESSAGE sip:" CHANNEL_1 "@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bKo%u\r\n"
                 "From: <sip:%s@4401000000>;tag=1\r\nTo: <sip:" CHANNEL_1
                 "@3402000000>\r\nCall-ID: o%u\r\nCSeq: 1 MESSAGE\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 i, cases[i].from, i, strlen(body), body);
        rig_input_from(r, r->away, text);
        snprintf(want, sizeof(want), "SIP/2.0 %u ", cases[i].status);
        assert_int_equal(strncmp(rig_last(r), want, strlen(want)), 0);
        assert_int_equal(rig_event(r, AGENT_CONTROL) != NULL, cases[i].status == 200);
    }
    rig_free(r);
}

static const char options[] = "OPTIONS sip:" DEVICE_ID
                              "@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bKx\r\n"
                              "From: <sip:x@y>;tag=1\r\nTo: <sip:" DEVICE_ID
                              "@3402000000>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\n"
                              "Content-Length: 0\r\n\r\n";

/* All signalling is with the new server only. */
static void test_only_the_new_server_is_accepted(void **state)
{
    struct rig *r = start(NULL);
    char text[512];
    unsigned n;

    (void)state;
    online_away(r);
    rig_run(r, 0);
    n = r->npackets;
    snprintf(text, sizeof(text), options, "from-old");
    rig_input_from(r, r->server, text);
    rig_drain(r);
    assert_int_equal(r->npackets, n);
    assert_int_equal(mux_unknown_sources(r->mux), 1);
    snprintf(text, sizeof(text), options, "from-new");
    rig_input_from(r, r->away, text);
    rig_drain(r);
    assert_int_equal(r->npackets, n + 1);
    assert_true(!strncmp(rig_last(r), "SIP/2.0 200", 11));
    rig_free(r);
}

static void refuse_there(struct rig *r, unsigned code)
{
    char *request = test_malloc(strlen(rig_last(r)) + 1);

    memcpy(request, rig_last(r), strlen(rig_last(r)) + 1);
    rig_forget(r);
    rig_answer_from(r, r->away, request, code, NULL);
    test_free(request);
    rig_drain(r);
}

/* Refused there: back to the redirecting server soon. */
static void test_refusal_there_returns_to_the_configured_server(void **state)
{
    static const unsigned statuses[] = { 403, 404, 500, 503 };

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct rig *r = start(NULL);
        redirect(r);
        refuse_there(r, statuses[i]);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        assert_string_equal(status(r)->server_id, SERVER_ID);
        rig_run(r, 2000);
        assert_string_equal(r->host, "");
        assert_int_equal(rig_state(r), AGENT_REGISTERING);
        assert_true(addr_same(&r->to[r->npackets - 1], &r->server));
        assert_non_null(strstr(rig_last(r), "REGISTER sip:" SERVER_ID "@3402000000 SIP/2.0\r\n"));
        assert_string_equal(rig_header(rig_last(r), "CSeq"), "1 REGISTER");
        rig_free(r);
    }
}

/* Repeated redirections slow down the retries. */
static void test_bouncing_slows_down(void **state)
{
    struct rig *r = start(NULL);
    unsigned n = 0;

    (void)state;
    for (uint64_t end = r->now.mono_ms + 3600000; r->now.mono_ms < end; n++) {
        redirect(r);
        refuse_there(r, 403);
        while (rig_state(r) == AGENT_WAITING)
            rig_run(r, 1000);
    }
    assert_true(n >= 5 && n < 20);
    rig_free(r);
}

static void test_silence_there_returns_to_the_configured_server(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    redirect(r);
    rig_run(r, 32000 + 2000);
    assert_string_equal(status(r)->server_id, SERVER_ID);
    assert_true(addr_same(&r->to[r->npackets - 1], &r->server));
    rig_free(r);
}

/* Keepalives are no longer answered there. */
static void test_lost_keepalives_there_return_to_the_configured_server(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    online_away(r);
    rig_run(r, 0);
    r->auto_keepalive = false;
    rig_run(r, 4 * 60000 + 40000);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    assert_string_equal(status(r)->server_id, SERVER_ID);
    assert_true(addr_same(&r->to[r->npackets - 1], &r->server));
    assert_non_null(strstr(rig_last(r), "REGISTER sip:" SERVER_ID "@"));
    rig_free(r);
}

static void online_away_for(struct rig *r, const char *contact)
{
    rig_answer_from(r, r->server, rig_last(r), 302, contact);
    rig_drain(r);
    rig_answer_from(r, r->away, rig_last(r), 200, "Expires: 86400\r\n");
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_string_equal(status(r)->server_id, OTHER_ID);
    rig_forget(r);
}

/* The redirection has expired: back to the redirecting server (RFC 3261 21.3.3). */
static void test_redirection_expires(void **state)
{
    static const struct {
        const char *contact;
        unsigned seconds;
    } t[] = {
        { CONTACT, 3600 },
        { "Contact: <sip:" OTHER_ID "@192.0.2.9:5080>;expires=120\r\nExpires: 3600\r\n", 120 },
        { "Contact: <sip:" OTHER_ID "@192.0.2.9:5080>\r\nExpires: 1\r\n", 60 },
        { "Contact: <sip:" OTHER_ID "@192.0.2.9:5080>\r\n", 0 },
        { "Contact: <sip:" OTHER_ID "@192.0.2.9:5080>\r\nExpires: 0\r\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = start(NULL);
        online_away_for(r, t[i].contact);
        rig_run(r, t[i].seconds ? t[i].seconds * 1000 - 1 : 43000000);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        assert_int_equal(rig_count(r, "REGISTER "), 0);
        if (t[i].seconds) {
            rig_run(r, 1);
            assert_int_equal(rig_state(r), AGENT_REGISTERING);
            assert_non_null(strstr(rig_last(r), "REGISTER sip:" SERVER_ID "@3402000000 SIP/2.0\r\n"));
            assert_true(addr_same(&r->to[r->npackets - 1], &r->server));
            online_away(r);
        }
        rig_free(r);
    }
}

/* An expired redirection lasts until the running call ends. */
static void test_redirection_expires_in_a_call(void **state)
{
    static const char invite[] =
        "INVITE sip:" CHANNEL_1 "@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bKi\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:" CHANNEL_1
        "@b>\r\nCall-ID: c\r\nCSeq: 3 INVITE\r\nContent-Type: application/sdp\r\n"
        "Content-Length: 98\r\n\r\nv=0\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\nm=video 30000 RTP/AVP 96\r\n"
        "a=rtpmap:96 PS/90000\r\ny=0200000001";
    static const char end[] = "%s sip:" CHANNEL_1 "@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bK%s\r\n"
                              "From: <sip:a@b>;tag=1\r\nTo: <sip:" CHANNEL_1
                              "@b>;tag=2\r\nCall-ID: c\r\nCSeq: %d %s\r\nContent-Length: 0\r\n\r\n";
    struct call_answer any = { .local = { .family = ADDR_V4, .port = 40000 } };
    struct rig *r = start(NULL);
    char text[512];

    (void)state;
    online_away_for(r, CONTACT);
    rig_input_from(r, r->away, invite);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_CALL_OFFER));
    assert_int_equal(agent_call_accept(r->agent, rig_event(r, AGENT_CALL_OFFER)->ev.call, &any, &r->now), 0);
    snprintf(text, sizeof(text), end, "ACK", "ack", 3, "ACK");
    rig_input_from(r, r->away, text);
    rig_run(r, 4000000);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_string_equal(status(r)->server_id, OTHER_ID);
    snprintf(text, sizeof(text), end, "BYE", "bye", 4, "BYE");
    rig_input_from(r, r->away, text);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    assert_string_equal(status(r)->server_id, SERVER_ID);
    rig_free(r);
}

/* A refresh is redirected: offline, then online at the new server. */
static void test_refresh_redirected(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 3600\r\n");
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    rig_run(r, 1800000);
    assert_int_equal(rig_count(r, "REGISTER "), 1);
    online_away(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    rig_free(r);
}

/* Consecutive 302s: a few are followed, then the back-off is that of a refusal. */
static void test_redirect_loop_backs_off(void **state)
{
    struct rig *r = start(NULL);
    char contact[128];
    unsigned n = 0;

    (void)state;
    while (rig_state(r) == AGENT_REGISTERING && n < 50) {
        struct addr at = r->host[0] ? r->away : r->server;
        snprintf(contact, sizeof(contact), "Contact: <sip:" OTHER_ID "@192.0.2.%u:5080>\r\n", 10 + n++ % 2);
        rig_answer_from(r, at, rig_last(r), 302, contact);
        rig_drain(r);
    }
    assert_int_equal(n, REG_REDIRECTS_MAX + 1);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    assert_string_equal(status(r)->server_id, SERVER_ID);
    assert_true(status(r)->next_retry_ms >= r->now.mono_ms + 30000);
    rig_free(r);
}

static void test_contacts(void **state)
{
    static const struct {
        const char *contact, *host;
    } cases[] = {
        { "Contact: <sip:" OTHER_ID "@sip.example.org:5070>\r\n", "sip.example.org" },
        { "Contact: <sip:" OTHER_ID "@[2001:db8::9]:5080>\r\n", "2001:db8::9" },
        { "m: sip:" OTHER_ID "@192.0.2.9\r\n", "192.0.2.9" },
        { "Contact: <sip:nobody@192.0.2.8>\r\nContact: <sip:" OTHER_ID "@192.0.2.9>\r\n", "192.0.2.9" },
        { "", NULL },
        { "Contact: <sip:192.0.2.9:5080>\r\n", NULL },
        { "Contact: *\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@a b>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@127.0.0.1:5080>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@[::1]:5080>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@0.0.0.0:5080>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@239.0.0.1:5080>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@192.0.2.300:5080>\r\n", NULL },
        { "Contact: <sip:3402000000200000000x@192.0.2.9>\r\n", NULL },
        { "Contact: <sip:" OTHER_ID "@ho$t>\r\n", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = start(NULL);
        rig_answer_from(r, r->server, rig_last(r), 302, cases[i].contact);
        rig_drain(r);
        if (cases[i].host) {
            if (strcmp(r->host, cases[i].host))
                fail_msg("%s: %s", cases[i].contact, r->host);
        } else if (rig_state(r) != AGENT_WAITING || r->host[0]) {
            fail_msg("%s: accepted", cases[i].contact);
        }
        rig_free(r);
    }
}

/* The name is not found: back. */
static void test_name_not_found(void **state)
{
    struct rig *r = start(NULL);

    (void)state;
    rig_answer_from(r, r->server, rig_last(r), 302, "Contact: <sip:" OTHER_ID "@sip.example.org:5070>\r\n");
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_CONNECTING);
    agent_link_failed(r->agent, "server sip.example.org: No such file", &r->now);
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    rig_run(r, 2000);
    assert_string_equal(r->host, "");
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    rig_free(r);
}

/* A name that resolves to a loopback address. */
static void test_name_of_ourselves(void **state)
{
    static const char *const addresses[] = { "127.0.0.1:5070", "[::1]:5070", "169.254.1.1:5070" };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct rig *r = start(NULL);
        struct addr us = rig_addr(addresses[i]);
        unsigned n;
        rig_answer_from(r, r->server, rig_last(r), 302, "Contact: <sip:" OTHER_ID "@sip.example.org:5070>\r\n");
        rig_drain(r);
        n = r->npackets;
        agent_link_up(r->agent, LINK, &r->local, &us, 1, &r->now);
        rig_drain(r);
        assert_int_equal(r->npackets, n);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        assert_string_equal(status(r)->server_id, SERVER_ID);
        rig_free(r);
    }
}

/* Another server in the config ends a redirection; another password does not. */
static void test_reload(void **state)
{
    struct rig *r = start(NULL);
    struct agent_config cfg;

    (void)state;
    online_away(r);
    rig_config(&cfg);
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 0);
    assert_string_equal(status(r)->server_id, OTHER_ID);
    snprintf(cfg.password, sizeof(cfg.password), "another");
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
    rig_drain(r);
    assert_non_null(strstr(rig_last(r), "REGISTER sip:" OTHER_ID "@"));
    snprintf(cfg.server_id, sizeof(cfg.server_id), "34020000002000000002");
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
    rig_run(r, 0);
    assert_string_equal(r->host, "");
    assert_non_null(strstr(rig_last(r), "REGISTER sip:34020000002000000002@3402000000 "));
    rig_free(r);
}

/* Every allocation fails in turn while we are redirected and come back. */
static void test_failed_allocation_does_not_strand_a_redirect(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 60; n++) {
        struct rig *r = start(NULL);
        char *request = test_malloc(strlen(rig_last(r)) + 1);

        memcpy(request, rig_last(r), strlen(rig_last(r)) + 1);
        oom_fail_at(n);
        rig_answer_from(r, r->server, request, 302, CONTACT);
        rig_drain(r);
        oom_off();
        /* It recovers from any state. */
        rig_run(r, 120000);
        assert_true(rig_count(r, "REGISTER ") > 1);
        test_free(request);
        rig_free(r);
    }
}

/* ---- X-GB-Ver -------------------------------------------------------------------------- */

static enum gb_edition edition(enum gb_edition ours, const char *said, unsigned code)
{
    struct agent_config cfg;
    enum gb_edition got;
    char line[128] = "";
    struct rig *r;

    rig_config(&cfg);
    cfg.edition = ours;
    r = start(&cfg);
    if (said)
        snprintf(line, sizeof(line), "%sX-GB-ver: %s\r\n", code == 401 ? CHALLENGE : "", said);
    rig_answer_from(r, r->server, rig_last(r), code, line);
    if (code == 401)
        rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    got = status(r)->edition;
    rig_free(r);
    return got;
}

static void test_editions(void **state)
{
    (void)state;
    for (unsigned code = 200; code <= 401; code += 201) {
        assert_int_equal(edition(GB_2022, "3.0", code), GB_2022);
        assert_int_equal(edition(GB_2022, "2.0", code), GB_2016);
        assert_int_equal(edition(GB_2022, "1.1", code), GB_2011);
        assert_int_equal(edition(GB_2022, "1.0", code), GB_2011);
        assert_int_equal(edition(GB_2016, "3.0", code), GB_2016);
        assert_int_equal(edition(GB_2016, "1.0", code), GB_2011);
        assert_int_equal(edition(GB_2011, "3.0", code), GB_2011);
        assert_int_equal(edition(GB_2022, " 2 ", code), GB_2016);
        assert_int_equal(edition(GB_2022, "4.1", code), GB_2022);
        assert_int_equal(edition(GB_2022, "0.9", code), GB_2022);
        assert_int_equal(edition(GB_2022, "x", code), GB_2022);
        assert_int_equal(edition(GB_2022, "", code), GB_2022);
    }
    assert_int_equal(edition(GB_2022, NULL, 200), GB_2022);
    assert_int_equal(edition(GB_2022, "2.0", 403), GB_2016);
}

/* With version = 2022 X-GB-Ver is in every REGISTER, whatever the platform's edition, and in no other request. */
static void test_version_sent(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.edition = GB_2022;
    cfg.charset = CHARSET_GB18030;
    cfg.charset_by_edition = true;
    r = start(&cfg);
    assert_string_equal(rig_header(rig_last(r), "X-GB-Ver"), "3.0");
    r->auto_keepalive = false;
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE "X-GB-Ver: 2.0\r\n");
    assert_string_equal(rig_header(rig_last(r), "X-GB-Ver"), "3.0");
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    /* The charset has changed as well. */
    assert_non_null(strstr(rig_last(r), "encoding=\"GB2312\""));
    assert_int_equal(agent_get_config(r->agent)->charset, CHARSET_GB2312);
    assert_null(rig_header(rig_last(r), "X-GB-Ver"));
    /* A new registration starts with the configured edition. */
    agent_link_failed(r->agent, "gone", &r->now);
    rig_run(r, 4000);
    assert_int_equal(status(r)->edition, GB_2022);
    rig_free(r);
}

static void test_charset_chosen(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.edition = GB_2022;
    cfg.charset = CHARSET_UTF8;
    r = start(&cfg);
    rig_answer_from(r, r->server, rig_last(r), 200, "X-GB-Ver: 2.0\r\n");
    rig_run(r, 0);
    assert_int_equal(status(r)->edition, GB_2016);
    assert_int_equal(agent_get_config(r->agent)->charset, CHARSET_UTF8);
    rig_free(r);
}

/* ---- IDs ------------------------------------------------------------------------------- */

/* A server ID of 21 digits, as in captures. */
static void test_21_digits(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    snprintf(cfg.server_id, sizeof(cfg.server_id), "340200000020000000011");
    r = start(&cfg);
    assert_non_null(strstr(rig_last(r), "REGISTER sip:340200000020000000011@3402000000 SIP/2.0\r\n"));
    rig_answer_from(r, r->server, rig_last(r), 302, "Contact: <sip:440100000020000000099@192.0.2.9:5080>\r\n");
    rig_drain(r);
    assert_non_null(strstr(rig_last(r), "REGISTER sip:440100000020000000099@4401000000 SIP/2.0\r\n"));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_both_server_ids_may_control),
        cmocka_unit_test(test_only_the_new_server_is_accepted),
        cmocka_unit_test(test_refusal_there_returns_to_the_configured_server),
        cmocka_unit_test(test_bouncing_slows_down),
        cmocka_unit_test(test_silence_there_returns_to_the_configured_server),
        cmocka_unit_test(test_lost_keepalives_there_return_to_the_configured_server),
        cmocka_unit_test(test_refresh_redirected),
        cmocka_unit_test(test_redirection_expires),
        cmocka_unit_test(test_redirection_expires_in_a_call),
        cmocka_unit_test(test_redirect_loop_backs_off),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_name_not_found),
        cmocka_unit_test(test_name_of_ourselves),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_failed_allocation_does_not_strand_a_redirect),
        cmocka_unit_test(test_editions),
        cmocka_unit_test(test_version_sent),
        cmocka_unit_test(test_charset_chosen),
        cmocka_unit_test(test_21_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
