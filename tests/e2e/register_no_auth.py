# SPDX-License-Identifier: MIT
"""A registrar without authentication: one REGISTER, one 200."""

import lib
from lib import check, equal, sip


def test(t):
    p, d = t.start(registrar=lib.Registrar(challenge=None))
    requests = p.received("REGISTER")
    equal(len(requests), 1, "REGISTERs")
    msg = requests[0]
    equal(msg.get("Authorization"), None, "Authorization")
    equal(msg.get("Expires"), "86400", "Expires")
    equal(sip.user_of(msg.uri), lib.SERVER, "Request-URI user")
    equal(sip.user_of(msg.get("From")), lib.DEVICE, "From user")
    equal(sip.host_of(msg.get("Contact")), msg.route.addr, "Contact address")
    check(msg.get("User-Agent"), "no User-Agent")
    check(d.wait_state("online"), "not online in the status")


lib.main(test)
