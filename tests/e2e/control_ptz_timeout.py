# SPDX-License-Identifier: MIT
"""ptz_timeout: a movement is stopped when the platform is gone."""

import lib
from lib import check
from _control import ptz


def test(t):
    p = t.platform()
    d = t.daemon(t.config(p, platform={"ptz_timeout": 1, "keepalive_interval": 1, "keepalive_count": 1}))
    check(p.wait_online(5), "not online")
    ptz(p, 0x01, 0x40)
    check(d.wait_log("command=move pan=64"), "it does not move")
    p.statuses["Keepalive"] = None                              # silence
    p.registrar.silent = True
    check(d.wait_log("move-stopped channel=", 60), "it is not stopped")
    check(d.wait_log("command=stop"), "the board was not notified")


lib.main(test)
