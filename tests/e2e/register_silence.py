# SPDX-License-Identifier: MIT
"""A registrar that is silent and then wakes up: retransmissions are the same bytes, and one of them succeeds."""

import time

import lib
from lib import check, equal, Registrar


def test(t):
    p = t.platform(registrar=Registrar(silent=True))
    t.daemon(t.config(p))
    time.sleep(3.0)
    sent = p.received("REGISTER", again=True)
    check(3 <= len(sent) <= 5, f"{len(sent)} REGISTERs in 3 s")
    equal(len({m.raw for m in sent}), 1, "different REGISTERs")
    p.registrar.silent = False
    check(p.wait_online(10), "not online although the registrar is awake")


lib.main(test)
