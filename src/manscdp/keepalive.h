/* SPDX-License-Identifier: MIT */
/* Notify Keepalive (A.2.5). ASCII only, so the same bytes in every charset. */
#ifndef MANSCDP_KEEPALIVE_H
#define MANSCDP_KEEPALIVE_H

#include <stdint.h>

#include "codec/charset.h"
#include "util/buf.h"

/* faulty: IDs of the channels that do not work; as many as fit are listed so that the body has at most `room` bytes. */
void keepalive_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id, const char *const *faulty,
                   unsigned nfaulty, size_t room);

#endif
