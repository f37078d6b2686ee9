# SPDX-License-Identifier: MIT
"""Failing snapshot uploads are reported as such, and no request goes to a host that is not allowed."""

import lib
import httpd
import _snapshot as up
from lib import check, equal


def test_partial(t):
    """The second of three is refused: two names are reported."""
    p, d = up.start(t)
    with httpd.Web() as web:
        web.faults["/up"] = lambda _: "status" if len(web.requests) == 2 else None
        equal(up.command(p, lib.CHANNEL, f"{web.url}/up", 3), "OK", "Result")
        names = up.ids(up.finished(p)[0])
        equal([n[-2:] for n in names], ["01", "03"], "pictures received")


def fails(p, url, session, count):
    equal(up.command(p, lib.CHANNEL, url, session=session), "OK", "Result")
    note = up.finished(p, count)[-1]
    equal((note.body.get("SessionID"), up.ids(note)), (session, []), url)


def test_servers(t):
    """Stalled, redirected, invalid or endless responses, connection refused: an empty list is reported."""
    p, d = up.start(t)
    with httpd.Web() as web:
        for n, kind in enumerate(("stall", "redirect", "garbage", "endless", "status", "short"), 1):
            web.faults[f"/{kind}"] = kind
            fails(p, f"{web.url}/{kind}", f"{n:032d}", n)
            fds = fds if n > 1 else d.fds()             # libcurl keeps one or two after the first use
        check(not any(path == "/good" for _, path in web.requests), "the redirect was followed")
        check(not web.uploads, "a picture was received")
        with lib.socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            fails(p, f"http://127.0.0.1:{s.getsockname()[1]}/x", "7" * 32, 7)
    fails(p, "http://no-such-host.invalid/x", "8" * 32, 8)
    equal(d.fds(), fds, "descriptors")


def test_hosts(t):
    """Only the platform's address unless `allow` names others; other loopback addresses must be named as addresses."""
    p, d = up.start(t, allow="localhost")
    with httpd.Web("127.0.0.2") as web:
        for n, url in enumerate((f"http://127.0.0.2:{web.port}/x", f"http://2130706434:{web.port}/x",
                                 f"http://[::ffff:127.0.0.2]:{web.port}/x"), 1):
            fails(p, url, f"{n:032d}", n)
        check(not web.requests, f"a connection was made: {web.requests}")
        d.write_config(d.conf.read_text().replace("allow = localhost", "allow = 127.0.0.2"))
        d.ctl("reload")
        equal(up.command(p, lib.CHANNEL, f"http://127.0.0.2:{web.port}/x", session="8" * 32), "OK", "Result")
        equal(len(up.ids(up.finished(p, 4)[-1])), 1, "allowed now")


def test_ipv6(t):
    p, d = up.start(t, allow="::1")
    try:
        web = httpd.Web("::1")
    except OSError as e:
        raise lib.Skip(f"no IPv6: {e}")
    with web:
        equal(up.command(p, lib.CHANNEL, f"{web.url}/x"), "OK", "Result")
        equal(len(up.ids(up.finished(p)[0])), 1, "pictures")


def test_refused(t):
    """Commands that are refused."""
    p, d = up.start(t)
    for url in ("ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1/", "127.0.0.1/x", ""):
        equal(up.command(p, lib.CHANNEL, url), "ERROR", url)
    equal(up.command(p, lib.CHANNEL, "http://127.0.0.1/x", 11), "ERROR", "SnapNum 11")
    equal(up.command(p, lib.CHANNEL, "http://127.0.0.1/x", 0), "ERROR", "SnapNum 0")
    with httpd.Web() as web:
        for n in range(4):
            equal(up.command(p, lib.CHANNEL, f"{web.url}/x", 2, 3600, f"{n:032d}"), "OK", f"session {n}")
        equal(up.command(p, lib.CHANNEL, f"{web.url}/x", 2, 3600, "9" * 32), "ERROR", "a fifth one at the same time")
        equal(up.command(p, lib.CHANNEL, f"{web.url}/x", 2, 3600, f"{1:032d}"), "OK", "the same again")
    check(not p.find_notes("UploadSnapShotFinished"), "a session ended early")


lib.main(test_partial, test_servers, test_hosts, test_ipv6, test_refused)
