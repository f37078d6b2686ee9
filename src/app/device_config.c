/* SPDX-License-Identifier: MIT */
#include "app/device_config.h"

#include <errno.h>
#include <string.h>

#include "app/config_store.h"
#include "app/parts.h"
#include "manscdp/config.h"
#include "util/log.h"

static int set_basic(struct parts *p, struct platform *pf, const char *channel, const struct gb_basic *basic)
{
    int err = config_store_basic(p->settings, p->conf, pf->cfg.agent.name, channel, basic);
    struct gb_time now;

    if (err || !basic->has_name)
        return err;
    err = cameras_apply_device(p->cameras, &p->conf->device);
    loop_time(p->loop, &now);
    list_each(it, &p->platforms)
        agent_device_changed(container_of(it, struct platform, node)->agent, &now);
    return err;
}

/* For a later query of the last SnapShotConfig. */
static void keep_snapshot(struct parts *p, const char *channel, const struct gb_setting *s)
{
    const struct camera *c = cameras_find(p->cameras, channel);

    if (c && config_store_put(p->settings, c->id, s))
        log_debug("settings: snapshot-not-stored channel=%s", c->id);
}

static int set(struct parts *p, struct platform *pf, const char *channel, const struct gb_setting *s)
{
    int err;

    if (s->block == GB_BLOCK_BASIC)
        return set_basic(p, pf, channel, &s->u.basic);
    if (s->block != GB_BLOCK_SNAPSHOT)
        return config_store_set(p->settings, p->cameras, channel, s);
    err = snapshots_start(p->snapshots, pf->agent, channel, &s->u.snapshot);
    if (!err)
        keep_snapshot(p, channel, s);
    return err;
}

void device_config_execute(struct parts *p, struct platform *pf, const struct agent_event *ev)
{
    const struct gb_setting s = *ev->u.setting;
    const uint32_t token = ev->token;
    char channel[GBID_SIZE];
    struct gb_time now;
    int err;

    span_copy(span_of(ev->channel), channel, sizeof(channel));
    err = set(p, pf, channel, &s);
    if (err)
        log_info("%s: config-failed block=%s channel=%s reason=\"%s\"", pf->cfg.agent.name, config_block_name(s.block),
                 channel[0] ? channel : p->conf->device.id, strerror(-err));
    else
        log_info("%s: config-set block=%s channel=%s", pf->cfg.agent.name, config_block_name(s.block),
                 channel[0] ? channel : p->conf->device.id);
    device_store_save(&p->device_store); /* also retries a failed write of the settings */
    loop_time(p->loop, &now);
    agent_reply_result(pf->agent, token, err, &now);
    if (err || s.block != GB_BLOCK_BASIC)
        return;
    /* After the response, whatever changes. */
    agent_set_basic(pf->agent, &s.u.basic, &now);
    pf->cfg.agent.expires_s = agent_get_config(pf->agent)->expires_s;
    pf->cfg.agent.keepalive_interval_s = agent_get_config(pf->agent)->keepalive_interval_s;
    pf->cfg.agent.keepalive_count = agent_get_config(pf->agent)->keepalive_count;
}
