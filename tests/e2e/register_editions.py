# SPDX-License-Identifier: MIT
"""Three platforms at the same time with different versions and charsets, and one channel."""

import lib
from lib import check, equal

NAME = "大门㐀"              # the last character is in GB18030 and Unicode, not in GB2312


def test(t):
    a = t.platform()
    b = t.platform(server_id="44010000002000000001", password="second-secret")
    c = t.platform(server_id="11010000002000000001", password="third-secret")
    text = t.config(channels=[NAME])
    text += t.section("old", a, version="2011") + t.section("usual", b, version="2016",
                                                            charset="utf-8") + t.section("new", c, version="2022")
    d = t.daemon(text)
    for p in (a, b, c):
        check(p.wait_online(10 * lib.SLOW), f"not online at {p.id}")
    equal([p["version"] for p in d.status()["platforms"]], ["2011", "2016", "2022"], "versions")
    for p, charset, name in ((a, b"GB2312", "大门?"), (b, b"UTF-8", NAME), (c, b"GB18030", NAME)):
        items, notes, _ = p.catalog(lib.DEVICE)
        check(charset in notes[0].msg.body.split(b"\n")[0].upper(), f"{p.id}: {notes[0].msg.body[:60]}")
        equal([i.get("Name") if isinstance(i, dict) else i.findtext("Name") for i in items], [name], f"{p.id}: name")
        equal([bool(m.get("X-GB-Ver")) for m in p.received("REGISTER")], [p is c] * len(p.received("REGISTER")),
              f"{p.id}: X-GB-Ver")
    calls = [p.invite(lib.CHANNEL, ssrc=f"02000000{n}1") for n, p in enumerate((a, b, c), 1)]
    for call in calls:
        equal(call.status, 200, "INVITE")
        check(call.media.wait_units(5), "no media")
    for call in calls:
        equal(call.close().status, 200, "BYE")


lib.main(test)
