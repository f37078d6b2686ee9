/* SPDX-License-Identifier: MIT */
#include "app/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/config_store.h"
#include "app/parts.h"
#include "manscdp/config.h"
#include "util/log.h"

static void answer_status(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    struct agent_status_reply reply;
    uint32_t token = ev->token;
    struct gb_time now;

    cameras_read_inputs(p->cameras);
    cameras_status(p->cameras, ev->channel, &reply);
    loop_time(p->loop, &now);
    agent_reply_status(pf->agent, token, &reply, &now);
}

static void answer_setting(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    const uint32_t token = ev->token;
    struct gb_setting s;
    struct gb_time now;
    int err = config_store_get(p->settings, p->cameras, ev->channel, ev->u.query.block, &s);

    if (err)
        log_debug("%s: setting-query-failed block=%s channel=%s reason=\"%s\"", pf->cfg.agent.name,
                  config_block_name(ev->u.query.block), ev->channel, strerror(-err));
    loop_time(p->loop, &now);
    agent_reply_setting(pf->agent, token, err, err ? NULL : &s, &now);
}

static void answer_head(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    struct camera *cam = cameras_find(p->cameras, ev->channel);
    struct board_head head = { .zoom = 1 };
    uint32_t token = ev->token;
    int err = cam ? camera_head(cam, &head) : -ENOENT;
    struct gb_time now;

    if (err)
        log_info("%s: ptz-position-failed channel=%s reason=\"%s\"", pf->cfg.agent.name, ev->channel, strerror(-err));
    loop_time(p->loop, &now);
    agent_reply_head(pf->agent, token, err ? NULL : &head, &now);
}

static void answer_geo(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    uint32_t token = ev->token;
    struct board_geo geo;
    struct gb_time now;
    int err = cameras_geo(p->cameras, ev->channel, &geo);

    loop_time(p->loop, &now);
    agent_reply_geo(pf->agent, token, err ? NULL : &geo, &now);
}

static void answer_storage(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    struct board_card card[BOARD_CARDS_MAX];
    uint32_t token = ev->token;
    struct gb_time now;
    int n = cameras_storage(p->cameras, card, BOARD_CARDS_MAX);

    loop_time(p->loop, &now);
    agent_reply_storage(pf->agent, token, n < 0 ? NULL : card, n < 0 ? 0 : (unsigned)n, &now);
}

static void answer_records(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    const unsigned max = ev->u.query.max;
    struct camera *c = cameras_find(p->cameras, ev->channel);
    struct board_record *page = calloc(max ? max : 1, sizeof(*page));
    uint32_t token = ev->token;
    struct gb_time now;
    unsigned total = 0;
    int n = page ? -ENOENT : -ENOMEM;

    if (page && c)
        n = camera_records(c, ev->u.query.records, ev->u.query.skip, page, max, &total);
    if (n < 0)
        log_debug("%s: record-query-failed channel=%s reason=\"%s\"", pf->cfg.agent.name, ev->channel, strerror(-n));
    if (n > (int)max)
        n = -ERANGE;
    loop_time(p->loop, &now);
    agent_reply_records(pf->agent, token, n < 0 ? n : 0, page, n < 0 ? 0 : (unsigned)n, total, &now);
    free(page);
}

void answers_query(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    static void (*const answers[])(struct parts * p, struct platform * pf, const struct agent_event *ev) = {
        [AGENT_QUERY_STATUS] = answer_status,   [AGENT_QUERY_SETTING] = answer_setting,
        [AGENT_QUERY_HEAD] = answer_head,       [AGENT_QUERY_GEO] = answer_geo,
        [AGENT_QUERY_STORAGE] = answer_storage, [AGENT_QUERY_RECORDS] = answer_records,
    };
    const unsigned kind = (unsigned)ev->u.query.kind;

    /* The router answers ERROR for the others. */
    if (kind < sizeof(answers) / sizeof(answers[0]) && answers[kind])
        answers[kind](p, pf, ev);
}
