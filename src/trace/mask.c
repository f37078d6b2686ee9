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

/* Ends a URL in a header, an element or an attribute; a password may contain apostrophes. */
static bool ends_url(char c)
{
    return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"';
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
    static const char *const parts[] = { "passw",      "pwd",    "secret",    "token", "signature",
                                         "credential", "apikey", "accesskey", "_key",  "-key" };
    static const char *const ends[] = { "pass", "sign" };

    for (size_t at = 0; at < name.n; at++)
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
            if (span_case_prefix(span_from(name, at), parts[i]))
                return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (name.n >= 4 && span_case_eq_str(span_from(name, name.n - 4), ends[i]))
            return true;
    return span_case_eq_str(name, "sig");
}

/* ---- header fields with parameters -------------------------------------------------------------------------- */

static const char *const digest_shown[] = {
    "username", "realm", "nonce", "nextnonce", "uri", "algorithm", "qop", "nc", "opaque", NULL,
};
static const char *const digest_hidden[] = { "response", "cnonce", "rspauth", NULL };
static const char *const note_shown[] = { "algorithm", NULL };
static const char *const note_hidden[] = { "nonce", NULL };

static const struct field {
    const char *name;
    bool line_start;           /* a word of other texts, too */
    bool scheme;               /* the parameters follow an authentication scheme */
    const char *const *shown;  /* parameters with their values */
    const char *const *hidden; /* parameters without; others are masked with their names */
} fields[] = {
    { "Authorization", false, true, digest_shown, digest_hidden },
    { "Proxy-Authorization", false, true, digest_shown, digest_hidden },
    { "Authentication-Info", false, false, digest_shown, digest_hidden },
    { "Proxy-Authentication-Info", false, false, digest_shown, digest_hidden },
    { "Note", true, true, note_shown, note_hidden },
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

static bool is_folded(const char *newline, const char *end)
{
    return end - newline > 1 && (newline[1] == ' ' || newline[1] == '\t');
}

/* The closing quote of the text at p; the end of its line, folded lines included, if none. */
static char *quoted_end(char *p, char *end, char quote)
{
    for (; p < end && *p != quote && (*p != '\n' || is_folded(p, end)); p++)
        if (*p == '\\' && p + 1 < end && p[1] != '\n')
            p++;
    return p;
}

/* A backslash before a quote may be the second byte of a character (GBK), and the quote the closing one. */
static bool is_clear(struct span quoted)
{
    for (size_t i = 0; i + 1 < quoted.n; i++)
        if (quoted.p[i] == '\\' && quoted.p[i + 1] == '"')
            return false;
    return true;
}

/* Masks the value at p, quoted or not, unless shown; returns its end. */
static char *hide_value(char *p, char *end, bool shown)
{
    char *start = p;

    if (p < end && *p == '"') {
        p = quoted_end(++start, end, '"');
        shown = shown && p < end && *p == '"' && is_clear(span_between(start, p));
    } else {
        while (p < end && *p != ',' && *p != ';' && !is_blank(*p))
            p++;
    }
    if (!shown)
        hide(start, p);
    return p < end ? p + 1 : end;
}

/* name=value, name="value" ...; a word without a value is masked, too. */
static void hide_parameters(struct text t, const struct field *f)
{
    while (t.p < t.end) {
        char *name = t.p, *name_end;
        struct span word;
        bool shown;

        if (is_blank(*t.p) || *t.p == ',' || *t.p == ';') {
            t.p++;
            continue;
        }
        while (t.p < t.end && !is_blank(*t.p) && *t.p != ',' && *t.p != ';' && *t.p != '=')
            t.p++;
        name_end = t.p;
        word = span_between(name, name_end);
        shown = listed(word, f->shown);
        t.p = skip_blanks(t.p, t.end);
        if (t.p == t.end || *t.p != '=' || (!shown && !listed(word, f->hidden)))
            hide(name, name_end);
        if (t.p < t.end && *t.p == '=')
            t.p = hide_value(skip_blanks(t.p + 1, t.end), t.end, shown);
    }
}

static void hide_field(const struct field *f, struct text value)
{
    char *word;

    value.p = word = skip_blanks(value.p, value.end);
    if (!f->scheme) {
        hide_parameters(value, f);
        return;
    }
    while (value.p < value.end && is_name(*value.p))
        value.p++;
    if (value.p < value.end && !is_blank(*value.p))
        hide(word, value.end); /* no scheme */
    else if (span_case_eq_str(span_between(word, value.p), "Digest"))
        hide_parameters(value, f);
    else
        hide(value.p, value.end);
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

/* The same for sip: and sips:. *searched: up to where there is no '@', so that nothing is searched twice. */
static char *sip_userinfo_end(struct text t, char **searched)
{
    char *p = t.p;

    if (p < *searched)
        return t.end;
    while (p < t.end && !ends_url(*p) && *p != '@')
        p++;
    if (p < t.end && *p == '@')
        return p;
    *searched = p;
    return t.end;
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
    char *colon = message.p, *searched = message.p;

    for (; (colon = find((struct text){ colon, message.end }, ':')) < message.end; colon++) {
        struct text t = { colon + 1, message.end };
        char *at = t.end, *password;

        if (t.end - t.p > 2 && t.p[0] == '/' && t.p[1] == '/') {
            t.p += 2;
            at = userinfo_end(t);
        } else if (is_sip(message.p, colon)) {
            at = sip_userinfo_end(t, &searched);
        }
        if (at == t.end)
            continue;
        password = find((struct text){ t.p, at }, ':');
        if (password < at)
            hide(password + 1, at);
    }
}

/* ---- XML ----------------------------------------------------------------------------------------------------- */

static bool is_xml_name(char c)
{
    return is_name(c) || c == ':';
}

/* The '<' of the next "</NAME" outside CDATA; the end if none, as in a truncated body. */
static char *closing(struct text t, struct span name)
{
    for (; (t.p = find(t, '<')) < t.end; t.p++) {
        struct span rest = span_between(t.p, t.end);

        if (rest.n >= name.n + 2 && rest.p[1] == '/' && span_case_eq((struct span){ rest.p + 2, name.n }, name) &&
            (rest.n == name.n + 2 || !is_xml_name(rest.p[name.n + 2])))
            return t.p;
        if (!span_case_prefix(rest, "<![CDATA["))
            continue;
        while (t.p < t.end && !span_case_prefix(span_between(t.p, t.end), "]]>"))
            t.p++;
    }
    return t.end;
}

/* The '>' of a tag, outside its attributes' values; a '<' if that comes first (malformed). */
static char *tag_end(struct text t)
{
    for (char quote = 0; t.p < t.end && *t.p != '<' && (quote || *t.p != '>'); t.p++)
        if (quote)
            quote = *t.p == quote ? 0 : quote;
        else if (*t.p == '"' || *t.p == '\'')
            quote = *t.p;
    return t.p;
}

static void hide_elements(struct text message)
{
    char *p = message.p;

    while ((p = find((struct text){ p, message.end }, '<')) < message.end) {
        char *name = ++p, *name_end, *end;
        bool whole;

        while (p < message.end && is_xml_name(*p))
            p++;
        if (p == name)
            continue; /* "</", "<?", "<!" */
        name_end = p;
        p = end = tag_end((struct text){ p, message.end });
        whole = end < message.end && *end == '>';
        if (!is_secret(span_between(name, name_end)) || (whole && end[-1] == '/'))
            continue;
        p = closing((struct text){ end, message.end }, span_between(name, name_end));
        hide(whole ? end + 1 : name_end, p);
    }
}

/* ---- names in front of values --------------------------------------------------------------------------------- */

/* The end of a line with its folded continuations. */
static char *line_end(struct text t)
{
    char *end = find(t, '\n');

    while (is_folded(end, t.end))
        end = find((struct text){ end + 1, t.end }, '\n');
    return end;
}

/* The value of a secret name follows the '=' or ':' at t.p. line: it extends to the end of the line. Returns its
 * end. */
static char *hide_secret(struct text t, bool line)
{
    char *value = skip_blanks(t.p + 1, t.end), *end;

    if (!line && value < t.end && (*value == '"' || *value == '\'')) {
        end = quoted_end(value + 1, t.end, *value);
        hide(value + 1, end);
        return end;
    }
    value = t.p + 1;
    if (line) {
        for (end = value; end < t.end && *end != '<' && (*end != '\n' || is_folded(end, t.end)); end++)
            ;
    } else {
        while (value < t.end && (*value == ' ' || *value == '\t'))
            value++;
        for (end = value; end < t.end && !ends_url(*end) && *end != '&' && *end != ';' && *end != '#'; end++)
            ;
    }
    hide(value, end);
    return end;
}

/* SDP's k= and a=crypto:... inline: are keys. */
static bool is_key(struct span name, char next, bool line_start)
{
    return (next == '=' && line_start && span_eq_str(name, "k")) || (next == ':' && span_case_eq_str(name, "inline"));
}

static const struct field *find_field(struct span name, bool line_start)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (span_case_eq_str(name, fields[i].name) && (line_start || !fields[i].line_start))
            return &fields[i];
    return NULL;
}

/* Headers are searched for in bodies, too: these may contain a SIP message, or start too early in a malformed one. */
static void hide_named(struct text message)
{
    bool line_start = true, was;

    for (char *p = message.p, *name; p < message.end;) {
        const struct field *f;
        struct span word;

        name = p;
        while (p < message.end && is_name(*p))
            p++;
        if (p == name) {
            line_start = *p == '\n' || *p == '\r' || (line_start && is_blank(*p));
            p++;
            continue;
        }
        was = line_start;
        line_start = false;
        word = span_between(name, p);
        f = find_field(word, was);
        if (!f && !is_secret(word) && (p == message.end || !is_key(word, *p, was)))
            continue;
        name = p;
        p = skip_blanks(p, message.end);
        if (!f && p < message.end && *p == '"') /* of JSON */
            p = skip_blanks(p + 1, message.end);
        if (p == message.end || (*p != ':' && (f || *p != '='))) {
            p = name;
            continue;
        }
        if (f) {
            name = p + 1;
            p = line_end((struct text){ name, message.end });
            hide_field(f, (struct text){ name, p });
        } else {
            p = hide_secret((struct text){ p, message.end }, *p == ':' || !is_secret(word));
        }
    }
}

void mask_credentials(char *message, size_t n)
{
    const struct text t = { message, message + n };

    hide_userinfo(t);
    hide_elements(t);
    hide_named(t);
}
