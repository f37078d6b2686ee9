/* SPDX-License-Identifier: MIT */
/* What platforms ask and only the board knows (AGENT_QUERY). */
#include "app/app_priv.h"

#include <errno.h>
#include <string.h>

#include "app/link.h"
#include "util/log.h"

void app_answer_status(struct app *a, struct link *k, const struct agent_event *ev)
{
    struct agent_status_reply reply;
    uint32_t token = ev->token;
    struct gb_time now;

    app_read_inputs(a);
    cameras_status(a->cameras, ev->channel, &reply);
    loop_time(a->loop, &now);
    agent_reply_status(k->agent, token, &reply, &now);
}

void app_answer_head(struct app *a, struct link *k, const struct agent_event *ev)
{
    struct camera *cam = cameras_find(a->cameras, ev->channel);
    struct board_head head = { .zoom = 1 };
    uint32_t token = ev->token;
    int err = cam ? camera_head(cam, &head) : -ENOENT;
    struct gb_time now;

    if (err)
        log_info("%s: position of the head of %s: %s", k->cfg.agent.name, ev->channel, strerror(-err));
    loop_time(a->loop, &now);
    agent_reply_head(k->agent, token, err ? NULL : &head, &now);
}

void app_answer_storage(struct app *a, struct link *k, const struct agent_event *ev)
{
    struct board_card card[BOARD_CARDS_MAX];
    uint32_t token = ev->token;
    struct gb_time now;
    int n = cameras_storage(a->cameras, card, BOARD_CARDS_MAX);

    loop_time(a->loop, &now);
    agent_reply_storage(k->agent, token, n < 0 ? NULL : card, n < 0 ? 0 : (unsigned)n, &now);
}
