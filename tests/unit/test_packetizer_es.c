/* SPDX-License-Identifier: MIT */
/* Elementary streams over RTP, reassembled by RFC 6184 5.8 and RFC 7798 4.4.3. */
#include "support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/packetizer.h"

#define NALS_MAX  300u
#define BYTES_MAX (4u * 1024u * 1024u)

static struct gb_segment seg[GB_UNIT_SEGMENTS_MAX];
static uint8_t *memory, *back; /* the unit; the output, each NAL unit preceded by 4 bytes of length */
static size_t used, nback;
static struct {
    size_t at, len;
} nal[NALS_MAX];
static unsigned nnals;
static enum gb_codec codec;

static int setup(void **state)
{
    (void)state;
    memory = malloc(BYTES_MAX);
    back = malloc(BYTES_MAX);
    assert_non_null(memory);
    assert_non_null(back);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    free(back);
    return 0;
}

static void begin(enum gb_codec c)
{
    codec = c;
    used = 0;
    nnals = 0;
}

/* `zeros` before 00 00 01; no emulation of start codes; the last byte is not zero. */
static void add_nal(unsigned zeros, unsigned type, size_t len)
{
    uint8_t *p = memory + used;

    memset(p, 0, zeros + 2);
    p[zeros + 2] = 1;
    p += zeros + 3;
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)(i * 2654435761u >> 13 ^ nnals) | 4u;
    if (codec == GB_CODEC_H265) {
        p[0] = (uint8_t)(type << 1 | 1u); /* nuh_layer_id 32: both header bytes must be preserved */
        p[1] = 0x01;
    } else {
        p[0] = (uint8_t)(0x60u | type);
    }
    nal[nnals].at = used + zeros + 3;
    nal[nnals++].len = len;
    used += zeros + 3 + len;
}

/* In `n` segments of about the same length, without splitting a start code. */
static void build(struct packed_unit *p, unsigned n)
{
    size_t at = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++) {
        size_t end = i + 1 == n ? used : used * (i + 1) / n;
        for (unsigned k = 0; k < nnals; k++)
            if (end < nal[k].at && end + 4 > nal[k].at - 3)
                end = nal[k].at;
        if (end > at) {
            seg[count++] = (struct gb_segment){ memory + at, end - at };
            at = end;
        }
    }
    p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = codec, .seg = seg, .nseg = count };
}

static void emit(const uint8_t *data, size_t len)
{
    memcpy(back + nback, data, len);
    nback += len;
}

/* One RTP payload. */
static void depacketize(const uint8_t *p, size_t len, bool *open, size_t *length_at)
{
    unsigned head = codec == GB_CODEC_H265 ? 2 : 1, fu = codec == GB_CODEC_H265 ? 49 : 28;
    unsigned type = codec == GB_CODEC_H265 ? p[0] >> 1 & 0x3Fu : p[0] & 0x1Fu;
    uint32_t n = (uint32_t)len;

    assert_true(len > head);
    if (type != fu) {
        assert_false(*open);
        emit((uint8_t *)&n, 4);
        emit(p, len);
        return;
    }
    unsigned flags = p[head];
    assert_true(len > head + 1u);
    assert_int_not_equal(flags & 0xC0, 0xC0); /* never both start and end */
    assert_int_equal((flags & 0x80) != 0, !*open);
    if (flags & 0x80) {
        uint8_t h[2] = { (uint8_t)((p[0] & 0xE0u) | (flags & 0x1Fu)), 0 };
        if (codec == GB_CODEC_H265) {
            h[0] = (uint8_t)((p[0] & 0x81u) | (flags & 0x3Fu) << 1);
            h[1] = p[1];
        }
        *length_at = nback;
        emit((uint8_t *)&n, 4);
        emit(h, head);
    }
    emit(p + head + 1, len - head - 1);
    *open = !(flags & 0x40);
    n = (uint32_t)(nback - *length_at - 4);
    memcpy(back + *length_at, &n, 4);
}

static void verify(const struct packed_unit *p)
{
    const struct packets *k = &p->packets[PACKET_ES];
    uint8_t payload[RTP_PAYLOAD_MAX];
    size_t length_at = 0, total = 0;
    bool open = false;
    unsigned run = 0;

    nback = 0;
    for (unsigned i = 0; i < k->npkt; i++) {
        const struct iovec *v = k->msg[i].msg_hdr.msg_iov;
        size_t niov = (size_t)k->msg[i].msg_hdr.msg_iovlen;
        size_t n = v[0].iov_len - RTP_HEADER; /* the FU header is in the packet header */
        assert_in_range(niov, 2, PACKET_IOV_MAX);
        memcpy(payload, (uint8_t *)v[0].iov_base + RTP_HEADER, n);
        for (size_t j = 1; j < niov; j++) {
            assert_true(n + v[j].iov_len <= sizeof(payload));
            assert_true(v[j].iov_len > 0);
            memcpy(payload + n, v[j].iov_base, v[j].iov_len);
            n += v[j].iov_len;
        }
        assert_int_equal(n, packets_len(k, i));
        assert_int_equal(total, packets_bytes(k, 0, i));
        assert_int_equal(packets_iovs(k, i, 1), niov);
        total += n;
        if (k->run[run] == i + 1)
            run++;
        else
            assert_int_equal(n, RTP_PAYLOAD_MAX); /* within a run all are full */
        depacketize(payload, n, &open, &length_at);
    }
    assert_false(open);
    assert_int_equal(run, k->nruns);
    assert_int_equal(total, packets_bytes(k, 0, k->npkt));
    size_t at = 0;
    for (unsigned i = 0; i < nnals; i++) {
        uint32_t n;
        memcpy(&n, back + at, 4);
        assert_int_equal(n, nal[i].len);
        assert_memory_equal(back + at + 4, memory + nal[i].at, n);
        at += 4 + n;
    }
    assert_int_equal(at, nback);
}

static void test_any_length(void **state)
{
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    for (unsigned c = 0; c < 2; c++) {
        for (size_t len = 3; len<6000; len += len> 1390 && len < 1410 ? 1 : len > 2780 && len < 2815 ? 1 : 113) {
            begin(c ? GB_CODEC_H265 : GB_CODEC_H264);
            add_nal(1, c ? 32 : 7, 20);
            add_nal(0, c ? 34 : 8, 3);
            add_nal(1, c ? 19 : 5, len);
            add_nal(0, c ? 19 : 5, len + 7);
            for (unsigned n = 1; n <= 7; n += 3) {
                build(p, n);
                assert_int_equal(packetizer_build_es(p), 0);
                verify(p);
            }
        }
    }
    packed_unit_free(p);
}

static void test_many_slices_and_segments(void **state)
{
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    for (unsigned n = 1; n <= GB_UNIT_SEGMENTS_MAX; n += 51) {
        begin(GB_CODEC_H264);
        add_nal(1, 9, 2);
        for (unsigned i = 0; i < 40; i++)
            add_nal(i % 2, 1, 700 + 97 * i);
        build(p, n);
        assert_int_equal(packetizer_build_es(p), 0);
        verify(p);
        begin(GB_CODEC_H265);
        add_nal(1, 1, 1000); /* a NAL unit that fits in a packet but has too many pieces */
        build(p, n);
        assert_int_equal(packetizer_build_es(p), 0);
        verify(p);
        begin(GB_CODEC_H264);
        add_nal(1, 5, 1500000);
        build(p, n);
        assert_int_equal(packetizer_build_es(p), 0);
        verify(p);
    }
    packed_unit_free(p);
}

/* Trailing zeros do not belong to a NAL unit, even when they fill whole segments; empty NAL units are skipped. */
static void test_trailing_zeros_and_empty_nal_units_are_left_out(void **state)
{
    static const uint8_t unit[] = { 0, 0, 0, 1, 0x67, 0x42, 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0x65, 0x88, 0, 0, 0, 0 };
    static const uint8_t sps[] = { 0x67, 0x42, 0x80 }, slice[] = { 0x65, 0x88 };
    struct gb_segment piece[] = { { unit, 8 }, { unit + 8, 2 }, { unit + 10, 9 }, { unit + 19, 0 }, { unit + 19, 3 } };
    struct packed_unit *p = calloc(1, sizeof(*p));
    const struct packets *k;

    (void)state;
    assert_non_null(p);
    p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = GB_CODEC_H264, .seg = piece, .nseg = 5 };
    assert_int_equal(packetizer_build_es(p), 0);
    k = &p->packets[PACKET_ES];
    assert_int_equal(k->npkt, 2);
    assert_int_equal(packets_len(k, 0), sizeof(sps));
    assert_memory_equal(k->iov[1].iov_base, sps, sizeof(sps));
    assert_int_equal(packets_len(k, 1), sizeof(slice));
    assert_memory_equal(k->msg[1].msg_hdr.msg_iov[1].iov_base, slice, sizeof(slice));
    packed_unit_free(p);
}

static void test_refuses(void **state)
{
    static const uint8_t none[] = { 1, 2, 3, 4, 5 }, empty[] = { 0, 0, 1, 0x65, 0, 0, 1 };
    struct gb_segment piece = { none, sizeof(none) };
    struct packed_unit *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = GB_CODEC_H264, .seg = &piece, .nseg = 1 };
    assert_int_equal(packetizer_build_es(p), -EINVAL);
    piece = (struct gb_segment){ empty, sizeof(empty) };
    assert_int_equal(packetizer_build_es(p), -EINVAL);
    p->unit.kind = GB_AUDIO;
    assert_int_equal(packetizer_build_es(p), -EINVAL);
    p->unit.kind = GB_VIDEO;
    p->unit.codec = GB_CODEC_AAC;
    assert_int_equal(packetizer_build_es(p), -EINVAL);
    p->unit.codec = GB_CODEC_H264;
    p->unit.nseg = 0;
    assert_int_equal(packetizer_build_es(p), -EINVAL);
    begin(GB_CODEC_H264);
    for (unsigned i = 0; i < PACKED_NALS_MAX + 1u; i++) {
        nnals = 0;
        add_nal(0, 1, 2);
    }
    build(p, 1);
    assert_int_equal(packetizer_build_es(p), -E2BIG);
    packed_unit_free(p);
}

static void test_every_allocation(void **state)
{
    (void)state;
    begin(GB_CODEC_H264);
    add_nal(1, 5, 5000);
    for (unsigned i = 1; i < 8; i++) {
        struct packed_unit *p = calloc(1, sizeof(*p));
        assert_non_null(p);
        build(p, 1);
        oom_fail_at(i);
        int err = packetizer_build_es(p);
        oom_off();
        assert_true(err == 0 || err == -ENOMEM);
        assert_int_equal(packetizer_build_es(p), 0);
        verify(p);
        packed_unit_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_length),
        cmocka_unit_test(test_many_slices_and_segments),
        cmocka_unit_test(test_trailing_zeros_and_empty_nal_units_are_left_out),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_every_allocation),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
