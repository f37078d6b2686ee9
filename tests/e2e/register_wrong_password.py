# SPDX-License-Identifier: MIT
"""A wrong password leads to a long, jittered back-off, never to a tight loop."""

import lib
from lib import check, Registrar


def refused(t, registrar, most):
    p = t.platform(registrar=registrar)
    d = t.daemon(t.config(p, platform={"password": "wrong-password-7"}))
    t.passwords.add("wrong-password-7")
    status = d.wait_state("waiting")
    check(status, "state does not become waiting")
    count = lambda: len(p.received("REGISTER", again=True))
    check(2 <= count() <= most, f"{count()} REGISTERs")
    lib.stays(count, count(), 1.5, "REGISTERs")
    entry = d.platform()
    check(55 <= entry["next_retry_s"] <= 120, f"next retry in {entry['next_retry_s']} s")
    check(entry["last_error"], "no last error")
    check(not p.devices, "registered")


def test_403(t):
    refused(t, Registrar(), 2)


def test_endless_401(t):
    refused(t, Registrar(loop_401=True), 3)


def test_refused_with_right_password(t):
    p = t.platform(registrar=Registrar(refuse=403))
    d = t.daemon(t.config(p))
    check(d.wait_state("waiting"), "state does not become waiting")
    lib.stays(lambda: len(p.received("REGISTER")), 2, 1, "REGISTERs")


def test_401_without_challenge(t):
    p = t.platform(registrar=Registrar(bare_401=True))
    d = t.daemon(t.config(p))
    check(d.wait_state("waiting"), "state does not become waiting")
    lib.stays(lambda: len(p.received("REGISTER")), 1, 1, "REGISTERs")


lib.main(test_403, test_endless_401, test_refused_with_right_password, test_401_without_challenge)
