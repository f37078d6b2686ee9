# SPDX-License-Identifier: MIT
"""gbagentctl notify-upload: VideoUploadNotify to platforms of version 2022 only."""

import lib
from lib import check, equal


def test(t):
    new, old = t.platform(), t.platform(server_id="34020000002000000002")
    d = t.daemon(t.config(old, channel={"longitude": "117.28", "latitude": "31.86"}) + t.section("second", new,
                                                                                                 version="2022"))
    check(new.wait_online() and old.wait_online(), "not online")
    d.ctl("notify-upload", lib.CHANNEL)
    notes = new.wait_notes("VideoUploadNotify", kind="Notify")
    check(notes, "no VideoUploadNotify")
    body = notes[0].body
    equal([c.tag for c in body.root], ["CmdType", "SN", "DeviceID", "Time", "Longitude", "Latitude"], "elements")
    equal(body.device_id, lib.CHANNEL, "DeviceID")
    check(abs(float(body.get("Longitude")) - 117.28) < 0.01, "Longitude")
    lib.stays(lambda: old.find_notes("VideoUploadNotify"), [], 0.3, "VideoUploadNotify to a 2016 platform")


def test_refused(t):
    p, d = t.start()
    d.ctl("notify-upload", lib.CHANNEL, ok=False)
    d.ctl("notify-upload", "nonsense", ok=False)


lib.main(test, test_refused)
