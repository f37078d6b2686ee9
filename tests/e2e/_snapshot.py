# SPDX-License-Identifier: MIT
"""Shared by the snapshot tests."""

import datetime
import re
import subprocess

import lib
from lib import check, equal

SESSION = "a1b2c3d4e5f60a1b2c3d-ABCDEF-session-1"
JPEGS = [(lib.ROOT / "board" / "sim" / f"snapshot{n}.jpg").read_bytes() for n in (1, 2)]


def command(p, target, url, num=1, interval=1, session=SESSION):
    """Sends SnapShotConfig; returns the Result of the Response."""
    sn = str(p.serial())
    inner = (f"<SnapShotConfig>\r\n<SnapNum>{num}</SnapNum>\r\n<Interval>{interval}</Interval>\r\n<UploadURL>"
             f"{url}</UploadURL>\r\n"
             f"<SessionID>{session}</SessionID>\r\n</SnapShotConfig>")
    body = lib.manscdp.build("Control", "DeviceConfig", sn, target, inner, encoding="GB18030")
    equal(p.message(body, target).status, 200, "SIP status")
    notes = p.wait_notes("DeviceConfig", sn=sn)
    check(notes, "no Response")
    return notes[0].body.get("Result")


def finished(p, count=1, timeout=15.0):
    notes = p.wait_notes("UploadSnapShotFinished", count=count, kind="Notify", timeout=timeout * lib.SLOW)
    check(notes, "no UploadSnapShotFinished")
    return notes


def ids(note):
    return [e.text for e in note.body.root.findall("SnapShotList/SnapShotFileID")]


def start(t, upload=None, **http):
    keys = {"upload": upload, "stall_timeout": 1, **http}
    text = "[http]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items() if v is not None)
    p, d = t.start(platform={"version": "2022", "config_interval": 0}, extra=text)
    lib.need("libcurl" in subprocess.run(["ldd", lib.BIN / "gbagentd"], capture_output=True, text=True).stdout,
             "built without libcurl")
    return p, d


def check_name(name, target, number):
    found = re.fullmatch(r"(\d{20})02(\d{14})(\d{3})(\d{2})", name)
    check(found and len(name) == 41, f"name {name}")
    equal((found.group(1), found.group(4)), (target, f"{number:02d}"), f"parts of {name}")
    stamp = datetime.datetime.strptime(found.group(2), "%Y%m%d%H%M%S")
    now = datetime.datetime.now(lib.BEIJING).replace(tzinfo=None)
    check(abs((now - stamp).total_seconds()) < 20, f"{name} is not from {now}")
