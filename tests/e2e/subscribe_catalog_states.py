# SPDX-License-Identifier: MIT
"""A board reports that a channel is off, defective, or on again: Catalog events of Annex P, Keepalive's list,
DeviceStatus and the catalogue, at platforms of different versions; a state that flaps is not sent."""

import lib
from _keepalive import last, report
from lib import check, equal

OTHER = lib.channel_id(2)


def online(body):
    return [body.get(name) for name in ("Online", "Status")]


def test(t):
    p = t.platform()
    second = t.platform(server_id="44010000002000000001")
    text = t.config(channels=["大门", "后门"])
    text += t.section("old", p, version="2016", notify_batch=0, keepalive_interval=3600)
    text += t.section("new", second, version="2022", notify_batch=0, keepalive_interval=3600)
    d = t.daemon(text)
    check(p.wait_online(10 * lib.SLOW) and second.wait_online(10 * lib.SLOW), "not online")
    both = [q.subscribe("Catalog", lib.DEVICE) for q in (p, second)]
    for s in both:
        check(not s.wait(1)[0].body, "the first NOTIFY is not empty")
    want = []
    for state, event, shown in (("off", "OFF", ["OFFLINE", "ERROR"]), ("defect", "DEFECT", ["ONLINE", "ERROR"]),
                                ("on", "ON", ["ONLINE", "OK"])):
        equal(d.ctl("channel", OTHER, state).strip(), f"channel {state}", "gbagentctl")
        want.append((OTHER, event))
        for s in both:
            check(len(s.wait_bodies(len(want))) == len(want), f"{state}: no NOTIFY")
            equal(s.events(), want, f"{state}: events")
            equal(s.bodies()[-1].items()[0]["_order"], ["DeviceID", "Event"], f"{state}: Item")
        for q in (p, second):
            equal(online(q.query("DeviceStatus", OTHER)), shown, f"{state}: DeviceStatus")
            equal(online(q.query("DeviceStatus", lib.CHANNEL)), ["ONLINE", "OK"],
                  f"{state}: DeviceStatus of the other one")
            items = {i["DeviceID"]: i["Status"] for i in q.catalog(lib.DEVICE)[0]}
            equal(items, {lib.CHANNEL: "ON", OTHER: "ON" if state == "on" else "OFF"}, f"{state}: catalogue")
        equal([c["state"] for c in d.status()["channels"]], ["on", state], f"{state}: status")
        if state != "on":
            check(p.wait(lambda: last(p) == report(OTHER), 5 * lib.SLOW), f"{state}: keepalive {last(p)}")
        if state == "off":
            # a new subscription gets the state in its first NOTIFY
            late = p.subscribe("Catalog", OTHER)
            check(late.wait_bodies(1), "the first NOTIFY does not list the channel that is off")
            equal(late.events(), [(OTHER, "OFF")], "the first NOTIFY")
            late.cancel()
    d.ctl("channel", "34020000001310000009", "off", ok=False)


def test_watched(t):
    """A running stream stops and comes back; an INVITE in between is refused."""
    p, d = t.start(platform={"notify_batch": 0})
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    d.ctl("channel", lib.CHANNEL, "off")
    check(s.wait_bodies(1), "no NOTIFY")
    equal(s.events(), [(lib.CHANNEL, "OFF")], "events: none of the lost source in addition")
    check(d.wait_log("stream: source-lost"), "the stream goes on")
    equal(p.invite(lib.CHANNEL, ssrc="0200000077").status, 480, "INVITE while it is off")
    before = len(call.media.units)
    d.ctl("channel", lib.CHANNEL, "on")
    check(p.wait(lambda: s.events()[-1] == (lib.CHANNEL, "ON"), 10 * lib.SLOW), f"not on again: {s.events()}")
    check(call.media.wait_units(before + 20), "the stream does not come back")
    call.close()


def test_flapping(t):
    p, d = t.start(platform={"notify_batch": 1})
    s = p.subscribe("Catalog", lib.DEVICE)
    s.wait(1)
    for state in ("off", "on", "defect", "on"):
        d.ctl("channel", lib.CHANNEL, state)
    lib.stays(s.events, [], 1.6, "events of a state that flaps")
    d.ctl("channel", lib.CHANNEL, "off")
    check(s.wait_bodies(1), "no NOTIFY")
    equal(s.events(), [(lib.CHANNEL, "OFF")], "events")


lib.main(test, test_watched, test_flapping)
