/* SPDX-License-Identifier: MIT */
#include "tests/unit/agent_rig.h"

#include "agent/registration.h"

static void test_first_register_is_bare(void **state)
{
    struct rig *r = rig_new(NULL);
    const char *p;

    (void)state;
    rig_run(r, 0);
    assert_int_equal(r->links, 1);
    assert_int_equal(r->npackets, 1);
    p = rig_last(r);
    assert_non_null(strstr(p, "REGISTER sip:" SERVER_ID "@3402000000 SIP/2.0\r\n"));
    assert_non_null(strstr(p, "Via: SIP/2.0/UDP 198.51.100.5:5062;rport;branch=z9hG4bK"));
    assert_string_equal(rig_header(p, "To"), "<sip:" DEVICE_ID "@3402000000>");
    assert_non_null(strstr(rig_header(p, "From"), "<sip:" DEVICE_ID "@3402000000>;tag="));
    assert_string_equal(rig_header(p, "Contact"), "<sip:" DEVICE_ID "@198.51.100.5:5062>");
    assert_string_equal(rig_header(p, "Expires"), "86400");
    assert_string_equal(rig_header(p, "Max-Forwards"), "70");
    assert_string_equal(rig_header(p, "Content-Length"), "0");
    assert_string_equal(rig_header(p, "CSeq"), "1 REGISTER");
    assert_null(rig_header(p, "Authorization"));
    assert_null(rig_header(p, "X-GB-Ver"));
    assert_non_null(strstr(rig_header(p, "User-Agent"), "gbagent/"));
    rig_free(r);
}

static void test_challenge_and_ok(void **state)
{
    struct rig *r = rig_new(NULL);
    char call_id[64];
    const char *auth;

    (void)state;
    rig_run(r, 0);
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    rig_answer_from(r, r->server, rig_last(r), 100, NULL);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    /* gb28181.md's vector: no qop */
    auth = rig_header(rig_last(r), "Authorization");
    assert_non_null(auth);
    assert_non_null(strstr(auth, "response=\"6a2143ae65b119e276a75f0a4a8992b7\""));
    assert_non_null(strstr(auth, "uri=\"sip:" SERVER_ID "@3402000000\""));
    assert_non_null(strstr(auth, "username=\"" DEVICE_ID "\""));
    assert_null(strstr(auth, "qop"));
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), call_id);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "2 REGISTER");
    r->auto_keepalive = true;
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 3600\r\nDate: 2035-01-01T08:00:00.000\r\n");
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_non_null(rig_event(r, AGENT_REGISTERED));
    assert_int_equal(r->keepalives, 1);
    /* Beijing time */
    assert_non_null(rig_event(r, AGENT_TIME));
    assert_true(rig_event(r, AGENT_TIME)->ev.u.time.unix_ms == 2051222400000LL);
    assert_false(rig_event(r, AGENT_TIME)->ev.u.time.set);
    rig_free(r);
}

static void expect_challenge(const char *challenges, const char *has, const char *has_not)
{
    struct rig *r = rig_new(NULL);

    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, challenges);
    const char *auth = rig_header(rig_last(r), "Authorization");
    assert_non_null(auth);
    assert_non_null(strstr(auth, has));
    if (has_not)
        assert_null(strstr(auth, has_not));
    rig_free(r);
}

static void test_challenge_kinds(void **state)
{
    (void)state;
    expect_challenge("WWW-Authenticate: Digest realm=\"r\",qop=\"auth\",nonce=\"n\",algorithm=MD5\r\n", "nc=00000001",
                     NULL);
    expect_challenge("WWW-Authenticate: Digest realm=\"r\",qop=\"auth,auth-int\",nonce=\"n\"\r\n", "qop=auth",
                     "auth-int");
    expect_challenge("WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256\r\n", "algorithm=SHA-256",
                     NULL);
    expect_challenge("WWW-Authenticate: Digest realm=\"r\",nonce=\"a\",algorithm=MD5\r\n"
                     "WWW-Authenticate: Digest realm=\"r\",nonce=\"b\",algorithm=SHA-256\r\n",
                     "nonce=\"b\"", NULL);
    expect_challenge("WWW-Authenticate: Digest realm=\"r\",nonce=\"a\",algorithm=SHA-512-256\r\n"
                     "WWW-Authenticate: Digest realm=\"r\",nonce=\"b\",algorithm=MD5\r\n",
                     "nonce=\"b\"", NULL);
    expect_challenge("WWW-Authenticate: Digest realm=\"a b\",nonce=\"n\",opaque=\"o o\"\r\n", "opaque=\"o o\"", NULL);
}

/* Complete registrations of two real devices. */
static void expect_capture(const char *server, const char *device, const char *password, const char *domain,
                           const char *challenge, const char *response)
{
    static const uint8_t seed[32] = { 1 };
    struct device_config dc;
    struct agent_config cfg;
    struct rig *r = test_calloc(1, sizeof(*r));
    const char *auth;

    memset(&dc, 0, sizeof(dc));
    snprintf(dc.id, sizeof(dc.id), "%s", device);
    rig_config(&cfg);
    snprintf(cfg.server_id, sizeof(cfg.server_id), "%s", server);
    snprintf(cfg.password, sizeof(cfg.password), "%s", password);
    snprintf(cfg.domain, sizeof(cfg.domain), "%s", domain);
    r->server = rig_addr("192.0.2.1:5060");
    r->local = rig_addr("198.51.100.5:5062");
    r->link = LINK;
    r->auto_link = true;
    assert_int_equal(device_new(&dc, &r->dev), 0);
    assert_int_equal(mux_new(seed, &r->mux), 0);
    assert_int_equal(agent_new(r->mux, &cfg, r->dev, &r->agent), 0);
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, challenge);
    auth = rig_header(rig_last(r), "Authorization");
    assert_non_null(auth);
    assert_non_null(strstr(auth, response));
    rig_free(r);
}

static void test_captures(void **state)
{
    (void)state;
    expect_capture("34020000002000000001", "340200000013200000001", "123456", "192.168.63.190:5060",
                   "WWW-Authenticate: Digest realm=\"64010000\",nonce=\"6fe9ba44a76be22a\",algorithm=MD5\r\n",
                   "response=\"5ffcbdacab24362deda62848d310518d\"");
    /* The other capture has a cnonce generated by the camera: see test_auth. */
}

static void test_wrong_password_backs_off(void **state)
{
    struct rig *r = rig_new(NULL);
    struct agent_status st;

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_drain(r);
    assert_int_equal(r->npackets, 2);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.state, AGENT_WAITING);
    assert_non_null(strstr(st.last_error, "wrong password"));
    assert_in_range(st.next_retry_ms - r->now.mono_ms, 60000, 120000);
    rig_run(r, 59000);
    assert_int_equal(r->npackets, 2);
    rig_free(r);
}

/* A server that sends a new nonce each time gets two answers per cycle, and few cycles. */
static void test_endless_nonces(void **state)
{
    struct rig *r = rig_new(NULL);
    unsigned answered = 0, n = 0;
    char challenge[160];

    (void)state;
    rig_run(r, 0);
    for (uint64_t end = r->now.mono_ms + 600000; r->now.mono_ms < end;) {
        for (; answered < r->npackets; answered++) {
            snprintf(challenge, sizeof(challenge), "WWW-Authenticate: Digest realm=\"r\",nonce=\"n%u\"\r\n", n++);
            rig_answer_from(r, r->server, r->packet[answered], 401, challenge);
            rig_drain(r);
        }
        if (answered == 3)
            assert_int_equal(rig_state(r), AGENT_WAITING);
        rig_run(r, 1000);
    }
    assert_in_range(r->npackets, 6, 18);
    rig_free(r);
}

static void test_stale_gets_one_more(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_answer_from(r, r->server, rig_last(r), 401,
                    "WWW-Authenticate: Digest realm=\"3402000000\",nonce=\"6fe9ba44a76be22a\",stale=true\r\n");
    rig_drain(r);
    assert_int_equal(r->npackets, 3);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_drain(r);
    assert_int_equal(r->npackets, 3);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    rig_free(r);
}

static void expect_refusal(unsigned status, const char *extra, uint64_t low, uint64_t high)
{
    struct rig *r = rig_new(NULL);
    struct agent_status st;

    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), status, extra);
    rig_drain(r);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.state, AGENT_WAITING);
    assert_in_range(st.next_retry_ms - r->now.mono_ms, low, high);
    assert_int_equal(r->npackets, 1);
    rig_free(r);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refusal(403, NULL, 60000, 120000);
    expect_refusal(404, NULL, 60000, 120000);
    expect_refusal(401, NULL, 60000, 120000);
    expect_refusal(401, "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\"\r\n", 60000, 120000);
    expect_refusal(302, "Contact: <sip:a@192.0.2.9>\r\n", 60000, 120000);
    expect_refusal(403, "Retry-After: 120\r\n", 120000, 120000);
    expect_refusal(481, NULL, 60000, 120000);
    expect_refusal(486, NULL, 60000, 120000);
    expect_refusal(603, NULL, 60000, 120000);
    /* Temporary failures. */
    expect_refusal(408, NULL, 1000, 2000);
    expect_refusal(480, NULL, 1000, 2000);
    expect_refusal(500, NULL, 1000, 2000);
    expect_refusal(503, NULL, 1000, 2000);
    expect_refusal(504, NULL, 1000, 2000);
    expect_refusal(480, "Retry-After: 90\r\n", 90000, 90000);
    expect_refusal(408, "Retry-After: 1\r\n", 1000, 2000);
    expect_refusal(503, "Retry-After: 120 (busy)\r\n", 120000, 120000);
    expect_refusal(423, "Min-Expires: 100\r\n", 60000, 120000);
    /* A 200 with Expires 0 does not register. */
    expect_refusal(200, "Expires: 0\r\n", 60000, 120000);
    expect_refusal(200, "Contact: <sip:" DEVICE_ID "@198.51.100.5:5062>;expires=0\r\n", 60000, 120000);
}

static void test_auth_backoff_grows(void **state)
{
    struct rig *r = rig_new(NULL);
    struct agent_status st;
    uint64_t base = 120000;

    (void)state;
    rig_run(r, 0);
    for (unsigned i = 0; i < 8; i++) {
        rig_answer_from(r, r->server, rig_last(r), 403, NULL);
        rig_drain(r);
        agent_get_status(r->agent, &st);
        uint64_t delay = st.next_retry_ms - r->now.mono_ms;
        assert_in_range(delay, base / 2, base);
        base = base * 2 < 1800000 ? base * 2 : 1800000;
        rig_run(r, delay);
    }
    rig_free(r);
}

static void test_min_expires(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 423, "Min-Expires: 100000\r\n");
    assert_string_equal(rig_header(rig_last(r), "Expires"), "100000");
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "2 REGISTER");
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_string_equal(rig_header(rig_last(r), "Expires"), "100000");
    rig_free(r);
}

/* The 423 follows valid credentials; the same nonce after it does not mean a wrong password. */
static void test_min_expires_when_signed(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_drain(r);
    rig_answer_from(r, r->server, rig_last(r), 423, "Min-Expires: 100000\r\n");
    rig_drain(r);
    assert_string_equal(rig_header(rig_last(r), "Expires"), "100000");
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    assert_string_equal(rig_header(rig_last(r), "Expires"), "100000");
    rig_free(r);
}

/* An Expires above the requested one is not used. */
static void test_grant_too_large(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    r->auto_keepalive = true;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 4000000000\r\n");
    rig_drain(r);
    rig_forget(r);
    rig_run(r, 43199000);
    assert_int_equal(rig_count(r, "REGISTER"), 0);
    rig_run(r, 1000);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    rig_free(r);
}

/* Refreshed after half the time or 60 s before its end, whichever is earlier, but not before a third. */
static void expect_grant(const char *extra, uint32_t refresh_s)
{
    struct rig *r = rig_new(NULL);

    r->auto_keepalive = true;
    rig_run(r, 0);
    rig_answer_from(r, r->server, rig_last(r), 200, extra);
    rig_run(r, 0);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    rig_run(r, refresh_s * 1000 - 1);
    assert_int_equal(rig_count(r, "REGISTER "), 0);
    rig_run(r, 1);
    assert_int_equal(rig_count(r, "REGISTER "), 1);
    rig_free(r);
}

/* The expiration of a former address does not end the new binding; invalid numbers are ignored. */
static void test_grants(void **state)
{
    (void)state;
    expect_grant(NULL, 43200);
    expect_grant("Contact: <sip:" DEVICE_ID "@198.51.100.5:5062>\r\n", 43200);
    expect_grant("Contact: <sip:" DEVICE_ID "@198.51.100.9:5062>;expires=0\r\n"
                 "Contact: <sip:" DEVICE_ID "@198.51.100.5:5062>;expires=120\r\nExpires: 0\r\n",
                 60);
    expect_grant("Contact: <sip:" DEVICE_ID "@198.51.100.5:5062>;expires=0\r\nExpires: 600\r\n", 300);
    expect_grant("Expires: soon\r\n", 43200);
}

/* The same in a refresh: offline, and retried only after the back-off of a refusal. */
static void test_refresh_with_expires_0(void **state)
{
    struct rig *r = rig_new(NULL);
    struct agent_status st;

    (void)state;
    rig_register(r);
    rig_run(r, 43200000);
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 0\r\n");
    rig_drain(r);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    agent_get_status(r->agent, &st);
    assert_in_range(st.next_retry_ms - r->now.mono_ms, 60000, 120000);
    assert_non_null(strstr(st.last_error, "for 0 s"));
    rig_free(r);
}

static void test_silence(void **state)
{
    struct rig *r = rig_new(NULL);
    uint64_t start = r->now.mono_ms;

    (void)state;
    rig_run(r, 32000);
    /* Timer E: 0, 500, 1500, 3500, 7500, 11500 ... 31500 */
    assert_int_equal(r->npackets, 11);
    assert_int_equal(r->at[1] - start, 500);
    assert_int_equal(r->at[2] - start, 1500);
    assert_int_equal(r->at[3] - start, 3500);
    assert_int_equal(r->at[10] - start, 31500);
    for (unsigned i = 1; i < r->npackets; i++)
        assert_string_equal(r->packet[i], r->packet[0]);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    assert_int_equal(r->links, 1);
    rig_run(r, 2000);
    assert_int_equal(r->links, 2);
    assert_false(r->fresh_port);
    assert_string_not_equal(rig_header(rig_last(r), "Call-ID"), rig_header(r->packet[0], "Call-ID"));
    rig_run(r, 32000 + 4000 + 32000 + 8000);
    assert_int_equal(r->links, 4);
    assert_true(r->fresh_port);
    rig_forget(r);
    rig_run(r, 600000);
    assert_in_range(r->links, 9, 14);
    rig_free(r);
}

static void test_refresh(void **state)
{
    struct rig *r = rig_new(NULL);
    char call_id[64];

    (void)state;
    r->auto_keepalive = true;
    rig_run(r, 0);
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    rig_answer_from(r, r->server, rig_last(r), 200,
                    "Contact: <sip:" DEVICE_ID "@198.51.100.5:5062>;expires=1200\r\nExpires: 86400\r\n");
    rig_drain(r);
    rig_forget(r);
    rig_run(r, 599000);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 1000);
    assert_int_equal(r->npackets, 1);
    assert_string_equal(rig_header(rig_last(r), "Call-ID"), call_id);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "3 REGISTER");
    assert_null(rig_header(rig_last(r), "Authorization"));
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 1200\r\n");
    rig_drain(r);
    assert_null(rig_event(r, AGENT_REGISTERED));
    assert_null(rig_event(r, AGENT_OFFLINE));
    rig_free(r);
}

/* No answer to the refresh: online while the binding is valid, offline at its end. */
static void test_refresh_unanswered(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    rig_run(r, 43200000 + 32000);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    for (unsigned i = 0; i < 100; i++) {
        rig_run(r, (43200000 - 32000 - 200000) / 100);
        rig_forget(r);
    }
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_run(r, 200000);
    assert_int_not_equal(rig_state(r), AGENT_ONLINE);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    rig_free(r);
}

/* A temporary failure of a refresh has no effect; a refusal does. */
static void test_refresh_answered_later(void **state)
{
    static const struct {
        unsigned status;
        const char *extra;
        bool stays;
        uint64_t low, high;
    } t[] = {
        { 408, NULL, true, 1000, 2000 },     { 480, NULL, true, 1000, 2000 },
        { 500, NULL, true, 1000, 2000 },     { 503, "Retry-After: 30\r\n", true, 30000, 30000 },
        { 403, NULL, false, 60000, 120000 }, { 486, NULL, false, 60000, 120000 },
        { 600, NULL, false, 60000, 120000 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct rig *r = rig_new(NULL);
        uint64_t answered;

        rig_register(r);
        rig_run(r, registration_refresh_ms(86400));
        assert_int_equal(rig_count(r, "REGISTER"), 1);
        rig_answer_from(r, r->server, rig_last(r), t[i].status, t[i].extra);
        rig_drain(r);
        assert_int_equal(rig_state(r), t[i].stays ? AGENT_ONLINE : AGENT_WAITING);
        assert_int_equal(rig_event(r, AGENT_OFFLINE) == NULL, t[i].stays);
        answered = r->now.mono_ms;
        rig_forget(r);
        rig_run(r, t[i].high);
        assert_true(rig_count(r, "REGISTER") > 0);
        assert_in_range(r->at[0] - answered, t[i].low, t[i].high);
        rig_free(r);
    }
}

static void test_refresh_times(void **state)
{
    (void)state;
    assert_int_equal(registration_refresh_ms(86400), 43200000);
    assert_int_equal(registration_refresh_ms(3600), 1800000);
    assert_int_equal(registration_refresh_ms(120), 60000);
    assert_int_equal(registration_refresh_ms(90), 30000);
    for (uint32_t e = 1; e < 4000; e++) {
        uint64_t at = registration_refresh_ms(e);
        assert_true(at >= 1000);
        if (e > 20)
            assert_true(at <= (uint64_t)e * 1000 - 10000);
        if (e >= 3)
            assert_true(at >= (uint64_t)e * 333);
    }
}

static void test_date_bounds(void **state)
{
    static const char *const none[] = { "1970-01-01T00:00:00", "2106-02-07T06:28:15",
                                        "9999-12-31T00:00:00", "2035-02-31T00:00:00",
                                        "2023-12-31T23:59:59", "2035-01-01T24:00:00",
                                        "yesterday",           "" };
    static const char *const good[] = { "2035-01-01T08: 00: 00.123", "Mon, 01 Jan 2035 00:00:00 GMT",
                                        "2035-01-01T00:00:00Z", "2035-01-01T00:00:00+00:00", "2035-01-01T08:00:00" };
    char line[128];

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct rig *r = rig_new(NULL);
        rig_run(r, 0);
        snprintf(line, sizeof(line), "Date: %s\r\n", none[i]);
        rig_answer_from(r, r->server, rig_last(r), 200, line);
        rig_drain(r);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        assert_null(rig_event(r, AGENT_TIME));
        rig_free(r);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct rig *r = rig_new(NULL);
        rig_run(r, 0);
        snprintf(line, sizeof(line), "Date: %s\r\n", good[i]);
        rig_answer_from(r, r->server, rig_last(r), 200, line);
        rig_drain(r);
        assert_non_null(rig_event(r, AGENT_TIME));
        assert_true(rig_event(r, AGENT_TIME)->ev.u.time.unix_ms / 1000 == 2051222400);
        rig_free(r);
    }
}

/* received and rport of a 401 become the Contact of the next REGISTER; a later change causes another REGISTER. */
static void test_public_address(void **state)
{
    struct rig *r = rig_new(NULL);
    const char *p;
    char text[1024];

    (void)state;
    r->auto_keepalive = true;
    rig_run(r, 0);
    p = rig_last(r);
    snprintf(text, sizeof(text),
             "SIP/2.0 401 U\r\nVia: SIP/2.0/UDP 198.51.100.5:5062;rport=40000;received=203.0.113.9;branch=%s\r\n"
             "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r\n" CHALLENGE "Content-Length: 0\r\n\r\n",
             strstr(rig_header(p, "Via"), "z9hG4bK"), rig_header(p, "From"), rig_header(p, "To"),
             rig_header(p, "Call-ID"));
    rig_input_from(r, r->server, text);
    assert_string_equal(rig_header(rig_last(r), "Contact"), "<sip:" DEVICE_ID "@203.0.113.9:40000>");
    p = rig_last(r);
    snprintf(text, sizeof(text),
             "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.51.100.5:5062;rport=40001;received=203.0.113.9;branch=%s\r\n"
             "From: %s\r\nTo: %s;tag=x\r\nCall-ID: %s\r\nCSeq: 2 REGISTER\r\nContent-Length: 0\r\n\r\n",
             strstr(rig_header(p, "Via"), "z9hG4bK"), rig_header(p, "From"), rig_header(p, "To"),
             rig_header(p, "Call-ID"));
    rig_input_from(r, r->server, text);
    rig_run(r, 0);
    assert_int_equal(r->npackets, 3);
    assert_string_equal(rig_header(rig_last(r), "Contact"), "<sip:" DEVICE_ID "@203.0.113.9:40001>");
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "3 REGISTER");
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    unsigned before = r->keepalives;
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    assert_int_equal(r->keepalives, before + 1);
    rig_free(r);
}

/* A NAT that changes the port with every response causes no storm. */
static void test_flapping_address(void **state)
{
    struct rig *r = rig_new(NULL);
    char text[1024];
    unsigned registers = 0, done, port = 40000;

    (void)state;
    rig_register(r);
    r->auto_keepalive = false;
    done = r->npackets;
    for (uint64_t end = r->now.mono_ms + 600000; r->now.mono_ms < end;) {
        for (; done < r->npackets; done++) {
            const char *p = r->packet[done];
            registers += !strncmp(p, "REGISTER", 8);
            snprintf(
                text, sizeof(text),
                "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;rport=%u;received=203.0.113.9;branch=%s\r\nFrom: %s\r\nTo: %s\r\n"
                "Call-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
                port++, strstr(rig_header(p, "Via"), "z9hG4bK"), rig_header(p, "From"), rig_header(p, "To"),
                rig_header(p, "Call-ID"), rig_header(p, "CSeq"));
            rig_input_from(r, r->server, text);
            rig_drain(r);
        }
        rig_run(r, 500);
    }
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_in_range(registers, 5, 61);
    rig_free(r);
}

static void test_forced_address(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.public_address = rig_addr("203.0.113.77:6000");
    cfg.edition = GB_2022;
    r = rig_new(&cfg);
    rig_run(r, 0);
    assert_string_equal(rig_header(rig_last(r), "Contact"), "<sip:" DEVICE_ID "@203.0.113.77:6000>");
    assert_string_equal(rig_header(rig_last(r), "X-GB-Ver"), "3.0");
    rig_free(r);
}

static void test_forged_responses(void **state)
{
    struct rig *r = rig_new(NULL);
    char text[1024];
    const char *p;

    (void)state;
    rig_run(r, 0);
    p = rig_last(r);
    rig_answer_from(r, rig_addr("192.0.2.66:5060"), p, 401, CHALLENGE);
    assert_int_equal(mux_unknown_sources(r->mux), 1);
    snprintf(text, sizeof(text),
             "SIP/2.0 200 OK\r\nVia: %s0\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r\n\r\n",
             rig_header(p, "Via"), rig_header(p, "From"), rig_header(p, "To"), rig_header(p, "Call-ID"));
    rig_input_from(r, r->server, text);
    snprintf(text, sizeof(text),
             "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 2 REGISTER\r\n\r\n",
             rig_header(p, "Via"), rig_header(p, "From"), rig_header(p, "To"), rig_header(p, "Call-ID"));
    rig_input_from(r, r->server, text);
    snprintf(text, sizeof(text),
             "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 MESSAGE\r\n\r\n",
             rig_header(p, "Via"), rig_header(p, "From"), rig_header(p, "To"), rig_header(p, "Call-ID"));
    rig_input_from(r, r->server, text);
    rig_drain(r);
    assert_int_equal(r->npackets, 1);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    /* The genuine response, then a late duplicate without effect. */
    rig_answer_from(r, r->server, p, 401, CHALLENGE);
    rig_drain(r);
    rig_answer_from(r, r->server, r->packet[0], 200, NULL);
    rig_drain(r);
    assert_int_equal(r->npackets, 2);
    assert_int_equal(rig_state(r), AGENT_REGISTERING);
    rig_free(r);
}

static void test_stop(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    assert_string_equal(rig_header(rig_last(r), "Expires"), "0");
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "3 REGISTER");
    rig_answer_from(r, r->server, rig_last(r), 401, CHALLENGE);
    assert_non_null(rig_header(rig_last(r), "Authorization"));
    assert_string_equal(rig_header(rig_last(r), "Expires"), "0");
    assert_null(rig_event(r, AGENT_LINK_DONE));
    rig_answer_from(r, r->server, rig_last(r), 200, "Expires: 0\r\n");
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_LINK_DONE));
    assert_int_equal(rig_state(r), AGENT_STOPPED);
    rig_free(r);
}

static void test_stop_unanswered(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_run(r, 1999);
    assert_null(rig_event(r, AGENT_LINK_DONE));
    rig_run(r, 1);
    assert_non_null(rig_event(r, AGENT_LINK_DONE));
    assert_int_equal(mux_deadline(r->mux), UINT64_MAX);
    rig_free(r);
}

static void test_stop_before_link(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    r->auto_link = false;
    rig_run(r, 0);
    agent_stop(r->agent, r->now.mono_ms + 2000, &r->now);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_LINK_DONE));
    rig_free(r);
}

static void test_no_network_at_start(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    r->auto_link = false;
    rig_run(r, 0);
    for (unsigned i = 1; i < 8; i++) {
        assert_int_equal(r->links, i);
        agent_link_failed(r->agent, "no route", &r->now);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        rig_run(r, 60000);
    }
    agent_link_failed(r->agent, "no route", &r->now);
    r->auto_link = true;
    agent_network_changed(r->agent, &r->now);
    rig_run(r, 0);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    rig_free(r);
}

/* After temporary failures the connection is kept; after several the server is resolved again. */
static void test_tcp_passing(void **state)
{
    struct agent_config cfg;
    struct agent_status st;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.transport = SIP_TCP;
    r = rig_new(&cfg);
    rig_run(r, 0);
    for (unsigned i = 1; i < 8; i++) {
        unsigned sent = r->npackets;

        assert_int_equal(r->links, i <= REG_TEMPORARY_MAX + 1 ? 1 : i - REG_TEMPORARY_MAX);
        rig_answer_from(r, r->server, rig_last(r), i % 2 ? 503 : 480, NULL);
        rig_drain(r);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        agent_get_status(r->agent, &st);
        rig_run(r, st.next_retry_ms - r->now.mono_ms);
        assert_int_equal(r->npackets, sent + 1);
    }
    rig_free(r);
}

static void test_tcp_link_lost(void **state)
{
    struct agent_config cfg;
    struct rig *r;
    char call_id[64];

    (void)state;
    rig_config(&cfg);
    cfg.transport = SIP_TCP;
    r = rig_new(&cfg);
    rig_run(r, 0);
    assert_non_null(strstr(rig_last(r), "Via: SIP/2.0/TCP "));
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    rig_register(r);
    assert_int_equal(r->keepalives, 1);
    agent_link_failed(r->agent, "connection reset", &r->now);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    assert_string_equal(rig_event(r, AGENT_OFFLINE)->why, "connection reset");
    assert_int_equal(rig_state(r), AGENT_WAITING);
    rig_run(r, 2000);
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    assert_int_equal(r->npackets, 1);
    assert_string_not_equal(rig_header(rig_last(r), "Call-ID"), call_id);
    /* No retransmissions on TCP. */
    rig_run(r, 31000);
    assert_int_equal(r->npackets, 1);
    rig_free(r);
}

static void test_reload(void **state)
{
    struct agent_config cfg;
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    rig_config(&cfg);
    cfg.keepalive_interval_s = 20;
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 0);
    rig_run(r, 0);
    unsigned before = r->keepalives;
    rig_run(r, 60000);
    assert_int_equal(r->keepalives, before + 3);
    assert_int_equal(r->npackets, 0);
    snprintf(cfg.password, sizeof(cfg.password), "another");
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "1 REGISTER");
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_drain(r);
    rig_forget(r);
    snprintf(cfg.server_host, sizeof(cfg.server_host), "192.0.2.2");
    assert_int_equal(agent_apply(r->agent, &cfg, &r->now), 1);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    rig_run(r, 0);
    assert_non_null(rig_event(r, AGENT_LINK_WANTED));
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    rig_free(r);
}

static void test_local_address_changed(void **state)
{
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    r->local = rig_addr("198.51.100.99:5062");
    agent_link_up(r->agent, LINK, &r->local, &r->server, 1, &r->now);
    assert_string_equal(rig_header(rig_last(r), "Contact"), "<sip:" DEVICE_ID "@198.51.100.99:5062>");
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_forget(r);
    /* Another server address: the old binding is not valid there. */
    r->server = rig_addr("192.0.2.7:5060");
    agent_link_up(r->agent, LINK, &r->local, &r->server, 1, &r->now);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    assert_int_equal(rig_count(r, "REGISTER"), 1);
    assert_true(addr_same(&r->to[0], &r->server));
    rig_free(r);
}

/* A year of hourly keepalives and daily refreshes. */
static void test_virtual_year(void **state)
{
    struct agent_config cfg;
    struct rig *r;
    unsigned registers = 0;

    (void)state;
    rig_config(&cfg);
    cfg.keepalive_interval_s = 3600;
    r = rig_new(&cfg);
    rig_register(r);
    for (unsigned day = 0; day < 730; day++) {
        rig_run(r, 43200000);
        for (unsigned i = 0; i < r->npackets; i++) {
            assert_int_equal(strncmp(r->packet[i], "REGISTER", 8), 0);
            registers++;
            rig_answer_from(r, r->server, r->packet[i], 200, "Expires: 86400\r\n");
        }
        assert_null(rig_event(r, AGENT_OFFLINE));
        rig_forget(r);
    }
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_in_range(r->keepalives, 8759, 8762);
    assert_in_range(registers, 729, 731);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_register_is_bare),
        cmocka_unit_test(test_challenge_and_ok),
        cmocka_unit_test(test_challenge_kinds),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_wrong_password_backs_off),
        cmocka_unit_test(test_endless_nonces),
        cmocka_unit_test(test_stale_gets_one_more),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_auth_backoff_grows),
        cmocka_unit_test(test_min_expires),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_min_expires_when_signed),
        cmocka_unit_test(test_grant_too_large),
        cmocka_unit_test(test_grants),
        cmocka_unit_test(test_refresh_with_expires_0),
        cmocka_unit_test(test_refresh),
        cmocka_unit_test(test_refresh_unanswered),
        cmocka_unit_test(test_refresh_answered_later),
        cmocka_unit_test(test_refresh_times),
        cmocka_unit_test(test_date_bounds),
        cmocka_unit_test(test_public_address),
        cmocka_unit_test(test_flapping_address),
        cmocka_unit_test(test_forced_address),
        cmocka_unit_test(test_forged_responses),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_stop_unanswered),
        cmocka_unit_test(test_stop_before_link),
        cmocka_unit_test(test_no_network_at_start),
        cmocka_unit_test(test_tcp_passing),
        cmocka_unit_test(test_tcp_link_lost),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_local_address_changed),
        cmocka_unit_test(test_virtual_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
