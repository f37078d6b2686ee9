/* SPDX-License-Identifier: MIT */
#include "device/device_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

#define CHANNEL "34020000001310000001"
#define INPUT   "34020000001340000001"

static struct device_state *s;

static int setup(void **state)
{
    (void)state;
    return device_state_new(&s);
}

static int teardown(void **state)
{
    (void)state;
    device_state_free(s);
    return 0;
}

static int ptz(enum ptz_kind kind, unsigned number, unsigned value, const char *preset, const char *cruise)
{
    struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = kind, .number = number, .value = value } };

    snprintf(c.u.ptz.preset_name, sizeof(c.u.ptz.preset_name), "%s", preset);
    snprintf(c.u.ptz.cruise_name, sizeof(c.u.ptz.cruise_name), "%s", cruise);
    return device_state_apply(s, CHANNEL, &c);
}

static int guard(const char *id, bool on)
{
    const struct gb_control c = { .kind = GB_CONTROL_GUARD, .u.guard.on = on };
    return device_state_apply(s, id, &c);
}

static void test_presets(void **state)
{
    uint64_t serial = device_state_serial(s);

    (void)state;
    assert_int_equal(device_state_presets(s, CHANNEL), 0);
    assert_null(device_state_preset(s, CHANNEL, 0));
    assert_int_equal(ptz(PTZ_PRESET_SET, 255, 0, "", ""), 0);
    assert_int_equal(ptz(PTZ_PRESET_SET, 1, 0, "gate", ""), 0);
    assert_int_equal(ptz(PTZ_PRESET_SET, 7, 0, "yard", ""), 0);
    assert_true(device_state_serial(s) > serial);
    assert_int_equal(device_state_presets(s, CHANNEL), 3);
    assert_int_equal(device_state_preset(s, CHANNEL, 0)->number, 1);
    assert_string_equal(device_state_preset(s, CHANNEL, 0)->name, "gate");
    assert_string_equal(device_state_preset(s, CHANNEL, 2)->name, "preset 255");
    assert_int_equal(device_state_presets(s, INPUT), 0);
    /* set again without a name: keeps its name; with a name: renamed */
    assert_int_equal(ptz(PTZ_PRESET_SET, 1, 0, "", ""), 0);
    assert_string_equal(device_state_preset(s, CHANNEL, 0)->name, "gate");
    assert_int_equal(ptz(PTZ_PRESET_SET, 1, 0, "door", ""), 0);
    assert_string_equal(device_state_preset(s, CHANNEL, 0)->name, "door");
    assert_int_equal(device_state_presets(s, CHANNEL), 3);
    serial = device_state_serial(s);
    assert_int_equal(ptz(PTZ_PRESET_CALL, 1, 0, "", ""), 0);
    assert_int_equal(ptz(PTZ_MOVE, 0, 0, "", ""), 0);
    assert_true(device_state_serial(s) == serial);
    assert_int_equal(ptz(PTZ_PRESET_DELETE, 7, 0, "", ""), 0);
    assert_int_equal(ptz(PTZ_PRESET_DELETE, 8, 0, "", ""), 0);
    assert_int_equal(device_state_presets(s, CHANNEL), 2);
    assert_int_equal(ptz(PTZ_PRESET_SET, 0, 0, "", ""), -ERANGE);
    for (unsigned i = 1; i <= 255; i++)
        assert_int_equal(ptz(PTZ_PRESET_SET, i, 0, "", ""), 0);
    assert_int_equal(device_state_presets(s, CHANNEL), 255);
}

static void test_tracks(void **state)
{
    const struct device_track *t;

    (void)state;
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 3, 1, "", "night round"), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 3, 2, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 3, 1, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_SPEED, 3, 10, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_STAY, 3, 30, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 0, 9, "", ""), 0);
    assert_int_equal(device_state_tracks(s, CHANNEL), 2);
    assert_int_equal(device_state_track(s, CHANNEL, 0)->number, 0);
    assert_string_equal(device_state_track(s, CHANNEL, 0)->name, "cruise 0");
    t = device_state_track_find(s, CHANNEL, 3);
    assert_string_equal(t->name, "night round");
    assert_int_equal(t->npoints, 3);
    assert_int_equal(t->point[1], 2);
    assert_int_equal(t->speed, 10);
    assert_int_equal(t->stay_s, 30);
    /* deleting preset 1 deletes all its points; deleting the last point deletes the track */
    assert_int_equal(ptz(PTZ_CRUISE_DELETE, 3, 1, "", ""), 0);
    assert_int_equal(device_state_track_find(s, CHANNEL, 3)->npoints, 1);
    assert_int_equal(ptz(PTZ_PRESET_DELETE, 9, 0, "", ""), 0);
    assert_null(device_state_track_find(s, CHANNEL, 0));
    assert_int_equal(ptz(PTZ_CRUISE_DELETE, 3, 0, "", ""), 0);
    assert_int_equal(device_state_tracks(s, CHANNEL), 0);
    assert_int_equal(ptz(PTZ_CRUISE_DELETE, 77, 0, "", ""), 0);
    for (unsigned i = 0; i < DEVICE_TRACK_POINTS_MAX; i++)
        assert_int_equal(ptz(PTZ_CRUISE_ADD, 1, i + 1, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 1, 200, "", ""), -ENOSPC);
    for (unsigned i = 1; i < DEVICE_TRACKS_MAX; i++)
        assert_int_equal(ptz(PTZ_CRUISE_ADD, i + 1, 1, "", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 200, 1, "", ""), -ENOSPC);
}

static void test_home_record_and_mover(void **state)
{
    const struct gb_control home = { .kind = GB_CONTROL_HOME,
                                     .u.home = { .enabled = true, .has_preset = true, .preset = 4 } };
    struct gb_control record = { .kind = GB_CONTROL_RECORD, .u.record = { .on = true, .stream = 1 } };

    (void)state;
    assert_null(device_state_home(s, CHANNEL));
    assert_int_equal(device_state_apply(s, CHANNEL, &home), 0);
    assert_true(device_state_home(s, CHANNEL)->enabled);
    assert_int_equal(device_state_home(s, CHANNEL)->preset, 4);
    assert_int_equal(device_state_apply(s, CHANNEL, &record), 0);
    assert_int_equal(device_state_records(s, CHANNEL), 1u << 1);
    record.u.record.on = false;
    assert_int_equal(device_state_apply(s, CHANNEL, &record), 0);
    assert_int_equal(device_state_records(s, CHANNEL), 0);
    record.u.record.stream = DEVICE_STREAMS_MAX;
    assert_int_equal(device_state_apply(s, CHANNEL, &record), -ERANGE);
    device_state_set_mover(s, CHANNEL, &home);
    assert_string_equal(device_state_moved_by(s, &home), CHANNEL);
    assert_null(device_state_moved_by(s, &record));
    device_state_set_mover(s, CHANNEL, NULL);
    assert_null(device_state_moved_by(s, &home));
}

static void test_guard(void **state)
{
    (void)state;
    assert_int_equal(device_state_guard(s, INPUT), DEVICE_GUARD_UNSET);
    assert_int_equal(guard("", true), 0);
    assert_int_equal(device_state_guard(s, INPUT), DEVICE_GUARD_ON);
    assert_int_equal(guard(INPUT, false), 0);
    assert_int_equal(device_state_guard(s, INPUT), DEVICE_GUARD_OFF);
    assert_int_equal(device_state_guard(s, CHANNEL), DEVICE_GUARD_ON);
    /* guarding the whole device overrides its items */
    assert_int_equal(guard("", true), 0);
    assert_int_equal(device_state_guard(s, INPUT), DEVICE_GUARD_ON);
    assert_int_equal(guard("", false), 0);
    assert_int_equal(device_state_guard(s, INPUT), DEVICE_GUARD_OFF);
}

/* The whole state written as text and restored gives the same text. */
static void test_text_restores_the_state(void **state)
{
    char key[DEVICE_STATE_KEY_MAX], value[DEVICE_STATE_TEXT_MAX], again[DEVICE_STATE_TEXT_MAX];
    const struct gb_control home = { .kind = GB_CONTROL_HOME,
                                     .u.home = { .enabled = true, .has_reset_time = true, .reset_time_s = 90 } };
    const struct gb_control record = { .kind = GB_CONTROL_RECORD, .u.record = { .on = true } };
    struct device_state *other;
    unsigned n = 0, items = 0;
    const char *id;

    (void)state;
    assert_int_equal(device_state_new(&other), 0);
    assert_int_equal(ptz(PTZ_PRESET_SET, 12, 0, "the  gate, 2 m", ""), 0);
    assert_int_equal(ptz(PTZ_CRUISE_ADD, 5, 12, "", "round and round"), 0);
    assert_int_equal(ptz(PTZ_CRUISE_SPEED, 6, 300, "", ""), 0);
    assert_int_equal(device_state_apply(s, CHANNEL, &home), 0);
    assert_int_equal(device_state_apply(s, CHANNEL, &record), 0);
    assert_int_equal(guard(INPUT, false), 0);
    assert_int_equal(device_state_get(s, CHANNEL, "preset.12", value), 0);
    assert_string_equal(value, "the  gate, 2 m");
    assert_int_equal(device_state_get(s, CHANNEL, "cruise.5", value), 0);
    assert_string_equal(value, "0 0 12 round and round");
    assert_int_equal(device_state_get(s, CHANNEL, "cruise.6", value), 0);
    assert_string_equal(value, "300 0 - cruise 6");
    assert_int_equal(device_state_get(s, CHANNEL, "home", value), 0);
    assert_string_equal(value, "1 90 -1");
    assert_int_equal(device_state_get(s, CHANNEL, "guard", value), -ENOENT);
    for (unsigned i = 0; (id = device_state_item(s, i)); i++, items++) {
        assert_true(device_state_changed(s, id) > 0);
        for (unsigned k = 0; device_state_key(k, key); k++) {
            if (device_state_get(s, id, key, value))
                continue;
            n++;
            assert_int_equal(device_state_put(other, id, key, value), 0);
            assert_int_equal(device_state_get(other, id, key, again), 0);
            assert_string_equal(value, again);
        }
    }
    assert_int_equal(items, 2);
    assert_int_equal(n, 6);
    assert_int_equal(device_state_track_find(other, CHANNEL, 5)->point[0], 12);
    assert_true(device_state_records(other, CHANNEL) & 1u << 0);
    assert_int_equal(device_state_guard(other, INPUT), DEVICE_GUARD_OFF);
    device_state_free(other);
}

/* an edited file */
static void test_broken_text(void **state)
{
    static const struct {
        const char *key, *value;
    } cases[] = {
        { "preset.0", "x" },
        { "preset.256", "x" },
        { "preset.1", "" },
        { "preset.-1", "x" },
        { "preset.", "x" },
        { "cruise.256", "0 0 1 x" },
        { "cruise.1", "" },
        { "cruise.1", "0 0 1" },
        { "cruise.1", "0 0 0 x" },
        { "cruise.1", "0 0 1,,2 x" },
        { "cruise.1", "4096 0 1 x" },
        { "cruise.1", "a 0 1 x" },
        { "home", "" },
        { "home", "2 1 1" },
        { "home", "1 1" },
        { "home", "1 1 256" },
        { "home", "1 1 1 1" },
        { "record", "-1" },
        { "record", "4294967296" },
        { "guard", "maybe" },
        { "OSDConfig", "x" },
        { "", "" },
    };
    char long_track[1024] = "0 0 1", value[DEVICE_STATE_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(device_state_put(s, CHANNEL, cases[i].key, cases[i].value), -EBADMSG);
    for (unsigned i = 0; i < DEVICE_TRACK_POINTS_MAX; i++)
        strncat(long_track, ",255", sizeof(long_track) - strlen(long_track) - 1);
    strncat(long_track, " x", sizeof(long_track) - strlen(long_track) - 1);
    assert_int_equal(device_state_put(s, CHANNEL, "cruise.1", long_track), -EBADMSG);
    assert_int_equal(device_state_get(s, CHANNEL, "cruise.1", value), -ENOENT);
    assert_int_equal(device_state_get(s, "nobody", "home", value), -ENOENT);
}

/* Names are truncated between characters; invalid UTF-8 is truncated as well, but not to nothing. */
static void test_long_names(void **state)
{
    char name[200] = "ab";

    (void)state;
    for (int i = 0; i < 40; i++)
        strncat(name, "\xe5\xa4\xa7", sizeof(name) - strlen(name) - 1);
    assert_int_equal(device_state_put(s, CHANNEL, "preset.1", name), 0);
    assert_int_equal(strlen(device_state_preset(s, CHANNEL, 0)->name), 2 + 20 * 3);
    memset(name, 0x80, sizeof(name) - 1);
    assert_int_equal(device_state_put(s, CHANNEL, "preset.1", name), 0);
    assert_int_equal(strlen(device_state_preset(s, CHANNEL, 0)->name), GB_NAME_SIZE - 1);
}

static bool use(void *ctx)
{
    struct device_state *d;
    const struct gb_control c = { .kind = GB_CONTROL_PTZ, .u.ptz.cmd = { .kind = PTZ_PRESET_SET, .number = 1 } };
    const struct gb_control k = { .kind = GB_CONTROL_PTZ,
                                  .u.ptz.cmd = { .kind = PTZ_CRUISE_ADD, .number = 1, .value = 1 } };
    bool ok;

    (void)ctx;
    if (device_state_new(&d))
        return false;
    ok = !device_state_apply(d, CHANNEL, &c) && !device_state_apply(d, CHANNEL, &k);
    device_state_free(d);
    return ok;
}

static void test_no_memory(void **state)
{
    (void)state;
    oom_ladder(use, NULL, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_presets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tracks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_home_record_and_mover, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guard, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_restores_the_state, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("device_state", tests, NULL, NULL);
}
