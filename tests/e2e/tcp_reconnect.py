# SPDX-License-Identifier: MIT
"""The TCP connection of the signalling breaks while a stream runs: the stream goes on, and a new INVITE of the platform
replaces it without a BYE."""

import time

import lib
from lib import check, equal

TCP = {"transport": "tcp", "keepalive_interval": 5}


def start(t, **invite):
    p, d = t.start(platform=TCP)
    call = p.invite(lib.CHANNEL, **invite)
    check(call.media.wait_units(5), "no media")
    return p, d, call


def back(p, d, before):
    check(p.wait(lambda: len(p.received("REGISTER")) > before + 1, 10 * lib.SLOW), "not registered again")
    check(d.wait_state("online"), "not online")


def flows(call):
    return call.media.wait_units(len(call.media.units) + 25)


def survives(p, d, call, brk):
    before, number = len(p.received("REGISTER")), d.status()["sessions"][0]["call"]
    brk()
    back(p, d, before)
    check(flows(call), "the stream ended with the connection")
    equal(d.status()["sessions"][0]["call"], number, "number of the call")
    check("session-end" not in d.log(), "a session ended")
    equal(p.received("BYE"), [], "BYEs")
    # in its dialog, over the new connection
    call.route = p.route()
    equal(call.bye().status, 200, "BYE")
    check(call.silent(), "media after BYE")


def test_reset(t):
    p, d, call = start(t)
    survives(p, d, call, p.drop_connections)


def test_closed(t):
    p, d, call = start(t)
    survives(p, d, call, lambda: p.drop_connections(reset=False))


def test_framing(t):
    """An invalid message makes the device close the connection."""
    p, d, call = start(t)
    survives(p, d, call, lambda: p.connections[-1].send(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n"))


def test_busy(t):
    """The platform is back but busy: the next REGISTER goes over the same connection, which has the stream's dialog."""
    p, d, call = start(t)
    p.registrar.refuse = 503
    p.drop_connections()
    check(p.wait(lambda: any(m.status == 503 for m in p.log if m.sent and not m.is_request), 10 * lib.SLOW),
          "not refused")
    p.registrar.refuse = 0
    check(d.wait_state("online"), "not online")
    check(flows(call), "the stream ended")
    equal(len(p.connections), 2, "connections")
    call.route = p.route()
    equal(call.bye().status, 200, "BYE")
    check(call.silent(), "media after BYE")


def restarted(t, p, d):
    """The platform is restarted on the same port without its state; the media server keeps running."""
    port = p.port
    p._calls.clear()
    p.close()
    t.platforms.remove(p)
    check(not p.errors, p.errors)
    check(d.wait_status(lambda s: s["platforms"][0]["state"] != "online"), "the closed connection is not noticed")
    return t.platform(port=port)


def test_restart(t):
    p, d, call = start(t)
    p = restarted(t, p, d)
    check(p.wait_online(10 * lib.SLOW), "not registered with the new platform")
    check(flows(call), "the stream ended with the connection")
    again = p.invite(lib.CHANNEL, ssrc="0200000002")
    equal(again.status, 200, "new INVITE")
    check(again.media.wait_units(5), "no media of the new session")
    check(call.silent(), "the old session still sends")
    equal(len(d.status()["sessions"]), 1, "sessions")
    # one more is another viewer
    third = p.invite(lib.CHANNEL, ssrc="0200000003")
    check(third.media.wait_units(5) and flows(again), "the session was replaced")
    equal(p.received("BYE"), [], "BYEs")
    third.close()
    again.close()
    call.media.close()


def test_restart_too_long(t):
    """The platform is away for more than ten seconds: the stream ends."""
    p, d, call = start(t)
    p._calls.clear()
    p.close()
    t.platforms.remove(p)
    broke = time.monotonic()
    check(d.wait_log('reason="registration lost"', timeout=20), "the stream goes on")
    took = time.monotonic() - broke
    check(9.5 < took < 11 * lib.SLOW, f"it ended after {took:.1f} s")
    check(call.silent(), "media")
    call.media.close()


def test_srs(t):
    """SRS remembers the device: its new INVITE, with the same y=, arrives before the 200 to REGISTER. A BYE would make
    it close."""
    p, d = t.start(platform=TCP)
    call = p.invite(lib.DEVICE, style="srs", media="tcp-passive")
    check(call.media.wait_units(5), "no media")
    calls = []

    def early(msg, default):
        answer = default()
        if answer.status != 200 or calls or msg.get("Expires") == "0":
            return answer
        calls.append(p.invite(lib.DEVICE, style="srs", media="tcp-passive", wait=False, route=msg.route))
        p._later(0.4, lambda: p.reply(msg, answer))
        return None
    p.hooks["REGISTER"] = early
    p.drop_connections()
    check(p.wait(lambda: calls, 10 * lib.SLOW), "no REGISTER")
    again = calls[0]
    again.finish(p.final(again.invite))
    equal(again.status, 200, "new INVITE")
    check(again.media.wait_units(5), "no media of the new session")
    check(d.wait_state("online"), "not online")
    check(d.wait_status(lambda s: len(s["sessions"]) == 1), "the old session is left")
    check(flows(again), "the new session ended")
    equal(p.received("BYE"), [], "BYEs")
    equal(len(p.connections), 2, "connections")
    again.close()


def test_refused(t):
    """The platform comes back and refuses: its streams end."""
    p, d, call = start(t)
    p.registrar.refuse = 403
    p.drop_connections()
    check(d.wait_log('reason="registration lost"', timeout=8), "the stream goes on")
    check(call.silent(), "media")
    p.registrar.refuse = 0


lib.main(test_reset, test_closed, test_framing, test_busy, test_restart, test_restart_too_long, test_srs, test_refused)
