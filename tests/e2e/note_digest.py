# SPDX-License-Identifier: MIT
"""The signalling digest of 2016 annex H: the device signs its requests and checks the platform's."""

import lib
from lib import check, equal, manscdp
from note import Note


def link(t, algorithm, **kw):
    p = t.platform()
    p.note = Note(algorithm, **kw)
    t.passwords.add(p.note.seed)
    d = t.daemon(t.config(p, platform={"note_digest": algorithm, "note_seed": p.note.seed}), name=f"d{algorithm}")
    check(p.wait_online(10 * lib.SLOW), f"{algorithm}: not online")
    return p, d


def test(t):
    """Incorrectly signed messages are errors of the platform at the end of the test."""
    for algorithm in ("md5", "sha1", "sha256"):
        p, d = link(t, algorithm)
        equal(p.query("DeviceInfo", lib.DEVICE).get("Result"), "OK", algorithm)
        p.catalog(lib.DEVICE)
        call = p.invite(lib.CHANNEL)
        equal(call.status, 200, "INVITE")
        check(call.media.wait_units(5), "no media")
        equal(call.close().status, 200, "BYE")
        s = p.subscribe("Alarm", lib.DEVICE)
        equal(s.status, 200, "SUBSCRIBE")
        check(s.wait(1), "no NOTIFY")
        d.ctl("alarm", lib.CHANNEL, "method=5", "type=2", "text=越界")
        check(s.wait_bodies(1), "no NOTIFY of the alarm")
        equal(s.refresh().status, 200, "refresh")
        equal(d.platform()["unsigned_requests"], 0, "refused")
        d.stop()


def ask(p):
    answer = p.message(manscdp.build("Query", "DeviceInfo", p.serial(), lib.DEVICE), lib.DEVICE)
    return answer and answer.status


def test_refused(t):
    p, d = link(t, "md5")
    equal(ask(p), 200, "signed")
    p.note.sign = False
    equal(ask(p), 403, "not signed")
    p.note.sign, p.note.wrong = True, True
    equal(ask(p), 403, "signed with another secret")
    equal(p.invite(lib.CHANNEL).status, 403, "INVITE signed with another secret")
    p.note.wrong, p.note.offset = False, -700
    equal(ask(p), 403, "from eleven minutes ago")
    p.note.offset = 500
    equal(ask(p), 200, "from a clock that is eight minutes fast")
    equal(d.platform()["unsigned_requests"], 4, "counted")
    check("Note" in d.log(), "not logged")


def test_off(t):
    """Off by default: nothing is signed, and no digest is required."""
    p, _ = t.start()
    check(not any(m.get("Note") for m in p.received()), "signed")
    p.note = Note(sign=True)
    p.strict = False
    equal(ask(p), 200, "a signed request")


def test_bounced(t):
    """A missing secret is a config error."""
    p = t.platform()
    d = t.daemon(t.config(p, platform={"note_digest": "md5"}))
    d.expect_exit = d.wait_exit(5)
    check(d.expect_exit not in (None, 0), "started")
    check("note_seed" in d.log(), d.log())


lib.main(test, test_refused, test_off, test_bounced)
