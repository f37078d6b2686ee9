/* SPDX-License-Identifier: MIT */
#include "app/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config_store.h"
#include "app/parts.h"
#include "sys/log_sink.h"
#include "util/log.h"

static struct platform *platform_by_name(struct parts *p, const char *name)
{
    list_each(it, &p->platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        if (!pf->removed && strcmp(pf->cfg.agent.name, name) == 0)
            return pf;
    }
    return NULL;
}

static const struct conf_platform *conf_platform_by_name(const struct conf *conf, const char *name)
{
    for (unsigned i = 0; i < conf->nplatforms; i++)
        if (strcmp(conf->platform[i].agent.name, name) == 0)
            return &conf->platform[i];
    return NULL;
}

static void remove_platforms(struct parts *p, const struct conf *conf)
{
    struct gb_time now;

    loop_time(p->loop, &now);
    list_each(it, &p->platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        if (pf->removed || conf_platform_by_name(conf, pf->cfg.agent.name))
            continue;
        log_info("%s: removed from the config", pf->cfg.agent.name);
        pf->removed = true;
        agent_stop(pf->agent, now.mono_ms + PLATFORM_STOP_MS, &now);
    }
}

static int take_platforms(struct parts *p, const struct conf *conf)
{
    int err = 0;

    remove_platforms(p, conf);
    for (unsigned i = 0; i < conf->nplatforms; i++) {
        const struct conf_platform *want = &conf->platform[i];
        struct platform *pf = platform_by_name(p, want->agent.name);
        int ret;

        if (pf) {
            if (platform_apply(pf, want))
                log_info("%s: new settings", want->agent.name);
            continue;
        }
        ret = platform_new(&p->platform_config, want, &pf);
        if (ret) {
            log_error("%s: %s", want->agent.name, strerror(-ret));
            err = ret;
            continue;
        }
        list_append(&p->platforms, &pf->node);
    }
    return err;
}

int reload_apply(struct parts *p, const struct conf *conf)
{
    struct session_media media = {
        .port_min = conf->media.port_min, .port_max = conf->media.port_max, .max_sessions = conf->media.max_sessions,
        .pacing = (enum viewer_pacing)conf->media.pacing, .send = (enum session_send)conf->media.send,
        .rtcp = (enum session_rtcp)conf->media.rtcp, .interleaved = conf->media.tcp_framing == 1, .dscp = conf->media.dscp,
        .max_time_s = conf->media.max_session_time, .report_timeout_s = conf->media.report_timeout,
    };
    int err, info, ret;

    loop_set_utc_offset(p->loop, conf->utc_offset_system, conf->utc_offset_s);
    sessions_configure(&p->sessions, &media);
    snapshots_configure(p->snapshots, &conf->http);
    upgrade_configure(p->upgrade, &conf->http);
    err = cameras_apply(p->cameras, conf);
    config_store_restore(p->settings, p->cameras, conf);
    info = cameras_apply_device(p->cameras, &conf->device);
    device_store_load(&p->device_store);
    ret = take_platforms(p, conf);
    return err ? err : info ? info : ret;
}

static void take_log(struct parts *p, const struct conf *conf)
{
    int err;

    /* Only what the file changed: `gbagentctl log` stays otherwise. */
    if (conf->log_level != p->conf->log_level)
        log_set_level(conf->log_level);
    if (strcmp(conf->log_target, p->conf->log_target) == 0)
        return;
    err = log_sink_open(conf->log_target, p->background);
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

static int load(struct parts *p, struct conf **out, char *err, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *errors = open_memstream(&text, &len);
    int ret;

    if (!errors)
        return -ENOMEM;
    ret = conf_load(p->conf_path, errors, out);
    fclose(errors);
    if (text)
        report(text, len, err, size);
    free(text);
    return ret;
}

int reload_config(struct parts *p, char *err, size_t size)
{
    struct conf *conf = NULL;
    int ret = load(p, &conf, err, size);

    if (p->stopping)
        ret = ret ? ret : -ESHUTDOWN;
    if (!ret && strcmp(conf->device.id, p->conf->device.id) != 0) {
        snprintf(err, size, "another device ID needs a restart");
        ret = -EINVAL;
    }
    if (!ret) {
        config_store_overlay(p->settings, conf);
        ret = device_apply(p->device, &conf->device);
    }
    if (ret) {
        log_error("reload failed, everything stays as it was: %s", err[0] ? err : strerror(-ret));
        conf_free(conf);
        return ret;
    }
    take_log(p, conf);
    if (reload_apply(p, conf))
        snprintf(err, size, "not everything could be taken over, see the log");
    if (strcmp(conf->control_socket, p->conf->control_socket) != 0)
        log_warn("another control socket needs a restart");
    if (strcmp(conf->settings_path, p->conf->settings_path) != 0)
        log_warn("another file for the settings needs a restart");
    conf_free(p->conf);
    p->conf = conf;
    log_info("config reloaded");
    return 0;
}
