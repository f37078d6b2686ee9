# SPDX-License-Identifier: MIT
"""stale=true: REGISTER is sent again with the new nonce."""

import lib
from lib import equal, Registrar


def test(t):
    p, _ = t.start(registrar=Registrar(stale_once=True))
    equal(len(p.received("REGISTER")), 3, "REGISTERs")


lib.main(test)
