# SPDX-License-Identifier: MIT
"""64 viewers of one channel, and 16 channels at the same time, with audio, by a daemon on one core: no viewer loses a
packet."""

import os

import _audio
import lib
from lib import check, equal


FPS = 25


def watch(p, d, channels, seconds=4, media=("udp",), sound=None):
    """All viewers receive all frames and the audio for so many seconds; each frame is packed once."""
    os.sched_setaffinity(d.proc.pid, {min(os.sched_getaffinity(0))})
    calls = []
    for n, channel in enumerate(channels):
        call = p.invite(channel, media=media[n % len(media)], ssrc=f"02000{n:05d}",
                        subject=f"{channel}:02000{n:05d},{p.id}:{n + 1}")
        equal(call.status, 200, f"INVITE {n}")
        calls.append(call)
    for n, call in enumerate(calls):
        check(call.media.wait_units(5, 20), f"viewer {n} of {len(calls)}: no media")
    equal(len(d.status()["sessions"]), len(channels), "sessions")
    for n, call in enumerate(calls):
        check(call.media.wait_units(5 + seconds * FPS, 20), f"viewer {n} of {len(calls)}: the stream has stopped")
    for session in d.status()["sessions"]:
        equal((session["dropped_frames"], session["dropped_packets"], session["send_errors"]), (0, 0, 0),
              f"drops {session}")
        if session["transport"] == "udp":           # TCP may accept part of a unit while the receiver is busy
            check(session["calls"] <= 1.05 * session["frames"] + 1, f"system calls: {session}")
    for call in calls:
        equal(call.bye(timeout=10).status, 200, "BYE")
    for n, call in enumerate(calls):
        equal((call.media.assembler.lost, call.media.faults), (0, []), f"viewer {n}")
        lib.runs(call.media.assembler.video(), lib.clip_units())
        audio = b"".join(call.media.assembler.audio())
        if sound:
            check(len(audio) > 1000 and _audio.is_loop(audio, sound) is not None,
                  f"viewer {n}: {len(audio)} bytes of audio")
    check(d.wait_status(lambda s: not s["sessions"]), "sessions are left")


def test_64_viewers(t):
    p, d = t.start(media={"max_sessions": 64, "max_per_channel": 64}, log={"level": "info"})
    before = d.rss_kb()
    watch(p, d, [lib.CHANNEL] * 64)
    grown = d.rss_kb() - before
    check(grown <= 96 + 64 * 4 + 256 or "asan" in str(lib.BIN), f"{grown} KB more than idle")


def test_64_viewers_with_sound(t):
    """Over UDP and both kinds of TCP."""
    path, sound = _audio.aac(t)
    p, d = t.start(media={"max_sessions": 64, "max_per_channel": 64}, log={"level": "info"},
                   channel={"audio": f"sim:{path}"})
    watch(p, d, [lib.CHANNEL] * 64, media=("udp", "tcp-passive", "udp", "tcp-active"), sound=sound)


def test_16_channels(t):
    p, d = t.start(channels=16, media={"max_sessions": 64}, log={"level": "info"})
    watch(p, d, [lib.channel_id(n) for n in range(1, 17)])


def test_16_channels_with_sound(t):
    path, sound = _audio.g711(t, "a")
    p, d = t.start(channels=16, media={"max_sessions": 64}, log={"level": "info"}, channel={"audio": f"sim:{path}"})
    watch(p, d, [lib.channel_id(n) for n in range(1, 17)], media=("udp", "tcp-passive"), sound=sound)


lib.main(test_64_viewers, test_64_viewers_with_sound, test_16_channels, test_16_channels_with_sound)
