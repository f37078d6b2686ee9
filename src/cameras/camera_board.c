/* SPDX-License-Identifier: MIT */
#include "cameras/camera_priv.h"

#include <errno.h>
#include <string.h>

#include "manscdp/control.h"
#include "util/log.h"

const char *camera_text(const char *source)
{
    const char *colon = strchr(source, ':');

    return colon ? colon + 1 : "";
}

struct board_channel camera_board_channel(const struct camera *c)
{
    return (struct board_channel){
        .id = c->id,
        .source = camera_text(c->source),
        .audio = camera_text(c->audio),
        .fps = c->fps,
    };
}

int camera_control(struct camera *c, const struct gb_control *control)
{
    struct board_channel ch = camera_board_channel(c);

    if (!c->ops || !c->ops->control || (c->ops->can && !c->ops->can(c->board, &ch, control->kind)))
        return -ENOTSUP;
    return c->ops->control(c->board, &ch, control);
}

int camera_head(struct camera *c, struct board_head *out)
{
    struct board_channel ch = camera_board_channel(c);

    return c->ops && c->ops->head ? c->ops->head(c->board, &ch, out) : -ENOTSUP;
}

int camera_config_get(struct camera *c, struct gb_setting *s)
{
    struct board_channel ch = camera_board_channel(c);

    if (!c->ops || (!c->ops->config_get && !c->ops->config_set))
        return -ENOTSUP;
    return c->ops->config_get ? c->ops->config_get(c->board, &ch, s) : -ENODATA;
}

int camera_config_set(struct camera *c, const struct gb_setting *s)
{
    struct board_channel ch = camera_board_channel(c);

    return c->ops && c->ops->config_set ? c->ops->config_set(c->board, &ch, s) : -ENOTSUP;
}

int camera_records(const struct camera *c, const struct board_record_query *q, unsigned skip, struct board_record *out,
                   unsigned max, unsigned *total)
{
    struct board_channel ch = camera_board_channel(c);

    *total = 0;
    if (!c->ops || !c->ops->record_find)
        return -ENOTSUP;
    return c->ops->record_find(c->board, &ch, q, skip, out, max, total);
}

int camera_record_open(const struct camera *c, const struct board_replay *what, struct board_replay_source *out)
{
    struct board_channel ch = camera_board_channel(c);
    int err;

    memset(out, 0, sizeof(*out));
    if (!c->ops || !c->ops->record_open)
        return -ENOTSUP;
    err = c->ops->record_open(c->board, &ch, what, out);
    return err ? err : out->src ? 0 : -EIO;
}

void cameras_status(struct cameras *s, const char *id, struct agent_status_reply *out)
{
    struct camera *c = cameras_find(s, id);
    const struct device_item *item = device_item_find(s->cfg.device, span_of(id));
    struct board_status st = { .ok = true, .encode = -1, .record = -1 };
    struct board_channel ch;

    if (c && c->ops && c->ops->status) {
        ch = camera_board_channel(c);
        if (c->ops->status(c->board, &ch, &st) < 0)
            st = (struct board_status){ .ok = true, .encode = -1, .record = -1 };
    }
    memset(out, 0, sizeof(*out));
    out->ok = st.ok;
    out->encode = st.encode;
    out->record = st.record;
    span_copy(span_of(st.reason), out->reason, sizeof(out->reason));
    if (item && item->state != DEVICE_ITEM_ON && out->ok) {
        out->ok = false;
        span_copy(SPAN_LIT("no picture"), out->reason, sizeof(out->reason));
    }
}

int cameras_geo(struct cameras *s, const char *id, struct board_geo *out)
{
    struct camera *c = cameras_find(s, id);
    struct board_channel ch;

    if (!c)
        return -ENOENT;
    if (!c->ops || !c->ops->geo)
        return -ENOTSUP;
    ch = camera_board_channel(c);
    ch.has_position = device_position(s->cfg.device, c->id, &ch.longitude, &ch.latitude);
    memset(out, 0, sizeof(*out));
    return c->ops->geo(c->board, &ch, out);
}

/* ---- cards ---------------------------------------------------------------------------------------------- */

/* NULL: all places are in use by cards that are present. */
static struct card_place *card_place(struct cameras *s, const struct open_board *b, unsigned id)
{
    struct card_place *spare = NULL;

    for (unsigned i = BOARD_CARDS_MAX; i-- > 0;) {
        struct card_place *p = &s->card[i];

        if (p->board == b && p->id == id)
            return p;
        if (!p->board || (!p->present && (!spare || spare->board)))
            spare = p;
    }
    return spare;
}

static bool several_boards(const struct cameras *s)
{
    const struct open_board *first = NULL;

    for (unsigned i = 0; i < BOARD_CARDS_MAX; i++) {
        first = first ? first : s->card[i].board;
        if (s->card[i].board && s->card[i].board != first)
            return true;
    }
    return false;
}

int cameras_storage(struct cameras *s, struct board_card *out, unsigned max)
{
    struct card_place *place[BOARD_CARDS_MAX];
    unsigned n = 0;
    int err = 0;

    max = max < BOARD_CARDS_MAX ? max : BOARD_CARDS_MAX;
    for (unsigned i = 0; i < BOARD_CARDS_MAX; i++)
        s->card[i].present = false;
    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int got = b->ops->storage && n < max ? b->ops->storage(b->board, out + n, max - n) : 0;

        if (got < 0 && got != -ENOTSUP) {
            log_warn("board: storage-failed board=%s reason=\"%s\"", b->ops->name, strerror(-got));
            err = got;
        }
        for (int i = 0; i < got && n < max; i++, n++) {
            place[n] = card_place(s, b, out[n].id);
            if (place[n])
                *place[n] = (struct card_place){ .board = b, .id = out[n].id, .present = true };
        }
    }
    for (unsigned i = 0; several_boards(s) && i < n; i++)
        out[i].id = place[i] ? (unsigned)(place[i] - s->card) + 1 : 0;
    return n ? (int)n : err;
}

static bool board_can(const struct open_board *b, enum gb_control_kind kind)
{
    return b->ops->control && (!b->ops->can || b->ops->can(b->board, NULL, kind));
}

bool cameras_can(struct cameras *s, enum gb_control_kind kind)
{
    list_each(it, &s->boards)
        if (board_can(container_of(it, struct open_board, node), kind))
            return true;
    return false;
}

static int board_control(struct open_board *b, const struct gb_control *control)
{
    const struct control_command *command = control_command_of(control->kind);
    int err = board_can(b, control->kind) ? b->ops->control(b->board, NULL, control) : -ENOTSUP;

    if (err && err != -ENOTSUP)
        log_info("board: command-failed board=%s command=%s reason=\"%s\"", b->ops->name,
                 command ? command->name : "time", strerror(-err));
    return err;
}

/* Formats one card by its number in cameras_storage, which is the board's own number if only one board has cards. */
static int format_card(struct cameras *s, const struct gb_control *control)
{
    struct board_card now[BOARD_CARDS_MAX];
    struct gb_control own = *control;
    const unsigned number = control->u.format.card;
    const struct card_place *p = NULL;

    (void)cameras_storage(s, now, BOARD_CARDS_MAX);
    for (unsigned i = 0; i < BOARD_CARDS_MAX; i++)
        if (s->card[i].board && s->card[i].present && (several_boards(s) ? i + 1 : s->card[i].id) == number)
            p = &s->card[i];
    if (!p)
        return -ENOENT;
    own.u.format.card = p->id;
    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);

        if (b == p->board)
            return board_control(b, &own);
    }
    return -ENOENT;
}

static bool has_storage(const struct cameras *s)
{
    list_each(it, &s->boards)
        if (container_of(it, struct open_board, node)->ops->storage)
            return true;
    return false;
}

int cameras_control(struct cameras *s, const struct gb_control *control)
{
    int result = -ENOTSUP;

    /* Boards without `storage` identify the card themselves. */
    if (control->kind == GB_CONTROL_FORMAT && control->u.format.card > 0 && has_storage(s))
        return cameras_can(s, control->kind) ? format_card(s, control) : -ENOTSUP;

    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int err = board_control(b, control);

        if (err == 0 || result == -ENOTSUP)
            result = err;
    }
    return result;
}

/* ---- alarm inputs and simulated events ------------------------------------------------------------------- */

int cameras_input(struct cameras *s, const char *id)
{
    int state = -ENOTSUP;

    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int on = b->ops->input ? b->ops->input(b->board, id) : -ENOTSUP;

        if (on >= 0)
            state = on > 0 || state > 0;
    }
    return state;
}

void cameras_read_inputs(struct cameras *s)
{
    const struct device_item *item;

    for (unsigned i = 0; (item = device_item_at(s->cfg.device, i)); i++)
        if (item->cfg.kind == DEVICE_ALARM_INPUT)
            device_set_input(s->cfg.device, item->cfg.id, cameras_input(s, item->cfg.id));
}

int cameras_input_set(struct cameras *s, const char *id, bool on)
{
    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int err = b->ops->input_set ? b->ops->input_set(b->board, id, on) : -ENOTSUP;

        if (err != -ENOTSUP && err != -ENOENT)
            return err;
    }
    return -ENOTSUP;
}

/* The board that simulates events for an ID; NULL: none. */
static const struct board_ops *simulator_of(struct cameras *s, const char *id, struct board **board)
{
    const struct camera *c = id[0] ? cameras_find(s, id) : NULL;

    if (c) {
        *board = c->board;
        return c->ops && c->ops->simulate ? c->ops : NULL;
    }
    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);

        *board = b->board;
        if (b->ops->simulate)
            return b->ops;
    }
    return NULL;
}

bool cameras_can_simulate(struct cameras *s, const char *id)
{
    struct board *board;

    return simulator_of(s, id, &board) != NULL;
}

int cameras_simulate(struct cameras *s, const struct board_event *ev)
{
    struct board *board;
    const struct board_ops *ops = simulator_of(s, ev->id, &board);

    return ops ? ops->simulate(board, ev) : -ENOTSUP;
}
