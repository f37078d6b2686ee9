/* SPDX-License-Identifier: MIT */
/* What `gbagentctl status` shows. */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "app/ctl.h"

struct app;

int status_snapshot(struct app *a, struct ctl_snapshot *out);   /* as ctl_ops.snapshot */

#endif
