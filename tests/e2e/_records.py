# SPDX-License-Identifier: MIT
"""RecordInfo queries. The simulated board has a recording of every full hour of the last 30 days (UTC) for each
channel, and an alarm recording from minute 10 to 12 of every sixth hour."""

import time

import lib
import manscdp
from lib import check, equal

BEIJING = 8 * 3600
HOUR = 3600


def local(unix):
    """The format of the messages: Beijing time without a zone."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix + BEIJING))


def last_hour():
    """The end of the newest recording. Waits for a new hour in the last seconds of one, when the next recording is
    about to end."""
    left = HOUR - time.time() % HOUR
    if left < 20:
        lib.until_clock(time.time() + left + 1)
    return int(time.time()) // HOUR * HOUR


def span(start, end, more=""):
    """The elements of a query as a common platform writes them, including the blanks."""
    return (f"<StartTime>{local(start)}</StartTime>\n<EndTime>{local(end)}</EndTime>\n<Secrecy> 0 </Secrecy>\n"
            f"<Type>all</Type>{more}")


def ask(p, target, inner, timeout=15.0, to=None):
    """(notes, seconds): all messages of the answer, checked as the platforms check them."""
    sn, start = str(p.serial()), time.monotonic()
    msg = p.make("MESSAGE", target, body=manscdp.build("Query", "RecordInfo", sn, target, inner))
    if to:
        msg.headers = [(n, f"<sip:{to}@{p.domain}>" if n == "To" else v) for n, v in msg.headers]
    answer = p.request(msg)
    check(answer is not None and answer.status == 200, f"the query was answered {answer}")

    def whole():
        notes = p.find_notes("RecordInfo", sn)
        return notes and sum(len(n.body.items("RecordList")) for n in notes) >= int(notes[0].body.get("SumNum"))
    check(p.wait(whole, timeout * lib.SLOW), "incomplete answer")
    notes, pairs = p.find_notes("RecordInfo", sn), []
    for note in notes:
        equal(note.body.kind, "Response", "root")
        equal(note.body.device_id, target, "DeviceID")
        equal(note.body.get("SumNum"), notes[0].body.get("SumNum"), "SumNum")
        check(note.body.get("Name"), "no Name")
        listed = note.body.root.find("RecordList")
        if listed is not None:
            equal(int(listed.get("Num")), len(note.body.items("RecordList")), "Num")
        pairs += [(i["StartTime"], i["EndTime"]) for i in note.body.items("RecordList")]
    equal(len(pairs), int(notes[0].body.get("SumNum")), "records")
    equal(len(set(pairs)), len(pairs), "distinct pairs of times")
    return notes, time.monotonic() - start


def items(notes):
    return [i for n in notes for i in n.body.items("RecordList")]
