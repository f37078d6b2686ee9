# SPDX-License-Identifier: MIT
"""SIPp as registrar: it sends the challenge and verifies the digest."""

import _sipp
import lib


def test(t):
    d = _sipp.Sipp(t).register()
    lib.equal(d.platform()["registrations"], 1, "registrations")


lib.main(test)
