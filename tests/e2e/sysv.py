# SPDX-License-Identifier: MIT
"""The init script: start, status, reload, restart, stop."""

import os
import shutil
import subprocess

import lib
from lib import check, equal


def test(t):
    lib.need(shutil.which("start-stop-daemon"), "start-stop-daemon is not installed")
    lib.need((lib.BIN / "gbagentd").exists() and not lib.RUN, "gbagentd is not built for this machine")
    p = t.platform()
    conf, pidfile, defaults = t.folder / "g.conf", t.folder / "g.pid", t.folder / "defaults"
    conf.write_text(t.config(p, log={"target": t.folder / "g.log"}).replace("@SOCKET@", str(t.folder / "g.sock")), encoding="utf-8")
    conf.chmod(0o600)
    defaults.write_text(f"EXEC={lib.BIN}/gbagentd\nCONFIG={conf}\nPIDFILE={pidfile}\n")
    shell = ["busybox", "sh"] if shutil.which("busybox") else ["sh"]

    def run(action):
        return subprocess.run([*shell, str(lib.ROOT / "packaging" / "sysv" / "S95gbagentd"), action], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20,
                              env={**os.environ, "GBAGENTD_DEFAULTS": str(defaults)}).returncode
    try:
        check(run("status") != 0, "status says it runs")
        equal(run("start"), 0, "start")
        check(p.wait_online(), "not online")
        equal(run("status"), 0, "status")
        pid = pidfile.read_text()
        equal(run("start"), 0, "second start")
        equal(pidfile.read_text(), pid, "pid after the second start")
        equal(run("reload"), 0, "reload")
        check(b"config reloaded" in (t.folder / "g.log").read_bytes() or p.wait(
            lambda: b"config reloaded" in (t.folder / "g.log").read_bytes(), 3), "no reload in the log")
        equal(run("restart"), 0, "restart")
        check(p.wait(lambda: p.devices and pidfile.exists() and pidfile.read_text() != pid, 8), "not back after the restart")
    finally:
        equal(run("stop"), 0, "stop")
    check(p.wait(lambda: not p.devices, 3), "still registered")
    check(run("status") != 0, "status after stop")
    equal(run("stop"), 0, "second stop")
    check(run("nonsense") != 0, "unknown action")


lib.main(test)
