/* SPDX-License-Identifier: MIT */
#include "store/device_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define DEVICE  "34020000001320000001"
#define CHANNEL "34020000001310000001"

static char dir[] = "/tmp/gbagent-store-XXXXXX", path[64];

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/settings", dir);
    return 0;
}

static int clean(void **state)
{
    char old[96];

    (void)state;
    snprintf(old, sizeof(old), "%s.old", path);
    unlink(old);
    unlink(path);
    return 0;
}

static int teardown(void **state)
{
    clean(state);
    rmdir(dir);
    return 0;
}

struct daemon_part {
    struct loop *loop;
    struct settings *settings;
    struct device *device;
    struct device_store store;
};

static void start(struct daemon_part *p)
{
    const struct device_item_config item = { .kind = DEVICE_CHANNEL, .id = CHANNEL, .name = "gate" };
    const struct device_config cfg = { .id = DEVICE, .name = "IPC", .item = &item, .nitems = 1 };

    assert_int_equal(loop_new(&p->loop), 0);
    assert_int_equal(settings_open(path, &p->settings), 0);
    assert_int_equal(device_new(&cfg, &p->device), 0);
    device_store_init(&p->store, p->loop, p->settings, p->device);
    device_store_load(&p->store);
}

static void stop(struct daemon_part *p)
{
    device_store_close(&p->store);
    device_free(p->device);
    settings_free(p->settings);
    loop_free(p->loop);
}

static void preset(struct daemon_part *p, enum ptz_kind kind, unsigned number, const char *name)
{
    struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = kind, .number = number } };

    snprintf(c.u.ptz.preset_name, sizeof(c.u.ptz.preset_name), "%s", name);
    assert_int_equal(device_state_apply(device_state(p->device), CHANNEL, &c), 0);
    device_store_save(&p->store);
}

static void test_survives(void **state)
{
    const struct gb_control guard = { .kind = GB_CONTROL_GUARD, .u.guard.on = true };
    struct daemon_part p;

    (void)state;
    start(&p);
    assert_int_equal(device_state_presets(device_state(p.device), CHANNEL), 0);
    preset(&p, PTZ_PRESET_SET, 1, "gate");
    assert_string_equal(settings_get(p.settings, CHANNEL, "preset.1"), "gate");
    assert_int_equal(access(path, R_OK), 0); /* the first change is written immediately */
    preset(&p, PTZ_PRESET_SET, 2, "yard");
    preset(&p, PTZ_PRESET_DELETE, 1, "");
    assert_null(settings_get(p.settings, CHANNEL, "preset.1"));
    assert_int_equal(device_state_apply(device_state(p.device), "", &guard), 0);
    device_store_save(&p.store);
    stop(&p);
    start(&p);
    assert_int_equal(device_state_presets(device_state(p.device), CHANNEL), 1);
    assert_string_equal(device_state_preset(device_state(p.device), CHANNEL, 0)->name, "yard");
    assert_int_equal(device_state_guard(device_state(p.device), CHANNEL), DEVICE_GUARD_ON);
    /* Keys of other modules under the same ID are kept, invalid values are ignored. */
    assert_int_equal(settings_put(p.settings, CHANNEL, "OSDConfig", "x"), 0);
    assert_int_equal(settings_put(p.settings, CHANNEL, "home", "nonsense"), 0);
    assert_int_equal(settings_flush(p.settings), 0);
    stop(&p);
    start(&p);
    assert_int_equal(device_state_presets(device_state(p.device), CHANNEL), 1);
    assert_null(device_state_home(device_state(p.device), CHANNEL));
    assert_string_equal(settings_get(p.settings, CHANNEL, "OSDConfig"), "x");
    stop(&p);
}

/* Runs the pending timer without waiting for it. */
static void later(struct daemon_part *p)
{
    assert_int_not_equal(p->store.later.node.pos, 0);
    loop_timer_del(p->loop, &p->store.later);
    p->store.later.fn(&p->store.later, p->store.later.arg);
}

/* A failed write is retried with increasing intervals, also when nothing changes. */
static void test_disk_fails(void **state)
{
    static const unsigned seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
    struct daemon_part p;
    struct settings *disk = NULL;
    char blocker[96];

    (void)state;
    snprintf(blocker, sizeof(blocker), "%s.new", path);
    assert_int_equal(mkdir(blocker, 0700), 0);
    start(&p);
    preset(&p, PTZ_PRESET_SET, 1, "gate");
    assert_true(settings_failing(p.settings));
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        assert_int_equal(p.store.later.node.when, p.store.flushed_us + seconds[i] * 1000000u);
        later(&p);
    }
    /* Changes in the meantime do not bring it forward. */
    preset(&p, PTZ_PRESET_SET, 2, "yard");
    assert_int_equal(p.store.later.node.when, p.store.flushed_us + 60000000u);
    assert_int_equal(rmdir(blocker), 0);
    later(&p);
    assert_false(settings_failing(p.settings));
    assert_int_equal(p.store.later.node.pos, 0);
    assert_int_equal(settings_open(path, &disk), 0);
    assert_string_equal(settings_get(disk, CHANNEL, "preset.1"), "gate");
    assert_string_equal(settings_get(disk, CHANNEL, "preset.2"), "yard");
    settings_free(disk);
    stop(&p);
}

/* Another module's write failed while the device's state did not change: it is retried too. */
static void test_others_fail(void **state)
{
    struct daemon_part p;
    char blocker[96];

    (void)state;
    snprintf(blocker, sizeof(blocker), "%s.new", path);
    start(&p);
    device_store_save(&p.store);
    assert_int_equal(p.store.later.node.pos, 0);
    assert_int_equal(mkdir(blocker, 0700), 0);
    assert_int_equal(settings_put(p.settings, CHANNEL, "OSDConfig", "y"), 0);
    assert_int_not_equal(settings_flush(p.settings), 0);
    device_store_save(&p.store);
    later(&p);
    assert_true(settings_failing(p.settings));
    assert_int_equal(rmdir(blocker), 0);
    later(&p);
    assert_false(settings_failing(p.settings));
    assert_int_equal(p.store.later.node.pos, 0);
    stop(&p);
}

/* The settings are full: values that did not fit are stored as soon as there is room. */
static void test_no_room(void **state)
{
    struct daemon_part p;
    char key[16];

    (void)state;
    start(&p);
    for (unsigned i = 0;; i++) {
        snprintf(key, sizeof(key), "k%u", i);
        if (settings_put(p.settings, "s", key, "v") != 0)
            break;
    }
    preset(&p, PTZ_PRESET_SET, 7, "roof");
    assert_null(settings_get(p.settings, CHANNEL, "preset.7"));
    assert_int_equal(settings_put(p.settings, "s", "k1", NULL), 0);
    later(&p);
    assert_string_equal(settings_get(p.settings, CHANNEL, "preset.7"), "roof");
    assert_int_equal(p.store.later.node.pos, 0);
    stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_survives),
        cmocka_unit_test_teardown(test_disk_fails, clean),
        cmocka_unit_test_teardown(test_others_fail, clean),
        cmocka_unit_test_teardown(test_no_room, clean),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
