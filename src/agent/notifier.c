/* SPDX-License-Identifier: MIT */
#include "agent/notifier.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/snapshot.h"
#include "manscdp/upgrade.h"
#include "manscdp/video_upload.h"
#include "ua/ua.h"
#include "util/log.h"

#define BODY_MAX   4096u
#define UPLOAD_MAX 1024u
_Static_assert(AGENT_FILE_ID_SIZE == SNAPSHOT_FILE_ID_SIZE, "two names for one size");

struct notifier_entry {
    struct notifier_entry *next;
    uint32_t ref;
    const char *cmd_type; /* for the log */
    unsigned tries;
    bool in_flight;
    uint64_t due_ms, end_ms;
    size_t len;
    char body[];
};

void notifier_init(struct notifier *n, struct ua *u)
{
    memset(n, 0, sizeof(*n));
    n->ua = u;
    n->next_ref = 1;
}

void notifier_free(struct notifier *n)
{
    while (n->head) {
        struct notifier_entry *e = n->head;
        n->head = e->next;
        free(e);
    }
    n->count = 0;
}

static void entry_end(struct notifier *n, struct notifier_entry *gone, int result)
{
    struct agent_event ev = { .kind = AGENT_NOTIFIED, .token = gone->ref, .u.notified = result };

    for (struct notifier_entry **at = &n->head; *at; at = &(*at)->next) {
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    }
    n->count--;
    if (result)
        log_warn("%s: notify-dropped command=%s reason=\"%s\"", n->ua->cfg.name, gone->cmd_type,
                 result == -EPROTO ? "refused" : strerror(-result));
    free(gone);
    ua_event_push(n->ua, &ev);
}

/* Sends one notification at a time, in order. */
static void send_due(struct notifier *n, const struct gb_time *now)
{
    while (n->head && !n->head->in_flight && n->head->end_ms <= now->mono_ms)
        entry_end(n, n->head, -ETIMEDOUT);
    struct notifier_entry *e = n->head;
    if (!e || e->in_flight || e->due_ms > now->mono_ms || !ua_online(n->ua))
        return;
    int err = ua_send_message(n->ua, MESSAGE_QUEUED_NOTIFY, e->ref, (struct span){ e->body, e->len }, now);
    e->tries++;
    if (!err)
        e->in_flight = true;
    else if (e->tries >= NOTIFIER_TRIES_MAX)
        entry_end(n, e, err);
    else
        e->due_ms = now->mono_ms + NOTIFIER_RETRY_MS;
}

/* Copies the body. -ENOSPC, -ENOMEM. */
static int add(struct notifier *n, const char *cmd_type, struct span body, uint32_t *token, const struct gb_time *now)
{
    struct notifier_entry *e, **at = &n->head;

    if (n->count >= NOTIFIER_QUEUE_MAX)
        return -ENOSPC;
    e = malloc(sizeof(*e) + body.n);
    if (!e)
        return -ENOMEM;
    *e = (struct notifier_entry){
        .ref = n->next_ref++,
        .cmd_type = cmd_type,
        .due_ms = now->mono_ms,
        .end_ms = now->mono_ms + NOTIFIER_KEEP_MS,
        .len = body.n,
    };
    n->next_ref += !n->next_ref;
    memcpy(e->body, body.p, body.n);
    while (*at)
        at = &(*at)->next;
    *at = e;
    n->count++;
    if (token)
        *token = e->ref;
    send_due(n, now);
    return 0;
}

void notifier_message_done(struct notifier *n, uint32_t ref, int status, const struct gb_time *now)
{
    struct notifier_entry *e = n->head;

    while (e && !(e->ref == ref && e->in_flight))
        e = e->next;
    if (!e)
        return;
    e->in_flight = false;
    if (status >= 200 && status < 300)
        entry_end(n, e, 0);
    else if (status > 0 && status != 408 && status < 500)
        entry_end(n, e, -EPROTO); /* a retry would be refused, too */
    else if (status >= 0 && e->tries >= NOTIFIER_TRIES_MAX)
        entry_end(n, e, -ETIMEDOUT);
    else
        e->due_ms = now->mono_ms + NOTIFIER_RETRY_MS;
    send_due(n, now);
}

void notifier_offline(struct notifier *n)
{
    for (struct notifier_entry *e = n->head; e; e = e->next) {
        e->in_flight = false;
        e->tries = 0;
    }
}

void notifier_tick(struct notifier *n, const struct gb_time *now)
{
    send_due(n, now);
}

uint64_t notifier_deadline(const struct notifier *n)
{
    const struct notifier_entry *e = n->head;

    if (!e || e->in_flight)
        return UINT64_MAX;
    return ua_online(n->ua) && e->due_ms < e->end_ms ? e->due_ms : e->end_ms;
}

/* ---- queued ---------------------------------------------------------------------------------------- */

static int add_utf8(struct notifier *n, const char *cmd_type, const struct buf *utf8, uint32_t *token,
                    const struct gb_time *now)
{
    char mem[BODY_MAX];
    struct buf body;
    int err;

    buf_init(&body, mem, sizeof(mem));
    err = manscdp_convert(n->ua->cfg.charset, utf8, &body);
    return err ? err : add(n, cmd_type, buf_view(&body), token, now);
}

int notifier_snapshot(struct notifier *n, const struct agent_snapshot_done *done, const struct gb_time *now)
{
    const struct snapshot_notify s = { ua_next_sn(n->ua), done->device_id, done->session, done->file, done->nfiles };
    char mem[BODY_MAX];
    struct buf utf8;

    buf_init(&utf8, mem, sizeof(mem));
    snapshot_notify_put(&utf8, n->ua->cfg.charset, &s);
    return add_utf8(n, "UploadSnapShotFinished", &utf8, NULL, now);
}

int notifier_upgrade(struct notifier *n, const struct agent_upgrade_done *done, uint32_t *token,
                     const struct gb_time *now)
{
    const struct upgrade_notify u = { ua_next_sn(n->ua), done->device_id, done->session, done->firmware,
                                      (enum upgrade_reason)done->reason };
    char mem[BODY_MAX];
    struct buf utf8;

    buf_init(&utf8, mem, sizeof(mem));
    upgrade_notify_put(&utf8, n->ua->cfg.charset, &u);
    return add_utf8(n, "DeviceUpgradeResult", &utf8, token, now);
}

/* ---- sent once ------------------------------------------------------------------------------------- */

int notifier_video_upload(struct notifier *n, const char *id, const struct board_geo *geo, const struct gb_time *now)
{
    struct ua *u = n->ua;
    struct video_upload v = { .device_id = id[0] ? id : u->device_id };
    char text[UPLOAD_MAX];
    struct buf body;

    if (u->cfg.edition < GB_2022)
        return -ENOTSUP;
    if (strcmp(v.device_id, u->device_id) != 0 && !device_item_find(u->dev, span_of(id)))
        return -ENOENT;
    if (geo) {
        v.has_position = true;
        v.longitude = geo->longitude;
        v.latitude = geo->latitude;
    } else {
        v.has_position = device_position(u->dev, id, &v.longitude, &v.latitude);
    }
    v.sn = ua_next_sn(u);
    walltime_print(now->unix_ms, now->utc_offset_s, v.time);
    buf_init(&body, text, sizeof(text));
    video_upload_put(&body, u->cfg.charset, &v);
    return ua_send_message(u, MESSAGE_VIDEO_UPLOAD, 0, buf_view(&body), now);
}

void notifier_video_upload_done(const struct notifier *n, int status)
{
    if (status / 100 != 2)
        log_info("%s: video-upload-refused status=%d", n->ua->cfg.name, status);
}
