# SPDX-License-Identifier: MIT
"""G.722.1 at 32 kbit/s: frames of 80 bytes every 20 ms, sent unchanged. There is no decoder here, so only the bytes,
the type (0x92) and the timestamps are checked."""

import random

import lib
from lib import check, equal

import _audio


def test(t):
    path = t.folder / "sound.g7221"
    sound = random.Random(7).randbytes(80 * 75)
    path.write_bytes(sound)
    p, _ = t.start(channel={"audio": f"sim:{path}"})
    for media in ("udp", "tcp-passive", "tcp-active"):
        call = p.invite(lib.CHANNEL, media=media)
        _audio.heard(call, _audio.PS.G7221)
        units = _audio.units(call, "audio")
        got = b"".join(data for _, data in units)
        at = _audio.is_loop(got, sound)
        check(at is not None and at % 80 == 0, f"{media}: bytes of the file from {at} on")
        equal(units[-1][0] - units[0][0], (len(got) - len(units[-1][1])) // 80 * 1800, f"{media}: ticks")
        equal(call.close().status, 200, "BYE")


lib.main(test)
