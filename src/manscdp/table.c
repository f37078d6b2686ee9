/* SPDX-License-Identifier: MIT */
#include "manscdp/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/alarm.h"
#include "manscdp/broadcast.h"
#include "manscdp/catalog.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "manscdp/cruise.h"
#include "manscdp/record.h"

/* Its commands are in the table of control.c. */
static const struct manscdp_row device_control = {
    MANSCDP_CONTROL, "DeviceControl", MANSCDP_DEVICE_CONTROL, MANSCDP_SILENT, control_decode,
};

/* The first matching row counts; NULL matches the remaining commands of a root. Columns: root, CmdType, action, answer,
 * decode. */
static const struct manscdp_row table[] = {
    { MANSCDP_CONTROL, "DeviceConfig", MANSCDP_CONFIG, MANSCDP_RESULT, config_decode },
    { MANSCDP_CONTROL, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL },

    { MANSCDP_QUERY, "Catalog", MANSCDP_CATALOG, MANSCDP_LIST, catalog_query_decode },
    { MANSCDP_QUERY, "DeviceInfo", MANSCDP_INFO, MANSCDP_CONTENT, NULL },
    { MANSCDP_QUERY, "DeviceStatus", MANSCDP_STATUS, MANSCDP_CONTENT, NULL },
    { MANSCDP_QUERY, "ConfigDownload", MANSCDP_DOWNLOAD, MANSCDP_CONTENT, config_download_decode },
    { MANSCDP_QUERY, "RecordInfo", MANSCDP_RECORDS, MANSCDP_LIST, record_query_decode },
    { MANSCDP_QUERY, "PresetQuery", MANSCDP_PRESETS, MANSCDP_LIST, NULL },
    { MANSCDP_QUERY, "MobilePosition", MANSCDP_MOBILE_POSITION, MANSCDP_CONTENT, NULL },
    { MANSCDP_QUERY, "HomePositionQuery", MANSCDP_HOME, MANSCDP_LIST, NULL },
    { MANSCDP_QUERY, "CruiseTrackListQuery", MANSCDP_CRUISE_TRACKS, MANSCDP_LIST, NULL },
    { MANSCDP_QUERY, "CruiseTrackQuery", MANSCDP_CRUISE_TRACK, MANSCDP_LIST, cruise_track_decode },
    { MANSCDP_QUERY, "PTZPosition", MANSCDP_PTZ_POSITION, MANSCDP_LIST, NULL },
    { MANSCDP_QUERY, "SDCardStatus", MANSCDP_STORAGE, MANSCDP_LIST, NULL },
    { MANSCDP_QUERY, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL },

    { MANSCDP_NOTIFY, "Broadcast", MANSCDP_UNSUPPORTED, MANSCDP_RESULT, broadcast_decode },
    { MANSCDP_NOTIFY, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL },

    { MANSCDP_RESPONSE, "Alarm", MANSCDP_IGNORE, MANSCDP_SILENT, alarm_response_decode },
    { MANSCDP_RESPONSE, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL },
};

static const struct manscdp_row *row_of(enum manscdp_root root, const char *cmd_type)
{
    const struct manscdp_row *row = table;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        row = &table[i];
        if (row->root == root && (!row->cmd_type || !strcmp(row->cmd_type, cmd_type)))
            break;
    }
    return row;
}

/* Sets row, command and element. Some platforms put control commands into other roots, for example PTZCmd into a Query;
 * a Response never contains one. */
static void find_row(struct manscdp_request *r, const struct xml_node *root)
{
    const struct manscdp_row *control = row_of(MANSCDP_CONTROL, r->cmd_type);

    r->row = row_of(r->root, r->cmd_type);
    if (r->root == MANSCDP_RESPONSE)
        return;
    if (!strcmp(r->cmd_type, device_control.cmd_type))
        r->command = control_command_find(root, &r->element);
    if (r->command)
        r->row = &device_control;
    else if (control->action == MANSCDP_CONFIG && config_has_block(root))
        r->row = control;
}

/* SN and DeviceID may be missing (Broadcast has no DeviceID, alarm responses may lack both), but must not be too long
 * to be echoed. */
static int read_head(struct manscdp_request *r, const struct xml_node *root)
{
    if (manscdp_root_find(xml_name(root), &r->root))
        return -EBADMSG;
    if (!span_copy(span_of(xml_text(root, "CmdType")), r->cmd_type, sizeof(r->cmd_type)) || !r->cmd_type[0])
        return -EBADMSG;
    if (!span_copy(span_of(xml_text(root, "SN")), r->sn, sizeof(r->sn)))
        return -EBADMSG;
    if (!span_copy(span_of(xml_text(root, "DeviceID")), r->device_id, sizeof(r->device_id)))
        return -EBADMSG;
    return 0;
}

int manscdp_decode(struct manscdp_request *r, struct span body, enum charset fallback)
{
    struct xml_doc *doc;
    int err = xml_parse(&doc, body, fallback);

    memset(r, 0, sizeof(*r));
    if (err)
        return err;
    err = read_head(r, xml_root(doc));
    if (!err) {
        find_row(r, xml_root(doc));
        if (r->row->decode)
            r->error = r->row->decode(r, xml_root(doc));
    }
    xml_free(doc);
    return err;
}

void manscdp_request_free(struct manscdp_request *r)
{
    if (r->row && r->row->action == MANSCDP_CONFIG)
        free(r->u.config.block);
    memset(r, 0, sizeof(*r));
}
