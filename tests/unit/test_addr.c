/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>

#include "util/addr.h"

static struct addr parsed(const char *text)
{
    struct span s = guard_str(text);
    struct addr a;

    assert_int_equal(addr_parse(&a, s, 0), 0);
    guard_str_free(s);
    return a;
}

static void test_addresses_go_in_and_out(void **state)
{
    static const struct {
        const char *in, *host_port;
    } cases[] = {
        { "192.168.1.2", "192.168.1.2:5060" },
        { "192.168.1.2:80", "192.168.1.2:80" },
        { "0.0.0.0:0", "0.0.0.0:0" },
        { "255.255.255.255:65535", "255.255.255.255:65535" },
        { "::", "[::]:5060" },
        { "[::1]", "[::1]:5060" },
        { "[::1]:7", "[::1]:7" },
        { "2001:DB8:0:0:0:0:0:9", "[2001:db8::9]:5060" },
        { "2001:db8::10:5070", "[2001:db8::10:5070]:5060" },
        { "1:0:0:2:0:0:0:3", "[1:0:0:2::3]:5060" },
        { "1:0:0:2:3:0:0:4", "[1::2:3:0:0:4]:5060" },
        { "1:2:3:4:5:6:0:8", "[1:2:3:4:5:6:0:8]:5060" },
        { "fe80::", "[fe80::]:5060" },
        { "::ffff:10.0.0.1", "[::ffff:10.0.0.1]:5060" },
        { "1:2:3:4:5:6:7.8.9.10", "[1:2:3:4:5:6:708:90a]:5060" },
        { "1111:2222:3333:4444:5555:6666:7777:8888", "[1111:2222:3333:4444:5555:6666:7777:8888]:5060" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].in);
        char out[ADDR_TEXT_MAX];
        struct addr a;

        assert_int_equal(addr_parse(&a, s, 5060), 0);
        addr_print(&a, out);
        assert_string_equal(out, cases[i].host_port);
        guard_str_free(s);
    }
}

/* An invalid IPv4 address is not a host name either. */
static void test_invalid_addresses_are_not_names(void **state)
{
    static const struct {
        const char *text;
        bool broken;
    } cases[] = {
        { "192.168.1.300", true }, { "10.1", true },      { "1.2.3.4.5", true },
        { "5060", true },          { ".", true },         { "01.2.3.4", true },
        { "1.2.3.4", false },      { "", false },         { "::1", false },
        { "3com.example", false }, { "1.2.3.4a", false }, { "host-1", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i].text);

        assert_int_equal(addr_broken_ip(s), cases[i].broken);
        guard_str_free(s);
    }
}

static void test_invalid_literals_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4:-1",
        "1.2.3.4:0x50",
        "1..2.3",
        "localhost",
        "[1.2.3.4]",
        "[::1",
        "[::1]5060",
        "[::1]:x",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "g::",
        "fe80::1%eth0",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:",
        ":1",
        "[]",
        "1.2.3.4:5:",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i]);
        struct addr a;

        if (addr_parse(&a, s, 5060) != -EINVAL)
            fail_msg("accepted \"%s\"", cases[i]);
        guard_str_free(s);
    }
}

static void test_hosts_are_printed_for_uris(void **state)
{
    struct addr v6 = parsed("[2001:db8::1]:5060"), none = { .family = ADDR_NONE };
    char out[ADDR_TEXT_MAX];

    (void)state;
    addr_print_ip(&v6, out);
    assert_string_equal(out, "2001:db8::1");
    addr_print_host(&v6, out);
    assert_string_equal(out, "[2001:db8::1]");
    addr_print_ip(&none, out);
    assert_string_equal(out, "none");
}

static void test_same_means_the_same_host(void **state)
{
    struct addr a = parsed("10.0.0.1:5060"), b = parsed("10.0.0.1:5061"), m = parsed("[::ffff:10.0.0.1]:5060");
    struct addr none = { .family = ADDR_NONE };

    (void)state;
    assert_true(addr_same_ip(&a, &b));
    assert_false(addr_same(&a, &b));
    assert_true(addr_same(&a, &m));
    assert_false(addr_same_ip(&none, &none));
    b = parsed("10.0.0.2:5060");
    assert_false(addr_same_ip(&a, &b));
}

static void test_address_classes(void **state)
{
    static const struct {
        const char *text;
        enum addr_class cls;
    } cases[] = {
        { "8.8.8.8", ADDR_UNICAST },
        { "10.1.2.3", ADDR_UNICAST },
        { "0.0.0.0", ADDR_UNSPECIFIED },
        { "0.1.2.3", ADDR_UNSPECIFIED },
        { "127.0.0.1", ADDR_LOOPBACK },
        { "127.255.0.9", ADDR_LOOPBACK },
        { "169.254.3.4", ADDR_LINK_LOCAL },
        { "224.0.0.1", ADDR_MULTICAST },
        { "239.255.255.250", ADDR_MULTICAST },
        { "255.255.255.255", ADDR_BROADCAST },
        { "240.0.0.1", ADDR_BROADCAST },
        { "::", ADDR_UNSPECIFIED },
        { "::1", ADDR_LOOPBACK },
        { "fe80::1", ADDR_LINK_LOCAL },
        { "febf::1", ADDR_LINK_LOCAL },
        { "fec0::1", ADDR_UNICAST },
        { "ff02::1", ADDR_MULTICAST },
        { "2001:db8::1", ADDR_UNICAST },
        { "::ffff:127.0.0.1", ADDR_LOOPBACK },
        { "::ffff:224.0.0.5", ADDR_MULTICAST },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct addr a = parsed(cases[i].text);

        assert_int_equal(addr_classify(&a), cases[i].cls);
    }
}

static void test_prefixes_hold_their_addresses(void **state)
{
    static const struct {
        const char *net, *ip;
        bool in;
    } cases[] = {
        { "10.0.0.0/8", "10.255.1.1", true },
        { "10.0.0.0/8", "11.0.0.1", false },
        { "192.168.1.9", "192.168.1.9", true },
        { "192.168.1.9", "192.168.1.8", false },
        { "0.0.0.0/0", "9.9.9.9", true },
        { "0.0.0.0/0", "::1", false },
        { "192.168.1.128/25", "192.168.1.200", true },
        { "192.168.1.128/25", "192.168.1.100", false },
        { "10.0.0.0/8", "::ffff:10.2.3.4", true },
        { "2001:db8::/33", "2001:db8:7fff::1", true },
        { "2001:db8::/33", "2001:db8:8000::1", false },
        { "::/0", "1::2", true },
        { "1.2.3.4/31", "1.2.3.5", true },
    };
    static const char *const bad[] = {
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "host/8", "2001:db8::1/64", "::/129", "", "/",
    };
    struct cidr c;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct addr a = parsed(cases[i].ip);

        assert_int_equal(cidr_parse(&c, span_of(cases[i].net)), 0);
        assert_int_equal(cidr_has(&c, &a), cases[i].in);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct span s = guard_str(bad[i]);

        assert_int_equal(cidr_parse(&c, s), -EINVAL);
        guard_str_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_go_in_and_out),         cmocka_unit_test(test_invalid_literals_are_refused),
        cmocka_unit_test(test_invalid_addresses_are_not_names), cmocka_unit_test(test_hosts_are_printed_for_uris),
        cmocka_unit_test(test_same_means_the_same_host),        cmocka_unit_test(test_address_classes),
        cmocka_unit_test(test_prefixes_hold_their_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
