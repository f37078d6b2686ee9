/* SPDX-License-Identifier: MIT */
/*
 * What sending costs, as ratios measured in one run; tests/bench/bench.py runs it and prints them.
 *   bench_media ratios ROUNDS          JSON, medians over the rounds
 *   bench_media count UNITS VIEWERS    sends into nothing and prints the packets, for an instruction counter
 * The stream is like a 1080p camera's: 4 Mbit/s, 25 units a second, a key unit of 100 KB every 50. The real stream and
 * viewers run; only sendmmsg() is replaced, to go nowhere or to count. "raw" is the same sendmmsg calls over finished packets.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "codec/rtp.h"
#include "shell/loop.h"
#include "shell/stream.h"
#include "shell/viewer.h"

#define KEY_BYTES 100000u
#define OTHER_BYTES 18400u
#define GOP 50u
#define VIEWERS_MAX 100u
#define ROUNDS_MAX 99u
#define UNITS 1000u
#define COMMON_PACKETS 14u              /* of an ordinary unit, for the reference without any code of ours */

static bool to_nowhere;
static uint64_t calls, packets, bytes;

int sendmmsg(int fd, struct mmsghdr *vec, unsigned n, int flags)
{
    calls++;
    if (!to_nowhere) {
        int rc = (int)syscall(SYS_sendmmsg, fd, vec, n, flags);
        packets += rc > 0 ? (uint64_t)rc : 0;
        return rc;
    }
    for (unsigned i = 0; i < n; i++) {
        vec[i].msg_len = 1;
    }
    packets += n;
    return (int)n;
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
    seg->len = u->key ? KEY_BYTES : OTHER_BYTES;
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

static int receiver(struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t len = sizeof(*at);

    memset(at, 0, sizeof(*at));
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) < 0 || getsockname(fd, (struct sockaddr *)at, &len) < 0) {
        die("receiver");
    }
    return fd;                  /* never read: the kernel drops what does not fit, for us as for raw */
}

static int sender(const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0) {
        die("sender");
    }
    return fd;
}

/* ---- what is measured --------------------------------------------------------------------------------------- */

/* CPU nanoseconds for `units` units to `viewers` viewers. */
static uint64_t run_viewers(uint64_t units, unsigned viewers, bool nowhere, const struct sockaddr_in *to)
{
    static struct viewer *v[VIEWERS_MAX];
    struct board_channel channel = { .id = "34020000001310000001", .source = "", .fps = 25 };
    struct loop *loop = NULL;
    struct stream *stream;

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
        struct viewer_config vc = { .fd = sender(to), .ssrc = i + 1, .payload_type = RTP_PT_PS, .pacing = VIEWER_PACING_OFF };
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
    calls = packets = 0;
    uint64_t start = cpu_ns();
    while (camera.next < camera.end) {
        loop_turn(loop, 1000);
    }
    uint64_t took = cpu_ns() - start;
    for (unsigned i = 0; i < viewers; i++) {
        viewer_free(v[i]);
    }
    stream_free(stream);
    loop_free(loop);
    close(camera.fd);
    return took;
}

/* The floor: the same number of packets of the same sizes, finished beforehand. */
static uint64_t run_raw(uint64_t units, const struct sockaddr_in *to)
{
    static uint8_t packet[RTP_HEADER + RTP_PAYLOAD_MAX];
    static struct mmsghdr vec[128];
    static struct iovec iov[2];
    int fd = sender(to);

    iov[0].iov_base = packet;
    iov[0].iov_len = RTP_HEADER;
    iov[1].iov_base = packet + RTP_HEADER;
    iov[1].iov_len = RTP_PAYLOAD_MAX;
    for (unsigned i = 0; i < 128; i++) {
        vec[i].msg_hdr.msg_iov = iov;
        vec[i].msg_hdr.msg_iovlen = 2;
    }
    calls = packets = 0;
    uint64_t start = cpu_ns();
    for (uint64_t u = 0; u < units; u++) {
        unsigned n = u % GOP == 0 ? KEY_BYTES / RTP_PAYLOAD_MAX + 1u : COMMON_PACKETS;
        while (n > 0) {
            int rc = (int)syscall(SYS_sendmmsg, fd, vec, n, 0);
            n -= rc > 0 ? (unsigned)rc : n;
            packets += rc > 0 ? (uint64_t)rc : 0;
        }
    }
    uint64_t took = cpu_ns() - start;
    close(fd);
    return took;
}

static uint64_t run_memcpy(uint64_t units)
{
    static uint8_t to[KEY_BYTES];
    uint64_t start = cpu_ns();

    for (uint64_t u = 0; u < units; u++) {
        bool key = u % GOP == 0;
        const uint8_t *from = key ? key_unit : other_unit;
        size_t len = key ? KEY_BYTES : OTHER_BYTES;
        for (size_t at = 0; at < len; at += RTP_PAYLOAD_MAX) {
            memcpy(to + at, from + at, len - at < RTP_PAYLOAD_MAX ? len - at : RTP_PAYLOAD_MAX);
            __asm__ volatile("" : : "r"(to) : "memory");
        }
        bytes += len;
    }
    return cpu_ns() - start;
}

/* ---- results ------------------------------------------------------------------------------------------------ */

enum { COPY, PACK, PACK10, RAW, UDP, KINDS };
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

static int ratios(unsigned rounds, const struct sockaddr_in *to)
{
    double calls_per_unit = 0;

    for (unsigned i = 0; i < rounds; i++) {
        result[PACK][i] = (double)run_viewers(UNITS, 1, true, to);
        uint64_t n = packets;
        result[PACK][i] /= (double)n;
        result[COPY][i] = (double)run_memcpy(UNITS) / (double)n;
        result[PACK10][i] = (double)run_viewers(UNITS, 10, true, to) / (double)packets;
        result[UDP][i] = (double)run_viewers(UNITS, 1, false, to) / (double)(packets ? packets : 1);
        calls_per_unit = (double)calls / UNITS;
        result[RAW][i] = (double)run_raw(UNITS, to) / (double)(packets ? packets : 1);
    }
    printf("{\"rounds\": %u, \"pack_ns_per_packet\": %.1f, \"memcpy_ns_per_packet\": %.1f, \"udp_ns_per_packet\": %.1f, "
           "\"raw_ns_per_packet\": %.1f, \"pack_to_memcpy\": %.3f, \"udp_to_raw\": %.3f, "
           "\"tenth_viewer_to_first\": %.3f, \"sendmmsg_per_unit\": %.3f}\n",
           rounds, median(PACK, rounds), median(COPY, rounds), median(UDP, rounds), median(RAW, rounds),
           median_ratio(PACK, COPY, rounds), median_ratio(UDP, RAW, rounds), median_ratio(PACK10, PACK, rounds),
           calls_per_unit);
    return bytes > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to;
    int fd = receiver(&to);
    int rc = 2;

    key_unit = make_unit(KEY_BYTES, true);
    other_unit = make_unit(OTHER_BYTES, false);
    if (argc == 3 && strcmp(argv[1], "ratios") == 0) {
        unsigned long rounds = strtoul(argv[2], NULL, 10);
        rc = ratios(rounds < 1 ? 1u : rounds > ROUNDS_MAX ? ROUNDS_MAX : (unsigned)rounds, &to);
    } else if (argc == 4 && strcmp(argv[1], "count") == 0) {
        unsigned long viewers = strtoul(argv[3], NULL, 10);
        run_viewers(strtoul(argv[2], NULL, 10), viewers > VIEWERS_MAX ? VIEWERS_MAX : (unsigned)viewers, true, &to);
        printf("%llu\n", (unsigned long long)packets);
        rc = 0;
    } else {
        fputs("usage: bench_media ratios ROUNDS | count UNITS VIEWERS\n", stderr);
    }
    free(key_unit);
    free(other_unit);
    close(fd);
    return rc;
}
