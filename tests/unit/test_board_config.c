/* SPDX-License-Identifier: MIT */
/* What boards declare of the config, and what they are given of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cameras_world.h"
#include "util/log.h"

/* ---- two boards ------------------------------------------------------------------------------------- */

struct board {
    unsigned opened, reloaded;
    int refuse;                         /* what open and reload return */
    char told[1024];                    /* by the last open or reload */
};

static struct board keen, plain;

enum { KEY_NAME, KEY_COUNT, KEY_FAST, KEY_LEVEL, KEY_PATH, KEY_PASSWORD, KEY_MUST, KEYS };

static bool is_odd(const char *value)
{
    return (value[strlen(value) - 1] - '0') % 2 == 1;
}

static const char *const levels[] = { "low", "high", NULL };
static const struct board_key keys[KEYS] = {
    [KEY_NAME] = { "name", BOARD_TEXT, .max = 6, .def = "none", .help = "A name." },
    [KEY_COUNT] = { "count", BOARD_NUMBER, .min = 1, .max = 9, .def = "3", .valid = is_odd, .expect = "odd number below 10",
                    .help = "How many." },
    [KEY_FAST] = { "fast", BOARD_YESNO, .def = "yes", .help = "Fast." },
    [KEY_LEVEL] = { "level", BOARD_CHOICE, .choice = levels, .def = "high", .help = "Level." },
    [KEY_PATH] = { "path", BOARD_PATH, .def = "", .help = "Path." },
    [KEY_PASSWORD] = { "password", BOARD_TEXT, .max = 4, .def = "", .secret = true, .help = "Password." },
    [KEY_MUST] = { "must", BOARD_TEXT, .help = "Must be said." },
};

static bool is_url(const char *text)
{
    return strncmp(text, "x://", 4) == 0;
}

static bool is_mic(const char *text)
{
    return strcmp(text, "mic") == 0;
}

static const struct board_key source_text = { .valid = is_url, .expect = "x://HOST", .help = "Where it is." };
static const struct board_key audio_text = { .valid = is_mic, .expect = "mic" };

static void note(struct board *b, const struct board_config *cfg, unsigned nkeys)
{
    struct buf out;

    buf_init(&out, b->told, sizeof(b->told));
    for (unsigned i = 0; i < nkeys; i++)
        buf_printf(&out, "%s/%u ", cfg->value[i].text, (unsigned)cfg->value[i].number);
    for (unsigned i = 0; i < cfg->nchannels; i++)
        buf_printf(&out, "C%s=%s(%s) ", cfg->channel[i].id + 18, cfg->channel[i].name, cfg->channel[i].source);
    for (unsigned i = 0; i < cfg->ninputs; i++)
        buf_printf(&out, "I%s=%s(%s) ", cfg->input[i].id + 18, cfg->input[i].name, cfg->input[i].source);
}

static int open_keen(const struct board_config *cfg, struct board **out)
{
    keen.opened++;
    note(&keen, cfg, KEYS);
    *out = keen.refuse ? NULL : &keen;
    return keen.refuse;
}

static int reload_keen(struct board *b, const struct board_config *cfg)
{
    b->reloaded++;
    if (!b->refuse)
        note(b, cfg, KEYS);
    return b->refuse;
}

static int open_plain(const struct board_config *cfg, struct board **out)
{
    plain.opened++;
    note(&plain, cfg, 0);
    *out = &plain;
    return 0;
}

static void close_board(struct board *b)
{
    (void)b;
}

static struct board_key stiff_keys[] = { { "mode", BOARD_NUMBER, .max = 5, .def = "", .help = "Mode." } };

static const struct board_ops board_keen = {
    .name = "keen", .key = keys, .nkeys = KEYS, .source_text = &source_text, .audio_text = &audio_text,
    .open = open_keen, .close = close_board, .reload = reload_keen,
};
static const struct board_ops board_plain = { .name = "plain", .open = open_plain, .close = close_board };
static struct board_ops board_stiff = {
    .name = "stiff", .key = stiff_keys, .nkeys = 1, .open = open_plain, .close = close_board,
};

/* In the place of the one that the build makes. */
const struct board_ops *const board_table[] = { &board_keen, &board_plain, &board_stiff, NULL };

/* ---- texts ---------------------------------------------------------------------------------------------- */

#define HEAD "[device]\nid = 34020000001320000001\n[platform main]\nserver = 127.0.0.1\nid = 34020000002000000001\n"
#define KEEN "[channel 34020000001310000001]\nname = 大门\nsource = keen:x://a\n"      /* lines 6 to 8 */
#define PLAIN "[channel 34020000001310000002]\nname = b\nsource = plain:two words\n"
#define INPUT "[alarm 34020000001340000007]\nname = 门磁\n"

static char messages[4096];

static int read_text(const char *text, struct conf **out)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    FILE *errors = fmemopen(messages, sizeof(messages), "w");
    int rc;

    memset(messages, 0, sizeof(messages));
    assert_true(in && errors);
    rc = conf_read("t", in, errors, out);
    fclose(in);
    fclose(errors);
    return rc;
}

static struct conf *good(const char *text)
{
    struct conf *c = NULL;

    if (read_text(text, &c))
        fail_msg("%s", messages);
    return c;
}

static void bad(const char *text, const char *message)
{
    struct conf *c = NULL;

    assert_int_equal(read_text(text, &c), -EINVAL);
    assert_null(c);
    if (strcmp(messages, message) != 0)
        fail_msg("expected \"%s\", got: %s", message, messages);
}

static void test_errors(void **state)
{
    (void)state;
    bad(HEAD KEEN "[board keen]\nmust = a\ncount = 4\n", "t:11: count: expected odd number below 10, not \"4\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\ncount = 10\n", "t:11: count: expected odd number below 10, not \"10\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\nname = sevenly\n", "t:11: name: expected text of at most 6 bytes, not \"sevenly\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\nfast = perhaps\n", "t:11: fast: expected yes or no, not \"perhaps\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\nlevel = mid\n", "t:11: level: expected low or high, not \"mid\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\npath = b\n",
        "t:11: path: expected absolute path of at most 199 bytes, or empty, not \"b\"\n");
    bad(HEAD KEEN "[board keen]\nmust = a\npassword = 12345\n", "t:11: password: expected text of at most 4 bytes\n");
    bad(HEAD KEEN "[board keen]\nmust = a\nmore = b\n", "t:11: more: unknown key in [board keen]\n");
    bad(HEAD KEEN "[board keen]\nmust = a\nmust = b\n", "t:11: must: duplicate of line 10\n");
    bad(HEAD KEEN "[board keen]\nfast = no\n", "t:9: must: missing, expected text of at most 199 bytes\n");
    bad(HEAD KEEN, "t:8: must: missing in a section [board keen], expected text of at most 199 bytes\n");
    bad(HEAD KEEN "[board keen]\nmust = a\n[board keen]\nmust = b\n", "t:11: [board keen]: duplicate of line 9\n");
    bad(HEAD PLAIN "[board plain]\nmust = a\n", "t:10: must: unknown key in [board plain]\n");
    bad(HEAD PLAIN "[board rtsp]\nmust = a\n",
        "t:9: [board NAME]: expected a board of this build (keen, plain, stiff), not \"rtsp\"\n");
    bad(HEAD PLAIN "[board]\n", "t:9: expected [board NAME]\n");
}

/* What the author of a board got wrong is said at once. */
static void test_wrong_rows(void **state)
{
    static const struct board_key many[BOARD_KEYS_MAX + 1];

    (void)state;
    stiff_keys[0].def = "9";
    bad(HEAD PLAIN, "t: board stiff: mode: invalid default\n");
    stiff_keys[0].def = "";
    board_stiff.key = many;
    board_stiff.nkeys = BOARD_KEYS_MAX + 1;
    bad(HEAD PLAIN, "t: board stiff: expected at most 32 keys, not 33\n");
    board_stiff.key = stiff_keys;
    board_stiff.nkeys = 1;
}

static void test_source_text(void **state)
{
    (void)state;
    bad(HEAD "[channel 34020000001310000001]\nsource = keen:\n[board keen]\nmust = a\n",
        "t:7: source: expected keen:TEXT (TEXT: x://HOST), not \"\"\n");
    bad(HEAD KEEN "source2 = keen:y\n[board keen]\nmust = a\n", "t:9: source2: expected keen:TEXT (TEXT: x://HOST), not \"y\"\n");
    bad(HEAD KEEN "audio = keen:x://a\n[board keen]\nmust = a\n", "t:9: audio: expected keen:TEXT (TEXT: mic), not \"x://a\"\n");
    conf_free(good(HEAD KEEN "source1 = keen:x://\naudio = keen:mic\n[board keen]\nmust = a\n"));
    conf_free(good(HEAD PLAIN "[board keen]\nmust = unused\n"));
    conf_free(good(HEAD PLAIN));        /* what keen must be told is not missed without a channel of it */
}

static void test_given(void **state)
{
    struct conf *c = good("[board keen]\nmust = a\nname = \nlevel = low\nfast = no\ncount = 7\npassword = pw\npath = /p\n"
                          HEAD KEEN PLAIN INPUT);
    struct world w;

    (void)state;
    keen = plain = (struct board){ 0 };
    w = world_of(c, NULL);
    assert_int_equal(keen.opened, 1);
    assert_string_equal(keen.told, "/0 7/7 no/0 low/0 /p/0 pw/0 a/0 C01=大门(x://a) I07=门磁() ");
    assert_int_equal(plain.opened, 1);
    assert_string_equal(plain.told, "C02=b(two words) I07=门磁() ");
    assert_int_equal(keen.reloaded, 0);
    world_free(&w);

    keen = plain = (struct board){ 0 };
    w = world_of(good(HEAD KEEN "[board keen]\nmust = a\n"), NULL);
    assert_string_equal(keen.told, "none/0 3/3 yes/1 high/1 /0 /0 a/0 C01=大门(x://a) ");
    assert_int_equal(plain.opened, 0);
    world_free(&w);
}

static char warned[512];

static void sink(enum log_level level, const char *line)
{
    if (level <= LOG_L_WARN)
        snprintf(warned, sizeof(warned), "%s", line);
}

static void reload(struct world *w, const char *text)
{
    struct conf *next = good(text);

    warned[0] = '\0';
    assert_int_equal(device_apply(w->device, &next->device), 0);
    assert_int_equal(cameras_apply(w->cameras, next), 0);
    conf_free(w->conf);
    w->conf = next;
}

static void test_reload(void **state)
{
    struct world w;

    (void)state;
    keen = plain = (struct board){ 0 };
    w = world_of(good(HEAD KEEN "[board keen]\nmust = a\n"), NULL);
    log_set_sink(sink);
    reload(&w, HEAD KEEN INPUT "[board keen]\nmust = b\n");
    assert_int_equal(keen.opened, 1);
    assert_int_equal(keen.reloaded, 1);
    assert_string_equal(keen.told, "none/0 3/3 yes/1 high/1 /0 /0 b/0 C01=大门(x://a) I07=门磁() ");
    assert_string_equal(warned, "");
    keen.refuse = -EBUSY;
    reload(&w, HEAD KEEN "[board keen]\nmust = c\n");
    assert_non_null(strstr(warned, "board: reload-rejected board=keen reason="));
    /* One that came with this config is opened with it and not told again. */
    keen.refuse = 0;
    reload(&w, HEAD KEEN PLAIN "[board keen]\nmust = c\n");
    assert_int_equal(keen.reloaded, 3);
    assert_int_equal(plain.opened, 1);
    log_set_sink(NULL);
    world_free(&w);
}

#define KEEN2 "[channel 34020000001310000002]\nsource = keen:x://b\n"

/* A board that cannot be opened is asked once, not for each channel, and again at a reload. */
static void test_open_fails(void **state)
{
    const char *text = HEAD KEEN KEEN2 "[board keen]\nmust = a\n";
    struct world w;

    (void)state;
    keen = (struct board){ .refuse = -EIO };
    log_set_sink(sink);
    w = world_of(good(text), NULL);
    assert_int_equal(keen.opened, 1);
    assert_int_equal(device_item_find(w.device, span_of("34020000001310000001"))->state, DEVICE_ITEM_DEFECT);
    reload(&w, text);
    assert_int_equal(keen.opened, 2);
    keen.refuse = 0;
    reload(&w, text);
    assert_int_equal(keen.opened, 3);
    assert_int_equal(keen.reloaded, 0);
    assert_string_equal(warned, "");
    assert_int_equal(device_item_find(w.device, span_of("34020000001310000001"))->state, DEVICE_ITEM_ON);
    assert_int_equal(device_item_find(w.device, span_of("34020000001310000002"))->state, DEVICE_ITEM_ON);
    log_set_sink(NULL);
    world_free(&w);
}

static void test_without_reload(void **state)
{
    struct world w;

    (void)state;
    w = world_of(good(HEAD "[channel 34020000001310000001]\nsource = stiff:\n[board stiff]\nmode = 1\n"), NULL);
    log_set_sink(sink);
    reload(&w, HEAD "[channel 34020000001310000001]\nname = other\nsource = stiff:\n[board stiff]\nmode = 1\n");
    assert_string_equal(warned, "");
    reload(&w, HEAD "[channel 34020000001310000001]\nsource = stiff:\n[board stiff]\nmode = 2\n");
    assert_non_null(strstr(warned, "board: restart-needed board=stiff"));
    reload(&w, HEAD "[channel 34020000001310000001]\nsource = stiff:\n");
    assert_non_null(strstr(warned, "restart-needed"));
    log_set_sink(NULL);
    world_free(&w);
}

static void test_print(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    conf_print_boards(out, CONF_EN);
    fclose(out);
    assert_non_null(strstr(text, "\n# Board keen.\n# source = keen:... Where it is.\n#[board keen]\n"));
    assert_non_null(strstr(text, "\n# A name. (text of at most 6 bytes; default none)\n#name = none\n"));
    assert_non_null(strstr(text, "\n# How many. (odd number below 10; default 3)\n#count = 3\n"));
    assert_non_null(strstr(text, "\n# Level. (low or high; default high)\n#level = high\n"));
    assert_non_null(strstr(text, "\n# Must be said. (text of at most 199 bytes; required)\n#must =\n"));
    assert_null(strstr(text, "plain"));
    free(text);
}

static bool read_once(void *ctx)
{
    struct conf *c = NULL;
    int rc = read_text(ctx, &c);

    assert_true(!rc || rc == -ENOMEM);
    conf_free(c);
    return !rc;
}

static bool give_once(void *ctx)
{
    struct board_config cfg;
    int rc = conf_board_config(ctx, &board_keen, &cfg);

    assert_true(!rc || rc == -ENOMEM);
    conf_board_config_free(&cfg);
    return !rc;
}

static void test_oom(void **state)
{
    char text[] = HEAD KEEN "[board keen]\nmust = a\nname = b\n";
    struct conf *c = good(text);

    (void)state;
    oom_ladder(read_once, text, 100);
    oom_ladder(give_once, c, 10);
    conf_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_wrong_rows),
        cmocka_unit_test(test_source_text),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_open_fails),
        cmocka_unit_test(test_without_reload),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
