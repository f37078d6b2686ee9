/* SPDX-License-Identifier: MIT */
/* The clock that libosip2 sees: ours, in every build. Interposed when libosip2 is a shared library, wrapped by the
 * linker (-Wl,--wrap=osip_gettimeofday, -DGBAGENT_STATIC) when it is an archive. */
#ifndef SIP_CLOCK_H
#define SIP_CLOCK_H

#include <stdint.h>

/* sip/client_tx sets it, to the time it was called with, each time before libosip2 runs. Nobody else need. */
void sip_clock_set(uint64_t mono_ms);

#endif
