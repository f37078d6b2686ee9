/* SPDX-License-Identifier: MIT */
#include "conf/conf_priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/charset.h"

#define SIP_PORT 5060

static void store_uint(char *field, size_t size, uint64_t v)
{
    if (size == sizeof(uint8_t))
        *field = (char)v;
    else if (size == sizeof(uint16_t))
        memcpy(field, &(uint16_t){ (uint16_t)v }, size);
    else if (size == sizeof(uint32_t))
        memcpy(field, &(uint32_t){ (uint32_t)v }, size);
    else
        memcpy(field, &v, sizeof(v));
}

static bool has_blank(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ' ' || s.p[i] == '\t')
            return true;
    return false;
}

/* ---- text -------------------------------------------------------------------------------- */

static int set_text(const struct conf_key *k, char *base, struct span text)
{
    return span_copy(text, base + k->offset, k->size) ? 0 : -EINVAL;
}

static void expect_text(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "text of at most %zu bytes", "不超过 %zu 字节的文本"), k->size - 1);
}

static int set_word(const struct conf_key *k, char *base, struct span text)
{
    return has_blank(text) ? -EINVAL : set_text(k, base, text);
}

static void expect_word(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "text of at most %zu bytes without blanks", "不含空格、不超过 %zu 字节的文本"),
               k->size - 1);
}

static int set_id(const struct conf_key *k, char *base, struct span text)
{
    if (text.n != GBID_LEN && text.n != GBID_LEN + 1)
        return -EINVAL;
    return gbid_check(text) < 0 ? -EINVAL : set_text(k, base, text);
}

static void expect_id(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out, CONF_TEXT(lang, "20 digits", "20 位数字"));
}

static int set_path(const struct conf_key *k, char *base, struct span text)
{
    return text.n && text.p[0] == '/' ? set_text(k, base, text) : -EINVAL;
}

static void expect_path(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "absolute path of at most %zu bytes", "以 / 开头、不超过 %zu 字节的路径"),
               k->size - 1);
}

static int set_maybe_path(const struct conf_key *k, char *base, struct span text)
{
    return text.n ? set_path(k, base, text) : set_text(k, base, text);
}

static void expect_maybe_path(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    expect_path(k, lang, out);
    buf_str(out, CONF_TEXT(lang, ", or empty", "，可为空"));
}

static int set_target(const struct conf_key *k, char *base, struct span text)
{
    if (span_eq_str(text, "stderr") || span_eq_str(text, "syslog"))
        return set_text(k, base, text);
    return set_path(k, base, text);
}

static void expect_target(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_str(out, CONF_TEXT(lang, "stderr, syslog, or an ", "stderr、syslog，或"));
    expect_path(k, lang, out);
}

static int set_source(const struct conf_key *k, char *base, struct span text)
{
    size_t colon = span_chr(text, ':');

    if (!colon || colon == text.n)
        return -EINVAL;
    for (size_t i = 0; i < colon; i++)
        if (!isalnum((unsigned char)text.p[i]) && text.p[i] != '_' && text.p[i] != '-')
            return -EINVAL;
    return set_text(k, base, text);
}

static void expect_source(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    (void)lang;
    buf_str(out, "BOARD:TEXT");
}

/* ---- numbers and names --------------------------------------------------------------------- */

static int set_uint(const struct conf_key *k, char *base, struct span text)
{
    uint64_t v;

    if (span_u64(text, k->max, &v) < 0 || v < k->min)
        return -EINVAL;
    store_uint(base + k->offset, k->size, v);
    return 0;
}

/* A code of the standard: a number kept as text, because it may be omitted. */
static int set_code(const struct conf_key *k, char *base, struct span text)
{
    uint64_t v;

    if (text.n && (span_u64(text, k->max, &v) < 0 || v < k->min))
        return -EINVAL;
    return set_text(k, base, text);
}

static void expect_uint(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "number from %llu to %llu", "%llu 至 %llu 的整数"), (unsigned long long)k->min,
               (unsigned long long)k->max);
}

static void expect_code(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    expect_uint(k, lang, out);
    buf_str(out, CONF_TEXT(lang, ", or empty", "，可为空"));
}

/* Index of text in a list of names, -EINVAL. */
static int name_index(const char *const *names, struct span text)
{
    for (int i = 0; names[i]; i++)
        if (span_case_eq_str(text, names[i]))
            return i;
    return -EINVAL;
}

static int set_bool(const struct conf_key *k, char *base, struct span text)
{
    static const char *const names[] = { "no", "yes", "false", "true", "off", "on", "0", "1", NULL };
    int i = name_index(names, text);

    if (i < 0)
        return i;
    store_uint(base + k->offset, k->size, (unsigned)i & 1);
    return 0;
}

static void expect_bool(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out, CONF_TEXT(lang, "yes or no", "yes 或 no"));
}

static int set_choice(const struct conf_key *k, char *base, struct span text)
{
    int i = name_index(k->choice, text);

    if (i < 0)
        return i;
    store_uint(base + k->offset, k->size, (unsigned)i);
    return 0;
}

static void expect_names(const char *const *names, enum conf_lang lang, struct buf *out)
{
    for (size_t i = 0; names[i]; i++)
        buf_printf(out, "%s%s",
                   !i             ? ""
                   : names[i + 1] ? CONF_TEXT(lang, ", ", "、")
                                  : CONF_TEXT(lang, " or ", " 或 "),
                   names[i]);
}

static void expect_choice(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    expect_names(k->choice, lang, out);
}

/* -180.0 .. 180.0 in plain decimals; strtod would take "nan", "0x1p3" and the locale's comma. */
static int set_degrees(const struct conf_key *k, char *base, struct span text)
{
    bool negative = text.n && text.p[0] == '-';
    double v = 0, unit = 1;
    bool point = false;
    size_t digits = 0;

    for (size_t i = negative ? 1 : 0; i < text.n; i++) {
        if (text.p[i] == '.' && !point && digits) {
            point = true;
        } else if (isdigit((unsigned char)text.p[i]) && digits < 15) {
            digits++;
            v = v * 10 + (text.p[i] - '0');
            if (point)
                unit *= 10;
        } else {
            return -EINVAL;
        }
    }
    v /= unit;
    if (!digits || v > (double)k->max)
        return -EINVAL;
    v = negative ? -v : v;
    memcpy(base + k->offset, &v, sizeof(v));
    return 0;
}

static void expect_degrees(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "degrees from -%llu to %llu", "-%llu 至 %llu 度"), (unsigned long long)k->max,
               (unsigned long long)k->max);
}

static int set_latch(const struct conf_key *k, char *base, struct span text)
{
    uint64_t v;

    if (span_case_eq_str(text, "off"))
        v = AGENT_LATCH_OFF;
    else if (span_case_eq_str(text, "strict"))
        v = AGENT_LATCH_STRICT;
    else if (span_u64(text, k->max, &v) < 0)
        return -EINVAL;
    store_uint(base + k->offset, k->size, v);
    return 0;
}

static void expect_latch(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_printf(out, CONF_TEXT(lang, "off, strict, or seconds from 0 to %llu", "off、strict，或 0 至 %llu 的秒数"),
               (unsigned long long)k->max);
}

static int set_charset(const struct conf_key *k, char *base, struct span text)
{
    int c = charset_parse(text);

    if (c < 0)
        return -EINVAL;
    store_uint(base + k->offset, k->size, (unsigned)c);
    return 0;
}

static void expect_charset(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out, CONF_TEXT(lang, "gb2312, gbk, gb18030 or utf-8", "gb2312、gbk、gb18030 或 utf-8"));
}

static const char *const levels[] = { "error", "warn", "info", "debug", "trace", NULL };

static int set_level(const struct conf_key *k, char *base, struct span text)
{
    int i = name_index(levels, text);

    if (i < 0)
        return i;
    store_uint(base + k->offset, k->size, (unsigned)i);
    return 0;
}

static void expect_level(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    expect_names(levels, lang, out);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static int set_cidrs(const struct conf_key *k, char *base, struct span text)
{
    struct cidr list[AGENT_CIDRS_MAX];
    unsigned n = 0;

    memset(list, 0, sizeof(list));
    while ((text = span_trim(text)).n) {
        size_t end = 0;

        while (end < text.n && text.p[end] != ',' && text.p[end] != ' ' && text.p[end] != '\t')
            end++;
        if (end) {
            if (n == AGENT_CIDRS_MAX || cidr_parse(&list[n], (struct span){ text.p, end }) < 0)
                return -EINVAL;
            n++;
        }
        text = span_from(text, end + 1);
    }
    memcpy(base + k->offset, list, n * sizeof(list[0]));
    memcpy(base + k->count_offset, &n, sizeof(n));
    return 0;
}

static void expect_cidrs(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_printf(out,
               CONF_TEXT(lang,
                         "at most %u addresses or prefixes (10.0.0.0/8; no bits past the prefix), with blanks between",
                         "最多 %u 个地址或网段（如 10.0.0.0/8，主机位须为 0），以空格分隔"),
               AGENT_CIDRS_MAX);
}

static int set_address(const struct conf_key *k, char *base, struct span text)
{
    struct addr a;
    enum addr_class class;

    memset(&a, 0, sizeof(a));
    if (addr_parse(&a, text, 0) < 0 && addr_parse_ip(&a, text) < 0)
        return -EINVAL;
    class = addr_classify(&a);
    if (a.port > k->max || class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST || class == ADDR_BROADCAST)
        return -EINVAL;
    memcpy(base + k->offset, &a, sizeof(a));
    return 0;
}

static void expect_address(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    buf_str(out, k->max ? CONF_TEXT(lang, "IP address, or IP address:port", "IP 地址，或 IP 地址:端口")
                        : CONF_TEXT(lang, "IP address", "IP 地址"));
}

/* name, name:port, a.b.c.d[:port], [v6][:port] or a bare v6. */
static int set_server(const struct conf_key *k, char *base, struct span text)
{
    struct conf_platform *p = (struct conf_platform *)base;
    struct addr a;
    uint64_t port = SIP_PORT;
    struct span host = text;

    memset(&a, 0, sizeof(a));
    if (addr_parse_ip(&a, text) < 0) {
        size_t colon = text.n;

        while (colon && text.p[colon - 1] != ':' && text.p[colon - 1] != ']')
            colon--;
        if (colon && text.p[colon - 1] == ':') {
            host.n = colon - 1;
            if (span_u64(span_from(text, colon), 65535, &port) < 0 || !port)
                return -EINVAL;
        }
        if (host.n && host.p[0] == '[' && addr_parse_ip(&a, host) < 0)
            return -EINVAL;
    }
    if (host.n > 1 && host.p[0] == '[')
        host = (struct span){ host.p + 1, host.n - 2 };
    for (size_t i = 0; i < host.n && a.family == ADDR_NONE; i++)
        if (!isalnum((unsigned char)host.p[i]) && host.p[i] != '.' && host.p[i] != '-' && host.p[i] != '_')
            return -EINVAL;
    if (!host.n || addr_broken_ip(host) || !span_copy(host, p->server_host, sizeof(p->server_host)) ||
        !span_copy(host, p->agent.server_host, sizeof(p->agent.server_host)))
        return -EINVAL;
    (void)k;
    p->server_port = p->agent.server_port = (uint16_t)port;
    return 0;
}

static void expect_server(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out,
            CONF_TEXT(lang,
                      "HOST or HOST:PORT, where HOST is a name, an IPv4 address (four numbers up to 255) or [IPv6]",
                      "HOST 或 HOST:PORT，HOST 为域名、IPv4 地址（四段，各不大于 255）或 [IPv6]"));
}

/* ---- zone ------------------------------------------------------------------------------------ */

static int set_zone(const struct conf_key *k, char *base, struct span text)
{
    struct conf *c = (struct conf *)base;
    uint64_t hours, minutes;
    bool east;

    (void)k;
    if (span_case_eq_str(text, "local")) {
        c->utc_offset_system = true;
        c->utc_offset_s = 0;
        return 0;
    }
    if (text.n != 6 || text.p[3] != ':' || (text.p[0] != '+' && text.p[0] != '-') ||
        span_u64((struct span){ text.p + 1, 2 }, 14, &hours) < 0 ||
        span_u64((struct span){ text.p + 4, 2 }, 59, &minutes) < 0)
        return -EINVAL;
    east = text.p[0] == '+';
    c->utc_offset_system = false;
    c->utc_offset_s = (int)(hours * 3600 + minutes * 60) * (east ? 1 : -1);
    return 0;
}

static void expect_zone(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_str(out, CONF_TEXT(lang, "+hh:mm, -hh:mm or local", "+hh:mm、-hh:mm 或 local"));
}

/* ---- hosts, by name or address ----------------------------------------------------------- */

static bool host_like(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n > 0;
}

static int add_host(struct http_allow *al, struct span word)
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
        if (end && add_host(&al, (struct span){ text.p, end }))
            return -EINVAL;
        text = span_from(text, end + 1);
    }
    memcpy(base + k->offset, &al, sizeof(al));
    return 0;
}

static void expect_hosts(const struct conf_key *k, enum conf_lang lang, struct buf *out)
{
    (void)k;
    buf_printf(out,
               CONF_TEXT(lang, "at most %u host names, addresses or ADDRESS/BITS",
                         "最多 %u 个主机名、地址或网段（地址/前缀长度）"),
               HTTP_ALLOW_MAX);
}

const struct conf_type conf_text = { set_text, expect_text };
const struct conf_type conf_word = { set_word, expect_word };
const struct conf_type conf_id = { set_id, expect_id };
const struct conf_type conf_uint = { set_uint, expect_uint };
const struct conf_type conf_code = { set_code, expect_code };
const struct conf_type conf_bool = { set_bool, expect_bool };
const struct conf_type conf_choice = { set_choice, expect_choice };
const struct conf_type conf_degrees = { set_degrees, expect_degrees };
const struct conf_type conf_cidrs = { set_cidrs, expect_cidrs };
const struct conf_type conf_address = { set_address, expect_address };
const struct conf_type conf_server = { set_server, expect_server };
const struct conf_type conf_zone = { set_zone, expect_zone };
const struct conf_type conf_latch = { set_latch, expect_latch };
const struct conf_type conf_charset = { set_charset, expect_charset };
const struct conf_type conf_level = { set_level, expect_level };
const struct conf_type conf_path = { set_path, expect_path };
const struct conf_type conf_maybe_path = { set_maybe_path, expect_maybe_path };
const struct conf_type conf_target = { set_target, expect_target };
const struct conf_type conf_source = { set_source, expect_source };
const struct conf_type conf_hosts = { set_hosts, expect_hosts };
