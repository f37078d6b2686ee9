# SPDX-License-Identifier: MIT
"""The platform's TCP connection breaks: reconnect, REGISTER first."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start(platform={"transport": "tcp", "keepalive_interval": 1})
    before = len(p.received())
    p.drop_connections()
    check(p.wait(lambda: len(p.connections) > 1, 8 * lib.SLOW), "no new connection")
    check(p.wait(lambda: len(p.received()) > before + 2, 8), "nothing on the new connection")
    news = p.received()[before:]
    equal(news[0].method, "REGISTER", "first request on the new connection")
    check(p.wait(lambda: p.wait_registered().registrations >= 2, 5), "not registered again")
    check(d.wait_state("online"), "not online")


lib.main(test)
