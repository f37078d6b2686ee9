/* SPDX-License-Identifier: MIT */
/* The 20-digit ID of GB/T 28181 (2016 annex D.1, 2022 annex E.1): centre 8, industry 2, type 3,
 * network 1, serial 6. 21 digits exist in the field and work with a warning. */
#ifndef CODEC_GBID_H
#define CODEC_GBID_H

#include <stdbool.h>

#include "util/span.h"

#define GBID_SIZE 24            /* the longest ID and NUL */
#define GBID_LEN 20

enum gbid_type {
    GBID_TYPE_DVR = 111, GBID_TYPE_NVR = 118, GBID_TYPE_CAMERA = 131, GBID_TYPE_IPC = 132,
    GBID_TYPE_ALARM_INPUT = 134, GBID_TYPE_VOICE_OUTPUT = 137, GBID_TYPE_SIP_SERVER = 200,
};

/* 0 for 20 digits, 1 for 18..21 other lengths that exist in the field, -EINVAL otherwise. */
int gbid_check(struct span id);
/* Digits 11-13, or 0 when the ID is too short or has a letter there. */
unsigned gbid_type(struct span id);
/* The domain: the first ten digits, written to out[11]; empty string if shorter. */
void gbid_domain(struct span id, char out[11]);

#endif
