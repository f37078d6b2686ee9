/* SPDX-License-Identifier: MIT */
#include "manscdp/keepalive.h"

#include <string.h>

#include "manscdp/message.h"

void keepalive_put(struct buf *b, enum charset cs, uint32_t sn, const char *device_id, const char *const *faulty,
                   unsigned nfaulty, size_t room)
{
    static const char tail[] = "</Info>\r\n</Notify>\r\n";
    const size_t start = b->len;

    manscdp_begin_notify(b, cs, "Keepalive", sn, device_id);
    /* A device that sends it works; faulty channels are in the list. */
    xml_put(b, "Status", "OK");
    if (nfaulty) {
        xml_open(b, "Info");
        for (unsigned i = 0; i < nfaulty; i++) {
            size_t item = strlen(faulty[i]) + strlen("<DeviceID></DeviceID>\r\n");
            if (b->len - start + item + sizeof(tail) > room)
                break;
            xml_put(b, "DeviceID", faulty[i]);
        }
        xml_close(b, "Info");
    }
    manscdp_end(b, MANSCDP_NOTIFY);
}
