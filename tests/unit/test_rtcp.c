/* SPDX-License-Identifier: MIT */
#include "tests/unit/support.h"

#include <errno.h>
#include <string.h>

#include "codec/rtcp.h"

static const struct rtcp_sender sender = {
    .ssrc = 0x0BEBC201u,
    .ntp = 0xC3A1B2D480000000u,
    .rtp_ts = 0x12345678u,
    .packets = 1000,
    .bytes = 1400000,
};

/* Computed by hand from RFC 3550 6.4.1, 6.5, 6.6. */
static void test_writes(void **state)
{
    static const uint8_t sr[] = {
        0x80, 200,  0,   6,   0x0B, 0xEB, 0xC2, 0x01, 0xC3, 0xA1, 0xB2, 0xD4, 0x80, 0,    0,    0,    0x12, 0x34,
        0x56, 0x78, 0,   0,   0x03, 0xE8, 0x00, 0x15, 0x5C, 0xC0, 0x81, 202,  0,    3,    0x0B, 0xEB, 0xC2, 0x01,
        1,    4,    'c', 'a', 'm',  '1',  0,    0,    0x81, 203,  0,    1,    0x0B, 0xEB, 0xC2, 0x01,
    };
    static const uint8_t rr[] = {
        0x80, 201, 0, 1, 0x0B, 0xEB, 0xC2, 0x01, 0x81, 202, 0, 2, 0x0B, 0xEB, 0xC2, 0x01, 1, 0, 0, 0,
    };
    struct rtcp_sender s = sender;
    uint8_t out[RTCP_WRITE_MAX];
    char longest[100];

    (void)state;
    s.cname = SPAN_LIT("cam1");
    assert_int_equal(rtcp_write_bye(out, sizeof(out), &s), sizeof(sr));
    assert_memory_equal(out, sr, sizeof(sr));
    assert_int_equal(rtcp_write_report(out, sizeof(out), &s), sizeof(sr) - 8);
    assert_memory_equal(out, sr, sizeof(sr) - 8);
    assert_int_equal(rtcp_write_bye(out, sizeof(sr), &s), sizeof(sr));
    assert_int_equal(rtcp_write_bye(out, sizeof(sr) - 1, &s), 0);
    assert_int_equal(rtcp_write_report(out, sizeof(sr) - 9, &s), 0);
    s.packets = 0;
    s.cname = SPAN_LIT("");
    assert_int_equal(rtcp_write_report(out, sizeof(out), &s), sizeof(rr));
    assert_memory_equal(out, rr, sizeof(rr));
    memset(longest, 'x', sizeof(longest));
    for (size_t n = 0; n <= sizeof(longest); n++) { /* a name is followed by a zero and padded to a word */
        s.packets = 1;
        s.cname = (struct span){ longest, n };
        size_t len = rtcp_write_bye(out, sizeof(out), &s), kept = n < RTCP_CNAME_MAX ? n : RTCP_CNAME_MAX;
        assert_int_equal(len % 4, 0);
        assert_int_equal(out[37], kept);
        assert_int_equal(out[38 + kept], 0);
        assert_int_equal(28 + 4 * (out[31] + 1u) + 8, len);
    }
}

static void test_ntp_time(void **state)
{
    (void)state;
    assert_true(rtcp_ntp(0) == (uint64_t)2208988800u << 32);
    assert_true(rtcp_ntp(1500) == ((uint64_t)2208988801u << 32 | 0x80000000u));
}

/* As ZLMediaKit sends it: RR with one block, then SDES. */
static const uint8_t report[] = {
    0x81, 201,  0,    7,    0x11, 0x22, 0x33, 0x44, 0x0B, 0xEB, 0xC2, 0x01, 0x40, 0xFF, 0xFF,
    0xFE, 0x00, 0x01, 0x00, 0x10, 0,    0,    0x01, 0x2C, 0xB2, 0xD4, 0x80, 0x00, 0,    1,
    0,    0,    0x81, 202,  0,    2,    0x11, 0x22, 0x33, 0x44, 1,    1,    'z',  0,
};

static int read_guarded(const uint8_t *data, size_t len, uint32_t ssrc, struct rtcp_block *b)
{
    char *copy = guard_copy(data, len);
    int err = rtcp_read_block((const uint8_t *)copy, len, ssrc, b);

    guard_free(copy, len);
    return err;
}

static void test_reads(void **state)
{
    struct rtcp_block b;
    uint8_t other[sizeof(report)];

    (void)state;
    assert_int_equal(read_guarded(report, sizeof(report), 0x0BEBC201u, &b), 0);
    assert_int_equal(b.reporter, 0x11223344);
    assert_int_equal(b.fraction_lost, 64);
    assert_int_equal(b.lost, -2);
    assert_int_equal(b.highest_seq, 0x10010);
    assert_int_equal(b.jitter, 300);
    assert_int_equal(b.last_sr, 0xB2D48000u);
    assert_int_equal(b.delay, 65536);
    assert_int_equal(read_guarded(report, sizeof(report), 1, &b), -ENOENT);
    for (size_t n = 0; n < sizeof(report); n++) /* truncated anywhere: only complete packets count */
        assert_int_equal(read_guarded(report, n, 0x0BEBC201u, &b), n == 32 ? 0 : -EBADMSG);
    memcpy(other, report, sizeof(report));
    other[0] = 0x82; /* announces a second block that is missing */
    assert_int_equal(read_guarded(other, sizeof(other), 0x0BEBC201u, &b), -EBADMSG);
    other[0] = 0x41; /* version 1 */
    assert_int_equal(read_guarded(other, sizeof(other), 0x0BEBC201u, &b), -EBADMSG);
    memcpy(other, report, sizeof(report));
    other[1] = 96; /* RTP */
    assert_int_equal(read_guarded(other, sizeof(other), 0x0BEBC201u, &b), -EBADMSG);
    memcpy(other, report, sizeof(report));
    other[3] = 0xFF;
    assert_int_equal(read_guarded(other, sizeof(other), 0x0BEBC201u, &b), -EBADMSG);
}

/* A receiver that also sends reports in its SR. */
static void test_reads_sender_reports(void **state)
{
    uint8_t sr[28 + 24] = { 0x81, 200, 0, 12, 1, 2, 3, 4 };
    struct rtcp_block b;

    (void)state;
    memcpy(sr + 28, report + 8, 24);
    assert_int_equal(read_guarded(sr, sizeof(sr), 0x0BEBC201u, &b), 0);
    assert_int_equal(b.reporter, 0x01020304);
    assert_int_equal(b.jitter, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_ntp_time),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_reads_sender_reports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
