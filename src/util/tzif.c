/* SPDX-License-Identifier: MIT */
#include "util/tzif.h"

#include <errno.h>
#include <string.h>

#include "util/walltime.h"

#define DAY_S      86400
#define HEADER_N   44          /* TZif header: magic, version, 15 unused bytes, six counts */
#define OFFSET_MAX (25 * 3600) /* RFC 8536 3.2, exclusive */

/* ---- rules ---- */

struct change {
    char form; /* 'M', 'J' or 0: zero-based day of the year */
    int month, week, day, time_s;
};

static bool take(struct span *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    *s = span_from(*s, 1);
    return true;
}

static bool take_number(struct span *s, int min, int max, int *out)
{
    size_t n = 0;
    int v = 0;

    while (n < s->n && n < 3 && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    *s = span_from(*s, n);
    *out = v;
    return n && v >= min && v <= max;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct span *s, int max_hours, int *out)
{
    bool minus = take(s, '-');
    int h, m = 0, sec = 0;

    if (!minus)
        (void)take(s, '+');
    if (!take_number(s, 0, max_hours, &h) || (take(s, ':') && !take_number(s, 0, 59, &m)) ||
        (take(s, ':') && !take_number(s, 0, 59, &sec)))
        return false;
    *out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
    return true;
}

/* At least three letters, or anything in <>. */
static bool take_name(struct span *s)
{
    size_t n = 0;

    if (take(s, '<')) {
        n = span_chr(*s, '>');
        *s = span_from(*s, n);
        return n && take(s, '>');
    }
    while (n < s->n && (s->p[n] | 0x20) >= 'a' && (s->p[n] | 0x20) <= 'z')
        n++;
    *s = span_from(*s, n);
    return n >= 3;
}

static bool take_change(struct span *s, struct change *c)
{
    *c = (struct change){ .time_s = 2 * 3600 };
    if (take(s, 'M')) {
        c->form = 'M';
        if (!take_number(s, 1, 12, &c->month) || !take(s, '.') || !take_number(s, 1, 5, &c->week) || !take(s, '.') ||
            !take_number(s, 0, 6, &c->day))
            return false;
    } else if (take(s, 'J')) {
        c->form = 'J';
        if (!take_number(s, 1, 365, &c->day))
            return false;
    } else if (!take_number(s, 0, 365, &c->day)) {
        return false;
    }
    return !take(s, '/') || take_time(s, 167, &c->time_s);
}

/* When the change happens in that year, as Unix seconds of the local time before it. */
static int64_t change_at(const struct change *c, int64_t year)
{
    int64_t first = walltime_days(year, c->form == 'M' ? (unsigned)c->month : 1, 1), day = first + c->day, next,
            weekday;

    if (c->form == 'M') {
        next = c->month == 12 ? walltime_days(year + 1, 1, 1) : walltime_days(year, (unsigned)c->month + 1, 1);
        weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = first + (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
        if (day >= next)
            day -= 7;
    } else if (c->form == 'J') { /* never counts 29 February */
        day--;
        if (c->day >= 60 && walltime_days(year, 3, 1) - first == 60)
            day++;
    }
    return day * DAY_S + c->time_s;
}

static int64_t year_of(int64_t now)
{
    int64_t days = now / DAY_S - (now % DAY_S < 0), year = 1970 + days * 400 / 146097;

    while (walltime_days(year, 1, 1) > days)
        year--;
    while (walltime_days(year + 1, 1, 1) <= days)
        year++;
    return year;
}

int tzif_rule_offset(struct span rule, int64_t now, int *offset_s)
{
    struct change start, end;
    int west, summer_west;
    int64_t from, to;
    bool summer;

    if (!take_name(&rule) || !take_time(&rule, 24, &west))
        return -EBADMSG;
    if (!rule.n) {
        *offset_s = -west;
        return 0;
    }
    if (now < -((int64_t)1 << 55) || now > (int64_t)1 << 55 || !take_name(&rule))
        return -EBADMSG;
    summer_west = west - 3600;
    if (rule.n && rule.p[0] != ',' && !take_time(&rule, 24, &summer_west))
        return -EBADMSG;
    if (!rule.n)
        rule = SPAN_LIT(",M3.2.0,M11.1.0");
    if (!take(&rule, ',') || !take_change(&rule, &start) || !take(&rule, ',') || !take_change(&rule, &end) || rule.n)
        return -EBADMSG;
    from = change_at(&start, year_of(now)) + west;
    to = change_at(&end, year_of(now)) + summer_west;
    summer = from < to ? now >= from && now < to : now >= from || now < to;
    *offset_s = -(summer ? summer_west : west);
    return 0;
}

/* ---- files ---- */

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

static int64_t signed_be(const char *p, size_t n)
{
    uint64_t v = (unsigned char)p[0] & 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[i];
    return (int64_t)v;
}

/* Removes the header from *s; *size: of the data block after it, with times of time_n bytes. */
static bool take_header(struct span *s, size_t time_n, struct counts *c, size_t *size)
{
    uint32_t *count[] = { &c->isut, &c->isstd, &c->leap, &c->time, &c->type, &c->chars };

    if (s->n < HEADER_N || memcmp(s->p, "TZif", 4))
        return false;
    for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++) {
        *count[i] = (uint32_t)signed_be(s->p + 20 + 4 * i, 4);
        if (*count[i] > 65535)
            return false;
    }
    *s = span_from(*s, HEADER_N);
    *size = c->time * (time_n + 1) + c->type * 6u + c->chars + c->leap * (time_n + 4) + c->isstd + c->isut;
    return c->type && s->n >= *size;
}

int tzif_offset(struct span tzif, int64_t now, int *offset_s)
{
    size_t time_n = tzif.n > 4 && tzif.p[4] ? 8 : 4, size, last = 0, type = 0;
    struct counts c;
    struct span footer;
    int64_t offset;

    if (!take_header(&tzif, 4, &c, &size))
        return -EBADMSG;
    if (time_n == 8) { /* a second data block with 64-bit times, and a footer with the rule for later
                                         * times */
        tzif = span_from(tzif, size);
        if (!take_header(&tzif, 8, &c, &size))
            return -EBADMSG;
        footer = span_from(tzif, size);
        if (take(&footer, '\n') && (!c.time || now >= signed_be(tzif.p + (c.time - 1) * 8, 8))) {
            footer.n = span_chr(footer, '\n');
            if (footer.n)
                return tzif_rule_offset(footer, now, offset_s);
        }
    }
    while (last < c.time && signed_be(tzif.p + last * time_n, time_n) <= now)
        last++;
    if (last)
        type = (unsigned char)tzif.p[c.time * time_n + last - 1];
    if (type >= c.type)
        return -EBADMSG;
    offset = signed_be(tzif.p + c.time * (time_n + 1) + type * 6, 4);
    if (offset <= -OFFSET_MAX || offset > OFFSET_MAX + 3600)
        return -EBADMSG;
    *offset_s = (int)offset;
    return 0;
}
