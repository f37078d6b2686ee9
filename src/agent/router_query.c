/* SPDX-License-Identifier: MIT */
/* Questions that the board answers, and lists of what platforms have told the device. */
#include "agent/router_priv.h"

#include <errno.h>
#include <string.h>

#include "agent/ua.h"
#include "agent/pager.h"
#include "device/device.h"
#include "util/log.h"

/* ---- DeviceStatus -------------------------------------------------------------------------------- */

static void add_status(struct manscdp_facts *f, const void *arg)
{
    const struct agent_status_reply *status = arg;

    f->encode = status->encode;
    f->record = status->record;
    if (!status->ok)
        f->reason = status->reason[0] ? status->reason : "error";
}

static void respond_status(struct router *r, const struct manscdp_request *m, const struct agent_status_reply *status,
                           const struct gb_time *now)
{
    const struct router_facts extra = { add_status, status };

    router_respond(r, m, true, &extra, now);
}

void router_act_status(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (router_is_known(r, m->device_id))
        router_ask(r, m, AGENT_QUERY_STATUS, now);
    else
        router_respond(r, m, false, NULL, now);
}

int router_reply_status(struct router *r, uint32_t token, const struct agent_status_reply *reply,
                        const struct gb_time *now)
{
    struct router_pending *p = router_close(r, token);

    if (!p)
        return -ENOENT;
    respond_status(r, &p->request, reply, now);
    return 0;
}

void router_unanswered(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    static const struct agent_status_reply silent = {
        .reason = "the board does not answer", .encode = -1, .record = -1,
    };

    if (m->row->action == MANSCDP_STATUS)
        respond_status(r, m, &silent, now);
    else if (m->row->action == MANSCDP_PLACE)
        router_respond_place(r, m, NULL, now);
    else
        router_respond(r, m, false, NULL, now);
}

/* ---- PTZPosition, SDCardStatus --------------------------------------------------------------------- */

static bool is_channel(const struct router *r, const char *id)
{
    return device_channel_for(r->ua->dev, span_of(id)) != NULL;
}

void router_act_head(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (is_channel(r, m->device_id))
        router_ask(r, m, AGENT_QUERY_HEAD, now);
    else
        router_respond(r, m, false, NULL, now);
}

static void add_head(struct manscdp_facts *f, const void *arg)
{
    f->head = arg;
}

int router_reply_head(struct router *r, uint32_t token, const struct board_head *head, const struct gb_time *now)
{
    struct router_pending *p = router_close(r, token);
    const struct router_facts extra = { add_head, head };

    if (!p)
        return -ENOENT;
    router_respond(r, &p->request, head != NULL, &extra, now);
    return 0;
}

void router_act_storage(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (router_is_known(r, m->device_id))
        router_ask(r, m, AGENT_QUERY_STORAGE, now);
    else
        router_respond(r, m, false, NULL, now);
}

struct cards {
    const struct board_card *card;
    unsigned n;
};

static void add_cards(struct manscdp_facts *f, const void *arg)
{
    const struct cards *cards = arg;

    f->card = cards->card;
    f->ncards = cards->n;
}

int router_reply_storage(struct router *r, uint32_t token, const struct board_card *card, unsigned ncards,
                         const struct gb_time *now)
{
    struct router_pending *p = router_close(r, token);
    const struct cards cards = { card, ncards < BOARD_CARDS_MAX ? ncards : BOARD_CARDS_MAX };
    const struct router_facts extra = { add_cards, &cards };

    if (!p)
        return -ENOENT;
    router_respond(r, &p->request, card != NULL, card ? &extra : NULL, now);
    return 0;
}

/* ---- presets and cruise tracks ----------------------------------------------------------------------- */

void router_act_home(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    router_respond(r, m, is_channel(r, m->device_id), NULL, now);
}

void router_act_presets(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (is_channel(r, m->device_id))
        router_pages(r, &preset_pages, m, NULL, now);
    else
        router_respond(r, m, false, NULL, now);
}

void router_act_tracks(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (is_channel(r, m->device_id))
        router_pages(r, &track_pages, m, NULL, now);
    else
        router_respond(r, m, false, NULL, now);
}

void router_act_track(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const struct device_item *item = device_channel_for(d, span_of(m->device_id));
    const union pager_about about = { .number = m->u.number };

    if (!m->error && item && device_state_track_find(device_state(d), item->cfg.id, m->u.number))
        router_pages(r, &track_point_pages, m, &about, now);
    else
        router_respond(r, m, false, NULL, now);
}
