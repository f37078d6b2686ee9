/* SPDX-License-Identifier: MIT */
#include "sip/party.h"

#include <errno.h>
#include <string.h>

static bool is_lws(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool sip_is_token(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && (s.p[i] == 0 || !strchr("-.!%*_+`'~", s.p[i])))
            return false;
    return s.n > 0;
}

/* The index after the quoted string at s.p[i]; s.n + 1: unterminated. */
static size_t skip_quoted(struct span s, size_t i)
{
    for (i++; i < s.n && s.p[i] != '"'; i++)
        if (s.p[i] == '\\')
            i++;
    return i < s.n ? i + 1 : s.n + 1;
}

/* Index of the first of `stops` outside quoted strings from i on, or s.n. */
static size_t find_unquoted(struct span s, size_t i, const char *stops)
{
    while (i < s.n) {
        if (s.p[i] == '"') {
            i = skip_quoted(s, i);
            continue;
        }
        if (s.p[i] && strchr(stops, s.p[i]))
            return i;
        i++;
    }
    return s.n;
}

static int parse_port(struct span text, uint16_t *port)
{
    uint64_t v = 0;

    text = span_trim(text);
    if (text.n && span_u64(text, 65535, &v))
        return -EBADMSG;
    *port = (uint16_t)v;
    return 0;
}

/* host[:port], [v6][:port] */
static int parse_hostport(struct span text, struct span *host, uint16_t *port)
{
    size_t end = 0;

    text = span_trim(text);
    *host = (struct span){ text.p, 0 };
    *port = 0;
    if (text.n && text.p[0] == '[') {
        end = span_chr(text, ']');
        if (end == text.n)
            return -EBADMSG;
        end++;
    } else {
        end = span_chr(text, ':');
    }
    *host = span_trim((struct span){ text.p, end });
    text = span_trim(span_from(text, end));
    if (!text.n)
        return 0;
    return text.p[0] == ':' ? parse_port(span_from(text, 1), port) : -EBADMSG;
}

/* Length of the scheme; 0: none. */
static size_t scheme_length(struct span uri)
{
    size_t n = span_chr(uri, ':');

    if (n == 0 || n == uri.n || !is_alnum(uri.p[0]) || (uri.p[0] >= '0' && uri.p[0] <= '9'))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!is_alnum(uri.p[i]) && uri.p[i] != '+' && uri.p[i] != '-' && uri.p[i] != '.')
            return 0;
    return n;
}

int sip_uri_parse(struct sip_party *p, struct span uri)
{
    size_t scheme, at, end;
    struct span rest;

    memset(p, 0, sizeof(*p));
    for (size_t i = 0; i < uri.n; i++)
        if ((unsigned char)uri.p[i] <= ' ' || uri.p[i] == 0x7f || uri.p[i] == '"' || uri.p[i] == '<' || uri.p[i] == '>')
            return -EBADMSG;
    scheme = scheme_length(uri);
    if (!scheme)
        return -EBADMSG;
    p->uri = uri;
    rest = (struct span){ uri.p, scheme };
    if (!span_case_eq_str(rest, "sip") && !span_case_eq_str(rest, "sips"))
        return 0;
    rest = span_from(uri, scheme + 1);
    at = span_chr(rest, '@');
    if (at < rest.n) {
        p->user = (struct span){ rest.p, at };
        p->user.n = span_chr(p->user, ':'); /* without a password */
        rest = span_from(rest, at + 1);
    }
    end = span_chr(rest, ';');
    rest.n = end;
    rest.n = span_chr(rest, '?');
    return parse_hostport(rest, &p->host, &p->port);
}

/* Where the header parameters begin: after <...>, else at the first ';'. s.n: none. */
static size_t params_begin(struct span s)
{
    size_t i = find_unquoted(s, 0, "<;,");

    if (i < s.n && s.p[i] == '<')
        i += span_chr(span_from(s, i), '>');
    return find_unquoted(s, i, ";,");
}

bool sip_param(struct span value, const char *name, struct span *out)
{
    size_t i = params_begin(value);

    while (i < value.n && value.p[i] == ';') {
        size_t end = find_unquoted(value, i + 1, ";,");
        struct span one = { value.p + i + 1, end - i - 1 };
        size_t eq = span_chr(one, '=');
        struct span key = span_trim((struct span){ one.p, eq });

        if (span_case_eq_str(key, name)) {
            *out = span_trim(span_from(one, eq < one.n ? eq + 1 : eq));
            if (out->n >= 2 && out->p[0] == '"' && out->p[out->n - 1] == '"')
                *out = (struct span){ out->p + 1, out->n - 2 };
            return true;
        }
        i = end;
    }
    return false;
}

/* A display name, quoted or not. Bytes above ASCII are allowed; a comma would begin another value. */
static bool display_ok(struct span name)
{
    size_t i = 0;

    name = span_trim(name);
    if (name.n && name.p[0] == '"')
        return skip_quoted(name, 0) == name.n;
    for (; i < name.n; i++)
        if (strchr(",\";>", name.p[i])) /* matches NUL, too */
            return false;
    return true;
}

int sip_party_parse(struct sip_party *p, struct span value)
{
    size_t open, close;
    struct span uri, tag = { NULL, 0 };
    int err;

    memset(p, 0, sizeof(*p));
    value = span_trim(value);
    open = find_unquoted(value, 0, "<");
    if (open < value.n) {
        close = span_chr(value, '>');
        if (close < open) /* a '>' in a quoted display name */
            close = open + span_chr(span_from(value, open), '>');
        if (close >= value.n || !display_ok((struct span){ value.p, open }))
            return -EBADMSG;
        uri = (struct span){ value.p + open + 1, close - open - 1 };
    } else {
        uri = (struct span){ value.p, find_unquoted(value, 0, ";,") };
        uri = span_trim(uri);
    }
    err = sip_uri_parse(p, uri);
    if (err)
        return err;
    p->whole = value;
    if (sip_param(value, "tag", &tag))
        p->tag = tag;
    return 0;
}

/* Cuts a word and the slash after it, with optional blanks around both. */
static bool take_part(struct span *s, struct span *word)
{
    size_t slash = span_chr(*s, '/');

    if (slash == s->n)
        return false;
    *word = span_trim((struct span){ s->p, slash });
    *s = span_trim(span_from(*s, slash + 1));
    return true;
}

int sip_via_parse(struct sip_via *v, struct span value)
{
    struct span rest, word, out;
    size_t n = 0, sent_by;
    uint64_t port;

    memset(v, 0, sizeof(*v));
    value.n = find_unquoted(value, 0, ",");
    v->whole = value = span_trim(value);
    rest = value;
    if (!take_part(&rest, &word) || !span_case_eq_str(word, "SIP") || !take_part(&rest, &word))
        return -EBADMSG;
    while (n < rest.n && !is_lws(rest.p[n]))
        n++;
    v->transport = (struct span){ rest.p, n };
    rest = span_trim(span_from(rest, n));
    sent_by = span_chr(rest, ';');
    rest.n = sent_by;
    if (!sip_is_token(v->transport) || parse_hostport(rest, &v->host, &v->port) || !v->host.n)
        return -EBADMSG;
    if (sip_param(value, "branch", &out))
        v->branch = out;
    if (sip_param(value, "received", &out))
        v->received = out;
    v->rport = sip_param(value, "rport", &out);
    if (v->rport && out.n && !span_u64(out, 65535, &port))
        v->rport_value = (uint16_t)port;
    return 0;
}
