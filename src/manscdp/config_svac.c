/* SPDX-License-Identifier: MIT */
/* SVACEncodeConfig and SVACDecodeConfig (2016 and 2022): groups of numbers, by tables in the standard's order. */
#include "manscdp/config_priv.h"

#include <errno.h>
#include <stddef.h>

struct number {
    const char *group, *name;
    size_t offset; /* of a struct gb_optional */
    uint32_t max;
};

#define ENCODE(group, name, field, max)                                                                                \
    {                                                                                                                  \
        group, name, offsetof(struct gb_svac_encode, field), max                                                       \
    }
#define DECODE(group, name, field, max)                                                                                \
    {                                                                                                                  \
        group, name, offsetof(struct gb_svac_decode, field), max                                                       \
    }

static const struct number encode_roi[] = {
    ENCODE("ROIParam", "ROIFlag", roi.flag, 1),
};
static const struct number encode_background[] = {
    ENCODE("ROIParam", "BackGroundQP", roi.background_qp, 3),
    ENCODE("ROIParam", "BackGroundSkipFlag", roi.background_skip, 1),
};
static const struct number encode_mode[] = {
    ENCODE("SVCParam", "SVCSpaceDomainMode", svc.space_mode, 3),
    ENCODE("SVCParam", "SVCTimeDomainMode", svc.time_mode, 3),
};
static const struct number encode_support[] = {
    ENCODE("SVCParam", "SVCSpaceSupportMode", svc.space_support, 3),
    ENCODE("SVCParam", "SVCTimeSupportMode", svc.time_support, 3),
};
static const struct number encode_surveillance[] = {
    ENCODE("SurveillanceParam", "TimeFlag", time, 1),   ENCODE("SurveillanceParam", "EventFlag", event, 1),
    ENCODE("SurveillanceParam", "AlertFlag", alert, 1), ENCODE("SurveillanceParam", "OSDFlag", osd, 1),
    ENCODE("SurveillanceParam", "AIFlag", ai, 1),       ENCODE("SurveillanceParam", "GISFlag", gis, 1),
};
static const struct number encode_audio[] = {
    ENCODE("AudioParam", "AudioRecognitionFlag", audio_recognition, 1),
};
static const struct number decode_svc[] = {
    DECODE("SVCParam", "SVCSTMMode", stm_mode, 3),
    DECODE("SVCParam", "SVCSpaceSupportMode", space_support, 3),
    DECODE("SVCParam", "SVCTimeSupportMode", time_support, 3),
};
/* AlerShowtFlag is spelt so in the standard. */
static const struct number decode_surveillance[] = {
    DECODE("SurveillanceParam", "TimeShowFlag", show_time, 1),
    DECODE("SurveillanceParam", "EventShowFlag", show_event, 1),
    DECODE("SurveillanceParam", "AlerShowtFlag", show_alert, 1),
    DECODE("SurveillanceParam", "OSDShowFlag", show_osd, 1),
    DECODE("SurveillanceParam", "AIShowFlag", show_ai, 1),
    DECODE("SurveillanceParam", "GISShowFlag", show_gis, 1),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int read_numbers(void *base, const struct xml_node *n, const struct number *table, size_t count)
{
    const struct xml_node *group = xml_child(n, table[0].group);
    int err = 0;

    for (size_t i = 0; group && i < count && !err; i++) {
        struct gb_optional *o = (struct gb_optional *)(void *)((char *)base + table[i].offset);
        err = config_read_uint(group, table[i].name, 0, table[i].max, &o->value, &o->has);
    }
    return err;
}

static bool any(const void *base, const struct number *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (((const struct gb_optional *)(const void *)((const char *)base + table[i].offset))->has)
            return true;
    return false;
}

static void write_numbers(struct buf *b, const void *base, const struct number *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gb_optional *o = (const struct gb_optional *)(const void *)((const char *)base + table[i].offset);
        if (o->has)
            xml_putf(b, table[i].name, "%u", (unsigned)o->value);
    }
}

static void write_group(struct buf *b, const void *base, const struct number *table, size_t count)
{
    if (!any(base, table, count))
        return;
    xml_open(b, table[0].group);
    write_numbers(b, base, table, count);
    xml_close(b, table[0].group);
}

/* ---- encoding ---------------------------------------------------------------------------------- */

static int read_regions(struct gb_svac_encode *e, const struct xml_node *n)
{
    const struct xml_node *group = xml_child(n, "ROIParam");
    int err = read_numbers(e, n, encode_roi, COUNT(encode_roi));

    for (const struct xml_node *it = group ? xml_child(group, "Item") : NULL; it && !err; it = xml_next(it, "Item")) {
        if (e->roi.n >= GB_ROI_MAX)
            return -E2BIG;
        err = config_need_uint(it, "ROISeq", 1, GB_ROI_MAX, &e->roi.item[e->roi.n].seq);
        if (!err)
            err = config_need_uint(it, "TopLeft", 0, UINT32_MAX, &e->roi.item[e->roi.n].top_left);
        if (!err)
            err = config_need_uint(it, "BottomRight", 0, UINT32_MAX, &e->roi.item[e->roi.n].bottom_right);
        if (!err)
            err = config_need_uint(it, "ROIQP", 0, 3, &e->roi.item[e->roi.n].qp);
        e->roi.n++;
    }
    return err ? err : read_numbers(e, n, encode_background, COUNT(encode_background));
}

static int read_svc(struct gb_svac_encode *e, const struct xml_node *n)
{
    const struct xml_node *group = xml_child(n, "SVCParam");
    int err = read_numbers(e, n, encode_mode, COUNT(encode_mode));

    if (!err)
        err = read_numbers(e, n, encode_support, COUNT(encode_support));
    if (!err && group)
        err = config_read_text(group, "SSVCRatioValue", e->svc.ratio, sizeof(e->svc.ratio));
    if (!err && group)
        err = config_read_text(group, "SSVCRatioSupportList", e->svc.ratio_support, sizeof(e->svc.ratio_support));
    return err;
}

int config_read_svac_encode(struct gb_setting *s, const struct xml_node *n)
{
    struct gb_svac_encode *e = &s->u.svac_encode;
    int err = read_regions(e, n);

    if (!err)
        err = read_svc(e, n);
    if (!err)
        err = read_numbers(e, n, encode_surveillance, COUNT(encode_surveillance));
    return err ? err : read_numbers(e, n, encode_audio, COUNT(encode_audio));
}

static void write_regions(struct buf *b, const struct gb_svac_encode *e)
{
    if (!e->roi.n && !any(e, encode_roi, COUNT(encode_roi)) && !any(e, encode_background, COUNT(encode_background)))
        return;
    xml_open(b, "ROIParam");
    write_numbers(b, e, encode_roi, COUNT(encode_roi));
    xml_putf(b, "ROINumber", "%u", e->roi.n);
    for (unsigned i = 0; i < e->roi.n && i < GB_ROI_MAX; i++) {
        xml_open(b, "Item");
        xml_putf(b, "ROISeq", "%u", (unsigned)e->roi.item[i].seq);
        xml_putf(b, "TopLeft", "%u", (unsigned)e->roi.item[i].top_left);
        xml_putf(b, "BottomRight", "%u", (unsigned)e->roi.item[i].bottom_right);
        xml_putf(b, "ROIQP", "%u", (unsigned)e->roi.item[i].qp);
        xml_close(b, "Item");
    }
    write_numbers(b, e, encode_background, COUNT(encode_background));
    xml_close(b, "ROIParam");
}

static void write_svc(struct buf *b, const struct gb_svac_encode *e)
{
    if (!e->svc.ratio[0] && !e->svc.ratio_support[0] && !any(e, encode_mode, COUNT(encode_mode)) &&
        !any(e, encode_support, COUNT(encode_support)))
        return;
    xml_open(b, "SVCParam");
    write_numbers(b, e, encode_mode, COUNT(encode_mode));
    if (e->svc.ratio[0])
        xml_put(b, "SSVCRatioValue", e->svc.ratio);
    write_numbers(b, e, encode_support, COUNT(encode_support));
    if (e->svc.ratio_support[0])
        xml_put(b, "SSVCRatioSupportList", e->svc.ratio_support);
    xml_close(b, "SVCParam");
}

void config_write_svac_encode(struct buf *b, const struct gb_setting *s)
{
    const struct gb_svac_encode *e = &s->u.svac_encode;

    write_regions(b, e);
    write_svc(b, e);
    write_group(b, e, encode_surveillance, COUNT(encode_surveillance));
    write_group(b, e, encode_audio, COUNT(encode_audio));
}

/* ---- decoding ---------------------------------------------------------------------------------- */

int config_read_svac_decode(struct gb_setting *s, const struct xml_node *n)
{
    int err = read_numbers(&s->u.svac_decode, n, decode_svc, COUNT(decode_svc));

    return err ? err : read_numbers(&s->u.svac_decode, n, decode_surveillance, COUNT(decode_surveillance));
}

void config_write_svac_decode(struct buf *b, const struct gb_setting *s)
{
    write_group(b, &s->u.svac_decode, decode_svc, COUNT(decode_svc));
    write_group(b, &s->u.svac_decode, decode_surveillance, COUNT(decode_surveillance));
}
