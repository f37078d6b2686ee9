/* SPDX-License-Identifier: MIT */
/* Display order of the pictures of a clip (picture order count: H.264 8.2.1, H.265 8.3.1). */
#ifndef BOARD_SIM_POC_H
#define BOARD_SIM_POC_H

#include "board/sim/clip.h"

#define POC_REORDER_MAX 32u /* maximum shift of a picture: a DPB of 16 frames in fields */

/* Sets shift and whole of every unit, and delay and ahead of the clip. -ENOMEM; -ENOTSUP: H.264 type 1; -EBADMSG:
 * invalid, or an order that no decoder supports. After an error display order is decoding order. Ignores
 * memory_management_control_operation 5 of H.264. */
int poc_order(struct clip *c);

#endif
