/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "codec/mansrtsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t most = 1000000999999999u;
    struct mansrtsp m;
    char text[128];
    struct buf b;

    if (mansrtsp_parse(&m, (struct span){ (const char *)data, size }))
        return 0;
    if (m.verb > MANSRTSP_TEARDOWN || m.range_from_us > most || m.range_end_us > most)
        abort();
    if (m.has_scale && (!m.scale_permille || m.scale_permille > 1000999 || m.scale_permille < -1000999))
        abort();
    buf_init(&b, text, sizeof(text));
    mansrtsp_reply(&b, 200, m.cseq);
    return b.overflow ? abort(), 0 : 0;
}
