# SPDX-License-Identifier: MIT
"""A warning names a server that has not answered for four seconds, over UDP and TCP, also one that refuses connections
or whose name does not resolve. The latter is not reported as a missing file."""

import contextlib
import re
import socket

import lib
from lib import check, equal


def stamp(log, text):
    """Time of the first log line with that text, seconds of the day."""
    line = next(line for line in log.splitlines() if text in line)
    h, m, s = re.search(r"T(\d+):(\d+):([\d.]+)", line).groups()
    return int(h) * 3600 + int(m) * 60 + float(s)


def silent(t, port, **platform):
    p = t.platform()
    text = t.config(p, platform=platform).replace(f"server = 127.0.0.1:{p.port}", f"server = 127.0.0.1:{port}")
    d = t.daemon(text)
    line = f"warn  main: no-answer server=127.0.0.1:{port}"
    check(d.wait_log(line, 12), "no warning about the server")
    check(3.5 <= (stamp(d.log(), line) - stamp(d.log(), "gbagentd: started ")) % 86400 <= 8 * lib.SLOW,
          "not after four seconds")
    return d, line


def test_udp(t):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        silent(t, s.getsockname()[1])


def test_tcp(t):
    """The connection is not accepted: the listener's queue is full."""
    with contextlib.ExitStack() as stack:
        s = stack.enter_context(socket.socket())
        s.bind(("127.0.0.1", 0))
        s.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(s.getsockname())
        silent(t, s.getsockname()[1], transport="tcp")


def test_refused(t):
    """The port is closed: over TCP every attempt fails immediately. One warning, while the attempts go on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        d, line = silent(t, s.getsockname()[1], transport="tcp")
        check(f'{line} reason="Connection refused"' in d.log(), "no reason in the log")
        at = d.log().index(line)
        again = re.compile(r'register-failed retry_s=\d+ reason="Connection refused"')
        lib.until(lambda: again.search(d.log()[at:]), 15, "it does not try again")
        equal(d.log().count(line), 1, "warnings")


def test_name(t):
    p = t.platform()
    d = t.daemon(t.config(p).replace("server = 127.0.0.1:", "server = no-such-name.invalid:"))
    check(d.wait_log('reason="server no-such-name.invalid: ', 15), "the name is not in the log")
    check(d.wait_log("warn  main: no-answer server=no-such-name.invalid:", 15), "no warning")
    check("No such file or directory" not in d.log(), "reported as a missing file")


lib.main(test_udp, test_tcp, test_refused, test_name)
