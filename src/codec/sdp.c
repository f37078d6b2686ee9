/* SPDX-License-Identifier: MIT */
#include "codec/sdp.h"

#include <errno.h>
#include <string.h>

#define SDP_FORMATS_MAX 32u
#define NTP_TO_UNIX     2208988800u
#define NTP_ERA         4000000000u /* a larger t= is NTP: as Unix time it would be after 2096 */
#define SSRC_DIGITS     10u

struct name_value {
    const char *name;
    int value;
};

static const struct name_value sessions[] = {
    { "Play", SDP_PLAY }, { "Playback", SDP_PLAYBACK }, { "Download", SDP_DOWNLOAD }, { "Talk", SDP_TALK }, { NULL, 0 },
};

static const struct name_value protos[] = {
    /* value: 1 = over TCP */
    { "RTP/AVP", 0 },     { "RTP/RTCP", 0 }, { "UDP/RTP/AVP", 0 }, { "RTP/AVPF", 0 },     { "RTP/AVP/UDP", 0 },
    { "TCP/RTP/AVP", 1 }, { "TCP/RTP", 1 },  { "RTP/AVP/TCP", 1 }, { "TCP/RTP/AVPF", 1 }, { NULL, 0 },
};

static const struct name_value setups[] = {
    { "active", SDP_SETUP_ACTIVE },
    { "passive", SDP_SETUP_PASSIVE },
    { "actpass", SDP_SETUP_ACTPASS },
    { NULL, 0 },
};

static const struct name_value encodings[] = {
    { "PS", SDP_FORMAT_PS },
    { "H264", SDP_FORMAT_H264 },
    { "H265", SDP_FORMAT_H265 },
    { "PCMA", SDP_FORMAT_PCMA },
    { NULL, 0 },
};

/* Payload types that the standard defines without rtpmap (2016, 2022 annex C). */
static const struct {
    uint8_t pt;
    enum sdp_format format;
} fixed_formats[] = {
    { 8, SDP_FORMAT_PCMA },
    { 96, SDP_FORMAT_PS },
    { 98, SDP_FORMAT_H264 },
    { 100, SDP_FORMAT_H265 },
};

/* Attributes that select a stream of the channel. Earlier ones take precedence: the standard's, then those of
 * vendors. */
static const char *const selectors[] = { "streamnumber", "stream", "streamprofile", "streamMode" };
#define NSELECTORS (sizeof(selectors) / sizeof(selectors[0]))

struct format {
    uint8_t pt;
    bool mapped;
    enum sdp_format format;
};

struct section { /* an m= line and the lines after it */
    bool audio, tcp, proto_ok;
    struct span proto, c;
    uint64_t port;
    bool port_ok;
    enum sdp_setup setup;
    unsigned nformats;
    struct format format[SDP_FORMATS_MAX];
};

struct parse {
    struct sdp_offer *o;
    struct span body;
    struct span v, origin, s, u, c, t; /* session level, trimmed; p is NULL if absent */
    enum sdp_setup setup;              /* session level */
    unsigned selector_rank;
    bool has_media;
};

static int table_find(const struct name_value *table, struct span name, int missing)
{
    for (; table->name; table++)
        if (span_case_eq_str(name, table->name))
            return table->value;
    return missing;
}

/* Removes the next word from *s; empty at the end. */
static struct span take_word(struct span *s)
{
    struct span word;
    size_t n = 0;

    *s = span_trim(*s);
    while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
        n++;
    word = (struct span){ s->p, n };
    *s = span_from(*s, n);
    return word;
}

/* The next "x=value" line, trimmed; other lines are skipped. false at the end. */
static bool next_line(struct span *rest, char *type, struct span *value)
{
    struct span line;

    while (span_line(rest, &line)) {
        line = span_trim(line);
        if (line.n < 2 || line.p[1] != '=')
            continue;
        *type = line.p[0];
        *value = span_trim(span_from(line, 2));
        return true;
    }
    return false;
}

static struct span attribute(struct span a, struct span *value)
{
    size_t colon = span_chr(a, ':');

    *value = span_trim(span_from(a, colon + 1));
    return span_trim((struct span){ a.p, colon });
}

/* The last word is the address: some platforms omit the user in o=. c= may end in "/ttl". */
static int parse_connection(struct addr *a, struct span c)
{
    struct span word = { NULL, 0 }, w;

    while ((w = take_word(&c)).n)
        word = w;
    word.n = span_chr(word, '/');
    return addr_parse_ip(a, word) ? -ENOTSUP : 0;
}

static void parse_ssrc(struct sdp_offer *o, struct span y)
{
    uint64_t v;

    if (o->has_ssrc || y.n > SSRC_DIGITS || span_u64(y, UINT32_MAX, &v) || v == 0)
        return;
    o->has_ssrc = true;
    o->ssrc = (uint32_t)v;
    span_copy(y, o->ssrc_text, sizeof(o->ssrc_text));
}

static void parse_selector(struct parse *p, struct span name, struct span value)
{
    uint64_t v;

    for (unsigned i = 0; i < NSELECTORS; i++) {
        if (i >= p->selector_rank || !span_case_eq_str(name, selectors[i]))
            continue;
        if (span_case_eq_str(value, "main"))
            v = 0;
        else if (span_case_eq_str(value, "sub"))
            v = 1;
        else if (span_u64(value, 255, &v))
            return;
        p->o->stream = (int)v;
        p->selector_rank = i;
    }
}

static void parse_attribute(struct parse *p, struct span a)
{
    struct span value, name = attribute(a, &value);
    uint64_t v;

    parse_selector(p, name, value);
    if (span_case_eq_str(name, "downloadspeed") && !span_u64(value, 1024, &v))
        p->o->download_speed = (unsigned)v;
    if (!p->has_media && span_case_eq_str(name, "setup"))
        p->setup = (enum sdp_setup)table_find(setups, value, SDP_SETUP_NONE);
}

/* First pass: the session level, and lines that may be anywhere (y, f, selectors). */
static void scan_session(struct parse *p)
{
    struct span rest = p->body, value;
    char type;

    while (next_line(&rest, &type, &value)) {
        struct span *keep = type == 'v'                    ? &p->v
                            : type == 'o'                  ? &p->origin
                            : type == 's'                  ? &p->s
                            : type == 't'                  ? &p->t
                            : type == 'u'                  ? &p->u
                            : type == 'c' && !p->has_media ? &p->c
                                                           : NULL;

        if (keep && !keep->p)
            *keep = value;
        if (type == 'm')
            p->has_media = true;
        else if (type == 'y')
            parse_ssrc(p->o, value);
        else if (type == 'f' && value.n)
            p->o->has_f = true;
        else if (type == 'a')
            parse_attribute(p, value);
    }
}

static void parse_time(struct parse *p)
{
    struct sdp_offer *o = p->o;
    struct span t = p->t, a = take_word(&t), b = take_word(&t);

    if (span_u64(a, UINT64_MAX, &o->start) || span_u64(b, UINT64_MAX, &o->stop))
        o->start = o->stop = 0;
    if (o->start > NTP_ERA)
        o->start -= NTP_TO_UNIX;
    if (o->stop > NTP_ERA)
        o->stop -= NTP_TO_UNIX;
}

/* ID:type. Other forms (a path, a bare ID) add nothing to the Request-URI and t=. */
static void parse_source(struct parse *p)
{
    struct span id = { p->u.p, span_chr(p->u, ':') }, type = span_trim(span_from(p->u, id.n + 1));
    uint64_t v;

    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] < '0' || id.p[i] > '9')
            return;
    span_copy(id, p->o->source, sizeof(p->o->source));
    if (!span_u64(type, 255, &v))
        p->o->record_type = (int)v;
}

static int parse_session(struct parse *p)
{
    struct sdp_offer *o = p->o;
    size_t n = 0;
    int found;

    parse_time(p);
    parse_source(p);
    while (n < p->s.n && n < sizeof(o->session_name) - 1 && (unsigned char)p->s.p[n] >= ' ')
        n++; /* echoed in the answer, where a control byte could start a line */
    span_copy((struct span){ p->s.p, n }, o->session_name, sizeof(o->session_name));
    found = table_find(sessions, span_trim(span_of(o->session_name)), -1);
    if (found < 0)
        found = o->start == 0 && o->stop == 0 ? SDP_PLAY : SDP_PLAYBACK;
    o->session = (enum sdp_session)found;
    if ((o->session == SDP_PLAYBACK || o->session == SDP_DOWNLOAD) && (o->stop <= o->start || o->stop > NTP_ERA))
        return -ENOTSUP;
    return 0;
}

static void section_begin(struct section *m, struct span value, enum sdp_setup setup)
{
    struct span word;
    uint64_t pt;

    memset(m, 0, sizeof(*m));
    m->setup = setup;
    word = take_word(&value);
    m->audio = span_case_eq_str(word, "audio");
    m->proto_ok = m->audio || span_case_eq_str(word, "video");
    word = take_word(&value);
    word.n = span_chr(word, '/'); /* "port/count" */
    m->port_ok = !span_u64(word, 65535, &m->port);
    m->proto = take_word(&value);
    m->proto_ok = m->proto_ok && table_find(protos, m->proto, -1) >= 0;
    m->tcp = table_find(protos, m->proto, 0) == 1;
    while ((word = take_word(&value)).n) {
        if (m->nformats == SDP_FORMATS_MAX || span_u64(word, 127, &pt))
            continue;
        m->format[m->nformats].format = SDP_FORMAT_OTHER;
        for (unsigned i = 0; i < sizeof(fixed_formats) / sizeof(fixed_formats[0]); i++)
            if (fixed_formats[i].pt == pt)
                m->format[m->nformats].format = fixed_formats[i].format;
        m->format[m->nformats++].pt = (uint8_t)pt;
    }
}

static void section_rtpmap(struct section *m, struct span value)
{
    struct span pt_text = take_word(&value), name = take_word(&value);
    uint64_t pt;

    name.n = span_chr(name, '/');
    if (span_u64(pt_text, 127, &pt))
        return;
    for (unsigned i = 0; i < m->nformats; i++) {
        if (m->format[i].pt != pt || m->format[i].mapped)
            continue;
        m->format[i].mapped = true;
        m->format[i].format = (enum sdp_format)table_find(encodings, name, SDP_FORMAT_OTHER);
    }
}

static void section_line(struct section *m, char type, struct span value)
{
    struct span arg, name;

    if (type == 'c' && !m->c.p)
        m->c = value;
    if (type != 'a')
        return;
    name = attribute(value, &arg);
    if (span_case_eq_str(name, "rtpmap"))
        section_rtpmap(m, arg);
    else if (span_case_eq_str(name, "setup"))
        m->setup = (enum sdp_setup)table_find(setups, arg, SDP_SETUP_NONE);
}

/* 96 is PS whatever its rtpmap says (audio: 8 is PCMA); otherwise a format with that rtpmap, otherwise the first. */
static const struct format *section_format(const struct section *m)
{
    uint8_t usual = m->audio ? 8 : 96;
    enum sdp_format wanted = m->audio ? SDP_FORMAT_PCMA : SDP_FORMAT_PS;

    for (unsigned i = 0; i < m->nformats; i++)
        if (m->format[i].pt == usual)
            return &m->format[i];
    for (unsigned i = 0; i < m->nformats; i++)
        if (m->format[i].mapped && m->format[i].format == wanted)
            return &m->format[i];
    return m->nformats ? &m->format[0] : NULL;
}

/* The first payload type of that format, 0 if none. */
static uint8_t section_number(const struct section *m, enum sdp_format format)
{
    for (unsigned i = 0; i < m->nformats; i++)
        if (m->format[i].format == format && m->format[i].pt != 0)
            return m->format[i].pt;
    return 0;
}

/* Fills in the offer from this m= if it is usable. */
static int section_take(struct parse *p, const struct section *m)
{
    struct sdp_offer *o = p->o;
    const struct format *f = section_format(m);
    enum sdp_setup setup = m->tcp ? m->setup : SDP_SETUP_NONE;
    struct span c = m->c.p ? m->c : p->c.p ? p->c : p->origin;

    if (m->audio != (o->session == SDP_TALK) || !m->proto_ok || !m->port_ok || !f)
        return -ENOTSUP;
    if (m->port == 0 && setup != SDP_SETUP_ACTIVE)
        return -ENOTSUP; /* the port of an offerer that connects is irrelevant */
    if (parse_connection(&o->media, c) || !span_copy(m->proto, o->proto, sizeof(o->proto)))
        return -ENOTSUP;
    o->media.port = (uint16_t)m->port;
    o->audio = m->audio;
    o->tcp = m->tcp;
    o->setup = setup;
    o->payload_type = f->pt;
    o->format = f->format;
    o->h264 = m->audio ? 0 : section_number(m, SDP_FORMAT_H264);
    o->h265 = m->audio ? 0 : section_number(m, SDP_FORMAT_H265);
    if (!m->audio && f->pt == 96)
        o->format = SDP_FORMAT_PS;
    else if (m->audio && f->pt == 8)
        o->format = SDP_FORMAT_PCMA;
    return 0;
}

int sdp_offer_parse(struct sdp_offer *o, struct span body)
{
    struct parse p = { .o = o, .body = body, .selector_rank = NSELECTORS };
    struct section m;
    struct span rest = body, value;
    bool inside = false;
    char type;
    int err;

    memset(o, 0, sizeof(*o));
    o->stream = o->record_type = -1;
    scan_session(&p);
    if (!p.v.p && !p.has_media)
        return -EBADMSG;
    err = parse_session(&p);
    if (err)
        return err;
    while (next_line(&rest, &type, &value)) {
        if (type == 'm') {
            if (inside && !section_take(&p, &m))
                return 0;
            section_begin(&m, value, p.setup);
            inside = true;
        } else if (inside) {
            section_line(&m, type, value);
        }
    }
    return inside ? section_take(&p, &m) : -ENOTSUP;
}

enum sdp_setup sdp_setup_answer(enum sdp_setup offered)
{
    return offered == SDP_SETUP_ACTIVE ? SDP_SETUP_PASSIVE : SDP_SETUP_ACTIVE;
}

void sdp_ssrc_make(char out[SDP_SSRC_TEXT], bool history, struct span domain, unsigned number)
{
    bool zero = !history;

    out[0] = history ? '1' : '0';
    for (unsigned i = 1; i <= 5; i++) {
        char c = domain.n >= i + 3 ? domain.p[i + 2] : '0';

        out[i] = c >= '0' && c <= '9' ? c : '0';
        zero = zero && out[i] == '0';
    }
    number %= 10000u;
    if (zero && !number)
        number = 1; /* some platforms read ten zeros as "no SSRC" */
    for (unsigned i = 9; i >= 6; i--) {
        out[i] = (char)('0' + number % 10u);
        number /= 10u;
    }
    out[SSRC_DIGITS] = 0;
}

static const char *rtpmap_of(enum sdp_format format)
{
    static const char *const names[] = {
        [SDP_FORMAT_PS] = "PS/90000",
        [SDP_FORMAT_H264] = "H264/90000",
        [SDP_FORMAT_H265] = "H265/90000",
        [SDP_FORMAT_PCMA] = "PCMA/8000",
    };

    return (unsigned)format < SDP_FORMAT_OTHER ? names[format] : NULL;
}

void sdp_answer_write(struct buf *out, const struct sdp_answer *a)
{
    const struct sdp_offer *o = a->offer;
    const char *family = a->local.family == ADDR_V6 ? "IP6" : "IP4", *map = rtpmap_of(o->format);
    const char *name = o->session_name[0] ? o->session_name : o->session == SDP_PLAYBACK ? "Playback" : "Play";
    char ip[ADDR_TEXT_MAX];

    addr_print_ip(&a->local, ip);
    buf_printf(out, "v=0\r\no=%s 0 0 IN %s %s\r\n", a->channel, family, ip);
    buf_printf(out, "s=%s\r\nc=IN %s %s\r\n", name, family, ip);
    buf_printf(out, "t=%llu %llu\r\n", (unsigned long long)o->start, (unsigned long long)o->stop);
    buf_printf(out, "m=%s %u %s %u\r\n", o->audio ? "audio" : "video", a->local.port, o->proto, o->payload_type);
    buf_printf(out, "a=%s\r\n", o->session == SDP_TALK ? "sendrecv" : "sendonly");
    if (map)
        buf_printf(out, "a=rtpmap:%u %s\r\n", o->payload_type, map);
    if (o->tcp)
        buf_printf(out, "a=setup:%s\r\na=connection:new\r\n", a->setup == SDP_SETUP_PASSIVE ? "passive" : "active");
    if (a->file_size)
        buf_printf(out, "a=filesize:%llu\r\n", (unsigned long long)a->file_size);
    buf_printf(out, "y=%s\r\n", a->ssrc_text);
    if (a->f)
        buf_printf(out, "f=%s\r\n", a->f);
}
