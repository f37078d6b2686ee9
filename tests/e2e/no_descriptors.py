# SPDX-License-Identifier: MIT
"""Out of descriptors: gbagentctl still works, TCP media is accepted, requests that need a descriptor are refused and
logged, and the daemon does not spin."""

import os
import resource
import socket

import lib
from lib import check, equal


def exhaust(d):
    """Lowers the daemon's limit to its lowest free descriptor, so that it cannot open any."""
    used = {int(n) for n in os.listdir(f"/proc/{d.proc.pid}/fd")}
    lowest = next(n for n in range(len(used) + 1) if n not in used)
    _, hard = resource.prlimit(d.proc.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(d.proc.pid, resource.RLIMIT_NOFILE, (lowest, hard))


def relieve(d):
    _, hard = resource.prlimit(d.proc.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(d.proc.pid, resource.RLIMIT_NOFILE, (hard, hard))


def hog(d):
    """A client of the control socket that sends nothing."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(d.socket))
    return sock


def test_ctl(t):
    p, d = t.start()
    exhaust(d)
    for _ in range(3):
        equal(d.platform()["state"], "online", "state")
    before = d.status()["wakeups"]
    silent = [hog(d) for _ in range(3)]
    lib.stays(lambda: d.running(), True, 1.5, "running")
    for sock in silent:
        sock.close()
    after = d.wait_status(lambda s: True)["wakeups"]
    check(after - before < 100, f"{after - before} wake-ups while clients waited")
    check('control: accept-failed reason="Too many open files"' in d.log(), "not in the log")
    equal(p.query("DeviceInfo", lib.DEVICE).get("Result"), "OK", "DeviceInfo")
    code, _, err = d.ctl("reload", ok=None)
    check(code != 0 and "Too many open files" in err, f"reload: {code}, {err}")


def test_waits(t):
    """A silent client is dropped after five seconds, and the next in the queue is served."""
    _, d = t.start()
    exhaust(d)
    first = hog(d)
    equal(d.platform()["state"], "online", "state")
    first.close()


def test_invite(t):
    """UDP: refused, and accepted again as soon as there are descriptors."""
    p, other = t.platform(), t.platform()
    d = t.daemon(t.config(p, other, channels=2))
    check(p.wait_online(10) and other.wait_online(10), "not online")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    exhaust(d)
    equal(other.invite(lib.CHANNEL).status, 500, "INVITE without a socket for it")
    check(d.wait_log("media-socket-failed") and 'reason="Too many open files"' in d.log(), "not in the log")
    equal(other.invite(lib.channel_id(2)).status, 480, "INVITE of a source that cannot be opened")
    check(d.wait_log("channel: source-failed"), "not in the log")
    equal([c["state"] for c in d.status()["channels"]], ["on", "on"], "state of the cameras")
    count = len(call.media.units)
    check(call.media.wait_units(count + 5), "the first viewer's stream stopped")
    relieve(d)
    for channel in (lib.CHANNEL, lib.channel_id(2)):
        again = other.invite(channel)
        equal(again.status, 200, "INVITE")
        check(again.media.wait_units(5), "no media")
        again.close()
    call.close()


def test_media_tcp(t):
    """The platform's connection is accepted although the only descriptor for it is the listener's."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, media="tcp-active", ack=False)
    equal(call.status, 200, "INVITE")
    exhaust(d)
    call.send_ack()
    check(call.media.wait_units(10, 10), "no media")
    equal(d.platform()["state"], "online", "state")
    equal(call.close().status, 200, "BYE")


lib.main(test_ctl, test_waits, test_invite, test_media_tcp)
