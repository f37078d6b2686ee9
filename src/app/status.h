/* SPDX-License-Identifier: MIT */
/* The data of `gbagentctl status`. */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "app/ctl.h"

struct parts;

int status_snapshot(struct parts *p, struct ctl_snapshot *out); /* as ctl_ops.snapshot */

#endif
