/* SPDX-License-Identifier: MIT */
/*
 * DeviceUpgrade (2022): downloads firmware into a file and passes it to the board. The command is stored in the
 * settings of the platform until the platform has confirmed the result, so that it is reported after a restart, too.
 */
#ifndef HTTP_UPGRADE_H
#define HTTP_UPGRADE_H

#include "agent/agent.h"
#include "cameras/camera.h"
#include "http/http.h"
#include "http/http_policy.h"
#include "store/settings.h"
#include "sys/loop.h"

#define UPGRADE_FILE        "gbagent-upgrade.bin"
#define UPGRADE_TOTAL_S     3600u /* for the download */
#define UPGRADE_REPORTS_MAX 16u   /* platforms that have not confirmed a result yet */

/* Firmware being downloaded or written. */
struct upgrade_status {
    char session[GB_SESSION_ID_SIZE];
    char platform[48], firmware[64];
    const char *state;              /* downloading, writing */
    uint64_t bytes, total, percent; /* total 0: unknown */
};

struct upgrade;

struct upgrade_config {
    struct loop *loop;
    struct http *http; /* NULL: every command fails with -ENOTSUP */
    struct cameras *cameras;
    struct settings *settings;
    struct device *device;
    void (*refresh)(void *arg); /* the board may report a new firmware version: update the device */
    void (*kick)(void *arg);    /* an agent has packets or events to fetch */
    void *arg;
};

int upgrade_new(const struct upgrade_config *cfg, struct upgrade **out);
void upgrade_free(struct upgrade *u); /* cancels a download; NULL is fine */
void upgrade_configure(struct upgrade *u, const struct http_conf *conf);

/* 0: started, or that session is already running. -ENOTSUP: no HTTP, or no board supports it; -EBUSY: another
 * upgrade is running; -EINVAL: for another manufacturer, or malformed; -EPROTONOSUPPORT; -ENOMEM; -errno of the
 * file. */
int upgrade_start(struct upgrade *u, struct agent *a, const struct gb_control *c);
void upgrade_board_done(struct upgrade *u, int result);      /* BOARD_UPGRADED */
void upgrade_registered(struct upgrade *u, struct agent *a); /* reports an outstanding result */
void upgrade_notified(struct upgrade *u, const struct agent *a, uint32_t token, int result); /* AGENT_NOTIFIED */
void upgrade_drop_agent(struct upgrade *u, const struct agent *a);        /* the agent is about to be freed */
bool upgrade_status(const struct upgrade *u, struct upgrade_status *out); /* false: none is running */

#endif
