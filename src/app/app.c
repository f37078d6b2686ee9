/* SPDX-License-Identifier: MIT */
#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "app/answers.h"
#include "app/device_config.h"
#include "app/config_store.h"
#include "app/reload.h"
#include "sys/clock.h"
#include "util/log.h"

/* ---- one turn: send packets, handle events ------------------------------------------------------------------- */

static void send_packet(struct app *a, struct agent *agent, const struct agent_packet *p)
{
    char to[ADDR_TEXT_MAX];
    int err = sip_transport_send(a->transport, p->link, &p->to, p->data, p->len);

    if (!err) {
        if (a->trace.on)
            trace_output(&a->trace, p, agent);
        return;
    }
    addr_print(&p->to, to);
    log_debug("%s: send-failed bytes=%zu peer=%s reason=\"%s\"", agent_get_config(agent)->name, p->len, to,
              strerror(-err));
}

static void on_link_wanted(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    (void)a;
    platform_open(pf, ev->u.link.fresh_port, ev->u.link.host, ev->u.link.port);
}

static void on_link_done(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    (void)a;
    (void)ev;
    pf->done = true;
}

static void on_registered(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    (void)ev;
    platform_registered(pf);
    upgrade_registered(a->parts.upgrade, pf->agent);
}

static void on_call_offer(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    session_offer(&a->parts.sessions, pf->agent, ev, pf->cfg.interface);
}

static void on_call_start(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    (void)pf;
    session_start(&a->parts.sessions, ev);
}

static void on_call_stop(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    (void)pf;
    session_stop(&a->parts.sessions, ev->call, ev->why);
}

static void on_call_control(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    session_control(&a->parts.sessions, pf->agent, ev);
}

static void on_time(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    char text[WALLTIME_TEXT];
    struct gb_time now;

    loop_time(a->parts.loop, &now);
    walltime_print(ev->u.time.unix_ms, now.utc_offset_s, text);
    log_info("%s: platform-time time=%s offset_ms=%+lld", pf->cfg.agent.name, text,
             (long long)(ev->u.time.unix_ms - now.unix_ms));
    const struct gb_control clock = { .kind = GB_CONTROL_TIME, .u.time.unix_ms = ev->u.time.unix_ms };
    (void)cameras_control(a->parts.cameras, &clock);
    if (ev->u.time.set)
        (void)clock_set(ev->u.time.unix_ms);
}

static void on_control(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    device_control_execute(&a->device_control, pf, ev);
}

static void on_config(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    device_config_execute(&a->parts, pf, ev);
}

static void on_query(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    answers_query(&a->parts, pf, ev);
}

static void on_notified(struct app *a, struct platform *pf, const struct agent_event *ev)
{
    upgrade_notified(a->parts.upgrade, pf->agent, ev->token, ev->u.notified);
}

/* By enum agent_event_kind; events without a handler need no action. */
static void (*const handlers[])(struct app *a, struct platform *pf, const struct agent_event *ev) = {
    [AGENT_LINK_WANTED] = on_link_wanted,
    [AGENT_LINK_DONE] = on_link_done,
    [AGENT_REGISTERED] = on_registered,
    [AGENT_CALL_OFFER] = on_call_offer,
    [AGENT_CALL_START] = on_call_start,
    [AGENT_CALL_STOP] = on_call_stop,
    [AGENT_CALL_CONTROL] = on_call_control,
    [AGENT_CONTROL] = on_control,
    [AGENT_CONFIG] = on_config,
    [AGENT_QUERY] = on_query,
    [AGENT_TIME] = on_time,
    [AGENT_NOTIFIED] = on_notified,
};

static void drain_agent(struct app *a, struct agent *agent)
{
    struct platform *pf = agent_owner(agent);
    struct agent_packet packet;
    struct agent_event ev;

    while (agent_next_packet(agent, &packet))
        send_packet(a, agent, &packet);
    if (!agent_next_event(agent, &ev))
        return;
    if ((unsigned)ev.kind < sizeof(handlers) / sizeof(handlers[0]) && handlers[ev.kind])
        handlers[ev.kind](a, pf, &ev);
}

static void reap_platforms(struct app *a)
{
    list_each_safe(it, &a->parts.platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        if (!pf->done)
            continue;
        sessions_drop_agent(&a->parts.sessions, pf->agent, "platform stopped");
        snapshots_drop_agent(a->parts.snapshots, pf->agent);
        upgrade_drop_agent(a->parts.upgrade, pf->agent);
        list_remove(&pf->node);
        platform_free(pf);
    }
    if (a->parts.stopping && list_empty(&a->parts.platforms))
        loop_stop(a->parts.loop, 0);
}

/* Notifies every agent if the device has changed since the last call. */
static void notify_device_changed(struct app *a)
{
    uint64_t serial = device_serial(a->parts.device);
    struct gb_time now;

    if (serial == a->device_serial)
        return;
    a->device_serial = serial;
    loop_time(a->parts.loop, &now);
    list_each(it, &a->parts.platforms)
        agent_device_changed(container_of(it, struct platform, node)->agent, &now);
}

static void on_turn(struct loop_timer *t, void *arg);

/* Sends the agents' packets, handles their events, then sets the timer to the next deadline. */
static void app_turn(struct app *a)
{
    struct agent *agent;
    uint64_t due;

    if (a->turning)
        return;
    a->turning = true;
    do {
        notify_device_changed(a);
        while ((agent = mux_ready(a->parts.mux)))
            drain_agent(a, agent);
    } while (device_serial(a->parts.device) != a->device_serial);
    a->turning = false;
    reap_platforms(a);
    due = mux_deadline(a->parts.mux);
    if (due == UINT64_MAX)
        loop_timer_del(a->parts.loop, &a->turn);
    else
        (void)loop_timer_at(a->parts.loop, &a->turn, due * 1000u, on_turn, a);
}

static void on_turn(struct loop_timer *t, void *arg)
{
    struct app *a = arg;
    struct gb_time now;

    (void)t;
    loop_time(a->parts.loop, &now);
    mux_tick(a->parts.mux, &now);
    app_turn(a);
}

void app_kick(void *app)
{
    struct app *a = app;

    if (!a->turning)
        (void)loop_timer_at(a->parts.loop, &a->turn, loop_now_us(a->parts.loop), on_turn, a);
}

/* ---- input ------------------------------------------------------------------------------------------------ */

static void on_message(void *arg, const struct sip_input *in)
{
    struct app *a = arg;
    struct agent *agent;
    struct gb_time now;

    loop_time(a->parts.loop, &now);
    agent = mux_input(a->parts.mux, in, &now);
    if (a->trace.on)
        trace_input(&a->trace, in, agent);
    app_turn(a);
}

static void on_connected(void *arg, uint32_t number)
{
    struct app *a = arg;

    list_each(it, &a->parts.platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        if (pf->number == number)
            platform_connected(pf);
    }
    app_turn(a);
}

static void on_down(void *arg, uint32_t number, const char *why)
{
    struct app *a = arg;

    list_each(it, &a->parts.platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        if (pf->number == number)
            platform_link_down(pf, why);
    }
    app_turn(a);
}

static const struct sip_transport_ops transport_ops = { on_message, on_connected, on_down };

static void on_network(void *arg)
{
    struct app *a = arg;

    list_each(it, &a->parts.platforms)
        platform_network_changed(container_of(it, struct platform, node));
    app_turn(a);
}

static void on_board_event(void *arg, const struct board_event *ev)
{
    struct app *a = arg;

    if (ev->kind == BOARD_SNAPSHOT) {
        snapshots_picture(a->parts.snapshots, ev);
    } else if (ev->kind == BOARD_UPGRADED) {
        upgrade_board_done(a->parts.upgrade, ev->result);
    } else if (ev->kind == BOARD_ALARM) {
        alarm_dispatch_board(&a->alarm_dispatch, ev);
        app_kick(a);
    }
}

static void on_camera_gone(void *arg, struct camera *c)
{
    struct app *a = arg;

    sessions_end_camera(&a->parts.sessions, c, "channel reconfigured");
    snapshots_drop_camera(a->parts.snapshots, c->id);
}

/* ---- lifecycle -------------------------------------------------------------------------------------------- */

/* A camera that has just booted may have no entropy yet; the daemon must not wait for it. */
static void make_seed(uint8_t seed[32])
{
    struct timespec ts[2];
    pid_t pid = getpid();
    int fd;

    if (getrandom(seed, 32, GRND_NONBLOCK) == 32)
        return;
    memset(seed, 0, 32);
    fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, seed, 32) != 32)
            log_warn("gbagentd: weak-random-seed");
        close(fd);
    }
    clock_gettime(CLOCK_MONOTONIC, &ts[0]);
    clock_gettime(CLOCK_REALTIME, &ts[1]);
    for (size_t i = 0; i < 32; i++)
        seed[i] ^= ((const uint8_t *)ts)[i % sizeof(ts)] ^ ((const uint8_t *)&pid)[i % sizeof(pid)];
}

/* Without a usable file, settings are kept in memory only. */
static int open_settings(struct app *a, const char *path)
{
    int err = settings_open(path, &a->parts.settings);

    if (!err || err == -ENOMEM)
        return err;
    log_warn("settings: memory-only file=\"%s\" reason=\"%s\"", path, strerror(-err));
    return settings_open("", &a->parts.settings);
}

static void on_restart_failed(void *arg)
{
    struct app *a = arg;

    (void)reload_apply(&a->parts, a->parts.conf);
    app_kick(a);
}

/* The board may report a new firmware version. */
static void on_firmware(void *arg)
{
    struct app *a = arg;
    int err = cameras_apply_device(a->parts.cameras, &a->parts.conf->device);

    if (err)
        log_warn("board: version-not-updated reason=\"%s\"", strerror(-err));
}

static int open_http(struct app *a)
{
    struct parts *p = &a->parts;
    int err = http_new(p->loop, &a->http);

    if (err && err != -ENOTSUP)
        log_error("http: unavailable reason=\"%s\"", strerror(-err));
    const struct snapshots_config snapshots = {
        .loop = p->loop,
        .http = a->http,
        .cameras = p->cameras,
        .device = p->device,
        .kick = app_kick,
        .arg = a,
    };
    const struct upgrade_config upgrade = {
        .loop = p->loop,
        .http = a->http,
        .cameras = p->cameras,
        .settings = p->settings,
        .device = p->device,
        .refresh = on_firmware,
        .kick = app_kick,
        .arg = a,
    };
    err = snapshots_new(&snapshots, &p->snapshots);
    return err ? err : upgrade_new(&upgrade, &p->upgrade);
}

/* All parts but the control socket, without what reload_apply() configures. */
static int open_parts(struct app *a, struct conf *conf)
{
    struct parts *p = &a->parts;
    struct cameras_config cameras = {
        .loop = p->loop, .event = on_board_event, .gone = on_camera_gone, .changed = app_kick, .arg = a
    };
    uint8_t seed[32];
    int err;

    make_seed(seed);
    err = mux_new(seed, &p->mux);
    memset(seed, 0, sizeof(seed));
    if (!err)
        err = open_settings(a, conf->settings_path);
    if (!err)
        config_store_overlay(p->settings, conf);
    if (!err)
        err = device_new(&conf->device, &p->device);
    if (!err) {
        device_store_init(&p->device_store, p->loop, p->settings, p->device);
        device_control_init(&a->device_control, p, on_restart_failed, a);
    }
    cameras.device = p->device;
    if (!err)
        err = cameras_new(&cameras, &p->cameras);
    sessions_init(&p->sessions, p->loop, p->cameras, app_kick, a);
    if (!err)
        err = sip_transport_new(p->loop, &transport_ops, a, &a->transport);
    p->platform_config = (struct platform_config){
        .loop = p->loop,
        .transport = a->transport,
        .mux = p->mux,
        .device = p->device,
        .kick = app_kick,
        .arg = a,
    };
    return err ? err : open_http(a);
}

int app_new(struct loop *l, struct conf *conf, const char *conf_path, bool background, struct app **out)
{
    struct app *a = calloc(1, sizeof(*a));
    struct parts *p;
    int err;

    if (!a)
        return -ENOMEM;
    p = &a->parts;
    p->loop = l;
    p->conf_path = conf_path;
    p->background = background;
    p->started_us = loop_now_us(l);
    list_init(&p->platforms);
    a->alarm_dispatch.parts = p;
    trace_init(&a->trace, p);
    a->netwatch.watch.fd = -1;
    err = open_parts(a, conf);
    if (!err)
        err = reload_apply(p, conf);
    if (!err) {
        device_control_restore(&a->device_control);
        err = ctl_new(l, conf->control_socket, &app_ctl_ops, a, &a->ctl);
        if (err)
            log_error("control: listen-failed file=\"%s\" reason=\"%s\"", conf->control_socket, strerror(-err));
        /* Only a socket in use by another daemon prevents the start. */
        if (err != -EADDRINUSE)
            err = 0;
    }
    if (err) {
        p->conf = NULL;
        app_free(a);
        return err;
    }
    p->conf = conf;
    a->trace.ctl = a->ctl;
    trace_refresh(&a->trace);
    err = netwatch_open(&a->netwatch, l, on_network, a);
    if (err)
        log_info("network: watch-failed reason=\"%s\"", strerror(-err));
    app_kick(a);
    *out = a;
    return 0;
}

void app_free(struct app *a)
{
    struct parts *p;

    if (!a)
        return;
    p = &a->parts;
    ctl_free(a->ctl);
    device_store_close(&p->device_store);
    device_control_free(&a->device_control);
    netwatch_close(&a->netwatch);
    loop_timer_del(p->loop, &a->turn);
    loop_timer_del(p->loop, &a->stop);
    sessions_free(&p->sessions);
    snapshots_free(p->snapshots);
    upgrade_free(p->upgrade);
    http_free(a->http);
    list_each_safe(it, &p->platforms) {
        struct platform *pf = container_of(it, struct platform, node);

        list_remove(it);
        platform_free(pf);
    }
    sip_transport_free(a->transport);
    cameras_free(p->cameras);
    mux_free(p->mux);
    device_free(p->device);
    settings_free(p->settings);
    conf_free(p->conf);
    free(a);
}

int app_reload(struct app *a, char *reason, size_t size)
{
    int err = reload_config(&a->parts, reason, size);

    if (!err) {
        trace_refresh(&a->trace);
        app_kick(a);
    }
    return err;
}

static void on_stop_timeout(struct loop_timer *t, void *arg)
{
    struct app *a = arg;

    (void)t;
    loop_stop(a->parts.loop, 0);
}

void app_stop(struct app *a)
{
    struct parts *p = &a->parts;
    struct gb_time now;

    if (p->stopping) {
        loop_stop(p->loop, 0);
        return;
    }
    p->stopping = true;
    loop_time(p->loop, &now);
    list_each(it, &p->platforms)
        agent_stop(container_of(it, struct platform, node)->agent, now.mono_ms + PLATFORM_STOP_MS, &now);
    (void)loop_timer_at(p->loop, &a->stop, loop_now_us(p->loop) + (PLATFORM_STOP_MS + 200u) * 1000u, on_stop_timeout,
                        a);
    app_turn(a);
}
