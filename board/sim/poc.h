/* SPDX-License-Identifier: MIT */
/* The order in which the pictures of a clip are shown (picture order count: H.264 8.2.1, H.265 8.3.1). */
#ifndef BOARD_SIM_POC_H
#define BOARD_SIM_POC_H

#include "board/sim/clip.h"

#define POC_REORDER_MAX 32u     /* pictures that one may be early or late: a DPB of 16 frames in fields */

/* Fills shift and whole of every unit, delay and ahead of the clip. -ENOMEM. Otherwise, and c is then as if every picture
 * were shown when it is decoded: -ENOTSUP: H.264's type 1; -EBADMSG: broken, or no order that a decoder could follow.
 * memory_management_control_operation 5 of H.264 is taken for no IDR. */
int poc_order(struct clip *c);

#endif
