/* SPDX-License-Identifier: MIT */
/* Response SDCardStatus (2022, A.2.6). */
#ifndef MANSCDP_STORAGE_H
#define MANSCDP_STORAGE_H

#include "gbagent/board.h"
#include "util/buf.h"

/* Writes the part after DeviceID or, with n = 0, after Result ERROR. */
void storage_status_put(struct buf *b, const struct board_card *card, unsigned n);

#endif
