# SPDX-License-Identifier: MIT
"""RecordCmd with and without StreamNumber: a Response, DeviceStatus for all platforms, kept across a restart."""

import lib
from lib import equal
from _control import result


def recording(p, target):
    return p.query("DeviceStatus", target).get("Record")


def test(t):
    p, second = t.platform(), t.platform()
    d = t.daemon(t.config(p, second, channels=2))
    lib.check(p.wait_online(5) and second.wait_online(5), "not online")
    equal(recording(p, lib.CHANNEL), "OFF", "before")
    result(p, lib.CHANNEL, "<RecordCmd>Record</RecordCmd>")
    equal([recording(q, lib.CHANNEL) for q in (p, second)], ["ON", "ON"], "at both platforms")
    equal(recording(p, lib.channel_id(2)), "OFF", "the other channel")
    result(p, lib.CHANNEL, "<RecordCmd>Record</RecordCmd><StreamNumber>1</StreamNumber>")
    result(second, lib.CHANNEL, "<RecordCmd>StopRecord</RecordCmd>")
    equal(recording(p, lib.CHANNEL), "ON", "stream 1 is still recorded")
    result(p, lib.CHANNEL, "<RecordCmd>StopRecord</RecordCmd><StreamNumber>1</StreamNumber>")
    equal(recording(second, lib.CHANNEL), "OFF", "both stopped")
    # The device's ID means all channels.
    result(p, lib.DEVICE, "<RecordCmd>Record</RecordCmd>")
    equal([recording(p, lib.channel_id(n)) for n in (1, 2)], ["ON", "ON"], "all channels")
    for bad in ("<RecordCmd>Perhaps</RecordCmd>", "<RecordCmd/>",
                "<RecordCmd>Record</RecordCmd><StreamNumber>99</StreamNumber>"):
        result(p, lib.CHANNEL, bad, "ERROR")
    result(p, "34020000001310000099", "<RecordCmd>Record</RecordCmd>", "ERROR", to=lib.DEVICE)
    text = d.conf.read_text()
    equal(d.stop(), 0, "exit")
    again = t.daemon(text, name="gbagentd")
    lib.check(again.wait_state("online"), "not online again")
    equal(recording(p, lib.CHANNEL), "ON", "after a restart")


lib.main(test)
