# SPDX-License-Identifier: MIT
"""Changes are collected for notify_batch seconds; a change undone within them is not sent at all."""

import time

import lib
from lib import check, equal


def test(t):
    keys = {"notify_batch": "2"}
    p, d = t.start(channels=["a", "b"], platform=keys)
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    # a channel is added and removed
    d.write_config(t.config(p, channels=["a", "b", "c"], platform=keys))
    d.ctl("reload")
    d.write_config(t.config(p, channels=["a", "b"], platform=keys))
    d.ctl("reload")
    lib.stays(s.events, [], 2.6, "events")
    # two changes, one message
    start = time.monotonic()
    d.write_config(t.config(p, channels=["aa", "b"], platform=keys))
    d.ctl("reload")
    d.write_config(t.config(p, channels=["aa"], platform=keys))
    d.ctl("reload")
    check(s.wait_bodies(1), "no NOTIFY")
    check(time.monotonic() - start > 1.5, "NOTIFY before the window ended")
    equal(len(s.bodies()), 1, "messages")
    equal(sorted(s.events()), [(lib.channel_id(1), "UPDATE"), (lib.channel_id(2), "DEL")], "events")


lib.main(test)
