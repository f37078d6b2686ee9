/* SPDX-License-Identifier: MIT */
#include "sys/zone.h"

int zone_offset(time_t now)
{
    struct tm tm;

    return localtime_r(&now, &tm) ? (int)tm.tm_gmtoff : 0;
}
