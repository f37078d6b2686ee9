/* SPDX-License-Identifier: MIT */
/* RTCP from receivers. The first four bytes are the SSRC to find a report for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtcp_block b;
    uint32_t ssrc;

    if (size < sizeof(ssrc))
        return 0;
    memcpy(&ssrc, data, sizeof(ssrc));
    /* a block of 24 bytes after a header of 8 */
    if (rtcp_read_block(data + sizeof(ssrc), size - sizeof(ssrc), ssrc, &b) == 0 && size < sizeof(ssrc) + 32u)
        abort();
    return 0;
}
