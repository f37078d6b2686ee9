/* SPDX-License-Identifier: MIT */
#include "app/ctl_priv.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "codec/charset.h"

enum field_type { F_POINTER, F_CHARS, F_COUNT, F_SSRC, F_SECONDS, F_WHEN, F_RATE }; /* F_WHEN: 0 = none */

struct field {
    const char *name;  /* in JSON */
    const char *label; /* in text */
    enum field_type type;
    size_t offset;
};

struct table {
    const char *name, *title;
    const struct field *field;
    unsigned nfields;
    size_t size;  /* of one row */
    bool columns; /* text: a line for each row; else for each field */
};

struct head {
    const char *version, *device;
    uint64_t pid, uptime_s, wakeups, unknown_sources;
};

/* clang-format off */
#define F(s, n, l, t) { #n, l, t, offsetof(struct s, n) }
#define TABLE(n, t, f, s, c) { n, t, f, sizeof(f) / sizeof((f)[0]), sizeof(struct s), c }
/* clang-format on */

static const struct field head_fields[] = {
    F(head, version, "version", F_POINTER),
    F(head, pid, "pid", F_COUNT),
    F(head, uptime_s, "uptime", F_SECONDS),
    F(head, wakeups, "wakeups", F_COUNT),
    F(head, unknown_sources, "unknown sources", F_COUNT),
    F(head, device, "device", F_POINTER),
};

static const struct field platform_fields[] = {
    F(ctl_platform, name, "platform", F_POINTER),
    F(ctl_platform, state, "state", F_POINTER),
    F(ctl_platform, since_s, "since", F_SECONDS),
    F(ctl_platform, last_error, "last error", F_CHARS),
    F(ctl_platform, next_retry_s, "next retry in", F_WHEN),
    F(ctl_platform, server, "server", F_CHARS),
    F(ctl_platform, server_id, "server ID", F_CHARS),
    F(ctl_platform, version, "version", F_POINTER),
    F(ctl_platform, local, "local address", F_CHARS),
    F(ctl_platform, public_address, "public address", F_CHARS),
    F(ctl_platform, registrations, "registrations", F_COUNT),
    F(ctl_platform, keepalives, "keepalives", F_COUNT),
    F(ctl_platform, misses, "misses", F_COUNT),
    F(ctl_platform, refused, "requests refused", F_COUNT),
    F(ctl_platform, unsigned_requests, "invalid Note", F_COUNT),
};

static const struct field channel_fields[] = {
    F(ctl_channel, id, "channel", F_CHARS),
    F(ctl_channel, name, "name", F_CHARS),
    F(ctl_channel, state, "state", F_POINTER),
    F(ctl_channel, viewers, "viewers", F_COUNT),
    F(ctl_channel, units, "units", F_COUNT),
    F(ctl_channel, bytes, "bytes", F_COUNT),
    F(ctl_channel, lost, "lost", F_COUNT),
    F(ctl_channel, too_large, "too large", F_COUNT),
    F(ctl_channel, bad, "bad", F_COUNT),
    F(ctl_channel, before_key, "before key", F_COUNT),
    F(ctl_channel, source_losses, "source lost", F_COUNT),
    F(ctl_channel, clock_jumps, "clock jumps", F_COUNT),
    F(ctl_channel, input, "input", F_POINTER),
    F(ctl_channel, duty, "duty", F_POINTER),
};

static const struct field session_fields[] = {
    F(ctl_session, call, "session", F_COUNT),
    F(ctl_session, platform, "platform", F_POINTER),
    F(ctl_session, channel, "channel", F_CHARS),
    F(ctl_session, peer, "peer", F_CHARS),
    F(ctl_session, kind, "kind", F_POINTER),
    F(ctl_session, transport, "transport", F_POINTER),
    F(ctl_session, ssrc, "ssrc", F_SSRC),
    F(ctl_session, state, "state", F_POINTER),
    F(ctl_session, frames, "frames", F_COUNT),
    F(ctl_session, packets, "packets", F_COUNT),
    F(ctl_session, bytes, "bytes", F_COUNT),
    F(ctl_session, dropped_frames, "dropped frames", F_COUNT),
    F(ctl_session, dropped_packets, "dropped packets", F_COUNT),
    F(ctl_session, send_errors, "send errors", F_COUNT),
    F(ctl_session, calls, "system calls", F_COUNT),
    F(ctl_session, bitrate, "bitrate", F_RATE),
    F(ctl_session, age_s, "age", F_SECONDS),
    F(ctl_session, reports, "reports", F_COUNT),
    F(ctl_session, report_lost, "reported lost", F_COUNT),
    F(ctl_session, report_loss_permille, "loss permille", F_COUNT),
    F(ctl_session, report_jitter_us, "jitter us", F_COUNT),
};

static const struct field ended_fields[] = {
    F(ctl_ended, call, "ended", F_COUNT),      F(ctl_ended, platform, "platform", F_CHARS),
    F(ctl_ended, channel, "channel", F_CHARS), F(ctl_ended, peer, "peer", F_CHARS),
    F(ctl_ended, why, "why", F_CHARS),
};

static const struct field upgrade_fields[] = {
    F(upgrade_status, session, "upgrade", F_CHARS),   F(upgrade_status, platform, "platform", F_CHARS),
    F(upgrade_status, firmware, "firmware", F_CHARS), F(upgrade_status, state, "state", F_POINTER),
    F(upgrade_status, bytes, "bytes", F_COUNT),       F(upgrade_status, total, "of", F_COUNT),
    F(upgrade_status, percent, "per cent", F_COUNT),
};

#define FIELDS_MAX 24u

static const struct table head_table = TABLE("", "", head_fields, head, false);
static const struct table platform_table = TABLE("platforms", "no platforms", platform_fields, ctl_platform, false);
static const struct table channel_table = TABLE("channels", "no channels", channel_fields, ctl_channel, true);
static const struct table session_table = TABLE("sessions", "no sessions", session_fields, ctl_session, false);
static const struct table upgrade_table = TABLE("upgrades", "", upgrade_fields, upgrade_status, false);
static const struct table ended_table = TABLE("ended", "", ended_fields, ctl_ended, true);

/* ---- cells -------------------------------------------------------------------------------------- */

static const char *field_string(const struct field *f, const char *row)
{
    const char *s = row + f->offset;

    if (f->type == F_POINTER)
        memcpy(&s, row + f->offset, sizeof(s));
    return s ? s : "";
}

static uint64_t field_number(const struct field *f, const char *row)
{
    uint64_t v;

    memcpy(&v, row + f->offset, sizeof(v));
    return v;
}

/* May contain text from outside: control characters and invalid UTF-8 are replaced. */
static void put_clean(const char *s, bool json, struct buf *out)
{
    bool utf8 = charset_utf8_valid(span_of(s));

    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (json && (c == '"' || c == '\\'))
            buf_char(out, '\\');
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            c = '?';
        buf_char(out, (char)c);
    }
}

void ctl_render_string(const char *text, struct buf *out)
{
    buf_char(out, '"');
    put_clean(text, true, out);
    buf_char(out, '"');
}

static void json_cell(const struct field *f, const char *row, struct buf *out)
{
    buf_printf(out, "\"%s\":", f->name);
    if (f->type == F_POINTER || f->type == F_CHARS)
        ctl_render_string(field_string(f, row), out);
    else if (f->type == F_SSRC)
        buf_printf(out, "\"%010llu\"", (unsigned long long)field_number(f, row));
    else
        buf_printf(out, "%llu", (unsigned long long)field_number(f, row));
}

static void put_seconds(uint64_t s, struct buf *out)
{
    if (s >= 86400)
        buf_printf(out, "%llud ", (unsigned long long)(s / 86400));
    if (s >= 3600)
        buf_printf(out, "%lluh ", (unsigned long long)(s / 3600 % 24));
    if (s >= 60)
        buf_printf(out, "%llum ", (unsigned long long)(s / 60 % 60));
    buf_printf(out, "%llus", (unsigned long long)(s % 60));
}

static void text_cell(const struct field *f, const char *row, struct buf *out)
{
    uint64_t v;

    if (f->type == F_POINTER || f->type == F_CHARS) {
        const char *s = field_string(f, row);

        put_clean(s[0] ? s : "-", false, out);
        return;
    }
    v = field_number(f, row);
    if (f->type == F_SSRC)
        buf_printf(out, "%010llu", (unsigned long long)v);
    else if (f->type == F_WHEN && !v)
        buf_char(out, '-');
    else if (f->type == F_SECONDS || f->type == F_WHEN)
        put_seconds(v, out);
    else if (f->type == F_RATE)
        buf_printf(out, "%llu.%02llu Mbit/s", (unsigned long long)(v / 1000000), (unsigned long long)(v / 10000 % 100));
    else
        buf_printf(out, "%llu", (unsigned long long)v);
}

/* Columns on a terminal; CJK characters take two. */
static unsigned text_width(struct span s)
{
    unsigned width = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x80 || (c >= 0xc0 && c < 0xe1))
            width++;
        else if (c >= 0xe1)
            width += 2;
    }
    return width;
}

/* ---- tables --------------------------------------------------------------------------------------- */

static void json_row(const struct table *t, const char *row, struct buf *out)
{
    for (unsigned i = 0; i < t->nfields; i++) {
        if (i)
            buf_char(out, ',');
        json_cell(&t->field[i], row, out);
    }
}

static void json_table(const struct table *t, const void *rows, unsigned n, struct buf *out)
{
    buf_printf(out, "\"%s\":[", t->name);
    for (unsigned i = 0; i < n; i++) {
        buf_str(out, i ? ",{" : "{");
        json_row(t, (const char *)rows + i * t->size, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void pad(struct buf *out, unsigned width, unsigned to)
{
    while (width++ < to)
        buf_char(out, ' ');
}

static void text_list(const struct table *t, const void *rows, unsigned n, struct buf *out)
{
    unsigned widest = 0;

    for (unsigned i = 0; i < t->nfields; i++)
        widest = text_width(span_of(t->field[i].label)) > widest ? text_width(span_of(t->field[i].label)) : widest;
    for (unsigned r = 0; r < n; r++) {
        const char *row = (const char *)rows + r * t->size;

        if (r)
            buf_char(out, '\n');
        for (unsigned i = 0; i < t->nfields; i++) {
            /* The first field is the heading of the others. */
            unsigned indent = i && t != &head_table ? 2 : 0;

            pad(out, 0, indent);
            buf_str(out, t->field[i].label);
            pad(out, text_width(span_of(t->field[i].label)) + indent, widest + 4);
            text_cell(&t->field[i], row, out);
            buf_char(out, '\n');
        }
    }
}

static void text_columns(const struct table *t, const void *rows, unsigned n, struct buf *out)
{
    unsigned widest[FIELDS_MAX];
    char mem[1024];
    struct buf cell;

    for (unsigned i = 0; i < t->nfields; i++) {
        widest[i] = text_width(span_of(t->field[i].label));
        for (unsigned r = 0; r < n; r++) {
            buf_init(&cell, mem, sizeof(mem));
            text_cell(&t->field[i], (const char *)rows + r * t->size, &cell);
            if (text_width(buf_view(&cell)) > widest[i])
                widest[i] = text_width(buf_view(&cell));
        }
    }
    for (unsigned r = 0; r <= n; r++) {
        for (unsigned i = 0; i < t->nfields; i++) {
            buf_init(&cell, mem, sizeof(mem));
            if (r)
                text_cell(&t->field[i], (const char *)rows + (r - 1) * t->size, &cell);
            else
                buf_str(&cell, t->field[i].label);
            buf_span(out, buf_view(&cell));
            if (i + 1 < t->nfields)
                pad(out, text_width(buf_view(&cell)), widest[i] + 2);
        }
        buf_char(out, '\n');
    }
}

static void text_table(const struct table *t, const void *rows, unsigned n, struct buf *out)
{
    if (!n) {
        if (t->title[0])
            buf_printf(out, "%s\n", t->title);
        return;
    }
    if (t->columns)
        text_columns(t, rows, n, out);
    else
        text_list(t, rows, n, out);
}

void ctl_render(const struct ctl_snapshot *s, bool json, bool sessions_only, struct buf *out)
{
    const struct head head = { GBAGENT_VERSION, s->device,  (uint64_t)getpid(),
                               s->uptime_s,     s->wakeups, s->unknown_sources };
    const struct {
        const struct table *table;
        const void *rows;
        unsigned n;
        bool session;
    } part[] = {
        { &head_table, &head, 1, false },
        { &platform_table, s->platform, s->nplatforms, false },
        { &channel_table, s->channel, s->nchannels, false },
        { &session_table, s->session, s->nsessions, true },
        { &ended_table, s->ended, s->nended, true },
        { &upgrade_table, s->upgrade, s->nupgrades, false },
    };
    bool first = true;

    if (json)
        buf_char(out, '{');
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        if (sessions_only && !part[i].session)
            continue;
        if (!first && (json || part[i].n || part[i].table->title[0]))
            buf_char(out, json ? ',' : '\n');
        first = false;
        if (!json)
            text_table(part[i].table, part[i].rows, part[i].n, out);
        else if (part[i].table == &head_table)
            json_row(part[i].table, part[i].rows, out);
        else
            json_table(part[i].table, part[i].rows, part[i].n, out);
    }
    if (json)
        buf_str(out, "}\n");
}

/* Enough for names of escaped bytes only, and for columns as wide as the longest name. */
size_t ctl_render_room(const struct ctl_snapshot *s)
{
    return 4096 + ((size_t)s->nplatforms + s->nsessions + s->nupgrades) * 2048 +
           ((size_t)s->nchannels + s->nended) * 1024;
}
