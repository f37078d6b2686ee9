/* SPDX-License-Identifier: MIT */
#include "agent/alarm.h"

#include "tests/unit/fake_agent.h"

#define INPUT1  "34020000001340000001"
#define INPUT2  "34020000001340000002"
#define CHANNEL "34020000001310000001"

static struct agent_alarm alarm_of(const char *id, unsigned method)
{
    struct agent_alarm al = { .method = method, .priority = 1 };

    snprintf(al.id, sizeof(al.id), "%s", id);
    return al;
}

static int alarm_on(struct agent *a, const char *id, unsigned method, const struct gb_time *t)
{
    struct agent_alarm al = alarm_of(id, method);
    return agent_alarm(a, &al, t);
}

static void done(struct agent *a, unsigned index, int status, const struct gb_time *t)
{
    assert_true(index < a->nsent);
    assert_int_equal(a->sent[index].purpose, MESSAGE_ALARM);
    alarm_message_done(&a->alarms, a->sent[index].ref, status, t);
}

static void test_message(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct agent_alarm al = alarm_of(CHANNEL, 5);

    (void)state;
    al.type = 2;
    al.priority = 3;
    snprintf(al.description, sizeof(al.description), "\xe8\xa7\x86\xe9\xa2\x91\xe5\x8a\xa8\xe6\xa3\x80 <1>");
    assert_int_equal(agent_alarm(a, &al, &fake_now), 0);
    assert_int_equal(a->nsent, 1);
    assert_string_equal(
        a->sent[0].body,
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Alarm</CmdType>\r\n<SN>1</SN>\r\n"
        "<DeviceID>" CHANNEL "</DeviceID>\r\n<AlarmPriority>3</AlarmPriority>\r\n<AlarmMethod>5</AlarmMethod>\r\n"
        "<AlarmTime>2024-01-01T08:00:00</AlarmTime>\r\n"
        "<AlarmDescription>\xca\xd3\xc6\xb5\xb6\xaf\xbc\xec &lt;1&gt;</AlarmDescription>\r\n<Info>\r\n"
        "<AlarmType>2</AlarmType>\r\n</Info>\r\n</Notify>\r\n");
    done(a, 0, 200, &fake_now);
    assert_int_equal(a->alarms.count, 0);
    /* Defaults: the device itself, a device alarm, the lowest priority. */
    al = (struct agent_alarm){ .id = "" };
    assert_int_equal(agent_alarm(a, &al, &fake_now), 0);
    assert_non_null(strstr(a->sent[1].body,
                           "<DeviceID>" DEVICE_ID
                           "</DeviceID>\r\n<AlarmPriority>4</AlarmPriority>\r\n<AlarmMethod>2</AlarmMethod>"));
    assert_non_null(strstr(a->sent[1].body, "<SN>2</SN>"));
    /* Refused without a message. */
    assert_int_equal(alarm_on(a, "34020000001340000099", 2, &fake_now), -ENOENT);
    assert_int_equal(alarm_on(a, INPUT1, 8, &fake_now), -EINVAL);
    al = alarm_of(INPUT1, 2);
    al.priority = 5;
    assert_int_equal(agent_alarm(a, &al, &fake_now), -EINVAL);
    static const unsigned none_such[][3] = { { 2, 6, 0 }, { 5, 14, 0 }, { 6, 3, 0 }, { 4, 1, 0 },
                                             { 5, 6, 3 }, { 5, 5, 1 },  { 2, 0, 1 } };
    for (size_t i = 0; i < sizeof(none_such) / sizeof(none_such[0]); i++) {
        al = alarm_of(CHANNEL, none_such[i][0]);
        al.type = none_such[i][1];
        al.event_type = none_such[i][2];
        assert_int_equal(agent_alarm(a, &al, &fake_now), -EINVAL);
    }
    a->ua.state = AGENT_WAITING;
    assert_int_equal(alarm_on(a, INPUT1, 2, &fake_now), -ENETDOWN);
    assert_int_equal(a->nsent, 2);
    fake_free(a);
}

static void test_retries_keep_sn_and_time_and_a_4xx_is_final(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct gb_time t = fake_now;

    (void)state;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    for (unsigned i = 1; i < ALARM_TRIES_MAX; i++) {
        done(a, i - 1, i == 1 ? 0 : 503, &t);
        assert_int_equal(a->nsent, i);
        assert_int_equal(alarm_deadline(&a->alarms), t.mono_ms + ALARM_RETRY_MS);
        t.mono_ms += ALARM_RETRY_MS;
        alarm_tick(&a->alarms, &t);
        /* The same alarm with the same SN and time. */
        assert_int_equal(a->nsent, i + 1);
        assert_string_equal(a->sent[i].body, a->sent[0].body);
    }
    done(a, ALARM_TRIES_MAX - 1, 0, &t);
    assert_int_equal(a->alarms.count, 0);
    assert_true(alarm_deadline(&a->alarms) == UINT64_MAX);
    /* A 4xx is final. */
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    done(a, a->nsent - 1, 400, &t);
    assert_int_equal(a->alarms.count, 0);
    /* Sending fails for now, then works. */
    a->send_error = -ENOBUFS;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    assert_int_equal(a->alarms.count, 1);
    a->send_error = 0;
    unsigned before = a->nsent;
    t.mono_ms += ALARM_RETRY_MS;
    alarm_tick(&a->alarms, &t);
    assert_int_equal(a->nsent, before + 1);
    /* Unknown outcomes are ignored. */
    alarm_message_done(&a->alarms, 999, 200, &t);
    assert_int_equal(a->alarms.count, 1);
    fake_free(a);
}

static void test_queue_is_bounded_and_sent_in_order(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    for (unsigned i = 0; i < ALARM_QUEUE_MAX; i++)
        assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), 0);
    assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), -ENOSPC);
    assert_int_equal(a->nsent, ALARM_IN_FLIGHT_MAX);
    /* Each outcome lets the next one be sent, in order. */
    for (unsigned i = 0; i < ALARM_QUEUE_MAX; i++) {
        char sn[32];
        snprintf(sn, sizeof(sn), "<SN>%u</SN>", i + 1);
        assert_non_null(strstr(a->sent[i].body, sn));
        done(a, i, 200, &fake_now);
    }
    assert_int_equal(a->nsent, ALARM_QUEUE_MAX);
    assert_int_equal(a->alarms.count, 0);
    assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), 0);
    /* Outcomes out of order: the second and the third before the first. */
    assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), 0);
    assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), 0);
    done(a, a->nsent - 2, 200, &fake_now);
    done(a, a->nsent - 1, 200, &fake_now);
    assert_int_equal(a->alarms.count, 1);
    assert_int_equal(alarm_on(a, CHANNEL, 5, &fake_now), 0);
    assert_int_equal(a->alarms.count, 2);
    fake_free(a);
}

static void test_interval_is_per_input(void **state)
{
    struct agent *a = fake_new(1, 2);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_interval_s = 5;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), -EAGAIN);
    assert_int_equal(alarm_on(a, INPUT2, 2, &t), 0);
    t.mono_ms += 4999;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), -EAGAIN);
    t.mono_ms += 1;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    assert_int_equal(a->nsent, 3);
    fake_free(a);
}

/* By method: a fault of a channel does not suppress an intrusion there, or vice versa. */
static void test_interval_by_method(void **state)
{
    struct agent *a = fake_new(1, 0);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_interval_s = 5;
    for (unsigned method = 1; method <= ALARM_METHOD_MAX; method++) {
        assert_int_equal(alarm_on(a, CHANNEL, method, &t), 0);
        assert_int_equal(alarm_on(a, CHANNEL, method, &t), -EAGAIN);
        t.mono_ms += 100;
    }
    t.mono_ms = fake_now.mono_ms + 5000;
    assert_int_equal(alarm_on(a, CHANNEL, 2, &t), -EAGAIN);
    assert_int_equal(alarm_on(a, CHANNEL, 1, &t), 0);
    t.mono_ms += 100;
    assert_int_equal(alarm_on(a, CHANNEL, 2, &t), 0);
    assert_int_equal(alarm_on(a, CHANNEL, 1, &t), -EAGAIN);
    fake_free(a);
}

/* Returns what agent_alarm would, without side effects. */
static void test_admits_alarm_predicts_the_result(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct agent_alarm al = alarm_of(INPUT1, 2);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_interval_s = 5;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(agent_admits_alarm(a, &al, &t), 0);
    assert_int_equal(a->nsent + a->alarms.count + a->alarm_inputs.count, 0);
    assert_int_equal(agent_alarm(a, &al, &t), 0);
    assert_int_equal(agent_admits_alarm(a, &al, &t), -EAGAIN);
    t.mono_ms += 5000;
    assert_int_equal(agent_admits_alarm(a, &al, &t), 0);
    al.type = 6;
    assert_int_equal(agent_admits_alarm(a, &al, &t), -EINVAL);
    a->ua.state = AGENT_WAITING;
    al.type = 0;
    assert_int_equal(agent_admits_alarm(a, &al, &t), -ENETDOWN);
    fake_free(a);
}

static void test_latch_strict(void **state)
{
    struct agent *a = fake_new(1, 2);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_latch_s = AGENT_LATCH_STRICT;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    assert_true(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &t));
    assert_true(device_item_find(a->ua.dev, span_of(INPUT1))->alarm);
    done(a, 0, 200, &t);
    t.mono_ms += 1000ull * 86400 * 365;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), -EAGAIN);
    assert_int_equal(alarm_on(a, INPUT1, 5, &t), 0); /* only device alarms are latched */
    assert_int_equal(alarm_on(a, INPUT2, 2, &t), 0); /* by input */
    /* Resets that name others. */
    alarm_inputs_reset(&a->alarm_inputs, INPUT2, "", 0);
    alarm_inputs_reset(&a->alarm_inputs, INPUT1, "5", 0);
    alarm_inputs_reset(&a->alarm_inputs, INPUT1, "2", 3);
    assert_true(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &t));
    assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT2, &t));
    static const char *const methods[] = { "", "0", "2", "12", "1/2" };
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        alarm_inputs_reset(&a->alarm_inputs, INPUT1, methods[i], 0);
        assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &t));
        assert_false(device_item_find(a->ua.dev, span_of(INPUT1))->alarm);
        assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
        done(a, a->nsent - 1, 200, &t);
    }
    alarm_inputs_reset(&a->alarm_inputs, DEVICE_ID, "", 0);
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    fake_free(a);
}

static void test_latch_seconds(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_latch_s = 30;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    done(a, 0, 200, &t);
    assert_int_equal(alarm_inputs_deadline(&a->alarm_inputs), t.mono_ms + 30000);
    t.mono_ms += 29999;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), -EAGAIN);
    t.mono_ms++;
    alarm_inputs_tick(&a->alarm_inputs, &t);
    assert_false(device_item_find(a->ua.dev, span_of(INPUT1))->alarm);
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    fake_free(a);
}

/* An undelivered alarm does not latch. */
static void test_latch_opens(void **state)
{
    struct agent *a = fake_new(1, 2);

    (void)state;
    a->ua.cfg.alarm_latch_s = AGENT_LATCH_STRICT;
    assert_int_equal(alarm_on(a, INPUT1, 2, &fake_now), 0);
    done(a, 0, 400, &fake_now);
    assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &fake_now));
    assert_int_equal(alarm_on(a, INPUT1, 2, &fake_now), 0);
    assert_int_equal(alarm_on(a, INPUT2, 2, &fake_now), 0);
    done(a, a->nsent - 1, 200, &fake_now);
    alarm_offline(&a->alarms);
    assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &fake_now));
    assert_true(alarm_inputs_latched(&a->alarm_inputs, INPUT2, &fake_now));
    assert_int_equal(a->alarms.count, 0);
    assert_int_equal(a->alarms.in_flight, 0);
    alarm_message_done(&a->alarms, a->sent[1].ref, -ECONNRESET, &fake_now);
    assert_int_equal(alarm_on(a, INPUT1, 2, &fake_now), 0);
    done(a, a->nsent - 1, -ECONNRESET, &fake_now);
    assert_false(alarm_inputs_latched(&a->alarm_inputs, INPUT1, &fake_now));
    fake_free(a);
}

/* More than ALARM_INPUTS_MAX inputs: the least recent ones are dropped, latched ones are not. */
static void test_many_inputs(void **state)
{
    struct agent *a = fake_new(0, ALARM_INPUTS_MAX + 1);
    struct gb_time t = fake_now;

    (void)state;
    for (unsigned i = 0; i < ALARM_INPUTS_MAX + 1; i++) {
        a->nsent = 0;
        t.mono_ms++;
        assert_int_equal(alarm_on(a, device_item_at(a->ua.dev, i)->cfg.id, 2, &t), 0);
        done(a, 0, 200, &t);
    }
    assert_int_equal(a->alarm_inputs.count, ALARM_INPUTS_MAX);
    a->ua.cfg.alarm_latch_s = AGENT_LATCH_STRICT;
    for (unsigned i = 0; i < ALARM_INPUTS_MAX; i++) {
        a->nsent = 0;
        t.mono_ms++;
        assert_int_equal(alarm_on(a, device_item_at(a->ua.dev, i)->cfg.id, 2, &t), 0);
        done(a, 0, 200, &t);
    }
    assert_int_equal(alarm_on(a, device_item_at(a->ua.dev, ALARM_INPUTS_MAX)->cfg.id, 2, &t), -ENOSPC);
    fake_free(a);
}

static bool raise_once(void *ctx)
{
    struct agent *a = ctx;
    int err = alarm_on(a, INPUT1, 2, &fake_now);

    assert_true(err == 0 || err == -ENOMEM);
    assert_int_equal(a->alarms.count, err ? 0 : 1);
    alarm_free(&a->alarms);
    alarm_inputs_free(&a->alarm_inputs);
    return err == 0;
}

static void test_no_memory(void **state)
{
    struct agent *a = fake_new(1, 1);

    (void)state;
    oom_ladder(raise_once, a, 20);
    fake_free(a);
}

/* Sent to one subscriber after the other, then by MESSAGE if none accepted it. */
static void test_subscribers(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct gb_time t = fake_now;

    (void)state;
    a->subscribers = 1u << 2 | 1u << 5;
    assert_int_equal(alarm_on(a, CHANNEL, 5, &t), 0);
    assert_int_equal(a->nsent, 1);
    assert_int_equal(a->sent[0].purpose, FAKE_NOTIFY + 2);
    alarm_notify_done(&a->alarms, 2, a->sent[0].ref, 200, &t);
    assert_int_equal(a->sent[1].purpose, FAKE_NOTIFY + 5);
    alarm_notify_done(&a->alarms, 5, a->sent[1].ref, 400, &t);
    assert_int_equal(a->alarms.count, 0);
    assert_int_equal(a->nsent, 2);
    /* None accepted it. */
    t.mono_ms += 60000;
    assert_int_equal(alarm_on(a, CHANNEL, 5, &t), 0);
    alarm_notify_done(&a->alarms, 2, a->sent[2].ref, 400, &t);
    alarm_subscribers_gone(&a->alarms, 1u << 5, &t);
    assert_int_equal(a->nsent, 5);
    done(a, 4, 200, &t);
    assert_int_equal(a->alarms.count, 0);
    /* Busy: tried again later; does not count as a try. */
    t.mono_ms += 60000;
    a->subscribers = 1;
    a->notify_error = -EBUSY;
    assert_int_equal(alarm_on(a, CHANNEL, 5, &t), 0);
    for (unsigned i = 0; i < 20; i++) {
        t.mono_ms += ALARM_BUSY_MS;
        alarm_tick(&a->alarms, &t);
    }
    assert_int_equal(a->nsent, 5);
    a->notify_error = 0;
    t.mono_ms += ALARM_BUSY_MS;
    alarm_tick(&a->alarms, &t);
    assert_int_equal(a->nsent, 6);
    alarm_notify_done(&a->alarms, 0, a->sent[5].ref, 200, &t);
    assert_int_equal(a->alarms.count, 0);
    fake_free(a);
}

static void test_notify_modes(void **state)
{
    struct agent *a = fake_new(1, 1);
    struct gb_time t = fake_now;

    (void)state;
    a->subscribers = 1;
    a->ua.cfg.alarm_notify = ALARM_NOTIFY_MESSAGE;
    assert_int_equal(alarm_on(a, CHANNEL, 5, &t), 0);
    done(a, 0, 200, &t);
    t.mono_ms += 60000;
    a->ua.cfg.alarm_notify = ALARM_NOTIFY_BOTH;
    assert_int_equal(alarm_on(a, CHANNEL, 5, &t), 0);
    assert_int_equal(a->sent[1].purpose, FAKE_NOTIFY);
    alarm_notify_done(&a->alarms, 0, a->sent[1].ref, 200, &t);
    done(a, 2, 200, &t);
    assert_int_equal(a->alarms.count, 0);
    fake_free(a);
}

static void test_guard(void **state)
{
    struct gb_control guard = { .kind = GB_CONTROL_GUARD };
    struct agent *a = fake_new(1, 1);
    struct gb_time t = fake_now;

    (void)state;
    a->ua.cfg.alarm_requires_guard = true;
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), -EPERM);
    guard.u.guard.on = true;
    assert_int_equal(device_state_apply(device_state(a->ua.dev), "", &guard), 0);
    assert_int_equal(alarm_on(a, INPUT1, 2, &t), 0);
    assert_int_equal(a->nsent, 1);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_subscribers),
        cmocka_unit_test(test_notify_modes),
        cmocka_unit_test(test_guard),
        cmocka_unit_test(test_retries_keep_sn_and_time_and_a_4xx_is_final),
        cmocka_unit_test(test_queue_is_bounded_and_sent_in_order),
        cmocka_unit_test(test_interval_by_method),
        cmocka_unit_test(test_admits_alarm_predicts_the_result),
        cmocka_unit_test(test_interval_is_per_input),
        cmocka_unit_test(test_latch_strict),
        cmocka_unit_test(test_latch_seconds),
        cmocka_unit_test(test_latch_opens),
        cmocka_unit_test(test_many_inputs),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("alarm", tests, NULL, NULL);
}
