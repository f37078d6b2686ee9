/* SPDX-License-Identifier: MIT */
/* Local time of this system: TZ, or else /etc/localtime. */
#ifndef SYS_ZONE_H
#define SYS_ZONE_H

#include <time.h>

/* Seconds east of UTC at `now`; 0 when nothing says more. May read a file: callers ask once a minute. */
int zone_offset(time_t now);

#endif
