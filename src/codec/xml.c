/* SPDX-License-Identifier: MIT */
#include "codec/xml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mxml.h>

#include "codec/xml_walk.h"

struct xml_doc {
    mxml_node_t *root;
};

/* ---- charset --------------------------------------------------------------------------------- */

/* The declared encoding, or a negative errno. */
static int declared_charset(struct span bytes)
{
    const char *end = memmem(bytes.p, bytes.n, "?>", 2), *at, *value;

    if (bytes.n < 5 || memcmp(bytes.p, "<?xml", 5) || !end)
        return -ENOENT;
    at = memmem(bytes.p, (size_t)(end - bytes.p), "encoding", 8);
    if (!at)
        return -ENOENT;
    struct span rest = span_trim((struct span){ at + 8, (size_t)(end - at) - 8 });
    if (!rest.n || rest.p[0] != '=')
        return -ENOENT;
    rest = span_trim(span_from(rest, 1));
    if (!rest.n || (rest.p[0] != '"' && rest.p[0] != '\''))
        return -ENOENT;
    value = rest.p + 1;
    size_t n = span_chr(span_from(rest, 1), rest.p[0]);
    return charset_parse((struct span){ value, n });
}

static enum charset choose_charset(struct span bytes, enum charset fallback)
{
    int declared = declared_charset(bytes);
    enum charset cs = declared >= 0 ? (enum charset)declared : fallback;

    if (cs == CHARSET_UTF8 && !charset_utf8_valid(bytes))
        return CHARSET_GB18030;
    /* Valid UTF-8 without a declaration is hardly ever GB. */
    if (declared < 0 ? charset_utf8_valid(bytes) : charset_utf8_in_gb(cs, bytes))
        return CHARSET_UTF8;
    return cs;
}

/* ---- mxml ------------------------------------------------------------------------------------ */

#if MXML_MAJOR_VERSION >= 4
#define NODE_ELEMENT MXML_TYPE_ELEMENT
#define NODE_OPAQUE  MXML_TYPE_OPAQUE

static void quiet(void *data, const char *message)
{
    (void)data;
    (void)message;
}

static mxml_node_t *load(const char *text)
{
    mxml_options_t *options = mxmlOptionsNew();
    mxml_node_t *top;

    if (!options)
        return NULL;
    mxmlOptionsSetTypeValue(options, MXML_TYPE_OPAQUE);
    mxmlOptionsSetErrorCallback(options, quiet, NULL);
    top = mxmlLoadString(NULL, options, text);
    mxmlOptionsDelete(options);
    return top;
}
#else
#define NODE_ELEMENT MXML_ELEMENT
#define NODE_OPAQUE  MXML_OPAQUE

static void quiet(const char *message)
{
    (void)message;
}

static mxml_node_t *load(const char *text)
{
    mxmlSetErrorCallback(quiet);
    return mxmlLoadString(NULL, text, MXML_OPAQUE_CALLBACK);
}
#endif

static mxml_node_t *to_mxml(const struct xml_node *node)
{
    return (mxml_node_t *)(uintptr_t)node;
}

static const struct xml_node *from_mxml(mxml_node_t *node)
{
    return (const struct xml_node *)(const void *)node;
}

/* Parses UTF-8 through the limiter. */
static int parse_utf8(struct xml_doc **out, struct span text)
{
    const size_t cap = xml_walk_room(text);
    char *mem = malloc(cap);
    struct xml_doc *doc = calloc(1, sizeof(*doc));
    struct buf clean;
    int err = -ENOMEM;

    if (!mem || !doc)
        goto out;
    buf_init(&clean, mem, cap);
    err = xml_walk(text, &clean);
    if (err)
        goto out;
    err = -ENOMEM;
    doc->root = load(clean.data);
    if (!doc->root || mxmlGetType(doc->root) != NODE_ELEMENT)
        goto out;
    *out = doc;
    doc = NULL;
    err = 0;
out:
    xml_free(doc);
    free(mem);
    return err;
}

int xml_parse(struct xml_doc **out, struct span bytes, enum charset fallback)
{
    struct buf utf8;
    char *mem;
    int err;

    if (bytes.n > XML_BYTES_MAX)
        return -E2BIG;
    if (bytes.n >= 3 && !memcmp(bytes.p, "\xef\xbb\xbf", 3)) {
        bytes = span_from(bytes, 3);
        fallback = CHARSET_UTF8;
    }
    bytes = xml_walk_trim(bytes);
    if (!bytes.n)
        return -EBADMSG;
    mem = malloc(2 * bytes.n + 8); /* two bytes of GB become at most three of UTF-8, four stay four */
    if (!mem)
        return -ENOMEM;
    buf_init(&utf8, mem, 2 * bytes.n + 8);
    err = charset_to_utf8(choose_charset(bytes, fallback), bytes, &utf8);
    if (!err)
        err = utf8.overflow ? -E2BIG : parse_utf8(out, buf_view(&utf8));
    free(mem);
    return err;
}

void xml_free(struct xml_doc *doc)
{
    if (!doc)
        return;
    if (doc->root)
        mxmlDelete(doc->root);
    free(doc);
}

/* ---- reading --------------------------------------------------------------------------------- */

const struct xml_node *xml_root(const struct xml_doc *doc)
{
    return from_mxml(doc->root);
}

const char *xml_name(const struct xml_node *node)
{
    const char *name = mxmlGetElement(to_mxml(node));
    return name ? name : "";
}

static const struct xml_node *first_from(mxml_node_t *n, const char *name)
{
    for (; n; n = mxmlGetNextSibling(n)) {
        const char *own = mxmlGetType(n) == NODE_ELEMENT ? mxmlGetElement(n) : NULL;
        if (own && (!name || !strcmp(own, name)))
            return from_mxml(n);
    }
    return NULL;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    return first_from(mxmlGetFirstChild(to_mxml(node)), name);
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name)
{
    return first_from(mxmlGetNextSibling(to_mxml(node)), name);
}

const char *xml_value(const struct xml_node *node)
{
    for (mxml_node_t *n = mxmlGetFirstChild(to_mxml(node)); n; n = mxmlGetNextSibling(n)) {
        const char *text = mxmlGetType(n) == NODE_OPAQUE ? mxmlGetOpaque(n) : NULL;
        if (text && text[0])
            return text;
    }
    return "";
}

const char *xml_text(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_child(node, name);
    return child ? xml_value(child) : NULL;
}
