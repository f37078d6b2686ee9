/* SPDX-License-Identifier: MIT */
/* Every command of GB/T 28181 that reaches a device, and what becomes of it. */
#include "manscdp/message.h"

#include <string.h>

#include "manscdp/alarm.h"
#include "manscdp/config.h"
#include "manscdp/control.h"
#include "manscdp/device.h"
#include "manscdp/notify.h"

#define CONTROL MANSCDP_CONTROL, "DeviceControl"

/* The first row that fits is taken; rows with a NULL close their root. The columns: root, CmdType, element, action,
 * answer, decode, report. */
static const struct manscdp_row table[] = {
    { CONTROL, "PTZCmd", MANSCDP_PTZ, MANSCDP_SILENT, control_ptz_decode, NULL },
    { CONTROL, "IFameCmd", MANSCDP_IDR, MANSCDP_SILENT, control_idr_decode, NULL },     /* 2016's misprint */
    { CONTROL, "IFrameCmd", MANSCDP_IDR, MANSCDP_SILENT, control_idr_decode, NULL },
    { CONTROL, "AlarmCmd", MANSCDP_RESET_ALARM, MANSCDP_RESULT, control_reset_alarm_decode, NULL },
    { CONTROL, "TeleBoot", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { CONTROL, "RecordCmd", MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },
    { CONTROL, "GuardCmd", MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },
    { CONTROL, "DragZoomIn", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { CONTROL, "DragZoomOut", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { CONTROL, "HomePosition", MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },
    { CONTROL, "PTZPreciseCtrl", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { CONTROL, "DeviceUpgrade", MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },
    { CONTROL, "FormatSDCard", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { CONTROL, "TargetTrack", MANSCDP_UNSUPPORTED, MANSCDP_SILENT, NULL, NULL },
    { MANSCDP_CONTROL, NULL, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },   /* DeviceConfig too */

    { MANSCDP_QUERY, "Catalog", NULL, MANSCDP_CATALOG, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "DeviceInfo", NULL, MANSCDP_REPORT, MANSCDP_CONTENT, NULL, device_info_report },
    { MANSCDP_QUERY, "DeviceStatus", NULL, MANSCDP_STATUS, MANSCDP_CONTENT, NULL, device_status_report },
    { MANSCDP_QUERY, "ConfigDownload", NULL, MANSCDP_REPORT, MANSCDP_CONTENT, config_download_decode,
      config_download_report },
    /* Their responses have no Result, and an empty list would be a statement about the device. */
    { MANSCDP_QUERY, "RecordInfo", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "PresetQuery", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "MobilePosition", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "HomePositionQuery", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "CruiseTrackListQuery", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "CruiseTrackQuery", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "PTZPosition", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, "SDCardStatus", NULL, MANSCDP_UNSUPPORTED, MANSCDP_LIST, NULL, NULL },
    { MANSCDP_QUERY, NULL, NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, NULL, NULL },

    { MANSCDP_NOTIFY, "Broadcast", NULL, MANSCDP_UNSUPPORTED, MANSCDP_RESULT, notify_broadcast_decode, NULL },
    { MANSCDP_NOTIFY, NULL, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL, NULL },

    { MANSCDP_RESPONSE, "Alarm", NULL, MANSCDP_IGNORE, MANSCDP_SILENT, alarm_response_decode, NULL },
    { MANSCDP_RESPONSE, NULL, NULL, MANSCDP_IGNORE, MANSCDP_SILENT, NULL, NULL },
};

const struct manscdp_row *manscdp_find(enum manscdp_root root, const char *cmd_type, const struct xml_node *node)
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
