/* SPDX-License-Identifier: MIT */
/* A body as a platform might send it: read, answered, and the answer read again in the charset it went out in. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "manscdp/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(enum charset cs, const struct buf *utf8)
{
    static char mem[4 * MANSCDP_BODY_MAX];
    struct manscdp_request r;
    struct buf out;

    buf_init(&out, mem, sizeof(mem));
    if (manscdp_convert(cs, utf8, &out))
        abort();
    int ret = manscdp_decode(&r, buf_view(&out), cs);
    /* What '?' replaced may have made a name too long or the ID another one, but it is still a message. */
    if (ret && ret != -ENOMEM)
        abort();
    if (!ret && r.root != MANSCDP_RESPONSE)
        abort();
}

static void answer(const struct manscdp_request *r)
{
    static char mem[MANSCDP_BODY_MAX];
    static const struct manscdp_duty duty[] = { { "34020000001340000001", true } };

    for (unsigned i = 0; i < 4; i++) {
        struct buf utf8;
        struct manscdp_facts f = {
            .edition = (enum gb_edition)(i % 3), .charset = (enum charset)i, .name = "n", .manufacturer = "m", .model = "x",
            .firmware = "1", .target_name = "\xe5\xa4\xa7 & <", .channels = 1, .ok = !r->error && i != 3, .online = true,
            .reason = "", .encode = 1, .record = -1, .duty = duty, .nduty = i % 2, .time = "2024-01-01T08:00:00",
        };
        buf_init(&utf8, mem, sizeof(mem));
        manscdp_respond(&utf8, r, &f);
        if (utf8.overflow || !charset_utf8_valid(buf_view(&utf8)))
            abort();
        read_again(f.charset, &utf8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manscdp_request r;

    for (int utf8 = 0; utf8 < 2; utf8++) {
        if (manscdp_decode(&r, (struct span){ (const char *)data, size }, utf8 ? CHARSET_UTF8 : CHARSET_GB2312))
            continue;
        if (!r.row || !r.cmd_type[0] || r.row->root != r.root)
            abort();
        answer(&r);
    }
    return 0;
}
