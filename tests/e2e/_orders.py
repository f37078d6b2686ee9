# SPDX-License-Identifier: MIT
"""What the tests of DeviceControl share."""

import time

import lib
from lib import check, equal, manscdp


def result(p, target, inner, want="OK", to=None):
    """A control that is answered: 200, then a Response whose elements are exactly CmdType, SN, DeviceID, Result."""
    answer, sn = p.control(target, inner, to=to)
    equal(answer.status, 200, inner)
    notes = p.wait_notes("DeviceControl", sn=sn, kind="Response")
    check(notes, f"no Response to {inner}")
    equal([(e.tag, e.text) for e in notes[0].body.root],
          [("CmdType", "DeviceControl"), ("SN", sn), ("DeviceID", target), ("Result", want)], f"the answer to {inner}")
    time.sleep(0.1)
    equal(len(p.find_notes("DeviceControl", sn)), 1, "answers")


def silent(p, target, inner, wait=0.3):
    """A control without a business answer: 200 and nothing else."""
    answer, sn = p.control(target, inner)
    equal(answer.status, 200, inner)
    time.sleep(wait)
    check(not p.find_notes("DeviceControl", sn), f"{inner} wants no business answer")


def ptz(p, *code, name=None, target=lib.CHANNEL):
    params = f"<PTZCmdParams>{name}</PTZCmdParams>" if name else ""
    answer, _ = p.control(target, f"<PTZCmd>{manscdp.ptz(*code)}</PTZCmd>{params}")
    equal(answer.status, 200, f"PTZCmd {code}")


def position(p, target=lib.CHANNEL):
    """(pan, tilt, zoom) as PTZPosition says; its elements and their order are checked."""
    body = p.query("PTZPosition", target)
    check(body, "no answer to PTZPosition")
    equal([e.tag for e in body.root][3:], ["Pan", "Tilt", "Zoom", "HorizontalFieldAngle", "VerticalFieldAngle", "MaxViewDistance"],
          "elements of PTZPosition")
    return tuple(float(body.get(k)) for k in ("Pan", "Tilt", "Zoom"))


def near(got, want, what="position", off=1.0):
    for g, w in zip(got, want):
        d = abs(g - w) % 360
        check(min(d, 360 - d) <= off, f"{what}: at {got}, expected {want}")


def wait_near(p, want, timeout=6.0, off=1.0):
    end = time.monotonic() + timeout * lib.SLOW
    while time.monotonic() < end:
        at = position(p)
        if all(min(abs(g - w) % 360, 360 - abs(g - w) % 360) <= off for g, w in zip(at, want)):
            return
        time.sleep(0.1)
    near(position(p), want)


def until(fn, timeout=5.0):
    """Asks again until it holds."""
    end = time.monotonic() + timeout * lib.SLOW
    while time.monotonic() < end:
        if fn():
            return True
        time.sleep(0.1)
    return False


def tags(body):
    """What follows DeviceID, as nested lists of (tag, text or list)."""
    def walk(e):
        return (e.tag, [walk(c) for c in e] if len(e) else (e.text or "").strip())
    return [walk(e) for e in body.root][3:]


def pages(p, cmd, target, inner="", timeout=10.0, **kw):
    """Every part of an answer that has SumNum, and the items of its list in order."""
    sn = str(p.serial())
    answer = p.message(manscdp.build("Query", cmd, sn, target, inner, **kw), target)
    equal(answer.status, 200, cmd)

    def items(notes):
        found = []
        for n in notes:
            lists = [e for e in n.body.root if e.get("Num") is not None]
            for e in lists:
                equal(int(e.get("Num")), len(e), "Num")
                found += list(e)
        return found

    def whole():
        notes = p.find_notes(cmd, sn, "Response")
        return notes and len(items(notes)) >= int(notes[0].body.get("SumNum"))
    check(p.wait(whole, timeout * lib.SLOW), f"{cmd} is not complete")
    notes = p.find_notes(cmd, sn, "Response")
    equal(len({n.body.get("SumNum") for n in notes}), 1, "different sums")
    return notes, items(notes)
