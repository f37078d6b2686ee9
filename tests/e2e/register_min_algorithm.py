# SPDX-License-Identifier: MIT
"""min_algorithm = sha-256: no credentials for MD5; by default a challenge weaker than before is answered with a
warning."""

import lib
from lib import check, equal, Challenge, Registrar


def test_refused(t):
    p, d = t.start(registrar=Registrar(challenge=Challenge(qop="auth")), platform={"min_algorithm": "sha-256"},
                   online=False)
    check(d.wait_log("challenge with MD5, below min_algorithm = sha-256"), "no reason in the log")
    equal([m.get("Authorization") for m in p.received("REGISTER")], [None], "credentials")
    check(not p.devices, "registered by MD5")


def test_accepted(t):
    t.start(registrar=Registrar(challenge=Challenge(algorithm="SHA-256", qop="auth")),
            platform={"min_algorithm": "sha-256"})


def test_weaker(t):
    p, d = t.start(registrar=Registrar(challenge=Challenge(algorithm="SHA-256"), granted=3))
    p.registrar.challenge = Challenge(realm="elsewhere")
    check(d.wait_log('realm-changed realm="elsewhere"', 10), "no warning about another realm")
    check(d.wait_log("digest-weaker algorithm=MD5 previous=SHA-256"), "no warning about a weaker challenge")
    count = len(p.received("REGISTER"))
    check(p.wait(lambda: len(p.received("REGISTER")) >= count + 4, 15), "no further REGISTER")
    equal(d.platform()["state"], "online", "state")
    equal(d.log().count("digest-weaker") + d.log().count("realm-changed"), 2, "warnings")


lib.main(test_refused, test_accepted, test_weaker)
