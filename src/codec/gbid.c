/* SPDX-License-Identifier: MIT */
#include "codec/gbid.h"

#include <errno.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int gbid_check(struct span id)
{
    if (id.n < 18 || id.n > 21)
        return -EINVAL;
    for (size_t i = 0; i < id.n; i++)
        if (!is_digit(id.p[i]))
            return -EINVAL;
    return id.n == GBID_LEN ? 0 : 1;
}

unsigned gbid_type(struct span id)
{
    unsigned type = 0;

    if (id.n < 13)
        return 0;
    for (size_t i = 10; i < 13; i++) {
        if (!is_digit(id.p[i]))
            return 0;
        type = type * 10 + (unsigned)(id.p[i] - '0');
    }
    return type;
}

void gbid_domain(struct span id, char out[11])
{
    out[0] = '\0';
    if (id.n < 10)
        return;
    memcpy(out, id.p, 10);
    out[10] = '\0';
}
