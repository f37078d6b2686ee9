/* SPDX-License-Identifier: MIT */
/* Offers; every accepted one is answered, and our parser must accept the answer, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sdp_offer o, back;
    struct sdp_answer a = { .offer = &o, .channel = "34020000001310000001", .file_size = size };
    char text[1024];
    struct buf b;

    if (sdp_offer_parse(&o, (struct span){ (const char *)data, size }))
        return 0;
    if (strlen(o.ssrc_text) > 10 || (o.has_ssrc && strtoul(o.ssrc_text, NULL, 10) != o.ssrc) || (!o.tcp && o.setup))
        abort();
    a.local = (struct addr){ .family = ADDR_V4, .port = 10000, .ip = { 10, 0, 0, 1 } };
    a.setup = sdp_setup_answer(o.setup);
    if (o.has_ssrc)
        memcpy(a.ssrc_text, o.ssrc_text, sizeof(a.ssrc_text));
    else
        sdp_ssrc_make(a.ssrc_text, o.session != SDP_PLAY, (struct span){ (const char *)data, size }, (unsigned)size);
    buf_init(&b, text, sizeof(text));
    sdp_answer_write(&b, &a);
    if (b.overflow || sdp_offer_parse(&back, buf_view(&b)))
        abort();
    if (back.session != o.session || back.payload_type != o.payload_type || back.tcp != o.tcp || !back.has_ssrc ||
        strcmp(back.ssrc_text, a.ssrc_text) || back.audio != o.audio || strcmp(back.proto, o.proto))
        abort();
    return 0;
}
