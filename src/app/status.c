/* SPDX-License-Identifier: MIT */
#include "app/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/parts.h"

static const char *const item_states[] = {
    [DEVICE_ITEM_ON] = "on",
    [DEVICE_ITEM_VLOST] = "vlost",
    [DEVICE_ITEM_DEFECT] = "defect",
    [DEVICE_ITEM_OFF] = "off",
};

static const char *const duties[] = {
    [DEVICE_DUTY_ON] = "onduty",
    [DEVICE_DUTY_OFF] = "offduty",
    [DEVICE_DUTY_ALARM] = "alarm",
};

static const char *const editions[] = { [GB_2011] = "2011", [GB_2016] = "2016", [GB_2022] = "2022" };

static void print_addr(const struct addr *a, char out[ADDR_TEXT_MAX])
{
    out[0] = '\0';
    if (a->family)
        addr_print(a, out);
}

static void fill_platform(const struct platform *pf, uint64_t now_ms, struct ctl_platform *out)
{
    struct agent_status st;

    agent_get_status(pf->agent, &st);
    out->name = pf->cfg.agent.name;
    out->state = agent_state_name(st.state);
    out->since_s = now_ms > st.since_ms ? (now_ms - st.since_ms) / 1000u : 0;
    out->next_retry_s = st.next_retry_ms > now_ms ? (st.next_retry_ms - now_ms + 999u) / 1000u : 0;
    memcpy(out->last_error, st.last_error, sizeof(out->last_error));
    print_addr(&st.server, out->server);
    print_addr(&st.local, out->local);
    print_addr(&st.public_address, out->public_address);
    out->registrations = st.registrations;
    out->keepalives = st.keepalives;
    out->misses = st.keepalive_misses;
    out->refused = st.refused;
    out->unsigned_requests = st.unsigned_requests;
    memcpy(out->server_id, st.server_id, sizeof(out->server_id));
    out->version = editions[st.edition];
}

static void fill_channel(struct parts *p, const struct device_item *item, struct ctl_channel *out)
{
    struct camera *c = item->cfg.kind == DEVICE_CHANNEL ? cameras_find(p->cameras, item->cfg.id) : NULL;
    struct stream_stats st;

    memcpy(out->id, item->cfg.id, sizeof(out->id));
    memcpy(out->name, item->cfg.name, sizeof(out->name));
    out->state = item_states[item->state];
    if (item->cfg.kind == DEVICE_ALARM_INPUT) {
        out->input = item->input < 0 ? "" : item->input ? "on" : "off";
        out->duty = duties[device_duty(p->device, item)];
    }
    if (!c)
        return;
    camera_totals(c, &st);
    out->viewers = st.viewers;
    out->units = st.units;
    out->bytes = st.bytes;
    out->lost = st.lost;
    out->too_large = st.dropped_large;
    out->bad = st.dropped_bad;
    out->before_key = st.before_key;
    out->source_losses = st.losses;
    out->clock_jumps = st.clock_jumps;
}

static void fill_session(const struct session *s, uint64_t now_us, struct ctl_session *out)
{
    const struct viewer_stats *v = s->viewer ? viewer_stats(s->viewer) : NULL;

    out->call = s->call;
    out->platform = agent_get_config(s->agent)->name;
    memcpy(out->channel, s->channel, sizeof(out->channel));
    print_addr(&s->peer, out->peer);
    out->kind = !s->playback ? "live" : s->download ? "download" : "playback";
    out->transport = s->tcp ? "tcp" : "udp";
    out->ssrc = s->ssrc;
    out->state = session_state_name(s);
    out->age_s = (now_us - s->started_us) / 1000000u;
    out->reports = s->reports.count;
    out->report_lost = s->reports.lost > 0 ? (uint64_t)s->reports.lost : 0;
    out->report_loss_permille = (s->reports.fraction_lost * 1000u + 128u) / 256u;
    out->report_jitter_us = s->reports.jitter * UINT64_C(100) / 9u;
    if (!v)
        return;
    out->frames = v->units;
    out->packets = v->packets;
    out->bytes = v->bytes;
    out->dropped_frames = v->dropped_units;
    out->dropped_packets = v->dropped_packets;
    out->send_errors = v->send_errors;
    out->calls = v->send_calls;
    out->bitrate = v->bitrate;
}

static void fill_ended(const struct session_ended *e, struct ctl_ended *out)
{
    out->call = e->call;
    memcpy(out->platform, e->platform, sizeof(out->platform));
    memcpy(out->channel, e->channel, sizeof(out->channel));
    print_addr(&e->peer, out->peer);
    memcpy(out->why, e->reason, sizeof(out->why));
}

static unsigned count_platforms(const struct parts *p)
{
    unsigned n = 0;

    list_each(it, &p->platforms)
        n++;
    return n;
}

int status_snapshot(struct parts *p, struct ctl_snapshot *out)
{
    uint64_t now_us = loop_now_us(p->loop);
    unsigned items = device_item_count(p->device);
    const struct session_ended *e;

    out->device = p->conf->device.id;
    out->uptime_s = (now_us - p->started_us) / 1000000u;
    out->wakeups = loop_wakeups(p->loop);
    out->unknown_sources = mux_unknown_sources(p->mux);
    out->platform = calloc(count_platforms(p) + 1, sizeof(*out->platform));
    out->channel = calloc(items + 1, sizeof(*out->channel));
    out->session = calloc(p->sessions.count + 1, sizeof(*out->session));
    out->ended = calloc(SESSIONS_ENDED, sizeof(*out->ended));
    out->upgrade = calloc(1, sizeof(*out->upgrade));
    if (!out->platform || !out->channel || !out->session || !out->ended || !out->upgrade)
        return -ENOMEM;
    list_each(it, &p->platforms)
        fill_platform(container_of(it, struct platform, node), now_us / 1000u, &out->platform[out->nplatforms++]);
    cameras_read_inputs(p->cameras);
    for (unsigned i = 0; i < items; i++)
        fill_channel(p, device_item_at(p->device, i), &out->channel[out->nchannels++]);
    list_each(jt, &p->sessions.list)
        fill_session(container_of(jt, struct session, node), now_us, &out->session[out->nsessions++]);
    out->nupgrades = upgrade_status(p->upgrade, out->upgrade);
    while ((e = sessions_ended_at(&p->sessions, out->nended)))
        fill_ended(e, &out->ended[out->nended++]);
    return 0;
}
