/* SPDX-License-Identifier: MIT */
#include "shell/camera_priv.h"

#include <errno.h>
#include <string.h>

#include "util/log.h"

/* The text after "BOARD:"; a board may be named without one. */
static const char *source_text(const struct camera *c)
{
    const char *colon = strchr(c->source, ':');

    return colon ? colon + 1 : "";
}

struct board_channel camera_board_channel(const struct camera *c)
{
    return (struct board_channel){ .id = c->id, .source = source_text(c), .fps = c->fps };
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

unsigned cameras_storage(struct cameras *s, struct board_card *out, unsigned max)
{
    unsigned n = 0, boards = 0;

    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int got = b->ops->storage && n < max ? b->ops->storage(b->board, out + n, max - n) : 0;

        if (got < 0)
            log_info("board %s: storage: %s", b->ops->name, strerror(-got));
        boards += got > 0;
        for (unsigned i = 0; boards > 1 && (int)i < got; i++)
            out[n + i].id = n + i + 1;
        n += got > 0 ? (unsigned)got : 0;
    }
    return n < max ? n : max;
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

int cameras_control(struct cameras *s, const struct gb_control *control)
{
    int result = -ENOTSUP;

    list_each(it, &s->boards) {
        struct open_board *b = container_of(it, struct open_board, node);
        int err = board_can(b, control->kind) ? b->ops->control(b->board, NULL, control) : -ENOTSUP;

        if (err && err != -ENOTSUP)
            log_info("board %s: %s", b->ops->name, strerror(-err));
        if (err == 0 || result == -ENOTSUP)
            result = err;
    }
    return result;
}
