# SPDX-License-Identifier: MIT
"""The platform restarts and no longer knows the device, which registers again when a keepalive is refused."""

import lib
from lib import check


def test(t):
    p, d = t.start(platform={"keepalive_interval": 1})
    port, call_id = p.port, p.wait_registered().call_id
    p.close()
    t.platforms.remove(p)
    check(not p.errors, p.errors)
    lost = d.status()["platforms"][0]["keepalives"]
    check(d.wait_status(lambda s: s["platforms"][0]["keepalives"] > lost), "no keepalive while the platform is away")
    p = t.platform(port=port)
    check(p.wait_online(10 * lib.SLOW), "not registered with the new platform")
    check(p.received("REGISTER")[0].call_id != call_id, "Call-ID of the old registration")
    call = p.invite(lib.CHANNEL)
    check(call.status == 200 and call.media.wait_units(5), "no media after the restart")
    call.close()


lib.main(test)
