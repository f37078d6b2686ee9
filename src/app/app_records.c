/* SPDX-License-Identifier: MIT */
/* What platforms ask of recordings. */
#include "app/app_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/link.h"
#include "util/log.h"

void app_query_records(struct app *a, struct link *k, const struct agent_event *ev)
{
    const unsigned max = ev->u.query.max;
    struct camera *c = cameras_find(a->cameras, ev->channel);
    struct board_record *page = calloc(max ? max : 1, sizeof(*page));
    uint32_t token = ev->token;
    struct gb_time now;
    unsigned total = 0;
    int n = page ? -ENOENT : -ENOMEM;

    if (page && c)
        n = camera_records(c, ev->u.query.records, ev->u.query.skip, page, max, &total);
    if (n < 0)
        log_debug("%s: recordings of channel %s: %s", k->cfg.agent.name, ev->channel, strerror(-n));
    if (n > (int)max)
        n = -ERANGE;
    loop_time(a->loop, &now);
    agent_reply_records(k->agent, token, n < 0 ? n : 0, page, n < 0 ? 0 : (unsigned)n, total, &now);
    free(page);
}
