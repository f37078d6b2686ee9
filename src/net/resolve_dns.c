/* SPDX-License-Identifier: MIT */
/*
 * For programs linked statically with glibc: its getaddrinfo loads the modules of /etc/nsswitch.conf from the target,
 * which requires the very same glibc there, and pulls in the dynamic loader, 90 KB. This does the same two steps
 * without modules:
 * /etc/hosts, then DNS by the C library's resolver, which reads resolv.conf with its search list.
 */
#include "net/resolve.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/net.h"

#define ANSWER_BYTES 8192 /* for more addresses than RESOLVE_ADDRS_MAX */

static bool next_word(struct span *rest, struct span *word)
{
    size_t n = 0;

    *rest = span_trim(*rest);
    while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
        n++;
    *word = (struct span){ rest->p, n };
    *rest = span_from(*rest, n);
    return n > 0;
}

/* "ADDRESS NAME ALIAS..."; a line longer than the buffer loses only aliases. */
static void hosts_line(struct span line, struct span name, struct resolve_answer *out)
{
    struct span word;
    struct addr a;

    line.n = span_chr(line, '#');
    if (!next_word(&line, &word) || addr_parse_ip(&a, word) < 0)
        return;
    while (out->naddr < RESOLVE_ADDRS_MAX && next_word(&line, &word)) {
        if (span_case_eq(word, name)) {
            out->addr[out->naddr++] = a;
            return;
        }
    }
}

static void lookup_hosts(const char *name, struct resolve_answer *out)
{
    FILE *f = fopen("/etc/hosts", "re");
    char line[512];

    if (!f)
        return;
    while (fgets(line, sizeof(line), f))
        hosts_line(span_of(line), span_of(name), out);
    (void)fclose(f);
}

/* The records of one type in the answer section. libresolv checks every length. */
static void add_records(const unsigned char *bytes, int len, ns_type type, struct resolve_answer *out)
{
    ns_msg msg;
    ns_rr rr;

    if (ns_initparse(bytes, len, &msg) < 0)
        return;
    for (int i = 0; i < ns_msg_count(msg, ns_s_an) && out->naddr < RESOLVE_ADDRS_MAX; i++) {
        struct addr *a = &out->addr[out->naddr];
        size_t need = type == ns_t_aaaa ? 16 : 4;

        if (ns_parserr(&msg, ns_s_an, i, &rr) < 0)
            return;
        /* Skips the CNAMEs; a recursive server includes the end of the chain. */
        if (ns_rr_type(rr) != type || ns_rr_class(rr) != ns_c_in || ns_rr_rdlen(rr) != need)
            continue;
        memset(a, 0, sizeof(*a));
        a->family = type == ns_t_aaaa ? ADDR_V6 : ADDR_V4;
        memcpy(a->ip, ns_rr_rdata(rr), need);
        out->naddr++;
    }
}

static int lookup_dns(const char *name, struct resolve_answer *out)
{
    /* IPv4 first: some name servers never answer AAAA queries. */
    static const ns_type types[] = { ns_t_a, ns_t_aaaa };
    unsigned char bytes[ANSWER_BYTES];
    struct __res_state state;
    int err = -ENOENT;

    memset(&state, 0, sizeof(state));
    if (res_ninit(&state) < 0)
        return -EIO;
    /* The defaults of resolv.conf would spend all of RESOLVE_TIMEOUT_US on the first server. */
    state.retrans = 1;
    state.retry = 1;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        int n = res_nsearch(&state, name, ns_c_in, (int)types[i], bytes, sizeof(bytes));

        if (n > 0)
            add_records(bytes, n < (int)sizeof(bytes) ? n : (int)sizeof(bytes), types[i], out);
        else if (state.res_h_errno == TRY_AGAIN)
            err = -EAGAIN;
    }
    res_nclose(&state);
    return out->naddr ? 0 : err;
}

/* RFC 6724 rules 1 and 6: reachable addresses first, and of those IPv6 first. */
static void best_first(struct resolve_answer *out)
{
    struct addr sorted[RESOLVE_ADDRS_MAX], local;
    unsigned rank[RESOLVE_ADDRS_MAX], n = 0;

    for (unsigned i = 0; i < out->naddr; i++)
        rank[i] = (net_probe_local(&out->addr[i], NULL, &local) == 0 ? 0u : 2u) + (out->addr[i].family == ADDR_V4);
    for (unsigned r = 0; r < 4; r++)
        for (unsigned i = 0; i < out->naddr; i++)
            if (rank[i] == r)
                sorted[n++] = out->addr[i];
    memcpy(out->addr, sorted, n * sizeof(*sorted));
}

int resolve_lookup(const char *name, struct resolve_answer *out)
{
    int err = 0;

    lookup_hosts(name, out);
    if (!out->naddr)
        err = lookup_dns(name, out);
    if (!err)
        best_first(out);
    return err;
}
