/* SPDX-License-Identifier: MIT */
#include "agent/notifier.h"

#include "manscdp/snapshot.h"
#include "manscdp/upgrade.h"
#include "tests/unit/fake_agent.h"

#define SESSION "0123456789abcdef0123456789ABCDEF"
#define HEAD(cmd, sn)                                                                                                  \
    "<?xml version=\"1.0\" encoding=\"GB18030\"?>\r\n<Notify>\r\n<CmdType>" cmd "</CmdType>\r\n"                       \
    "<SN>" sn "</SN>\r\n<DeviceID>" DEVICE_ID "</DeviceID>\r\n<SessionID>" SESSION "</SessionID>\r\n"

static void test_bodies(void **state)
{
    static const char files[2][SNAPSHOT_FILE_ID_SIZE] = {
        "34020000001320000001022023070112000012301",
        "34020000001320000001022023070112000112302",
    };
    const struct snapshot_notify none = { 7, DEVICE_ID, SESSION, NULL, 0 }, two = { 8, DEVICE_ID, SESSION, files, 2 };
    const struct upgrade_notify ok = { 9, DEVICE_ID, SESSION, "V2.0", UPGRADE_OK };
    const struct upgrade_notify bad = { 10, DEVICE_ID, SESSION, "V<1>", UPGRADE_TIMEOUT };
    char mem[2048];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    snapshot_notify_put(&b, CHARSET_GB18030, &none);
    assert_string_equal(mem, HEAD("UploadSnapShotFinished", "7") "<SnapShotList>\r\n</SnapShotList>\r\n</Notify>\r\n");
    buf_reset(&b);
    snapshot_notify_put(&b, CHARSET_GB18030, &two);
    assert_string_equal(mem, HEAD("UploadSnapShotFinished",
                                  "8") "<SnapShotList>\r\n"
                                       "<SnapShotFileID>34020000001320000001022023070112000012301</SnapShotFileID>\r\n"
                                       "<SnapShotFileID>34020000001320000001022023070112000112302</SnapShotFileID>\r\n"
                                       "</SnapShotList>\r\n</Notify>\r\n");
    buf_reset(&b);
    upgrade_notify_put(&b, CHARSET_GB18030, &ok);
    assert_string_equal(mem, HEAD("DeviceUpgradeResult", "9") "<UpgradeResult>OK</UpgradeResult>\r\n"
                                                              "<Firmware>V2.0</Firmware>\r\n</Notify>\r\n");
    buf_reset(&b);
    upgrade_notify_put(&b, CHARSET_GB18030, &bad);
    assert_string_equal(
        mem,
        HEAD("DeviceUpgradeResult",
             "10") "<UpgradeResult>ERROR</UpgradeResult>\r\n"
                   "<Firmware>V&lt;1&gt;</Firmware>\r\n<UpgradeFailedReason>01</UpgradeFailedReason>\r\n</Notify>\r\n");
    assert_false(b.overflow);
}

static void test_snapshot_file_names(void **state)
{
    char id[SNAPSHOT_FILE_ID_SIZE];

    (void)state;
    /* The example of the standard: 2023-07-01 12:00:00.123 in Beijing. */
    snapshot_file_id(id, DEVICE_ID, 1688184000123, 28800, 1);
    assert_string_equal(id, "34020000001320000001022023070112000012301");
    assert_int_equal(strlen(id), SNAPSHOT_FILE_ID_LEN);
    snapshot_file_id(id, DEVICE_ID, 0, 0, 10);
    assert_string_equal(id, DEVICE_ID "021970010100000000010");
    snapshot_file_id(id, DEVICE_ID, -1, 0, 2);
    assert_string_equal(id, DEVICE_ID "021969123123595999902");
    /* An ID of 21 digits is truncated: the name has 41 characters. */
    snapshot_file_id(id, DEVICE_ID "9", INT64_MAX, 0, 101);
    assert_int_equal(strlen(id), SNAPSHOT_FILE_ID_LEN);
}

static struct gb_time at(uint64_t ms)
{
    struct gb_time t = fake_now;

    t.mono_ms += ms;
    return t;
}

static uint32_t add(struct agent *a, const char *text, uint64_t ms)
{
    struct gb_time t = at(ms);
    uint32_t token = 0;

    const struct agent_upgrade_done upgraded = { DEVICE_ID, SESSION, text, 0 };

    assert_int_equal(notifier_upgrade(&a->notifier, &upgraded, &token, &t), 0);
    return token;
}

static void done(struct agent *a, unsigned index, int status, uint64_t ms)
{
    struct gb_time t = at(ms);

    assert_int_equal(a->sent[index].purpose, MESSAGE_QUEUED_NOTIFY);
    notifier_message_done(&a->notifier, a->sent[index].ref, status, &t);
}

static void tick(struct agent *a, uint64_t ms)
{
    struct gb_time t = at(ms);

    notifier_tick(&a->notifier, &t);
}

static void expect_end(const struct agent *a, unsigned nevents, uint32_t token, int result)
{
    assert_int_equal(a->nevents, nevents);
    assert_int_equal(a->ev.kind, AGENT_NOTIFIED);
    assert_int_equal(a->ev.token, token);
    assert_int_equal(a->ev.u.notified, result);
}

static void test_notifies_are_sent_in_order(void **state)
{
    struct agent *a = fake_new(1, 0);
    uint32_t first = add(a, "first", 0), second = add(a, "second", 0);

    (void)state;
    assert_int_not_equal(first, second);
    assert_int_equal(a->nsent, 1); /* the second one waits */
    done(a, 0, 200, 10);
    expect_end(a, 1, first, 0);
    assert_int_equal(a->nsent, 2);
    assert_non_null(strstr(a->sent[1].body, "<Firmware>second</Firmware>"));
    done(a, 1, 403, 20);
    expect_end(a, 2, second, -EPROTO);
    assert_true(notifier_deadline(&a->notifier) == UINT64_MAX);
    done(a, 1, 200, 30); /* of a message already done */
    assert_int_equal(a->nevents, 2);
    fake_free(a);
}

static void test_retry(void **state)
{
    struct agent *a = fake_new(1, 0);
    uint32_t token = add(a, "body", 0);

    (void)state;
    for (unsigned i = 1; i < NOTIFIER_TRIES_MAX; i++) {
        done(a, i - 1, i == 1 ? 0 : 503, i * 10000);
        assert_int_equal(a->nevents, 0);
        assert_true(notifier_deadline(&a->notifier) == fake_now.mono_ms + i * 10000 + NOTIFIER_RETRY_MS);
        tick(a, i * 10000 + NOTIFIER_RETRY_MS - 1);
        assert_int_equal(a->nsent, i);
        tick(a, i * 10000 + NOTIFIER_RETRY_MS);
        assert_int_equal(a->nsent, i + 1);
        assert_string_equal(a->sent[i].body, a->sent[0].body);
    }
    done(a, NOTIFIER_TRIES_MAX - 1, 0, 90000);
    expect_end(a, 1, token, -ETIMEDOUT);
    fake_free(a);
}

static void test_offline(void **state)
{
    struct agent *a = fake_new(1, 0);
    uint32_t token = add(a, "body", 0);

    (void)state;
    a->ua.state = AGENT_WAITING;
    notifier_offline(&a->notifier);
    tick(a, 1000);
    assert_int_equal(a->nsent, 1);
    assert_true(notifier_deadline(&a->notifier) == fake_now.mono_ms + NOTIFIER_KEEP_MS);
    a->ua.state = AGENT_ONLINE;
    tick(a, 60000);
    assert_int_equal(a->nsent, 2);
    done(a, 1, 200, 60100);
    expect_end(a, 1, token, 0);
    /* Never online again: it expires. */
    a->ua.state = AGENT_WAITING;
    token = add(a, "late", 70000);
    tick(a, 70000 + NOTIFIER_KEEP_MS - 1);
    assert_int_equal(a->nevents, 1);
    tick(a, 70000 + NOTIFIER_KEEP_MS);
    expect_end(a, 2, token, -ETIMEDOUT);
    fake_free(a);
}

static void test_full_queue_refuses(void **state)
{
    const struct agent_upgrade_done upgraded = { DEVICE_ID, SESSION, "x", 0 };
    struct agent *a = fake_new(1, 0);
    struct gb_time t = at(0);

    (void)state;
    a->ua.state = AGENT_WAITING;
    for (unsigned i = 0; i < NOTIFIER_QUEUE_MAX; i++)
        add(a, "x", 0);
    assert_int_equal(notifier_upgrade(&a->notifier, &upgraded, NULL, &t), -ENOSPC);
    fake_free(a);
}

static void test_agent_verbs_send_notifies(void **state)
{
    static const char files[10][SNAPSHOT_FILE_ID_SIZE] = { "34020000001320000001022023070112000012301" };
    const struct agent_snapshot_done shots = { DEVICE_ID, SESSION, files, 10 };
    const struct agent_upgrade_done upgraded = { DEVICE_ID, SESSION, "固件2", 99 };
    struct agent *a = fake_new(1, 0);
    uint32_t token = 0;

    (void)state;
    a->ua.cfg.charset = CHARSET_GB18030;
    assert_int_equal(agent_notify_snapshot(a, &shots, &fake_now), 0);
    assert_non_null(strstr(a->sent[0].body, "<CmdType>UploadSnapShotFinished</CmdType>"));
    done(a, 0, 200, 0);
    assert_int_equal(agent_notify_upgrade(a, &upgraded, &token, &fake_now), 0);
    assert_int_not_equal(token, 0);
    assert_non_null(strstr(a->sent[1].body, "<Firmware>\xb9\xcc\xbc\xfe"
                                            "2</Firmware>"));
    assert_non_null(strstr(a->sent[1].body, "<UpgradeFailedReason>99</UpgradeFailedReason>"));
    done(a, 1, 200, 0);
    oom_fail_at(1);
    int err = agent_notify_upgrade(a, &upgraded, &token, &fake_now);
    oom_off();
    assert_int_equal(err, -ENOMEM);
    fake_free(a);
}

static bool notify_once(void *ctx)
{
    const struct agent_upgrade_done upgraded = { DEVICE_ID, SESSION, "固件2", UPGRADE_OK };
    struct agent *a = ctx;
    unsigned before = a->nsent;
    uint32_t token = 0;
    int err = agent_notify_upgrade(a, &upgraded, &token, &fake_now);

    if (err) {
        assert_int_equal(err, -ENOMEM);
        assert_int_equal(a->nsent, before);
        assert_int_equal(a->notifier.count, 0);
        return false;
    }
    done(a, before, 200, 0);
    return a->notifier.count == 0 && token;
}

static void test_oom(void **state)
{
    struct agent *a = fake_new(1, 0);

    (void)state;
    a->ua.cfg.charset = CHARSET_GB18030;
    oom_ladder(notify_once, a, 20);
    fake_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_snapshot_file_names),
        cmocka_unit_test(test_notifies_are_sent_in_order),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_offline),
        cmocka_unit_test(test_full_queue_refuses),
        cmocka_unit_test(test_agent_verbs_send_notifies),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
