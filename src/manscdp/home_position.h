/* SPDX-License-Identifier: MIT */
/* Response HomePositionQuery (2022, A.2.6). */
#ifndef MANSCDP_HOME_POSITION_H
#define MANSCDP_HOME_POSITION_H

#include "gbagent/control.h"
#include "util/buf.h"

/* Writes the part after DeviceID; NULL: never set. */
void home_position_put(struct buf *b, const struct gb_home *home);

#endif
