/* SPDX-License-Identifier: MIT */
#include "manscdp/storage.h"

#include "codec/xml.h"

void storage_status_put(struct buf *b, const struct board_card *card, unsigned n)
{
    static const char *const states[] = {
        [BOARD_CARD_OK] = "ok",     [BOARD_CARD_FORMATTING] = "formatting", [BOARD_CARD_UNFORMATTED] = "unformatted",
        [BOARD_CARD_IDLE] = "idle", [BOARD_CARD_ERROR] = "error",
    };

    xml_putf(b, "SumNum", "%u", n);
    if (!n)
        return;
    xml_open_num(b, "SDCardStatusInfo", n);
    for (unsigned i = 0; i < n; i++) {
        const struct board_card *c = &card[i];
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
