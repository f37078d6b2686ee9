# SPDX-License-Identifier: MIT
"""SHA-256 (RFC 7616), with and without qop."""

import lib
from lib import Challenge, Registrar


def test_qop(t):
    t.start(registrar=Registrar(challenge=Challenge(algorithm="SHA-256", qop="auth")))


def test_no_qop(t):
    t.start(registrar=Registrar(challenge=Challenge(algorithm="SHA-256")))


lib.main(test_qop, test_no_qop)
