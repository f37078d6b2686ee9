/* SPDX-License-Identifier: MIT */
/* The eight bytes of PTZCmd (GB/T 28181 A.3). */
#ifndef CODEC_PTZ_CODE_H
#define CODEC_PTZ_CODE_H

#include <stdbool.h>

#include "gbagent/ptz.h"
#include "util/span.h"

/* What a command does not say by itself. */
struct ptz_notes {
    bool odd_version;           /* byte 2 was not what A.3 says, worth a warning only */
    bool no_speed;              /* pan, tilt, zoom: directions were given, and the speed of each is 0 */
};

/* 16 hex digits, any case, blanks around. -EBADMSG: not that; -EBADE: wrong checksum; -ENOTSUP: a command
 * byte the standard does not have, or both of two opposite directions. notes may be NULL. */
int ptz_decode(struct span hex, struct ptz_cmd *out, struct ptz_notes *notes);
/* For logs: "move pan -80 tilt 0 zoom 0". */
void ptz_describe(const struct ptz_cmd *cmd, char *out, unsigned long size);

#endif
