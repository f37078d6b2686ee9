/* SPDX-License-Identifier: MIT */
/* The rendering half of ctl. */
#ifndef APP_CTL_PRIV_H
#define APP_CTL_PRIV_H

#include "app/ctl.h"
#include "util/buf.h"

/* Appends what `status` (or, with sessions_only, `sessions`) shows. Overflow shows in out. */
void ctl_render(const struct ctl_snapshot *s, bool json, bool sessions_only, struct buf *out);
size_t ctl_render_room(const struct ctl_snapshot *s);       /* bytes that always suffice */
void ctl_render_string(const char *text, struct buf *out);  /* as a JSON string with its quotes */

#endif
