/* SPDX-License-Identifier: MIT */
#include "agent/command_log.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "util/buf.h"
#include "util/log.h"

static void put(struct buf *b, const char *key, const char *text)
{
    char quoted[LOG_QUOTED_SIZE];
    bool plain = true;

    if (!text[0])
        return;
    for (const char *p = text; *p; p++)
        plain = plain && (isalnum((unsigned char)*p) || strchr("-_.", *p));
    buf_str(b, key);
    buf_str(b, plain ? text : log_quoted(quoted, sizeof(quoted), span_of(text)));
}

const char *command_log(char out[COMMAND_LOG_SIZE], const char *command, const char *sn, const char *device_id)
{
    struct buf b;

    buf_init(&b, out, COMMAND_LOG_SIZE);
    put(&b, "", command);
    put(&b, " sn=", sn);
    put(&b, " channel=", device_id);
    return out;
}
