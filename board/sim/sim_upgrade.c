/* SPDX-License-Identifier: MIT */
/* Firmware of the simulated camera: a file whose first line is "gbagent-sim VERSION", or "gbagent-sim VERSION restart"
 * for a board that restarts itself. */
#include "board/sim/sim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"
#include "util/span.h"

#define MAGIC "gbagent-sim "

static int read_head(const char *path, char *line, size_t size)
{
    FILE *f = fopen(path, "rbe");
    int err;

    if (!f)
        return -errno;
    err = fgets(line, (int)size, f) ? 0 : -EBADMSG;
    fclose(f);
    return err;
}

int sim_upgrade(struct board *b, const char *path, const char *firmware)
{
    struct board_event ev = { .kind = BOARD_UPGRADED };
    char line[128] = "", file[LOG_QUOTED_SIZE], requested[LOG_QUOTED_SIZE];
    struct span version, action;
    int err = read_head(path, line, sizeof(line));

    if (!err && strncmp(line, MAGIC, strlen(MAGIC)) != 0)
        err = -EBADMSG;
    if (err) {
        log_info("sim: firmware-rejected file=%s reason=\"%s\"", log_quoted(file, sizeof(file), span_of(path)),
                 strerror(-err));
        ev.result = err;
        return sim_event_push(b, &ev);
    }
    version = span_trim(span_of(line + strlen(MAGIC)));
    action = span_from(version, span_chr(version, ' '));
    version.n -= action.n;
    if (!version.n || !span_copy(version, b->firmware, sizeof(b->firmware)))
        return -EBADMSG;
    log_info("sim: firmware-written version=%s requested=%s", log_quoted(file, sizeof(file), span_of(b->firmware)),
             log_quoted(requested, sizeof(requested), span_of(firmware)));
    if (span_eq_str(span_trim(action), "restart")) {
        log_info("sim: exit");
        return kill(getpid(), SIGTERM) < 0 ? -errno : 0;
    }
    return sim_event_push(b, &ev);
}
