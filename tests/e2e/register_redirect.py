# SPDX-License-Identifier: MIT
"""302: the device registers at the server it is redirected to, communicates only with that one, and returns when it
fails."""

import lib
from lib import check, equal, Registrar

OTHER = "44010000002000000009"


def pair(t, *, host=None, **kw):
    """(the redirecting platform, the other one)"""
    other = t.platform(server_id=OTHER, **kw)
    first = t.platform(registrar=Registrar(redirect=(OTHER, host or other.at, other.port)))
    return first, other


def follow(t, first, other, **platform):
    d = t.daemon(t.config(first, platform=platform))
    check(other.wait_online(10 * lib.SLOW), "not online at the other server")
    check(not first.devices, "also registered at the redirecting server")
    return d


def test(t):
    first, other = pair(t)
    d = follow(t, first, other)
    p = d.platform()
    equal(p["server"], f"127.0.0.1:{other.port}", "server in status")
    equal(p["server_id"], OTHER, "server ID in status")
    # all features work there
    equal(other.query("DeviceInfo", lib.DEVICE).get("Result"), "OK", "DeviceInfo")
    call = other.invite(lib.CHANNEL)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(5), "no media")
    call.close()
    s = other.subscribe("Alarm", lib.DEVICE)
    check(s.status == 200 and s.wait(1), "no subscription")
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=2")
    check(s.wait_bodies(1), "no NOTIFY of the alarm")
    # and only with it
    count = len(first.received())
    msg = first.make("OPTIONS", lib.DEVICE)
    check(first.request(msg, 1.5, route=other.route()) is None, "the redirecting server was answered")
    equal(len(first.received()), count, "messages to the redirecting server")
    d.stop()
    check(not other.devices, "still registered after the exit")


def test_tcp(t):
    first, other = pair(t)
    follow(t, first, other, transport="tcp")
    equal(other.query("DeviceInfo", lib.DEVICE).get("Result"), "OK", "DeviceInfo")


def test_name(t):
    """A host name in the Contact is looked up."""
    lib.need_localhost()
    first, other = pair(t, host="localhost")
    follow(t, first, other)


def test_refused(t):
    """403 there: back to the redirecting server, which may accept the device by now."""
    first, other = pair(t)
    other.registrar.refuse = 403
    d = t.daemon(t.config(first))
    check(other.wait(lambda: len(other.received("REGISTER")) >= 2, 10), "no REGISTER at the other server")
    first.registrar.redirect = None
    check(first.wait_online(15 * lib.SLOW), "did not return")
    equal(d.platform()["server_id"], lib.SERVER, "server ID in status")


def test_lost(t):
    """Keepalives are not answered there."""
    first, other = pair(t)
    follow(t, first, other, keepalive_interval=1, keepalive_count=2)
    first.registrar.redirect = None
    other.statuses["Keepalive"] = None
    check(first.wait_online(20 * lib.SLOW), "did not return")


def test_loop(t):
    """Two servers that redirect to each other: the number of attempts is limited."""
    first, other = pair(t)
    other.registrar.redirect = (lib.SERVER, first.at, first.port)
    d = t.daemon(t.config(first))
    check(d.wait_status(lambda s: s["platforms"][0]["state"] == "waiting", 10), "the redirections do not end")
    check("redirected" in d.platform()["last_error"], d.platform()["last_error"])
    count = lambda: len(first.received("REGISTER")) + len(other.received("REGISTER"))
    check(count() <= 12, f"{count()} REGISTER")
    lib.stays(count, count(), 1, "REGISTER")


lib.main(test, test_tcp, test_name, test_refused, test_lost, test_loop)
