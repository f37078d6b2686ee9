/* SPDX-License-Identifier: MIT */
/* The parts of the daemon. The app creates and frees them; modules that act on several of them (device_control,
 * answers, alarm_dispatch, reload ...) get this struct and do not know the app. */
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
    struct loop *loop;     /* borrowed */
    struct conf *conf;     /* the current one */
    const char *conf_path; /* borrowed */
    bool background;
    struct settings *settings;
    struct device *device;
    struct device_store device_store;
    struct cameras *cameras;
    struct sessions sessions;
    struct snapshots *snapshots;
    struct upgrade *upgrade;
    struct mux *mux;
    struct platform_config platform_config; /* shared by all platforms */
    struct list platforms;                  /* struct platform, at most CONF_PLATFORMS_MAX: few enough to be searched */
    bool stopping;
    uint64_t started_us;
};

#endif
