# SPDX-License-Identifier: MIT
"""Floods: junk from an unknown source, the same INVITE a thousand times, thousands of OPTIONS; the stream loses no
packet."""

import lib
from lib import check, equal


def read(to):
    """Waits until the daemon has read the datagrams sent to it so far."""
    lib.until(lambda: not lib.udp_queue(to[1]), 10, "the daemon stopped reading", 0.002)


def test_unknown_source(t):
    p, d = t.start(log={"level": "debug"})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    source, to = lib.UnknownSource(), call.route.addr
    junk = [p.make("INVITE", lib.CHANNEL, body=b"v=0\r\n").to_bytes(), b"\0" * 1000, b"x" * 60000, b"\r\n\r\n"]
    log = len(d.log())
    for n in range(8000):
        source.send(junk[n % 4], to)
        if n % 200 == 0:
            read(to)
    check(p.query("DeviceInfo", lib.DEVICE, timeout=8) is not None, "no answer after the flood")
    equal(source.bytes_back(0.2), 0, "bytes to an unknown source")
    check(len(d.log()) - log < 20000, f"the flood added {len(d.log()) - log} bytes to the log")
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
            read(call.route.addr)
    read(call.route.addr)
    lib.stays(lambda: len(d.status()["sessions"]), 1, 0.3, "sessions")
    check(len(p.responses(call.invite)) <= 1010, "more answers than INVITEs")
    check(d.rss_kb() - rss < 500 or lib.SLOW > 1, f"{d.rss_kb() - rss} kB more")
    equal(call.media.faults, [], "faults")
    call.close()


def test_many_transactions(t):
    """Memory for retransmissions is bounded."""
    p, d = t.start(log={"level": "info"})
    for n in range(300):
        p.send(p.make("OPTIONS", lib.DEVICE))
    p.request(p.make("OPTIONS", lib.DEVICE))
    rss = d.rss_kb()
    for n in range(3000):
        p.send(p.make("OPTIONS", lib.DEVICE))
        if n % 50 == 0:
            read(p.route().addr)
    answer = p.request(p.make("OPTIONS", lib.DEVICE))
    equal(answer and answer.status, 200, "OPTIONS after the flood")
    check(d.rss_kb() - rss < 3000 or lib.SLOW > 1, f"{d.rss_kb() - rss} kB more")


lib.main(test_unknown_source, test_same_invite, test_many_transactions)
