# SPDX-License-Identifier: MIT
"""The init script with BusyBox's sh and start-stop-daemon and with the system's: start, stop, restart, reload,
status."""

import os
import shutil
import signal
import subprocess

import lib
from lib import alive, check, equal, until

SCRIPT = lib.ROOT / "packaging" / "sysv" / "S95gbagentd"


class Init:
    """The script with its defaults file; its daemon."""

    def __init__(self, t, p, shell, path):
        self.shell, self.path = shell, path
        self.conf, self.pidfile, self.log = (t.folder / f"d.{x}" for x in ("conf", "pid", "log"))
        self.text = t.config(p, log={"target": self.log}).replace("@SOCKET@", str(t.folder / "d.sock"))
        self.write(self.text)
        self.defaults = t.folder / "defaults"
        self.defaults.write_text(f"EXEC={lib.BIN}/gbagentd\nCONFIG={self.conf}\nPIDFILE={self.pidfile}\n")

    def write(self, text):
        self.conf.write_text(text, encoding="utf-8")
        self.conf.chmod(0o600)

    def run(self, command, code):
        """The standard output; the exit code is an assertion."""
        done = subprocess.run([*self.shell, str(SCRIPT), command], capture_output=True, text=True,
                              timeout=30 * lib.SLOW,
                              env={**os.environ, "PATH": self.path, "GBAGENTD_DEFAULTS": str(self.defaults)})
        equal(done.returncode, code, f"{command}: exit code; {done.stdout}{done.stderr}")
        return done.stdout

    def pid(self):
        return int(self.pidfile.read_text())


def life(t, shell, path):
    p = t.platform()
    d = Init(t, p, shell, path)
    try:
        d.run("status", 3)
        d.run("stop", 0)
        d.run("reload", 1)
        check("OK" in d.run("start", 0), "start")
        check(p.wait_online(10 * lib.SLOW), "not online")
        first = d.pid()
        check(str(first) in d.run("status", 0), "no process ID in status")
        d.run("start", 0)
        equal(d.pid(), first, "process after a second start")

        d.run("reload", 0)
        until(lambda: "reload" in d.log.read_text().lower(), 5, "no reload in the log")
        equal(d.pid(), first, "process after reload")

        d.write("[device]\nid = 1\n")
        d.run("restart", 1)
        check(alive(first), "a restart with an invalid config ended the daemon")
        d.write(d.text)
        d.run("restart", 0)
        second = d.pid()
        check(second != first and alive(second) and not alive(first), "restart")
        check(p.wait_online(10 * lib.SLOW), "not online after restart")

        os.kill(second, signal.SIGKILL)
        until(lambda: not alive(second), 5, "still running after SIGKILL")
        d.run("status", 1)
        d.run("start", 0)
        third = d.pid()
        check(third != second and alive(third), "start after a crash")
        check(p.wait_online(10 * lib.SLOW), "not online after a crash")

        d.run("stop", 0)
        check(not alive(third), "stop returned before the process had exited")
        check(not d.pidfile.exists(), "the pidfile is left behind")
        d.run("status", 3)

        # The process ID of a dead daemon is in use by another process.
        other = subprocess.Popen(["sleep", "60"])
        d.pidfile.write_text(f"{other.pid}\n")
        d.run("status", 1)
        d.run("stop", 0)
        check(other.poll() is None, "stop killed another process")
        d.run("start", 0)
        check(d.pid() != other.pid and alive(d.pid()), "start with a stale pidfile")
        other.kill()
        other.wait()
        d.run("stop", 0)
        d.write("[device]\nid = 1\n")
        d.run("start", 1)
        check(not d.pidfile.exists(), "a pidfile after a failed start")
        d.run("nonsense", 2)
    finally:
        if d.pidfile.exists():
            os.kill(d.pid(), signal.SIGKILL)


def test_busybox(t):
    lib.need((lib.BIN / "gbagentd").exists() and not lib.RUN, "not a build for this machine")
    busybox = shutil.which("busybox")
    lib.need(busybox, "no busybox")
    applets = t.folder / "bin"
    applets.mkdir()
    for name in ("sh", "start-stop-daemon", "sleep", "grep", "tr", "rm", "kill", "printf"):
        (applets / name).symlink_to(busybox)
    life(t, [str(applets / "sh")], str(applets))


def test_system(t):
    lib.need((lib.BIN / "gbagentd").exists() and not lib.RUN, "not a build for this machine")
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    lib.need(shutil.which("start-stop-daemon", path=path), "no start-stop-daemon")
    life(t, ["sh"], path)


lib.main(test_busybox, test_system)
