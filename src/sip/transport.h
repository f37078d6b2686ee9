/* SPDX-License-Identifier: MIT */
/* SIP transports, and a received message. */
#ifndef SIP_TRANSPORT_H
#define SIP_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "util/addr.h"

enum sip_transport { SIP_UDP, SIP_TCP };

/* One datagram, or one message of a TCP stream. `link`: number of the caller's socket or connection; 0: none. */
struct sip_input {
    uint32_t link;
    struct addr from;
    enum sip_transport transport;
    const char *data; /* borrowed for the call */
    size_t len;
};

#endif
