/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shell/plan.h"

#define BYTES_MAX (2u * 1024u * 1024u)

static const struct ps_program program = { .video = GB_CODEC_H264 };
static uint8_t *memory;
static struct gb_segment seg[GB_UNIT_SEGMENTS_MAX];

static int setup(void **state)
{
    (void)state;
    memory = malloc(BYTES_MAX);
    assert_non_null(memory);
    for (size_t i = 0; i < BYTES_MAX; i++) {
        memory[i] = (uint8_t)(i * 2654435761u >> 11) | 2u;      /* no start code in it */
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

/* What plan_build made. */
#define K(p) (&(p)->packets[PLAN_PS])

static void set_unit(struct plan *p, bool key, unsigned nseg, size_t each)
{
    for (unsigned i = 0; i < nseg; i++) {
        seg[i] = (struct gb_segment){ memory + i * each, each };
    }
    p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = GB_CODEC_H264, .key = key, .seg = seg, .nseg = nseg };
}

static size_t copy_packet(const struct plan *p, unsigned i, uint8_t *out, size_t room)
{
    size_t n = 0;

    for (unsigned k = 1; k < K(p)->pkt[i].niov; k++) {
        const struct iovec *v = &K(p)->iov[K(p)->pkt[i].iov + k];
        assert_true(v->iov_len <= room - n);
        memcpy(out + n, v->iov_base, v->iov_len);
        n += v->iov_len;
    }
    return n;
}

/* The packets in order are the pack; none is too long, has too many slices or cuts a header of ours. */
static void verify(const struct plan *p)
{
    uint8_t *whole = malloc(p->pack.bytes), *cut = malloc(p->pack.bytes);
    size_t n = 0, m = 0;

    assert_non_null(whole);
    assert_non_null(cut);
    assert_true(K(p)->npkt > 0);
    for (unsigned i = 0; i < p->pack.nslices; i++) {
        memcpy(whole + n, p->pack.slice[i].data, p->pack.slice[i].len);
        n += p->pack.slice[i].len;
    }
    for (unsigned i = 0; i < K(p)->npkt; i++) {
        size_t len = copy_packet(p, i, cut + m, p->pack.bytes - m);
        assert_int_equal(len, K(p)->pkt[i].len);
        assert_in_range(len, 1, RTP_PAYLOAD_MAX);
        assert_in_range(K(p)->pkt[i].niov, 2, PLAN_PACKET_IOV_MAX);
        assert_ptr_equal(K(p)->msg[i].msg_hdr.msg_iov, &K(p)->iov[K(p)->pkt[i].iov]);
        assert_int_equal(K(p)->msg[i].msg_hdr.msg_iovlen, K(p)->pkt[i].niov);
        if (i > 0) {
            assert_int_equal(K(p)->pkt[i].iov, K(p)->pkt[i - 1].iov + K(p)->pkt[i - 1].niov);    /* one run for writev */
        }
        m += len;
        /* A PES header that begins in this packet ends in it. */
        for (size_t at = m - len; at < m; at++) {
            if (m - at < 9 && m - at >= 4 && cut[at] == 0 && cut[at + 1] == 0 && cut[at + 2] == 1) {
                fail_msg("packet %u ends in a header", i);
            }
        }
    }
    assert_int_equal(n, m);
    assert_int_equal(n, K(p)->payload);
    assert_memory_equal(whole, cut, n);
    free(whole);
    free(cut);
}

static void cuts_any_unit(void **state)
{
    static const struct { unsigned nseg; size_t each; } cases[] = {
        { 1, 1 }, { 1, 1325 }, { 1, 1326 }, { 1, 65400 }, { 1, 300000 }, { 1, 2000000 }, { 2, 700 }, { 10, 140 },
        { 256, 1 }, { 256, 5 }, { 256, 22 }, { 256, 1399 }, { 256, 1400 }, { 256, 8000 }, { 100, 3 },
    };
    struct plan *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_unit(p, i % 2 == 0, cases[i].nseg, cases[i].each);
        assert_int_equal(plan_build(p, &program, 90000, 90000), 0);
        verify(p);
        /* All headers up to the first PES are in the first packet. */
        assert_true(K(p)->iov[1].iov_base == p->pack.header);
    }
    for (size_t bytes = 65000; bytes < 66800; bytes += 7) {     /* every way a PES border meets a packet border */
        set_unit(p, false, 1, bytes);
        assert_int_equal(plan_build(p, &program, 90000, 90000), 0);
        verify(p);
    }
    plan_free(p);
}

static void headers(void **state)
{
    static const uint8_t rtp[] = { 0x80, 0xE0, 0x00, 0x00, 0x12, 0x34, 0x56, 0x78, 0x0B, 0xEB, 0xC2, 0x00 };
    const struct rtp_out out = { .ssrc = 200000000u, .ts = 0x12345678u, .seq = 0xFFFF, .pt = 96 };
    struct plan *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    set_unit(p, false, 1, 4000);
    assert_int_equal(plan_build(p, &program, 90000, 90000), 0);
    assert_int_equal(K(p)->npkt, 3);
    plan_headers(K(p), 1, 2, &out, 0);
    const struct iovec *last = &K(p)->iov[K(p)->pkt[2].iov];
    assert_int_equal(last->iov_len, 12);
    assert_memory_equal(last->iov_base, rtp, 12);       /* marker; the sequence wrapped */
    plan_headers(K(p), 0, 3, &out, 2);
    const struct iovec *first = &K(p)->iov[K(p)->pkt[0].iov];
    assert_int_equal(first->iov_len, 14);
    assert_int_equal(((uint8_t *)first->iov_base)[0] << 8 | ((uint8_t *)first->iov_base)[1], 12 + 1400);
    assert_int_equal(((uint8_t *)first->iov_base)[3], 0x60);
    plan_free(p);
}

static void keeps_its_memory(void **state)
{
    struct plan *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    set_unit(p, true, 1, 300000);
    assert_int_equal(plan_build(p, &program, 1, 1), 0);
    oom_fail_at(1);
    set_unit(p, true, 1, 310000);
    assert_int_equal(plan_build(p, &program, 1, 1), 0);         /* there is some slack */
    set_unit(p, false, 20, 14000);
    assert_int_equal(plan_build(p, &program, 1, 1), 0);
    set_unit(p, false, 1, 1000000);
    assert_int_equal(plan_build(p, &program, 1, 1), -ENOMEM);
    oom_off();
    assert_int_equal(plan_build(p, &program, 1, 1), 0);
    verify(p);
    p->unit.codec = GB_CODEC_H265;
    assert_int_equal(plan_build(p, &program, 1, 1), -EINVAL);
    plan_free(p);
    plan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_any_unit), cmocka_unit_test(headers), cmocka_unit_test(keeps_its_memory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
