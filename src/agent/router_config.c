/* SPDX-License-Identifier: MIT */
/* DeviceConfig, cut into blocks, each for the shell to set. */
#include "agent/router.h"

#include <errno.h>

#include "agent/ua.h"
#include "agent/router_priv.h"
#include "device/device.h"
#include "manscdp/config.h"
#include "util/log.h"

#define EXPIRATION_LEAST_S 3600u        /* of the standard; below it a platform is obeyed with a remark */

/* BasicParam is the device's and of each channel; the others are of channels, and the device's ID stands for the first. */
const char *router_block_target(const struct router *r, const char *id, enum gb_block block)
{
    const struct device *d = r->ua->dev;
    const struct device_item *item;

    if ((block == GB_BLOCK_BASIC || block == GB_BLOCK_SNAPSHOT) && router_is_device(r, id))
        return "";
    item = block == GB_BLOCK_BASIC ? device_item_find(d, span_of(id)) : device_channel_for(d, span_of(id));
    return item ? item->cfg.id : NULL;
}

static bool usable(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const char *link = r->ua->cfg.name;

    if (m->error) {
        log_warn_gated(&r->refusals, now->mono_ms, "%s: DeviceConfig SN %s refused: %s", link, m->sn,
                       m->error == -ENOTSUP ? "nothing in it that is known" :
                       m->error == -ERANGE || m->error == -E2BIG ? "a value is out of range" : "unreadable");
        return false;
    }
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct gb_setting *s = &m->u.config.block[i];
        const char *name = config_block_name(s->block);

        if (!router_block_target(r, m->device_id, s->block)) {
            log_warn_gated(&r->refusals, now->mono_ms, "%s: %s for %s, which is not here: refused", link, name,
                           m->device_id);
            return false;
        }
        /* Once a message, whatever it sets. */
        if (!i && !router_permits_config(r, name, m->device_id, now))
            return false;
        if (s->block == GB_BLOCK_BASIC && s->u.basic.has_expiration && s->u.basic.expiration_s < EXPIRATION_LEAST_S)
            log_warn("%s: an expiration of %u s is less than the standard's %u", link,
                     (unsigned)s->u.basic.expiration_s, EXPIRATION_LEAST_S);
    }
    return true;
}

void router_act_config(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct router_pending *p = usable(r, m, now) ? router_open(r, m, now) : NULL;

    if (!p) {
        router_respond(r, m, false, now);
        return;
    }
    p->request.u.config.block = NULL;   /* the events have copies */
    p->left = m->u.config.n;
    p->error = 0;
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct agent_event ev = {
            .kind = AGENT_CONFIG, .token = p->token, .u.setting = &m->u.config.block[i],
            .channel = router_block_target(r, m->device_id, m->u.config.block[i].block),
        };
        ua_event_push(r->ua, &ev);
    }
}

bool router_config_part(struct router *r, uint32_t token, int *err)
{
    struct router_pending *p = router_find(r, token, MANSCDP_CONFIG);

    if (!p)
        return false;
    if (!p->error)
        p->error = *err;
    *err = p->error;
    return --p->left > 0;
}
