/* SPDX-License-Identifier: MIT */
/* The daemon: config, device, platforms, cameras, sessions and control socket on one event loop. */
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>

#include "app/alarm_dispatch.h"
#include "app/ctl.h"
#include "app/device_control.h"
#include "app/parts.h"
#include "app/trace.h"
#include "net/netwatch.h"
#include "net/sip_transport.h"
#include "sys/loop.h"

struct app {
    struct parts parts;
    struct device_control device_control;
    struct alarm_dispatch alarm_dispatch;
    struct sip_transports *transport;
    struct http *http; /* NULL: built without libcurl */
    struct ctl *ctl;
    struct trace trace;
    struct netwatch netwatch;
    struct loop_timer turn, stop;
    bool turning;
    uint64_t device_serial; /* of the last notification to the agents */
};

/* Takes conf on success. Errors are logged. -EINVAL, -errno. */
int app_new(struct loop *l, struct conf *conf, const char *conf_path, bool background, struct app **out);
void app_free(struct app *a); /* NULL is fine */

/* Reads the config again. If it is invalid, its errors are logged, `reason` gets the first one, and nothing changes. */
int app_reload(struct app *a, char *reason, size_t size);
/* Ends all calls and unregisters, then loop_stop(0), after PLATFORM_STOP_MS at the latest; a second call stops
 * immediately. */
void app_stop(struct app *a);

/* Makes the loop fetch the agents' packets and events soon. */
void app_kick(void *app);
extern const struct ctl_ops app_ctl_ops; /* app_ctl.c; their arg is the app */

#endif
