/* SPDX-License-Identifier: MIT */
/*
 * What sending costs, as ratios measured in one run; tests/bench/bench.py runs it and prints them.
 *   bench_media ratios ROUNDS          JSON, medians over the rounds
 *   bench_media count UNITS VIEWERS mmsg|gso   sends into nothing and prints the packets, for an instruction counter
 * The stream is like a 1080p camera's: 4 Mbit/s, 25 units a second, a key unit of 85 KB every 50. The real stream and viewers
 * run; only the calls that send and allocate are counted, or go nowhere. "raw" is the same calls over finished packets.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#include "codec/rtp.h"
#include "shell/loop.h"
#include "shell/stream.h"
#include "shell/viewer.h"

/* Bytes of a key unit and of the others: 720p at 1, 1080p at 4, 4K at 12 Mbit/s with 25 units a second. */
enum { P720, P1080, P4K, PICTURES };
static const struct { size_t key, other; } picture[PICTURES] = { { 19000, 4505 }, { 85000, 18150 }, { 206000, 56470 } };
#define KEY_BYTES_MAX 206000u
#define GOP 50u
#define VIEWERS_MAX 100u
#define ROUNDS_MAX 99u
#define UNITS 1000u

static bool to_nowhere;
static uint64_t calls, bytes, allocations;

/* ---- what the linker puts before the C library's ------------------------------------------------------------ */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    allocations++;
    return __real_realloc(p, size);
}

int sendmmsg(int fd, struct mmsghdr *vec, unsigned n, int flags)
{
    calls++;
    return to_nowhere ? (int)n : (int)syscall(SYS_sendmmsg, fd, vec, n, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    ssize_t sum = 0;

    calls++;
    if (!to_nowhere) {
        return syscall(SYS_sendmsg, fd, msg, flags);
    }
    for (size_t i = 0; i < (size_t)msg->msg_iovlen; i++) {
        sum += (ssize_t)msg->msg_iov[i].iov_len;
    }
    return sum;
}

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

/* ---- a camera that always has the next unit -------------------------------------------------------------- */

struct camera {
    struct frame_source src;
    int fd;
    uint64_t next, end;
    struct gb_segment seg[8];
};

static uint8_t *key_unit, *other_unit;
static unsigned size = P1080;

/* Units between two keys are of 70 to 130 % of the mean. */
static size_t unit_bytes(uint64_t n)
{
    return n % GOP == 0 ? picture[size].key : picture[size].other * (70u + n * 37u % 61u) / 100u;
}

static int camera_fd(struct frame_source *src)
{
    return ((struct camera *)src)->fd;
}

static int camera_read(struct frame_source *src, struct gb_unit *u)
{
    struct camera *c = (struct camera *)src;
    struct gb_segment *seg = &c->seg[c->next % 8u];

    if (c->next >= c->end) {
        return -EAGAIN;
    }
    memset(u, 0, sizeof(*u));
    u->key = c->next % GOP == 0;
    seg->data = u->key ? key_unit : other_unit;
    seg->len = unit_bytes(c->next);
    bytes += seg->len;
    u->kind = GB_VIDEO;
    u->codec = GB_CODEC_H264;
    u->pts_us = u->dts_us = 1000000u + c->next * 40000u;
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
    .fd = camera_fd, .read = camera_read, .release = camera_release, .close = camera_close,
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

static uint8_t *make_unit(size_t len, bool key)
{
    static const uint8_t head[] = { 0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0xac, 0, 0, 0, 1, 0x68, 0xee, 0x3c, 0x80, 0, 0, 0, 1, 0x65 };
    uint8_t *p = malloc(len);

    if (!p) {
        die("malloc");
    }
    memset(p, 0x5a, len);
    if (key) {
        memcpy(p, head, sizeof(head));
    } else {
        memcpy(p, "\0\0\0\1\x41", 5);
    }
    return p;
}

/* ---- sockets ---------------------------------------------------------------------------------------------- */

enum way { WAY_MMSG, WAY_GSO, WAY_MSG, WAY_TCP, WAYS };
static struct sockaddr_in udp_to, tcp_to;

static int bound(int type, struct sockaddr_in *at)
{
    int fd = socket(AF_INET, type, 0);
    socklen_t len = sizeof(*at);

    memset(at, 0, sizeof(*at));
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) < 0 || getsockname(fd, (struct sockaddr *)at, &len) < 0) {
        die("receiver");
    }
    return fd;
}

/* UDP: never read, the kernel drops what does not fit, for us as for raw. TCP: another process reads. */
static pid_t receivers(int *udp)
{
    int fd = bound(SOCK_STREAM, &tcp_to), conn;
    pid_t pid = -1;

    *udp = bound(SOCK_DGRAM, &udp_to);
    if (listen(fd, 64) < 0 || (pid = fork()) < 0) {
        die("receiver");
    }
    if (pid > 0) {
        close(fd);
        return pid;
    }
    while ((conn = accept(fd, NULL, NULL)) >= 0) {
        while (recv(conn, NULL, 1u << 20, MSG_TRUNC) > 0) {
            continue;
        }
        close(conn);
    }
    _exit(0);
}

static int sender(enum way way)
{
    const struct sockaddr_in *to = way == WAY_TCP ? &tcp_to : &udp_to;
    int fd = socket(AF_INET, way == WAY_TCP ? SOCK_STREAM : SOCK_DGRAM, 0), big = 4 << 20, on = 1;

    if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0) {
        die("sender");
    }
    if (way == WAY_TCP) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return fd;
}

/* TCP: as much as the reader keeps up with, for us as for raw. */
static void let_drain(int fd, enum way way)
{
    int waiting = 0;

    while (way == WAY_TCP && ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 300000) {
        usleep(100);
    }
}

/* ---- what is measured --------------------------------------------------------------------------------------- */

struct run {
    uint64_t ns, packets, calls, allocations, payload, wire;
};

/* `units` units to `viewers` viewers. */
static struct run run_viewers(uint64_t units, unsigned viewers, enum way way, bool nowhere)
{
    static const enum viewer_send send[] = { [WAY_GSO] = VIEWER_SEND_GSO, [WAY_MSG] = VIEWER_SEND_MSG, [WAY_TCP] = 0 };
    static struct viewer *v[VIEWERS_MAX];
    struct board_channel channel = { .id = "34020000001310000001", .source = "", .audio = "", .fps = 25 };
    struct loop *loop = NULL;
    struct stream *stream;
    struct run r = { 0 };
    int first_fd = -1;

    memset(&camera, 0, sizeof(camera));
    camera.src.ops = &camera_ops;
    camera.src.live = true;
    camera.src.max_leased = 8;
    camera.fd = eventfd(1, EFD_NONBLOCK);
    if (camera.fd < 0 || loop_new(&loop) != 0) {
        die("loop");
    }
    struct stream_config sc = { .loop = loop, .ops = &board, .channel = &channel };
    if (stream_new(&sc, &stream) != 0) {
        die("stream");
    }
    for (unsigned i = 0; i < viewers; i++) {
        struct viewer_config vc = { .fd = sender(way), .tcp = way == WAY_TCP, .ssrc = i + 1, .payload_type = RTP_PT_PS,
                                    .pacing = VIEWER_PACING_OFF, .send = send[way] };
        first_fd = i == 0 ? vc.fd : first_fd;
        if (viewer_new(stream, &vc, &v[i]) != 0) {
            die("viewer");
        }
    }
    to_nowhere = nowhere;
    camera.end = GOP;
    while (camera.next < camera.end) {          /* warm, and every viewer past its first key unit */
        loop_turn(loop, 1000);
    }
    camera.end = camera.next + units;
    calls = bytes = allocations = 0;
    for (unsigned i = 0; i < viewers; i++) {
        r.packets -= viewer_stats(v[i])->packets;
        r.wire -= viewer_stats(v[i])->bytes;
    }
    uint64_t start = cpu_ns();
    while (camera.next < camera.end) {
        loop_turn(loop, 1000);
        let_drain(first_fd, way);
    }
    r.ns = cpu_ns() - start;
    r.calls = calls;
    r.allocations = allocations;
    r.payload = bytes;
    for (unsigned i = 0; i < viewers; i++) {
        r.packets += viewer_stats(v[i])->packets;
        r.wire += viewer_stats(v[i])->bytes;
        viewer_free(v[i]);
    }
    stream_free(stream);
    loop_free(loop);
    close(camera.fd);
    return r;
}

/* The floor: the same calls over as many packets of the same sizes, finished beforehand. */
static double run_raw(uint64_t units, enum way way)
{
    static uint8_t packet[RTP_HEADER + RTP_PAYLOAD_MAX];
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
    if (way == WAY_GSO && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)) < 0) {
        die("UDP_SEGMENT");
    }
    uint64_t start = cpu_ns();
    for (uint64_t u = 0; u < units; u++) {
        unsigned n = (unsigned)(unit_bytes(u) / RTP_PAYLOAD_MAX + 1u);
        for (unsigned at = 0; at < n;) {
            unsigned now = way == WAY_GSO && n - at > 46 ? 46 : way == WAY_MSG ? 1 : n - at;
            struct msghdr one = { .msg_iov = iov, .msg_iovlen = 2u * now };
            long rc = way == WAY_MMSG ? syscall(SYS_sendmmsg, fd, vec, now, 0) : syscall(SYS_sendmsg, fd, &one, 0);
            if (rc < 0 && errno != EAGAIN && errno != ENOBUFS) {
                die("raw send");
            }
            at += now;
        }
        sent += n;
        let_drain(fd, way);
    }
    uint64_t took = cpu_ns() - start;
    close(fd);
    return (double)took / (double)sent;
}

static double run_memcpy(uint64_t units)
{
    static uint8_t to[KEY_BYTES_MAX];
    uint64_t start = cpu_ns(), n = 0;

    for (uint64_t u = 0; u < units; u++) {
        bool key = u % GOP == 0;
        const uint8_t *from = key ? key_unit : other_unit;
        size_t len = unit_bytes(u);
        for (size_t at = 0; at < len; at += RTP_PAYLOAD_MAX) {
            memcpy(to + at, from + at, len - at < RTP_PAYLOAD_MAX ? len - at : RTP_PAYLOAD_MAX);
            __asm__ volatile("" : : "r"(to) : "memory");
            n++;
        }
    }
    return (double)(cpu_ns() - start) / (double)n;
}

/* ---- results ------------------------------------------------------------------------------------------------ */

static const char *const way_name[WAYS] = { "sendmmsg", "gso", "sendmsg", "tcp" };
static const unsigned crowd[] = { 1, 4, 16, 64 };
#define CROWDS (sizeof(crowd) / sizeof(crowd[0]))
enum { COPY, RAW, SENT = RAW + WAYS, CROWD = SENT + WAYS, KINDS = CROWD + CROWDS };
static double result[KINDS][ROUNDS_MAX];        /* ns a packet */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_ratio(int above, int below, unsigned rounds)
{
    double r[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++) {
        r[i] = result[above][i] / result[below][i];
    }
    qsort(r, rounds, sizeof(r[0]), compare);
    return r[rounds / 2];
}

static double median(int kind, unsigned rounds)
{
    double r[ROUNDS_MAX];

    memcpy(r, result[kind], sizeof(r));
    qsort(r, rounds, sizeof(r[0]), compare);
    return r[rounds / 2];
}

static int ratios(unsigned rounds)
{
    struct run last[WAYS] = { { 0 } };
    struct run many = { 0 };

    for (unsigned i = 0; i < rounds; i++) {
        result[COPY][i] = run_memcpy(UNITS);
        for (unsigned w = 0; w < WAYS; w++) {
            last[w] = run_viewers(UNITS, 1, (enum way)w, false);
            result[SENT + w][i] = (double)last[w].ns / (double)last[w].packets;
            result[RAW + w][i] = run_raw(UNITS, (enum way)w);
        }
        for (unsigned c = 0; c < CROWDS; c++) {
            many = run_viewers(UNITS, crowd[c], WAY_GSO, true);
            result[CROWD + c][i] = (double)many.ns / (double)many.packets;
        }
    }
    printf("{\"rounds\": %u, \"memcpy_ns_per_packet\": %.1f, \"pack_ns_per_packet\": %.1f, \"pack_to_memcpy\": %.3f,\n", rounds,
           median(COPY, rounds), median(CROWD, rounds), median_ratio(CROWD, COPY, rounds));
    for (unsigned w = 0; w < WAYS; w++) {
        printf("\"%s_ns_per_packet\": %.1f, \"raw_%s_ns_per_packet\": %.1f, \"%s_to_raw\": %.3f, \"%s_to_sendmsg\": %.3f,\n"
               "\"%s_calls_per_unit\": %.3f, \"%s_allocations_per_unit\": %.4f,\n", way_name[w], median(SENT + (int)w, rounds),
               way_name[w], median(RAW + (int)w, rounds), way_name[w], median_ratio(SENT + (int)w, RAW + (int)w, rounds),
               way_name[w], median_ratio(SENT + (int)w, SENT + WAY_MSG, rounds), way_name[w], (double)last[w].calls / UNITS,
               way_name[w], (double)last[w].allocations / UNITS);
    }
    for (unsigned c = 1; c < CROWDS; c++) {
        printf("\"packing_for_%u_viewers_to_1\": %.3f,\n", crowd[c], median_ratio(CROWD + (int)c, CROWD, rounds));
    }
    printf("\"allocations_per_unit_64_viewers\": %.4f,\n", (double)many.allocations / UNITS);
    for (size = P720; size < PICTURES; size++) {
        struct run r = run_viewers(UNITS, 1, WAY_MMSG, true);
        printf("\"rtp_overhead_percent_%s\": %.3f%s", size == P720 ? "720p" : size == P1080 ? "1080p" : "4k",
               100.0 * (double)(r.wire - r.payload) / (double)r.payload, size == P4K ? "}\n" : ", ");
    }
    return 0;
}

int main(int argc, char **argv)
{
    int udp, rc = 2;
    pid_t child = receivers(&udp);

    key_unit = make_unit(KEY_BYTES_MAX, true);
    other_unit = make_unit(KEY_BYTES_MAX, false);
    if (argc == 3 && strcmp(argv[1], "ratios") == 0) {
        unsigned long rounds = strtoul(argv[2], NULL, 10);
        rc = ratios(rounds < 1 ? 1u : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds);
    } else if (argc == 5 && strcmp(argv[1], "count") == 0) {
        unsigned long viewers = strtoul(argv[3], NULL, 10);
        struct run r = run_viewers(strtoul(argv[2], NULL, 10), viewers > VIEWERS_MAX ? VIEWERS_MAX : (unsigned)viewers,
                                   strcmp(argv[4], "gso") == 0 ? WAY_GSO : WAY_MMSG, true);
        printf("%llu\n", (unsigned long long)r.packets);
        rc = 0;
    } else {
        fputs("usage: bench_media ratios ROUNDS | count UNITS VIEWERS mmsg|gso\n", stderr);
    }
    kill(child, SIGTERM);
    free(key_unit);
    free(other_unit);
    close(udp);
    return rc;
}
