/* SPDX-License-Identifier: MIT */
/* A board for tests: it has a thread, like a port to a blocking encoder API, and logs the config it gets. It has no
 * pictures. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gbagent/board.h"
#include "util/log.h"

#define EVERY_MS 50

extern const struct board_ops board_probe;

enum { KEY_NAME, KEY_MODE, KEY_FAST, KEY_LEVEL, KEY_SECRET, KEY_FILE, KEYS };

static bool is_even(const char *value)
{
    return (value[0] - '0') % 2 == 0;
}

static const char *const levels[] = { "low", "high", NULL };
static const struct board_key keys[KEYS] = {
    [KEY_NAME] = { "name", BOARD_TEXT, .max = 8, .def = "nobody", .help = "Name to greet." },
    [KEY_MODE] = { "mode", BOARD_NUMBER, .min = 0, .max = 8, .def = "2", .valid = is_even,
                   .expect = "even number from 0 to 8", .help = "Mode of greeting." },
    [KEY_FAST] = { "fast", BOARD_YESNO, .def = "no", .help = "Greet fast." },
    [KEY_LEVEL] = { "level", BOARD_CHOICE, .choice = levels, .def = "low", .help = "Loudness." },
    [KEY_SECRET] = { "secret", BOARD_TEXT, .max = 4, .def = "", .secret = true, .help = "Password." },
    [KEY_FILE] = { "file", BOARD_PATH, .def = "", .help = "File of greetings." },
};

static bool is_word(const char *text)
{
    return !strchr(text, ' ');
}

static const struct board_key source_text = { .valid = is_word, .expect = "no blanks", .help = "One word." };

struct board {
    pthread_t thread;
    int end_fd;   /* readable: the thread must end */
    int event_fd; /* written by the thread */
    uint64_t seen;
};

/* Waits, like a vendor's blocking call, and writes to the eventfd. */
static void *thread_main(void *arg)
{
    struct board *b = arg;
    struct pollfd end = { .fd = b->end_fd, .events = POLLIN };
    const uint64_t one = 1;

    while (poll(&end, 1, EVERY_MS) == 0)
        if (write(b->event_fd, &one, sizeof(one)) < 0)
            break;
    return NULL;
}

static void log_config(const char *event, const struct board_config *cfg)
{
    const struct board_value *v = cfg->value;

    log_info("probe: %s name=\"%s\" mode=%u fast=%u level=%u file=\"%s\" channels=%u inputs=%u", event,
             v[KEY_NAME].text, (unsigned)v[KEY_MODE].number, (unsigned)v[KEY_FAST].number,
             (unsigned)v[KEY_LEVEL].number, v[KEY_FILE].text, cfg->nchannels, cfg->ninputs);
    for (unsigned i = 0; i < cfg->nchannels; i++) {
        log_info("probe: %s-channel channel=%s name=\"%s\" source=\"%s\"", event, cfg->channel[i].id,
                 cfg->channel[i].name, cfg->channel[i].source);
    }
    for (unsigned i = 0; i < cfg->ninputs; i++)
        log_info("probe: %s-input id=%s name=\"%s\"", event, cfg->input[i].id, cfg->input[i].name);
}

/* Rejects `fast = yes`. */
static int probe_reload(struct board *b, const struct board_config *cfg)
{
    (void)b;
    if (cfg->value[KEY_FAST].number)
        return -EBUSY;
    log_config("reload", cfg);
    return 0;
}

static int probe_open(const struct board_config *cfg, struct board **out)
{
    struct board *b = calloc(1, sizeof(*b));
    int err;

    if (!b)
        return -ENOMEM;
    b->end_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    b->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    err = b->end_fd < 0 || b->event_fd < 0 ? -errno : -pthread_create(&b->thread, NULL, thread_main, b);
    if (err) {
        free(b); /* leaks descriptors: the daemon ends soon */
        return err;
    }
    log_config("open", cfg);
    *out = b;
    return 0;
}

static void probe_close(struct board *b)
{
    const uint64_t one = 1;

    if (write(b->end_fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
        (void)pthread_join(b->thread, NULL);
    close(b->end_fd);
    close(b->event_fd);
    log_info("probe: close");
    free(b);
}

static int probe_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    (void)b;
    (void)ch;
    (void)out;
    return -EAGAIN;
}

/* A storage card that cannot be read. */
static int probe_storage(struct board *b, struct board_card *out, unsigned max)
{
    (void)b;
    (void)out;
    (void)max;
    return -EIO;
}

static int probe_record_find(struct board *b, const struct board_channel *ch, const struct board_record_query *q,
                             unsigned skip, struct board_record *out, unsigned max, unsigned *total)
{
    (void)b;
    (void)ch;
    (void)q;
    (void)skip;
    (void)out;
    (void)max;
    (void)total;
    return -EIO;
}

static int probe_event_fd(struct board *b)
{
    return b->event_fd;
}

/* Logs the thread's first event only. */
static int probe_event_read(struct board *b, struct board_event *out)
{
    uint64_t n;

    (void)out;
    if (read(b->event_fd, &n, sizeof(n)) == (ssize_t)sizeof(n) && !b->seen++)
        log_info("probe: thread-running");
    return -EAGAIN;
}

const struct board_ops board_probe = {
    .name = "probe",
    .key = keys,
    .nkeys = KEYS,
    .source_text = &source_text,
    .open = probe_open,
    .close = probe_close,
    .reload = probe_reload,
    .stream_open = probe_stream_open,
    .storage = probe_storage,
    .record_find = probe_record_find,
    .event_fd = probe_event_fd,
    .event_read = probe_event_read,
};
