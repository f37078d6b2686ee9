# SPDX-License-Identifier: MIT
"""Shared by the tests of DeviceControl."""

import lib
from lib import check, equal, manscdp


def result(p, target, inner, want="OK", to=None):
    """Sends a control command that has a Response: 200, then one whose elements are exactly CmdType, SN, DeviceID,
    Result."""
    answer, sn = p.control(target, inner, to=to)
    equal(answer.status, 200, inner)
    notes = p.wait_notes("DeviceControl", sn=sn, kind="Response")
    check(notes, f"no Response to {inner}")
    equal([(e.tag, e.text) for e in notes[0].body.root],
          [("CmdType", "DeviceControl"), ("SN", sn), ("DeviceID", target), ("Result", want)], f"Response to {inner}")
    lib.stays(lambda: len(p.find_notes("DeviceControl", sn)), 1, 0.1, f"Responses to {inner}")


def silent(p, target, inner, wait=0.3):
    """Sends a control command that has no Response: 200 and nothing else."""
    answer, sn = p.control(target, inner)
    equal(answer.status, 200, inner)
    lib.stays(lambda: p.find_notes("DeviceControl", sn), [], wait, f"Responses to {inner}")


def ptz(p, *code, name=None, target=lib.CHANNEL):
    params = f"<PTZCmdParams>{name}</PTZCmdParams>" if name else ""
    answer, _ = p.control(target, f"<PTZCmd>{manscdp.ptz(*code)}</PTZCmd>{params}")
    equal(answer.status, 200, f"PTZCmd {code}")


def position(p, target=lib.CHANNEL):
    """(pan, tilt, zoom) from PTZPosition, whose elements and their order are checked."""
    body = p.query("PTZPosition", target)
    check(body, "no answer to PTZPosition")
    equal([e.tag for e in body.root][3:], ["Pan", "Tilt", "Zoom", "HorizontalFieldAngle", "VerticalFieldAngle",
                                           "MaxViewDistance"],
          "elements of PTZPosition")
    return tuple(float(body.get(k)) for k in ("Pan", "Tilt", "Zoom"))


def near(got, want, what="position", off=1.0):
    for g, w in zip(got, want):
        d = abs(g - w) % 360
        check(min(d, 360 - d) <= off, f"{what}: at {got}, expected {want}")


def wait_near(p, want, timeout=6.0, off=1.0):
    apart = lambda g, w: min(abs(g - w) % 360, 360 - abs(g - w) % 360)
    lib.until(lambda: all(apart(g, w) <= off for g, w in zip(position(p), want)), timeout)
    near(position(p), want, off=off)


def tags(body):
    """The elements after DeviceID, as nested lists of (tag, text or list)."""
    def walk(e):
        return (e.tag, [walk(c) for c in e] if len(e) else (e.text or "").strip())
    return [walk(e) for e in body.root][3:]


def pages(p, cmd, target, inner="", timeout=10.0, **kw):
    """All messages of an answer with SumNum, and the items of its list in order."""
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
    check(p.wait(whole, timeout * lib.SLOW), f"{cmd}: incomplete answer")
    notes = p.find_notes(cmd, sn, "Response")
    equal(len({n.body.get("SumNum") for n in notes}), 1, "distinct SumNum values")
    return notes, items(notes)
