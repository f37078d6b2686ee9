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
        log_info("%s: platform-removed", pf->cfg.agent.name);
        pf->removed = true;
        agent_stop(pf->agent, now.mono_ms + PLATFORM_STOP_MS, &now);
    }
}

static int apply_platforms(struct parts *p, const struct conf *conf)
{
    int first = 0;

    remove_platforms(p, conf);
    for (unsigned i = 0; i < conf->nplatforms; i++) {
        const struct conf_platform *want = &conf->platform[i];
        struct platform *pf = platform_by_name(p, want->agent.name);
        int err;

        if (pf) {
            if (platform_apply(pf, want))
                log_info("%s: platform-changed", want->agent.name);
            continue;
        }
        err = platform_new(&p->platform_config, want, &pf);
        if (err) {
            log_error("%s: platform-failed reason=\"%s\"", want->agent.name, strerror(-err));
            first = first ? first : err;
            continue;
        }
        list_append(&p->platforms, &pf->node);
    }
    return first;
}

int reload_apply(struct parts *p, const struct conf *conf)
{
    struct session_media media = {
        .port_min = conf->media.port_min,
        .port_max = conf->media.port_max,
        .max_sessions = conf->media.max_sessions,
        .pacing = (enum viewer_pacing)conf->media.pacing,
        .send = (enum session_send)conf->media.send,
        .rtcp = (enum session_rtcp)conf->media.rtcp,
        .interleaved = conf->media.tcp_framing == 1,
        .dscp = conf->media.dscp,
        .max_time_s = conf->media.max_session_time,
        .report_timeout_s = conf->media.report_timeout,
    };
    int err, info_err, platforms_err;

    loop_set_utc_offset(p->loop, conf->utc_offset_system, conf->utc_offset_s);
    sessions_configure(&p->sessions, &media);
    snapshots_configure(p->snapshots, &conf->http);
    upgrade_configure(p->upgrade, &conf->http);
    err = cameras_apply(p->cameras, conf);
    config_store_restore(p->settings, p->cameras, conf);
    info_err = cameras_apply_device(p->cameras, &conf->device);
    device_store_load(&p->device_store);
    platforms_err = apply_platforms(p, conf);
    return err ? err : info_err ? info_err : platforms_err;
}

static void apply_log(struct parts *p, const struct conf *conf)
{
    int err;

    /* Only when changed in the file, so that `gbagentctl log` stays in effect. */
    if (conf->log_level != p->conf->log_level)
        log_set_level(conf->log_level);
    if (strcmp(conf->log_target, p->conf->log_target) == 0)
        return;
    err = log_sink_open(conf->log_target, p->background);
    if (err)
        log_error("gbagentd: log-target-failed file=\"%s\" reason=\"%s\"", conf->log_target, strerror(-err));
}

/* Logs a message of conf_load(), "FILE[:LINE]: TEXT" or "warning: FILE[:LINE]: TEXT". true: an error. */
static bool log_message(const char *path, struct span line)
{
    char place[384], reason[384];
    const bool warning = span_case_prefix(line, "warning: ");
    struct span at = span_from(line, warning ? sizeof("warning: ") - 1 : 0), text;

    at.n = span_case_prefix(at, path) ? strlen(path) : 0;
    text = span_from((struct span){ at.p, line.n - (size_t)(at.p - line.p) }, at.n);
    at.n += span_chr(text, ' ');
    at.n -= at.n && at.p[at.n - 1] == ':';
    log_quoted(place, sizeof(place), at);
    log_quoted(reason, sizeof(reason), span_trim(span_from(text, span_chr(text, ' '))));
    if (warning)
        log_warn("config: warning at=%s reason=%s", place, reason);
    else
        log_error("config: invalid at=%s reason=%s", place, reason);
    return !warning;
}

/* Logs each line of conf_load()'s messages; copies the first error to `reason`. */
static void report(const char *path, const char *text, size_t len, char *reason, size_t size)
{
    struct span rest = { text, len }, line;
    bool first = true;

    while (span_line(&rest, &line)) {
        if (line.n && log_message(path, line) && first) {
            snprintf(reason, size, "%.*s", (int)line.n, line.p);
            first = false;
        }
    }
}

static int load(struct parts *p, struct conf **out, char *reason, size_t size)
{
    char *messages = NULL;
    size_t len = 0;
    FILE *errors = open_memstream(&messages, &len);
    int err;

    if (!errors)
        return -ENOMEM;
    err = conf_load(p->conf_path, errors, out);
    fclose(errors);
    if (messages)
        report(p->conf_path, messages, len, reason, size);
    free(messages);
    return err;
}

int reload_config(struct parts *p, char *reason, size_t size)
{
    struct conf *conf = NULL;
    char quoted[384];
    int err = load(p, &conf, reason, size);

    if (p->stopping)
        err = err ? err : -ESHUTDOWN;
    if (!err && strcmp(conf->device.id, p->conf->device.id) != 0) {
        snprintf(reason, size, "changing the device ID requires a restart");
        err = -EINVAL;
    }
    if (!err) {
        config_store_overlay(p->settings, conf);
        err = device_apply(p->device, &conf->device);
    }
    if (err) {
        log_error("config: reload-failed reason=%s",
                  log_quoted(quoted, sizeof(quoted), span_of(reason[0] ? reason : strerror(-err))));
        conf_free(conf);
        return err;
    }
    apply_log(p, conf);
    if (reload_apply(p, conf))
        snprintf(reason, size, "not all of the config could be applied, see the log");
    if (strcmp(conf->control_socket, p->conf->control_socket) != 0)
        log_warn("config: restart-required section=control key=socket");
    if (strcmp(conf->settings_path, p->conf->settings_path) != 0)
        log_warn("config: restart-required section=device key=settings");
    conf_free(p->conf);
    p->conf = conf;
    log_info("config: reloaded");
    return 0;
}
