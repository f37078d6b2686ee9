# SPDX-License-Identifier: MIT
"""DeviceInfo: the configured texts, the request's SN, and the number of channels."""

import lib
from lib import equal


def test(t):
    p, _ = t.start(channels=3, device={"name": "门口球机", "manufacturer": "Acme", "model": "X-1", "firmware": "V9.8"})
    body = p.query("DeviceInfo", lib.DEVICE)
    for name, want in {"DeviceName": "门口球机", "Result": "OK", "Manufacturer": "Acme", "Model": "X-1", "Firmware": "V9.8",
                       "Channel": "3"}.items():
        equal(body.get(name), want, name)
    equal(body.device_id, lib.DEVICE, "DeviceID")


def test_text_sn(t):
    """Some platforms send UUIDs as SN: the text is returned."""
    p, _ = t.start()
    sn = "0c9f2f0e-6b1e-4f0a-9c55-7f1df1b6a111"
    equal(p.query("DeviceInfo", lib.DEVICE, sn=sn).sn, sn, "SN")


lib.main(test, test_text_sn)
