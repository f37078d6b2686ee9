# SPDX-License-Identifier: MIT
"""As a classic daemon: forks to the background, locks its pidfile, a second instance exits with an error, SIGTERM
removes the pidfile."""

import os
import signal
import subprocess
import time

import lib
from lib import check, equal


def test(t):
    lib.need((lib.BIN / "gbagentd").exists(), "gbagentd is not built")
    p = t.platform()
    conf, pidfile = t.folder / "d.conf", t.folder / "d.pid"
    conf.write_text(t.config(p, log={"target": t.folder / "d.log"}).replace("@SOCKET@", str(t.folder / "d.sock")),
                    encoding="utf-8")
    conf.chmod(0o600)
    command = [*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(conf), "--pidfile", str(pidfile)]
    start = time.monotonic()
    equal(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         timeout=10).returncode, 0,
          "exit code of the parent")
    check(time.monotonic() - start < 5, "the parent did not exit")
    pid = int(pidfile.read_text())
    try:
        check(lib.alive(pid), "no process with that pid")
        check(p.wait_online(), "not online")
        equal(os.getsid(pid) != os.getsid(0), True, "own session")
        equal(os.readlink(f"/proc/{pid}/cwd"), "/", "working directory")
        second = subprocess.run(command, capture_output=True, text=True, timeout=10)
        check(second.returncode != 0, "a second daemon was started")
        equal(int(pidfile.read_text()), pid, "pidfile after the second start")
        check((t.folder / "d.log").stat().st_size > 0, "nothing in the log file")
    finally:
        os.kill(pid, signal.SIGTERM)
    lib.until(lambda: not lib.alive(pid), 4, "still running after SIGTERM")
    check(not pidfile.exists(), "the pidfile is left behind")
    check(not p.devices, "still registered")


def test_bad_config(t):
    """Errors are printed before the parent exits."""
    conf = t.folder / "bad.conf"
    conf.write_text("[device]\nid = 1\n")
    lib.need((lib.BIN / "gbagentd").exists(), "gbagentd is not built")
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(conf)], capture_output=True, text=True,
                          timeout=10)
    check(done.returncode != 0 and "bad.conf:2:" in done.stderr, f"{done.returncode} {done.stderr}")


lib.main(test, test_bad_config)
