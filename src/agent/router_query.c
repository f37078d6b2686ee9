/* SPDX-License-Identifier: MIT */
/* Queries: answered from the device's data, in pages, or after asking the board. */
#include "agent/command_log.h"
#include "agent/router_priv.h"

#include <errno.h>
#include <string.h>

#include "agent/alarm_input.h"
#include "agent/pager.h"
#include "device/device.h"
#include "manscdp/config.h"
#include "manscdp/cruise.h"
#include "manscdp/device_info.h"
#include "manscdp/device_status.h"
#include "manscdp/home_position.h"
#include "manscdp/position.h"
#include "manscdp/presets.h"
#include "manscdp/record.h"
#include "manscdp/storage.h"
#include "util/log.h"

#define DUTY_MAX 256u

static bool is_channel(const struct router *r, const char *id)
{
    return device_channel_for(r->ua->dev, span_of(id)) != NULL;
}

/* The item with that ID; NULL if it is the device's ID or unknown. */
static const struct device_item *item_of(const struct router *r, const char *id)
{
    return router_is_device(r, id) ? NULL : device_item_find(r->ua->dev, span_of(id));
}

static const char *name_of(const struct router *r, const char *id)
{
    const struct device_item *item = item_of(r, id);

    return item ? item->cfg.name : device_config(r->ua->dev)->name;
}

/* ---- DeviceInfo ---------------------------------------------------------------------------------- */

static void answer_info(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const struct device_config *dc = device_config(d);
    const struct device_item *item = item_of(r, m->device_id);
    const struct device_info info = {
        .name = name_of(r, m->device_id),
        .firmware = dc->firmware,
        .manufacturer = item && item->cfg.manufacturer[0] ? item->cfg.manufacturer : dc->manufacturer,
        .model = item && item->cfg.model[0] ? item->cfg.model : dc->model,
        .channels = device_channel_count(d),
        .alarm_inputs = device_input_count(d),
    };
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    device_info_put(&an->xml, r->ua->cfg.edition, &info);
    router_answer_send(an, now);
}

/* ---- DeviceStatus -------------------------------------------------------------------------------- */

/* DutyStatus as this platform sees it, which has its own latch and may not get alarms at all. */
static struct duty_status duty_of(const struct router *r, const struct device_item *it, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const bool unset = device_state_guard(device_state(d), it->cfg.id) == DEVICE_GUARD_UNSET;
    const enum device_duty duty = device_duty(d, it);
    const bool off = duty == DEVICE_DUTY_OFF || (unset && r->ua->cfg.alarm_requires_guard);

    return (struct duty_status){
        .id = it->cfg.id,
        .off = off,
        .alarm = !off && (duty == DEVICE_DUTY_ALARM || alarm_inputs_latched(r->alarm_inputs, it->cfg.id, now)),
    };
}

/* The alarm inputs in the answer: all of the device, or the input itself. */
static unsigned collect_duty(const struct router *r, const char *id, const struct gb_time *now,
                             struct duty_status duty[DUTY_MAX])
{
    const struct device *d = r->ua->dev;
    const struct device_item *it = device_item_find(d, span_of(id));
    unsigned n = 0;

    if (!router_is_device(r, id)) {
        if (it && it->cfg.kind == DEVICE_ALARM_INPUT)
            duty[n++] = duty_of(r, it, now);
        return n;
    }
    while (n < DUTY_MAX && (it = device_input_at(d, n)))
        duty[n++] = duty_of(r, it, now);
    return n;
}

static const char *why_not_ok(const struct device_item *item, const struct agent_status_reply *reply)
{
    static const char *const reasons[] = {
        [DEVICE_ITEM_ON] = "",
        [DEVICE_ITEM_VLOST] = "video lost",
        [DEVICE_ITEM_DEFECT] = "defect",
        [DEVICE_ITEM_OFF] = "off",
    };

    if (!reply->ok)
        return reply->reason[0] ? reply->reason : "error";
    return item ? reasons[item->state] : "";
}

static void answer_status(struct router *r, const struct manscdp_request *m, const struct agent_status_reply *reply,
                          const struct gb_time *now)
{
    const struct device_item *item = item_of(r, m->device_id);
    struct duty_status duty[DUTY_MAX];
    struct device_status s = {
        .online = !item || item->state != DEVICE_ITEM_OFF,
        .reason = why_not_ok(item, reply),
        .encode = reply->encode,
        .record = reply->record,
        .duty = duty,
        .nduty = collect_duty(r, m->device_id, now, duty),
    };
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    walltime_print(now->unix_ms, now->utc_offset_s, s.time);
    device_status_put(&an->xml, &s);
    /* Only the list of alarm inputs can exceed a datagram; it is optional, so it is cut to fit. */
    while (!router_answer_fits(an) && s.nduty) {
        s.nduty -= s.nduty / 8 + 1;
        router_answer_restart(an);
        device_status_put(&an->xml, &s);
    }
    router_answer_send(an, now);
}

static void refuse_status(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    (void)r;
    (void)m;
    device_status_put_error(b);
}

static void time_out_status(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    static const struct agent_status_reply unknown = {
        .reason = "the board does not answer",
        .encode = -1,
        .record = -1,
    };

    answer_status(r, m, &unknown, now);
}

int router_reply_status(struct router *r, uint32_t token, const struct agent_status_reply *reply,
                        const struct gb_time *now)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_STATUS);

    if (!p)
        return -ENOENT;
    router_pending_remove(p);
    answer_status(r, &p->request, reply, now);
    return 0;
}

/* ---- MobilePosition ------------------------------------------------------------------------------ */

/* geo NULL: the position in the config. */
static void answer_position(struct router *r, const struct manscdp_request *m, const struct board_geo *geo,
                            const struct gb_time *now)
{
    struct mobile_position p = { .device_id = m->device_id, .list = r->ua->cfg.position_format == POSITION_LIST };
    const bool known = geo || device_position(r->ua->dev, m->device_id, &p.geo.longitude, &p.geo.latitude);
    struct router_answer *an;

    if (!known) {
        router_respond(r, m, false, now);
        return;
    }
    if (geo)
        p.geo = *geo;
    walltime_print(now->unix_ms, now->utc_offset_s, p.time);
    an = router_answer_begin(r, m, now);
    if (!an)
        return;
    mobile_position_put(&an->xml, &p);
    router_answer_send(an, now);
}

static void time_out_position(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    answer_position(r, m, NULL, now);
}

int router_reply_geo(struct router *r, uint32_t token, const struct board_geo *geo, const struct gb_time *now)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_MOBILE_POSITION);

    if (!p)
        return -ENOENT;
    router_pending_remove(p);
    answer_position(r, &p->request, geo, now);
    return 0;
}

/* ---- PTZPosition --------------------------------------------------------------------------------- */

int router_reply_head(struct router *r, uint32_t token, const struct board_head *head, const struct gb_time *now)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_PTZ_POSITION);
    struct router_answer *an;

    if (!p)
        return -ENOENT;
    router_pending_remove(p);
    if (!head) {
        router_respond(r, &p->request, false, now);
        return 0;
    }
    an = router_answer_begin(r, &p->request, now);
    if (an) {
        ptz_position_put(&an->xml, head);
        router_answer_send(an, now);
    }
    return 0;
}

/* ---- SDCardStatus -------------------------------------------------------------------------------- */

static void refuse_storage(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    (void)r;
    (void)m;
    storage_status_put(b, NULL, 0);
}

int router_reply_storage(struct router *r, uint32_t token, const struct board_card *card, unsigned ncards,
                         const struct gb_time *now)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_STORAGE);
    struct router_answer *an;

    if (!p)
        return -ENOENT;
    router_pending_remove(p);
    if (!card) {
        router_respond(r, &p->request, false, now);
        return 0;
    }
    an = router_answer_begin(r, &p->request, now);
    if (an) {
        storage_status_put(&an->xml, card, ncards < BOARD_CARDS_MAX ? ncards : BOARD_CARDS_MAX);
        router_answer_send(an, now);
    }
    return 0;
}

/* ---- HomePositionQuery --------------------------------------------------------------------------- */

static void answer_home(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const struct device_item *channel = device_channel_for(d, span_of(m->device_id));
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    home_position_put(&an->xml, device_state_home(device_state(d), channel->cfg.id));
    router_answer_send(an, now);
}

/* ---- lists, in pages ----------------------------------------------------------------------------- */

static void log_refused(struct router *r, const struct manscdp_request *m, const char *reason,
                        const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];

    log_warn_gated(&r->refusals, now->mono_ms, "%s: query-refused command=%s reason=\"%s\"", r->ua->cfg.name,
                   command_log(command, m->cmd_type, m->sn, m->device_id), reason);
}

/* 0, -EALREADY or -ENOSPC; an error has been logged. */
static int begin_pages(struct router *r, const struct pager_source *source, const struct manscdp_request *m,
                       const union pager_args *args, const struct gb_time *now)
{
    int err = pager_start(r->pager, source, m->sn, m->device_id, args, now);

    if (err)
        log_refused(r, m, err == -EALREADY ? "already being answered" : "too many queries", now);
    return err;
}

static void answer_in_pages(struct router *r, const struct pager_source *source, const struct manscdp_request *m,
                            const union pager_args *args, const struct gb_time *now)
{
    if (begin_pages(r, source, m, args, now) == -ENOSPC)
        router_respond(r, m, false, now);
}

static void answer_presets(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    answer_in_pages(r, &preset_pages, m, NULL, now);
}

static void refuse_presets(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    (void)m;
    preset_list_open(b, r->ua->cfg.edition >= GB_2022, 0, 0);
    preset_list_close(b);
}

static void answer_tracks(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    answer_in_pages(r, &track_pages, m, NULL, now);
}

static void refuse_tracks(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    (void)r;
    (void)m;
    cruise_list_open(b, 0, 0);
    cruise_list_close(b, 0);
}

static void answer_track(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct device *d = r->ua->dev;
    const struct device_item *item = device_channel_for(d, span_of(m->device_id));
    const union pager_args args = { .number = m->u.number };

    if (device_state_track_find(device_state(d), item->cfg.id, m->u.number))
        answer_in_pages(r, &track_point_pages, m, &args, now);
    else
        router_respond(r, m, false, now);
}

static void refuse_track(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    (void)r;
    cruise_track_open(b, m->u.number, NULL, 0, 0);
    cruise_track_close(b, 0);
}

/* Logs the missing or invalid time, or else `why`. */
static void log_bad_query(struct router *r, const struct manscdp_request *m, const char *why, const struct gb_time *now)
{
    const struct manscdp_bad_time *t = &m->bad_time;
    char command[COMMAND_LOG_SIZE], value[LOG_QUOTED_SIZE];

    if (!t->element) {
        log_refused(r, m, why, now);
        return;
    }
    log_warn_gated(&r->refusals, now->mono_ms, "%s: query-refused command=%s element=%s value=%s reason=\"%s\"",
                   r->ua->cfg.name, command_log(command, m->cmd_type, m->sn, m->device_id), t->element,
                   log_quoted(value, sizeof(value), span_of(t->text)), t->text[0] ? "invalid time" : "missing time");
}

/* ---- Catalog ------------------------------------------------------------------------------------- */

/* Why there is no answer, or NULL. */
static const char *why_no_catalog(const struct router *r, const struct manscdp_request *m,
                                  const struct manscdp_period *p)
{
    if (!router_is_known(r, m->device_id))
        return "unknown channel";
    if (m->error)
        return "malformed";
    return p->has_from && p->has_to && p->from.unix_s > p->to.unix_s ? "StartTime is after EndTime" : NULL;
}

static void answer_catalog(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    union pager_args args = { .period = m->u.period };
    const char *why;

    args.period.from = (struct manscdp_time){ manscdp_time_unix(&m->u.period.from, now->utc_offset_s), false };
    args.period.to = (struct manscdp_time){ manscdp_time_unix(&m->u.period.to, now->utc_offset_s), false };
    /* A Catalog Response has no Result, and SumNum 0 would delete every channel at the platform: no answer is better
     * than an ERROR. The ID of a channel means the device. */
    why = why_no_catalog(r, m, &args.period);
    if (why)
        log_bad_query(r, m, why, now);
    else
        (void)begin_pages(r, &catalog_pages, m, &args, now);
}

/* ---- RecordInfo ---------------------------------------------------------------------------------- */

/* Why the answer is ERROR, or NULL. */
static const char *why_no_records(const struct router *r, const struct manscdp_request *m,
                                  const struct board_record_query *q)
{
    if (m->error && m->error != -ENOENT)
        return "malformed";
    if (!device_channel_for(r->ua->dev, span_of(m->device_id)))
        return "unknown channel";
    return !m->error && q->start_unix_s > q->end_unix_s ? "StartTime is after EndTime" : NULL;
}

/* Why the answer is empty, or NULL. */
static const char *why_empty(const struct manscdp_request *m)
{
    if (m->error)
        return "no recording matches the filter";
    /* If To is the platform, it asks for its own recordings (9.7). */
    return m->u.records.centre && !m->u.records.indistinct ? "query for recordings of the platform" : NULL;
}

/* Platforms put the ID of the channel into filters, as the standard's sample does, and mean no filter. */
static void ignore_own_id(const struct router *r, const char *asked, char *filter)
{
    if (filter[0] && (!strcmp(filter, asked) || router_is_known(r, filter)))
        filter[0] = '\0';
}

static void answer_records(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    char command[COMMAND_LOG_SIZE];
    const char *why;
    union pager_args args = { .records = m->u.records };

    args.records.utc_offset_s = now->utc_offset_s;
    args.records.query.start_unix_s = manscdp_time_unix(&m->u.records.start, now->utc_offset_s);
    args.records.query.end_unix_s = manscdp_time_unix(&m->u.records.end, now->utc_offset_s);
    ignore_own_id(r, m->device_id, args.records.query.path);
    ignore_own_id(r, m->device_id, args.records.query.address);
    ignore_own_id(r, m->device_id, args.records.query.recorder);
    why = why_no_records(r, m, &args.records.query);
    if (why) {
        log_bad_query(r, m, why, now);
        router_respond(r, m, false, now);
        return;
    }
    why = why_empty(m);
    if (why)
        log_info_gated(&r->refusals, now->mono_ms, "%s: records-empty command=%s reason=\"%s\"", r->ua->cfg.name,
                       command_log(command, m->cmd_type, m->sn, m->device_id), why);
    answer_in_pages(r, why ? &record_none_pages : &record_pages, m, &args, now);
}

static void refuse_records(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    record_list_open(b, name_of(r, m->device_id), 0, 0);
}

/* ---- ConfigDownload ---------------------------------------------------------------------------- */

static void answer_basic(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct agent_config *cfg = &r->ua->cfg;
    const struct device *d = r->ua->dev;
    const struct device_item *item = item_of(r, m->device_id);
    struct config_basic basic = {
        .name = name_of(r, m->device_id),
        .expires_s = cfg->expires_s,
        .heartbeat_s = cfg->keepalive_interval_s,
        .heartbeat_count = cfg->keepalive_count,
        .has_geo = device_config(d)->has_geo,
    };
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    if (!item) {
        basic.has_position = device_position(d, "", &basic.longitude, &basic.latitude);
    } else if (item->cfg.has_position) {
        basic.has_position = true;
        basic.longitude = item->cfg.longitude;
        basic.latitude = item->cfg.latitude;
    }
    config_basic_put(&an->xml, cfg->edition, &basic);
    router_answer_send(an, now);
}

static void answer_block(struct router *r, const struct manscdp_request *m, const struct gb_setting *setting,
                         const struct gb_time *now)
{
    struct router_answer *an = router_answer_begin(r, m, now);

    if (!an)
        return;
    config_block_put(&an->xml, setting);
    router_answer_send(an, now);
}

static enum gb_block lowest(unsigned want)
{
    unsigned i = 0;

    while (i < GB_BLOCKS && !(want & 1u << i))
        i++;
    return (enum gb_block)i;
}

/* Asks the owner for the next block. Blocks without a target count as unknown: an alarm input has no video, or a reload
 * removed the channel. false: none is left. */
static bool ask_block(struct router *r, struct router_pending *p)
{
    struct manscdp_request *m = &p->request;

    while (m->u.config.want) {
        const enum gb_block block = lowest(m->u.config.want);
        const struct agent_event ev = {
            .kind = AGENT_QUERY,
            .token = p->token,
            .channel = router_block_target(r, m->device_id, block),
            .u.query = { .kind = AGENT_QUERY_SETTING, .block = block },
        };
        if (ev.channel) {
            ua_event_push(r->ua, &ev);
            return true;
        }
        m->u.config.want &= ~(1u << block);
        m->u.config.unknown = true;
    }
    return false;
}

/* One ERROR for each block without a value and one for all unknown blocks; last, because platforms stop at the first
 * ERROR. */
static void answer_missing(struct router *r, const struct manscdp_request *m, unsigned blocks,
                           const struct gb_time *now)
{
    for (unsigned i = 0; i < blocks + (m->u.config.unknown ? 1 : 0); i++)
        router_respond(r, m, false, now);
}

/* BasicParam is in our config; the owner is asked for the other blocks, one at a time. */
static void answer_download(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    struct manscdp_request rest = *m;
    struct router_pending *p;

    if (rest.u.config.want & 1u << GB_BLOCK_BASIC) {
        rest.u.config.want &= ~(1u << GB_BLOCK_BASIC);
        answer_basic(r, m, now);
    }
    p = rest.u.config.want ? router_pending_add(r, &rest, now) : NULL;
    if (p) {
        p->left = 0;
        if (ask_block(r, p))
            return;
        router_pending_remove(p);
    }
    rest.u.config.unknown = rest.u.config.unknown || rest.u.config.want;
    answer_missing(r, &rest, 0, now);
}

int router_reply_setting(struct router *r, uint32_t token, int err, const struct gb_setting *setting,
                         const struct gb_time *now)
{
    struct router_pending *p = router_pending_find(r, token, MANSCDP_DOWNLOAD);
    enum gb_block block;

    if (!p)
        return -ENOENT;
    block = lowest(p->request.u.config.want);
    p->request.u.config.want &= ~(1u << block);
    if (err || !setting || setting->block != block)
        p->left++;
    else
        answer_block(r, &p->request, setting, now);
    if (ask_block(r, p)) {
        p->deadline_ms = now->mono_ms + ROUTER_PENDING_MS;
        return 0;
    }
    router_pending_remove(p);
    answer_missing(r, &p->request, p->left, now);
    return 0;
}

/* ---- the table ----------------------------------------------------------------------------------- */

/* How a query is answered. */
static const struct query {
    bool (*is_for)(const struct router *r, const char *id); /* ERROR for other IDs; NULL: `answer` checks it */
    void (*answer)(struct router *r, const struct manscdp_request *m,
                   const struct gb_time *now); /* NULL: the board is asked */
    enum agent_query_kind ask;                 /* for this; router_reply_* has the reply */
    void (*time_out)(struct router *r, const struct manscdp_request *m,
                     const struct gb_time *now);                                            /* no reply; NULL: ERROR */
    void (*refuse)(const struct router *r, const struct manscdp_request *m, struct buf *b); /* elements after ERROR */
} queries[] = {
    [MANSCDP_CATALOG] = { .answer = answer_catalog },
    [MANSCDP_INFO] = { .is_for = router_is_known, .answer = answer_info },
    [MANSCDP_STATUS] = { .is_for = router_is_known,
                         .ask = AGENT_QUERY_STATUS,
                         .time_out = time_out_status,
                         .refuse = refuse_status },
    [MANSCDP_DOWNLOAD] = { .is_for = router_is_known, .answer = answer_download },
    [MANSCDP_RECORDS] = { .answer = answer_records, .refuse = refuse_records },
    [MANSCDP_PRESETS] = { .is_for = is_channel, .answer = answer_presets, .refuse = refuse_presets },
    [MANSCDP_MOBILE_POSITION] = { .is_for = router_is_known, .ask = AGENT_QUERY_GEO, .time_out = time_out_position },
    [MANSCDP_HOME] = { .is_for = is_channel, .answer = answer_home },
    [MANSCDP_CRUISE_TRACKS] = { .is_for = is_channel, .answer = answer_tracks, .refuse = refuse_tracks },
    [MANSCDP_CRUISE_TRACK] = { .is_for = is_channel, .answer = answer_track, .refuse = refuse_track },
    [MANSCDP_PTZ_POSITION] = { .is_for = is_channel, .ask = AGENT_QUERY_HEAD },
    [MANSCDP_STORAGE] = { .is_for = router_is_known, .ask = AGENT_QUERY_STORAGE, .refuse = refuse_storage },
};

static const struct query *query_of(const struct manscdp_request *m)
{
    static const struct query none;

    return m->row->action < sizeof(queries) / sizeof(queries[0]) ? &queries[m->row->action] : &none;
}

/* ERROR when too many requests are pending. */
static void ask_board(struct router *r, const struct manscdp_request *m, enum agent_query_kind kind,
                      const struct gb_time *now)
{
    struct router_pending *p = router_pending_add(r, m, now);

    if (!p) {
        router_respond(r, m, false, now);
        return;
    }
    const struct agent_event ev = {
        .kind = AGENT_QUERY,
        .token = p->token,
        .channel = router_is_device(r, m->device_id) ? "" : p->request.device_id,
        .u.query.kind = kind,
    };
    ua_event_push(r->ua, &ev);
}

void router_query(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct query *q = query_of(m);

    if (q->is_for && (m->error || !q->is_for(r, m->device_id)))
        router_respond(r, m, false, now);
    else if (q->answer)
        q->answer(r, m, now);
    else
        ask_board(r, m, q->ask, now);
}

void router_put_refusal(const struct router *r, const struct manscdp_request *m, struct buf *b)
{
    const struct query *q = query_of(m);

    if (q->refuse)
        q->refuse(r, m, b);
}

void router_pending_timeout(struct router *r, const struct manscdp_request *m, const struct gb_time *now)
{
    const struct query *q = query_of(m);

    if (q->time_out)
        q->time_out(r, m, now);
    else
        router_respond(r, m, false, now);
}
