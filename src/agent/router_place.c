/* SPDX-License-Identifier: MIT */
/* A single MobilePosition query: the board says where it is, else the config. */
#include "agent/router_priv.h"

#include <errno.h>
#include <string.h>

#include "agent/ua.h"
#include "device/device.h"

struct place {
    const struct board_geo *geo;
    bool list;
};

static void add_place(struct manscdp_facts *f, const void *arg)
{
    const struct place *place = arg;

    f->geo = place->geo;
    f->position_list = place->list;
}

void router_respond_place(struct router *r, const struct manscdp_request *m, const struct board_geo *geo,
                          const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    struct board_geo config = { 0 };
    const struct place place = { geo ? geo : &config,
                                 r->ua->cfg.position_format == POSITION_LIST };
    const struct router_facts extra = { add_place, &place };
    bool known = geo || device_place(d, m->device_id, &config.longitude, &config.latitude);

    router_respond(r, m, known, &extra, now);
}

void router_act_place(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    if (router_is_known(r, m->device_id))
        router_ask(r, m, AGENT_QUERY_GEO, now);
    else
        router_respond(r, m, false, NULL, now);
}

int router_reply_geo(struct router *r, uint32_t token, const struct board_geo *geo, const struct gb_time *now)
{
    struct router_pending *p = router_close(r, token);

    if (!p)
        return -ENOENT;
    router_respond_place(r, &p->request, geo, now);
    return 0;
}
