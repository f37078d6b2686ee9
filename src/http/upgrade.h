/* SPDX-License-Identifier: MIT */
/*
 * DeviceUpgrade (2022): firmware is downloaded into a file and handed to the board. What was ordered is kept in the
 * settings of the platform, so that the result is told after the restart too, until the platform has taken it.
 */
#ifndef HTTP_UPGRADE_H
#define HTTP_UPGRADE_H

#include "agent/agent.h"
#include "cameras/camera.h"
#include "http/http.h"
#include "http/http_policy.h"
#include "store/settings.h"
#include "sys/loop.h"

#define UPGRADE_FILE "gbagent-upgrade.bin"
#define UPGRADE_TOTAL_S 3600u           /* for the download */
#define UPGRADE_REPORTS_MAX 16u         /* platforms that have not taken a result yet */

/* Firmware being downloaded or written. */
struct upgrade_status {
    char session[GB_SESSION_ID_SIZE];
    char platform[48], firmware[64];
    const char *state;                  /* downloading, writing */
    uint64_t bytes, total, percent;     /* total 0: not known */
};

struct upgrade;

struct upgrade_config {
    struct loop *loop;
    struct http *http;                  /* NULL: every order is answered -ENOTSUP */
    struct cameras *cameras;
    struct settings *settings;
    struct device *device;
    void (*refresh)(void *arg);         /* the board may tell another version now: take it into the device */
    void (*kick)(void *arg);            /* an agent was told something */
    void *arg;
};

int upgrade_new(const struct upgrade_config *cfg, struct upgrade **out);
void upgrade_free(struct upgrade *u);   /* a download ends; NULL is fine */
void upgrade_configure(struct upgrade *u, const struct http_conf *conf);

/* 0: begun, or that session is under way. -ENOTSUP: no HTTP, or no board that can; -EBUSY another one runs; -EINVAL:
 * meant for another manufacturer, or broken; -EPROTONOSUPPORT; -ENOMEM; -errno of the file. */
int upgrade_order(struct upgrade *u, struct agent *a, const struct gb_control *c);
void upgrade_board_done(struct upgrade *u, int result);     /* BOARD_UPGRADED */
void upgrade_registered(struct upgrade *u, struct agent *a);            /* a result that is due is told */
void upgrade_notified(struct upgrade *u, const struct agent *a, uint32_t token, int result);    /* AGENT_NOTIFIED */
void upgrade_drop_agent(struct upgrade *u, const struct agent *a);      /* the link goes */
bool upgrade_status(const struct upgrade *u, struct upgrade_status *out);  /* false: none runs */

#endif
