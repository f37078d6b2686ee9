# SPDX-License-Identifier: MIT
"""Floods: junk from strangers, the same INVITE a thousand times, a thousand OPTIONS; the stream loses no packet."""

import time

import lib
from lib import check, equal


def test_strangers(t):
    p, d = t.start(log={"level": "debug"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    stranger, to = lib.Stranger(), call.route.addr
    junk = [p.make("INVITE", lib.CHANNEL, body=b"v=0\r\n").to_bytes(), b"\0" * 1000, b"x" * 60000, b"\r\n\r\n"]
    log = len(d.log())
    for n in range(8000):
        stranger.send(junk[n % 4], to)
        if n % 200 == 0:
            time.sleep(0.005)
    check(p.query("DeviceInfo", lib.DEVICE, timeout=8) is not None, "no answer after the flood")
    equal(stranger.bytes_back(0.2), 0, "bytes to a stranger")
    check(len(d.log()) - log < 20000, f"the flood wrote {len(d.log()) - log} bytes of log")
    count = len(call.media.units)
    check(call.media.wait_units(count + 20), "the stream stopped")
    equal(call.media.faults, [], "faults")
    equal(p.wait_registered().registrations, 1, "registrations")
    call.close()


def test_same_invite(t):
    p, d = t.start(log={"level": "info"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(3), "no media")
    rss = d.rss_kb()
    data = call.invite.to_bytes()
    for n in range(1000):
        p.udp.sendto(data, call.route.addr)
        if n % 50 == 0:
            time.sleep(0.005)
    time.sleep(0.3)
    equal(len(d.status()["sessions"]), 1, "sessions")
    check(len(p.responses(call.invite)) <= 1010, "more answers than INVITEs")
    check(d.rss_kb() - rss < 500 or lib.SLOW > 1, f"{d.rss_kb() - rss} kB more")
    equal(call.media.faults, [], "faults")
    call.close()


def test_many_transactions(t):
    """What is kept for retransmissions is bounded."""
    p, d = t.start(log={"level": "info"})
    for n in range(300):
        p.send(p.make("OPTIONS", lib.DEVICE))
    p.request(p.make("OPTIONS", lib.DEVICE))
    rss = d.rss_kb()
    for n in range(3000):
        p.send(p.make("OPTIONS", lib.DEVICE))
        if n % 50 == 0:
            time.sleep(0.005)
    answer = p.request(p.make("OPTIONS", lib.DEVICE))
    equal(answer and answer.status, 200, "OPTIONS after the flood")
    check(d.rss_kb() - rss < 3000 or lib.SLOW > 1, f"{d.rss_kb() - rss} kB more")


lib.main(test_strangers, test_same_invite, test_many_transactions)
