/* SPDX-License-Identifier: MIT */
#include "manscdp/presets.h"

#include <errno.h>
#include <string.h>

#include "manscdp/position.h"

#define TRACK_NAME_MAX 32u

void preset_item_put(struct buf *b, unsigned number, const char *name)
{
    xml_open(b, "Item");
    xml_putf(b, "PresetID", "%u", number);
    xml_put(b, "PresetName", name);
    xml_close(b, "Item");
}

void track_name_put(struct buf *b, const char *name)
{
    char text[TRACK_NAME_MAX + 1];
    size_t n = strnlen(name, TRACK_NAME_MAX + 1);

    if (n > TRACK_NAME_MAX) {
        n = TRACK_NAME_MAX;
        while (n && ((unsigned char)name[n] & 0xC0u) == 0x80u)
            n--;
    }
    memcpy(text, name, n);
    text[n] = '\0';
    xml_put(b, "Name", text);
}

void track_item_put(struct buf *b, unsigned number, const char *name)
{
    xml_open(b, "CruiseTrack");
    xml_putf(b, "Number", "%u", number);
    track_name_put(b, name);
    xml_close(b, "CruiseTrack");
}

void track_point_put(struct buf *b, unsigned preset, unsigned stay_s, unsigned speed)
{
    xml_open(b, "CruisePoint");
    xml_putf(b, "PresetIndex", "%u", preset);
    xml_putf(b, "StayTime", "%u", stay_s);
    xml_putf(b, "Speed", "%u", !speed ? 1 : speed > TRACK_SPEED_MAX ? TRACK_SPEED_MAX : speed);
    xml_close(b, "CruisePoint");
}

void preset_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    if (f->edition >= GB_2022)
        xml_put(b, "SumNum", "0");
    xml_open_num(b, "PresetList", 0);
    xml_close(b, "PresetList");
}

void tracks_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    (void)f;
    xml_put(b, "SumNum", "0");
}

void track_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    xml_putf(b, "Number", "%u", r->u.number);
    tracks_report(b, r, f);
}

int track_query_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const char *text = xml_text(root, "Number");
    uint64_t number = 0;

    if (text && text[0] && span_u64(span_of(text), 255, &number))
        return -EBADMSG;
    r->u.number = (unsigned)number;
    return 0;
}

void home_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    const struct gb_home *h = f->home;

    (void)r;
    if (!f->ok)
        return;
    xml_open(b, "HomePosition");
    xml_put(b, "Enabled", h && h->enabled ? "1" : "0");
    if (h && h->has_reset_time)
        xml_putf(b, "ResetTime", "%lu", (unsigned long)h->reset_time_s);
    if (h && h->has_preset)
        xml_putf(b, "PresetIndex", "%u", h->preset);
    xml_close(b, "HomePosition");
}

void head_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    (void)r;
    if (f->ok && f->head)
        ptz_position_fields(b, f->head);
}

void storage_report(struct buf *b, const struct manscdp_request *r, const struct manscdp_facts *f)
{
    static const char *const states[] = {
        [BOARD_CARD_OK] = "ok", [BOARD_CARD_FORMATTING] = "formatting", [BOARD_CARD_UNFORMATTED] = "unformatted",
        [BOARD_CARD_IDLE] = "idle", [BOARD_CARD_ERROR] = "error",
    };

    (void)r;
    xml_putf(b, "SumNum", "%u", f->ncards);
    if (!f->ncards)
        return;
    xml_open_num(b, "SDCardStatusInfo", f->ncards);
    for (unsigned i = 0; i < f->ncards; i++) {
        const struct board_card *c = &f->card[i];
        xml_open(b, "Item");
        xml_putf(b, "ID", "%u", c->id);
        xml_put(b, "HddName", c->name);
        xml_put(b, "Status", (unsigned)c->state < sizeof(states) / sizeof(states[0]) ? states[c->state] : "error");
        if (c->progress >= 0)
            xml_putf(b, "FormatProgress", "%d", c->progress > 100 ? 100 : c->progress);
        xml_putf(b, "Capacity", "%llu", (unsigned long long)c->capacity_mb);
        xml_putf(b, "FreeSpace", "%llu", (unsigned long long)c->free_mb);
        xml_close(b, "Item");
    }
    xml_close(b, "SDCardStatusInfo");
}
