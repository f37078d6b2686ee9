/* SPDX-License-Identifier: MIT */
/* Two boards behind one device: whose card is meant, whose channel a board speaks of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/cameras_world.h"
#include "util/log.h"

struct board {
    unsigned card[3], ncards;           /* their numbers on the board */
    unsigned formatted[8], nformatted;  /* orders, in turn */
    int refuse;
    int unreadable;                     /* instead of its cards */
    struct board_event said;            /* for event_read, once */
    int event_fd;                       /* 0: it has none */
    int playable;                       /* what check says of pictures */
    unsigned asked;                     /* of them */
};

static struct board left, right;

static int open_left(const struct board_config *cfg, struct board **out)
{
    (void)cfg;
    *out = &left;
    return 0;
}

static int open_right(const struct board_config *cfg, struct board **out)
{
    (void)cfg;
    *out = &right;
    return 0;
}

static void close_board(struct board *b)
{
    (void)b;
}

static int storage(struct board *b, struct board_card *out, unsigned max)
{
    unsigned n = b->ncards < max ? b->ncards : max;

    if (b->unreadable)
        return b->unreadable;
    for (unsigned i = 0; i < n; i++)
        out[i] = (struct board_card){ .id = b->card[i], .progress = -1, .capacity_mb = 1000 };
    return (int)n;
}

static int control(struct board *b, const struct board_channel *ch, const struct gb_control *c)
{
    assert_null(ch);
    assert_int_equal(c->kind, GB_CONTROL_FORMAT);
    if (!b->refuse)
        b->formatted[b->nformatted++] = c->u.format.card;
    return b->refuse;
}

static int event_fd(struct board *b)
{
    return b->event_fd ? b->event_fd : -1;
}

static int event_read(struct board *b, struct board_event *out)
{
    uint64_t n;

    if (read(b->event_fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
        return -EAGAIN;
    *out = b->said;
    return 0;
}

static int check(const struct board_value *value, const struct board_channel *ch, enum board_part part, char *why, size_t size)
{
    assert_null(value);
    assert_string_equal(ch->id, "34020000001310000001");
    assert_int_equal(part, BOARD_VIDEO);
    left.asked++;
    if (left.playable && left.playable != -EPERM)       /* of that one it has nothing to say */
        snprintf(why, size, "/clip: %s", strerror(-left.playable));
    return left.playable;
}

static int stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    (void)b;
    (void)ch;
    (void)out;
    return -ENOENT;
}

static const struct board_ops board_left = {
    .name = "left", .open = open_left, .close = close_board, .storage = storage, .control = control,
    .event_fd = event_fd, .event_read = event_read, .check = check, .stream_open = stream_open,
};
static const struct board_ops board_right = {
    .name = "right", .open = open_right, .close = close_board, .storage = storage, .control = control,
};

/* In the place of the one that the build makes. */
const struct board_ops *const board_table[] = { &board_left, &board_right, NULL };

static unsigned nevents;                /* that came up to the daemon */

static void on_event(void *arg, const struct board_event *ev)
{
    (void)arg;
    (void)ev;
    nevents++;
}

static struct world make_world(void)
{
    char text[] = "[device]\nid = 34020000001320000001\n[platform main]\nserver = 127.0.0.1:5060\nid = 34020000002000000001\n"
                  "password = 12345678\n[channel 34020000001310000001]\nsource = left:\n[channel 34020000001310000002]\n"
                  "source = right:\n";
    FILE *in = fmemopen(text, strlen(text), "r");
    struct conf *conf;

    assert_non_null(in);
    assert_int_equal(conf_read("t", in, stderr, &conf), 0);
    fclose(in);
    return world_of(conf, on_event);
}

static int format(struct world *w, unsigned card)
{
    const struct gb_control c = { .kind = GB_CONTROL_FORMAT, .u.format.card = card };

    return cameras_control(w->cameras, &c);
}

static unsigned numbers(struct world *w, unsigned out[BOARD_CARDS_MAX])
{
    struct board_card card[BOARD_CARDS_MAX];
    int n = cameras_storage(w->cameras, card, BOARD_CARDS_MAX);

    assert_true(n >= 0);
    for (int i = 0; i < n; i++)
        out[i] = card[i].id;
    return (unsigned)n;
}

/* An error is told where there is nothing else to tell; a board that has no cards is none. */
static void test_unreadable_cards(void **state)
{
    struct board_card card[BOARD_CARDS_MAX];
    struct world w = make_world();

    (void)state;
    left = (struct board){ .unreadable = -EIO };
    right = (struct board){ .ncards = 1, .card = { 1 } };
    assert_int_equal(cameras_storage(w.cameras, card, BOARD_CARDS_MAX), 1);
    right.ncards = 0;
    assert_int_equal(cameras_storage(w.cameras, card, BOARD_CARDS_MAX), -EIO);
    left.unreadable = -ENOTSUP;
    assert_int_equal(cameras_storage(w.cameras, card, BOARD_CARDS_MAX), 0);
    left.unreadable = 0;
    world_free(&w);
}

static void test_two_boards(void **state)
{
    unsigned id[BOARD_CARDS_MAX];
    struct world w = make_world();

    (void)state;
    left = (struct board){ .card = { 2 }, .ncards = 1 };
    right = (struct board){ .card = { 1, 2 }, .ncards = 2 };
    assert_int_equal(numbers(&w, id), 3);
    assert_memory_equal(id, ((unsigned[]){ 1, 2, 3 }), 3 * sizeof(*id));
    assert_int_equal(format(&w, 3), 0);
    assert_int_equal(right.nformatted, 1);
    assert_int_equal(right.formatted[0], 2);
    assert_int_equal(format(&w, 1), 0);
    assert_int_equal(left.nformatted, 1);
    assert_int_equal(left.formatted[0], 2);
    assert_int_equal(format(&w, 4), -ENOENT);
    right.refuse = -EBUSY;
    assert_int_equal(format(&w, 2), -EBUSY);
    right.refuse = 0;
    /* The first card is pulled: no order reaches another one for it. */
    left.ncards = 0;
    assert_int_equal(numbers(&w, id), 2);
    assert_memory_equal(id, ((unsigned[]){ 2, 3 }), 2 * sizeof(*id));
    assert_int_equal(format(&w, 1), -ENOENT);
    assert_int_equal(format(&w, 2), 0);
    assert_int_equal(right.formatted[1], 1);
    left.ncards = 1;
    assert_int_equal(format(&w, 1), 0);
    assert_int_equal(left.nformatted, 2);
    assert_int_equal(right.nformatted, 2);
    /* 0 is every card. */
    assert_int_equal(format(&w, 0), 0);
    assert_int_equal(left.formatted[2], 0);
    assert_int_equal(right.formatted[2], 0);
    world_free(&w);
}

/* Asked for before anybody asked what there is. */
static void test_format_first(void **state)
{
    struct world w = make_world();

    (void)state;
    left = (struct board){ .card = { 1 }, .ncards = 1 };
    right = (struct board){ .card = { 1 }, .ncards = 1 };
    assert_int_equal(format(&w, 2), 0);
    assert_int_equal(left.nformatted, 0);
    assert_int_equal(right.formatted[0], 1);
    world_free(&w);
}

/* One board alone has cards: its numbers are left as they are, and the other board is left alone. */
static void test_one_board(void **state)
{
    unsigned id[BOARD_CARDS_MAX];
    struct world w = make_world();

    (void)state;
    left = (struct board){ .ncards = 0 };
    right = (struct board){ .card = { 2, 5 }, .ncards = 2 };
    assert_int_equal(numbers(&w, id), 2);
    assert_memory_equal(id, ((unsigned[]){ 2, 5 }), 2 * sizeof(*id));
    assert_int_equal(format(&w, 5), 0);
    assert_int_equal(format(&w, 1), -ENOENT);
    assert_int_equal(left.nformatted, 0);
    assert_int_equal(right.nformatted, 1);
    assert_int_equal(right.formatted[0], 5);
    world_free(&w);
}

/* Cards that come and go: a place is given again when all are taken, and never two at a time. */
static void test_many_cards(void **state)
{
    unsigned id[BOARD_CARDS_MAX];
    struct world w = make_world();

    (void)state;
    left = (struct board){ .card = { 1 }, .ncards = 1 };
    right = (struct board){ .card = { 1 }, .ncards = 1 };
    for (unsigned i = 2; i < 100; i++) {
        assert_int_equal(numbers(&w, id), 2);
        assert_int_not_equal(id[0], id[1]);
        assert_int_equal(id[0], 1);
        assert_in_range(id[1], 2, BOARD_CARDS_MAX);
        assert_int_equal(format(&w, id[1]), 0);
        assert_int_equal(right.formatted[right.nformatted - 1], i - 1);
        right.nformatted = 0;
        right.card[0] = i;
    }
    world_free(&w);
}

static enum device_item_state state_of(const struct world *w, const char *id)
{
    return device_item_find(w->device, span_of(id))->state;
}

static void say(struct world *w, const char *id, unsigned state)
{
    left.said = (struct board_event){ .kind = BOARD_CHANNEL, .state = (enum board_channel_state)state };
    memcpy(left.said.id, id, strnlen(id, sizeof(left.said.id)));
    assert_int_equal(write(left.event_fd, &(uint64_t){ 1 }, sizeof(uint64_t)), sizeof(uint64_t));
    assert_int_equal(loop_turn(w->loop, 0), 0);
}

/* A board speaks of its own channels, and of states that there are. */
static void test_channel_states(void **state)
{
    static const char mine[] = "34020000001310000001", others[] = "34020000001310000002";
    struct world w;

    (void)state;
    left = (struct board){ .event_fd = eventfd(0, EFD_NONBLOCK) };
    right = (struct board){ 0 };
    nevents = 0;
    w = make_world();
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_ON);
    say(&w, mine, BOARD_CHANNEL_OFF);
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_OFF);
    say(&w, others, BOARD_CHANNEL_OFF);
    assert_int_equal(state_of(&w, others), DEVICE_ITEM_ON);
    say(&w, mine, 3);
    say(&w, "", BOARD_CHANNEL_DEFECT);
    say(&w, "3402000000131000000134020000001310000001", BOARD_CHANNEL_DEFECT);
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_OFF);
    say(&w, mine, BOARD_CHANNEL_DEFECT);
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_DEFECT);
    /* It stays so over a reload that leaves the channel alone. */
    assert_int_equal(cameras_apply(w.cameras, w.conf), 0);
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_DEFECT);
    say(&w, mine, BOARD_CHANNEL_ON);
    assert_int_equal(state_of(&w, mine), DEVICE_ITEM_ON);
    assert_int_equal(nevents, 0);
    left.said.kind = BOARD_ALARM;
    assert_int_equal(write(left.event_fd, &(uint64_t){ 1 }, sizeof(uint64_t)), sizeof(uint64_t));
    assert_int_equal(loop_turn(w.loop, 0), 0);
    assert_int_equal(nevents, 1);
    world_free(&w);
    close(left.event_fd);
    left = (struct board){ 0 };
}

static char warned[512];
static unsigned nwarned;

static void sink(enum log_level level, const char *line)
{
    if (level <= LOG_L_WARN) {
        snprintf(warned, sizeof(warned), "%s", line);
        nwarned++;
    }
}

static enum device_item_state state_of_left(const struct world *w)
{
    return device_item_find(w->device, SPAN_LIT("34020000001310000001"))->state;
}

static void turn_until(const struct world *w, unsigned asked)
{
    for (unsigned i = 0; i < 300 && left.asked < asked; i++)
        loop_turn(w->loop, 10000);
    assert_int_equal(left.asked, asked);
}

/* OFF from the start with the reason, looked at again after 1 s and later, ON when it is there. */
static void test_unplayable(void **state)
{
    struct world w;

    (void)state;
    left = (struct board){ .playable = -ENOENT };
    right = (struct board){ 0 };
    nwarned = 0;
    log_set_sink(sink);
    w = make_world();
    assert_int_equal(left.asked, 1);
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_OFF);
    assert_string_equal(warned, "channel: off channel=34020000001310000001 reason=\"/clip: No such file or directory\"");
    turn_until(&w, 2);
    assert_int_equal(nwarned, 1);               /* it is said once */
    left.playable = -EINVAL;
    turn_until(&w, 3);
    assert_int_equal(nwarned, 2);               /* another reason */
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_OFF);
    left.playable = -EPERM;
    assert_int_equal(cameras_apply(w.cameras, w.conf), 0);     /* a reload asks at once */
    assert_int_equal(left.asked, 4);
    assert_non_null(strstr(warned, "channel: off channel=34020000001310000001 reason=\"Operation not permitted\""));
    left.playable = 0;
    assert_int_equal(cameras_apply(w.cameras, w.conf), 0);
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_ON);
    assert_int_equal(nwarned, 3);
    log_set_sink(NULL);
    world_free(&w);
}

static unsigned no_such_source;

static void source_sink(enum log_level level, const char *text)
{
    (void)level;
    no_such_source += strstr(text, "source-failed channel=34020000001310000001 stream=0 reason=\"no such source\"") != NULL;
}

/* A stream that does not open: with a file to blame the channel is off, without one its picture is lost. */
static void test_does_not_open(void **state)
{
    struct world w;
    struct stream *s;
    struct camera *c;

    (void)state;
    left = (struct board){ 0 };
    w = make_world();
    c = cameras_find(w.cameras, "34020000001310000001");
    left.playable = -ENOENT;
    assert_int_equal(camera_stream(c, 0, &s), -ENOENT);
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_OFF);
    left.playable = 0;
    no_such_source = 0;
    log_set_sink(source_sink);
    assert_int_equal(camera_stream(c, 0, &s), -ENOENT);
    assert_int_equal(no_such_source, 1);
    for (unsigned i = 0; i < 300; i++)          /* an INVITE each */
        assert_int_equal(camera_stream(c, 0, &s), -ENOENT);
    log_set_sink(NULL);
    assert_int_equal(no_such_source, LOG_GATE_BURST);
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_VLOST);
    world_free(&w);
}

static bool off_once(void *ctx)
{
    struct camera *c = ctx;
    struct stream *s;

    (void)camera_stream(c, 0, &s);
    return !oom_hit();
}

static void test_unplayable_oom(void **state)
{
    struct world w;

    (void)state;
    left = (struct board){ 0 };
    w = make_world();
    left.playable = -ENOENT;
    oom_ladder(off_once, cameras_find(w.cameras, "34020000001310000001"), 50);
    assert_int_equal(state_of_left(&w), DEVICE_ITEM_OFF);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_boards), cmocka_unit_test(test_unreadable_cards), cmocka_unit_test(test_format_first), cmocka_unit_test(test_one_board),
        cmocka_unit_test(test_many_cards), cmocka_unit_test(test_channel_states),
        cmocka_unit_test(test_unplayable),
        cmocka_unit_test(test_does_not_open),
        cmocka_unit_test(test_unplayable_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
