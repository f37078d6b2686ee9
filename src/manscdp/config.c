/* SPDX-License-Identifier: MIT */
#include "manscdp/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/config_priv.h"

/* In the standard, SnapShotConfig is called SnapShot in the answer. */
static const struct config_block blocks[GB_BLOCKS] = {
    [GB_BLOCK_BASIC] = { "BasicParam", "BasicParam", config_read_basic, NULL, false },
    [GB_BLOCK_VIDEO_OPT] = { "VideoParamOpt", "VideoParamOpt", config_read_video_opt, config_write_video_opt, false },
    [GB_BLOCK_SVAC_ENCODE] = { "SVACEncodeConfig", "SVACEncodeConfig", config_read_svac_encode,
                               config_write_svac_encode, false },
    [GB_BLOCK_SVAC_DECODE] = { "SVACDecodeConfig", "SVACDecodeConfig", config_read_svac_decode,
                               config_write_svac_decode, false },
    [GB_BLOCK_VIDEO_ATTRIBUTE] = { "VideoParamAttribute", "VideoParamAttribute", config_read_video_attribute,
                                   config_write_video_attribute, true },
    [GB_BLOCK_RECORD_PLAN] = { "VideoRecordPlan", "VideoRecordPlan", config_read_record_plan, config_write_record_plan,
                               false },
    [GB_BLOCK_ALARM_RECORD] = { "VideoAlarmRecord", "VideoAlarmRecord", config_read_alarm_record,
                                config_write_alarm_record, false },
    [GB_BLOCK_PICTURE_MASK] = { "PictureMask", "PictureMask", config_read_picture_mask, config_write_picture_mask,
                                false },
    [GB_BLOCK_FRAME_MIRROR] = { "FrameMirror", "FrameMirror", config_read_frame_mirror, NULL, false },
    [GB_BLOCK_ALARM_REPORT] = { "AlarmReport", "AlarmReport", config_read_alarm_report, config_write_alarm_report,
                                false },
    [GB_BLOCK_OSD] = { "OSDConfig", "OSDConfig", config_read_osd, config_write_osd, false },
    [GB_BLOCK_SNAPSHOT] = { "SnapShotConfig", "SnapShot", config_read_snapshot, config_write_snapshot, false },
};

const char *config_block_name(enum gb_block block)
{
    return (unsigned)block < GB_BLOCKS ? blocks[block].name : "?";
}

int config_block_find(struct span name, enum gb_block *out)
{
    for (unsigned i = 0; i < GB_BLOCKS; i++) {
        if (span_case_eq_str(name, blocks[i].name) || span_case_eq_str(name, blocks[i].answer)) {
            *out = (enum gb_block)i;
            return 0;
        }
    }
    return -ENOENT;
}

static int read_block(struct gb_setting *s, enum gb_block block, const struct xml_node *node)
{
    memset(s, 0, sizeof(*s));
    s->block = block;
    return blocks[block].read ? blocks[block].read(s, node) : 0;
}

/* ---- DeviceConfig ------------------------------------------------------------------------------ */

/* The first of duplicate blocks counts. */
static const struct xml_node *block_node(const struct xml_node *root, unsigned block)
{
    const struct xml_node *n = xml_child(root, blocks[block].name);

    return n ? n : xml_child(root, blocks[block].answer);
}

static unsigned count_blocks(const struct xml_node *root)
{
    unsigned n = 0;

    for (unsigned i = 0; i < GB_BLOCKS; i++)
        n += block_node(root, i) ? 1 : 0;
    return n;
}

bool config_has_block(const struct xml_node *root)
{
    return count_blocks(root) > 0;
}

int config_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const unsigned n = count_blocks(root);
    int err = 0;

    if (!n)
        return -ENOTSUP;
    r->u.config.block = calloc(n, sizeof(*r->u.config.block));
    if (!r->u.config.block)
        return -ENOMEM;
    for (unsigned i = 0; i < GB_BLOCKS && !err; i++) {
        const struct xml_node *node = block_node(root, i);
        if (node)
            err = read_block(&r->u.config.block[r->u.config.n++], (enum gb_block)i, node);
    }
    return err;
}

/* ---- ConfigDownload ---------------------------------------------------------------------------- */

int config_download_decode(struct manscdp_request *r, const struct xml_node *root)
{
    struct span types = span_of(xml_text(root, "ConfigType"));
    enum gb_block block;

    r->u.config.want = types.n ? 0 : 1u << GB_BLOCK_BASIC;
    while (types.n) {
        size_t end = span_chr(types, '/');
        struct span type = span_trim((struct span){ types.p, end });
        if (!config_block_find(type, &block))
            r->u.config.want |= 1u << block;
        else if (type.n)
            r->u.config.unknown = true;
        types = span_from(types, end + 1);
    }
    return r->u.config.want ? 0 : -ENOTSUP;
}

void config_basic_put(struct buf *b, enum gb_edition edition, const struct config_basic *basic)
{
    xml_put(b, "Result", "OK");
    xml_open(b, "BasicParam");
    xml_put(b, "Name", basic->name);
    xml_putf(b, "Expiration", "%u", (unsigned)basic->expires_s);
    /* A widespread platform dereferences these two without a check. */
    xml_putf(b, "HeartBeatInterval", "%u", (unsigned)basic->heartbeat_s);
    xml_putf(b, "HeartBeatCount", "%u", (unsigned)basic->heartbeat_count);
    if (edition < GB_2022) {
        /* The positioning system is unknown; 1 is the usual value. */
        xml_put(b, "PositionCapability", basic->has_geo ? "1" : "0");
    }
    if (edition < GB_2022 && basic->has_position) {
        manscdp_put_degrees(b, "Longitude", basic->longitude);
        manscdp_put_degrees(b, "Latitude", basic->latitude);
    }
    xml_close(b, "BasicParam");
}

static void write_block(struct buf *b, const char *name, const struct gb_setting *s)
{
    const struct config_block *block = &blocks[s->block];

    if (s->block == GB_BLOCK_FRAME_MIRROR) {
        xml_putf(b, name, "%u", s->u.frame_mirror);
        return;
    }
    if (!block->write)
        return;
    if (block->counted)
        xml_open_num(b, name, s->u.video_attribute.n);
    else
        xml_open(b, name);
    block->write(b, s);
    xml_close(b, name);
}

void config_block_put(struct buf *b, const struct gb_setting *s)
{
    xml_put(b, "Result", "OK");
    write_block(b, blocks[s->block].answer, s);
}

/* ---- stored blocks ------------------------------------------------------------------------------ */

void config_block_write(struct buf *b, const struct gb_setting *s)
{
    size_t from = b->len, to = from;

    write_block(b, blocks[s->block].name, s);
    /* Values have no line breaks: the XML writer drops them. */
    for (size_t i = from; i < b->len; i++)
        if (b->data[i] != '\r' && b->data[i] != '\n')
            b->data[to++] = b->data[i];
    b->len = to;
    b->data[to] = '\0';
}

int config_block_read(struct gb_setting *s, enum gb_block block, struct span text)
{
    struct xml_doc *doc;
    int err = xml_parse(&doc, text, CHARSET_UTF8);

    if (err)
        return err;
    err = !strcmp(xml_name(xml_root(doc)), blocks[block].name) ? read_block(s, block, xml_root(doc)) : -EBADMSG;
    xml_free(doc);
    return err;
}
