# SPDX-License-Identifier: MIT
"""A platform goes silent in the middle of a Catalog and a RecordInfo answer: they end with its registration, no part of
them is sent later, and a query after the new registration is answered completely."""

import lib
from lib import check, equal

SPAN = "<StartTime>2001-01-01T00:00:00</StartTime>\r\n<EndTime>2037-01-01T00:00:00</EndTime>"


def ask(p, cmd, target, inner=""):
    sn = str(p.serial())
    equal(p.message(lib.manscdp.build("Query", cmd, sn, target, inner), target).status, 200, cmd)
    return sn


def test(t):
    p, d = t.start(channels=100, rtt=0.05, platform={"keepalive_interval": 1, "keepalive_count": 2})
    old = [ask(p, "Catalog", lib.DEVICE), ask(p, "RecordInfo", lib.CHANNEL, SPAN)]
    for cmd, sn in zip(("Catalog", "RecordInfo"), old):
        check(p.wait_notes(cmd, count=3, sn=sn), f"{cmd}: no answer")
    p.drop_in = lambda msg: True
    check(d.wait_state("waiting", timeout=20) or d.wait_state("registering", timeout=5), "still online")
    for what, sn in zip(("Catalog", "RecordInfo"), old):
        check(d.wait_log(f"response-incomplete command={what} sn={sn} "), f"{what}: the answer goes on")
    fds, registered = d.fds(), len(p.received("REGISTER"))
    p.drop_in = None
    check(p.wait(lambda: len(p.received("REGISTER")) > registered, 60 * lib.SLOW)
          and d.wait_state("online", timeout=20), "not online again")
    before = len(p.log)
    late = lambda: [m for m in p.log[before:] if any(f"<SN>{sn}</SN>".encode() in m.body for sn in old)]
    items, _, _ = p.catalog(lib.DEVICE, timeout=30)
    equal(len({i["DeviceID"] for i in items}), 100, "items of the new answer")
    lib.stays(late, [], 0.3, "parts of the old answers")
    check(d.fds() <= fds + 1, f"descriptors: {d.fds()}, before {fds}")


lib.main(test)
