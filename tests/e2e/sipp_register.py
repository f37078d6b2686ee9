# SPDX-License-Identifier: MIT
"""SIPp as registrar: it challenges and verifies the digest itself."""

import _sipp
import lib


def test(t):
    d = _sipp.Sipp(t).register()
    lib.equal(d.platform()["registrations"], 1, "registrations")


lib.main(test)
