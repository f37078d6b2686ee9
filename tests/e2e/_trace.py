# SPDX-License-Identifier: MIT
"""A running `gbagentctl trace`."""

import re
import subprocess

import lib

HEAD = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4} (.+) (in|out) (udp|tcp) (\S+) [<>] (\S+) (\d+) "
                  r"bytes(.*)$")


class Trace:
    """A running `gbagentctl trace`."""

    def __init__(self, d, *args, **kw):
        self.proc = subprocess.Popen([*lib.RUN, str(lib.BIN / "gbagentctl"), "-s", str(d.socket), "trace", *args],
                                     **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kw})
        self.out = self.err = ""

    def end(self, number=None, timeout=10):
        """Waits for its exit, after a signal if given; the exit code."""
        if number:
            self.proc.send_signal(number)
        out, err = self.proc.communicate(timeout=timeout * lib.SLOW)
        self.out, self.err = out.decode(errors="replace"), err.decode()
        return self.proc.returncode

    def messages(self):
        """[(platform, in|out, transport, local, peer, bytes, first line)]"""
        lines = self.out.split("\n")
        return [(*m.groups()[:5], int(m.group(6)), lines[i + 1])
                for i, m in ((i, HEAD.match(line)) for i, line in enumerate(lines)) if m]


def follow(d, *args, **kw):
    """Starts one and waits until the daemon has read its request."""
    fds = d.fds()
    trace = Trace(d, *args, **kw)
    # Accepted and, as it sleeps, its request has been sent; the daemon reads that no later than the next client's.
    sent = lambda: d.fds() > fds and lib.process_state(trace.proc.pid) == "S"
    lib.until(lambda: trace.proc.poll() is not None or sent(), 5, every=0.01)
    if trace.proc.poll() is None:
        d.status()
    return trace


def answers(p):
    """The digest responses that the daemon has sent."""
    found = [re.search(r'response="([0-9a-f]+)"', m.get("Authorization") or "") for m in p.received("REGISTER")]
    return [m.group(1) for m in found if m]
