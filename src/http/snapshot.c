/* SPDX-License-Identifier: MIT */
#include "http/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/snapshot.h"
#include "util/list.h"
#include "util/log.h"

#define INTERVAL_MAX_S 86400u
#define NAME_SIZE      (SNAPSHOT_FILE_ID_SIZE + 4u) /* with .jpg */

enum shot_state { SHOT_PENDING, SHOT_REQUESTED, SHOT_CAPTURED, SHOT_UPLOADING, SHOT_UPLOADED, SHOT_FAILED };

struct shot {
    enum shot_state state;
    uint32_t snapshot_id;
    uint64_t deadline_us; /* REQUESTED */
    char id[SNAPSHOT_FILE_ID_SIZE];
    uint8_t *data; /* CAPTURED, UPLOADING */
    size_t len;
};

struct snapshot_session {
    struct list node;
    struct snapshots *all;
    struct agent *agent;
    char camera[GBID_SIZE];    /* the channel */
    char device_id[GBID_SIZE]; /* DeviceID of the request */
    struct gb_snapshot request;
    struct shot shot[SNAPSHOT_FILES_MAX];
    unsigned requested; /* shots that are past PENDING */
    uint64_t next_us;
    struct http_request *upload;
    unsigned uploading; /* index of the shot that `upload` sends */
    struct loop_timer timer;
};

struct snapshots {
    struct snapshots_config cfg;
    struct http_conf conf;
    struct list sessions;
    unsigned count;
    size_t bytes;
    uint32_t next_snapshot_id;
};

static void session_step(struct snapshot_session *s);

int snapshots_new(const struct snapshots_config *cfg, struct snapshots **out)
{
    struct snapshots *all = calloc(1, sizeof(*all));

    if (!all)
        return -ENOMEM;
    all->cfg = *cfg;
    all->next_snapshot_id = 1;
    list_init(&all->sessions);
    *out = all;
    return 0;
}

void snapshots_configure(struct snapshots *s, const struct http_conf *conf)
{
    s->conf = *conf;
}

static void shot_drop(struct snapshot_session *s, struct shot *shot, enum shot_state state)
{
    s->all->bytes -= shot->len;
    free(shot->data);
    shot->data = NULL;
    shot->len = 0;
    shot->state = state;
}

static void session_free(struct snapshot_session *s)
{
    http_cancel(s->upload);
    loop_timer_del(s->all->cfg.loop, &s->timer);
    for (unsigned i = 0; i < SNAPSHOT_FILES_MAX; i++)
        shot_drop(s, &s->shot[i], SHOT_FAILED);
    list_remove(&s->node);
    s->all->count--;
    free(s);
}

void snapshots_free(struct snapshots *s)
{
    if (!s)
        return;
    list_each_safe(it, &s->sessions)
        session_free(container_of(it, struct snapshot_session, node));
    free(s);
}

void snapshots_drop_agent(struct snapshots *s, const struct agent *a)
{
    list_each_safe(it, &s->sessions) {
        struct snapshot_session *one = container_of(it, struct snapshot_session, node);

        if (one->agent == a)
            session_free(one);
    }
}

/* ---- capture --------------------------------------------------------------------------------------------- */

/* step: capture, upload. status: HTTP status, 0 = none. */
static void shot_failed(struct snapshot_session *s, struct shot *shot, const char *step, int err, unsigned status)
{
    log_warn("%s: snapshot-failed channel=%s file=%s step=%s status=%u reason=\"%s\"", agent_get_config(s->agent)->name,
             s->camera, shot->id, step, status, strerror(-err));
    shot_drop(s, shot, SHOT_FAILED);
}

static int ask_board(const struct snapshot_session *s, uint32_t snapshot_id)
{
    struct camera *c = cameras_find(s->all->cfg.cameras, s->camera);
    struct board_channel ch;

    if (!c)
        return -ENOENT;
    if (!c->ops || !c->ops->snapshot)
        return -ENOTSUP;
    ch = camera_board_channel(c);
    return c->ops->snapshot(c->board, &ch, snapshot_id);
}

static void request_picture(struct snapshot_session *s, uint64_t now_us)
{
    struct shot *shot = &s->shot[s->requested++];
    struct gb_time now;

    loop_time(s->all->cfg.loop, &now);
    snapshot_file_id(shot->id, s->device_id, now.unix_ms, now.utc_offset_s, s->requested);
    shot->snapshot_id = s->all->next_snapshot_id++;
    shot->state = SHOT_REQUESTED;
    shot->deadline_us = now_us + SNAPSHOT_BOARD_US;
    s->next_us = now_us + (uint64_t)s->request.interval_s * 1000000u;
    int err = ask_board(s, shot->snapshot_id);
    if (err)
        shot_failed(s, shot, "capture", err, 0);
}

static int store_picture(struct snapshots *all, struct shot *shot, const struct board_event *ev)
{
    if (ev->result)
        return ev->result < 0 ? ev->result : -EIO;
    if (!ev->data || ev->len < 4 || ev->data[0] != 0xFF || ev->data[1] != 0xD8)
        return -EBADMSG;
    if (ev->len > SNAPSHOT_PICTURE_MAX || ev->len > SNAPSHOT_BYTES_MAX - all->bytes)
        return -EFBIG;
    shot->data = malloc(ev->len);
    if (!shot->data)
        return -ENOMEM;
    memcpy(shot->data, ev->data, ev->len);
    shot->len = ev->len;
    all->bytes += ev->len;
    shot->state = SHOT_CAPTURED;
    return 0;
}

void snapshots_picture(struct snapshots *s, const struct board_event *ev)
{
    list_each(it, &s->sessions) {
        struct snapshot_session *one = container_of(it, struct snapshot_session, node);

        for (unsigned i = 0; i < one->requested; i++) {
            struct shot *shot = &one->shot[i];

            if (shot->state != SHOT_REQUESTED || shot->snapshot_id != ev->snapshot_id)
                continue;
            int err = store_picture(s, shot, ev);
            if (err)
                shot_failed(one, shot, "capture", err, 0);
            session_step(one);
            return;
        }
    }
    log_debug("board: unexpected-snapshot snapshot_id=%u", (unsigned)ev->snapshot_id);
}

void snapshots_drop_camera(struct snapshots *s, const char *channel)
{
    list_each_safe(it, &s->sessions) {
        struct snapshot_session *one = container_of(it, struct snapshot_session, node);

        if (strcmp(one->camera, channel) != 0)
            continue;
        for (unsigned i = 0; i < one->request.count; i++)
            if (one->shot[i].state == SHOT_REQUESTED || one->shot[i].state == SHOT_PENDING)
                one->shot[i].state = SHOT_FAILED;
        one->requested = one->request.count;
        session_step(one);
    }
}

/* ---- upload ---------------------------------------------------------------------------------------------- */

bool snapshot_put_url(char *out, size_t size, const char *url, const char *name)
{
    size_t path = strcspn(url, "?#"), query = strcspn(url, "#");
    const char *slash = path && url[path - 1] == '/' ? "" : "/";
    int n = snprintf(out, size, "%.*s%s%s%.*s", (int)path, url, slash, name, (int)(query - path), url + path);

    return n >= 0 && (size_t)n < size;
}

static bool is_allowed(void *arg, const char *host, const struct addr *to)
{
    const struct snapshot_session *s = arg;

    return http_allowed(&s->all->conf.allow, s->agent, host, to);
}

static void on_uploaded(void *arg, int err, unsigned status)
{
    struct snapshot_session *s = arg;
    struct shot *shot = &s->shot[s->uploading];

    s->upload = NULL;
    if (err)
        shot_failed(s, shot, "upload", err, status);
    else
        shot_drop(s, shot, SHOT_UPLOADED);
    session_step(s);
}

static int send_shot(struct snapshot_session *s, unsigned index)
{
    static const enum http_method methods[] = {
        [HTTP_UPLOAD_PUT] = HTTP_PUT,
        [HTTP_UPLOAD_POST] = HTTP_POST,
        [HTTP_UPLOAD_MULTIPART] = HTTP_MULTIPART,
    };
    struct shot *shot = &s->shot[index];
    const struct http_conf *conf = &s->all->conf;
    char name[NAME_SIZE], put[GB_URL_SIZE + NAME_SIZE];
    struct http_params params = {
        .method = methods[conf->upload],
        .url = s->request.url,
        .stall_s = conf->stall_s,
        .total_s = SNAPSHOT_UPLOAD_S,
        .ca_file = conf->ca_file,
        .body = shot->data,
        .len = shot->len,
        .content_type = "image/jpeg",
        .file_name = name,
        .allow = is_allowed,
        .done = on_uploaded,
        .arg = s,
    };

    snprintf(name, sizeof(name), "%s.jpg", shot->id);
    if (params.method == HTTP_PUT) {
        if (!snapshot_put_url(put, sizeof(put), s->request.url, name))
            return -EINVAL;
        params.url = put;
    }
    s->uploading = index;
    return http_start(s->all->cfg.http, &params, &s->upload);
}

/* ---- a session ------------------------------------------------------------------------------------------- */

static void finish(struct snapshot_session *s)
{
    char file[SNAPSHOT_FILES_MAX][SNAPSHOT_FILE_ID_SIZE], session[LOG_QUOTED_SIZE];
    struct snapshots *all = s->all;
    struct agent_snapshot_done done = {
        s->device_id,
        s->request.session,
        (const char(*)[SNAPSHOT_FILE_ID_SIZE])file,
        0,
    };
    struct gb_time now;

    for (unsigned i = 0; i < s->request.count; i++)
        if (s->shot[i].state == SHOT_UPLOADED)
            memcpy(file[done.nfiles++], s->shot[i].id, SNAPSHOT_FILE_ID_SIZE);
    log_quoted(session, sizeof(session), span_of(s->request.session));
    log_info("%s: snapshot-session-end channel=%s session=%s count=%u uploaded=%u", agent_get_config(s->agent)->name,
             s->camera, session, s->request.count, done.nfiles);
    loop_time(all->cfg.loop, &now);
    int err = agent_notify_snapshot(s->agent, &done, &now);
    if (err)
        log_error("%s: snapshot-report-failed session=%s reason=\"%s\"", agent_get_config(s->agent)->name, session,
                  strerror(-err));
    session_free(s);
    all->cfg.kick(all->cfg.arg);
}

static void on_timer(struct loop_timer *t, void *arg)
{
    (void)t;
    session_step(arg);
}

/* When the session needs its timer; UINT64_MAX: it only waits for the upload. */
static uint64_t next_due(const struct snapshot_session *s)
{
    uint64_t due = s->requested < s->request.count ? s->next_us : UINT64_MAX;

    for (unsigned i = 0; i < s->requested; i++)
        if (s->shot[i].state == SHOT_REQUESTED && s->shot[i].deadline_us < due)
            due = s->shot[i].deadline_us;
    return due;
}

/* Advances the session; frees it at the end. */
static void session_step(struct snapshot_session *s)
{
    const uint64_t now_us = loop_now_us(s->all->cfg.loop);
    unsigned open = 0;
    uint64_t due;

    if (s->requested < s->request.count && s->next_us <= now_us)
        request_picture(s, now_us);
    for (unsigned i = 0; i < s->request.count; i++) {
        struct shot *shot = &s->shot[i];

        if (shot->state == SHOT_REQUESTED && shot->deadline_us <= now_us)
            shot_failed(s, shot, "capture", -ETIMEDOUT, 0);
        if (shot->state == SHOT_CAPTURED && !s->upload) {
            int err = send_shot(s, i);
            if (err)
                shot_failed(s, shot, "upload", err, 0);
            else
                shot->state = SHOT_UPLOADING;
        }
        open += shot->state != SHOT_UPLOADED && shot->state != SHOT_FAILED;
    }
    if (!open) {
        finish(s);
        return;
    }
    due = next_due(s);
    if (due == UINT64_MAX)
        loop_timer_del(s->all->cfg.loop, &s->timer);
    else
        (void)loop_timer_at(s->all->cfg.loop, &s->timer, due, on_timer, s);
}

static int check_request(const struct snapshots *s, const struct camera *c, const struct gb_snapshot *o)
{
    if (!s->cfg.http)
        return -ENOTSUP;
    if (!c)
        return -ENOENT;
    if (!c->ops || !c->ops->snapshot)
        return -ENOTSUP;
    if (!o->count || o->count > SNAPSHOT_FILES_MAX || o->interval_s > INTERVAL_MAX_S || !o->session[0])
        return -EINVAL;
    if (!span_case_prefix(span_of(o->url), "http://") && !span_case_prefix(span_of(o->url), "https://"))
        return -EPROTONOSUPPORT;
    return 0;
}

int snapshots_start(struct snapshots *s, struct agent *a, const char *channel, const struct gb_snapshot *request)
{
    const struct camera *c = cameras_find(s->cfg.cameras, channel);
    struct snapshot_session *one;
    int err = check_request(s, c, request);

    if (err)
        return err;
    list_each(it, &s->sessions) {
        one = container_of(it, struct snapshot_session, node);
        if (one->agent == a && strcmp(one->request.session, request->session) == 0)
            return 0;
    }
    if (s->count >= SNAPSHOT_SESSIONS_MAX)
        return -EBUSY;
    one = calloc(1, sizeof(*one));
    if (!one)
        return -ENOMEM;
    one->all = s;
    one->agent = a;
    one->request = *request;
    if (!one->request.interval_s)
        one->request.interval_s = 1;
    memcpy(one->camera, c->id, sizeof(one->camera));
    snprintf(one->device_id, sizeof(one->device_id), "%s", channel[0] ? channel : device_config(s->cfg.device)->id);
    one->next_us = loop_now_us(s->cfg.loop);
    err = loop_timer_at(s->cfg.loop, &one->timer, one->next_us, on_timer, one);
    if (err) {
        free(one);
        return err;
    }
    list_append(&s->sessions, &one->node);
    s->count++;
    return 0;
}
