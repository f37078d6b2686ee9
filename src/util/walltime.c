/* SPDX-License-Identifier: MIT */
#include "util/walltime.h"

#include <errno.h>
#include <stdio.h>

#define DAY_S 86400

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, ms;
};

/* Computed with years that begin in March, so that the leap day is the last of the year. */
int64_t walltime_days(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t days, struct civil *c)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c->day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    c->year = yoe + era * 400 + (c->month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void walltime_print(int64_t unix_ms, int utc_offset_s, char out[WALLTIME_TEXT])
{
    int64_t s = floor_div(unix_ms, 1000) + utc_offset_s;
    int64_t days = floor_div(s, DAY_S), rest = s - days * DAY_S;
    struct civil c;

    civil_from_days(days, &c);
    if (c.year < 0 || c.year > 9999) { /* the format has four digits */
        c = (struct civil){ .year = c.year < 0 ? 0 : 9999, .month = c.year < 0 ? 1 : 12, .day = c.year < 0 ? 1 : 31 };
        rest = 0;
    }
    snprintf(out, WALLTIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)c.year % 10000u, c.month % 100u,
             c.day % 100u, (unsigned)(rest / 3600) % 100u, (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
}

/* __DATE__ is "Mmm dd yyyy". */
static int64_t build_year(void)
{
    static const char date[] = __DATE__;
    int64_t year = (date[7] - '0') * 1000 + (date[8] - '0') * 100 + (date[9] - '0') * 10 + (date[10] - '0');

    /* Reproducible builds may stamp an old date; this code is from 2024. */
    return year < 2024 ? 2024 : year;
}

bool walltime_credible(int64_t unix_ms)
{
    int64_t day_ms = (int64_t)DAY_S * 1000, year = build_year();

    return unix_ms >= walltime_days(year, 1, 1) * day_ms &&
           unix_ms < walltime_days(year + WALLTIME_YEARS, 1, 1) * day_ms;
}

static unsigned month_days(int64_t year, unsigned month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool civil_valid(struct civil *c)
{
    if (c->second == 60)
        c->second = 59;
    return c->year >= 1900 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month) && c->hour < 24 && c->minute < 60 && c->second < 60;
}

static int64_t civil_unix_ms(const struct civil *c, int64_t offset_s)
{
    int64_t s = walltime_days(c->year, c->month, c->day) * DAY_S;

    s += (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second - offset_s;
    return s * 1000 + c->ms;
}

/* Removes min to max digits from the front. */
static bool take_number(struct span *s, size_t min, size_t max, unsigned *out)
{
    size_t n = 0;
    unsigned v = 0;

    while (n < s->n && n < max && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (unsigned)(s->p[n++] - '0');
    *s = span_from(*s, n);
    *out = v;
    return n >= min;
}

static bool take_char(struct span *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    *s = span_from(*s, 1);
    return true;
}

static void skip_blanks(struct span *s)
{
    while (take_char(s, ' ') || take_char(s, '\t'))
        ;
}

static bool take_clock(struct span *s, struct civil *c)
{
    if (!take_number(s, 1, 2, &c->hour) || !take_char(s, ':'))
        return false;
    skip_blanks(s);
    if (!take_number(s, 1, 2, &c->minute) || !take_char(s, ':'))
        return false;
    skip_blanks(s);
    return take_number(s, 1, 2, &c->second);
}

static bool take_fraction(struct span *s, struct civil *c)
{
    unsigned digits = 0, v = 0;

    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        if (digits < 3)
            v = v * 10 + (unsigned)(s->p[0] - '0');
        digits++;
        *s = span_from(*s, 1);
    }
    for (unsigned i = digits; i < 3; i++)
        v *= 10;
    c->ms = v;
    return digits > 0;
}

/* "Z", +hh:mm, +hhmm, or nothing, which leaves *offset_s unchanged. */
static bool take_zone(struct span *s, int64_t *offset_s)
{
    unsigned h, m = 0;
    bool minus;

    skip_blanks(s);
    if (take_char(s, 'Z') || take_char(s, 'z')) {
        *offset_s = 0;
        return true;
    }
    minus = take_char(s, '-');
    if (!minus && !take_char(s, '+'))
        return true;
    if (!take_number(s, 2, 2, &h) || h > 14)
        return false;
    if ((take_char(s, ':') || s->n) && (!take_number(s, 2, 2, &m) || m > 59))
        return false;
    *offset_s = ((int64_t)h * 60 + m) * 60 * (minus ? -1 : 1);
    return true;
}

/* Additional forms that walltime_parse_query accepts. */
struct leeway {
    bool any; /* false: nothing */
    bool end; /* a date alone means the following midnight */
};

static bool take_date(struct span *s, bool compact, struct civil *c)
{
    unsigned year;

    if (!take_number(s, 4, 4, &year))
        return false;
    c->year = year;
    if (take_char(s, '-'))
        return take_number(s, 1, 2, &c->month) && take_char(s, '-') && take_number(s, 1, 2, &c->day);
    return compact && take_number(s, 2, 2, &c->month) && take_number(s, 2, 2, &c->day);
}

static bool is_digit(struct span s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static bool take_loose_clock(struct span *s, struct civil *c)
{
    if (is_digit(*s, 1) && is_digit(*s, 2)) {
        if (!take_number(s, 2, 2, &c->hour) || !take_number(s, 2, 2, &c->minute))
            return false;
        return !is_digit(*s, 0) || take_number(s, 2, 2, &c->second);
    }
    if (!take_number(s, 1, 2, &c->hour) || !take_char(s, ':'))
        return false;
    skip_blanks(s);
    if (!take_number(s, 1, 2, &c->minute))
        return false;
    if (!take_char(s, ':'))
        return true;
    skip_blanks(s);
    return take_number(s, 1, 2, &c->second);
}

static bool take_time_of_day(struct span *s, struct leeway l, struct civil *c)
{
    if (!take_char(s, 'T') && !take_char(s, 't') && !take_char(s, ' ') && !(l.any && is_digit(*s, 0)))
        return false;
    skip_blanks(s);
    if (l.any ? !take_loose_clock(s, c) : !take_clock(s, c))
        return false;
    return !(take_char(s, '.') || take_char(s, ',')) || take_fraction(s, c);
}

static int parse_iso(struct span s, int64_t offset_s, struct leeway l, int64_t *unix_ms)
{
    struct civil c = { .ms = 0 };
    bool alone, over;

    if (!take_date(&s, l.any, &c))
        return -EBADMSG;
    alone = l.any && (!s.n || s.p[0] == 'Z' || s.p[0] == 'z' || s.p[0] == '+' || s.p[0] == '-');
    if (!alone && !take_time_of_day(&s, l, &c))
        return -EBADMSG;
    over = l.any && ((alone && l.end) || (c.hour == 24 && !c.minute && !c.second && !c.ms));
    c.hour = over ? 0 : c.hour;
    if (!take_zone(&s, &offset_s) || s.n || !civil_valid(&c))
        return -EBADMSG;
    *unix_ms = civil_unix_ms(&c, offset_s) + (over ? DAY_S * INT64_C(1000) : 0);
    return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; the name of the day is ignored. */
static int parse_rfc1123(struct span s, int64_t *unix_ms)
{
    static const char months[][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    struct civil c = { .ms = 0 };
    int64_t offset_s = 0;
    unsigned year;

    s = span_from(s, span_chr(s, ',') + 1);
    skip_blanks(&s);
    if (!take_number(&s, 1, 2, &c.day) || !(take_char(&s, ' ') || take_char(&s, '-')))
        return -EBADMSG;
    for (unsigned i = 0; i < 12; i++)
        if (span_case_prefix(s, months[i]))
            c.month = i + 1;
    s = span_from(s, 3);
    if (!c.month || !(take_char(&s, ' ') || take_char(&s, '-')) || !take_number(&s, 4, 4, &year) || !take_char(&s, ' '))
        return -EBADMSG;
    c.year = year;
    if (!take_clock(&s, &c))
        return -EBADMSG;
    skip_blanks(&s);
    if (span_case_eq_str(s, "GMT") || span_case_eq_str(s, "UTC") || span_case_eq_str(s, "UT"))
        s.n = 0;
    else if (!take_zone(&s, &offset_s))
        return -EBADMSG;
    if (s.n || !civil_valid(&c))
        return -EBADMSG;
    *unix_ms = civil_unix_ms(&c, offset_s);
    return 0;
}

static int parse(struct span text, int64_t offset_s, struct leeway l, int64_t *unix_ms)
{
    struct span s = span_trim(text);

    if (is_digit(s, 0))
        return parse_iso(s, offset_s, l, unix_ms);
    return parse_rfc1123(s, unix_ms);
}

int walltime_parse(struct span text, int utc_offset_s, int64_t *unix_ms)
{
    return parse(text, utc_offset_s, (struct leeway){ .any = false }, unix_ms);
}

int walltime_parse_query(struct span text, int utc_offset_s, bool end, int64_t *unix_ms)
{
    return parse(text, utc_offset_s, (struct leeway){ .any = true, .end = end }, unix_ms);
}
