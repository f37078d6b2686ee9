/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "gbagent/child.h"
#include "sys/daemon.h"
#include "sys/log_sink.h"
#include "sys/log_syslog.h"
#include "util/log.h"

static char dir[64], path[96];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/test_daemon.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rmdir(dir), 0);
    return 0;
}

static size_t slurp(const char *name, char *buf, size_t size)
{
    FILE *f = fopen(name, "r");
    size_t n;

    assert_non_null(f);
    n = fread(buf, 1, size - 1, f);
    buf[n] = '\0';
    fclose(f);
    return n;
}

static void test_pidfile(void **state)
{
    char text[64], want[64];
    int fd, second;
    pid_t other;

    (void)state;
    assert_int_equal(daemon_pidfile_lock(path, &fd, &other), 0);
    assert_int_equal(daemon_pidfile_write(fd), 0);
    slurp(path, text, sizeof(text));
    snprintf(want, sizeof(want), "%ld\n", (long)getpid());
    assert_string_equal(text, want);
    /* A second open is another owner, even in the same process. */
    assert_int_equal(daemon_pidfile_lock(path, &second, &other), -EWOULDBLOCK);
    assert_int_equal(second, -1);
    assert_int_equal(other, getpid());
    daemon_pidfile_remove(path, fd);
    assert_int_equal(access(path, F_OK), -1);
    /* Left by a crash: longer than the new content, and unlocked. */
    fd = open(path, O_CREAT | O_WRONLY, 0644);
    assert_int_equal(write(fd, "123456789012\n", 13), 13);
    close(fd);
    assert_int_equal(daemon_pidfile_lock(path, &fd, NULL), 0);
    assert_int_equal(daemon_pidfile_write(fd), 0);
    slurp(path, text, sizeof(text));
    assert_string_equal(text, want);
    daemon_pidfile_remove(path, fd);
    assert_int_equal(daemon_pidfile_lock("/nonexistent/pid", &fd, NULL), -ENOENT);
    daemon_pidfile_remove(path, -1);
    /* A symbolic link is not followed. */
    assert_int_equal(symlink("/tmp/elsewhere", path), 0);
    assert_int_equal(daemon_pidfile_lock(path, &fd, NULL), -ELOOP);
    unlink(path);
}

/* Exit status of the parent when the daemon reports `status` (-1: it dies without reporting). */
static int background(int status)
{
    pid_t pid = fork();
    int ready, code;

    assert_true(pid >= 0);
    if (!pid) {
        if (daemon_background(&ready) < 0)
            _exit(99);
        if (getsid(0) == getpid() || status < 0) /* a session leader could get a terminal */
            _exit(0);
        daemon_ready(ready, status);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code));
    return WEXITSTATUS(code);
}

static void test_background(void **state)
{
    (void)state;
    assert_int_equal(background(0), 0);
    assert_int_equal(background(3), 3);
    assert_int_equal(background(-1), 1);
    daemon_ready(-1, 0);
}

static unsigned got[4];

static void on_signal(void *arg, int signo)
{
    (void)arg;
    got[signo == SIGHUP ? 0 : signo == SIGTERM ? 1 : signo == SIGINT ? 2 : 3]++;
}

static void test_signals(void **state)
{
    struct daemon_signals s;
    struct loop *loop;
    int fds[2], code;
    pid_t pid;

    (void)state;
    signal(SIGHUP, SIG_IGN); /* as nohup leaves it */
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(daemon_signals_open(&s, loop, on_signal, NULL), 0);
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    for (unsigned i = 0; i < 4; i++)
        loop_turn(loop, 1000);
    assert_int_equal(got[0], 1);
    assert_int_equal(got[1], 1);
    assert_int_equal(got[2], 1);
    assert_int_equal(got[3], 0);
    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    assert_int_equal(write(fds[1], "x", 1), -1); /* SIGPIPE is ignored */
    assert_int_equal(errno, EPIPE);
    close(fds[1]);
    pid = fork();
    if (!pid) {
        gb_child_signals();
        raise(SIGTERM);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFSIGNALED(code) && WTERMSIG(code) == SIGTERM);
    daemon_signals_close(&s);
    daemon_signals_close(&s);
    loop_free(loop);
}

/* The masks of the calling process: SigBlk and SigIgn of /proc/self/status. */
static void signal_lines(char *out, size_t size)
{
    char text[4096], *blk, *end;

    slurp("/proc/self/status", text, sizeof(text));
    blk = strstr(text, "SigBlk:");
    end = blk ? strstr(blk, "SigCgt:") : NULL;
    assert_non_null(end);
    assert_true((size_t)(end - blk) < size);
    memcpy(out, blk, (size_t)(end - blk));
    out[end - blk] = '\0';
}

/* The masks of a program started by the daemon. */
static void program_lines(char *out, size_t size)
{
    int fds[2], code;
    size_t have = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (!pid) {
        gb_child_signals();
        dup2(fds[1], STDOUT_FILENO);
        execlp("grep", "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    while (have < size - 1 && (n = read(fds[0], out + have, size - 1 - have)) > 0)
        have += (size_t)n;
    out[have] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
}

/* In a child process, started with SIGUSR1 blocked and SIGHUP ignored. */
static void program_main(void)
{
    char before[256], during[256], program[256];
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    signal_lines(before, sizeof(before));
    assert_int_equal(daemon_signals_block(), 0);
    signal_lines(during, sizeof(during));
    assert_string_not_equal(before, during);
    assert_int_equal(daemon_signals_block(), 0); /* keeps the masks saved first */
    program_lines(program, sizeof(program));
    assert_string_equal(program, before);
}

/* Programs get mask and dispositions back as the daemon got them: exec() keeps both. Before test_signals, as each
 * process blocks once. */
static void test_program_signals(void **state)
{
    pid_t pid;
    int code;

    (void)state;
    if (access("/proc/self/status", R_OK))
        skip_because("/proc is missing");
    pid = fork();
    if (!pid) {
        program_main();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
}

/* A signal that arrives before daemon_signals_open is pending until then. */
static void test_early_signal(void **state)
{
    struct daemon_signals s;
    struct loop *loop;
    pid_t pid = fork();
    int code;

    (void)state;
    if (!pid) {
        memset(got, 0, sizeof(got));
        assert_int_equal(daemon_signals_block(), 0);
        kill(getpid(), SIGTERM);
        assert_int_equal(loop_new(&loop), 0);
        assert_int_equal(daemon_signals_open(&s, loop, on_signal, NULL), 0);
        loop_turn(loop, 1000);
        assert_int_equal(got[1], 1);
        daemon_signals_close(&s);
        loop_free(loop);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
}

static void test_notify(void **state)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    struct daemon_watchdog w;
    struct loop *loop;
    char buf[256];
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ssize_t n;

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(daemon_notify("READY=1"), 0);
    memcpy(sa.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    setenv("NOTIFY_SOCKET", path, 1);
    assert_int_equal(daemon_notify("READY=1\nSTATUS=ok"), 0);
    n = recv(fd, buf, sizeof(buf), 0);
    assert_int_equal(n, 17);
    assert_memory_equal(buf, "READY=1\nSTATUS=ok", 17);
    assert_int_equal(daemon_notify_reloading(), 0);
    n = recv(fd, buf, sizeof(buf) - 1, 0);
    assert_true(n > 0);
    buf[n] = '\0';
    assert_memory_equal(buf, "RELOADING=1\nMONOTONIC_USEC=", 27);
    assert_true(strtoull(buf + 27, NULL, 10) > 0);

    setenv("WATCHDOG_USEC", "20000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(daemon_watchdog_us(), 0); /* meant for another process */
    unsetenv("WATCHDOG_PID");
    assert_int_equal(daemon_watchdog_us(), 10000);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(daemon_watchdog_start(&w, loop), 0);
    for (unsigned i = 0; i < 100 && recv(fd, buf, sizeof(buf), MSG_PEEK) < 0; i++)
        loop_turn(loop, 5000);
    assert_int_equal(recv(fd, buf, sizeof(buf), 0), 10);
    assert_memory_equal(buf, "WATCHDOG=1", 10);
    for (unsigned i = 0; i < 100 && recv(fd, buf, sizeof(buf), MSG_PEEK) < 0; i++)
        loop_turn(loop, 5000);
    assert_int_equal(recv(fd, buf, sizeof(buf), 0), 10); /* and again */
    daemon_watchdog_stop(&w);
    loop_free(loop);

    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(daemon_watchdog_us(), 0);
    unsetenv("WATCHDOG_USEC");
    assert_int_equal(daemon_watchdog_us(), 0);
    close(fd);
    unlink(path);
    assert_int_equal(daemon_notify("READY=1"), -ENOENT);
    setenv("NOTIFY_SOCKET", "relative", 1);
    assert_int_equal(daemon_notify("READY=1"), -EINVAL);
    unsetenv("NOTIFY_SOCKET");
}

static void test_log_file(void **state)
{
    char text[512], old[128];

    (void)state;
    assert_int_equal(log_sink_open(path, false), 0);
    log_info("first");
    snprintf(old, sizeof(old), "%s/old", dir);
    assert_int_equal(rename(path, old), 0);
    log_info("second");
    assert_int_equal(log_sink_reopen(), 0);
    log_warn("third");
    slurp(old, text, sizeof(text));
    assert_non_null(strstr(text, " info  first\n"));
    assert_non_null(strstr(text, " info  second\n"));
    slurp(path, text, sizeof(text));
    assert_non_null(strstr(text, " warn  third\n"));
    assert_int_equal(strlen(text), strlen("2026-01-01T00:00:00.000+0800 warn  third\n"));
    assert_true(text[4] == '-' && text[10] == 'T' && text[19] == '.');
    /* If a new one cannot be opened, the old one stays. */
    assert_int_equal(log_sink_open("/nonexistent/log", false), -ENOENT);
    log_error("fourth");
    slurp(path, text, sizeof(text));
    assert_non_null(strstr(text, " error fourth\n"));
    log_sink_close();
    log_error("fifth");
    slurp(path, text, sizeof(text));
    assert_null(strstr(text, "fifth"));
    unlink(path);
    unlink(old);
}

static void test_log_journal(void **state)
{
    char text[256], stream[64];
    struct stat sb;
    int fd = open(path, O_CREAT | O_RDWR | O_APPEND, 0600), saved = dup(STDERR_FILENO);

    (void)state;
    assert_true(fd >= 0 && saved >= 0);
    assert_int_equal(fstat(fd, &sb), 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)sb.st_dev, (unsigned long long)sb.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    dup2(fd, STDERR_FILENO);
    assert_int_equal(log_sink_open("stderr", false), 0);
    log_warn("with a priority");
    log_sink_close();
    setenv("JOURNAL_STREAM", "1:1", 1); /* inherited, but for another stream */
    assert_int_equal(log_sink_open("stderr", false), 0);
    log_warn("with a time");
    log_sink_close();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    unsetenv("JOURNAL_STREAM");
    slurp(path, text, sizeof(text));
    assert_memory_equal(text, "<4>with a priority\n2", 20);
    unlink(path);
}

/* The lines as syslogd gets them: RFC 3164's PRI, TIMESTAMP, TAG and CONTENT; a syslogd that hangs delays the daemon
 * only briefly. */
static void test_log_syslog(void **state)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    struct timespec from, to;
    char text[256], want[128];
    ssize_t n;
    int fd = log_syslog_open(), server = socket(AF_UNIX, SOCK_DGRAM, 0);

    (void)state;
    assert_true(fd >= 0 && server >= 0);
    log_syslog_send(fd, path, LOG_DAEMON | LOG_WARNING, "2026-03-04T05:06:07", "nobody listens");
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof(at)), 0);
    log_syslog_send(fd, path, LOG_DAEMON | LOG_WARNING, "2026-03-04T05:06:07", "a line");
    n = recv(server, text, sizeof(text) - 1, MSG_DONTWAIT);
    assert_true(n > 0);
    text[n] = '\0';
    snprintf(want, sizeof(want), "<28>Mar  4 05:06:07 gbagentd[%ld]: a line", (long)getpid());
    assert_string_equal(text, want);

    clock_gettime(CLOCK_MONOTONIC, &from);
    do
        n = sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&at, sizeof(at));
    while (n >= 0);
    log_syslog_send(fd, path, LOG_DAEMON | LOG_WARNING, "2026-12-31T05:06:07", "lost");
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec <= 5);
    for (int i = 0; i < 400; i++) /* waits once, not for 20 s */
        log_syslog_send(fd, path, LOG_DAEMON | LOG_WARNING, "2026-12-31T05:06:07", "lost");
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec <= 10);
    close(server);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pidfile, setup, teardown),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_program_signals),
        cmocka_unit_test(test_early_signal),
        cmocka_unit_test(test_signals),
        cmocka_unit_test_setup_teardown(test_notify, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_syslog, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
