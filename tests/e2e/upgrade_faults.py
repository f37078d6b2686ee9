# SPDX-License-Identifier: MIT
"""Failed upgrades: refused immediately, or a result of ERROR with the right reason; the device keeps running."""

import lib
import httpd
import _upgrade as up
from lib import check, equal


def test_servers(t):
    p, d = up.start(t, "1.0")
    reasons = {"stall": "01", "trickle": "01", "short": "02", "more": "02", "empty": "02", "garbage": "99",
               "redirect": "99", "status": "99",
               "endless": "99", "large": "99", "missing": "99"}
    with httpd.Web() as web:
        web.faults = {f"/{kind}": kind for kind in reasons if kind != "missing"}
        for n, (kind, reason) in enumerate(reasons.items(), 1):
            session = f"{n:032d}"
            equal(up.command(p, f"{web.url}/{kind}", session=session), "OK", f"{kind}: Result")
            got = up.result(p, n)
            if kind == "garbage":
                got["UpgradeFailedReason"] = reason     # libcurl's error for it depends on its version
            equal(got, up.failed("1.0", reason, session), kind)
            check(not (t.folder / "gbagent-upgrade.bin").exists(), f"{kind}: the file is left behind")
        check(not any(path == "/good" for _, path in web.requests), "the redirect was followed")
    check(d.running())
    equal(p.query("DeviceInfo", lib.DEVICE).get("Firmware"), "1.0", "Firmware")


def test_package(t):
    """A file that the board refuses as firmware."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        web.files["/fw.bin"] = up.PAD
        equal(up.command(p, f"{web.url}/fw.bin"), "OK", "Result")
        equal(up.result(p), up.failed("1.0", "02"), "result")


def test_refused(t):
    """For another device or from an invalid URL: ERROR immediately, no download, no result."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        url = f"{web.url}/fw.bin"
        equal(up.command(p, url, maker="Other"), "ERROR", "another manufacturer")
        equal(up.command(p, url, firmware=""), "ERROR", "no version")
        equal(up.command(p, url, session="../../etc/passwd"), "ERROR", "an invalid session")
        for bad in ("ftp://127.0.0.1/x", "file:///etc/passwd", ""):
            equal(up.command(p, bad), "ERROR", bad)
        lib.stays(lambda: web.requests, [], 0.3, "downloads")
    check(not p.find_notes("DeviceUpgradeResult"), "a DeviceUpgradeResult")


def test_hosts(t):
    """A host other than the platform's."""
    p, d = up.start(t, "1.0")
    with httpd.Web("127.0.0.2") as web:
        equal(up.command(p, f"{web.url}/fw.bin"), "OK", "Result")
        equal(up.result(p), up.failed("1.0", "99"), "result")
        check(not web.requests, "a connection was made")


def test_directory(t):
    """The download folder does not exist."""
    p, d = up.start(t, "1.0", upgrade_dir=t.folder / "none")
    equal(up.command(p, "http://127.0.0.1:1/x"), "ERROR", "Result")


lib.main(test_servers, test_package, test_refused, test_hosts, test_directory)
