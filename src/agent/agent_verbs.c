/* SPDX-License-Identifier: MIT */
/*
 * The functions of agent/agent.h. One that may change an agent calls the module's function and returns through leave();
 * `make check-layers` checks this.
 */
#include "agent/agent_impl.h"

#include <string.h>

/* Updates the agent's deadline. */
static int leave(struct agent *a, int result, const struct gb_time *now)
{
    agent_update_deadline(a, now);
    return result;
}

/* ---- lifecycle -------------------------------------------------------------------------- */

int agent_apply(struct agent *a, const struct agent_config *cfg, const struct gb_time *now)
{
    return leave(a, agent_do_apply(a, cfg, now), now);
}

void agent_set_basic(struct agent *a, const struct gb_basic *b, const struct gb_time *now)
{
    agent_do_set_basic(a, b, now);
    leave(a, 0, now);
}

void agent_link_up(struct agent *a, uint32_t link, const struct addr *local, const struct addr *server,
                   unsigned nserver, const struct gb_time *now)
{
    agent_do_link_up(a, link, local, server, nserver, now);
    leave(a, 0, now);
}

void agent_link_failed(struct agent *a, const char *why, const struct gb_time *now)
{
    agent_do_link_failed(a, why, now);
    leave(a, 0, now);
}

void agent_network_changed(struct agent *a, const struct gb_time *now)
{
    if (a->ua.state == AGENT_ONLINE)
        keepalive_now(&a->keepalive, now);
    else
        registration_retry_now(&a->reg, now);
    leave(a, 0, now);
}

void agent_device_changed(struct agent *a, const struct gb_time *now)
{
    agent_do_device_changed(a, now);
    leave(a, 0, now);
}

void agent_stop(struct agent *a, uint64_t deadline_ms, const struct gb_time *now)
{
    agent_do_stop(a, deadline_ms, now);
    leave(a, 0, now);
}

/* ---- calls ------------------------------------------------------------------------------ */

int agent_call_accept(struct agent *a, uint32_t call, const struct call_answer *answer, const struct gb_time *now)
{
    return leave(a, call_accept(&a->calls, call, answer, now), now);
}

int agent_call_reject(struct agent *a, uint32_t call, unsigned status, const struct gb_time *now)
{
    return leave(a, call_reject(&a->calls, call, status, now), now);
}

int agent_call_ended(struct agent *a, uint32_t call, const char *why, const struct gb_time *now)
{
    return leave(a, call_ended(&a->calls, call, why, now), now);
}

int agent_call_eof(struct agent *a, uint32_t call, const struct gb_time *now)
{
    return leave(a, call_eof(&a->calls, call, now), now);
}

int agent_call_control_done(struct agent *a, uint32_t call, uint32_t token, unsigned rtsp_status,
                            const struct gb_time *now)
{
    return leave(a, call_control_done(&a->calls, call, token, rtsp_status, now), now);
}

/* ---- replies ---------------------------------------------------------------------------- */

int agent_reply_status(struct agent *a, uint32_t token, const struct agent_status_reply *r, const struct gb_time *now)
{
    return leave(a, router_reply_status(&a->router, token, r, now), now);
}

/* NULL if the position is invalid, for instance NaN from a receiver without a fix. */
static const struct board_geo *valid_geo(const struct board_geo *geo)
{
    const bool valid = geo && geo->longitude >= -180 && geo->longitude <= 180 && geo->latitude >= -90 &&
                       geo->latitude <= 90;

    return valid ? geo : NULL;
}

int agent_reply_geo(struct agent *a, uint32_t token, const struct board_geo *geo, const struct gb_time *now)
{
    geo = valid_geo(geo);
    return leave(a,
                 token & SUBSCRIPTION_TOKEN ? subscriptions_reply_geo(&a->subscriptions, token, geo, now)
                                            : router_reply_geo(&a->router, token, geo, now),
                 now);
}

int agent_reply_head(struct agent *a, uint32_t token, const struct board_head *head, const struct gb_time *now)
{
    return leave(a,
                 token & SUBSCRIPTION_TOKEN ? subscriptions_reply_head(&a->subscriptions, token, head, now)
                                            : router_reply_head(&a->router, token, head, now),
                 now);
}

int agent_reply_storage(struct agent *a, uint32_t token, const struct board_card *card, unsigned ncards,
                        const struct gb_time *now)
{
    return leave(a, router_reply_storage(&a->router, token, card, ncards, now), now);
}

int agent_reply_setting(struct agent *a, uint32_t token, int err, const struct gb_setting *setting,
                        const struct gb_time *now)
{
    return leave(a, router_reply_setting(&a->router, token, err, setting, now), now);
}

int agent_reply_records(struct agent *a, uint32_t token, int err, const struct board_record *records, unsigned n,
                        unsigned total, const struct gb_time *now)
{
    return leave(a, pager_fetched(&a->pager, token, err, records, n, total, now), now);
}

int agent_reply_result(struct agent *a, uint32_t token, int err, const struct gb_time *now)
{
    return leave(a, router_reply_result(&a->router, token, err, now), now);
}

/* ---- notifications ---------------------------------------------------------------------- */

int agent_alarm(struct agent *a, const struct agent_alarm *al, const struct gb_time *now)
{
    return leave(a, alarm_raise(&a->alarms, al, now), now);
}

int agent_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now)
{
    return leave(a, notifier_video_upload(&a->notifier, id, valid_geo(geo), now), now);
}

int agent_notify_snapshot(struct agent *a, const struct agent_snapshot_done *done, const struct gb_time *now)
{
    return leave(a, notifier_snapshot(&a->notifier, done, now), now);
}

int agent_notify_upgrade(struct agent *a, const struct agent_upgrade_done *done, uint32_t *token,
                         const struct gb_time *now)
{
    return leave(a, notifier_upgrade(&a->notifier, done, token, now), now);
}

/* ---- output and status: these change nothing ------------------------------------------------ */

bool agent_next_packet(struct agent *a, struct agent_packet *out)
{
    return ua_next_packet(&a->ua, out);
}

bool agent_next_event(struct agent *a, struct agent_event *out)
{
    return ua_next_event(&a->ua, out);
}

void *agent_owner(const struct agent *a)
{
    return a->user;
}

void agent_set_owner(struct agent *a, void *user)
{
    a->user = user;
}

const struct agent_config *agent_get_config(const struct agent *a)
{
    return &a->ua.cfg;
}

bool agent_accepts_ip(const struct agent *a, const struct addr *from)
{
    return ua_accepts_ip(&a->ua, from);
}

int agent_admits_alarm(const struct agent *a, const struct agent_alarm *al, const struct gb_time *now)
{
    return alarm_admits(&a->alarms, al, now);
}

void agent_get_status(const struct agent *a, struct agent_status *out)
{
    *out = (struct agent_status){
        .state = a->ua.state,
        .since_ms = a->ua.since_ms,
        .local = a->ua.local,
        .public_address = a->ua.public_address,
        .registrations = a->reg.successes,
        .keepalives = a->keepalive.sent,
        .keepalive_misses = a->keepalive.misses,
        .calls = a->calls.total,
        .refused = a->ua.refused,
        .unsigned_requests = a->ua.unsigned_requests,
        .edition = a->ua.cfg.edition,
    };
    memcpy(out->server_id, a->ua.cfg.server_id, sizeof(out->server_id));
    if (a->ua.nserver > 0)
        out->server = a->ua.server[0];
    if (a->ua.state == AGENT_WAITING)
        out->next_retry_ms = a->reg.deadline_ms;
    memcpy(out->last_error, a->ua.last_error, sizeof(out->last_error));
}
