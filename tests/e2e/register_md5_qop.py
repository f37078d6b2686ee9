# SPDX-License-Identifier: MIT
"""MD5 with qop, with opaque, and without algorithm."""

import lib
from lib import Challenge, Registrar


def test_auth(t):
    t.start(registrar=Registrar(challenge=Challenge(qop="auth")))


def test_auth_and_auth_int(t):
    t.start(registrar=Registrar(challenge=Challenge(qop="auth,auth-int", opaque="5ccc069c403ebaf9f0171e9517f40e41")))


def test_no_algorithm(t):
    t.start(registrar=Registrar(challenge=Challenge(algorithm=None)))


def test_any_realm(t):
    t.start(registrar=Registrar(challenge=Challenge(realm="GB28181 平台; a=b", opaque="")))


lib.main(test_auth, test_auth_and_auth_int, test_no_algorithm, test_any_realm)
