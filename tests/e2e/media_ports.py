# SPDX-License-Identifier: MIT
"""port_min and port_max: media uses that range; when it is exhausted, an INVITE is refused, and a later one
accepted."""

import socket

import lib
from lib import check, equal


def free_range(count):
    """The first of `count` consecutive unused UDP ports."""
    for first in range(39000, 60000, count):
        try:
            for port in range(first, first + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.bind(("0.0.0.0", port))
        except OSError:
            continue
        return first
    raise lib.Skip("no free ports")


def test(t):
    first = free_range(4)
    p, d = t.start(media={"port_min": first, "port_max": first + 3, "max_sessions": 10, "max_per_channel": 10})
    calls, statuses = [], []
    for n in range(6):
        call = p.invite(lib.CHANNEL, ssrc=f"020000009{n}")
        statuses.append(call.status)
        if call.status == 200:
            calls.append(call)
            check(first <= call.answer.port <= first + 3, f"port {call.answer.port} is outside {first}..{first + 3}")
            check(call.media.wait_units(2), "no media")
    equal(len({c.answer.port for c in calls}), len(calls), "distinct ports")
    check(2 <= len(calls) <= 4, f"{len(calls)} calls on four ports")
    check(all(400 <= s < 600 for s in statuses[len(calls):]), f"statuses {statuses}")
    equal(calls[0].close().status, 200, "BYE")
    again = p.invite(lib.CHANNEL, ssrc="0200000099")
    equal(again.status, 200, "INVITE when a port is free again")
    for call in calls[1:] + [again]:
        call.close()


lib.main(test)
