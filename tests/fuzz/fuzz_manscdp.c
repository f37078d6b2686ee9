/* SPDX-License-Identifier: MIT */
/* A body as from a platform: decoded, answered, and the answer parsed again in its charset. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/catalog.h"
#include "manscdp/config.h"
#include "manscdp/cruise.h"
#include "manscdp/device_info.h"
#include "manscdp/device_status.h"
#include "manscdp/home_position.h"
#include "manscdp/table.h"
#include "manscdp/position.h"
#include "manscdp/presets.h"
#include "manscdp/record.h"
#include "manscdp/storage.h"
#include "manscdp/subscribe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(enum charset cs, const struct buf *utf8)
{
    static char mem[4 * MANSCDP_BODY_MAX];
    struct manscdp_request r;
    struct buf out;

    buf_init(&out, mem, sizeof(mem));
    if (manscdp_convert(cs, utf8, &out))
        abort();
    int err = manscdp_decode(&r, buf_view(&out), cs);
    /* '?' as a replacement may make a name too long or change the ID, but the message stays valid */
    if (err && err != -ENOMEM)
        abort();
    if (!err && r.root != MANSCDP_RESPONSE)
        abort();
    if (!err)
        manscdp_request_free(&r);
}

/* The answer to such a request. */
static void put_answer(struct buf *b, const struct manscdp_request *r, unsigned i)
{
    static const char name[] = "\xe5\xa4\xa7 & <";
    static const struct duty_status duty[] = { { "34020000001340000001", true, false } };
    static const struct board_card card[3] = { { .id = 1, .progress = -1, .name = "<&>" } };
    static const struct board_geo geo = { .longitude = 116.5, .latitude = -91e9 };
    const enum gb_edition edition = (enum gb_edition)(i % 3);
    const struct device_info info = { .name = name, .manufacturer = "m", .model = "x", .firmware = "1", .channels = 1 };
    const struct device_status status = {
        .online = true,
        .reason = "",
        .encode = 1,
        .record = -1,
        .time = "2024-01-01T08:00:00",
        .duty = duty,
        .nduty = i % 2,
    };
    const struct mobile_position place = {
        .device_id = r->device_id, .list = i == 2, .time = "2024-01-01T08:00:00", .geo = geo
    };
    const struct config_basic basic = { .name = name, .expires_s = 3600, .has_geo = i == 1 };

    switch (r->row->action) {
    case MANSCDP_INFO:
        device_info_put(b, edition, &info);
        break;
    case MANSCDP_STATUS:
        device_status_put(b, &status);
        break;
    case MANSCDP_DOWNLOAD:
        config_basic_put(b, edition, &basic);
        break;
    case MANSCDP_RECORDS:
        record_list_open(b, name, 0, 0);
        break;
    case MANSCDP_PRESETS:
        preset_list_open(b, i % 2, 0, 0);
        preset_list_close(b);
        break;
    case MANSCDP_MOBILE_POSITION:
        mobile_position_put(b, &place);
        break;
    case MANSCDP_HOME:
        home_position_put(b, &(struct gb_home){ .enabled = true, .has_preset = true, .preset = 255 });
        break;
    case MANSCDP_CRUISE_TRACKS:
        cruise_list_open(b, 0, 0);
        cruise_list_close(b, 0);
        break;
    case MANSCDP_CRUISE_TRACK:
        cruise_track_open(b, r->u.number, name, i, i);
        cruise_track_close(b, i);
        break;
    case MANSCDP_PTZ_POSITION:
        ptz_position_put(b, &(struct board_head){ .pan = 1e300, .tilt = -90, .zoom = 1, .has_view = i == 1 });
        break;
    case MANSCDP_STORAGE:
        storage_status_put(b, card, i);
        break;
    case MANSCDP_CONFIG:
        if (!r->error && r->u.config.n)
            config_block_put(b, r->u.config.block);
        break;
    default:
        xml_put(b, "Result", i ? "OK" : "ERROR");
        break;
    }
}

static void answer(const struct manscdp_request *r)
{
    static char mem[MANSCDP_BODY_MAX];

    for (unsigned i = 0; i < 4; i++) {
        struct buf utf8;
        buf_init(&utf8, mem, sizeof(mem));
        manscdp_begin(&utf8, (enum charset)i, MANSCDP_RESPONSE, r->cmd_type, r->sn, r->device_id);
        put_answer(&utf8, r, i);
        manscdp_end(&utf8, MANSCDP_RESPONSE);
        if (utf8.overflow || !charset_utf8_valid(buf_view(&utf8)))
            abort();
        read_again((enum charset)i, &utf8);
    }
}

/* List items with texts from the request. */
static void put_items(struct buf *b, enum gb_edition edition, const struct manscdp_request *r, const char *text)
{
    static char info[CATALOG_INFOS][CATALOG_INFO_SIZE];
    struct board_record rec = { .start_unix_s = 1704067200, .end_unix_s = 1704067260, .bytes = UINT64_MAX };
    const struct record_item record = { .device_id = r->device_id, .name = text, .record = &rec, .location = text };
    const struct catalog_item item = {
        .id = r->device_id,
        .name = text,
        .manufacturer = text,
        .model = text,
        .owner = text,
        .civil_code = text,
        .block = text,
        .address = text,
        .parent = text,
        .ip_address = text,
        .port = 65535,
        .security_level = text,
        .camera = true,
        .info = info,
    };

    for (unsigned i = 0; i < CATALOG_INFOS; i++)
        snprintf(info[i], sizeof(info[i]), "%.*s", i % 2 ? (int)strnlen(r->sn, sizeof(info[i]) - 1) : 0, r->sn);
    if (r->row->action == MANSCDP_RECORDS) {
        memcpy(rec.path, r->u.records.query.path, sizeof(rec.path));
        memcpy(rec.address, r->u.records.query.address, sizeof(rec.address));
        memcpy(rec.recorder, r->u.records.query.recorder, sizeof(rec.recorder));
        rec.type = r->u.records.query.type;
    }
    record_begin(b, CHARSET_GB18030, r->sn, r->device_id, true, text, 4, 1);
    record_item_put(b, edition, &record);
    catalog_item_put(b, edition, &item);
    preset_item_put(b, 255, text);
    cruise_list_item_put(b, 0, text);
    record_end(b, 4);
}

static void lists(const struct manscdp_request *r)
{
    static char mem[4 * MANSCDP_BODY_MAX];

    for (unsigned i = 0; i < 3; i++) {
        struct buf utf8;
        buf_init(&utf8, mem, sizeof(mem));
        put_items(&utf8, (enum gb_edition)i, r, i ? r->sn : r->cmd_type);
        if (utf8.overflow || !charset_utf8_valid(buf_view(&utf8)))
            abort();
        read_again(CHARSET_GB18030, &utf8);
    }
}

/* A stored DeviceConfig block must read back the same. */
static void keep(const struct manscdp_request *r)
{
    static char kept[MANSCDP_BODY_MAX], again[MANSCDP_BODY_MAX];

    for (unsigned i = 0; !r->error && i < r->u.config.n; i++) {
        const struct gb_setting *s = &r->u.config.block[i];
        struct gb_setting back;
        struct buf b;

        buf_init(&b, kept, sizeof(kept));
        config_block_write(&b, s);
        if (!b.len)
            continue;
        int err = config_block_read(&back, s->block, buf_view(&b));
        if (err == -ENOMEM)
            continue;
        if (err || b.overflow || strpbrk(kept, "\r\n"))
            abort();
        buf_init(&b, again, sizeof(again));
        config_block_write(&b, &back);
        if (strcmp(kept, again))
            abort();
    }
}

static void subscribe(struct span body)
{
    static char mem[MANSCDP_BODY_MAX];
    struct subscribe_request q;
    struct buf utf8;

    if (subscribe_decode(&q, body, CHARSET_GB2312))
        return;
    if (q.interval_s < 1 || q.interval_s > SUBSCRIBE_INTERVAL_MAX_S || q.alarm.last_priority > 4)
        abort();
    subscribe_wants_alarm(&q, 1, 5, 13, 1704067200000, 28800);
    buf_init(&utf8, mem, sizeof(mem));
    subscribe_response_put(&utf8, CHARSET_GB2312, &q);
    if (utf8.overflow)
        abort();
    read_again(CHARSET_GB2312, &utf8);
}

/* Control commands also count in a Query or Notify; every other request must have its own root. */
static bool row_fits(const struct manscdp_request *r)
{
    if (!r->row || r->row->root == r->root)
        return r->row;
    return r->row->root == MANSCDP_CONTROL && (r->command || r->row->action == MANSCDP_CONFIG) &&
           (r->root == MANSCDP_QUERY || r->root == MANSCDP_NOTIFY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manscdp_request r;

    subscribe((struct span){ (const char *)data, size });

    for (int utf8 = 0; utf8 < 2; utf8++) {
        if (manscdp_decode(&r, (struct span){ (const char *)data, size }, utf8 ? CHARSET_UTF8 : CHARSET_GB2312))
            continue;
        if (!r.cmd_type[0] || !row_fits(&r))
            abort();
        answer(&r);
        lists(&r);
        if (r.row->action == MANSCDP_CONFIG)
            keep(&r);
        manscdp_request_free(&r);
    }
    return 0;
}
