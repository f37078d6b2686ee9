# SPDX-License-Identifier: MIT
"""Once running, the daemon allocates no memory for frames and audio: calls of malloc and the like are counted by a
preloaded library, with viewers over UDP and TCP and of an elementary stream."""

import mmap

import _audio
import lib
from lib import check, equal

COUNTER = r"""
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
static unsigned long none, *count = &none;

void *malloc(size_t n) { ++*count; return __libc_malloc(n); }
void *calloc(size_t n, size_t size) { ++*count; return __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { ++*count; return __libc_realloc(p, n); }

__attribute__((constructor)) static void begin(void)
{
    int fd = open(getenv("ALLOCATIONS"), O_RDWR);
    void *at = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (at != MAP_FAILED) {
        count = at;
        *count = 1;
    }
}
"""


def elementary(p, port):
    return (f"v=0\r\no={lib.CHANNEL} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=video {port} RTP/AVP 98\r\na=recvonly\r\na=rtpmap:98 H264/90000\r\ny=0200000003\r\n").encode()


def counting(t):
    """The command prefix, and the file that has the counts."""
    page = t.folder / "count"
    run = lib.preload(t, COUNTER, ALLOCATIONS=page)
    page.write_bytes(bytes(mmap.PAGESIZE))
    return run, lambda: int.from_bytes(page.read_bytes()[:8], "little")


def test(t):
    run, count = counting(t)
    path, _ = _audio.aac(t)
    clip = t.clip(size="1280x720", frames=50, gop=25, noise=14, qp=24)
    p = t.platform()
    d = t.daemon(t.config(p, source=f"sim:{clip}", channel={"fps": 25, "audio": f"sim:{path}"},
                          platform={"keepalive_interval": 3600},
                          log={"level": "warn"}), run=run)
    check(p.wait_online(10), "the device did not come online")
    lib.need(count() > 100, "allocations cannot be counted here")
    calls = [p.invite(lib.CHANNEL, ssrc=f"020000000{n}", media=m) for n,
             m in enumerate(("udp", "tcp-passive", "tcp-active"))]
    rx = lib.rtp.Receiver("udp")
    calls.append(p.invite(lib.CHANNEL, ssrc="0200000003", receiver=rx, sdp_body=elementary(p, rx.port)))
    equal([c.status for c in calls], [200] * 4, "INVITE")
    check(calls[0].media.wait(lambda a: len(a.video()) >= 60 and a.audio(), 15), "no media")
    # On a busy machine a viewer that lags needs memory once.
    windows = []
    while len(windows) < 8 and 0 not in windows:
        before, seen = count(), len(calls[0].media.units)
        check(calls[0].media.wait_units(seen + 100, 15), "the stream has stopped")
        windows.append(count() - before)
    print(f"allocations in turns of 100 units, four viewers: {windows}")
    check(0 in windows, f"allocations per 100 units: {windows}")
    for call in calls:
        equal(call.bye().status, 200, "BYE")


lib.main(test)
