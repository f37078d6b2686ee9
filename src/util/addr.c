/* SPDX-License-Identifier: MIT */
#include "util/addr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* Four decimal numbers from 0 to 255. Leading zeros are refused: some parsers read them as octal. */
static int parse_v4(uint8_t ip[4], struct span s)
{
    for (unsigned i = 0; i < 4; i++) {
        size_t dot = span_chr(s, '.');
        struct span part = { s.p, dot };
        uint64_t v;

        if ((dot == s.n) != (i == 3) || part.n > 3 || (part.n > 1 && part.p[0] == '0') || span_u64(part, 255, &v))
            return -EINVAL;
        ip[i] = (uint8_t)v;
        s = span_from(s, dot + 1);
    }
    return 0;
}

static int hex_group(struct span s, unsigned *out)
{
    unsigned v = 0;

    if (s.n == 0 || s.n > 4)
        return -EINVAL;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * 16 + (unsigned)((c | 0x20) - 'a') + 10;
        else
            return -EINVAL;
    }
    *out = v;
    return 0;
}

static int parse_v6(uint8_t ip[16], struct span s)
{
    uint8_t bytes[16] = { 0 };
    size_t n = 0, gap = 17; /* 17: no "::" yet */

    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        gap = 0;
        s = span_from(s, 2);
    }
    while (s.n) {
        size_t colon = span_chr(s, ':');
        struct span part = { s.p, colon };
        unsigned v;

        if (colon == s.n && span_chr(part, '.') < part.n) {
            if (n > 12 || parse_v4(bytes + n, part))
                return -EINVAL;
            n += 4;
            break;
        }
        if (n > 14 || hex_group(part, &v))
            return -EINVAL;
        bytes[n++] = (uint8_t)(v >> 8);
        bytes[n++] = (uint8_t)v;
        if (colon == s.n)
            break;
        s = span_from(s, colon + 1);
        if (s.n == 0)
            return -EINVAL;
        if (s.p[0] == ':') {
            if (gap != 17)
                return -EINVAL;
            gap = n;
            s = span_from(s, 1);
        }
    }
    if ((gap == 17) != (n == 16))
        return -EINVAL;
    memset(ip, 0, 16);
    if (gap == 17)
        gap = n;
    memcpy(ip, bytes, gap);
    memcpy(ip + 16 - (n - gap), bytes + gap, n - gap);
    return 0;
}

int addr_parse_ip(struct addr *a, struct span text)
{
    struct addr r = { .family = ADDR_V4 };

    memset(a, 0, sizeof(*a));
    if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
        text = (struct span){ text.p + 1, text.n - 2 };
        if (span_chr(text, ':') == text.n)
            return -EINVAL;
    }
    if (span_chr(text, ':') < text.n) {
        r.family = ADDR_V6;
        if (parse_v6(r.ip, text))
            return -EINVAL;
    } else if (parse_v4(r.ip, text)) {
        return -EINVAL;
    }
    *a = r;
    return 0;
}

bool addr_broken_ip(struct span host)
{
    struct addr a = { 0 };

    for (size_t i = 0; i < host.n; i++)
        if ((host.p[i] < '0' || host.p[i] > '9') && host.p[i] != '.')
            return false;
    return host.n > 0 && addr_parse_ip(&a, host) < 0;
}

int addr_parse(struct addr *a, struct span text, uint16_t default_port)
{
    struct span host = text, port = { NULL, 0 };
    bool has_port = false;
    uint64_t v = default_port;
    int err;

    memset(a, 0, sizeof(*a));
    if (text.n && text.p[0] == '[') {
        size_t end = span_chr(text, ']');

        if (end == text.n)
            return -EINVAL;
        host.n = end + 1;
        has_port = host.n < text.n;
        if (has_port && text.p[host.n] != ':')
            return -EINVAL;
    } else {
        size_t colon = span_chr(text, ':');

        /* a second colon makes it a bare IPv6 literal, which cannot have a port */
        has_port = colon < text.n && span_chr(span_from(text, colon + 1), ':') == text.n - colon - 1;
        if (has_port)
            host.n = colon;
    }
    if (has_port) {
        port = span_from(text, host.n + 1);
        if (span_u64(port, 65535, &v))
            return -EINVAL;
    }
    err = addr_parse_ip(a, host);
    if (!err)
        a->port = (uint16_t)v;
    return err;
}

/* RFC 5952: lower case; the first of the longest runs of at least two zero groups becomes "::". */
static void print_v6(const uint8_t ip[16], char *out)
{
    unsigned group[8], best = 8, best_n = 1;
    size_t at = 0;

    if (memcmp(ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        snprintf(out, ADDR_TEXT_MAX, "::ffff:%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        group[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;

        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    out[0] = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (i == best) {
            at += (size_t)snprintf(out + at, ADDR_TEXT_MAX - at, "::");
            i += best_n - 1;
            continue;
        }
        at += (size_t)snprintf(out + at, ADDR_TEXT_MAX - at, "%s%x", at && out[at - 1] != ':' ? ":" : "", group[i]);
    }
}

void addr_print_ip(const struct addr *a, char out[ADDR_TEXT_MAX])
{
    if (a->family == ADDR_V6)
        print_v6(a->ip, out);
    else if (a->family == ADDR_V4)
        snprintf(out, ADDR_TEXT_MAX, "%u.%u.%u.%u", a->ip[0], a->ip[1], a->ip[2], a->ip[3]);
    else
        snprintf(out, ADDR_TEXT_MAX, "none");
}

void addr_print_host(const struct addr *a, char out[ADDR_TEXT_MAX])
{
    char ip[ADDR_TEXT_MAX];

    addr_print_ip(a, ip);
    snprintf(out, ADDR_TEXT_MAX, a->family == ADDR_V6 ? "[%.*s]" : "%.*s", ADDR_TEXT_MAX - 3, ip);
}

void addr_print(const struct addr *a, char out[ADDR_TEXT_MAX])
{
    char host[ADDR_TEXT_MAX];

    addr_print_host(a, host);
    snprintf(out, ADDR_TEXT_MAX, "%.*s:%u", ADDR_TEXT_MAX - 7, host, a->port);
}

static struct addr unmapped(const struct addr *a)
{
    struct addr r = *a;

    if (a->family == ADDR_V6 && memcmp(a->ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        memset(r.ip, 0, sizeof(r.ip));
        memcpy(r.ip, a->ip + 12, 4);
        r.family = ADDR_V4;
    }
    return r;
}

static size_t ip_size(const struct addr *a)
{
    return a->family == ADDR_V6 ? 16 : a->family == ADDR_V4 ? 4 : 0;
}

void addr_print_named(const char *host, uint16_t port, char out[ADDR_NAMED_MAX])
{
    const bool v6 = strchr(host, ':') && host[0] != '[';

    snprintf(out, ADDR_NAMED_MAX, "%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "", (unsigned)port);
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
    struct addr x = unmapped(a), y = unmapped(b);

    return x.family == y.family && x.family != ADDR_NONE && memcmp(x.ip, y.ip, ip_size(&x)) == 0;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
    return a->port == b->port && addr_same_ip(a, b);
}

static enum addr_class classify_v4(const uint8_t *ip)
{
    if (ip[0] == 0)
        return ADDR_UNSPECIFIED; /* all of 0/8 is "this network" */
    if (ip[0] == 127)
        return ADDR_LOOPBACK;
    if (ip[0] == 169 && ip[1] == 254)
        return ADDR_LINK_LOCAL;
    if (ip[0] >= 240)
        return ADDR_BROADCAST; /* with the reserved 240/4 */
    return ip[0] >= 224 ? ADDR_MULTICAST : ADDR_UNICAST;
}

enum addr_class addr_classify(const struct addr *a)
{
    static const uint8_t zero[15];
    struct addr r = unmapped(a);

    if (r.family == ADDR_V4)
        return classify_v4(r.ip);
    if (r.family != ADDR_V6)
        return ADDR_UNSPECIFIED;
    if (memcmp(r.ip, zero, 15) == 0 && r.ip[15] <= 1)
        return r.ip[15] ? ADDR_LOOPBACK : ADDR_UNSPECIFIED;
    if (r.ip[0] == 0xfe && (r.ip[1] & 0xc0) == 0x80)
        return ADDR_LINK_LOCAL;
    return r.ip[0] == 0xff ? ADDR_MULTICAST : ADDR_UNICAST;
}

enum addr_family addr_family(const struct addr *a)
{
    return (enum addr_family)unmapped(a).family;
}

int cidr_parse(struct cidr *c, struct span text)
{
    size_t slash = span_chr(text, '/');
    uint64_t bits;
    size_t width;

    if (addr_parse_ip(&c->net, (struct span){ text.p, slash }))
        return -EINVAL;
    width = ip_size(&c->net) * 8;
    bits = width;
    if (slash < text.n && span_u64(span_from(text, slash + 1), width, &bits))
        return -EINVAL;
    c->bits = (unsigned)bits;
    for (size_t i = (size_t)bits; i < width; i++)
        if (c->net.ip[i / 8] & (0x80u >> (i % 8)))
            return -EINVAL;
    return 0;
}

bool cidr_has(const struct cidr *c, const struct addr *a)
{
    struct addr x = c->net.family == ADDR_V4 ? unmapped(a) : *a;
    size_t whole = c->bits / 8;
    unsigned rest = c->bits % 8;

    if (x.family != c->net.family || c->net.family == ADDR_NONE || memcmp(x.ip, c->net.ip, whole) != 0)
        return false;
    return !rest || ((x.ip[whole] ^ c->net.ip[whole]) & (0xff00u >> rest) & 0xffu) == 0;
}
