/* SPDX-License-Identifier: MIT */
#include "manscdp/record.h"

#include <errno.h>

#define METHODS_MAX 7u /* AlarmMethod is 1 to 7 */
#define TYPE_MAX    999u

static const char *const type_names[] = {
    [BOARD_RECORD_ALL] = "all",
    [BOARD_RECORD_TIME] = "time",
    [BOARD_RECORD_ALARM] = "alarm",
    [BOARD_RECORD_MANUAL] = "manual",
};

/* An unknown word means all rather than none. */
static enum board_record_type read_type(struct span text)
{
    for (unsigned i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
        if (span_case_eq_str(text, type_names[i]))
            return (enum board_record_type)i;
    return BOARD_RECORD_ALL;
}

/* "12" (2016) and "1/2" (2022) mean 1 and 2; 0 means all. */
static unsigned read_methods(struct span text)
{
    unsigned methods = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '0')
            return 0;
        if (text.p[i] > '0' && text.p[i] <= (char)('0' + METHODS_MAX))
            methods |= 1u << (text.p[i] - '0');
    }
    return methods;
}

static uint64_t read_number(const struct xml_node *root, const char *name, uint64_t max, uint64_t otherwise)
{
    uint64_t v;

    return span_u64(span_of(xml_text(root, name)), max, &v) ? otherwise : v;
}

int record_query_decode(struct manscdp_request *r, const struct xml_node *root)
{
    struct manscdp_records *q = &r->u.records;
    struct board_record_query *b = &q->query;
    uint64_t stream = read_number(root, "StreamNumber", TYPE_MAX, UINT64_MAX);

    b->type = read_type(span_of(xml_text(root, "Type")));
    b->stream = stream == UINT64_MAX ? -1 : (int)stream;
    b->alarm_methods = read_methods(span_of(xml_text(root, "AlarmMethod")));
    b->alarm_type = (unsigned)read_number(root, "AlarmType", TYPE_MAX, 0);
    q->indistinct = read_number(root, "IndistinctQuery", TYPE_MAX, 0) == 1;
    if (manscdp_time_read(root, "StartTime", false, &q->start, &r->bad_time) ||
        manscdp_time_read(root, "EndTime", true, &q->end, &r->bad_time))
        return -EBADMSG;
    /* longer texts cannot match any record */
    if (!span_copy(span_of(xml_text(root, "FilePath")), b->path, sizeof(b->path)) ||
        !span_copy(span_of(xml_text(root, "Address")), b->address, sizeof(b->address)) ||
        !span_copy(span_of(xml_text(root, "RecorderID")), b->recorder, sizeof(b->recorder)))
        return -ENOENT;
    return 0;
}

void record_list_open(struct buf *b, const char *name, unsigned sum_num, unsigned num)
{
    xml_put(b, "Name", name);
    xml_putf(b, "SumNum", "%u", sum_num);
    if (sum_num)
        xml_open_num(b, "RecordList", num);
}

void record_begin(struct buf *b, enum charset cs, const char *sn, const char *device_id, bool ok, const char *name,
                  unsigned sum_num, unsigned num)
{
    manscdp_begin(b, cs, MANSCDP_RESPONSE, "RecordInfo", sn, device_id);
    if (!ok)
        xml_put(b, "Result", "ERROR");
    record_list_open(b, name, sum_num, num);
}

static void put_some(struct buf *b, const char *name, const char *text)
{
    if (text[0])
        xml_put(b, name, text);
}

void record_item_put(struct buf *b, enum gb_edition edition, const struct record_item *it)
{
    const struct board_record *r = it->record;

    xml_open(b, "Item");
    xml_put(b, "DeviceID", it->device_id);
    xml_put(b, "Name", it->name);
    put_some(b, "FilePath", r->path);
    put_some(b, "Address", r->address);
    xml_put(b, "StartTime", it->start);
    xml_put(b, "EndTime", it->end);
    xml_put(b, "Secrecy", "0");
    if (r->type == BOARD_RECORD_TIME || r->type == BOARD_RECORD_ALARM || r->type == BOARD_RECORD_MANUAL)
        xml_put(b, "Type", type_names[r->type]);
    put_some(b, "RecorderID", r->recorder);
    if (r->bytes && edition >= GB_2016)
        xml_putf(b, "FileSize", "%llu", (unsigned long long)r->bytes);
    if (edition >= GB_2022) {
        put_some(b, "RecordLocation", it->location);
        xml_putf(b, "StreamNumber", "%u", r->stream);
    }
    xml_close(b, "Item");
}

void record_end(struct buf *b, unsigned sum_num)
{
    if (sum_num)
        xml_close(b, "RecordList");
    manscdp_end(b, MANSCDP_RESPONSE);
}
