/* SPDX-License-Identifier: MIT */
/* What the daemon is put together from. The app makes and ends it; what acts on several of them (orders, answers, alarms, a
 * new config) is given this and knows nothing of the app. */
#ifndef APP_PARTS_H
#define APP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "app/platform.h"
#include "cameras/camera.h"
#include "conf/conf.h"
#include "http/snapshot.h"
#include "http/upgrade.h"
#include "sessions/session.h"
#include "store/device_store.h"
#include "store/settings.h"
#include "sys/loop.h"
#include "util/list.h"

struct parts {
    struct loop *loop;                  /* borrowed */
    struct conf *conf;                  /* in force */
    const char *conf_path;              /* borrowed */
    bool background;
    struct settings *settings;
    struct device *device;
    struct device_store device_store;
    struct cameras *cameras;
    struct sessions sessions;
    struct snapshots *snapshots;
    struct upgrade *upgrade;
    struct mux *mux;
    struct platform_config platform_config;     /* what each link is made with */
    struct list platforms;                  /* struct platform, CONF_PLATFORMS_MAX of them: short enough to be walked */
    bool stopping;
    uint64_t started_us;
};

#endif
