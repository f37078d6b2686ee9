/* SPDX-License-Identifier: MIT */
/* Timestamps over days, and with every fault of a source's clock. The expected values are computed from the capture
 * time by rational arithmetic. Only stream_clock is tested. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "media/packetizer.h"
#include "media/stream_clock.h"

#define S          UINT64_C(1000000)
#define DAY_S      86400u
#define LATENCY_US 7000u /* from capture until the loop reads the unit */
#define MASK33     ((UINT64_C(1) << 33) - 1)

static struct stream_clock clk;
static struct packed_unit *packed;
static uint64_t last_dts;
static uint32_t last_rtp;
static bool seen;

static int setup(void **state)
{
    (void)state;
    packed = calloc(1, sizeof(*packed));
    return packed ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(packed);
    return 0;
}

static void begin(bool live)
{
    memset(&clk, 0, sizeof(clk));
    stream_clock_open(&clk, live, false, 0);
    seen = false;
}

/* Always: video DTS rises, PTS is not earlier, and the RTP timestamp advances modulo 2^32. */
static void unit_at(enum gb_kind kind, uint64_t dts_us, uint64_t pts_us, uint64_t read_us)
{
    packed->unit.kind = kind;
    packed->unit.dts_us = dts_us;
    packed->unit.pts_us = pts_us;
    packed->read_us = read_us;
    stream_clock_stamp(&clk, packed);
    assert_true(packed->pts >= packed->dts);
    if (seen) {
        assert_in_range(packed->ts[PACKET_PS] - last_rtp, 1, 0x7fffffffu);
        if (kind == GB_VIDEO)
            assert_true(packed->dts > last_dts);
    }
    if (kind == GB_VIDEO)
        last_dts = packed->dts;
    last_rtp = packed->ts[PACKET_PS];
    seen = true;
}

static void video(uint64_t source_us, uint64_t read_us)
{
    unit_at(GB_VIDEO, source_us, source_us, read_us);
}

/* 90 kHz time of the n-th unit at num/den per second, rounded down at most twice: to microseconds and to ticks. */
static void assert_exact(uint64_t got, uint64_t begin_us, uint64_t n, uint64_t num, uint64_t den)
{
    uint64_t want = begin_us / 100 * 9 + n * 90000u * den / num;

    assert_in_range(got, want - 1, want);
}

/* One day of pictures at num/den per second and G.711 units of 20 ms, starting just before both clocks wrap. */
static void one_day(unsigned num, unsigned den)
{
    const uint64_t begin_us = (UINT64_C(1) << 33) / 9 * 100 - 100 * S; /* 100 s until the PTS wraps */
    uint64_t nv = 0, na = 0, wraps = 0, before = 0;

    begin(true);
    while (nv < (uint64_t)DAY_S * num / den) {
        uint64_t v = begin_us + nv * S * den / num, a = begin_us + na * 20000u;
        if (v <= a) {
            video(v, v + LATENCY_US);
            assert_exact(packed->pts, begin_us, nv++, num, den);
            assert_int_equal(packed->pts, packed->dts);
            wraps += (packed->pts & MASK33) < before;
            before = packed->pts & MASK33;
            assert_int_equal((uint32_t)packed->pts, packed->ts[PACKET_ES]);
        } else {
            unit_at(GB_AUDIO, a, a, a + LATENCY_US);
            assert_exact(packed->pts, begin_us, na++, 50, 1);
        }
        assert_in_range(packed->ts[PACKET_PS] - (uint32_t)packed->pts, 0, 2);
    }
    assert_int_equal(wraps, 1);
    assert_int_equal(clk.jumps, 0);
}

static void test_a_day_without_drift(void **state)
{
    (void)state;
    one_day(25, 1);
    one_day(30000, 1001);
    one_day(24000, 1001);
}

/* 400 days, one picture every 7 s; 14 wraps of 33 bits, 722 of 32. */
static void test_four_hundred_days(void **state)
{
    uint64_t wraps33 = 0, wraps32 = 0, last33 = 0;
    uint32_t last32 = 0;

    (void)state;
    begin(true);
    for (uint64_t t = 0; t < 400u * UINT64_C(86400); t += 7) {
        video(t * S, t * S + LATENCY_US);
        assert_int_equal(packed->pts, t * 90000u);
        wraps33 += (packed->pts & MASK33) < last33;
        last33 = packed->pts & MASK33;
        wraps32 += (uint32_t)packed->pts < last32;
        last32 = (uint32_t)packed->pts;
    }
    assert_int_equal(wraps33, 400u * UINT64_C(86400) * 90000u >> 33);
    assert_int_equal(wraps32, 400u * UINT64_C(86400) * 90000u >> 32);
    assert_int_equal(clk.jumps, 0);
}

/* The largest possible times do not overflow. */
static void test_extreme_times(void **state)
{
    (void)state;
    begin(true);
    video(UINT64_C(1) << 61, (UINT64_C(1) << 61) + LATENCY_US);
    assert_int_equal(packed->pts, (UINT64_C(1) << 61) / 100 * 9 + (UINT64_C(1) << 61) % 100 * 9 / 100);
    begin(true);
    video(UINT64_MAX, 5 * S);
    assert_int_equal(packed->pts, 450000);
    video(0, 5 * S + 1); /* modulo 2^64 one microsecond later, less than a tick */
    assert_int_equal(packed->pts, 450001);
    video(39999, 5 * S + 40000);
    assert_int_equal(packed->pts, 453600);
}

/* ---- faults ------------------------------------------------------------------------------------------------- */

/* Pictures at 25 per second from `from` to `to`, by the source's clock. Returns the largest step of DTS. */
static uint64_t run(uint64_t (*source)(uint64_t), uint64_t from, uint64_t to)
{
    uint64_t most = 0;

    for (uint64_t t = from; t < to; t += 40000) {
        uint64_t before = last_dts;
        bool first = !seen;
        video(source(t), t + LATENCY_US);
        most = !first && packed->dts - before > most ? packed->dts - before : most;
        /* The mapping for RTCP: the capture time, in RTP units, is the timestamp. */
        int64_t off = (int32_t)(packed->clock_ts - packed->ts[PACKET_PS]) + (int64_t)(t - packed->clock_us) * 9 / 100;
        assert_in_range(off + 90 * 8, 0, 90 * 8 + 1); /* at most the latency */
    }
    return most;
}

static uint64_t jump_at, jump_back_at;
static int64_t jump_by;

static uint64_t jumping(uint64_t t)
{
    return t >= jump_at && t < jump_back_at ? t + (uint64_t)jump_by : t;
}

static void one_jump(int64_t by_us)
{
    jump_by = by_us;
    jump_at = 120 * S;
    jump_back_at = UINT64_MAX;
    begin(true);
    assert_int_equal(run(jumping, 100 * S, 140 * S), 3600);
    assert_int_equal(clk.jumps, 1);
    assert_int_equal(packed->dts, (140 * S - 40000) / 100 * 9); /* still the true time */
    /* Forth and back: exactly the original clock. */
    jump_back_at = 130 * S;
    begin(true);
    assert_int_equal(run(jumping, 100 * S, 140 * S), 3600);
    assert_int_equal(clk.jumps, 2);
    assert_int_equal(clk.offset_us, 0);
}

static void test_jumps(void **state)
{
    static const int64_t by_s[] = { 2, 3600, -3600, -1, 315360000, -100, 4000000000 };

    (void)state;
    for (size_t i = 0; i < sizeof(by_s) / sizeof(by_s[0]); i++)
        one_jump(by_s[i] * 1000000);
    one_jump(-50000);
    one_jump(600000);
}

/* One hour with a jump every minute (an hour or ten years, in either direction): not a millisecond is lost. */
static uint64_t wild(uint64_t t)
{
    static const int64_t by_s[] = { 0, 3600, -3600, 315360000, -315360000, 5, -5 };

    return t + (uint64_t)(by_s[t / (60 * S) % 7] * 1000000);
}

static void test_a_jump_every_minute(void **state)
{
    (void)state;
    begin(true);
    assert_in_range(run(wild, 400000 * 7 * 60 * S, 400000 * 7 * 60 * S + 3600 * S), 3599, 3601);
    assert_int_equal(clk.jumps, 59);
    assert_in_range(packed->dts, packed->read_us / 100 * 9 - 1800, packed->read_us / 100 * 9);
}

static uint64_t standing(uint64_t t)
{
    return t >= 120 * S && t < jump_back_at ? 120 * S : t;
}

static uint64_t paused(uint64_t t)
{
    return t >= 120 * S ? t - 5 * S : t;
}

static void test_stands_still(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) { /* a few pictures, a while, forever */
        jump_back_at = i == 0 ? 121 * S : i == 1 ? 130 * S : UINT64_MAX;
        begin(true);
        assert_in_range(run(standing, 100 * S, 200 * S), 3600, 3601);
        assert_int_equal(clk.jumps, 1);
        assert_in_range(packed->dts, (200 * S - 40000) / 100 * 9 - 2, (200 * S - 40000) / 100 * 9 + 2);
    }
    /* The clock stopped while the source was suspended, and continues from there. */
    begin(true);
    assert_in_range(run(paused, 100 * S, 140 * S), 3600, 3601);
}

/* A clock with a resolution of 100 ms: no drift, no equal times. */
static uint64_t coarse(uint64_t t)
{
    return t / 100000 * 100000;
}

static void test_coarse_clock(void **state)
{
    (void)state;
    begin(true);
    for (uint64_t t = 100 * S; t < 3700 * S; t += 40000)
        video(coarse(t), t + LATENCY_US);
    assert_in_range(packed->dts, 3699 * S / 100 * 9, 3700 * S / 100 * 9);
}

/* Late reading, by the daemon or because of the network, is not a clock jump. */
static void test_late_reading(void **state)
{
    (void)state;
    begin(true);
    for (uint64_t n = 0; n < 1000; n++) {
        uint64_t t = 100 * S + n * 40000;
        video(t, n >= 300 && n < 400 ? 100 * S + 400 * 40000 : t + LATENCY_US);
        assert_int_equal(packed->dts, t / 100 * 9);
    }
    for (uint64_t n = 1250; n < 1500; n++) { /* ten seconds without units */
        video(100 * S + n * 40000, 100 * S + n * 40000 + LATENCY_US);
        assert_int_equal(packed->dts, (100 * S + n * 40000) / 100 * 9);
    }
    assert_int_equal(clk.jumps, 0);
}

/* ---- several kinds, reordering -------------------------------------------------------------------------------- */

static void test_audio_and_video_jump_together(void **state)
{
    uint64_t audio_first = 0, video_first = 0;

    (void)state;
    begin(true);
    for (uint64_t n = 0; n < 4000; n++) { /* alternating, one unit every 20 ms */
        uint64_t t = 100 * S + n * 20000, by = n >= 1000 && n < 2001 ? 3600 * S : 0;
        if (n & 1)
            unit_at(GB_AUDIO, t + by, t + by, t + LATENCY_US);
        else
            video(t + by, t + LATENCY_US);
        *(n & 1 ? &audio_first : &video_first) = packed->pts;
        if (n > 1)
            assert_int_equal(n & 1 ? audio_first - video_first : video_first - audio_first, 1800);
    }
    assert_int_equal(clk.jumps, 2);
    assert_int_equal(clk.offset_us, 0);
}

/* Decode order I P B B: presentation times step back, decode times do not, and no jump is detected. */
static void test_reordered_pictures(void **state)
{
    static const unsigned shown[] = { 1, 4, 2, 3 };

    (void)state;
    begin(true);
    for (uint64_t n = 0; n < 400; n++) {
        uint64_t dts = 100 * S + n * 40000, pts = 100 * S + (n / 4 * 4 + shown[n % 4]) * 40000;
        unit_at(GB_VIDEO, dts, pts, pts > dts ? pts : dts);
        assert_int_equal(packed->dts, dts / 100 * 9);
        assert_int_equal(packed->pts, pts / 100 * 9);
        assert_int_equal(packed->ts[PACKET_PS], (uint32_t)packed->dts);
        assert_int_equal(packed->ts[PACKET_ES], (uint32_t)packed->pts);
    }
    assert_int_equal(clk.jumps, 0);
    /* Not reordering: presentation before decoding, or a minute after. */
    unit_at(GB_VIDEO, 200 * S, 199 * S, 200 * S);
    assert_int_equal(packed->pts, packed->dts);
    unit_at(GB_VIDEO, 201 * S, 261 * S, 201 * S);
    assert_int_equal(packed->pts, packed->dts);
}

/* ---- reopened --------------------------------------------------------------------------------------------------- */

static void reopened(int64_t other_us, uint64_t away_us)
{
    uint64_t before;

    begin(true);
    jump_at = UINT64_MAX;
    (void)run(jumping, 100 * S, 110 * S);
    before = packed->dts;
    stream_clock_open(&clk, true, true, 0);
    jump_at = 0;
    jump_back_at = UINT64_MAX;
    jump_by = other_us;
    video(jumping(110 * S + away_us), 110 * S + away_us + LATENCY_US);
    assert_in_range(packed->dts - before, (away_us + 40000) / 100 * 9 - 1, (away_us + 40000) / 100 * 9 + 1);
    assert_int_equal(run(jumping, 110 * S + away_us + 40000, 130 * S + away_us), 3600);
    assert_int_equal(clk.jumps, 0); /* another clock, but no jump */
}

static void test_reopened_sources(void **state)
{
    (void)state;
    reopened(0, 4 * S);                   /* the same clock */
    reopened(-(int64_t)(114 * S), 4 * S); /* from zero */
    reopened(-(int64_t)(170 * S), 60 * S);
    reopened(1700000000 * (int64_t)S, 1 * S); /* UTC */
    /* Without viewers the clock is forgotten. */
    stream_clock_open(&clk, true, false, 0);
    seen = false;
    video(77, 500 * S);
    assert_int_equal(packed->dts, 6);
}

/* A recording is read as fast as it is sent, so its clock is unrelated to real time. */
static void test_recording(void **state)
{
    (void)state;
    begin(false);
    for (uint64_t n = 0; n < 3000; n++) {
        video(n * 40000 + 1, 100 * S + n);
        assert_int_equal(packed->dts, n * 3600);
    }
    video(3000 * 40000 + 9 * S, 100 * S + 3000); /* a gap is kept ... */
    assert_int_equal(packed->dts, 3000 * 3600 + 810000);
    video(3000 * 40000 + 3000 * S, 100 * S + 3001); /* ... but not hours without a recording */
    assert_in_range(packed->dts - (3000 * 3600 + 810000), 1, 18000);
    assert_int_equal(clk.jumps, 1);
}

/* Random numbers as times. */
static void test_no_clock(void **state)
{
    static const uint64_t ends[] = { 0,
                                     1,
                                     UINT64_C(1) << 62,
                                     (UINT64_C(1) << 63) - 1,
                                     UINT64_C(1) << 63,
                                     (UINT64_C(1) << 63) + 7,
                                     UINT64_MAX - 1,
                                     UINT64_MAX };
    uint64_t random = 88172645463325252u;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        begin(round % 2 == 0);
        for (uint64_t n = 0; n < 20; n++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            uint64_t us = random % 3 == 0 ? random : ends[random / 3 % 8], later_us = random >> 40 & 1 ? 40000 : 0;
            if (round % 4 < 2) {
                unit_at(GB_VIDEO, us, us + later_us, 1000 * S + n * 40000);
                continue;
            }
            /* Audio by yet another clock: only checks that the times are computed. */
            packed->unit.kind = random >> 60 > 9 ? GB_AUDIO : GB_VIDEO;
            packed->unit.dts_us = us;
            packed->unit.pts_us = us + later_us;
            stream_clock_stamp(&clk, packed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_day_without_drift),
        cmocka_unit_test(test_four_hundred_days),
        cmocka_unit_test(test_extreme_times),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_a_jump_every_minute),
        cmocka_unit_test(test_stands_still),
        cmocka_unit_test(test_coarse_clock),
        cmocka_unit_test(test_late_reading),
        cmocka_unit_test(test_audio_and_video_jump_together),
        cmocka_unit_test(test_reordered_pictures),
        cmocka_unit_test(test_reopened_sources),
        cmocka_unit_test(test_recording),
        cmocka_unit_test(test_no_clock),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
