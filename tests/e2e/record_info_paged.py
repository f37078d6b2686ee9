# SPDX-License-Identifier: MIT
"""300 and more recordings over UDP and TCP: each once, one message after the other, complete within 12 s, the timeout
of platforms."""

import lib
from lib import check, equal

from _records import HOUR, ask, items, last_hour, span


def times(p, hours):
    end = last_hour()
    notes, seconds = ask(p, lib.CHANNEL, span(end - hours * HOUR, end).replace("all", "time"))
    found = [i["StartTime"] for i in items(notes)]
    equal(len(found), hours, "records")
    equal(found, sorted(found), "order")
    check(seconds < 12 * lib.SLOW, f"{seconds:.1f} s")
    return notes, seconds


def test_udp(t):
    p, _ = t.start(rtt=0.025)
    notes, seconds = times(p, 300)
    check(all(len(n.msg.raw) <= 1300 for n in notes), "a message larger than 1300 bytes")
    check(len(notes) >= 100, f"{len(notes)} messages")
    # Each message waits for the last one's 200; otherwise they would arrive in a burst.
    check(seconds > 0.02 * (len(notes) - 1), f"{len(notes)} messages in {seconds:.2f} s")
    print(f"300 records, {len(notes)} messages, {seconds:.1f} s at 25 ms")


def test_tcp(t):
    p, _ = t.start(platform={"transport": "tcp"})
    notes, seconds = times(p, 700)
    check(len(notes) < 100, f"{len(notes)} messages")
    print(f"700 records, {len(notes)} messages, {seconds:.1f} s")


def test_link_lost(t):
    """The connection breaks in the middle: the rest is dropped, and the next query is answered completely."""
    p, d = t.start(platform={"transport": "tcp"}, rtt=0.05)
    end = last_hour()
    sn = str(p.serial())
    p.send(p.make("MESSAGE", lib.CHANNEL, body=lib.manscdp.build("Query", "RecordInfo", sn, lib.CHANNEL,
                                                                 span(end - 500 * HOUR, end))))
    check(p.wait(lambda: len(p.find_notes("RecordInfo", sn)) >= 2, 5 * lib.SLOW), "no pages")
    p.drop_connections()
    check(d.wait_log(f"response-incomplete command=RecordInfo sn={sn} ", 5), "it went on")
    before = p.devices[lib.DEVICE].keepalives
    check(p.wait(lambda: p.devices[lib.DEVICE].keepalives > before, 20 * lib.SLOW), "not online again")
    times(p, 20)


lib.main(test_udp, test_tcp, test_link_lost)
