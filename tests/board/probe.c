/* SPDX-License-Identifier: MIT */
/* A board for tests alone: it has a thread, as a port has whose encoder can only be waited for, and logs what it is told.
 * It gives no picture. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gbagent/board.h"
#include "util/log.h"

#define EVERY_MS 50

extern const struct board_ops board_probe;

struct board {
    pthread_t thread;
    int end_fd;                 /* readable when the thread shall end */
    int event_fd;               /* written by the thread */
    uint64_t seen;
};

/* Waits, as for a vendor's blocking call, and hands over by the eventfd. */
static void *thread_main(void *arg)
{
    struct board *b = arg;
    struct pollfd end = { .fd = b->end_fd, .events = POLLIN };
    const uint64_t one = 1;

    while (poll(&end, 1, EVERY_MS) == 0) {
        if (write(b->event_fd, &one, sizeof(one)) < 0) {
            break;
        }
    }
    return NULL;
}

static int probe_open(struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));
    int err;

    if (!b) {
        return -ENOMEM;
    }
    b->end_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    b->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    err = b->end_fd < 0 || b->event_fd < 0 ? -errno : -pthread_create(&b->thread, NULL, thread_main, b);
    if (err) {
        free(b);                /* the daemon ends soon */
        return err;
    }
    *out = b;
    return 0;
}

static void probe_close(struct board *b)
{
    const uint64_t one = 1;

    if (write(b->end_fd, &one, sizeof(one)) == (ssize_t)sizeof(one)) {
        (void)pthread_join(b->thread, NULL);
    }
    close(b->end_fd);
    close(b->event_fd);
    log_info("probe: closed");
    free(b);
}

static int probe_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    (void)b;
    (void)ch;
    (void)out;
    return -EAGAIN;
}

static int probe_event_fd(struct board *b)
{
    return b->event_fd;
}

/* The first time, and no more, what the thread does is told. */
static int probe_event_read(struct board *b, struct board_event *out)
{
    uint64_t n;

    (void)out;
    if (read(b->event_fd, &n, sizeof(n)) == (ssize_t)sizeof(n) && !b->seen++) {
        log_info("probe: its thread runs");
    }
    return -EAGAIN;
}

const struct board_ops board_probe = {
    .name = "probe",
    .open = probe_open,
    .close = probe_close,
    .stream_open = probe_stream_open,
    .event_fd = probe_event_fd,
    .event_read = probe_event_read,
};
