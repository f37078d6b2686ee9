/* SPDX-License-Identifier: MIT */
/* Socket options that headers of older C libraries lack. */
#ifndef NET_NET_OPTIONS_H
#define NET_NET_OPTIONS_H

#include <netinet/udp.h>
#include <sys/socket.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SO_MAX_PACING_RATE
#define SO_MAX_PACING_RATE 47
#endif

#endif
