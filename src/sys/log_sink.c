/* SPDX-License-Identifier: MIT */
#include "sys/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "sys/log_syslog.h"
#include "sys/zone.h"
#include "util/log.h"
#include "util/walltime.h"

static const int priority[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_DEBUG };

/* The only sink of the process; util/log calls it as a plain function. */
static int sink_fd = -1;    /* file, stderr or syslog socket */
static char sink_path[256]; /* "": not a file */
static bool sink_syslog, sink_journal;
static time_t zone_minute = -1; /* minute for which zone_s is valid */
static int zone_s;              /* seconds east of UTC */

/* JOURNAL_STREAM has the device and inode of the stream that systemd connected to the journal. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct span dev = span_of(stream), ino;
    uint64_t want_dev, want_ino;
    struct stat sb;

    ino = span_from(dev, span_chr(dev, ':') + 1);
    dev.n = span_chr(dev, ':');
    return !span_u64(dev, UINT64_MAX, &want_dev) && !span_u64(ino, UINT64_MAX, &want_ino) &&
           !fstat(STDERR_FILENO, &sb) && sb.st_dev == want_dev && sb.st_ino == want_ino;
}

static void write_line(const char *prefix, const char *line)
{
    struct iovec iov[3] = {
        { (void *)(uintptr_t)prefix, strlen(prefix) },
        { (void *)(uintptr_t)line, strlen(line) },
        { (void *)(uintptr_t) "\n", 1 },
    };
    ssize_t n;

    do
        n = writev(sink_fd, iov, 3);
    while (n < 0 && errno == EINTR);
}

static void sink(enum log_level level, const char *line)
{
    char prefix[64], time_text[WALLTIME_TEXT];
    struct timespec ts;
    int minutes;

    clock_gettime(CLOCK_REALTIME, &ts);
    if (zone_minute != ts.tv_sec / 60) {
        zone_minute = ts.tv_sec / 60;
        zone_s = zone_offset(ts.tv_sec);
    }
    walltime_print((int64_t)ts.tv_sec * 1000, zone_s, time_text);
    if (sink_syslog) {
        log_syslog_send(sink_fd, LOG_SYSLOG_PATH, LOG_DAEMON | priority[level], time_text, line);
        return;
    }
    minutes = abs(zone_s) / 60;
    if (sink_journal)
        snprintf(prefix, sizeof(prefix), "<%d>", priority[level]);
    else
        snprintf(prefix, sizeof(prefix), "%s.%03ld%c%02d%02d %-5s ", time_text, ts.tv_nsec / 1000000,
                 zone_s < 0 ? '-' : '+', minutes / 60, minutes % 60, log_level_name(level));
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
    if (to_syslog) {
        fd = log_syslog_open();
        if (fd < 0)
            return fd;
    }
    log_sink_close();
    sink_syslog = to_syslog;
    sink_fd = fd;
    sink_journal = !to_syslog && to_stderr && stderr_is_journal();
    snprintf(sink_path, sizeof(sink_path), "%s", to_stderr || to_syslog ? "" : target);
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
    if ((sink_syslog || sink_path[0]) && sink_fd >= 0)
        close(sink_fd);
    sink_fd = -1;
    sink_path[0] = '\0';
    sink_syslog = sink_journal = false;
}
