# SPDX-License-Identifier: MIT
"""25 channels with long Chinese names over UDP: complete, unique, in order, each message at most 1300 bytes and sent
after the previous one's 200."""

import lib
from lib import check, equal


def test(t):
    names = [f"第{n}号监控摄像机东门停车场入口" for n in range(1, 26)]
    p, _ = t.start(channels=names)
    items, notes, _ = p.catalog(lib.DEVICE)
    equal([i["Name"] for i in items], names, "names")
    equal([i["DeviceID"] for i in items], [lib.channel_id(n) for n in range(1, 26)], "IDs")
    equal({n.body.get("SumNum") for n in notes}, {"25"}, "SumNum")
    check(all(len(n.msg.raw) <= 1300 for n in notes), "a message is larger than 1300 bytes")
    check(len(notes) <= 25, "more messages than items")


def test_serial(t):
    """A slow 200 delays the next message."""
    p, _ = t.start(channels=10, rtt=0.1)
    _, notes, _ = p.catalog(lib.DEVICE)
    for a, b in zip(notes, notes[1:]):
        check(b.msg.time - a.msg.time >= 0.09, "a message was sent before the previous one was answered")


def test_lost_pages(t):
    """Every third MESSAGE is lost once; all items arrive by retransmission."""
    p, _ = t.start(channels=12)
    seen = {}

    def lose(msg):
        if msg.method != "MESSAGE" or not msg.is_request:
            return False
        seen[msg.call_id] = seen.get(msg.call_id, 0) + 1
        return seen[msg.call_id] == 1 and len(seen) % 3 == 0
    p.drop_in = lose
    items, _, _ = p.catalog(lib.DEVICE)
    equal(len({i["DeviceID"] for i in items}), 12, "unique items")
    equal(len(items), 12, "items")


def test_twice(t):
    """Two queries at the same time: each is answered completely with its SN."""
    p, _ = t.start(channels=8)
    for sn in ("501", "502"):
        p.send(p.make("MESSAGE", lib.DEVICE, body=lib.manscdp.build("Query", "Catalog", sn, lib.DEVICE)))
    for sn in ("501", "502"):
        check(p.wait(lambda: sum(len(n.body.items()) for n in p.find_notes("Catalog", sn)) == 8, 5),
              f"SN {sn}: incomplete answer")


lib.main(test, test_serial, test_lost_pages, test_twice)
