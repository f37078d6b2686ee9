# SPDX-License-Identifier: MIT
"""Shared by the upgrade tests."""

import subprocess

import lib
from lib import check, equal

SESSION = "a1b2c3d4e5f60a1b2c3d-ABCDEF-upgrade-1"
PAD = b"x" * 300000


def config(t, p, firmware, **http):
    """A daemon's config. It names the running version, which a real board would change by restarting."""
    keys = {"upgrade_dir": t.folder, "stall_timeout": 1, "upgrade_max": 1, **http}
    extra = "[http]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items())
    device = {"manufacturer": "Maker"}
    if firmware:
        device["firmware"] = firmware
    return t.config(p, platform={"version": "2022", "control_interval": 0}, device=device, extra=extra)


def start(t, firmware="", **http):
    linked = subprocess.run(["ldd", lib.BIN / "gbagentd"], capture_output=True, text=True).stdout
    lib.need("libcurl" in linked, "built without libcurl")
    p = t.platform()
    d = t.daemon(config(t, p, firmware, **http))
    check(p.wait_online(10 * lib.SLOW), "the device did not come online")
    return p, d


def command(p, url, firmware="2.0", maker="Maker", session=SESSION):
    inner = (f"<DeviceUpgrade>\r\n<Firmware>{firmware}</Firmware>\r\n<FileURL>{url}</FileURL>\r\n"
             f"<Manufacturer>{maker}</Manufacturer>\r\n<SessionID>{session}</SessionID>\r\n</DeviceUpgrade>")
    answer, sn = p.control(lib.DEVICE, inner)
    equal(answer.status, 200, "SIP status")
    notes = p.wait_notes("DeviceControl", sn=sn)
    check(notes, "no Response")
    return notes[0].body.get("Result")


def result(p, count=1, timeout=10.0):
    """The last DeviceUpgradeResult as a dictionary, once there are `count`."""
    notes = p.wait_notes("DeviceUpgradeResult", count=count, kind="Notify", timeout=timeout * lib.SLOW)
    check(notes, f"no DeviceUpgradeResult number {count}")
    equal(notes[-1].body.device_id, lib.DEVICE, "DeviceID")
    return {e.tag: e.text for e in notes[-1].body.root if e.tag not in ("CmdType", "SN", "DeviceID")}


def failed(firmware, reason, session=SESSION):
    return {"SessionID": session, "UpgradeResult": "ERROR", "Firmware": firmware, "UpgradeFailedReason": reason}
