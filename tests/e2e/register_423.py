# SPDX-License-Identifier: MIT
"""423 Interval Too Brief: the requested minimum is used."""

import lib
from lib import equal, Registrar


def test(t):
    p, _ = t.start(registrar=Registrar(min_expires=7200), platform={"expires": 3600})
    equal([m.get("Expires") for m in p.received("REGISTER")][-1], "7200", "Expires")
    equal(p.wait_registered().expires, 7200, "stored Expires")


lib.main(test)
