/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/ctl.h"
#include "trace/record.h"
#include "sys/loop.h"

#define DEVICE  "34020000001320000001"
#define CHANNEL "34020000001310000001"
#define INPUT   "34020000001340000001"

/* What the ops received, and what they return. */
static struct fake {
    struct agent_alarm alarm;
    char idr[32], upload[32], input[32], channel[32];
    enum board_channel_state state;
    enum ctl_input how;
    enum log_level level;
    char traced[CTL_NAME_MAX];
    unsigned tracers;
    unsigned reloads, channels;
    int result;
    const char *err;
    bool nothing;
} fake;

static int fake_answer(char *err, size_t size)
{
    if (fake.err)
        snprintf(err, size, "%s", fake.err);
    return fake.result;
}

static int fake_snapshot(void *arg, struct ctl_snapshot *s)
{
    (void)arg;
    s->device = DEVICE;
    s->uptime_s = 90061;
    s->unknown_sources = 3;
    if (fake.nothing)
        return fake.result;
    s->platform = calloc(1, sizeof(*s->platform));
    s->channel = calloc(fake.channels, sizeof(*s->channel));
    s->session = calloc(1, sizeof(*s->session));
    s->ended = calloc(1, sizeof(*s->ended));
    if (!s->platform || !s->channel || !s->session || !s->ended)
        return -ENOMEM;
    s->nplatforms = s->nsessions = s->nended = 1;
    s->nchannels = fake.channels;
    s->platform->name = "main";
    s->platform->state = "online";
    s->platform->since_s = 61;
    snprintf(s->platform->last_error, sizeof(s->platform->last_error), "403 \"no\\way\"\x1b[2J");
    snprintf(s->platform->server, sizeof(s->platform->server), "10.0.0.1:5060");
    for (unsigned i = 0; i < fake.channels; i++) {
        snprintf(s->channel[i].id, sizeof(s->channel[i].id), "3402000000131%07u", i + 1);
        snprintf(s->channel[i].name, sizeof(s->channel[i].name), i ? "\xff" : "大门");
        s->channel[i].state = i ? "vlost" : "on";
        *(i ? &s->channel[i].source_losses : &s->channel[i].clock_jumps) = 2 + i;
        s->channel[i].before_key = i ? 0 : 5;
        s->channel[i].input = i ? "on" : NULL;
        s->channel[i].duty = i ? "alarm" : NULL;
    }
    s->session->call = 7;
    s->session->platform = "main";
    s->session->ssrc = 100000001;
    s->session->bitrate = 4056789;
    s->session->bytes = 18446744073709551615u;
    snprintf(s->session->channel, sizeof(s->session->channel), CHANNEL);
    snprintf(s->ended->why, sizeof(s->ended->why), "BYE");
    return fake.result;
}

static int fake_alarm(void *arg, const struct agent_alarm *al, char *err, size_t size)
{
    (void)arg;
    fake.alarm = *al;
    return fake_answer(err, size);
}

static int fake_idr(void *arg, const char *channel, char *err, size_t size)
{
    (void)arg;
    snprintf(fake.idr, sizeof(fake.idr), "%s", channel);
    return fake_answer(err, size);
}

static int fake_reload(void *arg, char *err, size_t size)
{
    (void)arg;
    fake.reloads++;
    return fake_answer(err, size);
}

static int fake_log_level(void *arg, enum log_level level, char *err, size_t size)
{
    (void)err;
    (void)size;
    (void)arg;
    fake.level = level;
    return fake.result;
}

static int fake_upload(void *arg, const char *channel, char *err, size_t size)
{
    (void)arg;
    snprintf(fake.upload, sizeof(fake.upload), "%s", channel);
    return fake_answer(err, size);
}

static int fake_trace(void *arg, const char *platform, char *err, size_t size)
{
    (void)arg;
    snprintf(fake.traced, sizeof(fake.traced), "%s", platform);
    return fake_answer(err, size);
}

static void fake_trace_clients(void *arg, unsigned clients)
{
    (void)arg;
    fake.tracers = clients;
}

static int fake_input(void *arg, const char *id, enum ctl_input how, bool *on, char *err, size_t size)
{
    (void)arg;
    snprintf(fake.input, sizeof(fake.input), "%s", id);
    fake.how = how;
    *on = how == CTL_INPUT_ON || how == CTL_INPUT_TOGGLE;
    return fake_answer(err, size);
}

static int fake_channel(void *arg, const char *id, enum board_channel_state state, char *err, size_t size)
{
    (void)arg;
    snprintf(fake.channel, sizeof(fake.channel), "%s", id);
    fake.state = state;
    return fake_answer(err, size);
}

#define TEN "0123456789"

static const struct ctl_ops fake_ops = {
    .snapshot = fake_snapshot,
    .alarm = fake_alarm,
    .input = fake_input,
    .channel = fake_channel,
    .idr = fake_idr,
    .reload = fake_reload,
    .log_level = fake_log_level,
    .upload = fake_upload,
    .trace = fake_trace,
    .trace_clients = fake_trace_clients,
};

static int setup(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    fake.channels = 2;
    return 0;
}

/* The reply to one line; freed by the caller. */
static char *ask(const char *line)
{
    struct span s = guard_str(line);
    struct ctl_reply reply;

    assert_int_equal(ctl_execute(&fake_ops, NULL, s, &reply), 0);
    assert_non_null(reply.text);
    assert_int_equal(strlen(reply.text), reply.len);
    guard_str_free(s);
    return reply.text;
}

static void expect(const char *line, const char *reply)
{
    char *got = ask(line);

    assert_string_equal(got, reply);
    free(got);
}

static void expect_part(const char *line, const char *part)
{
    char *got = ask(line);

    if (!strstr(got, part))
        fail_msg("no \"%s\" in: %s", part, got);
    free(got);
}

static void test_commands(void **state)
{
    (void)state;
    expect("alarm", "+alarm queued\n");
    assert_string_equal(fake.alarm.id, "");
    assert_int_equal(fake.alarm.method, 2);
    assert_int_equal(fake.alarm.priority, 4);
    expect("alarm 34020000001340000001 method=5 type=2 event=1 priority=1 text=door  is = open", "+alarm queued\n");
    assert_string_equal(fake.alarm.id, "34020000001340000001");
    assert_int_equal(fake.alarm.method, 5);
    assert_int_equal(fake.alarm.type, 2);
    assert_int_equal(fake.alarm.event_type, 1);
    assert_int_equal(fake.alarm.priority, 1);
    assert_string_equal(fake.alarm.description, "door  is = open");
    expect("  json\talarm\r", "+{\"ok\":\"alarm queued\"}\n");
    static const struct {
        const char *line, *reply;
        enum ctl_input how;
    } inputs[] = {
        { "input " INPUT, "+input off\n", CTL_INPUT_READ },
        { "input " INPUT " on", "+input on\n", CTL_INPUT_ON },
        { "input " INPUT " off", "+input off\n", CTL_INPUT_OFF },
        { "json input " INPUT " toggle", "+{\"ok\":\"input on\"}\n", CTL_INPUT_TOGGLE },
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        expect(inputs[i].line, inputs[i].reply);
        assert_string_equal(fake.input, INPUT);
        assert_int_equal(fake.how, inputs[i].how);
    }
    expect("channel " CHANNEL " defect", "+channel defect\n");
    assert_string_equal(fake.channel, CHANNEL);
    assert_int_equal(fake.state, BOARD_CHANNEL_DEFECT);
    expect("channel " CHANNEL " on", "+channel on\n");
    assert_int_equal(fake.state, BOARD_CHANNEL_ON);
    expect("idr " CHANNEL, "+key frame requested\n");
    assert_string_equal(fake.idr, CHANNEL);
    expect("notify-upload " CHANNEL, "+platforms notified\n");
    assert_string_equal(fake.upload, CHANNEL);
    expect("reload", "+reloaded\n");
    assert_int_equal(fake.reloads, 1);
    expect("log trace", "+log level trace\n");
    assert_int_equal(fake.level, LOG_L_TRACE);
}

#define LONG_TEXT "alarm text=" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "01234567"

static void test_refusals(void **state)
{
    static const char *const lines[] = {
        "json trace",
        "trace " TEN TEN TEN TEN TEN,
        "",
        "   ",
        "json",
        "nonsense",
        "status now",
        "log",
        "log loud",
        "log debug trace",
        "idr",
        "idr 1",
        "idr x",
        "notify-upload",
        "notify-upload x",
        "reload x",
        "alarm x",
        "input",
        "input x",
        "input " INPUT " x",
        "input " INPUT " on off",
        "input on",
        "channel " CHANNEL,
        "channel x off",
        "channel " CHANNEL " broken",
        "channel " CHANNEL " off now",
        "alarm method=2 34020000001340000001",
        "alarm method=8",
        "alarm method=0",
        "alarm method=",
        "alarm priority=5",
        "alarm colour=1",
        "alarm a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=1 k=2 l=3 m=4 n=5 o=6 p=7 q=8",
        LONG_TEXT,
    };
    struct ctl_reply reply;
    char *got;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        got = ask(lines[i]);
        if (got[0] != '-' || !strchr(got, '\n'))
            fail_msg("\"%s\": %s", lines[i], got);
        free(got);
    }
    assert_int_equal(ctl_execute(&fake_ops, NULL, (struct span){ "reload\0x", 8 }, &reply), 0);
    assert_int_equal(reply.text[0], '-');
    free(reply.text);
    assert_int_equal(fake.reloads, 0);
    fake.result = -ENETDOWN;
    expect("alarm", "-Network is down\n");
    fake.err = "no \"platform\" is online";
    expect("alarm", "-no \"platform\" is online\n");
    expect("json alarm", "-{\"error\":\"no \\\"platform\\\" is online\"}\n");
    expect_part("status", "-Network is down\n");
}

static void test_json(void **state)
{
    (void)state;
    expect_part("json status", "+{\"version\":\"" GBAGENT_VERSION "\",\"pid\":");
    expect_part(
        "json status",
        "\"uptime_s\":90061,\"wakeups\":0,\"unknown_sources\":3,\"device\":\"" DEVICE
        "\",\"platforms\":[{\"name\":\"main\","
        "\"state\":\"online\",\"since_s\":61,\"last_error\":\"403 \\\"no\\\\way\\\"?[2J\",\"next_retry_s\":0,"
        "\"server\":\"10.0.0.1:5060\",\"server_id\":\"\",\"version\":\"\",\"local\":\"\",\"public_address\":\"\","
        "\"registrations\":0,");
    expect_part(
        "json status",
        "{\"id\":\"" CHANNEL "\",\"name\":\"大门\",\"state\":\"on\",\"viewers\":0,\"units\":0,\"bytes\":0,"
        "\"lost\":0,\"too_large\":0,\"bad\":0,\"before_key\":5,\"source_losses\":0,\"clock_jumps\":2,\"input\":\"\","
        "\"duty\":\"\"},");
    expect_part("json status", "\"name\":\"?\",\"state\":\"vlost\"");
    expect_part(
        "json sessions",
        "+{\"sessions\":[{\"call\":7,\"platform\":\"main\",\"channel\":\"" CHANNEL
        "\",\"peer\":\"\",\"kind\":\"\",\"transport\":\"\","
        "\"ssrc\":\"0100000001\",\"state\":\"\",\"frames\":0,\"packets\":0,\"bytes\":18446744073709551615,"
        "\"dropped_frames\":0,\"dropped_packets\":0,\"send_errors\":0,\"calls\":0,\"bitrate\":4056789,\"age_s\":0,"
        "\"reports\":0,\"report_lost\":0,\"report_loss_permille\":0,\"report_jitter_us\":0}],"
        "\"ended\":[{\"call\":0,\"platform\":\"\",\"channel\":\"\",\"peer\":\"\",\"why\":\"BYE\"}]}\n");
    fake.nothing = true;
    expect_part("json status", "\"platforms\":[],\"channels\":[],\"sessions\":[],\"ended\":[],\"upgrades\":[]}\n");
}

static void test_text(void **state)
{
    (void)state;
    expect_part("status", "uptime             1d 1h 1m 1s\n");
    expect_part("status", "\nplatform            main\n  state             online\n  since             1m 1s\n");
    expect_part("status", "\n  last error        403 \"no\\way\"?[2J\n");
    expect_part(
        "status",
        "\nchannel               name  state  viewers  units  bytes  lost  too large  bad  before key  source lost  "
        "clock jumps  input  duty\n" CHANNEL
        "  大门  on     0        0      0      0     0          0    5           0            2            -      -\n"
        "34020000001310000002  ?     vlost  0        0      0      0     0          0    0           3            0   "
        "         on     alarm\n\nsession");
    expect_part("sessions", "  bitrate          4.05 Mbit/s\n");
    expect_part("sessions", "  ssrc             0100000001\n");
    expect_part("sessions", "  transport        -\n");
    fake.nothing = true;
    expect_part("status", "\nno platforms\n\nno channels\n\nno sessions\n");
}

/* The maximum number of channels, with the longest names, fits. */
static void test_large(void **state)
{
    char *got;

    (void)state;
    fake.channels = 4096;
    got = ask("json status");
    assert_int_equal(got[0], '+');
    assert_string_equal(got + strlen(got) - 3, "]}\n");
    free(got);
}

static bool status_once(void *ctx)
{
    struct ctl_reply reply;
    int err = ctl_execute(&fake_ops, NULL, span_of(ctx), &reply);
    bool whole = !err && reply.text[0] == '+';

    if (err)
        assert_int_equal(err, -ENOMEM);
    free(reply.text);
    return whole;
}

static void test_no_memory(void **state)
{
    char status[] = "status", reload[] = "reload";

    (void)state;
    oom_ladder(status_once, status, 20);
    oom_ladder(status_once, reload, 20);
}

/* ---- the socket ------------------------------------------------------------------------------------ */

static char dir[64], path[96];
static struct loop *loop;
static struct ctl *ctl;

static int socket_setup(void **state)
{
    setup(state);
    snprintf(dir, sizeof(dir), "/tmp/test_ctl.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/sock", dir);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(ctl_new(loop, path, &fake_ops, NULL, &ctl), 0);
    return 0;
}

static int socket_teardown(void **state)
{
    (void)state;
    ctl_free(ctl);
    loop_free(loop);
    assert_int_equal(rmdir(dir), 0); /* ctl_free() removed the socket file */
    return 0;
}

static int client(void)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    memcpy(sa.sun_path, path, strlen(path));
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    return fd;
}

static void turn(unsigned n)
{
    while (n--)
        loop_turn(loop, 1000);
}

/* Runs the loop until the daemon closes the connection; returns the reply. Closes fd. */
static size_t collect(int fd, char *buf, size_t size)
{
    size_t got = 0;
    ssize_t n = -1;

    for (unsigned i = 0; i < 10000 && n; i++) {
        turn(1);
        n = recv(fd, buf + got, size - 1 - got, 0);
        if (n > 0)
            got += (size_t)n;
    }
    assert_int_equal(n, 0);
    buf[got] = '\0';
    close(fd);
    return got;
}

static void test_socket(void **state)
{
    char buf[4096];
    struct stat sb;
    int fd = client();

    (void)state;
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0600);
    /* A byte at a time. */
    for (const char *p = "log debug\n"; *p; p++) {
        assert_int_equal(send(fd, p, 1, MSG_NOSIGNAL), 1);
        turn(2);
    }
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "+log level debug\n");
    /* Without a newline, ended by the client's half close. */
    fd = client();
    assert_int_equal(send(fd, "reload", 6, MSG_NOSIGNAL), 6);
    shutdown(fd, SHUT_WR);
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "+reloaded\n");
    /* Two lines: only the first one is executed. */
    fd = client();
    assert_int_equal(send(fd, "reload\nreload\n", 14, MSG_NOSIGNAL), 14);
    collect(fd, buf, sizeof(buf));
    assert_int_equal(fake.reloads, 2);
    /* A client that disconnects immediately. */
    close(client());
    turn(3);
}

static void test_long_line(void **state)
{
    char line[600], buf[256];
    int fd = client();

    (void)state;
    memset(line, 'a', sizeof(line));
    assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "-expected a line of at most 511 bytes\n");
    fd = client();
    memset(line, ' ', sizeof(line));
    memcpy(line, "reload", 6);
    line[511] = '\n';
    assert_int_equal(send(fd, line, 512, MSG_NOSIGNAL), 512);
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "+reloaded\n");
}

/* A reply larger than the socket buffer, to a slow client. */
static void test_large_reply(void **state)
{
    static char buf[2 << 20];
    int fd = client();

    (void)state;
    fake.channels = 4096;
    assert_int_equal(send(fd, "json status\n", 12, MSG_NOSIGNAL), 12);
    turn(20);
    assert_true(collect(fd, buf, sizeof(buf)) > 4096 * 80);
    assert_string_equal(buf + strlen(buf) - 3, "]}\n");
}

static void test_many_clients(void **state)
{
    int fd[CTL_CLIENTS_MAX + 2];
    char buf[256];

    (void)state;
    for (unsigned i = 0; i < CTL_CLIENTS_MAX + 2; i++)
        fd[i] = client(), turn(2);
    turn(10);
    /* Clients above the limit wait until one disconnects. */
    assert_int_equal(send(fd[CTL_CLIENTS_MAX + 1], "reload\n", 7, MSG_NOSIGNAL), 7);
    turn(10);
    assert_int_equal(fake.reloads, 0);
    close(fd[0]);
    close(fd[1]);
    collect(fd[CTL_CLIENTS_MAX + 1], buf, sizeof(buf));
    assert_int_equal(fake.reloads, 1);
    for (unsigned i = 2; i <= CTL_CLIENTS_MAX; i++)
        close(fd[i]);
}

static int follower(const char *line, const char *reply)
{
    int fd = client();
    char buf[128];
    ssize_t n;

    assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
    turn(5);
    n = recv(fd, buf, sizeof(buf) - 1, 0);
    assert_true(n > 0);
    buf[n] = '\0';
    assert_string_equal(buf, reply);
    return fd;
}

static void expect_records(int fd, const char *want)
{
    char buf[512];
    ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

    buf[n > 0 ? n : 0] = '\0';
    assert_string_equal(buf, want);
}

/* Records go to the clients that follow their platform, or all. A slow client delays no other, and gets the number
 * lost. */
static void test_trace(void **state)
{
    struct trace_record r = { .unix_us = 1, .out = true, .platform = "main", .message = SPAN_LIT("X") };
    static const char head[] = "sip out udp 1 0 127.0.0.1:1 127.0.0.2:2 1 0 ";
    int all, mine, other, more, fd;
    unsigned sent = 0;
    char want[128];

    (void)state;
    assert_int_equal(addr_parse(&r.local, SPAN_LIT("127.0.0.1:1"), 0), 0);
    assert_int_equal(addr_parse(&r.peer, SPAN_LIT("127.0.0.2:2"), 0), 0);
    ctl_trace(ctl, &r); /* nobody follows */
    all = follower("trace\n", "+\n");
    mine = follower("trace main\n", "+\n");
    assert_string_equal(fake.traced, "main");
    other = follower("trace the  other\n", "+\n");
    assert_string_equal(fake.traced, "the  other");
    more = follower("trace\n", "+\n");
    assert_int_equal(fake.tracers, CTL_TRACES_MAX);
    fd = follower("trace\n", "-too many traces running\n");
    close(fd);
    close(more);
    turn(5);
    assert_int_equal(fake.tracers, 3);
    ctl_trace(ctl, &r);
    snprintf(want, sizeof(want), "%smain\nX", head);
    expect_records(all, want);
    expect_records(mine, want);
    expect_records(other, "");
    assert_int_equal(send(all, "ignored\n", 8, MSG_NOSIGNAL), 8);
    r.platform[0] = '\0';
    ctl_trace(ctl, &r);
    snprintf(want, sizeof(want), "%s\nX", head);
    expect_records(all, want);
    expect_records(mine, "");
    /* `all` does not read; `mine` does. */
    memcpy(r.platform, "main", 5);
    for (; sent < 20000; sent++) {
        ctl_trace(ctl, &r);
        snprintf(want, sizeof(want), "%smain\nX", head);
        expect_records(mine, want);
    }
    static char buf[4 << 20];
    size_t got = 0;
    uint64_t lost = 0, one;
    struct span rest;

    for (ssize_t n = 1; n > 0; turn(2)) {
        n = recv(all, buf + got, sizeof(buf) - got, 0);
        got += n > 0 ? (size_t)n : 0;
    }
    for (rest = (struct span){ buf, got }; trace_record_next(&rest, &r, &one) > 0;) {
        lost += one;
        sent -= !one;
    }
    assert_int_equal(rest.n, 0);
    assert_true(lost > 1000);
    assert_int_equal(sent, lost);
    close(all);
    close(mine);
    turn(5);
    assert_int_equal(fake.tracers, 1);
    close(other); /* the ctl's end drops it as well */
}

/* Allows no more descriptors; returns the previous limit. */
static struct rlimit no_descriptors(void)
{
    struct rlimit old, none;
    int fd = dup(0);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = (rlim_t)fd;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(dup(0), -1);
    return old;
}

/* Without free descriptors one client at a time is served. The others wait, and the loop does not spin. */
static void test_no_descriptors(void **state)
{
    int hog = client(), fd = client();
    struct rlimit old = no_descriptors();
    uint64_t before;
    char buf[256];

    (void)state;
    turn(5);
    assert_int_equal(send(fd, "reload\n", 7, MSG_NOSIGNAL), 7);
    before = loop_wakeups(loop);
    assert_int_equal(loop_turn(loop, 200000), 0);
    assert_int_equal(loop_wakeups(loop), before + 1); /* it slept: the listener is not polled */
    assert_int_equal(fake.reloads, 0);
    assert_int_equal(send(hog, "log debug\n", 10, MSG_NOSIGNAL), 10);
    collect(hog, buf, sizeof(buf));
    assert_string_equal(buf, "+log level debug\n");
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "+reloaded\n");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    fd = client();
    assert_int_equal(send(fd, "reload\n", 7, MSG_NOSIGNAL), 7);
    collect(fd, buf, sizeof(buf));
    assert_int_equal(fake.reloads, 2);
}

/* Not even the spare descriptor is available: the listener pauses for a second. */
static void test_no_spare(void **state)
{
    int fd = client();
    struct rlimit old;
    uint64_t before;
    char buf[256];

    (void)state;
    loop_spare_use(loop);
    int other = dup(0); /* taken by another part of the program */
    old = no_descriptors();
    assert_int_equal(send(fd, "reload\n", 7, MSG_NOSIGNAL), 7);
    turn(2);
    before = loop_wakeups(loop);
    assert_int_equal(loop_turn(loop, 300000), 0);
    assert_int_equal(loop_wakeups(loop), before + 1);
    assert_int_equal(fake.reloads, 0);
    close(other);
    collect(fd, buf, sizeof(buf));
    assert_string_equal(buf, "+reloaded\n");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void test_stale_socket(void **state)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    struct ctl *second = NULL;
    char other[128];
    int fd;

    (void)state;
    assert_int_equal(ctl_new(loop, path, &fake_ops, NULL, &second), -EADDRINUSE);
    assert_null(second);
    close(client()); /* the first daemon still listens */
    turn(3);
    /* A stale file after a crash. */
    snprintf(other, sizeof(other), "%s/other", dir);
    memcpy(sa.sun_path, other, strlen(other));
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    close(fd);
    assert_int_equal(ctl_new(loop, other, &fake_ops, NULL, &second), 0);
    /* The file was replaced: it must not be removed. */
    unlink(other);
    fd = open(other, O_CREAT | O_WRONLY, 0600);
    close(fd);
    ctl_free(second);
    assert_int_equal(access(other, F_OK), 0);
    /* A file that is not a socket is not removed. */
    assert_int_equal(ctl_new(loop, other, &fake_ops, NULL, &second), -EEXIST);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(ctl_new(loop, "/nonexistent/sock", &fake_ops, NULL, &second), -ENOENT);
    memset(other, 'a', sizeof(other) - 1);
    other[sizeof(other) - 1] = '\0';
    assert_int_equal(ctl_new(loop, other, &fake_ops, NULL, &second), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_commands, setup),
        cmocka_unit_test_setup(test_refusals, setup),
        cmocka_unit_test_setup(test_json, setup),
        cmocka_unit_test_setup(test_text, setup),
        cmocka_unit_test_setup(test_large, setup),
        cmocka_unit_test_setup(test_no_memory, setup),
        cmocka_unit_test_setup_teardown(test_socket, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_long_line, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_large_reply, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_trace, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_many_clients, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_no_descriptors, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_no_spare, socket_setup, socket_teardown),
        cmocka_unit_test_setup_teardown(test_stale_socket, socket_setup, socket_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
