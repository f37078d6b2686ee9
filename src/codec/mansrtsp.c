/* SPDX-License-Identifier: MIT */
#include "codec/mansrtsp.h"

#include <errno.h>
#include <string.h>

#define SECONDS_MAX 1000000000u /* 31 years, so that microseconds do not overflow */
#define SCALE_MAX   1000u

static const char *const verbs[] = {
    [MANSRTSP_PLAY] = "PLAY",
    [MANSRTSP_PAUSE] = "PAUSE",
    [MANSRTSP_TEARDOWN] = "TEARDOWN",
};

/* "12", "12.5", ".5": the value times 10^digits, truncated. */
static int parse_fixed(struct span s, unsigned digits, uint64_t max, uint64_t *out)
{
    size_t dot = span_chr(s, '.');
    struct span whole = { s.p, dot }, part = span_from(s, dot + 1);
    uint64_t v = 0, ignored;

    if (!whole.n && !part.n)
        return -EBADMSG;
    if (whole.n && span_u64(whole, max, &v))
        return -EBADMSG;
    if (part.n && span_u64(part, UINT64_MAX, &ignored) == -EBADMSG)
        return -EBADMSG;
    for (unsigned i = 0; i < digits; i++)
        v = v * 10 + (i < part.n ? (uint64_t)(part.p[i] - '0') : 0);
    *out = v;
    return 0;
}

/* Seconds, or h:mm:ss[.f] (RFC 2326 3.6), in microseconds. */
static int parse_npt(struct span s, uint64_t *us)
{
    size_t first = span_chr(s, ':'), second;
    uint64_t h, m, sec;
    struct span rest;

    if (first == s.n)
        return parse_fixed(s, 6, SECONDS_MAX, us);
    rest = span_from(s, first + 1);
    second = span_chr(rest, ':');
    if (second == rest.n || span_u64((struct span){ s.p, first }, SECONDS_MAX / 3600u, &h) ||
        span_u64((struct span){ rest.p, second }, 59, &m) || parse_fixed(span_from(rest, second + 1), 6, 59, &sec))
        return -EBADMSG;
    *us = (h * 3600u + m * 60u) * 1000000u + sec;
    return 0;
}

/* hh:mm:ss, with frames after a third colon or a dot (grammar and examples of RFC 2326 3.5 differ), in microseconds;
 * fractions of a frame are ignored. `rate`: frames per second of the time code; 30 means 29.97 drop-frame. */
static int parse_smpte(struct span s, unsigned rate, uint64_t *us)
{
    const uint64_t max[] = { SECONDS_MAX / 3600u, 59, 59, rate - 1 };
    uint64_t part[4] = { 0 }, minutes, frames;
    unsigned n = 0;

    for (bool last = false; !last; n++) {
        size_t end = 0;
        while (end < s.n && s.p[end] != ':' && s.p[end] != '.')
            end++;
        last = end == s.n || (n == 3 && s.p[end] == '.');
        if (n == 4 || span_u64((struct span){ s.p, end }, max[n], &part[n]))
            return -EBADMSG;
        s = span_from(s, end + 1);
    }
    if (n < 3)
        return -EBADMSG;
    minutes = part[0] * 60u + part[1];
    frames = (minutes * 60u + part[2]) * rate + part[3];
    /* Drop-frame skips two frame numbers every minute, except every tenth. */
    *us = rate == 30 ? (frames - 2u * (minutes - minutes / 10u)) * 1001000u / 30u : frames * 1000000u / rate;
    return 0;
}

static int parse_position(struct span s, unsigned smpte_rate, uint64_t *us)
{
    return smpte_rate ? parse_smpte(s, smpte_rate, us) : parse_npt(s, us);
}

static int parse_range(struct mansrtsp *m, struct span value)
{
    static const struct {
        const char *unit;
        unsigned smpte_rate;
    } units[] = {
        { "npt", 0 },       { "ntp", 0 }, /* a misprint in the 2016 text that platforms send */
        { "smpte", 30 },    { "smpte-30-drop", 30 },
        { "smpte-25", 25 },
    };
    unsigned u = 0;
    size_t eq = span_chr(value, '=');
    struct span unit = span_trim((struct span){ value.p, eq }), from, to;
    size_t dash;

    while (u < sizeof(units) / sizeof(units[0]) && !span_case_eq_str(unit, units[u].unit))
        u++;
    if (u == sizeof(units) / sizeof(units[0]))
        return eq < value.n ? -ENOTSUP : -EBADMSG;
    value = span_from(value, eq + 1);
    value.n = span_chr(value, ';');
    dash = span_chr(value, '-');
    from = span_trim((struct span){ value.p, dash });
    to = span_trim(span_from(value, dash + 1));
    m->has_range = true;
    m->range_now = span_case_eq_str(from, "now");
    if (!m->range_now && parse_position(from, units[u].smpte_rate, &m->range_from_us))
        return -EBADMSG;
    if (!to.n || span_case_eq_str(to, "now"))
        return 0;
    m->has_range_end = true;
    return parse_position(to, units[u].smpte_rate, &m->range_end_us);
}

static int parse_scale(struct mansrtsp *m, struct span value)
{
    bool minus = value.n && value.p[0] == '-';
    uint64_t v;

    if (value.n && (minus || value.p[0] == '+'))
        value = span_from(value, 1);
    if (parse_fixed(value, 3, SCALE_MAX, &v) || v == 0)
        return -EBADMSG;
    m->has_scale = true;
    m->scale_permille = minus ? -(int)v : (int)v;
    return 0;
}

static int parse_request_line(struct mansrtsp *m, struct span line)
{
    size_t first = span_chr(line, ' '), last = line.n;
    struct span method = { line.p, first }, version;

    while (last && line.p[last - 1] != ' ')
        last--;
    version = span_from(line, last);
    if (first == line.n || !method.n)
        return -EBADMSG;
    if (!span_case_eq_str(version, "RTSP/1.0") && !span_case_eq_str(version, "MANSRTSP/1.0"))
        return -EBADMSG;
    for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!span_case_eq_str(method, verbs[i]))
            continue;
        m->verb = (enum mansrtsp_verb)i;
        return 0;
    }
    return -ENOTSUP;
}

static int parse_header(struct mansrtsp *m, struct span line, bool *seen_cseq)
{
    size_t colon = span_chr(line, ':');
    struct span name = span_trim((struct span){ line.p, colon }), value = span_trim(span_from(line, colon + 1));
    uint64_t v;

    if (colon == line.n)
        return -EBADMSG;
    if (span_case_eq_str(name, "CSeq") && !*seen_cseq) {
        if (span_u64(value, UINT32_MAX, &v))
            return -EBADMSG;
        *seen_cseq = true;
        m->cseq = (uint32_t)v;
    } else if (span_case_eq_str(name, "Range") && !m->has_range) {
        return parse_range(m, value);
    } else if (span_case_eq_str(name, "Scale") && !m->has_scale) {
        return parse_scale(m, value);
    }
    return 0;
}

int mansrtsp_parse(struct mansrtsp *m, struct span body)
{
    struct span rest = body, line;
    bool seen_cseq = false;
    int err;

    memset(m, 0, sizeof(*m));
    do {
        if (!span_line(&rest, &line))
            return -EBADMSG;
        line = span_trim(line);
    } while (!line.n);
    err = parse_request_line(m, line);
    while (!err && span_line(&rest, &line)) {
        line = span_trim(line);
        if (!line.n)
            break;
        err = parse_header(m, line, &seen_cseq);
    }
    return err;
}

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 400, "Bad Request" },
    { 404, "Not Found" },
    { 451, "Parameter Not Understood" },
    { 454, "Session Not Found" },
    { 455, "Method Not Valid in This State" },
    { 457, "Invalid Range" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 551, "Option Not Supported" },
};

void mansrtsp_reply(struct buf *out, unsigned status, uint32_t cseq)
{
    const char *reason = status < 300 ? "OK" : "Error";

    for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            reason = reasons[i].reason;
    buf_printf(out, "RTSP/1.0 %u %s\r\nCSeq: %lu\r\n\r\n", status, reason, (unsigned long)cseq);
}
