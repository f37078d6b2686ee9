/* SPDX-License-Identifier: MIT */
/* Response PresetQuery (2016 A.2.6, 2022 A.2.6.10). */
#ifndef MANSCDP_PRESETS_H
#define MANSCDP_PRESETS_H

#include <stdbool.h>

#include "util/buf.h"

/* The list after DeviceID; `num` items follow. sum: begins with SumNum, the total of all messages of the answer. */
void preset_list_open(struct buf *b, bool sum, unsigned total, unsigned num);
void preset_item_put(struct buf *b, unsigned number, const char *name);
void preset_list_close(struct buf *b);

#endif
