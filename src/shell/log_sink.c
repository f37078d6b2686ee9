/* SPDX-License-Identifier: MIT */
#include "shell/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"

static const int priority[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_DEBUG };

/* The one sink of the process; util/log knows it as a plain function. */
static int sink_fd = -1;                /* of a file or stderr */
static char sink_path[256];             /* "" = not a file */
static bool sink_syslog, sink_journal;

/* systemd names the device and inode of the stream that it connected to the journal. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t dev, ino;
    struct stat sb;

    return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &dev, &ino) == 2 && !fstat(STDERR_FILENO, &sb) &&
           sb.st_dev == dev && sb.st_ino == ino;
}

static void write_line(const char *prefix, const char *line)
{
    struct iovec iov[3] = {
        { (void *)(uintptr_t)prefix, strlen(prefix) },
        { (void *)(uintptr_t)line, strlen(line) },
        { (void *)(uintptr_t)"\n", 1 },
    };
    ssize_t n;

    do
        n = writev(sink_fd, iov, 3);
    while (n < 0 && errno == EINTR);
}

static void sink(enum log_level level, const char *line)
{
    char prefix[64], zone[8];
    struct timespec ts;
    struct tm tm;
    size_t n;

    if (sink_syslog) {
        syslog(priority[level], "%s", line);
        return;
    }
    if (sink_journal) {
        snprintf(prefix, sizeof(prefix), "<%d>", priority[level]);
    } else {
        clock_gettime(CLOCK_REALTIME, &ts);
        localtime_r(&ts.tv_sec, &tm);
        n = strftime(prefix, sizeof(prefix), "%Y-%m-%dT%H:%M:%S", &tm);
        strftime(zone, sizeof(zone), "%z", &tm);
        snprintf(prefix + n, sizeof(prefix) - n, ".%03ld%s %-5s ", ts.tv_nsec / 1000000, zone, log_level_name(level));
    }
    write_line(prefix, line);
}

static int open_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);

    return fd < 0 ? -errno : fd;
}

int log_sink_open(const char *target, bool background)
{
    bool to_stderr = !strcmp(target, "stderr"), to_syslog = !strcmp(target, "syslog") || (to_stderr && background);
    int fd = STDERR_FILENO;

    if (!to_stderr && !to_syslog) {
        if (strlen(target) >= sizeof(sink_path))
            return -ENAMETOOLONG;
        fd = open_file(target);
        if (fd < 0)
            return fd;
    }
    log_sink_close();
    sink_syslog = to_syslog;
    if (to_syslog) {
        openlog("gbagentd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    } else {
        sink_fd = fd;
        sink_journal = to_stderr && stderr_is_journal();
        snprintf(sink_path, sizeof(sink_path), "%s", to_stderr ? "" : target);
    }
    log_set_sink(sink);
    return 0;
}

int log_sink_reopen(void)
{
    int fd;

    if (!sink_path[0])
        return 0;
    fd = open_file(sink_path);
    if (fd < 0)
        return fd;
    close(sink_fd);
    sink_fd = fd;
    return 0;
}

void log_sink_close(void)
{
    log_set_sink(NULL);
    if (sink_syslog)
        closelog();
    if (sink_path[0] && sink_fd >= 0)
        close(sink_fd);
    sink_fd = -1;
    sink_path[0] = '\0';
    sink_syslog = sink_journal = false;
}
