# SPDX-License-Identifier: MIT
"""A channel whose board fails to open (by strace's fault injection) is DEFECT in Keepalive and the catalogue; the
others work."""

import os
import shutil
import subprocess

import lib
from _keepalive import last, report
from lib import check, equal, need

DEFECT = lib.channel_id(2)


def test(t):
    need(shutil.which("strace") and not lib.RUN, "strace is not installed, or the program runs under an emulator")
    first, p = t.platform(), t.platform()
    extra = f"[channel {DEFECT}]\nname = defect\nsource = template:main\n"
    # Leak detection does not work under strace.
    asan = os.environ.get("ASAN_OPTIONS", "")
    strace = ["strace", "-D", "-qq", "-E", f"ASAN_OPTIONS={asan}{':' if asan else ''}detect_leaks=0",
              "-o", str(t.folder / "strace"), "-e", "trace=eventfd2"]
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "inject=eventfd2:error=EMFILE", "true"],
                           capture_output=True, text=True)
    need(tried.returncode == 0, tried.stderr.strip())
    # Boards are opened last, the template after the sim: its eventfd is the last one at startup.
    d = t.daemon(t.config(first, extra=extra), run=strace)
    check(first.wait_online(), "not online")
    equal(d.stop(), 0, "exit code")
    last_one = (t.folder / "strace").read_text().count("eventfd2(")
    text = t.config(p, platform={"keepalive_interval": 3600}, extra=extra)
    d = t.daemon(text, run=[*strace, "-e", f"inject=eventfd2:error=EMFILE:when={last_one}"])
    check(d.wait_log('open-failed board=template reason="Too many open files"'), "the template was opened")
    check(p.wait_online(), "not online")
    check(p.wait_notes("Keepalive"), "no keepalive")
    equal(last(p), report(DEFECT), "the first keepalive")
    equal([c["state"] for c in d.status()["channels"]], ["on", "defect"], "states")
    body = p.query("DeviceStatus", DEFECT)
    equal((body.get("Online"), body.get("Status")), ("ONLINE", "ERROR"), "DeviceStatus")
    equal(p.invite(DEFECT).status // 100 in (4, 5), True, "INVITE of a defective channel")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "the other channel does not work")
    call.close()


lib.main(test)
