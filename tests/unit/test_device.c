/* SPDX-License-Identifier: MIT */
#include "device/device.h"

#include "tests/unit/fake_agent.h"

static struct span id_of(const char *s)
{
    return span_of(s);
}

static struct device *make(unsigned channels, unsigned inputs)
{
    struct agent *a = fake_new(channels, inputs);
    struct device *d = a->ua.dev;

    a->ua.dev = NULL;
    fake_free(a);
    return d;
}

static void test_look_up(void **state)
{
    struct device *d = make(3, 2);

    (void)state;
    assert_int_equal(device_item_count(d), 5);
    assert_int_equal(device_channel_count(d), 3);
    assert_string_equal(device_config(d)->name, "gate & yard");
    assert_string_equal(device_item_at(d, 4)->cfg.id, "34020000001340000002");
    assert_null(device_item_at(d, 5));
    assert_ptr_equal(device_item_find(d, id_of("34020000001310000002")), device_item_at(d, 1));
    assert_null(device_item_find(d, id_of("3402000000131000000")));
    assert_null(device_item_find(d, id_of(DEVICE_ID)));
    /* an INVITE to the device means its first channel; an alarm input has no video */
    assert_ptr_equal(device_channel_for(d, id_of(DEVICE_ID)), device_item_at(d, 0));
    assert_ptr_equal(device_channel_for(d, id_of("34020000001310000003")), device_item_at(d, 2));
    assert_null(device_channel_for(d, id_of("34020000001340000001")));
    assert_null(device_channel_for(d, id_of("34020000001310000009")));
    device_free(d);
    d = make(0, 1);
    assert_null(device_channel_for(d, id_of(DEVICE_ID)));
    device_free(d);
    device_free(NULL);
}

static void test_changes(void **state)
{
    struct device *d = make(2, 2);
    uint64_t s = device_serial(d), layout = device_layout(d);

    (void)state;
    device_set_state(d, "34020000001310000002", DEVICE_ITEM_ON);
    device_set_state(d, "nobody", DEVICE_ITEM_OFF);
    assert_int_equal(device_serial(d), s);
    device_set_state(d, "34020000001310000002", DEVICE_ITEM_VLOST);
    assert_int_equal(device_serial(d), s + 1);
    assert_int_equal(device_item_at(d, 1)->changed, s + 1);
    assert_int_equal(device_item_at(d, 1)->state, DEVICE_ITEM_VLOST);
    device_set_alarm(d, "34020000001340000001", true);
    assert_true(device_item_at(d, 2)->alarm);
    assert_false(device_item_at(d, 3)->alarm);
    device_set_alarm(d, "", true);
    assert_true(device_item_at(d, 3)->alarm);
    device_set_alarm(d, "nobody", false);
    assert_true(device_item_at(d, 3)->alarm);
    device_set_alarm(d, DEVICE_ID, false);
    assert_false(device_item_at(d, 2)->alarm);
    assert_false(device_item_at(d, 3)->alarm);
    /* channels have no alarm flag */
    assert_false(device_item_at(d, 0)->alarm);
    assert_int_equal(device_layout(d), layout);
    device_free(d);
}

static void test_reload(void **state)
{
    struct device *d = make(3, 0);
    struct device_item_config *item = fake_items(4, 0);
    struct device_config cfg = fake_device_config(item, 3);
    uint64_t s, layout = device_layout(d);

    (void)state;
    device_set_state(d, item[2].id, DEVICE_ITEM_DEFECT);
    s = device_serial(d);
    /* the same config again: no change */
    assert_int_equal(device_apply(d, &cfg), 0);
    assert_int_equal(device_serial(d), s);
    assert_int_equal(device_layout(d), layout);
    assert_int_equal(device_item_at(d, 2)->state, DEVICE_ITEM_DEFECT);
    /* one renamed, one added; states stay with their IDs */
    snprintf(item[1].name, sizeof(item[1].name), "new");
    cfg.nitems = 4;
    assert_int_equal(device_apply(d, &cfg), 0);
    assert_int_equal(device_layout(d), layout + 1);
    assert_true(device_item_at(d, 1)->changed > s && device_item_at(d, 3)->changed > s);
    assert_true(device_item_at(d, 0)->changed <= s);
    assert_int_equal(device_item_at(d, 2)->state, DEVICE_ITEM_DEFECT);
    assert_non_null(device_item_find(d, id_of(item[3].id)));
    /* the first one removed: the others move */
    cfg.item = item + 1;
    cfg.nitems = 3;
    assert_int_equal(device_apply(d, &cfg), 0);
    assert_int_equal(device_item_count(d), 3);
    assert_null(device_item_find(d, id_of(item[0].id)));
    assert_int_equal(device_item_at(d, 1)->state, DEVICE_ITEM_DEFECT);
    /* duplicates are refused, nothing changes */
    s = device_serial(d);
    item[3] = item[2];
    assert_int_equal(device_apply(d, &cfg), -EEXIST);
    assert_int_equal(device_serial(d), s);
    assert_int_equal(device_item_count(d), 3);
    struct device *other;
    assert_int_equal(device_new(&cfg, &other), -EEXIST);
    free(item);
    device_free(d);
}

static bool new_and_apply(void *ctx)
{
    struct device_config cfg = fake_device_config(ctx, 3);
    struct device *d;

    if (device_new(&cfg, &d))
        return false;
    cfg.nitems = 4;
    bool ok = !device_apply(d, &cfg);
    assert_int_equal(device_item_count(d), ok ? 4 : 3);
    device_free(d);
    return ok;
}

static void test_no_memory(void **state)
{
    struct device_item_config *item = fake_items(4, 0);

    (void)state;
    oom_ladder(new_and_apply, item, 50);
    free(item);
}

static struct device_change next(const struct device *d, uint64_t *cursor)
{
    struct device_change c = { 0 };

    assert_int_equal(device_journal_next(d, cursor, &c), 1);
    return c;
}

static void test_journal(void **state)
{
    struct device_item_config *item = fake_items(3, 0);
    struct device_config cfg = fake_device_config(item, 2);
    struct device_change c;
    struct device *d;
    uint64_t mine, late;

    (void)state;
    assert_int_equal(device_new(&cfg, &d), 0);
    mine = late = device_journal_end(d);
    assert_int_equal(device_journal_next(d, &mine, &c), 0);
    device_set_state(d, item[0].id, DEVICE_ITEM_VLOST);
    device_set_state(d, item[0].id, DEVICE_ITEM_VLOST);
    c = next(d, &mine);
    assert_int_equal(c.kind, DEVICE_CHANGE_STATE);
    assert_int_equal(c.was, DEVICE_ITEM_ON);
    assert_int_equal(c.now, DEVICE_ITEM_VLOST);
    assert_string_equal(c.id, item[0].id);
    assert_int_equal(device_journal_next(d, &mine, &c), 0);
    /* a reload: the first deleted, the second renamed, the third added */
    char gone[GBID_SIZE];
    memcpy(gone, item[0].id, sizeof(gone));
    memmove(item, item + 1, 2 * sizeof(*item));
    snprintf(item[0].name, sizeof(item[0].name), "other");
    assert_int_equal(device_apply(d, &cfg), 0);
    c = next(d, &mine);
    assert_int_equal(c.kind, DEVICE_CHANGE_DEL);
    assert_string_equal(c.id, gone);
    assert_null(device_item_find(d, span_of(gone)));
    assert_int_equal(next(d, &mine).kind, DEVICE_CHANGE_UPDATE);
    c = next(d, &mine);
    assert_int_equal(c.kind, DEVICE_CHANGE_ADD);
    assert_string_equal(c.id, item[1].id);
    assert_int_equal(device_apply(d, &cfg), 0);
    assert_int_equal(device_journal_next(d, &mine, &c), 0);
    /* a slow reader gets -EOVERFLOW once and continues from the end */
    for (unsigned i = 0; i < DEVICE_JOURNAL_MAX; i++)
        device_set_state(d, item[0].id, i % 2 ? DEVICE_ITEM_ON : DEVICE_ITEM_OFF);
    assert_int_equal(device_journal_next(d, &late, &c), -EOVERFLOW);
    assert_int_equal(device_journal_next(d, &late, &c), 0);
    assert_int_equal(next(d, &mine).kind, DEVICE_CHANGE_STATE);
    free(item);
    device_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_look_up), cmocka_unit_test(test_changes),   cmocka_unit_test(test_reload),
        cmocka_unit_test(test_journal), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
