/* SPDX-License-Identifier: MIT */
/* URLs, allowed addresses and the life cycle of a request; tests/e2e covers misbehaving servers. */
#include "tests/unit/support.h"

#include "http/http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_priv.h"
#include "http/http_policy.h"
#include "http/snapshot.h"
#include "tests/unit/agent_rig.h"

static struct loop *loop;
static struct http *http;

struct seen {
    bool allow;
    unsigned checked, ended;
    char host[256];
    struct addr to;
    int err;
};

static bool is_allowed(void *arg, const char *host, const struct addr *to)
{
    struct seen *s = arg;

    s->checked++;
    snprintf(s->host, sizeof(s->host), "%s", host);
    s->to = *to;
    return s->allow;
}

static void on_done(void *arg, int err, unsigned status)
{
    struct seen *s = arg;

    (void)status;
    s->ended++;
    s->err = err;
}

static int start(const char *url, struct seen *s, struct http_request **r)
{
    const struct http_params params = {
        .method = HTTP_PUT,
        .url = url,
        .stall_s = 1,
        .ca_file = "",
        .file_name = "",
        .content_type = "image/jpeg",
        .body = (const uint8_t *)"x",
        .len = 1,
        .allow = is_allowed,
        .done = on_done,
        .arg = s,
    };

    return http_start(http, &params, r);
}

static void run_until_ended(const struct seen *s)
{
    for (unsigned i = 0; i < 500 && !s->ended; i++)
        assert_int_equal(loop_turn(loop, 20000), 0);
    assert_int_equal(s->ended, 1);
}

/* The address checked is the one that libcurl would connect to, however it is written. */
static void test_urls(void **state)
{
    static const struct {
        const char *url, *host, *to;
    } table[] = {
        { "http://192.0.2.1/x", "192.0.2.1", "192.0.2.1:80" },
        { "HTTP://192.0.2.1:8080", "192.0.2.1", "192.0.2.1:8080" },
        { "https://192.0.2.1/", "192.0.2.1", "192.0.2.1:443" },
        { "http://user:word@192.0.2.1:81/?a=1#b", "192.0.2.1", "192.0.2.1:81" },
        { "http://[2001:db8::1]:8080/", "2001:db8::1", "[2001:db8::1]:8080" },
    };

    (void)state;
    if (!http)
        skip_because("built without libcurl");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct seen s = { 0 };
        struct http_request *r;
        char to[ADDR_TEXT_MAX];

        assert_int_equal(start(table[i].url, &s, &r), 0);
        assert_int_equal(s.ended, 0);
        run_until_ended(&s);
        assert_int_equal(s.err, -EACCES);
        assert_int_equal(s.checked, 1);
        assert_string_equal(s.host, table[i].host);
        addr_print(&s.to, to);
        assert_string_equal(to, table[i].to);
    }
}

static void test_bad_urls(void **state)
{
    static char large[HTTP_URL_MAX + 64];
    static const struct {
        const char *url;
        int err;
    } table[] = {
        { "", -EINVAL },
        { "http://", -EINVAL },
        { "http://192.0.2.1:0/", -EINVAL },
        { "http://192.0.2.1:99999/", -EINVAL },
        { "http://a b/", -EINVAL },
        { "http://a\r\nX: y/", -EINVAL },
        { "192.0.2.1/x", -EINVAL },
        { "ftp://192.0.2.1/x", -EPROTONOSUPPORT },
        { "file:///etc/passwd", -EPROTONOSUPPORT },
        { large, -EINVAL },
    };

    (void)state;
    if (!http)
        skip_because("built without libcurl");
    memset(large, 'a', sizeof(large) - 1);
    memcpy(large, "http://192.0.2.1/", 17);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct seen s = { 0 };
        struct http_request *r;
        int err = start(table[i].url, &s, &r);

        if (!err)
            fail_msg("accepted: %s", table[i].url);

        /* file: has no host; libcurl may see that first. */
        if (err != -EINVAL)
            assert_int_equal(err, table[i].err);
        assert_null(r);
        assert_int_equal(s.checked + s.ended, 0);
    }
}

static void test_requests_are_bounded_and_can_be_cancelled(void **state)
{
    struct seen s[HTTP_REQUESTS_MAX + 1] = { { 0 } };
    struct http_request *r[HTTP_REQUESTS_MAX + 1];

    (void)state;
    if (!http)
        skip_because("built without libcurl");
    for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i++) {
        s[i].allow = true;
        assert_int_equal(start("http://192.0.2.1/", &s[i], &r[i]), 0);
    }
    assert_int_equal(start("http://192.0.2.1/", &s[HTTP_REQUESTS_MAX], &r[HTTP_REQUESTS_MAX]), -EBUSY);
    /* Half of them are cancelled before they start, the others while they connect. */
    for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i += 2)
        http_cancel(r[i]);
    assert_int_equal(loop_turn(loop, 1000), 0);
    for (unsigned i = 1; i < HTTP_REQUESTS_MAX; i += 2)
        if (!s[i].ended)
            http_cancel(r[i]);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(loop_turn(loop, 1000), 0);
    for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i += 2)
        assert_int_equal(s[i].ended, 0);
    http_cancel(NULL);
    /* A running one is cancelled by http_free(). */
    assert_int_equal(start("http://192.0.2.1/", &s[0], &r[0]), 0);
    http_free(http);
    http = NULL;
    assert_int_equal(s[0].ended, 0);
    assert_int_equal(http_new(loop, &http), 0);
}

static bool start_and_cancel(void *arg)
{
    struct http_request *r;

    if (start("http://192.0.2.1/", arg, &r))
        return false;
    http_cancel(r);
    return true;
}

static void test_no_memory(void **state)
{
    struct seen s = { .allow = true };

    (void)state;
    if (!http)
        skip_because("built without libcurl");
    http_free(http);
    assert_int_equal(http_new(loop, &http), 0);
    oom_ladder(start_and_cancel, &s, 100);
    assert_int_equal(s.ended, 0);
}

static void test_host_name_is_resolved(void **state)
{
    struct seen s = { 0 };
    struct http_request *r;

    (void)state;
    if (!http)
        skip_because("built without libcurl");
    assert_int_equal(start("http://localhost:8123/", &s, &r), 0);
    run_until_ended(&s);
    if (s.err == -EACCES) {
        assert_string_equal(s.host, "localhost");
        assert_int_equal(s.to.port, 8123);
        assert_int_equal(addr_classify(&s.to), ADDR_LOOPBACK);
    }
}

static void test_without_libcurl_requests_are_refused(void **state)
{
    struct seen s = { 0 };
    struct http_request *r;

    (void)state;
    assert_int_equal(http_available(), http != NULL);
    if (http)
        skip_because("built with libcurl");
    assert_int_equal(start("http://192.0.2.1/", &s, &r), -ENOTSUP);
    assert_null(r);
}

/* ---- policy ---------------------------------------------------------------------------------------------- */

static struct http_allow parse_allow(const char *text, int want)
{
    const struct conf_key k = { .offset = 0 };
    struct http_allow al;

    memset(&al, 0, sizeof(al));
    assert_int_equal(conf_hosts.set(&k, (char *)&al, span_of(text)), want);
    return al;
}

static void test_allow(void **state)
{
    struct http_allow al = parse_allow("files.example.com, 10.0.0.0/8 2001:db8::1\tweb", 0);

    (void)state;
    assert_int_equal(al.nhost, 2);
    assert_int_equal(al.ncidr, 2);
    assert_string_equal(al.host[1], "web");
    parse_allow("", 0);
    parse_allow("a/b", -EINVAL);
    parse_allow("10.0.0.1/8", -EINVAL);
    parse_allow("300.0.0.1", -EINVAL);
    parse_allow("a b c d e f g h i j k l m n o p q", -EINVAL);
}

static void test_policy(void **state)
{
    static const struct {
        const char *allow, *host, *to;
        bool ok;
    } table[] = {
        { "", "192.0.2.1", "192.0.2.1:80", true }, /* the server's own address */
        { "", "192.0.2.1", "192.0.2.1:8080", true },
        { "", "192.0.2.9", "192.0.2.9:80", false },
        { "", "files", "192.0.2.9:80", false },
        { "files", "FILES", "192.0.2.9:80", true },
        { "files", "other", "192.0.2.9:80", false },
        { "192.0.2.0/24", "192.0.2.9", "192.0.2.9:80", true },
        { "", "localhost", "127.0.0.1:80", false },
        { "localhost", "localhost", "127.0.0.1:80", false }, /* a name could resolve to any address */
        { "127.0.0.1", "localhost", "127.0.0.1:80", true },
        { "files", "files", "169.254.1.1:80", false },
        { "files", "files", "[fe80::1]:80", false },
        { "files", "files", "[::ffff:127.0.0.1]:80", false },
        { "files 0.0.0.0/0", "files", "224.0.0.1:80", false },
        { "files 0.0.0.0/0", "files", "255.255.255.255:80", false },
        { "files 0.0.0.0/0", "files", "0.0.0.0:80", false },
        { "192.0.2.9", "192.0.2.9", "192.0.2.9:0", false },
    };
    struct rig *r = rig_new(NULL);

    (void)state;
    rig_register(r);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct http_allow al = parse_allow(table[i].allow, 0);
        struct addr to = rig_addr(table[i].to);

        if (http_allowed(&al, r->agent, table[i].host, &to) != table[i].ok)
            fail_msg("row %zu: %s at %s", i, table[i].host, table[i].to);
    }
    rig_free(r);
}

static void test_put_url(void **state)
{
    char out[64];

    (void)state;
    assert_true(snapshot_put_url(out, sizeof(out), "http://h/a", "n.jpg"));
    assert_string_equal(out, "http://h/a/n.jpg");
    assert_true(snapshot_put_url(out, sizeof(out), "http://h/a/", "n.jpg"));
    assert_string_equal(out, "http://h/a/n.jpg");
    assert_true(snapshot_put_url(out, sizeof(out), "http://h", "n.jpg"));
    assert_string_equal(out, "http://h/n.jpg");
    assert_true(snapshot_put_url(out, sizeof(out), "http://h/a?k=v/w#frag", "n.jpg"));
    assert_string_equal(out, "http://h/a/n.jpg?k=v/w");
    assert_false(snapshot_put_url(out, 16, "http://h/a", "n.jpg"));
}

static int setup(void **state)
{
    (void)state;
    assert_int_equal(loop_new(&loop), 0);
    int err = http_new(loop, &http);
    assert_true(err == 0 || err == -ENOTSUP);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_free(http);
    loop_free(loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_bad_urls),
        cmocka_unit_test(test_requests_are_bounded_and_can_be_cancelled),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_host_name_is_resolved),
        cmocka_unit_test(test_without_libcurl_requests_are_refused),
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_put_url),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
