# SPDX-License-Identifier: MIT
"""The end of a recording: MediaStatus 121 as a MESSAGE in the INVITE's dialog after everything has been sent, then the
platform's BYE, or the device's if the platform sends none within five seconds."""

import time

import lib
from lib import check, equal

from _playback import invite, frames, same, wait_end
from _records import HOUR, last_hour


def test(t):
    p, d = t.start()
    start = last_hour() - HOUR
    call = invite(p, start, start + 2)
    equal(call.status, 200, "INVITE")
    note = wait_end(p, call, 8, 50)
    same(call.media.assembler.video(), frames(0, 50), "frames before MediaStatus")
    msg, body = note.msg, note.body
    equal((msg.method, body.kind, body.cmd), ("MESSAGE", "Notify", "MediaStatus"), "message")
    equal([e.tag for e in body.root], ["CmdType", "SN", "DeviceID", "NotifyType"], "elements")
    equal((body.device_id, body.get("NotifyType")), (lib.CHANNEL, "121"), "DeviceID, NotifyType")
    check(int(body.sn) >= 1, "SN")
    equal(msg.get("Content-Type").lower(), "application/manscdp+xml", "Content-Type")
    # From is the device's side of the dialog, To the platform's, each with its tag.
    equal((msg.from_tag, msg.to_tag), (call.response.to_tag, call.invite.from_tag), "tags")
    equal((lib.sip.user_of(msg.get("From")), lib.sip.user_of(msg.get("To"))), (lib.CHANNEL, p.id), "From, To")
    check(d.status()["sessions"], "state while waiting for the BYE")
    equal(call.bye().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    check(not call.ended_by_device, "a BYE of the device in addition to the platform's")


def test_no_bye(t):
    p, d = t.start()
    start = last_hour() - HOUR
    call = invite(p, start, start + 1, media="tcp-passive")
    wait_end(p, call, 8)
    start = time.monotonic()
    check(call.wait_bye(9), "no BYE of the device")
    check(time.monotonic() - start > 3, "the device did not wait for the platform's BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    call.close_media()


lib.main(test, test_no_bye)
