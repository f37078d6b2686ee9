/* SPDX-License-Identifier: MIT */
/* UDP that does not go out: the way to send that does not work here, ICMP errors, and a kernel that is short of buffers. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/viewer_priv.h"
#include "util/log.h"

#define NOBUFS_RETRY_US 3000u           /* ENOBUFS is not followed by writability */
#define ICMP_WINDOW_US 5000000u
#define ICMP_SPACING_US 300000u         /* closer ones come from one burst and count once */
#define INPUTS_PER_TURN 32

static bool from_icmp(int err)
{
    return err == ECONNREFUSED || err == EHOSTUNREACH;
}

static void note_icmp(struct viewer *v)
{
    uint64_t now = loop_now_us(v->loop);
    unsigned n = v->icmp_count;

    if (n > 0 && now - v->icmp_us[(n - 1) % VIEWER_ICMP_MAX] < ICMP_SPACING_US) {
        return;
    }
    v->icmp_us[n % VIEWER_ICMP_MAX] = now;
    v->icmp_count = ++n;
    if (n >= VIEWER_ICMP_MAX && now - v->icmp_us[n % VIEWER_ICMP_MAX] <= ICMP_WINDOW_US) {
        viewer_finish(v, VIEWER_END_UNREACHABLE);
    }
}

/* The way does not work here, whatever the option's probe said (a driver without checksums, a small MTU, an old kernel):
 * for good, and from the packet on that failed. */
static bool fall_back(struct viewer *v, int err)
{
    bool gso = v->method == VIEWER_SEND_GSO && (err == EIO || err == EINVAL || err == EMSGSIZE);

    if (!gso && !(v->method == VIEWER_SEND_MMSG && err == ENOSYS)) {
        return false;
    }
    log_info("UDP %s does not work here (%s): done without", gso ? "GSO" : "sendmmsg", strerror(err));
    v->method = gso ? VIEWER_SEND_MMSG : VIEWER_SEND_MSG;
    return !gso || viewer_udp_segment(v, 0);
}

bool viewer_udp_failed(struct viewer *v, int err)
{
    if (fall_back(v, err)) {
        return true;
    }
    if (err == EINTR) {
        return true;
    }
    if (err == EAGAIN || err == EWOULDBLOCK) {
        viewer_wait_writable(v);
        return false;
    }
    if (err == ENOBUFS || err == ENOMEM) {
        viewer_wait_until(v, loop_now_us(v->loop) + NOBUFS_RETRY_US);
        return false;
    }
    v->stats.send_errors++;
    if (from_icmp(err)) {
        note_icmp(v);
        if (v->ended) {
            return false;
        }
    }
    if (v->again) {             /* not the echo of an earlier packet: this one does not go out */
        viewer_cut(v);
        return false;
    }
    v->again = true;
    return true;
}

/* Receivers send RTCP here at most; an ICMP error may come this way, too. */
void viewer_udp_input(struct viewer *v)
{
    char scratch[64];

    for (int i = 0; i < INPUTS_PER_TURN && !v->ended; i++) {
        if (recv(v->cfg.fd, scratch, sizeof(scratch), MSG_DONTWAIT | MSG_TRUNC) >= 0) {
            continue;
        }
        if (from_icmp(errno)) {
            v->stats.send_errors++;
            note_icmp(v);
            continue;
        }
        if (errno != EINTR) {
            return;
        }
    }
}
