/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "codec/rtp.h"
#include "media/stream.h"
#include "net/net_options.h"
#include "sys/loop.h"
#include "tests/bench/bench_counts.h"
#include "tests/bench/bench_file.h"

#define KEY_BYTES_MAX 206000u

const char *const rig_clip_name[CLIPS] = { "720p", "1080p", "4k", "720p_h265", "1080p_h265", "4k_h265" };
const char *const rig_way_name[WAYS] = { "sendmmsg", "gso", "sendmsg", "tcp" };

/* Bytes of key and other units. */
static const struct {
    size_t key, other;
    enum gb_codec codec;
} picture[CLIPS] = {
    { 19000, 4505, GB_CODEC_H264 }, { 85000, 18150, GB_CODEC_H264 }, { 206000, 56470, GB_CODEC_H264 },
    { 19000, 4505, GB_CODEC_H265 }, { 85000, 18150, GB_CODEC_H265 }, { 206000, 56470, GB_CODEC_H265 },
};

static uint64_t bytes; /* delivered by the camera */

static uint64_t cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_media: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- a camera that always has a unit -------------------------------------------------------------- */

struct camera {
    struct frame_source src;
    enum rig_clip clip;
    int fd;
    unsigned fps; /* 0: no clock */
    uint64_t due; /* units due by the clock */
    uint64_t next, end;
    struct gb_segment seg[8];
};

static uint8_t *made[2][2]; /* H.264, H.265; key, other */

/* Other units have 70 to 130 % of their mean size. */
static struct bench_unit unit_at(enum rig_clip clip, uint64_t n)
{
    struct bench_unit u = { .key = n % RIG_GOP == 0 };

    if (clip == CLIP_FILE)
        return bench_file.unit[n % bench_file.count];
    u.data = made[picture[clip].codec == GB_CODEC_H265][!u.key];
    u.len = u.key ? picture[clip].key : picture[clip].other * (70u + (unsigned)(n * 37u % 61u)) / 100u;
    return u;
}

static int camera_fd(struct frame_source *src)
{
    return ((struct camera *)src)->fd;
}

static int camera_read(struct frame_source *src, struct gb_unit *u)
{
    struct camera *c = (struct camera *)src;
    struct gb_segment *seg = &c->seg[c->next % 8u];
    struct bench_unit from;
    uint64_t ticks;

    if (c->fps && read(c->fd, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks))
        c->due += ticks;
    if (c->next >= c->end || (c->fps && c->next >= c->due))
        return -EAGAIN;
    memset(u, 0, sizeof(*u));
    from = unit_at(c->clip, c->next);
    u->key = from.key;
    seg->data = from.data;
    seg->len = from.len;
    bytes += seg->len;
    u->kind = GB_VIDEO;
    u->codec = c->clip == CLIP_FILE ? bench_file.codec : picture[c->clip].codec;
    u->pts_us = u->dts_us = 1000000u + c->next * (1000000u / (c->fps ? c->fps : 25u));
    u->seg = seg;
    u->nseg = 1;
    c->next++;
    return 0;
}

static void camera_release(struct frame_source *src, const struct gb_unit *u)
{
    (void)src;
    (void)u;
}

static void camera_close(struct frame_source *src)
{
    (void)src;
}

static const struct frame_source_ops camera_ops = {
    .fd = camera_fd,
    .read = camera_read,
    .release = camera_release,
    .close = camera_close,
};
static struct camera camera;

static int board_open(struct board *b, const struct board_channel *ch, struct frame_source **out)
{
    (void)b;
    (void)ch;
    *out = &camera.src;
    return 0;
}

static const struct board_ops board = { .name = "bench", .stream_open = board_open };

static void camera_init(const struct rig_run *run)
{
    memset(&camera, 0, sizeof(camera));
    camera.src.ops = &camera_ops;
    camera.src.live = true;
    camera.src.max_leased = 8;
    camera.clip = run->clip;
    camera.fd = run->fps ? timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) : eventfd(1, EFD_NONBLOCK);
    if (camera.fd < 0)
        die("camera");
}

static void camera_clock(unsigned fps)
{
    struct timespec each = { 0, (long)(1000000000u / fps) };
    struct itimerspec at = { each, each };

    camera.fps = fps;
    camera.due = camera.next;
    if (timerfd_settime(camera.fd, 0, &at, NULL) != 0)
        die("timer");
}

/* Parameter sets, then one slice without start codes in it. */
static uint8_t *make_unit(bool h265, bool key)
{
    static const uint8_t key_264[] = { 0, 0, 0,    1,    0x67, 0x64, 0, 0x28, 0xac, 0, 0,
                                       0, 1, 0x68, 0xee, 0x3c, 0x80, 0, 0,    0,    1, 0x65 };
    static const uint8_t key_265[] = {
        0, 0,    0,    1, 0x40, 1, 0x0c, 1,    0xff, 0xff, 0,    0, 0, 1, 0x42, 1,    1,
        1, 0x60, 0x77, 0, 0,    0, 1,    0x44, 1,    0xc1, 0x72, 0, 0, 0, 1,    0x26, 1
    };
    static const uint8_t other_264[] = { 0, 0, 0, 1, 0x41 }, other_265[] = { 0, 0, 0, 1, 2, 1 };
    const uint8_t *head = h265 ? key ? key_265 : other_265 : key ? key_264 : other_264;
    size_t n = h265 ? key ? sizeof(key_265) : sizeof(other_265) : key ? sizeof(key_264) : sizeof(other_264);
    uint8_t *p = malloc(KEY_BYTES_MAX);

    if (!p)
        die("malloc");
    memset(p, 0x5a, KEY_BYTES_MAX);
    memcpy(p, head, n);
    return p;
}

/* ---- sockets ---------------------------------------------------------------------------------------------- */

static struct sockaddr_in udp_to, tcp_to;
static int udp_fd;
static pid_t reader;

static int bound(int type, struct sockaddr_in *at)
{
    int fd = socket(AF_INET, type, 0);
    socklen_t len = sizeof(*at);

    memset(at, 0, sizeof(*at));
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) < 0 || getsockname(fd, (struct sockaddr *)at, &len) < 0)
        die("receiver");
    return fd;
}

/* UDP: not read, so that the kernel drops packets, as for raw. TCP: read by another process. */
void rig_start(void)
{
    int fd = bound(SOCK_STREAM, &tcp_to), conn;

    for (int i = 0; i < 4; i++)
        made[i / 2][i % 2] = make_unit(i / 2 == 1, i % 2 == 0);
    udp_fd = bound(SOCK_DGRAM, &udp_to);
    if (listen(fd, 64) < 0 || (reader = fork()) < 0)
        die("receiver");
    if (reader > 0) {
        close(fd);
        return;
    }
    while ((conn = accept(fd, NULL, NULL)) >= 0) {
        while (recv(conn, NULL, 1u << 20, MSG_TRUNC) > 0)
            continue;
        close(conn);
    }
    _exit(0);
}

void rig_stop(void)
{
    kill(reader, SIGTERM);
    close(udp_fd);
    for (int i = 0; i < 4; i++)
        free(made[i / 2][i % 2]);
    bench_file_free();
}

static int sender(enum rig_way way)
{
    const struct sockaddr_in *to = way == WAY_TCP ? &tcp_to : &udp_to;
    int fd = socket(AF_INET, way == WAY_TCP ? SOCK_STREAM : SOCK_DGRAM, 0), big = 4 << 20, on = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
        die("sender");
    if (way == WAY_TCP) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return fd;
}

/* TCP: limited by the reader, as for raw. */
static void let_drain(int fd, enum rig_way way)
{
    int waiting = 0;

    while (way == WAY_TCP && ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 300000)
        usleep(100);
}

/* ---- measurements ------------------------------------------------------------------------------------------- */

static void add_stats(struct rig_result *r, struct viewer *v, bool minus)
{
    const struct viewer_stats *st = viewer_stats(v);

    r->packets += minus ? 0 - st->packets : st->packets;
    r->wire += minus ? 0 - st->bytes : st->bytes;
}

static void run_loop(struct loop *loop, const struct rig_run *run, int first_fd, struct rig_result *r)
{
    uint64_t turns = loop_wakeups(loop), start = cpu_ns(), payload, until;

    while (camera.next < camera.end) {
        loop_turn(loop, 1000000);
        let_drain(first_fd, run->way);
    }
    payload = bytes;
    for (until = loop_now_us(loop) + 100000u;
         run->fps && loop_now_us(loop) < until;) { /* the bursts of the last unit */
        loop_turn(loop, 20000);
        turns++;
    }
    r->ns = cpu_ns() - start;
    r->wakeups = loop_wakeups(loop) - turns;
    r->calls = bench_counts.calls;
    r->most_packets = bench_counts.most_packets;
    r->allocations = bench_counts.allocations;
    r->payload = payload;
}

struct rig_result rig_viewers(const struct rig_run *run)
{
    static const enum viewer_send send[] = { [WAY_MMSG] = VIEWER_SEND_MMSG,
                                             [WAY_GSO] = VIEWER_SEND_GSO,
                                             [WAY_MSG] = VIEWER_SEND_MSG,
                                             [WAY_TCP] = VIEWER_SEND_MMSG };
    static struct viewer *v[RIG_VIEWERS_MAX];
    struct board_channel channel = { .id = "34020000001310000001", .source = "", .audio = "", .fps = 25 };
    struct loop *loop = NULL;
    struct stream *stream;
    struct rig_result r = { 0 };
    int first_fd = -1;

    camera_init(run);
    if (loop_new(&loop) != 0)
        die("loop");
    struct stream_config sc = { .loop = loop, .ops = &board, .channel = &channel, .picture_timeout_s = 10 };
    if (stream_new(&sc, &stream) != 0)
        die("stream");
    for (unsigned i = 0; i < run->viewers; i++) {
        struct viewer_config vc = { .fd = sender(run->way),
                                    .tcp = run->way == WAY_TCP,
                                    .ssrc = i + 1,
                                    .payload_type = RTP_PT_PS,
                                    .pacing = run->fps ? VIEWER_PACING_LOOP : VIEWER_PACING_OFF,
                                    .send = send[run->way] };
        first_fd = i == 0 ? vc.fd : first_fd;
        if (stream_add_viewer(stream, &vc, &v[i]) != 0)
            die("viewer");
    }
    bench_counts.nowhere = run->nowhere;
    camera.end = RIG_GOP;
    if (run->fps)
        camera_clock(1000);
    while (camera.next < camera.end) /* warm-up, until every viewer has had a key unit */
        loop_turn(loop, 1000000);
    if (run->fps)
        camera_clock(run->fps);
    camera.end = camera.next + run->units;
    bench_counts = (struct bench_counts){ .nowhere = run->nowhere, .bursts = run->fps > 0 };
    bytes = 0;
    for (unsigned i = 0; i < run->viewers; i++)
        add_stats(&r, v[i], true);
    run_loop(loop, run, first_fd, &r);
    for (unsigned i = 0; i < run->viewers; i++) {
        add_stats(&r, v[i], false);
        stream_remove_viewer(stream, v[i]);
    }
    stream_free(stream);
    loop_free(loop);
    close(camera.fd);
    return r;
}

static long raw_send(int fd, enum rig_way way, struct mmsghdr *vec, struct iovec *iov, unsigned n,
                     const uint8_t *packet)
{
    struct msghdr one = { .msg_iov = iov, .msg_iovlen = (size_t)2u * n };

    if (way == WAY_MMSG)
        return syscall(SYS_sendmmsg, fd, vec, n, 0);
    if (way == WAY_MSG)
        return syscall(SYS_sendto, fd, packet, PACKET_MAX, 0, NULL, 0);
    return syscall(SYS_sendmsg, fd, &one, 0);
}

double rig_raw(enum rig_clip clip, uint64_t units, enum rig_way way)
{
    static uint8_t packet[PACKET_MAX];
    static struct mmsghdr vec[256];
    static struct iovec iov[512];
    int fd = sender(way), segment = sizeof(packet);
    uint64_t sent = 0;

    for (unsigned i = 0; i < 256; i++) {
        iov[2 * i] = (struct iovec){ packet, RTP_HEADER };
        iov[2 * i + 1] = (struct iovec){ packet + RTP_HEADER, RTP_PAYLOAD_MAX };
        vec[i].msg_hdr.msg_iov = &iov[2 * i];
        vec[i].msg_hdr.msg_iovlen = 2;
    }
    if (way == WAY_GSO && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)) < 0)
        die("UDP_SEGMENT");
    uint64_t start = cpu_ns();
    for (uint64_t u = 0; u < units; u++) {
        unsigned n = (unsigned)(unit_at(clip, u).len / RTP_PAYLOAD_MAX + 1u);
        for (unsigned at = 0; at < n;) {
            unsigned now = way == WAY_GSO && n - at > GSO_PACKETS ? GSO_PACKETS : way == WAY_MSG ? 1 : n - at;
            if (raw_send(fd, way, vec, iov, now, packet) < 0 && errno != EAGAIN && errno != ENOBUFS)
                die("raw send");
            at += now;
        }
        sent += n;
        let_drain(fd, way);
    }
    uint64_t took = cpu_ns() - start;
    close(fd);
    return (double)took / (double)sent;
}

double rig_memcpy(enum rig_clip clip, uint64_t units)
{
    static uint8_t to[KEY_BYTES_MAX];
    uint64_t start = cpu_ns(), n = 0;

    for (uint64_t u = 0; u < units; u++) {
        struct bench_unit from = unit_at(clip, u);
        for (size_t at = 0; at < from.len; at += RTP_PAYLOAD_MAX) {
            memcpy(to + at, from.data + at, from.len - at < RTP_PAYLOAD_MAX ? from.len - at : RTP_PAYLOAD_MAX);
            __asm__ volatile("" : : "r"(to) : "memory");
            n++;
        }
    }
    return (double)(cpu_ns() - start) / (double)n;
}
