/* SPDX-License-Identifier: MIT */
#include "manscdp/home_position.h"

#include "codec/xml.h"

void home_position_put(struct buf *b, const struct gb_home *home)
{
    xml_open(b, "HomePosition");
    xml_put(b, "Enabled", home && home->enabled ? "1" : "0");
    if (home && home->has_reset_time)
        xml_putf(b, "ResetTime", "%lu", (unsigned long)home->reset_time_s);
    if (home && home->has_preset)
        xml_putf(b, "PresetIndex", "%u", home->preset);
    xml_close(b, "HomePosition");
}
