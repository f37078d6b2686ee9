/* SPDX-License-Identifier: MIT */
/* Settings of platforms: overriding the config, stored, and restored at the boards. */
#include "app/config_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/http.h"
#include "manscdp/config.h"
#include "tests/unit/cameras_world.h"

#define CHANNEL_1 "34020000001310000001"
#define CHANNEL_2 "34020000001310000002"

static struct conf *read_conf(const char *name, unsigned interval, const char *channel_name)
{
    static char errors[4096];
    char text[1024];
    struct conf *c = NULL;
    FILE *in, *out;

    snprintf(text, sizeof(text),
             "[device]\nid = 34020000001320000001\nname = %s\n[platform main]\nserver = 127.0.0.1:5060\n"
             "id = 34020000002000000001\npassword = 12345678\nkeepalive_interval = %u\n[platform other]\n"
             "server = 127.0.0.1:5061\nid = 34020000002000000002\npassword = 12345678\n[channel " CHANNEL_1
             "]\nname = %s\n"
             "source = sim:\n[channel " CHANNEL_2 "]\nsource = sim:\n",
             name, interval, channel_name);
    in = fmemopen(text, strlen(text), "r");
    out = fmemopen(errors, sizeof(errors), "w");
    assert_non_null(in);
    assert_non_null(out);
    assert_int_equal(conf_read("t", in, out, &c), 0);
    fclose(in);
    fclose(out);
    return c;
}

static struct settings *memory(void)
{
    struct settings *s = NULL;

    assert_int_equal(settings_open("", &s), 0);
    return s;
}

static void test_overlay(void **state)
{
    const struct gb_basic basic = { .has_name = true, .name = "gate", .has_interval = true, .interval_s = 20 };
    const struct gb_basic named = {
        .has_name = true, .name = "yard", .has_expiration = true, .expiration_s = 3600, .has_count = true, .count = 7
    };
    struct settings *s = memory();
    struct conf *c = read_conf("ipc", 60, "first");

    (void)state;
    config_store_overlay(s, c);
    assert_string_equal(c->device.name, "ipc");
    assert_int_equal(config_store_basic(s, c, "main", "", &basic), 0);
    assert_int_equal(config_store_basic(s, c, "main", CHANNEL_1, &named), 0);
    assert_int_equal(config_store_basic(s, c, "nobody", "", &basic), -ENOENT);
    assert_int_equal(config_store_basic(s, c, "main", "34020000001310000009", &basic), -ENOENT);
    /* Twice: the value of the config is still known. */
    const struct gb_basic again = { .has_interval = true, .interval_s = 25 };
    assert_int_equal(config_store_basic(s, c, "main", "", &again), 0);
    assert_string_equal(c->device.name, "gate");
    assert_string_equal(c->item[0].name, "yard");
    assert_int_equal(c->platform[0].agent.keepalive_interval_s, 25);
    assert_int_equal(c->platform[0].agent.expires_s, 3600);
    assert_int_equal(c->platform[1].agent.expires_s, 86400);
    conf_free(c);
    /* The next start, and a reload of the same config. */
    for (unsigned i = 0; i < 2; i++) {
        c = read_conf("ipc", 60, "first");
        config_store_overlay(s, c);
        assert_string_equal(c->device.name, "gate");
        assert_string_equal(c->item[0].name, "yard");
        assert_int_equal(c->platform[0].agent.keepalive_interval_s, 25);
        assert_int_equal(c->platform[0].agent.keepalive_count, 7);
        assert_int_equal(c->platform[0].agent.expires_s, 3600);
        assert_int_equal(c->platform[1].agent.keepalive_interval_s, 60);
        conf_free(c);
    }
    /* The config changes two of them. */
    c = read_conf("ipc", 50, "east");
    config_store_overlay(s, c);
    assert_string_equal(c->device.name, "gate");
    assert_string_equal(c->item[0].name, "east");
    assert_int_equal(c->platform[0].agent.keepalive_interval_s, 50);
    assert_int_equal(c->platform[0].agent.expires_s, 3600);
    conf_free(c);
    c = read_conf("ipc", 60, "first");
    config_store_overlay(s, c);
    assert_string_equal(c->item[0].name, "first");
    assert_int_equal(c->platform[0].agent.keepalive_interval_s, 60);
    conf_free(c);
    settings_free(s);
}

/* Settings with invalid values. */
static void test_odd_values(void **state)
{
    static const char *const odd[] = { "0", "4", "3601", "99999999999999999999", "-5", "x", "" };
    struct settings *s = memory();

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct conf *c = read_conf("ipc", 60, "first");

        assert_int_equal(settings_put(s, "platform:main", "keepalive_interval", odd[i]), 0);
        assert_int_equal(settings_put(s, "platform:main", "keepalive_interval.config", "60"), 0);
        config_store_overlay(s, c);
        assert_int_equal(c->platform[0].agent.keepalive_interval_s, 60);
        conf_free(c);
    }
    settings_free(s);
}

static struct world make_world(void)
{
    return world_of(read_conf("ipc", 60, "first"), NULL);
}

static void test_blocks(void **state)
{
    struct gb_setting s = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 2 };
    struct settings *kept = memory();
    struct world w = make_world();

    (void)state;
    assert_int_equal(config_store_set(kept, w.cameras, CHANNEL_1, &s), 0);
    assert_string_equal(settings_get(kept, CHANNEL_1, "FrameMirror"), "<FrameMirror>2</FrameMirror>");
    assert_int_equal(config_store_set(kept, w.cameras, "34020000001310000009", &s), -ENOENT);
    s.block = GB_BLOCK_SVAC_ENCODE;
    assert_int_equal(config_store_set(kept, w.cameras, CHANNEL_1, &s), -ENOTSUP);
    assert_null(settings_get(kept, CHANNEL_1, "SVACEncodeConfig"));
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, GB_BLOCK_SVAC_ENCODE, &s), -ENOTSUP);
    /* No SnapShotConfig yet: one picture, no URL. None at all where snapshots are not supported. */
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, GB_BLOCK_SNAPSHOT, &s),
                     http_available() ? 0 : -ENODATA);
    assert_int_equal(s.block, GB_BLOCK_SNAPSHOT);
    assert_int_equal(s.u.snapshot.count, http_available() ? 1 : 0);
    assert_int_equal(s.u.snapshot.interval_s, http_available() ? 1 : 0);
    assert_true(!s.u.snapshot.url[0] && !s.u.snapshot.session[0]);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_2, GB_BLOCK_FRAME_MIRROR, &s), 0);
    assert_int_equal(s.u.frame_mirror, 0);
    s = (struct gb_setting){ .block = GB_BLOCK_SNAPSHOT,
                             .u.snapshot = { .count = 2, .interval_s = 1, .url = "http://h/", .session = "a-1" } };
    assert_int_equal(config_store_put(kept, CHANNEL_1, &s), 0);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, GB_BLOCK_SNAPSHOT, &s), 0);
    assert_string_equal(s.u.snapshot.session, "a-1");
    world_free(&w);

    /* The next start: stored values are set at the board, invalid ones are skipped. */
    assert_int_equal(settings_put(kept, CHANNEL_2, "FrameMirror", "<FrameMirror>8</FrameMirror>"), 0);
    assert_int_equal(settings_put(kept, CHANNEL_2, "AlarmReport",
                                  "<AlarmReport><MotionDetection>1</MotionDetection>"
                                  "<FieldDetection>1</FieldDetection></AlarmReport>"),
                     0);
    w = make_world();
    config_store_restore(kept, w.cameras, w.conf);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, GB_BLOCK_FRAME_MIRROR, &s), 0);
    assert_int_equal(s.u.frame_mirror, 2);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_2, GB_BLOCK_FRAME_MIRROR, &s), 0);
    assert_int_equal(s.u.frame_mirror, 0);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_2, GB_BLOCK_ALARM_REPORT, &s), 0);
    assert_true(s.u.alarm_report.motion && s.u.alarm_report.field);
    world_free(&w);
    settings_free(kept);
}

static unsigned board_mirror(struct settings *s, struct world *w)
{
    struct gb_setting now;

    assert_int_equal(config_store_get(s, w->cameras, CHANNEL_1, GB_BLOCK_FRAME_MIRROR, &now), 0);
    return now.u.frame_mirror;
}

/* The settings are full: ERROR, and nothing changes at the board, nor names and timers. */
static void test_full(void **state)
{
    const struct gb_basic basic = {
        .has_name = true, .name = "gate", .has_interval = true, .interval_s = 20, .has_count = true, .count = 9
    };
    const struct gb_setting mirror = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 2 };
    struct settings *s = memory();
    struct world w = make_world();
    char key[16];

    (void)state;
    for (unsigned i = 0; i < SETTINGS_ENTRIES_MAX; i++) {
        snprintf(key, sizeof(key), "k%u", i);
        assert_int_equal(settings_put(s, "s", key, "v"), 0);
    }
    assert_int_equal(config_store_set(s, w.cameras, CHANNEL_1, &mirror), -ENOSPC);
    assert_int_equal(board_mirror(s, &w), 0);
    /* Room for the name but not for the timers: the name is rolled back. */
    for (unsigned i = 0; i < 3; i++) {
        snprintf(key, sizeof(key), "k%u", i);
        assert_int_equal(settings_put(s, "s", key, NULL), 0);
    }
    assert_int_equal(config_store_basic(s, w.conf, "main", "", &basic), -ENOSPC);
    assert_string_equal(w.conf->device.name, "ipc");
    assert_int_equal(w.conf->platform[0].agent.keepalive_interval_s, 60);
    assert_null(settings_get(s, "device", "name"));
    assert_null(settings_get(s, "device", "name.config"));
    assert_null(settings_get(s, "platform:main", "keepalive_interval"));
    assert_null(settings_get(s, "platform:main", "keepalive_interval.config"));
    assert_int_equal(config_store_set(s, w.cameras, CHANNEL_1, &mirror), 0);
    assert_int_equal(board_mirror(s, &w), 2);
    world_free(&w);
    settings_free(s);
}

/* A failing write: the same, and the old values stay in effect. */
static void test_unwritable(void **state)
{
    const struct gb_basic basic = { .has_name = true, .name = "gate", .has_expiration = true, .expiration_s = 7200 };
    const struct gb_basic later = { .has_name = true, .name = "yard", .has_expiration = true, .expiration_s = 3600 };
    struct gb_setting mirror = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 1 };
    char dir[] = "/tmp/gbagent-config-XXXXXX", path[64], other[64];
    struct world w = make_world();
    struct settings *s = NULL;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/settings", dir);
    snprintf(other, sizeof(other), "%s/settings.new", dir);
    assert_int_equal(settings_open(path, &s), 0);
    assert_int_equal(config_store_set(s, w.cameras, CHANNEL_1, &mirror), 0);
    assert_int_equal(config_store_basic(s, w.conf, "main", "", &basic), 0);
    assert_false(settings_failing(s));
    assert_int_equal(mkdir(other, 0700), 0); /* in place of the next temporary file */
    mirror.u.frame_mirror = 2;
    assert_int_equal(config_store_set(s, w.cameras, CHANNEL_1, &mirror), -EISDIR);
    assert_true(settings_failing(s));
    assert_int_equal(board_mirror(s, &w), 1);
    assert_string_equal(settings_get(s, CHANNEL_1, "FrameMirror"), "<FrameMirror>1</FrameMirror>");
    assert_int_equal(config_store_basic(s, w.conf, "main", "", &later), -EISDIR);
    assert_string_equal(w.conf->device.name, "gate");
    assert_int_equal(w.conf->platform[0].agent.expires_s, 7200);
    assert_string_equal(settings_get(s, "platform:main", "expires"), "7200");
    assert_string_equal(settings_get(s, "platform:main", "expires.config"), "86400");
    /* After the disk has recovered. */
    assert_int_equal(rmdir(other), 0);
    assert_int_equal(config_store_set(s, w.cameras, CHANNEL_1, &mirror), 0);
    assert_false(settings_failing(s));
    assert_int_equal(board_mirror(s, &w), 2);
    settings_free(s);
    assert_int_equal(settings_open(path, &s), 0);
    assert_string_equal(settings_get(s, CHANNEL_1, "FrameMirror"), "<FrameMirror>2</FrameMirror>");
    assert_string_equal(settings_get(s, "platform:main", "expires"), "7200");
    settings_free(s);
    world_free(&w);
    unlink(path);
    snprintf(other, sizeof(other), "%s/settings.old", dir);
    unlink(other);
    assert_int_equal(rmdir(dir), 0);
}

/* The daemon implements AlarmReport, so that boards without it (template) have it, too. */
static void test_alarm_report(void **state)
{
    struct gb_setting s = { .block = GB_BLOCK_ALARM_REPORT, .u.alarm_report = { .motion = false, .field = true } };
    const struct device_item *item;
    struct settings *kept = memory();
    struct world w = make_world();

    (void)state;
    cameras_free(w.cameras);
    const struct cameras_config cc = { .loop = w.loop, .device = w.device, .event = world_event, .gone = world_gone };
    assert_int_equal(cameras_new(&cc, &w.cameras), 0);
    for (unsigned i = 0; i < w.conf->device.nitems; i++)
        snprintf(w.conf->channel[i].source, sizeof(w.conf->channel[i].source), "template:main");
    assert_int_equal(cameras_apply(w.cameras, w.conf), 0);
    item = device_item_at(w.device, 0);
    assert_int_equal(config_store_set(kept, w.cameras, item->cfg.id, &s), 0);
    assert_string_equal(settings_get(kept, item->cfg.id, "AlarmReport"),
                        "<AlarmReport><MotionDetection>0</MotionDetection>"
                        "<FieldDetection>1</FieldDetection></AlarmReport>");
    memset(&s, 0, sizeof(s));
    assert_int_equal(config_store_get(kept, w.cameras, item->cfg.id, GB_BLOCK_ALARM_REPORT, &s), 0);
    assert_true(!s.u.alarm_report.motion && s.u.alarm_report.field);
    config_store_restore(kept, w.cameras, w.conf);
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_2, GB_BLOCK_ALARM_REPORT, &s), 0);
    assert_true(s.u.alarm_report.motion && s.u.alarm_report.field);
    assert_int_equal(config_store_get(kept, w.cameras, "34020000001310000009", GB_BLOCK_ALARM_REPORT, &s), -ENOENT);
    s.block = GB_BLOCK_OSD;
    assert_int_equal(config_store_set(kept, w.cameras, CHANNEL_1, &s), -ENOTSUP);
    world_free(&w);
    settings_free(kept);
}

static int cannot_tell(struct board *b, const struct board_channel *ch, struct gb_setting *set)
{
    (void)b;
    (void)ch;
    memset(&set->u, 0xff, sizeof(set->u));
    return set->block == GB_BLOCK_SVAC_ENCODE ? -ENOTSUP : -ENODATA;
}

static int takes(struct board *b, const struct board_channel *ch, const struct gb_setting *set)
{
    (void)b;
    (void)ch;
    (void)set;
    return 0;
}

/* Blocks that a board does not return and that were never set have their default, or none; unsupported blocks are
 * refused. */
static void test_defaults(void **state)
{
    static const struct {
        enum gb_block block;
        int err, err_without_get;
    } cases[] = {
        { GB_BLOCK_RECORD_PLAN, 0, -ENODATA },
        { GB_BLOCK_ALARM_RECORD, 0, -ENODATA },
        { GB_BLOCK_PICTURE_MASK, 0, -ENODATA },
        { GB_BLOCK_FRAME_MIRROR, 0, -ENODATA },
        { GB_BLOCK_ALARM_REPORT, 0, 0 },
        { GB_BLOCK_OSD, -ENODATA, -ENODATA },
        { GB_BLOCK_VIDEO_ATTRIBUTE, -ENODATA, -ENODATA },
        { GB_BLOCK_VIDEO_OPT, -ENODATA, -ENODATA },
        { GB_BLOCK_SVAC_ENCODE, -ENOTSUP, -ENODATA },
        { GB_BLOCK_SNAPSHOT, -ENODATA, -ENODATA },
    };
    struct settings *kept = memory();
    struct world w = make_world();
    struct camera *c = cameras_find(w.cameras, CHANNEL_1);
    const struct board_ops *was = c->ops;
    struct board_ops ops = { .config_get = cannot_tell, .config_set = takes };
    struct gb_setting s, off;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ops.config_get = cannot_tell;
        c->ops = &ops;
        assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, cases[i].block, &s), cases[i].err);
        if (!cases[i].err && cases[i].block != GB_BLOCK_ALARM_REPORT) {
            memset(&off, 0, sizeof(off));
            assert_int_equal(s.block, cases[i].block);
            assert_memory_equal(&s.u, &off.u, sizeof(off.u));
        }
        ops.config_get = NULL;
        assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, cases[i].block, &s), cases[i].err_without_get);
    }
    /* A value that was set is returned. */
    s = (struct gb_setting){ .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 3 };
    assert_int_equal(config_store_set(kept, w.cameras, CHANNEL_1, &s), 0);
    s.u.frame_mirror = 0;
    assert_int_equal(config_store_get(kept, w.cameras, CHANNEL_1, GB_BLOCK_FRAME_MIRROR, &s), 0);
    assert_int_equal(s.u.frame_mirror, 3);
    c->ops = was;
    world_free(&w);
    settings_free(kept);
}

static bool configure(void *ctx)
{
    const struct gb_basic basic = { .has_name = true, .name = "gate", .has_count = true, .count = 9 };
    const struct gb_setting mirror = { .block = GB_BLOCK_FRAME_MIRROR, .u.frame_mirror = 1 };
    struct world *w = ctx;
    struct settings *s = NULL;
    bool ok = settings_open("", &s) == 0;

    if (!ok)
        return false;
    ok = config_store_basic(s, w->conf, "main", "", &basic) == 0;
    if (config_store_set(s, w->cameras, CHANNEL_1, &mirror) != 0) {
        ok = false;
        /* Not stored either. */
        assert_null(settings_get(s, CHANNEL_1, "FrameMirror"));
        assert_int_equal(board_mirror(s, w), 0);
    }
    config_store_restore(s, w->cameras, w->conf);
    config_store_overlay(s, w->conf);
    settings_free(s);
    return ok;
}

static void test_oom(void **state)
{
    struct world w = make_world();

    (void)state;
    for (unsigned long n = 1; n < 200; n++) {
        bool ok;

        oom_fail_at(n);
        ok = configure(&w);
        oom_off();
        assert_true(ok || oom_hit());
        if (!oom_hit())
            break;
    }
    assert_false(oom_hit());
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlay),      cmocka_unit_test(test_odd_values), cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_full),       cmocka_unit_test(test_unwritable),
        cmocka_unit_test(test_alarm_report), cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
