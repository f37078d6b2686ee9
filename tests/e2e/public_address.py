# SPDX-License-Identifier: MIT
"""rport and received: a changed public address is registered; configured addresses are used."""

import lib
from lib import check, equal, sip


def test_changed(t):
    p, d = t.start(platform={"keepalive_interval": 1})
    first = p.wait_registered()

    def moved(msg, default):
        answer = default()
        if answer is not None:
            via = msg.get("Via").replace("rport", "rport=40001;received=203.0.113.9", 1)
            answer.set("Via", via)
        return answer
    p.hooks["MESSAGE"] = p.hooks["REGISTER"] = moved
    check(p.wait(lambda: p.wait_registered().registrations >= 2, 6 * lib.SLOW), "no new registration")
    contact = p.received("REGISTER")[-1].get("Contact")
    equal(sip.host_of(contact), ("203.0.113.9", 40001), "Contact")
    check(d.wait_status(lambda s: s["platforms"][0]["public_address"] == "203.0.113.9:40001"),
          "public address in status")


def test_forced(t):
    p, _ = t.start(platform={"public_address": "198.51.100.7:5070", "media_address": "198.51.100.8"})
    equal(sip.host_of(p.received("REGISTER")[0].get("Contact")), ("198.51.100.7", 5070), "Contact")
    call = p.invite(lib.CHANNEL)
    equal(call.answer.ip, "198.51.100.8", "c= of the answer")
    check(call.media.wait_units(3), "no media")
    call.close()


def test_interface(t):
    p, _ = t.start(platform={"interface": "lo"})
    equal(p.route().addr[0], "127.0.0.1", "source address")


lib.main(test_changed, test_forced, test_interface)
