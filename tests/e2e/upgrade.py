# SPDX-License-Identifier: MIT
"""DeviceUpgrade: download, installation by the board, and one DeviceUpgradeResult with the command's SessionID."""

import threading

import lib
import httpd
import _upgrade as up
from lib import check, equal

GOOD = {"SessionID": up.SESSION, "UpgradeResult": "OK", "Firmware": "2.0"}


def test(t):
    """A board that needs no restart; the status shows the progress."""
    p, d = up.start(t)
    old = p.query("DeviceInfo", lib.DEVICE).get("Firmware")
    with httpd.Web() as web:
        web.files["/fw.bin"] = b"gbagent-sim 2.0\n" + up.PAD
        web.slow = threading.Event()
        equal(up.command(p, f"{web.url}/fw.bin?key=1"), "OK", "Result")
        shown = d.wait_status(lambda s: s["upgrades"] and s["upgrades"][0]["bytes"] > 0)
        check(shown, "no progress in status")
        row = shown["upgrades"][0]
        equal((row["session"], row["platform"], row["firmware"], row["state"], row["total"]),
              (up.SESSION, "main", "2.0", "downloading", len(web.files["/fw.bin"])), "status")
        check(49 <= row["percent"] <= 51, f"{row['percent']} per cent")
        check("downloading" in d.ctl("status"), "no progress in the text")
        equal(up.command(p, f"{web.url}/fw.bin?key=1"), "OK", "the same command again")
        equal(up.command(p, f"{web.url}/other", session="z" * 32), "ERROR", "another one during it")
        check(not p.find_notes("DeviceUpgradeResult"), "early result")
        web.slow.set()
        equal(up.result(p), GOOD, "result")
        equal([e.tag for e in p.find_notes("DeviceUpgradeResult")[0].body.root],
              ["CmdType", "SN", "DeviceID", "SessionID", "UpgradeResult", "Firmware"], "order of elements")
        equal(len(web.requests), 1, "downloads")
    check(old != "2.0", "the firmware is already 2.0")
    equal(p.query("DeviceInfo", lib.DEVICE).get("Firmware"), "2.0", "Firmware")
    check(not (t.folder / "gbagent-upgrade.bin").exists(), "the file is left behind")
    check(d.wait_status(lambda s: s["upgrades"] == []), "the upgrade is still in the status")


def restart(t, p, d, firmware, before=1):
    """The board restarts: the daemon exits and is started again."""
    equal(d.wait_exit(10), 0, "exit code")
    registrations = len(p.received("REGISTER"))
    d2 = t.daemon(up.config(t, p, firmware), name=d.name)
    check(p.wait(lambda: len(p.received("REGISTER")) > registrations and p.wait_online(0.1), 10 * lib.SLOW),
          "not online")
    return d2


def test_restart(t):
    """A board that restarts: one result, after the next registration."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        web.files["/fw.bin"] = b"gbagent-sim 2.0 restart\n" + up.PAD
        equal(up.command(p, f"{web.url}/fw.bin"), "OK", "Result")
        d2 = restart(t, p, d, "2.0")
    equal(up.result(p), GOOD, "result")
    check(d2.wait_log("result=0 running=\"2.0"), "no line in the log")
    d2.stop()
    d3 = t.daemon(up.config(t, p, "2.0"), name=d.name)
    check(d3.wait_state("online"), "not online again")
    lib.stays(lambda: len(p.find_notes("DeviceUpgradeResult")), 1, 0.5, "results")


def test_restart_old(t):
    """The old version is running after the restart: system error."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        web.files["/fw.bin"] = b"gbagent-sim 2.0 restart\n"
        equal(up.command(p, f"{web.url}/fw.bin"), "OK", "Result")
        restart(t, p, d, "1.0")
    equal(up.result(p), up.failed("1.0", "03"), "result")


def test_killed(t):
    """Killed during the download: the result is sent after the next start."""
    p, d = up.start(t, "1.0")
    with httpd.Web() as web:
        web.files["/fw.bin"] = b"gbagent-sim 2.0\n" + up.PAD
        web.slow = threading.Event()
        equal(up.command(p, f"{web.url}/fw.bin"), "OK", "Result")
        check(d.wait_status(lambda s: s["upgrades"] and s["upgrades"][0]["bytes"] > 0), "no progress")
        d.expect_exit = -9
        d.signal(9)
        d.wait_exit()
        t.daemon(up.config(t, p, "1.0"), name=d.name)
        equal(up.result(p), up.failed("1.0", "03"), "result")


def test_unanswered(t):
    """An unanswered result is sent again after the next registration; a refused one is not."""
    p, d = up.start(t, "2.0")
    p.statuses["DeviceUpgradeResult"] = None
    equal(up.command(p, "http://127.0.0.1:1/x"), "OK", "the running version")
    equal(up.result(p), GOOD, "result")
    for count, status in ((2, 403), (2, 200)):
        d.stop()
        p.statuses["DeviceUpgradeResult"] = status
        d = t.daemon(up.config(t, p, "2.0"), name=d.name)
        check(d.wait_state("online"), "not online again")
        p.wait_notes("DeviceUpgradeResult", count)
        lib.stays(lambda: len(p.find_notes("DeviceUpgradeResult")), count, 0.5, f"results, before {status}")
    equal(up.result(p, 2), GOOD, "result")


lib.main(test, test_restart, test_restart_old, test_killed, test_unanswered)
