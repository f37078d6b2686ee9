# SPDX-License-Identifier: MIT
"""Playback: the frames of the requested time range, each once, in order and at their rate."""

import time

import lib
from lib import check, equal

from _playback import invite, frames, same, wait_end
from _records import HOUR, last_hour


def test(t):
    """Over UDP, demultiplexed by ffmpeg."""
    p, d = t.start()
    before, start = d.fds(), last_hour() - 2 * HOUR
    call = invite(p, start, start + 4)
    equal(call.status, 200, "INVITE")
    answer = call.answer
    equal((answer.origin, answer.session, answer.time, answer.proto, answer.y),
          (lib.CHANNEL, "Playback", f"{start} {start + 4}", "RTP/AVP", "1200000001"), "answer")
    check("filesize" not in answer.attributes, "filesize in the answer to a playback")
    wait_end(p, call, 12, 100)
    equal(call.media.faults, [], "faults")
    units = call.media.units
    same(call.media.assembler.video(), frames(0, 100))
    call.media.save(t.folder / "got.ps")
    equal(lib.ffmpeg_video(t.folder / "got.ps", t.folder / "got.h264"), b"".join(frames(0, 100)),
          "video extracted by ffmpeg")
    seconds = units[-1].time - units[0].time
    check(3.5 < seconds < 5.5, f"100 frames of 4 s took {seconds:.1f} s")
    equal({(b.timestamp - a.timestamp) & 0xffffffff for a, b in zip(units, units[1:])}, {3600},
          "steps of the timestamps")
    equal(call.bye().status, 200, "BYE")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    check(d.fds() <= before, f"{d.fds()} descriptors, {before} before")


def test_two(t):
    """Two playbacks of one channel and a live view at the same time are independent."""
    p, _ = t.start()
    start = last_hour() - 3 * HOUR
    live = p.invite(lib.CHANNEL)
    one = invite(p, start, start + 2)
    two = invite(p, start + 1, start + 3, ssrc="1200000002", media="tcp-passive")
    for call in (one, two):
        wait_end(p, call, 10, 50)
        equal(call.media.faults, [], "faults")
        call.close()
    same(one.media.assembler.video(), frames(0, 50), "the first")
    same(two.media.assembler.video(), frames(25, 50), "the second")
    count = len(live.media.units)
    check(live.media.wait_units(count + 10), "the live view stopped")
    live.close()


def test_begins_inside(t):
    """A range that starts between two key frames is sent from the previous key frame; one that starts before the first
    recording, from that recording."""
    p, d = t.start(source=f"sim:{t.clip(size='320x180', frames=80, gop=40)}")
    source = lib.clip_units(t.folder / "clip.h264")
    start = last_hour() - HOUR
    call = invite(p, start + 1, start + 3)
    wait_end(p, call, 10, 75)
    same(call.media.assembler.video(), frames(0, 75, source), "from the key frame before")
    call.close()
    call = invite(p, start + HOUR - 1, start + 2 * HOUR, ssrc="1200000002")
    wait_end(p, call, 10, 40)
    # Key frames of the recording are 40 frames apart: the last one before 3599 s is frame 89960 = 40 * 2249.
    same(call.media.assembler.video(), frames(89960, 40, source), "up to the end of the recordings")
    call.close()


def test_format(t):
    """The card is formatted during a playback: the device ends it without MediaStatus."""
    p, d = t.start(platform={"version": "2022"})
    start = last_hour() - HOUR
    call = invite(p, start, start + HOUR)
    check(call.media.wait_units(5), "no media")
    body = lib.manscdp.build("Control", "DeviceControl", p.serial(), lib.DEVICE, "<FormatSDCard>0</FormatSDCard>")
    equal(p.message(body, lib.DEVICE).status, 200, "FormatSDCard")
    check(call.wait_bye(8), "no BYE")
    equal(p.find_notes("MediaStatus"), [], "MediaStatus")
    check(d.wait_status(lambda s: s["ended"] and s["ended"][0]["why"] == "recording read error"), "the reason")
    equal(invite(p, start, start + HOUR, ssrc="1200000002").status, 404, "INVITE afterwards")
    call.close_media()


def test_elementary(t):
    """An offer without PS is answered with the elementary stream."""
    p, _ = t.start()
    start = last_hour() - HOUR
    edit = lambda offer: offer.replace(b"96 97 98 99", b"98").replace(b"a=rtpmap:96 PS/90000\r\n", b"")
    body = edit(lib.sdp.Offer(channel=lib.CHANNEL, server=p.id, ip="127.0.0.1", port=30000, session="Playback",
                              start=start,
                              stop=start + 5, y="1200000001").to_bytes())
    call = p.invite(lib.CHANNEL, sdp_body=body, session="Playback", ack=False)
    equal((call.status, call.answer.formats, call.answer.attributes["rtpmap"]), (200, ["98"], "98 H264/90000"),
          "answer")
    call.send_ack()
    equal(call.bye().status, 200, "BYE")
    call.close_media()


lib.main(test, test_two, test_begins_inside, test_format, test_elementary)
