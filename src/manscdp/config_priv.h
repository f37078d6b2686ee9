/* SPDX-License-Identifier: MIT */
/* Shared by config*.c only: config.c has requests and answers, the other files the blocks. */
#ifndef MANSCDP_CONFIG_PRIV_H
#define MANSCDP_CONFIG_PRIV_H

#include "codec/xml.h"
#include "gbagent/settings.h"
#include "util/buf.h"

/* Reader and writer of a block. read: 0; -EBADMSG: missing or malformed; -ERANGE: out of range; -E2BIG: too many items.
 * *s is zero, except for s->block. write: the content of the block's element; NULL: not written this way. */
struct config_block {
    const char *name;   /* in ConfigType and DeviceConfig */
    const char *answer; /* the element in the Response */
    int (*read)(struct gb_setting *s, const struct xml_node *block);
    void (*write)(struct buf *b, const struct gb_setting *s);
    bool counted; /* its element has Num */
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
/* Reads the child `name` as a number. Missing or empty: *out is unchanged, *has (may be NULL) is false. */
int config_read_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out, bool *has);
/* The same, but -EBADMSG if it is missing. */
int config_need_uint(const struct xml_node *n, const char *name, uint32_t min, uint32_t max, uint32_t *out);
/* Reads a required 0 or 1. */
int config_need_flag(const struct xml_node *n, const char *name, bool *out);
/* Reads a text of at most size - 1 bytes; "" if missing. */
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
