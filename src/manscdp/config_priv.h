/* SPDX-License-Identifier: MIT */
/* What the files config*.c share: config.c has requests and answers, the others the blocks. Nobody else includes this. */
#ifndef MANSCDP_CONFIG_PRIV_H
#define MANSCDP_CONFIG_PRIV_H

#include "codec/xml.h"
#include "gbagent/settings.h"
#include "util/buf.h"

/* One block each way. read: 0, -EBADMSG unreadable, -ERANGE past a bound, -E2BIG too many of something; *s is zero but
 * for its block. write: what is inside the block's element. NULL: the block is not written by it. */
struct config_block {
    const char *name;                   /* in ConfigType and DeviceConfig */
    const char *answer;                 /* the element in the Response */
    int (*read)(struct gb_setting *s, const struct xml_node *block);
    void (*write)(struct buf *b, const struct gb_setting *s);
    bool counted;                       /* its element has Num */
};

/* ---- config_read.c ---- */
int config_read_basic(struct gb_setting *s, const struct xml_node *n);
int config_read_video_opt(struct gb_setting *s, const struct xml_node *n);
int config_read_video_attribute(struct gb_setting *s, const struct xml_node *n);
int config_read_alarm_record(struct gb_setting *s, const struct xml_node *n);
int config_read_picture_mask(struct gb_setting *s, const struct xml_node *n);
int config_read_frame_mirror(struct gb_setting *s, const struct xml_node *n);
int config_read_alarm_report(struct gb_setting *s, const struct xml_node *n);
int config_read_osd(struct gb_setting *s, const struct xml_node *n);
int config_read_snapshot(struct gb_setting *s, const struct xml_node *n);
/* The child `name` as a number; absent or empty: left as it is and *has (may be NULL) false. */
int config_read_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out, bool *has);
/* The same, absent: -EBADMSG. */
int config_need_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out);
/* 0 or 1. */
int config_need_flag(const struct xml_node *n, const char *name, bool *out);
/* Text of at most size - 1 bytes; absent: "". */
int config_read_text(const struct xml_node *n, const char *name, char *out, size_t size);

/* ---- config_svac.c ---- */
int config_read_svac_encode(struct gb_setting *s, const struct xml_node *n);
int config_read_svac_decode(struct gb_setting *s, const struct xml_node *n);
void config_write_svac_encode(struct buf *b, const struct gb_setting *s);
void config_write_svac_decode(struct buf *b, const struct gb_setting *s);

/* ---- config_plan.c ---- */
int config_read_record_plan(struct gb_setting *s, const struct xml_node *n);
void config_write_record_plan(struct buf *b, const struct gb_setting *s);

/* ---- config_write.c ---- */
void config_write_video_opt(struct buf *b, const struct gb_setting *s);
void config_write_video_attribute(struct buf *b, const struct gb_setting *s);
void config_write_alarm_record(struct buf *b, const struct gb_setting *s);
void config_write_picture_mask(struct buf *b, const struct gb_setting *s);
void config_write_alarm_report(struct buf *b, const struct gb_setting *s);
void config_write_osd(struct buf *b, const struct gb_setting *s);
void config_write_snapshot(struct buf *b, const struct gb_setting *s);

#endif
