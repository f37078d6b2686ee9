/* SPDX-License-Identifier: MIT */
#include "app/alarm_dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/config_store.h"
#include "app/parts.h"
#include "util/log.h"

#define METHOD_VIDEO    5u
#define VIDEO_MOTION    2u
#define VIDEO_INTRUSION 6u
#define QUIET_US        60000000u /* minimum time between two log lines with the same reason */

/* Why an alarm is not sent; a warning if that is a fault, info if it follows from the state or the config. */
static const struct reason {
    int err;
    enum log_level level;
    const char *text;
} reasons[ALARM_REASONS] = {
    { -EINVAL, LOG_L_WARN, "invalid combination of method, type, event and priority (A.2.5)" },
    { -ENOENT, LOG_L_WARN, "no such channel or alarm input" },
    { -EPERM, LOG_L_INFO, "not on guard (GuardCmd, alarm_requires_guard)" },
    { -ECANCELED, LOG_L_INFO, "disabled by AlarmReport (DeviceConfig)" },
    { -ENETDOWN, LOG_L_INFO, "no platform is online" },
    { -ENOSPC, LOG_L_WARN, "too many alarms queued" },
    { -EAGAIN, LOG_L_DEBUG, "limited by alarm_interval or alarm_latch" },
};

static const struct reason *reason_of(int err)
{
    for (unsigned i = 0; i < ALARM_REASONS; i++)
        if (reasons[i].err == err)
            return &reasons[i];
    return NULL;
}

/* Rate-limited: a board may report motion with every frame. */
static void log_refusal(struct alarm_dispatch *ad, const struct agent_alarm *al, int err)
{
    const struct reason *why = reason_of(err);
    struct alarm_quiet *q = why ? &ad->quiet[why - reasons] : NULL;
    const char *id = al->id[0] ? al->id : ad->parts->conf->device.id;
    const uint64_t now_us = loop_now_us(ad->parts->loop);

    if (!why || why->level == LOG_L_DEBUG || now_us < q->until_us) {
        if (q)
            q->suppressed++;
        log_debug("channel: alarm-not-sent channel=%s reason=\"%s\"", id, why ? why->text : strerror(-err));
        return;
    }
    if (why->level == LOG_L_WARN)
        log_warn(
            "channel: alarm-rejected channel=%s alarm_method=%u alarm_type=%u event_type=%u priority=%u reason=\"%s\" "
            "suppressed=%u",
            id, al->method, al->type, al->event_type, al->priority, why->text, q->suppressed);
    else
        log_info(
            "channel: alarm-dropped channel=%s alarm_method=%u alarm_type=%u event_type=%u priority=%u reason=\"%s\" "
            "suppressed=%u",
            id, al->method, al->type, al->event_type, al->priority, why->text, q->suppressed);
    q->until_us = now_us + QUIET_US;
    q->suppressed = 0;
}

/* send false: only checks. 0: at least one platform accepts the alarm. */
static int offer_to_platforms(struct parts *p, const struct agent_alarm *al, bool send)
{
    struct gb_time now;
    int result = -ENETDOWN;

    loop_time(p->loop, &now);
    list_each(it, &p->platforms) {
        struct platform *pf = container_of(it, struct platform, node);
        int err = send ? agent_alarm(pf->agent, al, &now) : agent_admits_alarm(pf->agent, al, &now);

        if (err)
            log_debug("%s: alarm-not-accepted reason=\"%s\"", pf->cfg.agent.name, strerror(-err));
        if (result)
            result = err;
    }
    return result;
}

/* AlarmReport has two switches: MotionDetection for AlarmMethod 5 type 2, FieldDetection for type 6 (intrusion).
 * The first channel's also apply to the device. */
static bool is_disabled(struct parts *p, const struct agent_alarm *al)
{
    const bool motion = al->method == METHOD_VIDEO && al->type == VIDEO_MOTION;
    const bool field = al->method == METHOD_VIDEO && al->type == VIDEO_INTRUSION;
    struct gb_setting s;

    if ((!motion && !field) || config_store_get(p->settings, p->cameras, al->id, GB_BLOCK_ALARM_REPORT, &s))
        return false;
    return motion ? !s.u.alarm_report.motion : !s.u.alarm_report.field;
}

static int send_alarm(struct parts *p, const struct agent_alarm *al)
{
    return is_disabled(p, al) ? -ECANCELED : offer_to_platforms(p, al, true);
}

void alarm_dispatch_board(struct alarm_dispatch *ad, const struct board_event *ev)
{
    struct agent_alarm al = {
        .method = ev->method, .type = ev->type, .event_type = ev->event_type, .priority = ev->priority
    };
    int err;

    span_copy((struct span){ ev->id, strnlen(ev->id, sizeof(al.id) - 1) }, al.id, sizeof(al.id));
    span_copy((struct span){ ev->description, strnlen(ev->description, sizeof(al.description) - 1) }, al.description,
              sizeof(al.description));
    err = send_alarm(ad->parts, &al);
    if (err)
        log_refusal(ad, &al, err);
}

/* The board reports the simulated alarm, which then passes alarm_dispatch_board(). */
static int simulate_alarm(struct parts *p, const struct agent_alarm *al)
{
    struct board_event ev = { .kind = BOARD_ALARM,
                              .method = al->method,
                              .type = al->type,
                              .event_type = al->event_type,
                              .priority = al->priority };
    int err = is_disabled(p, al) ? -ECANCELED : offer_to_platforms(p, al, false);

    if (err)
        return err;
    span_copy(span_of(al->id), ev.id, sizeof(ev.id));
    span_copy(span_of(al->description), ev.description, sizeof(ev.description));
    return cameras_simulate(p->cameras, &ev);
}

int alarm_dispatch_request(struct alarm_dispatch *ad, const struct agent_alarm *al, char *reason, size_t size)
{
    struct parts *p = ad->parts;
    const struct reason *why;
    int err = cameras_can_simulate(p->cameras, al->id) ? simulate_alarm(p, al) : -ENOTSUP;

    if (err == -ENOTSUP)
        err = send_alarm(p, al);
    if (err)
        log_refusal(ad, al, err);
    why = reason_of(err);
    if (err == -ENOENT)
        snprintf(reason, size, "no channel or alarm input %s", al->id);
    else if (why)
        snprintf(reason, size, "%s", why->text);
    return err;
}
