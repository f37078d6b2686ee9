/* SPDX-License-Identifier: MIT */
#include "sys/log_syslog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The last line was not accepted in time: do not wait again until one is. */
static bool stuck;

int log_syslog_open(void)
{
    struct timeval wait = { .tv_usec = 50000 };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    return fd;
}

void log_syslog_send(int fd, const char *path, int priority, const char *time_text, const char *line)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    char prefix[64];
    struct iovec iov[2] = { { prefix, 0 }, { (void *)(uintptr_t)line, strlen(line) } };
    struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 2 };
    /* yyyy-mm-ddThh:mm:ss */
    int month = (time_text[5] - '0') * 10 + time_text[6] - '1', day = (time_text[8] - '0') * 10 + time_text[9] - '0';
    ssize_t n;

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
    snprintf(prefix, sizeof(prefix), "<%d>%.3s %2d %.8s gbagentd[%ld]: ", priority, months + month * 3, day,
             time_text + 11, (long)getpid());
    iov[0].iov_len = strlen(prefix);
    do
        n = sendmsg(fd, &msg, MSG_NOSIGNAL | (stuck ? MSG_DONTWAIT : 0));
    while (n < 0 && errno == EINTR);
    stuck = n < 0 && errno == EAGAIN;
}
