/* SPDX-License-Identifier: MIT */
#include "codec/xml.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support.h"

static int parse_bytes(struct xml_doc **doc, const void *data, size_t n, enum charset fallback)
{
    char *copy = guard_copy(data, n);
    int err = xml_parse(doc, (struct span){ copy, n }, fallback);

    guard_free(copy, n);
    return err;
}

static int parse(struct xml_doc **doc, const char *text)
{
    return parse_bytes(doc, text, strlen(text), CHARSET_GB2312);
}

/* ---- what platforms send ---------------------------------------------------------------------- */

static void test_query(void **state)
{
    struct xml_doc *doc;

    (void)state;
    assert_int_equal(parse(&doc,
                           "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Query>\r\n<CmdType> Catalog </CmdType>\n"
                           "<SN>17430</SN>\n<DeviceID>34020000001320000001</DeviceID>\r\n<Empty/><Blank>  </Blank>"
                           "</Query>\r\n\r\n"),
                     0);
    const struct xml_node *root = xml_root(doc);
    assert_string_equal(xml_name(root), "Query");
    assert_string_equal(xml_text(root, "CmdType"), "Catalog");
    assert_string_equal(xml_text(root, "SN"), "17430");
    assert_string_equal(xml_text(root, "Empty"), "");
    assert_string_equal(xml_text(root, "Blank"), "");
    assert_null(xml_text(root, "Nothing"));
    assert_string_equal(xml_value(root), "");
    xml_free(doc);
    xml_free(NULL);
}

static void test_lists(void **state)
{
    struct xml_doc *doc;
    unsigned n = 0;

    (void)state;
    /* unquoted Num: a misprint in the standard */
    assert_int_equal(
        parse(&doc,
              "<Response><SumNum>2</SumNum><DeviceList Num=2 a='b\"c' d = \"&lt;&#65;\"><Item><DeviceID>1</DeviceID>"
              "</Item><x/><Item><DeviceID>2</DeviceID></Item></DeviceList></Response>"),
        0);
    const struct xml_node *list = xml_child(xml_root(doc), "DeviceList");
    assert_non_null(list);
    for (const struct xml_node *it = xml_child(list, "Item"); it; it = xml_next(it, "Item"))
        assert_string_equal(xml_text(it, "DeviceID"), ++n == 1 ? "1" : "2");
    assert_int_equal(n, 2);
    assert_string_equal(xml_name(xml_child(xml_root(doc), NULL)), "SumNum");
    assert_string_equal(xml_name(xml_next(xml_child(xml_root(doc), NULL), NULL)), "DeviceList");
    xml_free(doc);
}

static void test_text(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "a & b", "a & b" },
        { "a &amp; b", "a & b" },
        { "&lt;&gt;&quot;&apos;", "<>\"'" },
        { "&nbsp;&copy;", "&nbsp;&copy;" },
        { "&", "&" },
        { "&#x4E2D;&#25991;", "\xe4\xb8\xad\xe6\x96\x87" },
        { "&#x110000;&#xd800;", "??" },
        { "&#;&#x;&#xg;", "&#;&#x;&#xg;" },
        { "&#60;", "<" },
        { "&#38;amp;", "&amp;" },
        { "x\001\002y", "x  y" },
        { "one  two\tthree", "one  two three" },
        { "1 > 0", "1 > 0" },
        { "<![CDATA[ a<b>&amp; ]]>", "a<b>&amp;" },
        { "a<!-- <b> -->b", "ab" },
        { "<?pi x?>a", "a" },
        { "\xe5\xa4\xa7", "\xe5\xa4\xa7" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        struct xml_doc *doc;
        snprintf(text, sizeof(text), "<a><n>%s</n></a>", cases[i].in);
        assert_int_equal(parse(&doc, text), 0);
        /* a comment splits the text, both parts count */
        if (strcmp(cases[i].out, "ab"))
            assert_string_equal(xml_text(xml_root(doc), "n"), cases[i].out);
        else
            assert_true(xml_text(xml_root(doc), "n")[0] == 'a');
        xml_free(doc);
    }
}

static void test_charsets(void **state)
{
    static const struct {
        const char *in;
        enum charset fallback;
        const char *out;
    } cases[] = {
        { "<?xml version=\"1.0\" encoding=\"GB2312\"?><a><n>\xb4\xf3</n></a>", CHARSET_UTF8, "\xe5\xa4\xa7" },
        { "<?xml version='1.0' encoding = 'gb18030'?><a><n>\x81\x39\xee\x39</n></a>", CHARSET_UTF8, "\xe3\x90\x80" },
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a><n>\xe5\xa4\xa7</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "<?xml version=\"1.0\" encoding=\"utf-8\"?><a><n>\xb4\xf3</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "<?xml version=\"1.0\"?><a><n>\xb4\xf3</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "<a><n>\xb4\xf3</n></a>", CHARSET_UTF8, "\xe5\xa4\xa7" },
        { "<a><n>\xe5\xa4\xa7\xe9\x97\xa8</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7\xe9\x97\xa8" },
        { "\xef\xbb\xbf<a><n>\xe5\xa4\xa7</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "\r\n <?xml version=\"1.0\" encoding=\"klingon\"?><a><n>\xb4\xf3</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "<?xml version=\"1.0\" encoding=\"GB2312\"?><a><n>x\xb4</n></a>", CHARSET_GB2312, NULL },
        /* declared and actual charset differ */
        { "<?xml version=\"1.0\" encoding=\"GB2312\"?><a><n>\xe5\xa4\xa7\xe9\x97\xa8</n></a>", CHARSET_GB2312,
          "\xe5\xa4\xa7\xe9\x97\xa8" },
        { "<?xml version=\"1.0\" encoding=\"GBK\"?><a><n>\xe5\xa4\xa7</n></a>", CHARSET_GB2312, "\xe5\xa4\xa7" },
        { "<?xml version=\"1.0\" encoding=\"GB18030\"?><a><n>\xe5\xa4\xa7\xe9\x97\xa8</n></a>", CHARSET_UTF8,
          "\xe5\xa4\xa7\xe9\x97\xa8" },
        { "<?xml version=\"1.0\" encoding=\"GB2312\"?><a><n>\xc1\xaa\xcd\xa8</n></a>", CHARSET_UTF8,
          "\xe8\x81\x94\xe9\x80\x9a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct xml_doc *doc = NULL;
        int err = parse_bytes(&doc, cases[i].in, strlen(cases[i].in), cases[i].fallback);
        assert_int_equal(err, 0);
        const char *text = xml_text(xml_root(doc), "n");
        assert_non_null(text);
        if (cases[i].out)
            assert_string_equal(text, cases[i].out);
        else
            assert_true(text[0] == 'x');
        xml_free(doc);
    }
}

/* ---- what attackers send ----------------------------------------------------------------------- */

static void test_broken(void **state)
{
    static const char *const cases[] = {
        "",
        "  \r\n",
        "a",
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "<a><b></a></b>",
        "</a>",
        "<a b></a>",
        "<a b=></a",
        "<a b=\"></a>",
        "x<a/>",
        "<?xml version=\"1.0\"",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a><!ENTITY x \"y\"></a>",
        "<!-- ",
        "<a><![CDATA[ </a>",
        "<1></1>",
        "< a></a>",
        "<a b=\"<\"/>",
        "<a/ >",
        "<![CDATA[x]]><a/>",
        "<a ='x'/>",
        "<?xml version=\"1.0\"?>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct xml_doc *doc;
        assert_int_equal(parse(&doc, cases[i]), -EBADMSG);
    }
}

static char *repeat(const char *head, const char *unit, unsigned n, const char *tail)
{
    size_t size = strlen(head) + strlen(unit) * n + strlen(tail) + 1;
    char *text = malloc(size);
    struct buf b;

    assert_non_null(text);
    buf_init(&b, text, size);
    buf_str(&b, head);
    for (unsigned i = 0; i < n; i++)
        buf_str(&b, unit);
    buf_str(&b, tail);
    assert_false(b.overflow);
    return text;
}

static void expect_limit(char *text, int want)
{
    struct xml_doc *doc = NULL;

    assert_int_equal(parse(&doc, text), want);
    if (!want)
        xml_free(doc);
    free(text);
}

static void test_limits(void **state)
{
    char *closing = repeat("", "</a>", XML_DEPTH_MAX, "");

    (void)state;
    expect_limit(repeat("", "<a>", XML_DEPTH_MAX, closing), 0);
    expect_limit(repeat("", "<a>", XML_DEPTH_MAX, "<a/>"), -E2BIG);
    expect_limit(repeat("<r>", "<a/>", XML_ELEMENTS_MAX - 1, "</r>"), 0);
    expect_limit(repeat("<r>", "<a/>", XML_ELEMENTS_MAX, "</r>"), -E2BIG);
    expect_limit(repeat("<r", " a=1", XML_ATTRS_MAX, "/>"), 0);
    expect_limit(repeat("<r", " a=1", XML_ATTRS_MAX + 1, "/>"), -E2BIG);
    expect_limit(repeat("<a>", "x", XML_BYTES_MAX - 7, "</a>"), 0);
    expect_limit(repeat("<a>", "x", XML_BYTES_MAX - 6, "</a>"), -E2BIG);
    /* the input that grows most by escaping */
    expect_limit(repeat("<a>", "&", XML_BYTES_MAX - 7, "</a>"), 0);
    expect_limit(repeat("<a b='", "\"", XML_BYTES_MAX - 20, "'/>"), 0);
    expect_limit(repeat("<a>", "<!---->", 9000, "</a>"), 0);
    expect_limit(repeat("<a><![CDATA[", "<", 60000, "]]></a>"), 0);
    expect_limit(repeat("<a>", "\xb4\xf3", 32000, "</a>"), 0);
    expect_limit(repeat("", "<a>", 20000, ""), -E2BIG);
    expect_limit(repeat("", "a", 1000000, ""), -E2BIG);
    free(closing);
}

static void *parse_nested(void *arg)
{
    struct xml_doc *doc;
    char *text = arg;
    int err = xml_parse(&doc, span_of(text), CHARSET_GB2312);

    return err == -E2BIG ? text : NULL;
}

/* 20,000 open tags on the smallest possible stack, plus what the C library needs. */
static void test_stack(void **state)
{
    pthread_attr_t attr;
    pthread_t thread;
    void *result = NULL;
    char *text = repeat("<?xml version=\"1.0\" encoding=\"GB2312\"?>", "<a>", 20000, "\xb4\xf3");

    (void)state;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, 128 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attr, parse_nested, text), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, text);
    pthread_attr_destroy(&attr);
    free(text);
}

/* Every prefix and every one-byte change of a real body is handled. */
static void test_mangled(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Control>\r\n<CmdType>DeviceControl</CmdType>\r\n<SN>1</SN>"
        "<PTZCmd a='1'>A50F0101800000&#x33;6</PTZCmd><I><![CDATA[\xb4\xf3]]></I><!-- c --></Control>";
    char copy[sizeof(text)];
    static const char bytes[] = "<>&\"'/=! \0\xff;#?x";

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        struct xml_doc *doc = NULL;
        if (!parse_bytes(&doc, text, n, CHARSET_GB2312))
            assert_string_equal(xml_name(xml_root(doc)), "Control");
        xml_free(doc);
    }
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        for (size_t k = 0; k + 1 < sizeof(bytes); k++) {
            struct xml_doc *doc = NULL;
            memcpy(copy, text, sizeof(text));
            copy[i] = bytes[k];
            int err = parse_bytes(&doc, copy, sizeof(text) - 1, CHARSET_GB2312);
            assert_true(err == 0 || err == -EBADMSG || err == -E2BIG);
            xml_free(doc);
        }
    }
}

static bool parse_once(void *ctx)
{
    struct xml_doc *doc;
    int err = xml_parse(&doc, span_of(ctx), CHARSET_GB2312);

    if (err)
        return err != -ENOMEM;
    xml_free(doc);
    return true;
}

static void test_no_memory(void **state)
{
    char text[] = "<a><n>\xb4\xf3</n><m x='1'/></a>";

    (void)state;
    oom_ladder(parse_once, text, 50);
}

/* ---- writing ----------------------------------------------------------------------------------- */

static void test_write(void **state)
{
    char mem[512];
    struct buf b;

    (void)state;
    buf_init(&b, mem, sizeof(mem));
    xml_prolog(&b, CHARSET_GB18030);
    xml_open(&b, "Response");
    xml_put(&b, "Name", "a&b<c>\"d'\001\x7f\xe5\xa4\xa7\xff\xe5");
    xml_putf(&b, "SumNum", "%u", 3u);
    xml_open_num(&b, "DeviceList", 1);
    xml_close(&b, "DeviceList");
    xml_put(&b, "E", NULL);
    xml_close(&b, "Response");
    assert_string_equal(mem, "<?xml version=\"1.0\" encoding=\"GB18030\"?>\r\n<Response>\r\n"
                             "<Name>a&amp;b&lt;c&gt;&quot;d&apos;\xe5\xa4\xa7?"
                             "?</Name>\r\n<SumNum>3</SumNum>\r\n"
                             "<DeviceList Num=\"1\">\r\n</DeviceList>\r\n<E></E>\r\n</Response>\r\n");
    assert_false(b.overflow);
    buf_init(&b, mem, 10);
    xml_put(&b, "Name", "much too long");
    assert_true(b.overflow);
    char large[400];
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    char big[1024];
    buf_init(&b, big, sizeof(big));
    xml_putf(&b, "Name", "%s", large);
    assert_true(b.overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query),    cmocka_unit_test(test_lists),   cmocka_unit_test(test_text),
        cmocka_unit_test(test_charsets), cmocka_unit_test(test_broken),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_stack),    cmocka_unit_test(test_mangled), cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
