/* SPDX-License-Identifier: MIT */
/* The eight bytes of PTZCmd (GB/T 28181 A.3). */
#ifndef CODEC_PTZ_CODE_H
#define CODEC_PTZ_CODE_H

#include <stdbool.h>

#include "gbagent/ptz.h"
#include "util/span.h"

/* Peculiarities of a PTZCmd that struct ptz_cmd does not show. */
struct ptz_quirks {
    bool odd_version; /* byte 2 does not conform to A.3; otherwise harmless */
    bool no_speed;    /* has pan, tilt or zoom directions, all with speed 0 */
};

/* Decodes 16 hex digits in any case, with blanks around. 0; -EBADMSG: anything else; -EBADE: wrong checksum; -ENOTSUP:
 * a command that is not in the standard, or two opposite directions at once. quirks may be NULL. */
int ptz_decode(struct span hex, struct ptz_cmd *out, struct ptz_quirks *quirks);
const char *ptz_kind_name(enum ptz_kind kind); /* "preset-call"; "?" for an invalid kind */
/* For logs: "move pan -80 tilt 0 zoom 0". size: bytes. */
void ptz_describe(const struct ptz_cmd *cmd, char *out, unsigned long size);

#endif
