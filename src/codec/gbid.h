/* SPDX-License-Identifier: MIT */
/* The 20-digit ID of GB/T 28181 (2016 annex D.1, 2022 annex E.1). Digits: centre 8, industry 2, type 3, network 1,
 * serial 6. */
#ifndef CODEC_GBID_H
#define CODEC_GBID_H

#include <stdbool.h>

#include "util/span.h"

#define GBID_SIZE 24 /* bytes: the longest accepted ID and NUL */
#define GBID_LEN  20

enum gbid_type {
    GBID_TYPE_DVR = 111,
    GBID_TYPE_NVR = 118,
    GBID_TYPE_CAMERA = 131,
    GBID_TYPE_IPC = 132,
    GBID_TYPE_ALARM_INPUT = 134,
    GBID_TYPE_VOICE_OUTPUT = 137,
    GBID_TYPE_SIP_SERVER = 200,
};

/* 0: 20 digits; 1: 18, 19 or 21 digits, which exist in the field; -EINVAL otherwise. */
int gbid_check(struct span id);
/* The number in digits 11 to 13; 0 if the ID is too short or has another character there. */
unsigned gbid_type(struct span id);
/* The SIP domain: the first ten characters; "" if the ID is shorter. */
void gbid_domain(struct span id, char out[11]);

#endif
