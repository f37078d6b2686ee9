# SPDX-License-Identifier: MIT
"""300 channels over UDP within 10 s at a round-trip time of 25 ms."""

import lib
from lib import check, equal


def test(t):
    p, _ = t.start(channels=[f"大厅{n}" for n in range(1, 301)], rtt=0.025)
    items, notes, seconds = p.catalog(lib.DEVICE, timeout=20)
    equal(len({i["DeviceID"] for i in items}), 300, "unique items")
    equal(len(items), 300, "items")
    check(seconds < 10 * lib.SLOW, f"{seconds:.1f} s")
    print(f"300 channels, {len(notes)} messages, {seconds:.1f} s at 25 ms")


lib.main(test)
