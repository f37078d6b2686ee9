# SPDX-License-Identifier: MIT
"""RecordInfo without a record: SumNum 0, a Name, and no list at all, because a platform waits for an answer to its end."""

import lib
from lib import check, equal

from _records import HOUR, ask, last_hour, local, span


def none(p, target, inner, **kw):
    notes, _ = ask(p, target, inner, **kw)
    equal(len(notes), 1, "messages")
    body = notes[0].body
    equal(body.get("SumNum"), "0", "SumNum")
    check(body.root.find("RecordList") is None, "a list")
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", "Name", "SumNum"], "elements")


def test_nothing_there(t):
    p, _ = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end - 400 * 24 * HOUR, end - 390 * 24 * HOUR))
    none(p, lib.CHANNEL, span(end + HOUR, end + 2 * HOUR))


def test_times(t):
    """Reversed, missing and unreadable times."""
    p, _ = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end, end - 5 * HOUR))
    none(p, lib.CHANNEL, f"<StartTime>{local(end - HOUR)}</StartTime>")
    none(p, lib.CHANNEL, "<StartTime>yesterday</StartTime>\n<EndTime>2024-02-31T00:00:00</EndTime>")


def test_no_channel(t):
    """An alarm input records nothing."""
    p, _ = t.start(alarms=["门"])
    end = last_hour()
    none(p, "34020000001340000001", span(end - HOUR, end))


def test_centre(t):
    """To names the platform: its own recordings are meant, of which a device has none; IndistinctQuery wants all."""
    p, _ = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end - HOUR, end), to=p.id)
    notes, _ = ask(p, lib.CHANNEL, span(end - HOUR, end, "<IndistinctQuery>1</IndistinctQuery>").replace("all", "time"), to=p.id)
    equal(notes[0].body.get("SumNum"), "1", "SumNum")


lib.main(test_nothing_there, test_times, test_no_channel, test_centre)
