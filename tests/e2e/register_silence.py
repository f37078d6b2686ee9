# SPDX-License-Identifier: MIT
"""A registrar that answers late: retransmissions are the same bytes, and one of them succeeds."""

import lib
from lib import check, equal, Registrar


def test(t):
    p = t.platform(registrar=Registrar(silent=True))
    t.daemon(t.config(p))
    sent = lambda: p.received("REGISTER", again=True)
    check(p.wait(lambda: len(sent()) >= 3), f"{len(sent())} REGISTERs")
    first, second = (b.time - a.time for a, b in zip(sent(), sent()[1:3]))
    check(first > 0.4 and second > 0.8 and first + second < 3 * lib.SLOW,
          f"sent again after {first} and {second} s, not 0.5 and 1")
    equal(len({m.raw for m in sent()}), 1, "distinct REGISTERs")
    p.registrar.silent = False
    check(p.wait_online(10), "not online although the registrar answers")


lib.main(test)
