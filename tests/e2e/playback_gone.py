# SPDX-License-Identifier: MIT
"""A playback whose dialog, platform, channel or receiver goes away at a bad moment, and floods of commands: each ends
cleanly and frees its descriptors and memory."""

import random
import socket

import lib
from lib import check, equal

from _playback import invite, wait_end
from _records import HOUR, last_hour


def begin(t, *platforms, **config):
    """A daemon whose status has been queried once, so that all its permanent descriptors are open."""
    d = t.daemon(t.config(*platforms, **config))
    for p in platforms:
        check(p.wait_online(10 * lib.SLOW), "the device did not come online")
    d.status()
    return d, d.fds()


def play(p, first=0, seconds=HOUR, units=5, **kw):
    start = last_hour() - 2 * HOUR + first
    call = invite(p, start, start + seconds, **kw)
    equal(call.status, 200, "INVITE")
    if units:
        check(call.media.wait_units(units), "no media")
    return call


def gone(d, fds):
    check(d.wait_status(lambda s: not s["sessions"]), "sessions are left")
    check(d.wait_status(lambda s: d.fds() <= fds), f"{d.fds()} descriptors, {fds} before")


def test_channel(t):
    """A reload changes the channel's source during a playback: playing, paused, paused with a full socket, ended."""
    p = t.platform()
    d, fds = begin(t, p)
    playing, paused = play(p), play(p, 1, ssrc="1200000002")
    full = play(p, 2, media="tcp-passive", ssrc="1200000003")
    over = play(p, 3, 1, ssrc="1200000004", units=0)
    full.media.paused = True
    equal(paused.info("PAUSE RTSP/1.0\r\nCSeq: 1\r\n").status, 200, "PAUSE")
    equal(full.info("PAUSE RTSP/1.0\r\nCSeq: 1\r\n").status, 200, "PAUSE")
    wait_end(p, over, 10)
    d.write_config(t.config(p, source=f"sim:{lib.clip()}"))
    d.ctl("reload")
    for call in (playing, paused, full, over):
        check(call.wait_bye(8), "no BYE")
        call.close_media()
    gone(d, fds)


def test_platform(t):
    """A reload removes the platform; another platform's playback goes on."""
    a, b = t.platform(), t.platform(server_id="34020000002000000002")
    d, fds = begin(t, a, b)
    stays, goes = play(a), play(b, 1, ssrc="1200000002")
    d.write_config(t.config(a))
    d.ctl("reload")
    check(d.wait_status(lambda s: len(s["sessions"]) == 1), "the session is left")
    check(goes.silent(), "media to a removed platform")
    check(stays.media.wait_units(len(stays.media.units) + 10), "the other one stopped")
    goes.close_media()
    stays.close()
    gone(d, fds)


def test_connecting(t):
    """BYE and playback commands while the media connection is being established."""
    p = t.platform()
    d, fds = begin(t, p)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    start = last_hour() - 2 * HOUR
    call = invite(p, start, start + HOUR, media="tcp-passive", port=port)
    equal(call.status, 200, "INVITE")
    check(d.wait_status(lambda s: s["sessions"] and s["sessions"][0]["state"] == "connecting"), "connecting")
    for text in ("PAUSE RTSP/1.0\r\nCSeq: 1\r\n", "PLAY RTSP/1.0\r\nCSeq: 2\r\nScale: 4.0\r\nRange: npt=100-\r\n"):
        equal(call.info(text).status, 200, text)
    equal(call.bye().status, 200, "BYE")
    call.close_media()
    gone(d, fds)


def test_reinvite(t):
    """A re-INVITE with another time range replaces the playback."""
    p = t.platform()
    d, fds = begin(t, p)
    call = play(p)
    for _ in range(3):
        call.offer.start += 10
        call.offer.stop += 10
        call.media.peer = None                      # the new session has a port of its own
        equal(call.reinvite().status, 200, "re-INVITE")
        at = len(call.media.units)
        check(call.media.wait_units(at + 10), "no media")
        equal(len(d.status()["sessions"]), 1, "sessions")
    call.close()
    gone(d, fds)


def test_receiver(t):
    """The receiver closes the connection while it plays, and while unread data is queued."""
    p = t.platform()
    d, fds = begin(t, p)
    call = play(p, media="tcp-passive")
    call.close_media()
    check(call.wait_bye(8), "no BYE")
    call = play(p, 1, 3, media="tcp-passive", ssrc="1200000002")
    call.media.paused = True
    check(d.wait_status(lambda s: not s["sessions"] or s["sessions"][0]["state"] == "over", 20),
          "the recording is not read to its end")
    check(call.wait_bye(8), "no BYE")
    call.close_media()
    gone(d, fds)


def test_paused(t):
    """max_session_time: a recording may play longer than that, but not stay paused for so long, as the platform may be
    gone."""
    p = t.platform()
    d, fds = begin(t, p, media={"max_session_time": 2})
    call = play(p)
    check(call.media.wait_units(len(call.media.units) + 38), "the stream has stopped")
    for text in ("PAUSE RTSP/1.0\r\nCSeq: 1\r\n", "PLAY RTSP/1.0\r\nCSeq: 2\r\n"):
        equal(call.info(text).status, 200, text)
    lib.stays(lambda: call.ended_by_device, False, 2.5, "BYE while it plays")
    equal(call.info("PAUSE RTSP/1.0\r\nCSeq: 3\r\n").status, 200, "PAUSE")
    check(call.wait_bye(8), "no BYE")
    equal(d.status()["ended"][0]["why"], "max_session_time", "why")
    call.close_media()
    gone(d, fds)


def test_storm(t):
    """Thousands of commands, valid and invalid, without waiting for the answers."""
    p = t.platform()
    d, fds = begin(t, p)
    calls = [play(p), play(p, 1, media="tcp-passive", ssrc="1200000002")]
    calls[1].media.paused = True
    rnd = random.Random(1)
    before = d.rss_kb()
    for n in range(3000):
        verb = rnd.choice(("PLAY",) * 6 + ("PAUSE", "RECORD"))
        text = f"{verb} RTSP/1.0\r\nCSeq: {n}\r\n"
        if rnd.random() < .6:
            start = rnd.choice((rnd.random() * HOUR, HOUR - 1, 999999999, 0))
            text += f"Range: npt={start:.3f}-{rnd.choice(('', '0', '1800', '1'))}\r\n"
        if rnd.random() < .4:
            text += f"Scale: {rnd.choice(('1.0', '0.125', '64', '-1', '-64.0', '-0.001', '1000.999', '0', '4'))}\r\n"
        call = rnd.choice(calls)
        p.send(call.make("INFO", body=text.encode(), content_type="Application/MANSRTSP"), call.route)
    check(d.status(), "no answer while it processes them")
    check(d.rss_kb() < before + 8192 * lib.SLOW, f"{before} KB before, {d.rss_kb()} KB after")
    for call in calls:
        if not call.ended_by_device:
            call.bye()
        call.close_media()
    gone(d, fds)


lib.main(test_channel, test_platform, test_connecting, test_reinvite, test_receiver, test_paused, test_storm)
