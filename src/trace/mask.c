/* SPDX-License-Identifier: MIT */
#include "trace/mask.h"

#include <stdbool.h>
#include <string.h>

#include "util/span.h"

/* A writable span. */
struct text {
    char *p, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_name(char c)
{
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* Ends a URL in a header, an element or an attribute. */
static bool ends_url(char c)
{
    return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'';
}

static void hide(char *p, const char *end)
{
    for (; p < end; p++)
        if (!is_blank(*p))
            *p = '*';
}

static struct span span_between(const char *p, const char *end)
{
    return (struct span){ p, (size_t)(end - p) };
}

static char *find(struct text t, char c)
{
    char *p = t.p < t.end ? memchr(t.p, c, (size_t)(t.end - t.p)) : NULL;

    return p ? p : t.end;
}

static bool is_secret(struct span name)
{
    static const char *const parts[] = { "passw", "pwd", "secret", "token", "signature", "credential" };

    for (size_t at = 0; at < name.n; at++)
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
            if (span_case_prefix(span_from(name, at), parts[i]))
                return true;
    return span_case_eq_str(name, "pass") || span_case_eq_str(name, "sign");
}

/* ---- header fields with parameters -------------------------------------------------------------------------- */

static const char *const digest_shown[] = {
    "username", "realm", "nonce", "nextnonce", "uri", "algorithm", "qop", "nc", "opaque", NULL,
};
static const char *const note_shown[] = { "algorithm", NULL };

static const struct field {
    const char *name;
    bool scheme; /* the parameters follow an authentication scheme */
    const char *const *shown;
} fields[] = {
    { "Authorization", true, digest_shown },
    { "Proxy-Authorization", true, digest_shown },
    { "Authentication-Info", false, digest_shown },
    { "Proxy-Authentication-Info", false, digest_shown },
    { "Note", true, note_shown },
};

static bool listed(struct span name, const char *const *names)
{
    for (; *names; names++)
        if (span_case_eq_str(name, *names))
            return true;
    return false;
}

static char *skip_blanks(char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* Masks the value at p, quoted or not, unless shown; returns its end. */
static char *hide_value(char *p, char *end, bool shown)
{
    char *start = p;

    if (p < end && *p == '"') {
        for (p = ++start; p < end && *p != '"'; p++)
            if (*p == '\\' && p + 1 < end)
                p++;
    } else {
        while (p < end && *p != ',' && !is_blank(*p))
            p++;
    }
    if (!shown)
        hide(start, p);
    return p < end ? p + 1 : end;
}

/* name=value, name="value" ...; a word without a value is masked, too. */
static void hide_parameters(struct text t, const char *const *shown)
{
    while (t.p < t.end) {
        char *name = t.p, *name_end;

        if (is_blank(*t.p) || *t.p == ',') {
            t.p++;
            continue;
        }
        while (t.p < t.end && !is_blank(*t.p) && *t.p != ',' && *t.p != '=')
            t.p++;
        name_end = t.p;
        t.p = skip_blanks(t.p, t.end);
        if (t.p < t.end && *t.p == '=')
            t.p = hide_value(skip_blanks(t.p + 1, t.end), t.end, listed(span_between(name, name_end), shown));
        else
            hide(name, name_end);
    }
}

static void hide_field(const struct field *f, struct text value)
{
    char *word;

    value.p = word = skip_blanks(value.p, value.end);
    if (!f->scheme) {
        hide_parameters(value, f->shown);
        return;
    }
    while (value.p < value.end && is_name(*value.p))
        value.p++;
    if (value.p < value.end && !is_blank(*value.p))
        hide(word, value.end); /* no scheme */
    else if (span_case_eq_str(span_between(word, value.p), "Digest"))
        hide_parameters(value, f->shown);
    else
        hide(value.p, value.end);
}

/* Also searches the body: it may contain a SIP message (sipfrag), or start too early in a malformed one. */
static void hide_fields(struct text message)
{
    for (char *line = message.p, *next; line < message.end; line = next) {
        struct text rest = { line, message.end };
        char *end = find(rest, '\n'), *colon = find((struct text){ line, end }, ':');
        struct span name = span_trim(span_between(line, colon));

        next = end < message.end ? end + 1 : end;
        if (colon == end || is_blank(*line))
            continue;
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
            if (!span_case_eq_str(name, fields[i].name))
                continue;
            while (next < message.end && (*next == ' ' || *next == '\t')) { /* folded */
                end = find((struct text){ next, message.end }, '\n');
                next = end < message.end ? end + 1 : end;
            }
            hide_field(&fields[i], (struct text){ colon + 1, end });
        }
    }
}

/* ---- URLs ---------------------------------------------------------------------------------------------------- */

/* The last '@' of the authority at t.p, t.end if none. A password with an unescaped '/', '?' or '#' is found as
 * well, unless what follows the first ':' looks like a port. */
static char *userinfo_end(struct text t)
{
    char *at = t.end, *stop = t.p;
    bool port = true, colon = false;

    for (; stop < t.end && !ends_url(*stop) && *stop != '/' && *stop != '?' && *stop != '#'; stop++) {
        if (*stop == '@')
            at = stop;
        else if (colon && (*stop < '0' || *stop > '9'))
            port = false;
        colon = colon || *stop == ':';
    }
    if (at != t.end || port || *t.p == '[')
        return at;
    for (; stop < t.end && !ends_url(*stop) && stop < t.p + MASK_USERINFO_MAX; stop++)
        if (*stop == '@')
            at = stop;
    return at;
}

/* The same for sip: and sips:. */
static char *sip_userinfo_end(struct text t)
{
    char *p = t.p;

    while (p < t.end && p < t.p + MASK_USERINFO_MAX && !ends_url(*p) && *p != '@')
        p++;
    return p < t.end && *p == '@' ? p : t.end;
}

static bool is_sip(const char *start, const char *colon)
{
    static const char *const schemes[] = { "sip", "sips" };

    for (size_t i = 0; i < 2; i++) {
        size_t n = 3 + i;

        if ((size_t)(colon - start) >= n && span_case_eq_str(span_between(colon - n, colon), schemes[i]) &&
            ((size_t)(colon - start) == n || !is_alnum(colon[-(ptrdiff_t)n - 1])))
            return true;
    }
    return false;
}

static void hide_userinfo(struct text message)
{
    char *colon = message.p;

    for (; (colon = find((struct text){ colon, message.end }, ':')) < message.end; colon++) {
        struct text t = { colon + 1, message.end };
        char *at = t.end, *password;

        if (t.end - t.p > 2 && t.p[0] == '/' && t.p[1] == '/') {
            t.p += 2;
            at = userinfo_end(t);
        } else if (is_sip(message.p, colon)) {
            at = sip_userinfo_end(t);
        }
        if (at == t.end)
            continue;
        password = find((struct text){ t.p, at }, ':');
        if (password < at)
            hide(password + 1, at);
    }
}

/* ?name=value&name=value, with "&amp;" in XML. */
static void hide_query(struct text message)
{
    for (char *p = message.p; p < message.end; p++) {
        char *name = p + 1, *end;

        if (*p != '?' && *p != '&' && *p != ';')
            continue;
        for (end = name; end < message.end && is_name(*end); end++)
            ;
        p = end - 1;
        if (end == message.end || *end != '=' || !is_secret(span_between(name, end)))
            continue;
        for (p = ++end; p < message.end && !ends_url(*p) && *p != '&' && *p != ';' && *p != '#'; p++)
            ;
        hide(end, p);
        p--;
    }
}

/* ---- XML ----------------------------------------------------------------------------------------------------- */

static bool is_xml_name(char c)
{
    return is_name(c) || c == ':';
}

/* The '<' of the next "</NAME"; the end if none, as in a truncated body. */
static char *closing(struct text t, struct span name)
{
    for (; (t.p = find(t, '<')) < t.end; t.p++) {
        struct span rest = span_between(t.p, t.end);

        if (rest.n >= name.n + 2 && rest.p[1] == '/' && span_case_eq((struct span){ rest.p + 2, name.n }, name))
            return t.p;
    }
    return t.end;
}

/* Masks the attributes of a tag; returns its '>', or a '<' if that comes first (malformed). */
static char *hide_attributes(struct text t)
{
    while (t.p < t.end && *t.p != '>' && *t.p != '<') {
        char *name = t.p, *name_end, quote;

        if (!is_xml_name(*t.p)) {
            t.p++;
            continue;
        }
        while (t.p < t.end && is_xml_name(*t.p))
            t.p++;
        name_end = t.p;
        t.p = skip_blanks(t.p, t.end);
        if (t.p == t.end || *t.p != '=')
            continue;
        t.p = skip_blanks(t.p + 1, t.end);
        if (t.p == t.end || (*t.p != '"' && *t.p != '\''))
            continue;
        quote = *t.p++;
        char *value = t.p;

        while (t.p < t.end && *t.p != quote && *t.p != '<')
            t.p++;
        if (is_secret(span_between(name, name_end)))
            hide(value, t.p);
        if (t.p < t.end && *t.p == quote)
            t.p++;
    }
    return t.p;
}

static void hide_elements(struct text message)
{
    char *p = message.p;

    while ((p = find((struct text){ p, message.end }, '<')) < message.end) {
        char *name = ++p, *end;
        bool secret;

        while (p < message.end && is_xml_name(*p))
            p++;
        if (p == name)
            continue; /* "</", "<?", "<!" */
        secret = is_secret(span_between(name, p));
        end = hide_attributes((struct text){ p, message.end });
        if (end < message.end && *end == '>' && secret && end[-1] != '/') {
            p = closing((struct text){ end, message.end }, span_between(name, p));
            hide(end + 1, p);
        } else {
            p = end;
        }
    }
}

void mask_credentials(char *message, size_t n)
{
    const struct text t = { message, message + n };

    hide_fields(t);
    hide_userinfo(t);
    hide_query(t);
    hide_elements(t);
}
