# SPDX-License-Identifier: MIT
"""A classic daemon: goes to the background, pidfile with a lock, a second one refuses, SIGTERM removes it."""

import os
import pathlib
import signal
import subprocess
import time

import lib
from lib import check, equal


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


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
    check(time.monotonic() - start < 5, "the parent stayed")
    pid = int(pidfile.read_text())
    try:
        check(alive(pid), "no process of that pid")
        check(p.wait_online(), "not online")
        equal(os.getsid(pid) != os.getsid(0), True, "own session")
        equal(os.readlink(f"/proc/{pid}/cwd"), "/", "working directory")
        second = subprocess.run(command, capture_output=True, text=True, timeout=10)
        check(second.returncode != 0, "a second daemon was started")
        equal(int(pidfile.read_text()), pid, "pidfile after the second start")
        check((t.folder / "d.log").stat().st_size > 0, "nothing in the log file")
    finally:
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 4
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    check(not alive(pid), "still there after SIGTERM")
    check(not pidfile.exists(), "pidfile is left")
    check(not p.devices, "still registered")


def test_bad_config(t):
    """Errors are told before the parent leaves."""
    conf = t.folder / "bad.conf"
    conf.write_text("[device]\nid = 1\n")
    lib.need((lib.BIN / "gbagentd").exists(), "gbagentd is not built")
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(conf)], capture_output=True, text=True,
                          timeout=10)
    check(done.returncode != 0 and "bad.conf:2:" in done.stderr, f"{done.returncode} {done.stderr}")


lib.main(test, test_bad_config)
