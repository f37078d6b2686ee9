/* SPDX-License-Identifier: MIT */
#include "sip/clock.h"

#include <sys/time.h>

#include <osip2/osip.h>
#include <osip2/osip_time.h>

static uint64_t clock_ms;

void sip_clock_set(uint64_t mono_ms)
{
    clock_ms = mono_ms;
}

#ifdef GBAGENT_STATIC
int __wrap_osip_gettimeofday(struct timeval *tp, void *tz);
#define osip_gettimeofday __wrap_osip_gettimeofday
#endif

int osip_gettimeofday(struct timeval *tp, void *tz)
{
    (void)tz;
    tp->tv_sec = (time_t)(clock_ms / 1000);
    tp->tv_usec = (suseconds_t)(clock_ms % 1000 * 1000);
    return 0;
}
