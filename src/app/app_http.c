/* SPDX-License-Identifier: MIT */
/* What the app does by HTTP: snapshots and upgrades. */
#include "app/app_priv.h"

#include <errno.h>
#include <string.h>

#include "app/link.h"
#include "util/log.h"

/* The board tells another version. */
static void on_firmware(void *arg)
{
    struct app *a = arg;
    int err = app_take_device(a, a->conf);

    if (err)
        log_warn("the new firmware's version is not shown: %s", strerror(-err));
}

int app_http_open(struct app *a)
{
    int err = http_new(a->loop, &a->http);

    if (err && err != -ENOTSUP)
        log_error("no HTTP, so neither snapshots nor upgrades: %s", strerror(-err));
    const struct snapshots_config snapshots = {
        .loop = a->loop, .http = a->http, .cameras = a->cameras, .device = a->device, .kick = app_kick, .arg = a,
    };
    const struct upgrade_config upgrade = {
        .loop = a->loop, .http = a->http, .cameras = a->cameras, .settings = a->settings, .device = a->device,
        .refresh = on_firmware, .kick = app_kick, .arg = a,
    };
    err = snapshots_new(&snapshots, &a->snapshots);
    return err ? err : upgrade_new(&upgrade, &a->upgrade);
}

void app_http_close(struct app *a)
{
    snapshots_free(a->snapshots);
    upgrade_free(a->upgrade);
    http_free(a->http);
}

void app_http_configure(struct app *a, const struct conf *conf)
{
    snapshots_configure(a->snapshots, &conf->http);
    upgrade_configure(a->upgrade, &conf->http);
}

void app_http_drop_agent(struct app *a, const struct agent *agent)
{
    snapshots_drop_agent(a->snapshots, agent);
    upgrade_drop_agent(a->upgrade, agent);
}

bool app_http_event(struct app *a, const struct board_event *ev)
{
    if (ev->kind == BOARD_SNAPSHOT)
        snapshots_picture(a->snapshots, ev);
    else if (ev->kind == BOARD_UPGRADED)
        upgrade_board_done(a->upgrade, ev->result);
    else
        return false;
    return true;
}

void app_notified(struct app *a, struct link *k, const struct agent_event *ev)
{
    upgrade_notified(a->upgrade, k->agent, ev->token, ev->u.notified);
}
