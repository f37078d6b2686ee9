/* SPDX-License-Identifier: MIT */
#include "manscdp/presets.h"

#include "codec/xml.h"

void preset_list_open(struct buf *b, bool sum, unsigned total, unsigned num)
{
    if (sum)
        xml_putf(b, "SumNum", "%u", total);
    xml_open_num(b, "PresetList", num);
}

void preset_item_put(struct buf *b, unsigned number, const char *name)
{
    xml_open(b, "Item");
    xml_putf(b, "PresetID", "%u", number);
    xml_put(b, "PresetName", name);
    xml_close(b, "Item");
}

void preset_list_close(struct buf *b)
{
    xml_close(b, "PresetList");
}
