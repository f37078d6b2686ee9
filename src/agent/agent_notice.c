/* SPDX-License-Identifier: MIT */
/* What is told the platform beside calls and alarms: that a camera's video is there. */
#include <errno.h>
#include <string.h>

#include "agent/agent_impl.h"
#include "manscdp/video_upload.h"

#define BODY_MAX 1024u

int agent_do_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now)
{
    struct video_upload v = { .device_id = id[0] ? id : a->ua.device_id };
    char text[BODY_MAX];
    struct buf body;

    if (a->ua.cfg.edition < GB_2022)
        return -ENOTSUP;
    if (strcmp(v.device_id, a->ua.device_id) != 0 && !device_item_find(a->ua.dev, span_of(id)))
        return -ENOENT;
    if (geo) {
        v.has_position = true;
        v.longitude = geo->longitude;
        v.latitude = geo->latitude;
    } else {
        v.has_position = device_place(a->ua.dev, id, &v.longitude, &v.latitude);
    }
    v.sn = ua_next_sn(&a->ua);
    walltime_print(now->unix_ms, now->utc_offset_s, v.time);
    buf_init(&body, text, sizeof(text));
    video_upload_put(&body, a->ua.cfg.charset, &v);
    return ua_send_message(&a->ua, MESSAGE_NOTICE, 0, buf_view(&body), now);
}
