/* SPDX-License-Identifier: MIT */
#include "store/device_store.h"

#include <errno.h>
#include <string.h>

#include "device/device_state.h"
#include "util/log.h"

#define DEVICE_SCOPE "device"

static const char *scope_of(const char *id)
{
    return id[0] ? id : DEVICE_SCOPE;
}

void device_store_init(struct device_store *st, struct loop *l, struct settings *s, struct device *d)
{
    memset(st, 0, sizeof(*st));
    st->loop = l;
    st->settings = s;
    st->device = d;
    st->saved = device_state_serial(device_state(d));
}

/* ---- load ---------------------------------------------------------------------------------------- */

struct loading {
    struct device_state *state;
    const char *id;
};

static bool is_key(const char *key)
{
    char known[DEVICE_STATE_KEY_MAX];

    for (unsigned i = 0; device_state_key(i, known); i++)
        if (strcmp(known, key) == 0)
            return true;
    return false;
}

static void load_value(void *arg, const char *key, const char *value)
{
    const struct loading *l = arg;
    int err = is_key(key) ? device_state_put(l->state, l->id, key, value) : 0;

    if (err)
        log_warn("settings: value-ignored scope=%s key=%s reason=\"%s\"", scope_of(l->id), key, strerror(-err));
}

static void load_item(struct device_store *st, const char *id)
{
    struct loading l = { device_state(st->device), id };

    if (device_state_changed(l.state, id) == 0)
        settings_each(st->settings, scope_of(id), load_value, &l);
}

void device_store_load(struct device_store *st)
{
    const struct device_item *item;

    device_store_save(st);
    load_item(st, "");
    for (unsigned i = 0; (item = device_item_at(st->device, i)); i++)
        load_item(st, item->cfg.id);
    if (!st->incomplete)
        st->saved = device_state_serial(device_state(st->device));
}

/* ---- save ---------------------------------------------------------------------------------------- */

static int save_item(struct device_store *st, const char *id)
{
    const struct device_state *state = device_state(st->device);
    char key[DEVICE_STATE_KEY_MAX], value[DEVICE_STATE_TEXT_MAX];
    int first = 0;

    for (unsigned i = 0; device_state_key(i, key); i++) {
        bool has = device_state_get(state, id, key, value) == 0;
        int err = has || settings_get(st->settings, scope_of(id), key)
                      ? settings_put(st->settings, scope_of(id), key, has ? value : NULL)
                      : 0;

        if (err && !st->incomplete)
            log_error("settings: value-not-stored scope=%s key=%s reason=\"%s\"", scope_of(id), key, strerror(-err));
        st->incomplete = st->incomplete || err;
        first = first ? first : err;
    }
    return first;
}

/* Values that the settings reject stay marked as changed and are tried again next time. */
static int put_changed(struct device_store *st)
{
    const struct device_state *state = device_state(st->device);
    const uint64_t serial = device_state_serial(state);
    const char *id;
    int first = 0;

    for (unsigned i = 0; (id = device_state_item(state, i)); i++) {
        int err = device_state_changed(state, id) > st->saved ? save_item(st, id) : 0;

        first = first ? first : err;
    }
    if (!first) {
        st->saved = serial;
        st->incomplete = false;
    }
    return first;
}

static void on_later(struct loop_timer *t, void *arg);

static void write_out(struct device_store *st)
{
    int err = put_changed(st), flush_err = settings_flush(st->settings);

    st->flushed_us = loop_now_us(st->loop);
    if (!err && !flush_err) {
        st->back_off_ms = 0;
        return;
    }
    st->back_off_ms = st->back_off_ms ? st->back_off_ms * 2 : DEVICE_STORE_FLUSH_MS;
    if (st->back_off_ms > DEVICE_STORE_RETRY_MAX_MS)
        st->back_off_ms = DEVICE_STORE_RETRY_MAX_MS;
    (void)loop_timer_at(st->loop, &st->later, st->flushed_us + st->back_off_ms * 1000u, on_later, st);
}

static void on_later(struct loop_timer *t, void *arg)
{
    (void)t;
    write_out(arg);
}

void device_store_save(struct device_store *st)
{
    const uint64_t now = loop_now_us(st->loop), due = st->flushed_us + DEVICE_STORE_FLUSH_MS * 1000u;

    if (device_state_serial(device_state(st->device)) == st->saved && !settings_failing(st->settings))
        return;
    (void)put_changed(st);
    if (st->later.node.pos)
        return;
    /* Rate-limited, so that a platform that keeps setting presets does not wear out the flash. */
    if ((!st->flushed_us || now >= due) && !settings_failing(st->settings))
        write_out(st);
    else
        (void)loop_timer_at(st->loop, &st->later, due > now ? due : now + DEVICE_STORE_FLUSH_MS * 1000u, on_later, st);
}

void device_store_close(struct device_store *st)
{
    if (!st->loop)
        return;
    if (st->later.node.pos)
        write_out(st);
    loop_timer_del(st->loop, &st->later);
}
