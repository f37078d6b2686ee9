/* SPDX-License-Identifier: MIT */
/* The system's local time zone: TZ, or else /etc/localtime. */
#ifndef SYS_ZONE_H
#define SYS_ZONE_H

#include <time.h>

/* Seconds east of UTC at `now`; 0 if no zone is configured. May read a file: call it at most once a minute. */
int zone_offset(time_t now);

#endif
