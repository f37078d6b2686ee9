/* SPDX-License-Identifier: MIT */
/* Shared by the tests of streams and viewers: a frame source fed by the test, a clock and socket calls under its
 * control, and a receiver that parses RTP and PS by the standards. Include it once per program. */
#ifndef TESTS_UNIT_MEDIA_SUPPORT_H
#define TESTS_UNIT_MEDIA_SUPPORT_H

#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "codec/rtp.h"
#include "media/stream.h"
#include "media/viewer.h"
#include "sys/loop.h"

void *__real_calloc(size_t n, size_t size); /* never fails on purpose */

/* ---- the clock -------------------------------------------------------------------------------------------- */

static uint64_t test_time_us = 1000 * UINT64_C(1000000); /* only the test advances it, whatever the load */
static bool real_time;                                   /* the kernel's clock instead */

int clock_gettime(clockid_t id, struct timespec *ts)
{
    if (real_time || id != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, id, ts);
    ts->tv_sec = (time_t)(test_time_us / 1000000u);
    ts->tv_nsec = (long)(test_time_us % 1000000u * 1000u);
    return 0;
}

/* ---- the socket calls ------------------------------------------------------------------------------------- */

#define SENDS_MAX 4096u

static struct {
    int fd;  /* the faults apply to it; -1: none */
    int err; /* != 0: the next `err_count` calls fail with it */
    unsigned err_count;
    unsigned err_after; /* calls that succeed before */
    unsigned take_max;  /* != 0: packets accepted per sendmmsg */
    unsigned budget;    /* packets until EAGAIN; UINT32_MAX: unlimited */
    size_t bytes_max;   /* != 0: bytes accepted per sendmsg */
} fault = { .fd = -1, .budget = UINT32_MAX };

static struct {
    int fd;
    unsigned npkt;
    const void *payload; /* first byte after the header of its first packet */
    uint64_t at_us;
} sends[SENDS_MAX];
static unsigned nsends;

static inline void fault_off(void)
{
    memset(&fault, 0, sizeof(fault));
    fault.fd = -1;
    fault.budget = UINT32_MAX;
}

static inline uint64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static inline bool fail_this(int fd)
{
    if (fd == fault.fd && fault.err && fault.err_after > 0) {
        fault.err_after--;
    } else if (fd == fault.fd && fault.err && fault.err_count > 0) {
        fault.err_count--;
        errno = fault.err;
        return true;
    }
    return false;
}

int sendmmsg(int fd, struct mmsghdr *vec, unsigned n, int flags)
{
    if (nsends < SENDS_MAX) {
        sends[nsends].fd = fd;
        sends[nsends].npkt = n;
        sends[nsends].payload = vec[0].msg_hdr.msg_iov[1].iov_base;
        sends[nsends++].at_us = now_us();
    }
    if (fail_this(fd))
        return -1;
    if (fd == fault.fd) {
        if (fault.budget == 0) {
            errno = EAGAIN;
            return -1;
        }
        n = fault.take_max && n > fault.take_max ? fault.take_max : n;
        n = n > fault.budget ? fault.budget : n;
        fault.budget -= fault.budget == UINT32_MAX ? 0 : n;
    }
    return (int)syscall(SYS_sendmmsg, fd, vec, n, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    if (nsends < SENDS_MAX) {
        sends[nsends].fd = fd;
        sends[nsends].npkt = 0;
        sends[nsends++].at_us = now_us();
    }
    if (fail_this(fd))
        return -1;
    if (fd == fault.fd && fault.bytes_max) {
        static uint8_t cut[1 << 20];
        size_t n = 0;
        for (size_t i = 0; i < (size_t)msg->msg_iovlen && n < fault.bytes_max; i++) {
            size_t k = msg->msg_iov[i].iov_len < fault.bytes_max - n ? msg->msg_iov[i].iov_len : fault.bytes_max - n;
            memcpy(cut + n, msg->msg_iov[i].iov_base, k);
            n += k;
        }
        return send(fd, cut, n, flags);
    }
    return syscall(SYS_sendmsg, fd, msg, flags);
}

/* ---- a frame source fed by the test ------------------------------------------------------------------------ */

#define FAKE_UNITS 4096u

struct fake_unit {
    uint8_t *data;
    size_t len;
    bool key;
    enum gb_codec codec;
    enum gb_kind kind;
    uint64_t pts_us;
    struct gb_segment seg;
    unsigned nseg; /* != 0: number of segments, filled up with empty ones */
    uint32_t lost;
    bool leased;
};

struct fake_source {
    struct frame_source base;
    int fd;
};

/* The tests' board: one camera. */
static struct {
    bool live;
    unsigned max_leased;
    enum gb_codec audio; /* announced by its sources */
    int open_err;        /* stream_open fails with it */
    int read_err;        /* read returns it once the queue is empty */
    unsigned opens, closes, reads, releases, idrs, leased, leased_peak;
    struct fake_unit unit[FAKE_UNITS];
    unsigned head, tail;
    struct fake_source *src;
} cam;

static inline void cam_reset(bool live, unsigned max_leased)
{
    for (unsigned i = 0; i < cam.tail; i++)
        free(cam.unit[i].data);
    memset(&cam, 0, sizeof(cam));
    cam.live = live;
    cam.max_leased = max_leased;
    fault_off();
    nsends = 0;
}

static inline void cam_ring(void)
{
    uint64_t one = 1;

    if (cam.src)
        assert_int_equal(write(cam.src->fd, &one, sizeof(one)), sizeof(one));
}

/* Begins with the number of the unit; contains no start code. */
static inline uint8_t payload_byte(unsigned unit, size_t i)
{
    return i < 3 ? (uint8_t)(0x80u | unit >> 7 * i) : (uint8_t)(unit * 37u + i * 11u + (i >> 8) * 7u) | 2u;
}

/* A picture of len bytes; returns its number. */
static inline unsigned cam_push_at(bool key, size_t len, uint64_t pts_us)
{
    struct fake_unit *u = &cam.unit[cam.tail];

    assert_true(cam.tail < FAKE_UNITS);
    *u = (struct fake_unit){ .data = malloc(len), .len = len, .key = key, .codec = GB_CODEC_H264, .pts_us = pts_us };
    assert_non_null(u->data);
    for (size_t i = 0; i < len; i++)
        u->data[i] = payload_byte(cam.tail, i);
    cam_ring();
    return cam.tail++;
}

static inline unsigned cam_push(bool key, size_t len)
{
    uint64_t last = cam.tail ? cam.unit[cam.tail - 1].pts_us : 5000000;

    return cam_push_at(key, len, last + 40000);
}

static inline int fake_fd(struct frame_source *src)
{
    return ((struct fake_source *)src)->fd;
}

static inline int fake_read(struct frame_source *src, struct gb_unit *unit)
{
    uint64_t n;

    cam.reads++;
    (void)!read(((struct fake_source *)src)->fd, &n, sizeof(n));
    if (cam.head == cam.tail)
        return cam.read_err ? cam.read_err : -EAGAIN;
    assert_true(cam.leased < cam.max_leased);
    struct fake_unit *u = &cam.unit[cam.head++];
    static struct gb_segment many[GB_UNIT_SEGMENTS_MAX + 1];
    u->seg = many[0] = (struct gb_segment){ u->data, u->len };
    u->leased = true;
    cam.leased++;
    cam.leased_peak = cam.leased > cam.leased_peak ? cam.leased : cam.leased_peak;
    *unit = (struct gb_unit){ .kind = u->kind,
                              .codec = u->codec,
                              .key = u->key,
                              .pts_us = u->pts_us,
                              .dts_us = u->pts_us,
                              .seg = u->nseg ? many : &u->seg,
                              .nseg = u->nseg ? u->nseg : 1,
                              .lost = u->lost,
                              .cookie = u };
    return 0;
}

static inline void fake_release(struct frame_source *src, const struct gb_unit *unit)
{
    struct fake_unit *u = unit->cookie;

    (void)src;
    assert_true(u->leased);
    u->leased = false;
    cam.leased--;
    cam.releases++;
}

static inline int fake_idr(struct frame_source *src)
{
    (void)src;
    cam.idrs++;
    return 0;
}

static inline void fake_close(struct frame_source *src)
{
    struct fake_source *f = (struct fake_source *)src;

    assert_int_equal(cam.leased, 0);
    cam.closes++;
    cam.src = NULL;
    close(f->fd);
    free(f);
}

static const struct frame_source_ops fake_ops = {
    .fd = fake_fd,
    .read = fake_read,
    .release = fake_release,
    .request_idr = fake_idr,
    .close = fake_close,
};

static inline int fake_stream_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    (void)b;
    assert_string_equal(ch->id, "34020000001310000001");
    if (cam.open_err)
        return cam.open_err;
    struct fake_source *f = calloc(1, sizeof(*f));
    if (!f)
        return -ENOMEM;
    f->base = (struct frame_source){ &fake_ops, cam.live, cam.max_leased, cam.audio };
    f->fd = eventfd(cam.tail - cam.head, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE);
    cam.opens++;
    cam.src = f;
    *out = &f->base;
    return 0;
}

static const struct board_ops fake_board = { .name = "fake", .stream_open = fake_stream_open };

/* ---- the loop, the stream ----------------------------------------------------------------------------------- */

static struct loop *loop;
static struct stream *stream;
static enum stream_state states[64];
static unsigned nstates;
static unsigned picture_timeout_s; /* of streams created later; 0: off */

static inline void note_state(void *arg, struct stream *s, enum stream_state state)
{
    (void)arg;
    (void)s;
    states[nstates++ % 64] = state;
}

static inline int make_stream(void)
{
    static const struct board_channel ch = { .id = "34020000001310000001", .source = "", .audio = "", .fps = 25 };
    struct stream_config cfg = {
        .loop = loop, .ops = &fake_board, .channel = &ch, .on_state = note_state, .picture_timeout_s = picture_timeout_s
    };

    nstates = 0;
    stream = NULL;
    return stream_new(&cfg, &stream);
}

static inline void begin(bool live, unsigned max_leased)
{
    cam_reset(live, max_leased);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(make_stream(), 0);
}

static inline void end(void)
{
    stream_free(stream);
    loop_free(loop);
    cam_reset(true, 1);
}

/* Handles everything that is pending. */
static inline void turn(unsigned n)
{
    while (n-- > 0)
        assert_int_equal(loop_turn(loop, 0), 0);
}

static inline void pass_us(uint64_t us)
{
    test_time_us += us;
    turn(3);
}

/* ---- receivers ------------------------------------------------------------------------------------------------ */

struct rx {
    int fd; /* ours */
    struct viewer *v;
    enum viewer_end why;
    unsigned ended;
    uint8_t buf[1 << 24];   /* RTP packets as 4-byte length + bytes */
    size_t len, seen, wire; /* collected; parsed so far; unparsed TCP bytes */
    uint8_t raw[1 << 21];
    bool any;
    uint16_t seq;
    uint32_t ts;
    bool marked;         /* the last packet had the marker */
    uint8_t ps[1 << 24]; /* of the unit being collected */
    size_t ps_len;
    unsigned packets, units, cut; /* complete units; units that end without the marker */
    unsigned order[FAKE_UNITS];   /* numbers of the received units */
    uint32_t unit_ts[FAKE_UNITS];
};

static inline void on_viewer_end(void *arg, struct viewer *v, enum viewer_end why)
{
    struct rx *rx = arg;

    assert_ptr_equal(v, rx->v);
    rx->why = why;
    rx->ended++;
}

static inline struct viewer_config viewer_cfg(struct rx *rx, int fd, bool tcp)
{
    return (struct viewer_config){ .fd = fd,
                                   .tcp = tcp,
                                   .ssrc = 0x0BEBC1FFu,
                                   .payload_type = 96,
                                   .first_seq = 65500,
                                   .first_timestamp = 0xFFFFF000u,
                                   .on_end = on_viewer_end,
                                   .arg = rx };
}

static inline struct rx *rx_udp(int *sender)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct rx *rx = __real_calloc(1, sizeof(*rx));
    socklen_t n = sizeof(a);
    int big = 8 << 20;

    assert_non_null(rx);
    rx->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    *sender = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    (void)setsockopt(rx->fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
    (void)setsockopt(rx->fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof(big));
    assert_int_equal(bind(rx->fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(getsockname(rx->fd, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(connect(*sender, (struct sockaddr *)&a, sizeof(a)), 0);
    n = sizeof(a);
    assert_int_equal(getsockname(*sender, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(connect(rx->fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return rx;
}

static inline struct rx *rx_tcp(int *sender, int buffers)
{
    struct rx *rx = __real_calloc(1, sizeof(*rx));
    int sv[2];

    assert_non_null(rx);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv), 0);
    if (buffers)
        assert_int_equal(setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &buffers, sizeof(buffers)), 0);
    *sender = sv[0];
    rx->fd = sv[1];
    return rx;
}

static inline struct rx *watch(bool tcp, enum viewer_pacing pacing, int tcp_buffers)
{
    int fd;
    struct rx *rx = tcp ? rx_tcp(&fd, tcp_buffers) : rx_udp(&fd);
    struct viewer_config cfg = viewer_cfg(rx, fd, tcp);

    cfg.pacing = pacing;
    assert_int_equal(stream_add_viewer(stream, &cfg, &rx->v), 0);
    return rx;
}

static inline void unwatch(struct rx *rx)
{
    stream_remove_viewer(stream, rx->v);
    close(rx->fd);
    free(rx);
}

static inline void take_packet(struct rx *rx, const uint8_t *p, size_t n)
{
    assert_true(rx->len + 4 + n <= sizeof(rx->buf));
    memcpy(rx->buf + rx->len, &(uint32_t){ (uint32_t)n }, 4);
    memcpy(rx->buf + rx->len + 4, p, n);
    rx->len += 4 + n;
}

static inline void collect_udp(struct rx *rx)
{
    uint8_t p[2048];
    ssize_t n;

    while ((n = recv(rx->fd, p, sizeof(p), 0)) > 0)
        take_packet(rx, p, (size_t)n);
}

/* Reads at most `limit` bytes. */
static inline size_t collect_tcp(struct rx *rx, size_t limit)
{
    size_t got = 0, at = 0;
    ssize_t n;

    while (got < limit) {
        size_t room = sizeof(rx->raw) - rx->wire < limit - got ? sizeof(rx->raw) - rx->wire : limit - got;
        n = recv(rx->fd, rx->raw + rx->wire, room, 0);
        if (n <= 0)
            break;
        rx->wire += (size_t)n;
        got += (size_t)n;
        for (at = 0; rx->wire - at >= 2;) {
            size_t len = (size_t)rx->raw[at] << 8 | rx->raw[at + 1];
            assert_in_range(len, RTP_HEADER + 1, RTP_HEADER + RTP_PAYLOAD_MAX); /* else the framing is out of sync */
            if (rx->wire - at < 2 + len)
                break;
            take_packet(rx, rx->raw + at + 2, len);
            at += 2 + len;
        }
        memmove(rx->raw, rx->raw + at, rx->wire - at);
        rx->wire -= at;
    }
    return got;
}

/* The last PSM, and the number of them. */
static struct {
    uint8_t data[64];
    size_t len;
    unsigned count;
} last_map;

/* Parses one pack (ISO 13818-1) and finds the unit in it. */
static inline unsigned unit_of_pack(const uint8_t *ps, size_t len)
{
    static uint8_t es[1 << 24];
    static const uint8_t pack_start[] = { 0, 0, 1, 0xBA };
    size_t at = 14, n = 0;
    bool map = false;

    assert_true(len > 14);
    assert_memory_equal(ps, pack_start, 4);
    while (at < len) {
        assert_true(len - at > 6);
        assert_int_equal(ps[at] | ps[at + 1], 0);
        assert_int_equal(ps[at + 2], 1);
        size_t plen = (size_t)ps[at + 4] << 8 | ps[at + 5];
        assert_true(plen > 0 && plen <= len - at - 6);
        if (ps[at + 3] == 0xE0 || ps[at + 3] == 0xC0) {
            size_t skip = 3u + ps[at + 8];
            memcpy(es + n, ps + at + 6 + skip, plen - skip);
            n += plen - skip;
        } else {
            assert_true(ps[at + 3] == 0xBB || ps[at + 3] == 0xBC);
            map = true;
            if (ps[at + 3] == 0xBC) {
                last_map.len = 6 + plen;
                assert_true(last_map.len <= sizeof(last_map.data));
                memcpy(last_map.data, ps + at, last_map.len);
                last_map.count++;
            }
        }
        at += 6 + plen;
    }
    for (unsigned i = 0; i < cam.tail; i++) {
        if (cam.unit[i].len == n && memcmp(cam.unit[i].data, es, n) == 0) {
            assert_int_equal(map, cam.unit[i].key);
            return i;
        }
    }
    fail_msg("a unit of %zu bytes was never sent", n);
    return 0;
}

/* Checks what every receiver may rely on: version, type, SSRC, sequence numbers without gaps, one timestamp per unit,
 * the marker on its last packet, payloads of at most 1400 bytes; and that each complete unit equals one of the
 * camera's. */
static inline void take_apart(struct rx *rx)
{
    while (rx->seen < rx->len) {
        uint32_t n;
        memcpy(&n, rx->buf + rx->seen, 4);
        const uint8_t *p = rx->buf + rx->seen + 4;
        rx->seen += 4 + n;
        assert_in_range(n, RTP_HEADER + 1, RTP_HEADER + RTP_PAYLOAD_MAX);
        assert_int_equal(p[0], 0x80);
        assert_int_equal(p[1] & 0x7F, 96);
        uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
        uint32_t ts = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
        uint32_t ssrc = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11];
        assert_int_equal(ssrc, 0x0BEBC1FFu);
        assert_int_equal(seq, rx->any ? (uint16_t)(rx->seq + 1) : 65500);
        if (!rx->any) {
            assert_int_equal(ts, 0xFFFFF000u);
        } else if (rx->marked) {
            assert_int_not_equal(ts, rx->ts);
        } else if (ts != rx->ts) {
            rx->cut++;
            rx->ps_len = 0;
        }
        rx->any = true;
        rx->seq = seq;
        rx->ts = ts;
        rx->marked = (p[1] & 0x80) != 0;
        rx->packets++;
        memcpy(rx->ps + rx->ps_len, p + RTP_HEADER, n - RTP_HEADER);
        rx->ps_len += n - RTP_HEADER;
        if (rx->marked) {
            rx->unit_ts[rx->units] = ts;
            rx->order[rx->units++] = unit_of_pack(rx->ps, rx->ps_len);
            rx->ps_len = 0;
        }
    }
}

static inline void receive(struct rx *rx, bool tcp)
{
    if (tcp)
        (void)collect_tcp(rx, SIZE_MAX);
    else
        collect_udp(rx);
    take_apart(rx);
}

#endif
