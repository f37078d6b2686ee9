/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench_counts.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bench_counts bench_counts;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    bench_counts.allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    bench_counts.allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    bench_counts.allocations++;
    return __real_realloc(p, size);
}

static size_t bytes_of(const struct msghdr *msg)
{
    size_t sum = 0;

    for (size_t i = 0; i < (size_t)msg->msg_iovlen; i++)
        sum += msg->msg_iov[i].iov_len;
    return sum;
}

static void count_burst(size_t bytes)
{
    size_t packets = (bytes + PACKET_MAX - 1) / PACKET_MAX;

    if (packets > bench_counts.most_packets)
        bench_counts.most_packets = packets;
}

int sendmmsg(int fd, struct mmsghdr *vec, unsigned n, int flags)
{
    size_t sum = 0;

    bench_counts.calls++;
    if (bench_counts.bursts) {
        for (unsigned i = 0; i < n; i++)
            sum += bytes_of(&vec[i].msg_hdr);
        count_burst(sum);
    }
    return bench_counts.nowhere ? (int)n : (int)syscall(SYS_sendmmsg, fd, vec, n, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    bench_counts.calls++;
    if (bench_counts.bursts)
        count_burst(bytes_of(msg));
    return bench_counts.nowhere ? (ssize_t)bytes_of(msg) : syscall(SYS_sendmsg, fd, msg, flags);
}
