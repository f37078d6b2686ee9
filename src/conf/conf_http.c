/* SPDX-License-Identifier: MIT */
/* The values that only [http] has. */
#include "conf/conf_priv.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static bool host_like(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_')
            return false;
    }
    return s.n > 0;
}

static int add(struct http_allow *al, struct span word)
{
    if (al->ncidr < HTTP_ALLOW_MAX && cidr_parse(&al->cidr[al->ncidr], word) == 0) {
        al->ncidr++;
        return 0;
    }
    if (al->nhost == HTTP_ALLOW_MAX || !host_like(word) || addr_broken_ip(word) ||
        !span_copy(word, al->host[al->nhost], HTTP_HOST_SIZE))
        return -EINVAL;
    al->nhost++;
    return 0;
}

static int set_hosts(const struct conf_key *k, char *base, struct span text)
{
    struct http_allow al;

    memset(&al, 0, sizeof(al));
    while ((text = span_trim(text)).n) {
        size_t end = 0;

        while (end < text.n && text.p[end] != ',' && text.p[end] != ' ' && text.p[end] != '\t')
            end++;
        if (end && add(&al, (struct span){ text.p, end }))
            return -EINVAL;
        text = span_from(text, end + 1);
    }
    memcpy(base + k->offset, &al, sizeof(al));
    return 0;
}

static void expect_hosts(const struct conf_key *k, struct buf *out)
{
    (void)k;
    buf_printf(out, "at most %u host names, addresses or ADDRESS/BITS", HTTP_ALLOW_MAX);
}

const struct conf_type conf_hosts = { set_hosts, expect_hosts };
