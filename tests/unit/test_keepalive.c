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
    struct gb_basic basic = { .has_interval = true, .interval_s = 20, .has_count = true, .count = 2, .has_expiration = true,
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

static void test_three_misses(void **state)
{
    struct rig *r = online(NULL);
    struct agent_status st;
    char call_id[64];

    (void)state;
    rig_run(r, 60000);                  /* sent */
    rig_run(r, 32000 - 1);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.keepalive_misses, 0);
    rig_run(r, 1);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.keepalive_misses, 1);
    rig_run(r, 60000);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_run(r, 60000);
    agent_get_status(r->agent, &st);
    assert_int_equal(st.keepalive_misses, 3);
    assert_non_null(rig_event(r, AGENT_OFFLINE));
    rig_run(r, 2000);
    assert_non_null(rig_event(r, AGENT_LINK_WANTED));
    assert_true(rig_count(r, "REGISTER") >= 1);
    snprintf(call_id, sizeof(call_id), "%s", rig_header(rig_last(r), "Call-ID"));
    assert_string_equal(rig_header(rig_last(r), "CSeq"), "1 REGISTER");
    assert_null(rig_header(rig_last(r), "Authorization"));
    rig_free(r);
}

static void test_an_answer_forgives(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        rig_run(r, 120000);             /* two misses */
        r->auto_keepalive = true;
        rig_run(r, 60000);
        r->auto_keepalive = false;
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        rig_forget(r);
    }
    rig_free(r);
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

static void test_5xx_is_a_miss(void **state)
{
    struct rig *r = online(NULL);

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rig_state(r), AGENT_ONLINE);
        rig_run(r, 60000);
        rig_answer_from(r, r->server, rig_last(r), 500, NULL);
        rig_drain(r);
    }
    assert_int_equal(rig_state(r), AGENT_WAITING);
    rig_free(r);
}

/* A platform that takes every REGISTER and refuses every keepalive is not hammered. */
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

static void test_short_interval(void **state)
{
    struct agent_config cfg;
    struct rig *r;

    (void)state;
    rig_config(&cfg);
    cfg.keepalive_interval_s = 5;
    r = online(&cfg);
    uint64_t start = r->now.mono_ms;
    rig_run(r, 19999);
    assert_int_equal(rig_state(r), AGENT_ONLINE);
    rig_run(r, 1);
    assert_int_equal(rig_state(r), AGENT_WAITING);
    assert_int_equal(r->now.mono_ms - start, 20000);    /* 5 s, and three times 5 s of silence */
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
    /* Better again: the regular one says so. */
    device_set_state(r->dev, CHANNEL_2, DEVICE_ITEM_ON);
    agent_device_changed(r->agent, &r->now);
    rig_run(r, 59000);
    assert_int_equal(r->npackets, 0);
    rig_run(r, 1000);
    assert_int_equal(r->npackets, 1);
    assert_null(strstr(rig_last(r), CHANNEL_2));
    rig_free(r);
}

/* A wall clock that jumps moves no timer. */
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
        cmocka_unit_test(test_at_once_then_every_interval), cmocka_unit_test(test_interval_set_by_platform),
        cmocka_unit_test(test_three_misses),
        cmocka_unit_test(test_an_answer_forgives), cmocka_unit_test(test_first_4xx), cmocka_unit_test(test_5xx_is_a_miss),
        cmocka_unit_test(test_refusing_platform), cmocka_unit_test(test_short_interval),
        cmocka_unit_test(test_faulty_at_once), cmocka_unit_test(test_clock_jump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
