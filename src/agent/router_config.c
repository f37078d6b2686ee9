/* SPDX-License-Identifier: MIT */
/* DeviceConfig and ConfigDownload: what is asked is cut into blocks, each for the shell to set or to look up. */
#include "agent/router.h"

#include <errno.h>

#include "agent/ua.h"
#include "agent/router_priv.h"
#include "device/device.h"
#include "manscdp/config.h"
#include "util/log.h"

#define EXPIRATION_LEAST_S 3600u        /* of the standard; below it a platform is obeyed with a remark */

/* Whom a block is for: "" the device, an item, or NULL when there is nobody. BasicParam is the device's and of each
 * channel; the others are of channels, and the device's ID stands for the first. */
static const char *block_target(const struct router *r, const char *id, enum gb_block block)
{
    const struct device *d = r->ua->dev;
    const struct device_item *item;

    if ((block == GB_BLOCK_BASIC || block == GB_BLOCK_SNAPSHOT) && router_is_device(r, id))
        return "";
    item = block == GB_BLOCK_BASIC ? device_item_find(d, span_of(id)) : device_channel_for(d, span_of(id));
    return item ? item->cfg.id : NULL;
}

static struct router_pending *find(struct router *r, uint32_t token, enum manscdp_action action)
{
    for (unsigned i = 0; token && i < ROUTER_PENDING_MAX; i++) {
        struct router_pending *p = &r->pending[i];
        if (p->token == token && p->request.row->action == action)
            return p;
    }
    return NULL;
}

/* ---- DeviceConfig ------------------------------------------------------------------------------ */

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

        if (!block_target(r, m->device_id, s->block)) {
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
        router_respond(r, m, false, NULL, now);
        return;
    }
    p->request.u.config.block = NULL;   /* the events have copies */
    p->left = m->u.config.n;
    p->error = 0;
    for (unsigned i = 0; i < m->u.config.n; i++) {
        const struct agent_event ev = {
            .kind = AGENT_CONFIG, .token = p->token, .u.setting = &m->u.config.block[i],
            .channel = block_target(r, m->device_id, m->u.config.block[i].block),
        };
        ua_event_push(r->ua, &ev);
    }
}

bool router_config_part(struct router *r, uint32_t token, int *err)
{
    struct router_pending *p = find(r, token, MANSCDP_CONFIG);

    if (!p)
        return false;
    if (!p->error)
        p->error = *err;
    *err = p->error;
    return --p->left > 0;
}

/* ---- ConfigDownload ---------------------------------------------------------------------------- */

struct block_facts {
    enum gb_block block;
    const struct gb_setting *setting;
};

static void add_block(struct manscdp_facts *f, const void *arg)
{
    const struct block_facts *b = arg;

    f->block = b->block;
    f->setting = b->setting;
}

static void answer(struct router *r, const struct manscdp_request *m, enum gb_block block,
                   const struct gb_setting *setting, const struct gb_time *now)
{
    const struct block_facts b = { block, setting };
    const struct router_facts facts = { add_block, &b };

    router_respond(r, m, block == GB_BLOCK_BASIC || setting, &facts, now);
}

static enum gb_block lowest(unsigned want)
{
    unsigned i = 0;

    while (i < GB_BLOCKS && !(want & 1u << i))
        i++;
    return (enum gb_block)i;
}

/* Asks for the next block. What is for nobody here (an alarm input has no picture; the config may have been read again
 * meanwhile) is as unknown as a type that is none of ours. false: there is none left. */
static bool ask(struct router *r, struct router_pending *p)
{
    struct manscdp_request *m = &p->request;

    while (m->u.config.want) {
        const enum gb_block block = lowest(m->u.config.want);
        const struct agent_event ev = {
            .kind = AGENT_QUERY, .token = p->token, .channel = block_target(r, m->device_id, block),
            .u.query = { .kind = AGENT_QUERY_SETTING, .block = block },
        };
        if (ev.channel) {
            ua_event_push(r->ua, &ev);
            return true;
        }
        m->u.config.want &= ~(1u << block);
        m->u.config.unknown = true;
    }
    return false;
}

/* Last, for platforms stop at the first ERROR: one for each block that the device has not, one for all that is unknown. */
static void answer_missing(struct router *r, const struct manscdp_request *m, unsigned blocks, const struct gb_time *now)
{
    for (unsigned i = 0; i < blocks + (m->u.config.unknown ? 1 : 0); i++)
        router_respond(r, m, false, NULL, now);
}

/* BasicParam is the link's own; for the others the shell is asked, one after the other. */
void router_act_download(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct manscdp_request rest = *m;
    struct router_pending *p;

    if (m->error || !router_is_known(r, m->device_id)) {
        router_respond(r, m, false, NULL, now);
        return;
    }
    if (rest.u.config.want & 1u << GB_BLOCK_BASIC) {
        rest.u.config.want &= ~(1u << GB_BLOCK_BASIC);
        answer(r, m, GB_BLOCK_BASIC, NULL, now);
    }
    p = rest.u.config.want ? router_open(r, &rest, now) : NULL;
    if (p) {
        p->left = 0;
        if (ask(r, p))
            return;
        router_close(r, p->token);
    }
    rest.u.config.unknown = rest.u.config.unknown || rest.u.config.want;
    answer_missing(r, &rest, 0, now);
}

int router_reply_setting(struct router *r, uint32_t token, int err, const struct gb_setting *setting,
                         const struct gb_time *now)
{
    struct router_pending *p = find(r, token, MANSCDP_DOWNLOAD);
    enum gb_block block;

    if (!p)
        return -ENOENT;
    block = lowest(p->request.u.config.want);
    p->request.u.config.want &= ~(1u << block);
    if (err || !setting || setting->block != block)
        p->left++;
    else
        answer(r, &p->request, block, setting, now);
    if (ask(r, p)) {
        p->deadline_ms = now->mono_ms + ROUTER_PENDING_MS;
        return 0;
    }
    router_close(r, token);
    answer_missing(r, &p->request, p->left, now);
    return 0;
}
