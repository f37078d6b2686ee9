/* SPDX-License-Identifier: MIT */
/* Response SDCardStatus (2022, A.2.6). */
#ifndef MANSCDP_STORAGE_H
#define MANSCDP_STORAGE_H

#include "gbagent/board.h"
#include "util/buf.h"

/* What follows DeviceID; of an ERROR, what follows Result: no card. */
void storage_status_put(struct buf *b, const struct board_card *card, unsigned n);

#endif
