/* SPDX-License-Identifier: MIT */
/*
 * A viewer over a rate-limited network: two network namespaces, a veth pair, a token bucket; default socket buffers; 25
 * pictures per second, 5 Mbit/s on average, key frames of 300 KB. Needs permission to create namespaces, ip and tc;
 * skipped otherwise.
 */
#include "media_support.h"
#include "tests/unit/run_command.h"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define UNITS       45u
#define GOP         25u
#define KEY_BYTES   300000u
#define OTHER_BYTES 14285u
#define SILENCE_MS  500 /* the queue is drained: the slowest network here has a packet every 6 ms */
#define PORT        30000

static bool in_namespace;

static void put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void)!write(fd, text, strlen(text));
        close(fd);
    }
}

/* As root, or as any user if the kernel allows user namespaces. */
static int setup(void **state)
{
    char map[64];
    unsigned uid = (unsigned)geteuid();

    (void)state;
    if (unshare(CLONE_NEWNET) == 0) {
        in_namespace = true;
    } else if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        (void)snprintf(map, sizeof(map), "0 %u 1", uid);
        put_text("/proc/self/uid_map", map);
        in_namespace = true;
    }
    /* Tests for tc and its module with a token bucket on loopback. */
    in_namespace = in_namespace && RUN("ip", "link", "set", "lo", "up") == 0 &&
                   RUN("tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1gbit", "burst", "64kb", "limit",
                       "1mb") == 0;
    return 0;
}

struct receiver {
    pid_t pid;
    int ready; /* gets a byte when its namespace, and then its socket, is ready */
    int go;
    struct rx *rx; /* shared memory */
};

static void say(int fd)
{
    (void)!write(fd, "x", 1);
}

static bool hear(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char c;

    return poll(&p, 1, 10000) == 1 && read(fd, &c, 1) == 1;
}

/* The child only collects, without assertions. Ends when the sender has closed `go` and nothing is in transit. */
static void receive_all(struct rx *rx, bool tcp, int ready, int go)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    int big = 8 << 20;
    bool sending = true;

    if (unshare(CLONE_NEWNET) != 0)
        _exit(1);
    say(ready);
    if (!hear(go) || RUN("ip", "addr", "add", "10.9.0.2/24", "dev", "gbt1") != 0 ||
        RUN("ip", "link", "set", "gbt1", "up") != 0)
        _exit(1);
    int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof(big));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || (tcp && listen(fd, 1) != 0))
        _exit(1);
    say(ready);
    rx->fd = tcp ? accept(fd, NULL, NULL) : fd;
    (void)fcntl(rx->fd, F_SETFL, O_NONBLOCK);
    for (;;) {
        struct pollfd p[2] = { { .fd = rx->fd, .events = POLLIN }, { .fd = sending ? go : -1, .events = POLLIN } };
        if (poll(p, 2, sending ? 10000 : SILENCE_MS) <= 0)
            _exit(sending);
        if (p[1].revents)
            sending = false;
        if (!p[0].revents)
            continue;
        if (!tcp)
            collect_udp(rx);
        else if (collect_tcp(rx, SIZE_MAX) == 0)
            _exit(0);
    }
}

/* Until then the kernel drops what is sent: it processes changes of carrier later, at most one batch a second. */
static void wait_running(void)
{
    struct ifreq req = { .ifr_name = "gbt0" };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    for (int i = 0; ioctl(fd, SIOCGIFFLAGS, &req) != 0 || !(req.ifr_flags & IFF_RUNNING); i++) {
        assert_true(i < 500);
        usleep(10000);
    }
    close(fd);
}

static void start_receiver(struct receiver *r, bool tcp, const char *rate)
{
    int ready[2], go[2];
    char pid[16];

    r->rx = mmap(NULL, sizeof(*r->rx), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(r->rx != MAP_FAILED);
    assert_int_equal(pipe(ready) | pipe(go), 0);
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        close(go[1]);
        receive_all(r->rx, tcp, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    r->ready = ready[0];
    r->go = go[1];
    assert_true(hear(r->ready));
    (void)snprintf(pid, sizeof(pid), "%d", (int)r->pid);
    assert_int_equal(
        RUN("ip", "link", "add", "gbt0", "type", "veth", "peer", "name", "gbt1", "address", "02:00:00:00:09:02"), 0);
    assert_int_equal(RUN("ip", "link", "set", "gbt1", "netns", pid), 0);
    assert_int_equal(RUN("ip", "addr", "add", "10.9.0.1/24", "dev", "gbt0"), 0);
    assert_int_equal(RUN("ip", "link", "set", "gbt0", "up"), 0);
    /* A static neighbour entry: the kernel queues only about 100 packets during neighbour discovery. */
    assert_int_equal(
        RUN("ip", "neigh", "replace", "10.9.0.2", "lladdr", "02:00:00:00:09:02", "dev", "gbt0", "nud", "permanent"), 0);
    assert_int_equal(
        RUN("tc", "qdisc", "add", "dev", "gbt0", "root", "tbf", "rate", rate, "burst", "16kb", "limit", "1mb"), 0);
    say(r->go);
    assert_true(hear(r->ready));
    wait_running();
}

static void end_receiver(struct receiver *r)
{
    int status = -1;

    close(r->go);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    assert_int_equal(status, 0);
    close(r->ready);
    (void)RUN("ip", "link", "del", "gbt0");
}

static int connected(bool tcp)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

    a.sin_addr.s_addr = htonl(0x0A090002);
    for (int i = 0; connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0; i++) {
        assert_true(i < 50);
        usleep(20000);
    }
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Plays the clip in real time and drains the queue. */
static void play(void)
{
    uint64_t start = now_us(), end_us = start + UNITS * UINT64_C(40000) + 2500000;
    unsigned made = 0;

    while (now_us() < end_us && (made < UNITS || cam.leased > 0)) {
        while (made < UNITS && now_us() >= start + made * UINT64_C(40000)) {
            cam.tail = ++made;
            cam_ring();
        }
        assert_int_equal(loop_turn(loop, 2000), 0);
    }
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(loop_turn(loop, 5000), 0);
    assert_int_equal(cam.leased, 0);
}

static void link_of(const char *rate, bool tcp, enum viewer_pacing pacing, bool all)
{
    static struct rx sender;
    struct receiver r;

    if (!in_namespace)
        skip_because("network namespaces are not permitted, or ip is missing");
    begin(true, 32);
    for (unsigned i = 0; i < UNITS; i++)
        (void)cam_push(i % GOP == 0, i % GOP == 0 ? KEY_BYTES : OTHER_BYTES);
    cam.tail = 0;
    start_receiver(&r, tcp, rate);
    memset(&sender, 0, sizeof(sender));
    struct viewer_config cfg = viewer_cfg(&sender, connected(tcp), tcp);
    cfg.pacing = pacing;
    assert_int_equal(stream_add_viewer(stream, &cfg, &sender.v), 0);
    play();
    struct viewer_stats st = *viewer_stats(sender.v);
    assert_int_equal(sender.ended, 0);
    stream_remove_viewer(stream, sender.v);
    end_receiver(&r);
    cam.tail = UNITS;
    take_apart(r.rx); /* each received unit equals a sent one */
    print_message("%s %s: %u of %u pictures, %llu dropped, %llu packets in %llu calls\n", rate, tcp ? "TCP" : "UDP",
                  r.rx->units, UNITS, (unsigned long long)st.dropped_units, (unsigned long long)st.packets,
                  (unsigned long long)st.send_calls);
    assert_int_equal(r.rx->cut, 0);
    assert_int_equal(r.rx->ps_len, 0);
    assert_int_equal(r.rx->units, st.units);
    assert_int_equal(r.rx->packets, st.packets);
    assert_int_equal(st.units + st.dropped_units, UNITS);
    assert_int_equal(st.send_errors, 0);
    if (all) {
        assert_int_equal(st.dropped_units, 0);
    } else {
        assert_true(st.dropped_units > 0);
        assert_true(st.units >= 2);
    }
    munmap(r.rx, sizeof(*r.rx));
    end();
}

static void test_at_100_mbit(void **state)
{
    (void)state;
    link_of("100mbit", false, VIEWER_PACING_LOOP, true);
}

static void test_at_100_mbit_unpaced(void **state)
{
    (void)state;
    link_of("100mbit", false, VIEWER_PACING_OFF, true);
}

static void test_at_20_mbit(void **state)
{
    (void)state;
    link_of("20mbit", false, VIEWER_PACING_LOOP, true);
}

static void test_at_2_mbit(void **state)
{
    (void)state;
    link_of("2mbit", false, VIEWER_PACING_LOOP, false);
}

static void test_at_20_mbit_tcp(void **state)
{
    (void)state;
    link_of("20mbit", true, VIEWER_PACING_OFF, true);
}

/* They mostly wait, so all run at the same time, each in its own process and network namespace, with the output in a
 * file until it has ended. */
static pid_t run_apart(const struct CMUnitTest *test, FILE *output)
{
    const struct CMUnitTest tests[] = { *test };
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        (void)dup2(fileno(output), STDOUT_FILENO);
        (void)dup2(fileno(output), STDERR_FILENO);
        exit(cmocka_run_group_tests(tests, setup, NULL));
    }
    return pid;
}

static void print_file(FILE *f)
{
    char line[512];

    rewind(f);
    while (fgets(line, sizeof(line), f))
        (void)fputs(line, stdout);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_100_mbit),    cmocka_unit_test(test_at_100_mbit_unpaced),
        cmocka_unit_test(test_at_20_mbit),     cmocka_unit_test(test_at_2_mbit),
        cmocka_unit_test(test_at_20_mbit_tcp),
    };
    FILE *output[sizeof(tests) / sizeof(tests[0])];
    pid_t pid[sizeof(tests) / sizeof(tests[0])];
    int failed = 0;

    real_time = true;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        output[i] = tmpfile();
        pid[i] = output[i] ? run_apart(&tests[i], output[i]) : -1;
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        int status = -1;

        failed += pid[i] < 0 || waitpid(pid[i], &status, 0) != pid[i] || status != 0;
        if (output[i])
            print_file(output[i]);
    }
    return failed;
}
