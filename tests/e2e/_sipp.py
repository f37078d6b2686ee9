# SPDX-License-Identifier: MIT
"""SIPp (Debian's sip-tester) as the platform: an independent SIP stack. One process registers the device; others, on
the same port, send it calls."""

import shutil
import socket
import subprocess

import lib
from lib import check

FOLDER = lib.ROOT / "tests" / "sipp"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sipp:
    def __init__(self, t):
        lib.need(shutil.which("sipp"), "sipp is not installed")
        self.t, self.port, self.device_port = t, free_port(), free_port()

    def command(self, scenario, *args, calls=1, timeout=20):
        return ["sipp", "-sf", str(FOLDER / f"{scenario}.xml"), "-i", "127.0.0.1", "-p", str(self.port), "-m",
                str(calls), "-nostdin",
                "-timeout", str(timeout), "-timeout_error", "-trace_err", "-error_file",
                str(self.t.folder / f"{scenario}.err"), *args]

    def _end(self, proc, scenario, timeout):
        try:
            code = proc.wait(timeout)
        except subprocess.TimeoutExpired:
            proc.kill()
            code = "timeout"
        errors = self.t.folder / f"{scenario}.err"
        text = errors.read_text(errors="replace") if errors.exists() else ""
        check(code == 0, f"SIPp's {scenario} ended with {code}: {text[-1500:]}")

    def register(self):
        """Starts the daemon; SIPp registers it and answers its first Keepalive. Returns the daemon."""
        server = subprocess.Popen(self.command("register", calls=2), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL,
                                  cwd=self.t.folder)
        text = (f"[device]\nid = {lib.DEVICE}\nsettings =\n[platform main]\nserver = 127.0.0.1:{self.port}\nid = "
                f"{lib.SERVER}\npassword = {lib.PASSWORD}\n"
                f"local_port = {self.device_port}\nkeepalive_interval = 3600\n[channel {lib.CHANNEL}]\nname = 大门\n"
                "source = sim:\n"
                "[control]\nsocket = @SOCKET@\n[log]\nlevel = debug\n")
        daemon = self.t.daemon(text)
        self._end(server, "register", 25)
        check(daemon.wait_state("online"), "not online in the status")
        return daemon

    def call(self, scenario, calls=1, rate=5, media_port=None, timeout=25):
        """Runs a calling scenario against the device."""
        args = ["-s", lib.CHANNEL, "-l", "1", "-r", str(rate), f"127.0.0.1:{self.device_port}"]
        if media_port:
            args = ["-key", "mport", str(media_port)] + args
        proc = subprocess.Popen(self.command(scenario, *args, calls=calls, timeout=timeout), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, cwd=self.t.folder)
        self._end(proc, scenario, timeout + 5)
