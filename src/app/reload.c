/* SPDX-License-Identifier: MIT */
#include "app/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/config_store.h"
#include "app/link.h"
#include "sys/log_sink.h"
#include "util/log.h"

static struct link *link_by_name(struct app *a, const char *name)
{
    list_each(it, &a->links) {
        struct link *k = container_of(it, struct link, node);

        if (!k->removed && strcmp(k->cfg.agent.name, name) == 0)
            return k;
    }
    return NULL;
}

static const struct conf_platform *platform_by_name(const struct conf *conf, const char *name)
{
    for (unsigned i = 0; i < conf->nplatforms; i++)
        if (strcmp(conf->platform[i].agent.name, name) == 0)
            return &conf->platform[i];
    return NULL;
}

static void remove_links(struct app *a, const struct conf *conf)
{
    struct gb_time now;

    loop_time(a->loop, &now);
    list_each(it, &a->links) {
        struct link *k = container_of(it, struct link, node);

        if (k->removed || platform_by_name(conf, k->cfg.agent.name))
            continue;
        log_info("%s: removed from the config", k->cfg.agent.name);
        k->removed = true;
        agent_stop(k->agent, now.mono_ms + APP_STOP_MS, &now);
    }
}

static int take_links(struct app *a, const struct conf *conf)
{
    int err = 0;

    remove_links(a, conf);
    for (unsigned i = 0; i < conf->nplatforms; i++) {
        const struct conf_platform *p = &conf->platform[i];
        struct link *k = link_by_name(a, p->agent.name);
        int ret;

        if (k) {
            if (link_apply(k, p))
                log_info("%s: new settings", p->agent.name);
            continue;
        }
        ret = link_new(&a->link_config, p, &k);
        if (ret) {
            log_error("%s: %s", p->agent.name, strerror(-ret));
            err = ret;
            continue;
        }
        list_append(&a->links, &k->node);
    }
    return err;
}

int reload_apply(struct app *a, const struct conf *conf)
{
    struct session_media media = {
        .port_min = conf->media.port_min, .port_max = conf->media.port_max, .max_sessions = conf->media.max_sessions,
        .pacing = (enum viewer_pacing)conf->media.pacing, .send = (enum session_send)conf->media.send,
        .rtcp = (enum session_rtcp)conf->media.rtcp, .interleaved = conf->media.tcp_framing == 1, .dscp = conf->media.dscp,
        .max_time_s = conf->media.max_session_time, .report_timeout_s = conf->media.report_timeout,
    };
    int err, info, ret;

    loop_set_utc_offset(a->loop, conf->utc_offset_system, conf->utc_offset_s);
    sessions_configure(&a->sessions, &media);
    snapshots_configure(a->snapshots, &conf->http);
    upgrade_configure(a->upgrade, &conf->http);
    err = cameras_apply(a->cameras, conf);
    config_store_restore(a->settings, a->cameras, conf);
    info = cameras_apply_device(a->cameras, &conf->device);
    device_store_load(&a->device_store);
    ret = take_links(a, conf);
    return err ? err : info ? info : ret;
}

static void take_log(struct app *a, const struct conf *conf)
{
    int err;

    /* Only what the file changed: `gbagentctl log` stays otherwise. */
    if (conf->log_level != a->conf->log_level)
        log_set_level(conf->log_level);
    if (strcmp(conf->log_target, a->conf->log_target) == 0)
        return;
    err = log_sink_open(conf->log_target, a->background);
    if (err)
        log_error("log target %s: %s", conf->log_target, strerror(-err));
}

/* Every line of what conf_load said becomes a log line; the first one is for who asked. */
static void report(const char *text, size_t len, char *err, size_t size)
{
    struct span rest = { text, len }, line;
    bool first = true;

    while (span_line(&rest, &line)) {
        if (!line.n)
            continue;
        log_write(span_case_prefix(line, "warning") ? LOG_L_WARN : LOG_L_ERROR, "%.*s", (int)line.n, line.p);
        if (first && !span_case_prefix(line, "warning")) {
            snprintf(err, size, "%.*s", (int)line.n, line.p);
            first = false;
        }
    }
}

static int load(struct app *a, struct conf **out, char *err, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *errors = open_memstream(&text, &len);
    int ret;

    if (!errors)
        return -ENOMEM;
    ret = conf_load(a->conf_path, errors, out);
    fclose(errors);
    if (text)
        report(text, len, err, size);
    free(text);
    return ret;
}

int reload_config(struct app *a, char *err, size_t size)
{
    struct conf *conf = NULL;
    int ret = load(a, &conf, err, size);

    if (a->stopping)
        ret = ret ? ret : -ESHUTDOWN;
    if (!ret && strcmp(conf->device.id, a->conf->device.id) != 0) {
        snprintf(err, size, "another device ID needs a restart");
        ret = -EINVAL;
    }
    if (!ret) {
        config_store_overlay(a->settings, conf);
        ret = device_apply(a->device, &conf->device);
    }
    if (ret) {
        log_error("reload failed, everything stays as it was: %s", err[0] ? err : strerror(-ret));
        conf_free(conf);
        return ret;
    }
    take_log(a, conf);
    if (reload_apply(a, conf))
        snprintf(err, size, "not everything could be taken over, see the log");
    if (strcmp(conf->control_socket, a->conf->control_socket) != 0)
        log_warn("another control socket needs a restart");
    if (strcmp(conf->settings_path, a->conf->settings_path) != 0)
        log_warn("another file for the settings needs a restart");
    conf_free(a->conf);
    a->conf = conf;
    log_info("config reloaded");
    return 0;
}
