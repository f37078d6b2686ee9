# SPDX-License-Identifier: MIT
"""RecordInfo without recordings: SumNum 0, Name and no list, because platforms wait for a complete answer. A refused
query has ERROR in addition."""

import lib
from lib import check, equal

from _records import HOUR, ask, last_hour, local, span


def none(p, target, inner, refused=False, **kw):
    notes, _ = ask(p, target, inner, **kw)
    equal(len(notes), 1, "messages")
    body = notes[0].body
    equal(body.get("SumNum"), "0", "SumNum")
    check(body.root.find("RecordList") is None, "a list")
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", *(["Result"] if refused else []), "Name", "SumNum"],
          "elements")
    equal(body.get("Result"), "ERROR" if refused else None, "Result")


def test_no_recordings(t):
    p, _ = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end - 400 * 24 * HOUR, end - 390 * 24 * HOUR))
    none(p, lib.CHANNEL, span(end + HOUR, end + 2 * HOUR))


def test_times(t):
    """Reversed, missing and invalid times: the log names and quotes them."""
    p, d = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end, end - 5 * HOUR), refused=True)
    check(d.wait_log('reason="StartTime is after EndTime"'), "reversed")
    none(p, lib.CHANNEL, f"<StartTime>{local(end - HOUR)}</StartTime>", refused=True)
    check(d.wait_log('element=EndTime value="" reason="missing time"'), "missing")
    none(p, lib.CHANNEL, "<StartTime>yesterday</StartTime>\n<EndTime>2024-02-31T00:00:00</EndTime>", refused=True)
    check(d.wait_log('element=StartTime value="yesterday" reason="invalid time"'), "unreadable")
    none(p, lib.CHANNEL, f"<StartTime>x\n&#27;[31m{'y' * 500}</StartTime>\n<EndTime>2024-02-01</EndTime>", refused=True)
    check(d.wait_log('element=StartTime value="x'), "no log line about unprintable text")
    line = [x for x in d.log().splitlines() if 'value="x' in x][0]
    check(line.endswith('yyy..." reason="invalid time"') and len(line) < 250 and "\x1b" not in line,
          f"quoted as {line}")


def test_no_channel(t):
    """An alarm input has no recordings."""
    p, _ = t.start(alarms=["门"])
    end = last_hour()
    none(p, "34020000001340000001", span(end - HOUR, end), refused=True)


def test_board_fails(t):
    """An unreadable card is not reported as an empty one."""
    p, d = t.start(program="tests/gbagentd.probe", source="probe:")
    none(p, lib.CHANNEL, span(last_hour() - HOUR, last_hour()), refused=True)
    check(d.wait_log('reason="Input/output error"'), "no reason in the log")


def test_centre(t):
    """To names the platform: the query means its recordings, of which a device has none, unless IndistinctQuery asks
    for all."""
    p, _ = t.start()
    end = last_hour()
    none(p, lib.CHANNEL, span(end - HOUR, end), to=p.id)
    notes, _ = ask(p, lib.CHANNEL, span(end - HOUR, end, "<IndistinctQuery>1</IndistinctQuery>").replace("all", "time"),
                   to=p.id)
    equal(notes[0].body.get("SumNum"), "1", "SumNum")


lib.main(test_no_recordings, test_times, test_no_channel, test_board_fails, test_centre)
