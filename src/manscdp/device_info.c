/* SPDX-License-Identifier: MIT */
#include "manscdp/device_info.h"

#include "codec/xml.h"

void device_info_put(struct buf *b, enum gb_edition edition, const struct device_info *info)
{
    xml_put(b, "DeviceName", info->name);
    xml_put(b, "Result", "OK");
    if (edition == GB_2011)
        xml_put(b, "DeviceType", "IPC");
    xml_put(b, "Manufacturer", info->manufacturer);
    xml_put(b, "Model", info->model);
    xml_put(b, "Firmware", info->firmware);
    if (edition == GB_2011) {
        xml_putf(b, "MaxCamera", "%u", info->channels);
        xml_putf(b, "MaxAlarm", "%u", info->alarm_inputs);
    } else {
        xml_putf(b, "Channel", "%u", info->channels);
    }
}
