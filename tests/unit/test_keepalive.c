/* SPDX-License-Identifier: MIT */
#include "tests/unit/agent_rig.h"

static struct rig *online(const struct agent_config *cfg)
{
    struct rig *r = rig_new(cfg);

    rig_register(r);
    r->auto_keepalive = false;
    return r;
}

static void test_at_once_then_every_interval(void **state)
{
    struct rig *r = rig_new(NULL);
    uint64_t start;

    (void)state;
    rig_run(r, 0);
    start = r->now.mono_ms;
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 0);
    assert_int_equal(rig_count(r, "MESSAGE sip:" SERVER_ID "@3402000000 SIP/2.0"), 1);
    assert_non_null(strstr(rig_last(r), "<CmdType>Keepalive</CmdType>"));
    assert_non_null(strstr(rig_last(r), "<DeviceID>" DEVICE_ID "</DeviceID>"));
    assert_string_equal(rig_header(rig_last(r), "Content-Type"), "Application/MANSCDP+xml");
    assert_non_null(strstr(rig_header(rig_last(r), "From"), "<sip:" DEVICE_ID "@3402000000>;tag="));
    char call_id[64];
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_forget(r);
    rig_run(r, 59999);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 1);
    assert_int_equal(r->npackets, 1);
    assert_int_equal(r->at[0] - start, 60000);
    assert_string_not_equal(rig_header(rig_last(r), "Call-ID"), call_id);
    assert_true(strlen(rig_last(r)) <= 1300);
    rig_free(r);
}

/* BasicParam of the platform: a shorter interval counts from now, a longer one from the next keepalive. */
static void test_interval_set_by_platform(void **state)
{
    struct rig *r = online(NULL);
    struct gb_basic basic = { .has_interval = true,
                              .interval_s = 20,
                              .has_count = true,
                              .count = 2,
                              .has_expiration = true,
                              .expiration_s = 7200 };
    uint64_t start;

    (void)state;
    rig_run(r, 10000);
    rig_forget(r);
    start = r->now.mono_ms;
    agent_set_basic(r->agent, &basic, &r->now);
    assert_int_equal(agent_get_config(r->agent)->keepalive_interval_s, 20);
    assert_int_equal(agent_get_config(r->agent)->keepalive_count, 2);
    assert_int_equal(agent_get_config(r->agent)->expires_s, 7200);
    rig_run(r, 0);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 20000);
    assert_int_equal(r->npackets, 1);
    assert_int_equal(r->at[0] - start, 20000);
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    basic = (struct gb_basic){ .has_interval = true, .interval_s = 60 };
    agent_set_basic(r->agent, &basic, &r->now);
    rig_run(r, 20000);
    assert_int_equal(r->npackets, 2);
    assert_int_equal(r->at[1] - start, 40000);
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_run(r, 59999);
    assert_int_equal(r->npackets, 2);
    rig_run(r, 1);
    assert_int_equal(r->npackets, 3);
    assert_int_equal(agent_get_config(r->agent)->keepalive_count, 2);
    assert_int_equal(agent_get_config(r->agent)->expires_s, 7200);
    rig_free(r);
}

/* Keepalives and REGISTERs sent, without retransmissions. */
static unsigned distinct(const struct rig *r, const char *start)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->npackets; i++) {
        bool again = false;
        for (unsigned k = 0; k < i; k++)
            again = again || !strcmp(r->packet[i], r->packet[k]);
        n += !again && !strncmp(r->packet[i], start, strlen(start));
    }
    return n;
}

static unsigned misses(const struct rig *r)
{
    struct agent_status st;

    agent_get_status(r->agent, &st);
    return st.keepalive_misses;
}

static const char *last_of(const struct rig *r, const char *start)
{
    for (unsigned i = r->npackets; i > 0; i--)
        if (!strncmp(r->packet[i - 1], start, strlen(start)))
            return r->packet[i - 1];
    return NULL;
}

/* Sent at 0, missed at 10 s, the next ones at 10, 15 and 20 s; the third miss is at 25 s. */
static void test_three_misses(void **state)
{
    static const struct {
        uint64_t ms;
        unsigned sent, missed;
    } t[] = {
        { 9999, 1, 0 }, { 1, 2, 1 }, { 4999, 2, 1 }, { 1, 3, 1 },
        { 4999, 3, 1 }, { 1, 4, 2 }, { 4999, 4, 2 }, { 1, 4, 3 },
    };
    struct rig *r = online(NULL);
    char call_id[64];

    (void)state;
    rig_run(r, 60000);
    rig_forget(r);
    agent_network_changed(r->agent, &r->now); /* no second one while the first is pending */
    rig_run(r, 0);
    assert_int_equal(r->npackets, 0);
    rig_free(r);
    r = online(NULL);
    rig_run(r, 60000);
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        assert_int_equal(distinct(r, "REGISTER"), 0);
        rig_run(r, t[i].ms);
        assert_int_equal(distinct(r, "MESSAGE"), t[i].sent);
        assert_int_equal(misses(r), t[i].missed);
    }
    /* Immediate REGISTER on the same link, still online. */
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_null(rig_event(r, AGENT_OFFLINE));
    assert_int_equal(distinct(r, "REGISTER"), 1);
    assert_string_equal(rig_header(last_of(r, "REGISTER"), "CSeq"), "1 REGISTER");
    assert_null(rig_header(last_of(r, "REGISTER"), "Authorization"));
    rig_run(r, 9999);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    assert_int_equal(distinct(r, "MESSAGE"), 4);
    assert_int_equal(misses(r), 3);
    snprintf(call_id, sizeof(call_id), "%s", rig_header(last_of(r, "REGISTER"), "Call-ID"));
    rig_run(r, 1);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    assert_string_equal(rig_event(r, AGENT_OFFLINE)->why, "keepalives not answered");
    assert_null(rig_event(r, AGENT_LINK_WANTED));
    rig_run(r, 2000);
    assert_non_null(rig_event(r, AGENT_LINK_WANTED));
    assert_int_equal(distinct(r, "REGISTER"), 2);
    assert_string_not_equal(rig_header(last_of(r, "REGISTER"), "Call-ID"), call_id);
    rig_free(r);
}

/* interval + 10 + 5 times count, from the last answer to REGISTER; a short interval bounds 10 and 5. */
static void test_doubt_timing(void **state)
{
    static const struct {
        unsigned interval, count;
        uint64_t ms;
    } t[] = {
        { 60, 1, 70000 },
        { 60, 2, 80000 },
        { 60, 3, 85000 },
        { 60, 5, 95000 },
        { 255, 3, 280000 },
        { 10, 3, 35000 },
        { 7, 3, 7000 + 7000 + 7000 + 5000 },
        { 5, 3, 20000 },
        { 5, 1, 10000 },
        { 1, 2, 3000 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct agent_config cfg;
        struct rig *r;

        rig_config(&cfg);
        cfg.keepalive_interval_s = t[i].interval;
        cfg.keepalive_count = t[i].count;
        r = online(&cfg);
        rig_run(r, t[i].ms - 1);
        assert_int_equal(distinct(r, "REGISTER"), 0);
        rig_run(r, 1);
        assert_int_equal(distinct(r, "REGISTER"), 1);
        rig_run(r, (t[i].interval < 10 ? t[i].interval * 1000 : 10000) - 1);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        rig_run(r, 1);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        rig_free(r);
    }
}

/* The transaction of a missed keepalive goes on, and its 200 clears all misses; then one per interval again. */
static void test_late_answer_clears_misses(void **state)
{
    struct rig *r = online(NULL);
    uint64_t sent;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        rig_forget(r);
        rig_run(r, 60000 - (i > 0 ? 4000 : 0));
        assert_int_equal(distinct(r, "MESSAGE"), 1);
        rig_run(r, 24000);
        assert_int_equal(distinct(r, "MESSAGE"), 4);
        assert_int_equal(misses(r), 2 * (i + 1));
        sent = r->now.mono_ms - 4000;
        rig_answer_from(r, r->server, r->packet[0], 200, NULL);
        rig_forget(r);
        rig_run(r, sent + 59999 - r->now.mono_ms);
        /* Those sent after the miss are still in flight, and no new one is sent. */
        assert_int_equal(misses(r), 2 * (i + 1));
        rig_run(r, 1);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        r->auto_keepalive = true;
        rig_answer_from(r, r->server, rig_last(r), 200, NULL);
        r->auto_keepalive = false;
        rig_run(r, 4000);
        assert_int_equal(distinct(r, "REGISTER"), 0);
    }
    rig_free(r);
}

static void test_answer_clears_misses(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        rig_run(r, 60000 + 20000); /* two misses */
        assert_int_equal(misses(r), 2 * (i + 1));
        for (unsigned k = 0; k < r->npackets; k++)
            rig_answer_from(r, r->server, r->packet[k], 200, NULL);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        rig_forget(r);
    }
    rig_free(r);
}

/* In doubt: a late 200 to a keepalive, or the answer to REGISTER, ends it without any event. */
static void test_doubt_ends_well(void **state)
{
    (void)state;
    for (unsigned by_keepalive = 0; by_keepalive < 2; by_keepalive++) {
        struct rig *r = online(NULL);

        rig_run(r, 85000);
        assert_int_equal(distinct(r, "REGISTER"), 1);
        if (by_keepalive) {
            rig_answer_from(r, r->server, r->packet[0], 200, NULL);
        } else {
            rig_answer_from(r, r->server, last_of(r, "REGISTER"), 401, CHALLENGE);
            rig_drain(r);
            rig_answer_from(r, r->server, last_of(r, "REGISTER"), 200, "Expires: 86400\r\n");
        }
        rig_forget(r);
        r->auto_keepalive = true;
        r->keepalives = 0;
        rig_run(r, 0);
        if (!by_keepalive)
            assert_int_equal(r->keepalives, 1);
        rig_run(r, 600000);
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        assert_null(rig_event(r, AGENT_OFFLINE));
        assert_in_range(r->keepalives, 9, 14); /* including retransmissions of those in flight */
        rig_free(r);
    }
}

/* A refused REGISTER ends it immediately. */
static void test_doubt_ends_badly(void **state)
{
    static const unsigned status[] = { 403, 404, 486, 603 };

    (void)state;
    for (unsigned i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        struct rig *r = online(NULL);

        rig_run(r, 85000);
        rig_answer_from(r, r->server, last_of(r, "REGISTER"), status[i], NULL);
        rig_drain(r);
        assert_int_equal(rig_state(r), AGENT_WAITING);
        assert_non_null(rig_event(r, AGENT_OFFLINE));
        rig_free(r);
    }
}

static void expect_4xx(unsigned status)
{
    struct rig *r = online(NULL);
    char call_id[64];

    rig_run(r, 60000);
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    rig_answer_from(r, r->server, rig_last(r), status, NULL);
    rig_drain(r);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    rig_forget(r);
    rig_run(r, 2000);
    assert_true(rig_count(r, "REGISTER") >= 1);
    assert_string_not_equal(rig_header(rig_last(r), "Call-ID"), call_id);
    rig_free(r);
}

static void test_first_4xx(void **state)
{
    (void)state;
    expect_4xx(400);
    expect_4xx(403);
    expect_4xx(404);
    expect_4xx(481);
}

/* The next keepalive follows after five seconds. */
static void test_5xx_is_a_miss(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    rig_run(r, 60000);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(distinct(r, "REGISTER"), 0);
        assert_int_equal(distinct(r, "MESSAGE"), i + 1);
        rig_answer_from(r, r->server, last_of(r, "MESSAGE"), 500, NULL);
        rig_drain(r);
        assert_int_equal(misses(r), i + 1);
        if (i < 2)
            rig_run(r, 4999);
        assert_int_equal(distinct(r, "MESSAGE"), i + 1);
        if (i < 2)
            rig_run(r, 1);
    }
    assert_int_equal(distinct(r, "REGISTER"), 1);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_free(r);
}

/* A platform that accepts every REGISTER and refuses every keepalive is not flooded. */
static void test_refusing_platform(void **state)
{
    struct rig *r = online(NULL);
    unsigned registers = 0, done = 0;

    (void)state;
    for (uint64_t end = r->now.mono_ms + 600000; r->now.mono_ms < end;) {
        for (; done < r->npackets; done++) {
            bool reg = !strncmp(r->packet[done], "REGISTER", 8);
            registers += reg;
            rig_answer_from(r, r->server, r->packet[done], reg ? 200 : 403, NULL);
            rig_drain(r);
        }
        rig_run(r, 500);
    }
    assert_in_range(registers, 10, 30);
    rig_free(r);
}

static void test_faulty_at_once(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    rig_run(r, 1000);
    device_set_state(r->dev, CHANNEL_2, DEVICE_ITEM_VLOST);
    agent_device_changed(r->agent, &r->now);
    rig_run(r, 0);
    assert_int_equal(r->npackets, 1);
    assert_non_null(strstr(rig_last(r), "<DeviceID>" CHANNEL_2 "</DeviceID>"));
    assert_null(strstr(rig_last(r), "<DeviceID>" CHANNEL_1 "</DeviceID>"));
    rig_answer_from(r, r->server, rig_last(r), 200, NULL);
    rig_forget(r);
    /* A recovery is reported by the next regular keepalive. */
    device_set_state(r->dev, CHANNEL_2, DEVICE_ITEM_ON);
    agent_device_changed(r->agent, &r->now);
    rig_run(r, 59000);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 1000);
    assert_int_equal(r->npackets, 1);
    assert_null(strstr(rig_last(r), CHANNEL_2));
    rig_free(r);
}

/* Jumps of the wall clock affect no timer. */
static void test_clock_jump(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    r->auto_keepalive = true;
    unsigned before = r->keepalives;
    r->now.unix_ms = 4102444800000LL;
    rig_run(r, 600000);
    r->now.unix_ms = -1;
    rig_run(r, 600000);
    assert_int_equal(r->keepalives, before + 20);
    assert_int_equal(r->npackets, 0);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once_then_every_interval),
        cmocka_unit_test(test_interval_set_by_platform),
        cmocka_unit_test(test_three_misses),
        cmocka_unit_test(test_answer_clears_misses),
        cmocka_unit_test(test_first_4xx),
        cmocka_unit_test(test_5xx_is_a_miss),
        cmocka_unit_test(test_refusing_platform),
        cmocka_unit_test(test_doubt_timing),
        cmocka_unit_test(test_late_answer_clears_misses),
        cmocka_unit_test(test_doubt_ends_well),
        cmocka_unit_test(test_doubt_ends_badly),
        cmocka_unit_test(test_faulty_at_once),
        cmocka_unit_test(test_clock_jump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
