/* SPDX-License-Identifier: MIT */
/* The additional checks of --check-config: files that channels play, and whether another daemon uses the control
 * socket. */
#include "conf/conf_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_S 2

static void check_text(const struct conf *c, const char *path, unsigned line, const char *key,
                       const struct board_channel *ch, enum board_part part, const struct board_ops *ops, FILE *out)
{
    char why[BOARD_WHY_SIZE];

    if (conf_board_check(c, ops, ch, part, why))
        fprintf(out, "warning: %s:%u: %s: %s\n", path, line, key, why);
}

static const char *text_of(const char *source)
{
    const char *colon = strchr(source, ':');

    return colon ? colon + 1 : "";
}

static void check_channel(const struct conf *c, const struct conf_channel *ch, const char *path, FILE *out)
{
    static const char *const keys[CONF_SUBSTREAMS] = { "source1", "source2", "source3" };
    const struct board_ops *ops = conf_board_ops(span_of(ch->source));
    struct board_channel b = {
        .id = ch->id,
        .source = text_of(ch->source),
        .audio = text_of(ch->audio),
        .fps = ch->fps,
    };

    if (!ops)
        return;
    check_text(c, path, ch->line[0], "source", &b, BOARD_VIDEO, ops, out);
    if (b.audio[0])
        check_text(c, path, ch->line[CONF_SUBSTREAMS + 1], "audio", &b, BOARD_AUDIO, ops, out);
    for (unsigned i = 0; i < CONF_SUBSTREAMS; i++) {
        if (!ch->substream[i][0])
            continue;
        b.source = text_of(ch->substream[i]);
        b.stream = i + 1;
        b.own_source = true;
        check_text(c, path, ch->line[i + 1], keys[i], &b, BOARD_VIDEO, ops, out);
    }
}

/* Reads the beginning of the status of the daemon on that socket. false: no daemon, or no permission. */
static bool ask_status(const char *path, char *out, size_t size)
{
    static const char request[] = "json status\n";
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    const struct timeval limit = { .tv_sec = ANSWER_S };
    size_t len = strlen(path), got = 0;
    ssize_t n = 0;
    int fd;

    if (len >= sizeof(sa.sun_path))
        return false;
    memcpy(sa.sun_path, path, len);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 &&
        send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1)
        while (got < size - 1 && (n = recv(fd, out + got, size - 1 - got, 0)) > 0)
            got += (size_t)n;
    out[got] = '\0';
    close(fd);
    return got > 0;
}

/* This device's running daemon may use the socket; another device's would prevent the start. */
static void check_socket(const struct conf *c, const char *path, FILE *out)
{
    static const char key[] = "\"device\":";
    char text[1024];
    const char *id = ask_status(c->control_socket, text, sizeof(text)) ? strstr(text, key) : NULL;
    size_t n;

    if (!id)
        return;
    id += strlen(key);
    id += strspn(id, " \"");
    n = strcspn(id, "\"");
    if (n != strlen(c->device.id) || memcmp(id, c->device.id, n) != 0)
        fprintf(out,
                ("warning: %s: [control] socket: %s is in use by the daemon of device %.*s; each daemon needs its own "
                 "socket\n"),
                path, c->control_socket, (int)n, id);
}

void conf_check(const struct conf *c, const char *path, FILE *out)
{
    for (unsigned i = 0; i < c->device.nitems; i++)
        if (c->item[i].kind == DEVICE_CHANNEL)
            check_channel(c, &c->channel[i], path, out);
    check_socket(c, path, out);
}
