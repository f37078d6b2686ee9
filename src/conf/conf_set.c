/* SPDX-License-Identifier: MIT */
/* A list of names out of a table, stored as bits: bit n is the table's n-th name. */
#include "conf/conf_priv.h"

#include <errno.h>
#include <string.h>

static int set_names(const struct conf_key *k, char *base, struct span text)
{
    uint32_t bits = 0;

    while (text.n) {
        size_t n = 0;
        unsigned i = 0;

        while (n < text.n && !strchr(", \t", text.p[n]))
            n++;
        while (k->choice[i] && !span_eq_str((struct span){ text.p, n }, k->choice[i]))
            i++;
        if (n && (!k->choice[i] || i >= 32))
            return -EINVAL;
        bits |= n ? 1u << i : 0;
        text = span_from(text, n + 1);
    }
    memcpy(base + k->offset, &bits, sizeof(bits));
    return 0;
}

static void expect_list(const struct conf_key *k, struct buf *out)
{
    buf_str(out, "nothing, or a list of ");
    for (unsigned i = 0; k->choice[i]; i++)
        buf_printf(out, "%s%s", i ? ", " : "", k->choice[i]);
}

const struct conf_type conf_set = { set_names, expect_list };
