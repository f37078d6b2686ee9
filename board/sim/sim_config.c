/* SPDX-License-Identifier: MIT */
/* Settings of DeviceConfig, kept in memory: the daemon sets them again after a restart. */
#include "board/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

struct sim_config {
    struct list node;
    char id[24];
    struct gb_setting *set[GB_BLOCKS]; /* NULL: default */
};

static struct sim_config *find(struct board *b, const char *id)
{
    list_each(it, &b->configs) {
        struct sim_config *c = container_of(it, struct sim_config, node);

        if (strcmp(c->id, id) == 0)
            return c;
    }
    return NULL;
}

/* ---- defaults ----------------------------------------------------------------------------------- */

struct picture {
    enum gb_codec codec;
    unsigned width, height;
};

/* Assumes 1080p H.264 if the clip cannot be read. */
static struct picture picture_of(const struct board_channel *ch)
{
    struct picture p = { GB_CODEC_H264, 0, 0 };

    if (sim_clip_size(ch->source, &p.codec, &p.width, &p.height) != 0)
        p = (struct picture){ GB_CODEC_H264, 1920, 1080 };
    return p;
}

static void resolution(const struct picture *p, char *out, size_t size)
{
    static const struct {
        unsigned width, height;
        const char *code;
    } known[] = {
        { 176, 144, "1" }, { 352, 288, "2" },  { 704, 576, "3" },
        { 720, 576, "4" }, { 1280, 720, "5" }, { 1920, 1080, "6" },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].width == p->width && known[i].height == p->height) {
            (void)snprintf(out, size, "%s", known[i].code);
            return;
        }
    }
    (void)snprintf(out, size, "%ux%u", p->width, p->height);
}

static void default_video_opt(const struct board_channel *ch, struct gb_setting *s)
{
    const struct picture p = picture_of(ch);

    (void)snprintf(s->u.video_opt.download_speed, sizeof(s->u.video_opt.download_speed), "1/2/4");
    resolution(&p, s->u.video_opt.resolution, sizeof(s->u.video_opt.resolution));
}

static void default_video_attribute(const struct board_channel *ch, struct gb_setting *s)
{
    const struct picture p = picture_of(ch);
    struct gb_video_stream *v = &s->u.video_attribute.item[0];

    s->u.video_attribute.n = 1;
    (void)snprintf(v->format, sizeof(v->format), p.codec == GB_CODEC_H265 ? "5" : "2");
    resolution(&p, v->resolution, sizeof(v->resolution));
    (void)snprintf(v->frame_rate, sizeof(v->frame_rate), "%u", ch->fps && ch->fps < 100 ? ch->fps : SIM_FPS_DEFAULT);
    (void)snprintf(v->rate_type, sizeof(v->rate_type), "2");
}

static void default_alarm_record(const struct board_channel *ch, struct gb_setting *s)
{
    (void)ch;
    s->u.alarm_record = (struct gb_alarm_record){ .has_after = true, .has_before = true, .after_s = 30, .before_s = 5 };
}

static void default_osd(const struct board_channel *ch, struct gb_setting *s)
{
    const struct picture p = picture_of(ch);

    s->u.osd = (struct gb_osd){
        .length = (int)p.width,
        .width = (int)p.height,
        .time_x = 16,
        .time_y = 16,
        .time_enable = true,
        .text_enable = true,
    };
}

static void default_report(const struct board_channel *ch, struct gb_setting *s)
{
    (void)ch;
    s->u.alarm_report = (struct gb_alarm_report){ .motion = true, .field = true };
}

static void default_zero(const struct board_channel *ch, struct gb_setting *s)
{
    (void)ch;
    (void)s;
}

/* Blocks without a function are not supported. */
static void (*const defaults[GB_BLOCKS])(const struct board_channel *ch, struct gb_setting *s) = {
    [GB_BLOCK_VIDEO_OPT] = default_video_opt, [GB_BLOCK_VIDEO_ATTRIBUTE] = default_video_attribute,
    [GB_BLOCK_RECORD_PLAN] = default_zero,    [GB_BLOCK_ALARM_RECORD] = default_alarm_record,
    [GB_BLOCK_PICTURE_MASK] = default_zero,   [GB_BLOCK_FRAME_MIRROR] = default_zero,
    [GB_BLOCK_ALARM_REPORT] = default_report, [GB_BLOCK_OSD] = default_osd,
};

/* ---- operations --------------------------------------------------------------------------------- */

int sim_config_get(struct board *b, const struct board_channel *ch, struct gb_setting *s)
{
    struct sim_config *c;

    if (!ch || (unsigned)s->block >= GB_BLOCKS || !defaults[s->block])
        return -ENOTSUP;
    c = find(b, ch->id);
    if (c && c->set[s->block])
        *s = *c->set[s->block];
    else
        defaults[s->block](ch, s);
    return 0;
}

static struct sim_config *find_or_add(struct board *b, const char *id)
{
    struct sim_config *c = find(b, id);

    if (c || b->nconfigs >= SIM_CHANNELS_MAX)
        return c;
    c = calloc(1, sizeof(*c));
    if (c) {
        (void)snprintf(c->id, sizeof(c->id), "%s", id);
        list_append(&b->configs, &c->node);
        b->nconfigs++;
    }
    return c;
}

int sim_config_set(struct board *b, const struct board_channel *ch, const struct gb_setting *s)
{
    struct sim_config *c;

    if (!ch || (unsigned)s->block >= GB_BLOCKS || !defaults[s->block])
        return -ENOTSUP;
    c = find_or_add(b, ch->id);
    if (c && !c->set[s->block])
        c->set[s->block] = malloc(sizeof(*s));
    if (!c || !c->set[s->block])
        return -ENOMEM;
    *c->set[s->block] = *s;
    log_info("sim: config-set channel=%s block=%d", ch->id, (int)s->block);
    return 0;
}

void sim_configs_free(struct board *b)
{
    list_each_safe(it, &b->configs) {
        struct sim_config *c = container_of(it, struct sim_config, node);

        for (unsigned i = 0; i < GB_BLOCKS; i++)
            free(c->set[i]);
        free(c);
    }
    list_init(&b->configs);
}
