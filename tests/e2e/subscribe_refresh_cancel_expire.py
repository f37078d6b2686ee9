# SPDX-License-Identifier: MIT
"""Expires granted and clamped, refresh in the dialog, cancellation, errors, at most eight, and a terminated NOTIFY at
shutdown."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(channels=2, platform={"notify_batch": "0"})
    for asked, granted in ((30, 30), (5, 5), (3600, 3600), (4294967295, 86400), ("99999999999999999999", 86400)):
        s = p.subscribe("Alarm", lib.DEVICE, expires=asked)
        equal((s.status, s.granted), (200, granted), f"Expires {asked}")
    s = p.subscribe("Alarm", lib.DEVICE, expires=4)
    equal((s.status, s.response.get("Min-Expires")), (423, "5"), "Expires 4")
    s = p.subscribe("Catalog", lib.DEVICE, expires=90)
    tag = s.device_tag
    s.wait(1)
    equal(s.refresh(120).status, 200, "refresh")
    equal((s.granted, s.device_tag), (120, tag), "refreshed")
    equal([bool(m.body) for m in s.wait(2)], [False] * 2, "a NOTIFY for the refresh (RFC 6665 4.2.1.2)")
    check(s.states()[-1] in ("active;expires=120", "active;expires=119"), f"its Subscription-State: {s.states()[-1]}")
    s.event = "Catalog;id=9999"         # the platform is strict: NOTIFYs must follow
    s.cseq += 1                         # this number is used below
    equal(s.refresh(60).status, 200, "refresh with another Event")
    equal(s.wait(3)[-1].get("Event"), s.event, "Event of its NOTIFY")
    check(s.states()[-1] in ("active;expires=60", "active;expires=59"), f"its Subscription-State: {s.states()[-1]}")
    last, s.cseq = s.cseq, s.cseq - 2
    equal(s.refresh(3600).status, 500, "a late refresh")
    s.cseq = last
    d.write_config(t.config(p, channels=1, platform={"notify_batch": "0"}))
    d.ctl("reload")
    check(s.wait_bodies(1), "no NOTIFY after the refresh")
    check(int(s.states()[-1].partition("=")[2]) <= 60, f"its Subscription-State: {s.states()[-1]}")
    equal(s.cancel().status, 200, "cancel")
    check(p.wait(lambda: s.states()[-1].startswith("terminated")), "no terminated NOTIFY")
    equal(s.subscribe(600).status, 481, "refresh after the cancellation")


def test_expiry(t):
    p, d = t.start()
    s = p.subscribe("Catalog", lib.DEVICE, expires=5)
    s.wait(1)
    check(s.states()[-1].startswith("active;expires="), "the first NOTIFY")
    check(p.wait(lambda: s.states()[-1] == "terminated;reason=timeout", 10), "no terminated NOTIFY after its 5 s")


def test_cancel_outside(t):
    p, d = t.start()
    s = p.subscribe("Catalog", lib.DEVICE, event="Catalog;id=7")
    s.wait(1)
    other = p.subscribe("Catalog", lib.DEVICE, event="Catalog", body=False, expires=0)
    equal(other.status, 200, "cancel with another Call-ID and no body")
    check(p.wait(lambda: s.states()[-1].startswith("terminated")), "the subscription did not end")
    equal(s.refresh(600).status, 481, "refresh after the cancellation")


def test_errors(t):
    p, d = t.start()
    equal(p.subscribe("Weather", lib.DEVICE).status, 489, "unknown CmdType")
    equal(p.subscribe("Alarm", lib.DEVICE, expires="soon").status, 400, "broken Expires")
    equal(p.subscribe("Alarm", lib.DEVICE, body=False, event="presence").status, 489, "neither body nor package")
    s = p.subscribe("Catalog", lib.DEVICE, body=False, event="Catalog;id=77")
    equal(s.status, 200, "Catalog by its Event package")
    equal(s.wait(1)[0].get("Event"), "Catalog;id=77", "Event")
    s = p.subscribe("Alarm", lib.DEVICE, expires=None)
    equal((s.status, s.granted), (200, 600), "without Expires")


def test_most(t):
    p, d = t.start(alarms=[f"a{n}" for n in range(9)])
    kept = [p.subscribe("Alarm", f"3402000000134{n:07d}") for n in range(1, 9)]
    equal([s.status for s in kept], [200] * 8, "eight subscriptions")
    equal(p.subscribe("Alarm", "34020000001340000009").status, 486, "the ninth")
    equal(kept[0].cancel().status, 200, "cancel")
    equal(p.subscribe("Alarm", "34020000001340000009").status, 200, "SUBSCRIBE after one was cancelled")


def test_leaving(t):
    p, d = t.start(platform={"subscribe_body": "yes"})
    s = p.subscribe("Alarm", lib.DEVICE)
    body = lib.manscdp.Body(s.response.body)
    equal((body.kind, body.cmd, body.device_id, body.get("Result")), ("Response", "Alarm", lib.DEVICE, "OK"),
          "body of the 200")
    s.wait(1)
    d.stop()
    check(s.states()[-1].startswith("terminated"), "no terminated NOTIFY at shutdown")


def test_tcp(t):
    p, d = t.start(channels=2, platform={"transport": "tcp", "notify_batch": "0"})
    s = p.subscribe("Catalog", lib.DEVICE)
    equal(s.status, 200, "SUBSCRIBE")
    s.wait(1)
    d.write_config(t.config(p, channels=1, platform={"transport": "tcp", "notify_batch": "0"}))
    d.ctl("reload")
    s.wait_bodies(1)
    equal(s.events(), [(lib.channel_id(2), "DEL")], "events")
    equal(s.cancel().status, 200, "cancel")


lib.main(test_tcp, test, test_expiry, test_cancel_outside, test_errors, test_most, test_leaving)
