/* SPDX-License-Identifier: MIT */
/* gbagentctl: sends one line to the daemon's control socket and prints what comes back. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef GBAGENT_RUNDIR
#define GBAGENT_RUNDIR "/run"
#endif
#define DEFAULT_SOCKET GBAGENT_RUNDIR "/gbagent.sock"
#define LINE_MAX_BYTES 512u
#define ANSWER_S 10

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
    "options: -s, --socket SOCKET (default " DEFAULT_SOCKET "), -j, --json, -V, --version, -h, --help\n";

/* Appends a blank and the word; -1 when the line gets too long or would become two. */
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

/* The words after the options; text= goes last because it takes the rest of the line. */
static int make_line(char *line, int json, int argc, char **argv)
{
    const char *text = NULL;

    line[0] = '\0';
    if (json)
        add_word(line, "json");
    for (int i = 0; i < argc; i++) {
        if (i && !strncmp(argv[i], "text=", 5))
            text = argv[i];
        else if (add_word(line, argv[i]) < 0)
            return -1;
    }
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

/* Prints the answer as it comes: '+' to stdout, '-' to stderr. */
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

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "socket", required_argument, NULL, 's' }, { "json", no_argument, NULL, 'j' },
        { "version", no_argument, NULL, 'V' },      { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *path = DEFAULT_SOCKET;
    char line[LINE_MAX_BYTES + 1];
    int json = 0, opt, fd, status;

    while ((opt = getopt_long(argc, argv, "+s:jVh", options, NULL)) != -1) {
        if (opt == 's') {
            path = optarg;
        } else if (opt == 'j') {
            json = 1;
        } else if (opt == 'V' || opt == 'h') {
            fputs(opt == 'h' ? usage : "gbagentctl " GBAGENT_VERSION "\n", stdout);
            return EXIT_OK;
        } else {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    /* `status --json` is what fingers type. */
    for (int i = optind + 1; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            json = 1;
            memmove(argv + i, argv + i + 1, (size_t)(argc - i) * sizeof(*argv));
            argc--;
            i--;
        }
    }
    if (optind >= argc || make_line(line, json, argc - optind, argv + optind) < 0) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    fd = connect_to(path);
    if (fd < 0 || send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
        fprintf(stderr, "gbagentctl: %s: %s (is gbagentd running?)\n", path, strerror(errno));
        return EXIT_NO_DAEMON;
    }
    status = print_answer(fd);
    close(fd);
    if (fflush(stdout) || ferror(stdout))
        return EXIT_REFUSED;
    return status;
}
