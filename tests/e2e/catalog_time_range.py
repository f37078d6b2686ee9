# SPDX-License-Identifier: MIT
"""A Catalog query with StartTime and EndTime lists the channels added in between: the first ones at startup, one more
by a reload."""

import signal
import time

import lib
from lib import check, equal

from _records import local


def ask(p, inner):
    sn = str(p.serial())
    answer = p.message(lib.manscdp.build("Query", "Catalog", sn, lib.DEVICE, inner), lib.DEVICE)
    equal(answer.status, 200, "status")
    notes = p.wait_notes("Catalog", sn=sn)
    check(notes, "no answer")
    check(p.wait(lambda: sum(len(n.body.items()) for n in p.find_notes("Catalog", sn)) ==
                 int(notes[0].body.get("SumNum")), 5),
          "incomplete answer")
    notes = p.find_notes("Catalog", sn)
    if notes[0].body.get("SumNum") == "0":
        check(notes[0].body.root.find("DeviceList") is None, "SumNum 0 with a list")
    return [i["DeviceID"] for n in notes for i in n.body.items()]


def test(t):
    before = int(time.time()) - 1
    p, d = t.start(channels=3)
    first = [lib.channel_id(n) for n in (1, 2, 3)]
    started = time.time() + 1
    equal(ask(p, ""), first, "no times")
    equal(ask(p, f"<StartTime>{local(before)}</StartTime><EndTime>{local(started + 5)}</EndTime>"), first,
          "around startup")
    equal(ask(p, f"<StartTime> {local(before)} </StartTime>"), first, "from then on")
    equal(ask(p, f"<EndTime>{local(before - 10)}</EndTime>"), [], "until before")
    equal(ask(p, f"<StartTime>{local(started + 600)}</StartTime>"), [], "in the future")
    equal(ask(p, f"<StartTime>{local(before)[:10].replace('-', '')}</StartTime><EndTime></EndTime>"), first,
          "from that day on")
    # SumNum 0 would make platforms forget all channels: an invalid query has no answer, and the log has the reason
    for inner, why in (("<StartTime>soon</StartTime>", 'element=StartTime value="soon" reason="invalid time"'),
                       (f"<StartTime>{local(before + 60)}</StartTime><EndTime>{local(before)}</EndTime>",
                        'reason="StartTime is after EndTime"')):
        sn = str(p.serial())
        equal(p.message(lib.manscdp.build("Query", "Catalog", sn, lib.DEVICE, inner), lib.DEVICE).status, 200, "status")
        check(d.wait_log(f"query-refused command=Catalog sn={sn} channel={lib.DEVICE} {why}"),
              f"no log line about {inner}")
        equal(ask(p, ""), first, "the next one")
        equal(p.find_notes("Catalog", sn), [], f"answers to {inner}")
    lib.until_clock(started + 2)
    lib.until_clock(time.time() + (0.5 - time.time()) % 1)      # the middle of a second
    added = int(time.time()) - 1
    d.write_config(t.config(p, channels=4))
    d.signal(signal.SIGHUP)
    check(p.wait(lambda: len(ask(p, "")) == 4, 5 * lib.SLOW), "no fourth channel")
    equal(ask(p, f"<StartTime>{local(added)}</StartTime>"), [lib.channel_id(4)], "what was added since")
    equal(ask(p, f"<EndTime>{local(added)}</EndTime>"), first, "what was there before")


lib.main(test)
