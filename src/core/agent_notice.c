/* SPDX-License-Identifier: MIT */
/* What the shell tells an agent that is neither a call nor an alarm: positions, and that a camera's video is there. */
#include <errno.h>
#include <string.h>

#include "core/agent_impl.h"
#include "core/sip_clock.h"
#include "manscdp/notice.h"

#define BODY_MAX 1024u

int agent_reply_geo(struct agent *a, uint32_t token, const struct board_geo *geo, const struct gb_time *now)
{
    int ret;

    sip_clock_set(now->mono_ms);
    ret = token & SUBSCRIPTION_TOKEN ? subscription_reply_geo(a, token, geo, now) :
                                       router_reply_geo(&a->router, token, geo, now);
    agent_settle(a, now);
    return ret;
}

int agent_reply_head(struct agent *a, uint32_t token, const struct board_head *head, const struct gb_time *now)
{
    int ret;

    sip_clock_set(now->mono_ms);
    ret = token & SUBSCRIPTION_TOKEN ? subscription_reply_head(a, token, head, now) :
                                       router_reply_head(&a->router, token, head, now);
    agent_settle(a, now);
    return ret;
}

int agent_video_upload(struct agent *a, const char *id, const struct board_geo *geo, const struct gb_time *now)
{
    struct video_upload v = { .device_id = id[0] ? id : a->device_id };
    char text[BODY_MAX];
    struct buf body;

    if (a->cfg.edition < GB_2022)
        return -ENOTSUP;
    if (strcmp(v.device_id, a->device_id) != 0 && !device_item_find(a->dev, span_of(id)))
        return -ENOENT;
    if (geo) {
        v.has_position = true;
        v.longitude = geo->longitude;
        v.latitude = geo->latitude;
    } else {
        v.has_position = device_place(a->dev, id, &v.longitude, &v.latitude);
    }
    v.sn = agent_next_sn(a);
    walltime_print(now->unix_ms, now->utc_offset_s, v.time);
    buf_init(&body, text, sizeof(text));
    video_upload_put(&body, a->cfg.charset, &v);
    return agent_send_message(a, MESSAGE_NOTICE, 0, buf_view(&body), now);
}
