/* SPDX-License-Identifier: MIT */
#include "cameras/camera_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define EVENTS_PER_TURN 32u

/* ---- states ------------------------------------------------------------------------------------------- */

static void set_state(struct camera *c, enum device_item_state state)
{
    uint64_t before = device_serial(c->set->cfg.device);

    device_set_state(c->set->cfg.device, c->id, state);
    if (device_serial(c->set->cfg.device) != before && c->set->cfg.changed)
        c->set->cfg.changed(c->set->cfg.arg);
}

/* DEFECT without a board. A state reported by the board takes precedence, then an unplayable file, then video loss. */
void camera_show_state(struct camera *c)
{
    const enum device_item_state seen = c->unplayable ? DEVICE_ITEM_OFF : c->lost ? DEVICE_ITEM_VLOST : DEVICE_ITEM_ON;

    set_state(c, !c->ops ? DEVICE_ITEM_DEFECT : c->reported != DEVICE_ITEM_ON ? c->reported : seen);
}

static void on_channel_state(struct open_board *b, const struct board_event *ev)
{
    static const struct {
        enum device_item_state state;
        const char *name;
    } states[] = {
        [BOARD_CHANNEL_ON] = { DEVICE_ITEM_ON, "on" },
        [BOARD_CHANNEL_OFF] = { DEVICE_ITEM_OFF, "off" },
        [BOARD_CHANNEL_DEFECT] = { DEVICE_ITEM_DEFECT, "defect" },
    };
    const size_t len = strnlen(ev->id, sizeof(ev->id));
    struct hash_node *n = hash_find(&b->set->by_id, (struct span){ ev->id, len });
    struct camera *c = n ? container_of(n, struct camera, by_id) : NULL;
    char id[LOG_QUOTED_SIZE];

    if (!c || c->board != b->board || (size_t)ev->state >= sizeof(states) / sizeof(states[0])) {
        log_warn("board: event-rejected board=%s channel=%s state=%u", b->ops->name,
                 log_quoted(id, sizeof(id), (struct span){ ev->id, len }), (unsigned)ev->state);
        return;
    }
    log_info("channel: board-state channel=%s state=%s", c->id, states[ev->state].name);
    c->reported = states[ev->state].state;
    camera_show_state(c);
    if (c->reported == DEVICE_ITEM_ON)
        camera_retry_now(c);
}

/* ---- boards ------------------------------------------------------------------------------------------- */

static void on_board_event(struct loop_fd *w, unsigned ready, void *arg)
{
    struct open_board *b = arg;
    struct board_event ev;
    int err = 0;

    (void)w;
    (void)ready;
    for (unsigned i = 0; i < EVENTS_PER_TURN; i++) {
        memset(&ev, 0, sizeof(ev));
        err = b->ops->event_read(b->board, &ev);
        if (err)
            break;
        if (ev.kind == BOARD_CHANNEL)
            on_channel_state(b, &ev);
        else
            b->set->cfg.event(b->set->cfg.arg, &ev);
    }
    if (err && err != -EAGAIN) {
        log_error("board: events-ended board=%s reason=\"%s\"", b->ops->name, strerror(-err));
        loop_fd_del(b->set->cfg.loop, &b->watch);
    }
}

static void watch_events(struct open_board *b)
{
    int fd = b->ops->event_fd && b->ops->event_read ? b->ops->event_fd(b->board) : -1;

    int err = fd >= 0 ? loop_fd_add(b->set->cfg.loop, &b->watch, fd, LOOP_READ, on_board_event, b) : 0;

    if (err)
        log_error("board: events-unavailable board=%s reason=\"%s\"", b->ops->name, strerror(-err));
}

static int board_open(struct open_board *b, const struct conf *conf)
{
    struct board_config cfg;
    int err = conf_board_config(conf, b->ops, &cfg);

    if (!err)
        err = b->ops->open(&cfg, &b->board);
    conf_board_config_free(&cfg);
    return err;
}

/* Passes a new config to the boards that were open before. */
static void boards_reload(struct cameras *s, const struct conf *conf)
{
    struct board_config cfg;
    struct open_board *b;
    int err;

    list_each(it, &s->boards) {
        b = container_of(it, struct open_board, node);
        if (b->fresh) {
            b->fresh = false;
            continue;
        }
        if (!b->ops->reload) {
            if (!conf_board_same(s->conf, conf, b->ops))
                log_warn("board: restart-required board=%s", b->ops->name);
            continue;
        }
        err = conf_board_config(conf, b->ops, &cfg);
        if (!err)
            err = b->ops->reload(b->board, &cfg);
        conf_board_config_free(&cfg);
        if (err)
            log_error("board: reload-rejected board=%s reason=\"%s\"", b->ops->name, strerror(-err));
    }
}

static struct open_board *find_board(const struct list *boards, const struct board_ops *ops)
{
    list_each(it, boards) {
        struct open_board *b = container_of(it, struct open_board, node);

        if (b->ops == ops)
            return b;
    }
    return NULL;
}

static void forget_failed(struct cameras *s)
{
    list_each_safe(it, &s->failed) {
        list_remove(it);
        free(container_of(it, struct open_board, node));
    }
}

/* The board of "NAME:text", opened if necessary, but at most once per config. */
static struct open_board *board_for(struct cameras *s, const struct conf *conf, const char *source)
{
    const struct span text = span_of(source);
    const struct board_ops *ops = conf_board_ops(text);
    char quoted[LOG_QUOTED_SIZE];
    struct open_board *b;
    int err;

    if (!ops) {
        log_error("board: not-built-in board=%s",
                  log_quoted(quoted, sizeof(quoted), (struct span){ source, span_chr(text, ':') }));
        return NULL;
    }
    b = find_board(&s->boards, ops);
    if (b || find_board(&s->failed, ops))
        return b;
    b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    b->set = s;
    b->ops = ops;
    b->watch.fd = -1;
    b->fresh = true;
    err = board_open(b, conf);
    if (err) {
        log_error("board: open-failed board=%s reason=\"%s\"", ops->name, strerror(-err));
        list_append(&s->failed, &b->node);
        return NULL;
    }
    list_append(&s->boards, &b->node);
    watch_events(b);
    return b;
}

static void fill(char *to, size_t size, const char *from)
{
    if (!to[0])
        snprintf(to, size, "%s", from);
}

void cameras_fill_info(const struct cameras *s, struct device_config *cfg)
{
    struct board_info info;
    struct open_board *b;

    cfg->has_geo = false;
    list_each(jt, &s->boards)
        cfg->has_geo = cfg->has_geo || container_of(jt, struct open_board, node)->ops->geo;
    list_each(it, &s->boards) {
        b = container_of(it, struct open_board, node);
        memset(&info, 0, sizeof(info));
        if (!b->ops->info || b->ops->info(b->board, &info))
            continue;
        fill(cfg->manufacturer, sizeof(cfg->manufacturer), info.manufacturer);
        fill(cfg->model, sizeof(cfg->model), info.model);
        fill(cfg->firmware, sizeof(cfg->firmware), info.firmware);
        return;
    }
}

int cameras_apply_device(struct cameras *s, const struct device_config *cfg)
{
    struct device_config device = *cfg;

    /* The manufacturer may be known only once the boards are open. */
    cameras_fill_info(s, &device);
    return device_apply(s->cfg.device, &device);
}

/* ---- cameras ------------------------------------------------------------------------------------------ */

static void camera_free(struct camera *c)
{
    loop_timer_del(c->set->cfg.loop, &c->retry);
    camera_set_playable(c);
    for (unsigned i = 0; i < CAMERA_STREAMS; i++)
        stream_free(c->stream[i]);
    list_remove(&c->node);
    hash_remove(&c->set->by_id, &c->by_id);
    free(c);
}

int cameras_new(const struct cameras_config *cfg, struct cameras **out)
{
    static const uint64_t no_secret[2]; /* the keys are from the config, so attackers cannot cause collisions */
    struct cameras *s = calloc(1, sizeof(*s));

    if (!s || hash_init(&s->by_id, no_secret) != 0) {
        free(s);
        return -ENOMEM;
    }
    s->cfg = *cfg;
    list_init(&s->list);
    list_init(&s->boards);
    list_init(&s->failed);
    *out = s;
    return 0;
}

void cameras_free(struct cameras *s)
{
    if (!s)
        return;
    list_each_safe(it, &s->list)
        camera_free(container_of(it, struct camera, node));
    list_each_safe(jt, &s->boards) {
        struct open_board *b = container_of(jt, struct open_board, node);

        loop_fd_del(s->cfg.loop, &b->watch);
        b->ops->close(b->board);
        free(b);
    }
    forget_failed(s);
    hash_free(&s->by_id);
    free(s);
}

static int camera_add(struct cameras *s, const struct conf *conf, const struct conf_channel *ch)
{
    struct camera *c = calloc(1, sizeof(*c));
    struct open_board *b;

    if (!c)
        return -ENOMEM;
    c->set = s;
    memcpy(c->id, ch->id, sizeof(c->id));
    memcpy(c->source, ch->source, sizeof(c->source));
    memcpy(c->substream, ch->substream, sizeof(c->substream));
    memcpy(c->audio, ch->audio, sizeof(c->audio));
    c->fps = ch->fps;
    c->picture_timeout_s = ch->picture_timeout_s;
    if (hash_insert(&s->by_id, &c->by_id, span_of(c->id)) != 0) {
        free(c);
        return -ENOMEM;
    }
    list_append(&s->list, &c->node);
    b = board_for(s, conf, c->source);
    if (b) {
        c->ops = b->ops;
        c->board = b->board;
    }
    camera_show_state(c);
    return 0;
}

static bool same_channel(const struct camera *c, const struct conf_channel *ch)
{
    for (unsigned i = 0; i < CONF_SUBSTREAMS; i++)
        if (strcmp(c->substream[i], ch->substream[i]) != 0)
            return false;
    return strcmp(c->id, ch->id) == 0 && strcmp(c->source, ch->source) == 0 && strcmp(c->audio, ch->audio) == 0 &&
           c->fps == ch->fps && c->picture_timeout_s == ch->picture_timeout_s;
}

int cameras_apply(struct cameras *s, const struct conf *conf)
{
    struct list old;
    int err = 0;

    /* Moves cameras to a new list in the config's order; those left in the old list are removed. */
    list_init(&old);
    forget_failed(s);
    list_each_safe(it, &s->list) {
        list_remove(it);
        list_append(&old, it);
    }
    for (unsigned i = 0; i < conf->device.nitems && !err; i++) {
        const struct conf_channel *ch = &conf->channel[i];
        struct hash_node *n = hash_find(&s->by_id, span_of(ch->id));
        struct camera *kept = n ? container_of(n, struct camera, by_id) : NULL;

        if (conf->item[i].kind != DEVICE_CHANNEL)
            continue;
        if (kept && (!kept->ops || !same_channel(kept, ch))) /* without a board: try again */
            kept = NULL;
        if (kept) {
            list_remove(&kept->node);
            list_append(&s->list, &kept->node);
        } else {
            err = camera_add(s, conf, ch);
        }
    }
    list_each_safe(kt, &old) {
        struct camera *c = container_of(kt, struct camera, node);

        s->cfg.gone(s->cfg.arg, c);
        camera_free(c);
    }
    boards_reload(s, conf);
    s->conf = conf;
    list_each(mt, &s->list)
        camera_check_all(container_of(mt, struct camera, node));
    return err;
}

struct camera *cameras_find(struct cameras *s, const char *id)
{
    const struct device_item *item;
    struct hash_node *n;

    if (!id[0] || strcmp(id, device_config(s->cfg.device)->id) == 0) {
        item = device_channel_for(s->cfg.device, span_of(device_config(s->cfg.device)->id));
        if (!item)
            return NULL;
        id = item->cfg.id;
    }
    n = hash_find(&s->by_id, span_of(id));
    return n ? container_of(n, struct camera, by_id) : NULL;
}

/* ---- streams ------------------------------------------------------------------------------------------ */

/* Without viewers nothing else would notice that a lost source is back. */
static void retry_due(struct loop_timer *t, void *arg)
{
    struct camera *c = arg;
    struct loop *l = c->set->cfg.loop;

    /* The source is back when the first unit arrives: on_state then stops this timer. */
    if (c->stream[0] && !c->unplayable && stream_stats(c->stream[0])->viewers == 0)
        (void)stream_start(c->stream[0]);
    (void)loop_timer_at(l, t, loop_now_us(l) + CAMERA_RETRY_US, retry_due, c);
}

void camera_retry_now(struct camera *c)
{
    struct loop *l = c->set->cfg.loop;

    if (c->lost)
        (void)loop_timer_at(l, &c->retry, loop_now_us(l), retry_due, c);
}

static void camera_lost(struct camera *c)
{
    struct loop *l = c->set->cfg.loop;

    c->lost = true;
    camera_show_state(c);
    if (!c->retry.node.pos)
        (void)loop_timer_at(l, &c->retry, loop_now_us(l) + CAMERA_RETRY_US, retry_due, c);
}

/* Only the main stream determines the channel's state. */
static void on_state(void *arg, struct stream *s, enum stream_state state)
{
    struct camera *c = arg;

    if (s != c->stream[0])
        return;
    if (state == STREAM_LOST) {
        camera_lost(c);
    } else if (state == STREAM_RUNNING) {
        loop_timer_del(c->set->cfg.loop, &c->retry);
        camera_set_playable(c);
        c->lost = false;
        camera_show_state(c);
    }
}

static int stream_make(struct camera *c, unsigned number)
{
    struct board_channel ch = camera_board_channel(c);
    struct stream_config cfg = {
        .loop = c->set->cfg.loop,
        .ops = c->ops,
        .board = c->board,
        .channel = &ch,
        .on_state = on_state,
        .arg = c,
        .picture_timeout_s = c->picture_timeout_s,
    };

    ch.stream = number;
    if (number > 0 && c->substream[number - 1][0]) {
        ch.source = camera_text(c->substream[number - 1]);
        ch.own_source = true;
    }
    return c->stream[number] ? 0 : stream_new(&cfg, &c->stream[number]);
}

int camera_stream(struct camera *c, unsigned number, struct stream **out)
{
    int err;

    if (!c->ops)
        return -ENODEV;
    if (number >= CAMERA_STREAMS)
        number = 0;
    for (;;) {
        err = stream_make(c, number);
        if (!err)
            err = stream_start(c->stream[number]);
        if (!err || err == -EAGAIN || camera_shortage(err) || number == 0)
            break;
        log_info("channel: substream-missing channel=%s stream=%u", c->id, number);
        number = 0;
    }
    if (err) {
        const bool lost = err != -EAGAIN && !camera_shortage(err);

        if (lost && !camera_check_main(c))
            return err;
        log_warn_gated(&c->set->refusals, loop_now_us(c->set->cfg.loop) / 1000,
                       "channel: source-failed channel=%s stream=%u reason=\"%s\"", c->id, number,
                       err == -ENOENT ? "no such source" : strerror(-err));
        if (lost)
            camera_lost(c);
        return err;
    }
    *out = c->stream[number];
    return 0;
}

void camera_request_idr(struct camera *c)
{
    for (unsigned i = 0; i < CAMERA_STREAMS; i++)
        if (c->stream[i])
            stream_request_idr(c->stream[i]);
}

void camera_totals(const struct camera *c, struct stream_stats *out)
{
    memset(out, 0, sizeof(*out));
    for (unsigned i = 0; i < CAMERA_STREAMS; i++) {
        const struct stream_stats *st = c->stream[i] ? stream_stats(c->stream[i]) : NULL;

        if (!st)
            continue;
        out->units += st->units;
        out->keys += st->keys;
        out->bytes += st->bytes;
        out->lost += st->lost;
        out->dropped_large += st->dropped_large;
        out->dropped_bad += st->dropped_bad;
        out->before_key += st->before_key;
        out->losses += st->losses;
        out->clock_jumps += st->clock_jumps;
        out->viewers += st->viewers;
    }
}
