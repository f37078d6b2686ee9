/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/packetizer.h"
#include "ps_join.h"

#define PTS       90000u
#define BYTES_MAX (2u * 1024u * 1024u)

static const struct ps_program program = { .video = GB_CODEC_H264 };
static uint8_t *memory;
static struct gb_segment seg[GB_UNIT_SEGMENTS_MAX];

static int setup(void **state)
{
    (void)state;
    memory = malloc(BYTES_MAX);
    assert_non_null(memory);
    for (size_t i = 0; i < BYTES_MAX; i++)
        memory[i] = (uint8_t)(i * 2654435761u >> 11) | 2u; /* contains no start code */
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

/* The result of packetizer_build_ps. */
#define K(p) (&(p)->packets[PACKET_PS])

static void set_unit(struct packed_unit *p, bool key, unsigned nseg, size_t each)
{
    for (unsigned i = 0; i < nseg; i++)
        seg[i] = (struct gb_segment){ memory + i * each, each };
    p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = GB_CODEC_H264, .key = key, .seg = seg, .nseg = nseg };
}

/* The RTP payload of packet i. */
static size_t copy_packet(const struct packed_unit *p, unsigned i, uint8_t *out, size_t room)
{
    const struct msghdr *m = &K(p)->msg[i].msg_hdr;
    size_t before = RTP_HEADER + K(p)->framing_len, n = m->msg_iov[0].iov_len - before;

    assert_ptr_equal((const uint8_t *)m->msg_iov[0].iov_base + K(p)->framing_len, &K(p)->header[i].head);
    assert_true(n <= room);
    memcpy(out, (const uint8_t *)m->msg_iov[0].iov_base + before, n);
    for (size_t k = 1; k < (size_t)m->msg_iovlen; k++) {
        const struct iovec *v = &m->msg_iov[k];
        assert_true(v->iov_len > 0 && v->iov_len <= room - n);
        memcpy(out + n, v->iov_base, v->iov_len);
        n += v->iov_len;
    }
    return n;
}

/* The joined packets equal the pack; none is too long, has too many iovecs or splits a header. */
static void verify(const struct packed_unit *p)
{
    size_t room = 0, n = 0, m = 0;
    unsigned run = 0;

    for (unsigned i = 0; i < p->unit.nseg; i++)
        room += p->unit.seg[i].len;
    room = PS_JOIN_ROOM(room);
    uint8_t *whole = malloc(room), *cut = malloc(room);
    assert_non_null(whole);
    assert_non_null(cut);
    assert_int_equal(ps_join(whole, &n, &program, &p->unit, PTS, PTS), 0);
    assert_true(K(p)->npkt > 0);
    for (unsigned i = 0; i < K(p)->npkt; i++) {
        const struct msghdr *h = &K(p)->msg[i].msg_hdr;
        size_t len = copy_packet(p, i, cut + m, n - m);
        assert_int_equal(len, packets_len(K(p), i));
        assert_int_equal(len, packets_bytes(K(p), i, 1));
        assert_int_equal(m, packets_bytes(K(p), 0, i));
        assert_in_range(len, 1, RTP_PAYLOAD_MAX);
        assert_in_range(h->msg_iovlen, 2, PACKET_IOV_MAX);
        assert_int_equal(packets_iovs(K(p), i, 1), h->msg_iovlen); /* contiguous, for writev */
        if (K(p)->run[run] == i + 1)
            run++;
        else
            assert_int_equal(len, RTP_PAYLOAD_MAX);
        m += len;
        /* A PES header does not span packets. */
        for (size_t at = m - len; at < m; at++)
            if (m - at < 9 && m - at >= 4 && cut[at] == 0 && cut[at + 1] == 0 && cut[at + 2] == 1)
                fail_msg("packet %u ends in a header", i);
    }
    assert_int_equal(run, K(p)->nruns);
    assert_int_equal(n, m);
    assert_int_equal(n, packets_bytes(K(p), 0, K(p)->npkt));
    assert_memory_equal(whole, cut, n);
    free(whole);
    free(cut);
}

static void test_any_unit_is_split(void **state)
{
    static const struct {
        unsigned nseg;
        size_t each;
    } cases[] = {
        { 1, 1 },   { 1, 1325 }, { 1, 1326 }, { 1, 64400 },  { 1, 300000 }, { 1, 2000000 }, { 2, 700 }, { 10, 140 },
        { 256, 1 }, { 256, 5 },  { 256, 22 }, { 256, 1399 }, { 256, 1400 }, { 256, 8000 },  { 100, 3 },
    };
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_unit(p, i % 2 == 0, cases[i].nseg, cases[i].each);
        assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
        verify(p);
        /* All headers up to the first PES are in the first packet. */
        assert_ptr_equal(K(p)->iov[1].iov_base, p->head.data);
        assert_int_equal(K(p)->iov[1].iov_len, p->head.len);
    }
    for (size_t bytes = 63000; bytes < 66800;
         bytes += 7) { /* every offset between a PES boundary and a packet boundary */
        set_unit(p, false, 1, bytes);
        assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
        verify(p);
    }
    packed_unit_free(p);
}

/* Nothing of the previous unit remains. */
static void test_units_in_any_order(void **state)
{
    const struct rtp_out out = { .ssrc = 1, .ts = 2, .seq = 3, .pt = 96 };
    struct packed_unit *p = calloc(1, sizeof(*p));
    unsigned dice = 1;

    (void)state;
    assert_non_null(p);
    for (unsigned i = 0; i < 2000; i++) {
        dice = dice * 1103515245u + 12345u;
        unsigned nseg = dice >> 16 & 7u ? 1u + (dice >> 19 & 7u) / 6u : 1u + (dice >> 18 & 127u);
        set_unit(p, dice >> 28 == 0, nseg, 1u + (dice >> 8) % ((i % 3 ? 20000u : 200000u) / nseg));
        assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
        verify(p);
        /* Viewers with different framing share the packets. */
        packets_write_headers(K(p), 0, K(p)->npkt, &out, dice >> 12 & 1u ? 0 : dice >> 13 & 1u ? 2 : 4);
        verify(p);
        packets_write_headers(K(p), 0, K(p)->npkt, &out, dice >> 14 & 1u ? 2 : 0);
        verify(p);
    }
    packed_unit_free(p);
}

/* A full packet without headers is a single slice of the unit, so its cost does not depend on its size. */
static void test_full_packet_has_two_iovecs(void **state)
{
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    for (size_t bytes = 20000; bytes <= 320000; bytes *= 4) {
        set_unit(p, false, 1, bytes);
        assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
        assert_int_equal(K(p)->npkt,
                         (bytes + p->head.len + bytes / PS_PART * PS_PES_HEAD + RTP_PAYLOAD_MAX - 1) / RTP_PAYLOAD_MAX);
        assert_int_equal(packets_iovs(K(p), 0, K(p)->npkt), 2 * K(p)->npkt + 1);
        assert_int_equal(K(p)->nruns, 1);
    }
    packed_unit_free(p);
}

/* Limits of gbagent/board.h. */
static void test_refuses(void **state)
{
    const struct gb_segment one[] = { { memory, GB_UNIT_BYTES_MAX + 1u } },
                            two[] = { { memory, 6 }, { memory, SIZE_MAX } };
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    set_unit(p, true, 0, 0);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -EINVAL);
    set_unit(p, true, 3, 0);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -EINVAL);
    p->unit.seg = one;
    p->unit.nseg = 1;
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -E2BIG);
    p->unit.seg = two;
    p->unit.nseg = 2;
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -E2BIG);
    p->unit.nseg = GB_UNIT_SEGMENTS_MAX + 1u;
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -E2BIG);
    packed_unit_free(p);
}

static void test_headers(void **state)
{
    static const uint8_t rtp[] = { 0x80, 0xE0, 0x00, 0x00, 0x12, 0x34, 0x56, 0x78, 0x0B, 0xEB, 0xC2, 0x00 };
    const struct rtp_out out = { .ssrc = 200000000u, .ts = 0x12345678u, .seq = 0xFFFF, .pt = 96 };
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    set_unit(p, false, 1, 4000);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
    assert_int_equal(K(p)->npkt, 3);
    packets_write_headers(K(p), 1, 2, &out, 0);
    const struct iovec *last = &K(p)->msg[2].msg_hdr.msg_iov[0];
    assert_int_equal(last->iov_len, 12);
    assert_memory_equal(last->iov_base, rtp, 12); /* marker; sequence number wrapped */
    packets_write_headers(K(p), 0, 3, &out, 2);
    const struct iovec *first = &K(p)->msg[0].msg_hdr.msg_iov[0];
    assert_int_equal(first->iov_len, 14);
    assert_int_equal(((uint8_t *)first->iov_base)[0] << 8 | ((uint8_t *)first->iov_base)[1], 12 + 1400);
    assert_int_equal(((uint8_t *)first->iov_base)[3], 0x60);
    packed_unit_free(p);
}

static void test_keeps_its_memory(void **state)
{
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    set_unit(p, true, 1, 300000);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
    oom_fail_at(1);
    set_unit(p, true, 1, 310000);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0); /* fits in the spare capacity */
    set_unit(p, false, 20, 14000);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
    set_unit(p, false, 1, 1000000);
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -ENOMEM);
    oom_off();
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), 0);
    verify(p);
    p->unit.codec = GB_CODEC_H265;
    assert_int_equal(packetizer_build_ps(p, &program, PTS, PTS), -EINVAL);
    packed_unit_free(p);
    packed_unit_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_unit_is_split),
        cmocka_unit_test(test_units_in_any_order),
        cmocka_unit_test(test_full_packet_has_two_iovecs),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_keeps_its_memory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
