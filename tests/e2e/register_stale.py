# SPDX-License-Identifier: MIT
"""A stale nonce is answered once more with the new one."""

import lib
from lib import equal, Registrar


def test(t):
    p, _ = t.start(registrar=Registrar(stale_once=True))
    equal(len(p.received("REGISTER")), 3, "REGISTERs")


lib.main(test)
