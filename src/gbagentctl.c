/* SPDX-License-Identifier: MIT */
/* gbagentctl: sends one line to the daemon's control socket and prints the reply; a trace until it is stopped. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "trace/pcap.h"
#include "trace/record.h"
#include "trace/text.h"

#ifndef GBAGENT_RUNDIR
#define GBAGENT_RUNDIR "/run"
#endif
#define DEFAULT_SOCKET GBAGENT_RUNDIR "/gbagent.sock"
#define LINE_MAX_BYTES 512u
#define ANSWER_S       10
#define LIMIT_MAX      1000000000u

enum { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_DAEMON };

static const char usage[] =
    "usage: gbagentctl [-s SOCKET] [--json] COMMAND\n"
    "  status                        platforms, channels, sessions\n"
    "  sessions                      sessions only\n"
    "  alarm [ID] [KEY=VALUE ...]    raise an alarm; keys: method type event priority text\n"
    "  input ID [on|off|toggle]      show an alarm input's state, or simulate a change (board sim)\n"
    "  channel ID on|off|defect      simulate a channel going off, failing or coming back (board sim)\n"
    "  idr CHANNEL                   request a key frame from the encoder\n"
    "  notify-upload CHANNEL         send VideoUploadNotify to 2022 platforms\n"
    "  reload                        reload the config file\n"
    "  log LEVEL                     set the log level: error, warn, info, debug or trace\n"
    "  trace [PLATFORM]              print SIP messages as they are sent and received, until Ctrl-C\n"
    "    --pcap FILE                   write a capture for Wireshark instead; - is standard output\n"
    "    --count N, --seconds N        stop after N messages, after N seconds\n"
    "options: -s, --socket SOCKET (default " DEFAULT_SOCKET "), -j, --json, -V, --version, -h, --help\n";

static const char try_help[] = "Try 'gbagentctl --help'.\n";

static int usage_error(const char *text)
{
    fputs(text, stderr);
    return EXIT_USAGE;
}

/* Appends a blank and the word; -1: too long, or the word has a line break. */
static int add_word(char *line, const char *word)
{
    size_t n = strlen(line), len = strlen(word);

    if (strpbrk(word, "\r\n") || n + 1 + len + 2 > LINE_MAX_BYTES)
        return -1;
    if (n)
        line[n++] = ' ';
    memcpy(line + n, word, len + 1);
    return 0;
}

/* Joins the words after the options; text= goes last because it extends to the end of the line. */
static int make_line(char *line, int json, int argc, char **argv)
{
    const char *text = NULL;

    line[0] = '\0';
    if (json)
        add_word(line, "json");
    for (int i = 0; i < argc; i++)
        if (i && !strncmp(argv[i], "text=", 5))
            text = argv[i];
        else if (add_word(line, argv[i]) < 0)
            return -1;
    if (text && add_word(line, text) < 0)
        return -1;
    line[strlen(line) + 1] = '\0';
    line[strlen(line)] = '\n';
    return 0;
}

static int connect_to(const char *path)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    const struct timeval limit = { .tv_sec = ANSWER_S };
    int fd;

    if (strlen(path) >= sizeof(sa.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(sa.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (!connect(fd, (const struct sockaddr *)&sa, sizeof(sa)))
        return fd;
    close(fd);
    return -1;
}

/* Prints the reply: '+' to stdout, '-' to stderr. */
static int print_answer(int fd)
{
    char buf[16384];
    FILE *out = NULL;
    int status = EXIT_NO_DAEMON;
    ssize_t n;

    while ((n = recv(fd, buf, sizeof(buf), 0)) != 0) {
        size_t skip = 0;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fprintf(stderr, "gbagentctl: no answer: %s\n", strerror(errno));
            return EXIT_NO_DAEMON;
        }
        if (!out) {
            status = buf[0] == '+' ? EXIT_OK : EXIT_REFUSED;
            out = status == EXIT_OK ? stdout : stderr;
            skip = 1;
        }
        fwrite(buf + skip, 1, (size_t)n - skip, out);
    }
    if (!out)
        fprintf(stderr, "gbagentctl: no answer\n");
    return status;
}

/* ---- trace --------------------------------------------------------------------------------------------------- */

struct trace {
    const char *file; /* --pcap, NULL: text */
    FILE *out;
    uint64_t count, seconds; /* limits, 0 none */
    uint64_t messages;
    struct pcap pcap;
    uint8_t packets[PCAP_RECORD_MAX];
    char in[TRACE_HEAD_MAX + TRACE_MESSAGE_MAX + 16384];
    size_t len;
    int broken; /* invalid data received, or the output failed; reported */
};

static volatile sig_atomic_t stopped;

static void on_stop(int signo)
{
    (void)signo;
    stopped = 1;
}

static int parse_limit(const char *text, uint64_t *out)
{
    return span_u64(span_of(text), LIMIT_MAX, out) || !*out ? -1 : 0;
}

/* Removes the options of trace from the words; -1: invalid, and reported. */
static int trace_options(struct trace *t, int *argc, char **argv)
{
    static const struct option options[] = {
        { "pcap", required_argument, NULL, 'p' },
        { "count", required_argument, NULL, 'c' },
        { "seconds", required_argument, NULL, 't' },
        { NULL, 0, NULL, 0 },
    };
    int opt, words;

    optind = 0; /* restart, with words and options in any order */
    while ((opt = getopt_long(*argc, argv, "", options, NULL)) != -1)
        if (opt == 'p')
            t->file = optarg;
        else if (opt != 'c' && opt != 't')
            return -1;
        else if (parse_limit(optarg, opt == 'c' ? &t->count : &t->seconds) < 0) {
            fprintf(stderr, "gbagentctl: trace: expected a number from 1 to %u, not \"%s\"\n", LIMIT_MAX, optarg);
            return -1;
        }
    words = *argc - optind;
    memmove(argv + 1, argv + optind, (size_t)words * sizeof(*argv));
    *argc = words + 1;
    if (words <= 1)
        return 0;
    fputs("gbagentctl: trace: expected one platform, or none for all\n", stderr);
    return -1;
}

static int trace_flush(struct trace *t)
{
    if (!fflush(t->out) && !ferror(t->out))
        return 0;
    if (stopped) /* a signal has interrupted a write that blocked */
        return -1;
    fprintf(stderr, "gbagentctl: %s: %s\n", t->file ? t->file : "standard output", strerror(errno));
    t->broken = 1;
    return -1;
}

static int trace_open(struct trace *t)
{
    uint8_t head[PCAP_FILE_HEAD];

    t->out = stdout;
    if (!t->file)
        return 0;
    if (strcmp(t->file, "-") != 0)
        t->out = fopen(t->file, "wb");
    if (!t->out) {
        fprintf(stderr, "gbagentctl: %s: %s\n", t->file, strerror(errno));
        return -1;
    }
    if (isatty(fileno(t->out))) {
        fprintf(stderr, "gbagentctl: not writing a capture to a terminal\n");
        return -1;
    }
    pcap_file_head(head);
    fwrite(head, 1, sizeof(head), t->out);
    return trace_flush(t);
}

static void trace_print(struct trace *t, const struct trace_record *r)
{
    struct span rest = r->message;
    char line[TRACE_TEXT_MAX];

    if (t->file) {
        fwrite(t->packets, 1, pcap_record(&t->pcap, r, t->packets), t->out);
        return;
    }
    trace_text_head(r, line);
    fprintf(t->out, "%s\n", line);
    while (trace_text_line(&rest, line))
        fprintf(t->out, "%s\n", line);
    fputc('\n', t->out);
}

/* Prints the complete records received. -1: --count reached, or an error. */
static int trace_records(struct trace *t)
{
    struct span rest = { t->in, t->len };
    struct trace_record r = { 0 };
    uint64_t lost;
    int got = 0;

    while ((!t->count || t->messages < t->count) && (got = trace_record_next(&rest, &r, &lost)) > 0) {
        if (lost) {
            fflush(t->out);
            fprintf(stderr, "gbagentctl: %llu messages lost, reading is too slow\n", (unsigned long long)lost);
            continue;
        }
        trace_print(t, &r);
        t->messages++;
    }
    memmove(t->in, rest.p, rest.n);
    t->len = rest.n;
    t->broken = got < 0;
    if (t->broken)
        fprintf(stderr, "gbagentctl: invalid data, gbagentd may be of another version\n");
    return trace_flush(t) < 0 || t->broken || (t->count && t->messages >= t->count) ? -1 : 0;
}

/* Milliseconds left of --seconds, -1 without. */
static int trace_wait(const struct trace *t, const struct timespec *start)
{
    struct timespec now;
    int64_t left;

    if (!t->seconds)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (int64_t)t->seconds * 1000 - (now.tv_sec - start->tv_sec) * 1000 - (now.tv_nsec - start->tv_nsec) / 1000000;
    return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

/* poll(), but also returns if SIGINT or SIGTERM came before it: in between they are blocked. */
static int trace_poll(struct pollfd *p, nfds_t n, int wait)
{
    const struct timespec limit = { wait / 1000, wait % 1000 * 1000000L };
    sigset_t stops, others;
    int ready = 0;

    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &others);
    if (!stopped)
        ready = ppoll(p, n, wait < 0 ? NULL : &limit, &others);
    sigprocmask(SIG_SETMASK, &others, NULL);
    return ready;
}

/* Until a limit, a signal, or the end of the daemon or of the pipe's reader. */
static int trace_follow(struct trace *t, int fd)
{
    struct timespec start;
    int wait;

    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = fileno(t->out) } };
        ssize_t n = 1;

        wait = trace_wait(t, &start);
        if (trace_poll(p, 2, wait) > 0) {
            if (p[1].revents & POLLERR)
                break;
            n = recv(fd, t->in + t->len, sizeof(t->in) - t->len, MSG_DONTWAIT);
            t->len += n > 0 ? (size_t)n : 0;
        }
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            fprintf(stderr, "gbagentctl: gbagentd has ended\n");
            return EXIT_NO_DAEMON;
        }
        if (trace_records(t) < 0)
            break;
    } while (!stopped && wait);
    return t->broken ? EXIT_REFUSED : EXIT_OK;
}

/* Reads the '+' line, then the records; or prints an error reply. */
static int trace_run(struct trace *t, int fd)
{
    const struct sigaction stop = { .sa_handler = on_stop };
    char c = 0;
    int status;

    if (recv(fd, &c, 1, MSG_PEEK) != 1 || c != '+')
        return print_answer(fd);
    do
        status = recv(fd, &c, 1, 0) == 1;
    while (status && c != '\n');
    if (trace_open(t) < 0)
        return EXIT_REFUSED;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    status = trace_follow(t, fd);
    if (t->out != stdout && fclose(t->out))
        status = EXIT_REFUSED;
    if (t->file)
        fprintf(stderr, "gbagentctl: %llu messages\n", (unsigned long long)t->messages);
    return status;
}

int main(int argc, char **argv)
{
    static struct trace trace;
    static const struct option options[] = {
        { "socket", required_argument, NULL, 's' },
        { "json", no_argument, NULL, 'j' },
        { "version", no_argument, NULL, 'V' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *path = DEFAULT_SOCKET;
    char line[LINE_MAX_BYTES + 1];
    int json = 0, opt, fd, status, words, follows;

    while ((opt = getopt_long(argc, argv, "+s:jVh", options, NULL)) != -1) {
        if (opt == 's') {
            path = optarg;
        } else if (opt == 'j') {
            json = 1;
        } else if (opt == 'V' || opt == 'h') {
            fputs(opt == 'h' ? usage : "gbagentctl " GBAGENT_VERSION "\n", stdout);
            return EXIT_OK;
        } else {
            return usage_error(try_help);
        }
    }
    /* Also accept `status --json`. */
    for (int i = optind + 1; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            json = 1;
            memmove(argv + i, argv + i + 1, (size_t)(argc - i) * sizeof(*argv));
            argc--;
            i--;
        }
    }
    argv += optind;
    words = argc - optind;
    follows = words > 0 && !strcmp(argv[0], "trace");
    if (words < 1)
        return usage_error(usage);
    if (follows && trace_options(&trace, &words, argv) < 0)
        return usage_error(try_help);
    if (make_line(line, json, words, argv) < 0)
        return usage_error("gbagentctl: command too long, or with a line break\n");
    fd = connect_to(path);
    if (fd < 0 || send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
        fprintf(stderr, "gbagentctl: %s: %s (is gbagentd running?)\n", path, strerror(errno));
        return EXIT_NO_DAEMON;
    }
    status = follows ? trace_run(&trace, fd) : print_answer(fd);
    close(fd);
    if (stopped && ferror(stdout)) /* no one reads: exit() would block */
        _exit(status);
    if (fflush(stdout) || ferror(stdout))
        return EXIT_REFUSED;
    return status;
}
