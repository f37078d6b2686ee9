# SPDX-License-Identifier: MIT
"""Upgrades that fail: refused at once, or ERROR with the right reason, and the device goes on."""

import lib
import httpd
import _upgrade as up
from lib import check, equal


def test_servers(t):
    p, d = up.start(t, "1.0")
    reasons = {"stall": "01", "trickle": "01", "short": "02", "more": "02", "empty": "02", "garbage": "99", "redirect": "99", "status": "99",
               "endless": "99", "large": "99", "missing": "99"}
    with httpd.Web() as web:
        web.faults = {f"/{kind}": kind for kind in reasons if kind != "missing"}
        for n, (kind, reason) in enumerate(reasons.items(), 1):
            session = f"{n:032d}"
            equal(up.order(p, f"{web.url}/{kind}", session=session), "OK", f"{kind}: Result")
            got = up.result(p, n)
            if kind == "garbage":
                got["UpgradeFailedReason"] = reason     # how libcurl calls it differs by version
            equal(got, up.failed("1.0", reason, session), kind)
            check(not (t.folder / "gbagent-upgrade.bin").exists(), f"{kind}: the file is left behind")
        check(not any(path == "/good" for _, path in web.requests), "the redirect was followed")
    check(d.running())
    equal(p.query("DeviceInfo", lib.DEVICE).get("Firmware"), "1.0", "Firmware")


def test_package(t):
    """A file that is no firmware; a board that says so."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        web.files["/fw.bin"] = up.PAD
        equal(up.order(p, f"{web.url}/fw.bin"), "OK", "Result")
        equal(up.result(p), up.failed("1.0", "02"), "result")


def test_refused(t):
    """Not for this device, or not to be had: ERROR at once, nothing is fetched, nothing is told."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        url = f"{web.url}/fw.bin"
        equal(up.order(p, url, maker="Other"), "ERROR", "another manufacturer")
        equal(up.order(p, url, firmware=""), "ERROR", "no version")
        equal(up.order(p, url, session="../../etc/passwd"), "ERROR", "a session that is none")
        for bad in ("ftp://127.0.0.1/x", "file:///etc/passwd", ""):
            equal(up.order(p, bad), "ERROR", bad)
        lib.time.sleep(0.3)
        check(not web.requests, "something was fetched")
    check(not p.find_notes("DeviceUpgradeResult"), "a result was told")


def test_where(t):
    """Another host than the platform's."""
    p, d = up.start(t, "1.0")
    with httpd.Web("127.0.0.2") as web:
        equal(up.order(p, f"{web.url}/fw.bin"), "OK", "Result")
        equal(up.result(p), up.failed("1.0", "99"), "result")
        check(not web.requests, "a connection was made")


def test_directory(t):
    """A folder that is not there."""
    p, d = up.start(t, "1.0", upgrade_dir=t.folder / "none")
    equal(up.order(p, "http://127.0.0.1:1/x"), "ERROR", "Result")


lib.main(test_servers, test_package, test_refused, test_where, test_directory)
