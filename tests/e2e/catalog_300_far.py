# SPDX-License-Identifier: MIT
"""300 channels over UDP within 20 s at a round-trip time of 50 ms."""

import lib
from lib import check, equal


def test(t):
    p, _ = t.start(channels=[f"大厅{n}" for n in range(1, 301)], rtt=0.05)
    items, notes, seconds = p.catalog(lib.DEVICE, timeout=25)
    equal(len({i["DeviceID"] for i in items}), 300, "unique items")
    equal(len(items), 300, "items")
    check(seconds < 20 * lib.SLOW, f"{seconds:.1f} s")
    print(f"300 channels, {len(notes)} messages, {seconds:.1f} s at 50 ms")


lib.main(test)
