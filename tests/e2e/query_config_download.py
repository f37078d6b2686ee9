# SPDX-License-Identifier: MIT
"""ConfigDownload BasicParam tells the real heartbeat."""

import lib
from lib import check, equal


def test(t):
    p, _ = t.start(platform={"keepalive_interval": 45, "keepalive_count": 4, "expires": 7200}, device={"name": "机器"})
    body = p.query("ConfigDownload", lib.DEVICE, "<ConfigType>BasicParam</ConfigType>")
    equal(body.get("Result"), "OK", "Result")
    for name, want in {"Name": "机器", "Expiration": "7200", "HeartBeatInterval": "45", "HeartBeatCount": "4"}.items():
        equal(body.get(f"BasicParam/{name}"), want, name)
    # an unknown type gets an answer too
    body = p.query("ConfigDownload", lib.DEVICE, "<ConfigType>NoSuchParam</ConfigType>")
    check(body is not None and body.get("Result") == "ERROR", "no ERROR for an unknown ConfigType")


lib.main(test)
