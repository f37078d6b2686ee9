/* SPDX-License-Identifier: MIT */
/* Every command of GB/T 28181 that reaches a device, and what becomes of it. */
#include "manscdp/message.h"

#include <string.h>

#include "manscdp/alarm.h"
#include "manscdp/catalog.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "manscdp/device.h"
#include "manscdp/notify.h"
#include "manscdp/presets.h"
#include "manscdp/position.h"
#include "manscdp/record.h"

#define CONTROL MANSCDP_CONTROL, "DeviceControl"

/* The first row that fits is taken; rows with a NULL close their root. The columns: root, CmdType, element, action,
 * answer, decode, report. */
static const struct manscdp_row table[] = {
    { CONTROL, "PTZCmd", MANSCDP_ACT, MANSCDP_SILENT, control_ptz_decode, NULL },
    { CONTROL, "IFameCmd", MANSCDP_ACT, MANSCDP_SILENT, control_idr_decode, NULL },     /* 2016's misprint */
    { CONTROL, "IFrameCmd", MANSCDP_ACT, MANSCDP_SILENT, control_idr_decode, NULL },
    { CONTROL, "AlarmCmd", MANSCDP_RESET_ALARM, MANSCDP_RESULT, control_reset_alarm_decode, NULL },
    { CONTROL, "TeleBoot", MANSCDP_ACT, MANSCDP_SILENT, control_reboot_decode, NULL },
    { CONTROL, "RecordCmd", MANSCDP_ACT, MANSCDP_RESULT, control_record_decode, NULL },
    { CONTROL, "GuardCmd", MANSCDP_ACT, MANSCDP_RESULT, control_guard_decode, NULL },
    { CONTROL, "DragZoomIn", MANSCDP_ACT, MANSCDP_SILENT, control_drag_decode, NULL },
    { CONTROL, "DragZoomOut", MANSCDP_ACT, MANSCDP_SILENT, control_drag_decode, NULL },
    { CONTROL, "HomePosition", MANSCDP_ACT, MANSCDP_RESULT, control_home_decode, NULL },
    { CONTROL, "PTZPreciseCtrl", MANSCDP_ACT, MANSCDP_SILENT, control_precise_decode, NULL },
    { CONTROL, "DeviceUpgrade", MANSCDP_ACT, MANSCDP_RESULT, control_upgrade_decode, NULL },
    { CONTROL, "FormatSDCard", MANSCDP_ACT, MANSCDP_SILENT, control_format_decode, NULL },
    { CONTROL, "TargetTrack", MANSCDP_ACT, MANSCDP_SILENT, control_track_decode, NULL },
    { MANSCDP_CONTROL, "DeviceConfig", NULL, MANSCDP_CONFIG, MANSCDP_RESULT, config_decode, NULL },
    { MANSCDP_CONTROL, NULL, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },

    { MANSCDP_QUERY, "Catalog", NULL, MANSCDP_CATALOG, MANSCDP_LIST, catalog_query_decode, NULL },
    { MANSCDP_QUERY, "DeviceInfo", NULL, MANSCDP_REPORT, MANSCDP_CONTENT, NULL, device_info_report },
    { MANSCDP_QUERY, "DeviceStatus", NULL, MANSCDP_STATUS, MANSCDP_CONTENT, NULL, device_status_report },
    { MANSCDP_QUERY, "ConfigDownload", NULL, MANSCDP_DOWNLOAD, MANSCDP_CONTENT, config_download_decode,
      config_download_report },
    { MANSCDP_QUERY, "RecordInfo", NULL, MANSCDP_RECORDS, MANSCDP_LIST, record_query_decode, record_report },
    { MANSCDP_QUERY, "PresetQuery", NULL, MANSCDP_PRESETS, MANSCDP_LIST, NULL, preset_report },
    { MANSCDP_QUERY, "MobilePosition", NULL, MANSCDP_PLACE, MANSCDP_CONTENT, NULL, mobile_position_report },
    { MANSCDP_QUERY, "HomePositionQuery", NULL, MANSCDP_HOME, MANSCDP_LIST, NULL, home_report },
    { MANSCDP_QUERY, "CruiseTrackListQuery", NULL, MANSCDP_TRACKS, MANSCDP_LIST, NULL, tracks_report },
    { MANSCDP_QUERY, "CruiseTrackQuery", NULL, MANSCDP_TRACK, MANSCDP_LIST, track_query_decode, track_report },
    { MANSCDP_QUERY, "PTZPosition", NULL, MANSCDP_HEAD, MANSCDP_LIST, NULL, head_report },
    { MANSCDP_QUERY, "SDCardStatus", NULL, MANSCDP_STORAGE, MANSCDP_LIST, NULL, storage_report },
    { MANSCDP_QUERY, NULL, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },

    { MANSCDP_NOTIFY, "Broadcast", NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, notify_broadcast_decode, NULL },
    { MANSCDP_NOTIFY, NULL, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL, NULL },

    { MANSCDP_RESPONSE, "Alarm", NULL, MANSCDP_IGNORE, MANSCDP_SILENT, alarm_response_decode, NULL },
    { MANSCDP_RESPONSE, NULL, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL, NULL },
};

static const struct manscdp_row *find(enum manscdp_root root, const char *cmd_type, const struct xml_node *node)
{
    const struct manscdp_row *row = table;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        row = &table[i];
        if (row->root == root && (!row->cmd_type || !strcmp(row->cmd_type, cmd_type)) &&
            (!row->element || xml_child(node, row->element)))
            break;
    }
    return row;
}

const struct manscdp_row *manscdp_find(enum manscdp_root root, const char *cmd_type, const struct xml_node *node)
{
    /* Platforms wrap orders in other roots, too: PTZCmd in a Query was seen. A Response orders nothing. */
    if (root == MANSCDP_QUERY || root == MANSCDP_NOTIFY) {
        const struct manscdp_row *row = find(MANSCDP_CONTROL, cmd_type, node);
        if (row->element || (row->action == MANSCDP_CONFIG && config_has_block(node)))
            return row;
    }
    return find(root, cmd_type, node);
}
