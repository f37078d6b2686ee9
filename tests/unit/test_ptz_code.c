/* SPDX-License-Identifier: MIT */
#include "codec/ptz_code.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

struct vector {
    const char *hex;
    struct ptz_cmd want;
};

/* Computed by hand from A.3; the last one is the sample of the standard (2016 J.6). */
static const struct vector vectors[] = {
    { "A50F0100000000B5", { .kind = PTZ_STOP } },
    { "A50F010180000036", { .kind = PTZ_MOVE, .pan = 128 } },
    { "A50F010280000037", { .kind = PTZ_MOVE, .pan = -128 } },
    { "A50F01080080003D", { .kind = PTZ_MOVE, .tilt = 128 } },
    { "A50F010400800039", { .kind = PTZ_MOVE, .tilt = -128 } },
    { "A50F011000008045", { .kind = PTZ_MOVE, .zoom = 8 } },
    { "A50F01480080007D", { .kind = PTZ_LENS, .iris = -128 } },
    { "A50F0140000000F5", { .kind = PTZ_LENS } },
    { "A50F018200010038", { .kind = PTZ_PRESET_CALL, .number = 1 } },
    { "A50F01840103003D", { .kind = PTZ_CRUISE_ADD, .number = 1, .value = 3 } },
    { "A50F0186012C1078", { .kind = PTZ_CRUISE_SPEED, .number = 1, .value = 0x12c } },
    { "A50F01880100003E", { .kind = PTZ_CRUISE_START, .number = 1 } },
    { "A50F018C01000042", { .kind = PTZ_AUX_ON, .number = 1 } },
    { "A50F4D1000001021", { .kind = PTZ_MOVE, .zoom = 1 } },
};

static void assert_same(const struct ptz_cmd *a, const struct ptz_cmd *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->pan, b->pan);
    assert_int_equal(a->tilt, b->tilt);
    assert_int_equal(a->zoom, b->zoom);
    assert_int_equal(a->focus, b->focus);
    assert_int_equal(a->iris, b->iris);
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->value, b->value);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct ptz_cmd got;
        struct ptz_quirks quirks = { true, true };
        char padded[32];
        struct span s = guard_str(vectors[i].hex);
        assert_int_equal(ptz_decode(s, &got, &quirks), 0);
        assert_same(&got, &vectors[i].want);
        assert_false(quirks.odd_version);
        assert_false(quirks.no_speed);
        guard_str_free(s);
        snprintf(padded, sizeof(padded), " \r\n%s\t", vectors[i].hex);
        for (char *p = padded; *p; p++)
            *p = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
        assert_int_equal(ptz_decode(span_of(padded), &got, NULL), 0);
        assert_same(&got, &vectors[i].want);
    }
}

/* Decodes eight bytes with a correct checksum. */
static int decode(unsigned b2, unsigned b4, unsigned b5, unsigned b6, unsigned b7, struct ptz_cmd *out,
                  struct ptz_quirks *quirks)
{
    char hex[20];
    unsigned sum = (0xa5 + b2 + 0x01 + b4 + b5 + b6 + b7) & 0xff;

    snprintf(hex, sizeof(hex), "A5%02X01%02X%02X%02X%02X%02X", b2, b4, b5, b6, b7, sum);
    return ptz_decode(span_of(hex), out, quirks);
}

/* Tables A.3 to A.10, implemented once more in the simplest way. */
static int expect(unsigned b4, unsigned b5, unsigned b6, unsigned b7, struct ptz_cmd *w)
{
    int hi = (int)(b7 >> 4), s5 = b5 ? (int)b5 : 1, s6 = b6 ? (int)b6 : 1, s7 = hi ? hi : 1;
    bool pans = b4 & 0x03 && b5, tilts = b4 & 0x0c && b6, zooms = b4 & 0x30 && hi;

    memset(w, 0, sizeof(*w));
    if (b4 < 0x40 && (pans || tilts || zooms)) {
        s5 = (int)b5;
        s6 = (int)b6;
        s7 = hi;
    }
    if (b4 < 0x40) {
        if ((b4 & 0x30) == 0x30 || (b4 & 0x0c) == 0x0c || (b4 & 0x03) == 0x03)
            return -ENOTSUP;
        w->kind = b4 == 0 ? PTZ_STOP : PTZ_MOVE;
        w->zoom = b4 & 0x20 ? -s7 : b4 & 0x10 ? s7 : 0;
        w->tilt = b4 & 0x08 ? s6 : b4 & 0x04 ? -s6 : 0;
        w->pan = b4 & 0x02 ? -s5 : b4 & 0x01 ? s5 : 0;
        return 0;
    }
    if (b4 < 0x50) {
        if ((b4 & 0x0c) == 0x0c || (b4 & 0x03) == 0x03)
            return -ENOTSUP;
        w->kind = PTZ_LENS;
        w->iris = b4 & 0x08 ? -s6 : b4 & 0x04 ? s6 : 0;
        w->focus = b4 & 0x02 ? s5 : b4 & 0x01 ? -s5 : 0;
        return 0;
    }
    switch (b4) {
    case 0x81:
    case 0x82:
    case 0x83:
        w->kind = b4 == 0x81 ? PTZ_PRESET_SET : b4 == 0x82 ? PTZ_PRESET_CALL : PTZ_PRESET_DELETE;
        w->number = b6;
        return b6 ? 0 : -ENOTSUP;
    case 0x84:
        w->kind = PTZ_CRUISE_ADD;
        w->number = b5;
        w->value = b6;
        return b6 ? 0 : -ENOTSUP;
    case 0x85:
        w->kind = PTZ_CRUISE_DELETE;
        w->number = b5;
        w->value = b6;
        return 0;
    case 0x86:
    case 0x87:
    case 0x8a:
        w->kind = b4 == 0x86 ? PTZ_CRUISE_SPEED : b4 == 0x87 ? PTZ_CRUISE_STAY : PTZ_SCAN_SPEED;
        w->number = b5;
        w->value = b6 + 256 * (b7 >> 4);
        return 0;
    case 0x88:
    case 0x8c:
    case 0x8d:
        w->kind = b4 == 0x88 ? PTZ_CRUISE_START : b4 == 0x8c ? PTZ_AUX_ON : PTZ_AUX_OFF;
        w->number = b5;
        return 0;
    case 0x89:
        w->kind = b6 == 0 ? PTZ_SCAN_START : b6 == 1 ? PTZ_SCAN_LEFT : PTZ_SCAN_RIGHT;
        w->number = b5;
        return b6 > 2 ? -ENOTSUP : 0;
    default:
        return -ENOTSUP;
    }
}

static void test_every_command(void **state)
{
    static const unsigned args[] = { 0, 1, 2, 3, 0x7f, 0x80, 0xff };

    (void)state;
    for (unsigned b4 = 0; b4 < 256; b4++) {
        for (size_t i = 0; i < 7 * 7 * 7; i++) {
            unsigned b5 = args[i % 7], b6 = args[i / 7 % 7], b7 = args[i / 49];
            struct ptz_cmd want, got;
            int err = expect(b4, b5, b6, b7, &want);
            assert_int_equal(decode(0x0f, b4, b5, b6, b7, &got, NULL), err);
            if (!err)
                assert_same(&got, &want);
        }
    }
}

static void test_every_checksum(void **state)
{
    (void)state;
    for (unsigned sum = 0; sum < 256; sum++) {
        struct ptz_cmd got;
        char hex[20];
        snprintf(hex, sizeof(hex), "A50F01018000%02X%02X", 0u, sum);
        assert_int_equal(ptz_decode(span_of(hex), &got, NULL), sum == 0x36 ? 0 : -EBADE);
    }
}

static void test_broken(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "A50F01018000003",
        "A50F0101800000366",
        "A50F01018000003G",
        "B50F010180000046",
        "A5 0F 01 01 80 00 00 36",
        "0xA50F0101800000",
        "A50F010180000-36",
    };
    struct ptz_cmd got;
    struct ptz_quirks quirks = { false, true };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = guard_str(cases[i]);
        assert_int_equal(ptz_decode(s, &got, NULL), -EBADMSG);
        guard_str_free(s);
    }
    /* a wrong byte 2 is not an error */
    assert_int_equal(decode(0x00, 0x01, 0x10, 0, 0, &got, &quirks), 0);
    assert_true(quirks.odd_version);
    assert_false(quirks.no_speed);
    assert_int_equal(got.pan, 16);
}

/* no_speed: all directions have speed 0; the speed of an axis without a direction is ignored. */
static void test_no_speed(void **state)
{
    static const struct {
        unsigned b4, b5, b6, b7;
        bool none;
        struct ptz_cmd want;
    } cases[] = {
        { 0x01, 0, 0, 0, true, { .kind = PTZ_MOVE, .pan = 1 } },
        { 0x02, 0, 0x80, 0xf0, true, { .kind = PTZ_MOVE, .pan = -1 } },
        { 0x2a, 0, 0, 0x0f, true, { .kind = PTZ_MOVE, .pan = -1, .tilt = 1, .zoom = -1 } },
        { 0x0a, 0x40, 0, 0, false, { .kind = PTZ_MOVE, .pan = -64 } },
        { 0x19, 0, 0x40, 0, false, { .kind = PTZ_MOVE, .tilt = 64 } },
        { 0x15, 0, 0, 0x10, false, { .kind = PTZ_MOVE, .zoom = 1 } },
        { 0x00, 0, 0, 0, false, { .kind = PTZ_STOP } },
        { 0x45, 0, 0, 0, false, { .kind = PTZ_LENS, .focus = -1, .iris = 1 } },
        { 0x45, 0x20, 0, 0, false, { .kind = PTZ_LENS, .focus = -32, .iris = 1 } },
        { 0x82, 0, 1, 0, false, { .kind = PTZ_PRESET_CALL, .number = 1 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ptz_quirks quirks = { true, !cases[i].none };
        struct ptz_cmd got;
        assert_int_equal(decode(0x0f, cases[i].b4, cases[i].b5, cases[i].b6, cases[i].b7, &got, &quirks), 0);
        assert_int_equal(quirks.no_speed, cases[i].none);
        assert_same(&got, &cases[i].want);
    }
}

static void test_describe(void **state)
{
    struct ptz_cmd got;
    char text[64];

    (void)state;
    assert_int_equal(ptz_decode(SPAN_LIT("A50F010280000037"), &got, NULL), 0);
    ptz_describe(&got, text, sizeof(text));
    assert_string_equal(text, "move pan -128 tilt 0 zoom 0");
    assert_int_equal(ptz_decode(SPAN_LIT("A50F018200010038"), &got, NULL), 0);
    ptz_describe(&got, text, sizeof(text));
    assert_string_equal(text, "preset-call 1 0");
    ptz_describe(&got, text, 4);
    assert_string_equal(text, "pre");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_every_command), cmocka_unit_test(test_every_checksum),
        cmocka_unit_test(test_broken),  cmocka_unit_test(test_no_speed),      cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests_name("ptz_code", tests, NULL, NULL);
}
