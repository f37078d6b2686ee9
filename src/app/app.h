/* SPDX-License-Identifier: MIT */
/* Everything put together: config, device, platforms, cameras, sessions, control socket, on one loop. */
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>

#include "agent/agent.h"
#include "app/alarms.h"
#include "app/ctl.h"
#include "app/link.h"
#include "app/orders.h"
#include "cameras/camera.h"
#include "conf/conf.h"
#include "http/snapshot.h"
#include "http/upgrade.h"
#include "net/netwatch.h"
#include "net/sip_transport.h"
#include "sessions/session.h"
#include "store/device_store.h"
#include "store/settings.h"
#include "sys/loop.h"

#define APP_STOP_MS 2000u               /* for BYE and unregistering */

struct app {
    struct loop *loop;                  /* borrowed */
    struct conf *conf;
    const char *conf_path;              /* borrowed */
    bool background;
    struct device *device;
    struct mux *mux;
    struct sip_transports *transport;
    struct cameras *cameras;
    struct settings *settings;
    struct device_store device_store;
    struct orders orders;
    struct http *http;                  /* NULL: built without */
    struct snapshots *snapshots;
    struct upgrade *upgrade;
    uint64_t device_serial;             /* as the agents know it */
    struct sessions sessions;
    struct link_config link_config;     /* what each of them is made with */
    struct list links;                  /* struct link, CONF_PLATFORMS_MAX of them: short enough to be walked */
    struct ctl *ctl;
    struct netwatch netwatch;
    struct alarms alarms;
    struct loop_timer turn, stop;
    bool turning, stopping;
    uint64_t started_us;
};

/* Takes conf on success. Errors are logged. -EINVAL, -errno. */
int app_new(struct loop *l, struct conf *conf, const char *conf_path, bool background, struct app **out);
void app_free(struct app *a);           /* NULL is fine */

/* Reads the config again; an invalid one is logged, `err` says so and everything stays as it was. */
int app_reload(struct app *a, char *err, size_t size);
/* BYE and unregister, then loop_stop(0), after APP_STOP_MS at the latest; called again: at once. */
void app_stop(struct app *a);

/* Soon, from the loop: what agents have to say is fetched. */
void app_kick(void *app);
extern const struct ctl_ops app_ctl_ops;        /* app_ctl.c; their arg is the app */

#endif
