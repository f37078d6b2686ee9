# SPDX-License-Identifier: MIT
"""ConfigDownload BasicParam has the effective heartbeat interval and count."""

import lib
from lib import check, equal


def test(t):
    p, _ = t.start(platform={"keepalive_interval": 45, "keepalive_count": 4, "expires": 7200}, device={"name": "机器"})
    body = p.query("ConfigDownload", lib.DEVICE, "<ConfigType>BasicParam</ConfigType>")
    equal(body.get("Result"), "OK", "Result")
    for name, want in {"Name": "机器", "Expiration": "7200", "HeartBeatInterval": "45", "HeartBeatCount": "4"}.items():
        equal(body.get(f"BasicParam/{name}"), want, name)
    # of 2016: whether the device can report its position (the sim can), and the configured position, which is none
    equal([c.tag for c in body.root.find("BasicParam")],
          ["Name", "Expiration", "HeartBeatInterval", "HeartBeatCount", "PositionCapability"],
          "elements")
    equal(body.get("BasicParam/PositionCapability"), "1", "PositionCapability")
    # an unknown type is answered, too
    body = p.query("ConfigDownload", lib.DEVICE, "<ConfigType>NoSuchParam</ConfigType>")
    check(body is not None and body.get("Result") == "ERROR", "no ERROR for an unknown ConfigType")


def test_position(t):
    p, _ = t.start(channel={"longitude": "117.28", "latitude": "31.86"})
    for target in (lib.DEVICE, lib.CHANNEL):
        body = p.query("ConfigDownload", target, "<ConfigType>BasicParam</ConfigType>")
        equal((body.get("BasicParam/Longitude"), body.get("BasicParam/Latitude")), ("117.280000", "31.860000"),
              f"place of {target}")


lib.main(test, test_position)
