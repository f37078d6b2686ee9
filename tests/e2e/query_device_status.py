# SPDX-License-Identifier: MIT
"""DeviceStatus of the device and of a channel."""

import datetime

import lib
from lib import check, equal


def test(t):
    p, _ = t.start()
    for target in (lib.DEVICE, lib.CHANNEL):
        body = p.query("DeviceStatus", target)
        equal((body.get("Result"), body.get("Online"), body.get("Status"), body.device_id), ("OK", "ONLINE", "OK",
                                                                                             target), "status")
        stamp = datetime.datetime.fromisoformat(body.get("DeviceTime"))
        now = datetime.datetime.now(lib.BEIJING).replace(tzinfo=None)
        check(abs((now - stamp).total_seconds()) < 10, f"DeviceTime {stamp} is not Beijing time {now}")


lib.main(test)
