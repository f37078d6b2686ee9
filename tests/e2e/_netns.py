# SPDX-License-Identifier: MIT
"""A network namespace for tests that need more than loopback. They are skipped where namespaces are not permitted."""

import ctypes
import os
import subprocess

from lib import need, until

CLONE_NEWNET = 0x40000000
HERE, THERE = "10.9.1.1", "10.9.1.2"


class Link:
    """A namespace for a daemon, connected by a veth pair: HERE is our end, THERE the daemon's. rate: limits what it
    sends, by a token bucket filter."""

    def __init__(self, rate=None, limit="1mb"):
        libc = ctypes.CDLL(None, use_errno=True)
        need(libc.unshare(CLONE_NEWNET) == 0, "network namespaces are not permitted")
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "300"])
        self.enter = ["nsenter", "-t", str(self.holder.pid), "-n"]
        ours = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours, 2, "unshare made no network namespace",
              0.01)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "add", "gbte0", "type", "veth", "peer", "name", "gbte1")
        self.run("ip", "link", "set", "gbte1", "netns", str(self.holder.pid))
        self.run("ip", "addr", "add", f"{HERE}/24", "dev", "gbte0")
        self.run("ip", "link", "set", "gbte0", "up")
        self.run(*self.enter, "ip", "link", "set", "lo", "up")
        self.run(*self.enter, "ip", "addr", "add", f"{THERE}/24", "dev", "gbte1")
        self.run(*self.enter, "ip", "link", "set", "gbte1", "up")
        if rate:
            self.run(*self.enter, "tc", "qdisc", "add", "dev", "gbte1", "root", "tbf", "rate", rate, "burst", "16kb",
                     "limit", limit)
        # Until the kernel has processed the carrier both ends drop what they send.
        for enter, end in (([], "gbte0"), (self.enter, "gbte1")):
            until(lambda: "state UP" in self.run(*enter, "ip", "link", "show", end), 10, f"{end} does not come up")

    @staticmethod
    def run(*argv):
        done = subprocess.run(argv, capture_output=True, text=True)
        need(done.returncode == 0, f"{' '.join(argv)}: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        self.holder.kill()
        self.holder.wait()
