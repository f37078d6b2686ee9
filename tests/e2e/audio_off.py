# SPDX-License-Identifier: MIT
"""Without `audio =` no audio is sent or declared."""

import lib
from lib import check, equal


def test(t):
    p, _ = t.start()
    for media in ("udp", "tcp-passive"):
        call = p.invite(lib.CHANNEL, media=media, f="v/2/////a/1/8/1")
        equal(call.status, 200, "INVITE")
        check(call.media.wait(lambda a: sum(1 for u in a.units if u.ps and u.ps.key) >= 2, 15),
              "fewer than two key frames")
        equal(call.media.faults, [], "faults")
        equal(call.media.assembler.audio(), [], "audio")
        maps = [u.ps.psm for u in call.media.units if u.ps and u.ps.psm]
        check(maps and all(m == {0xe0: lib.rtp.ps.H264} for m in maps), f"PSM {maps}")
        check(call.answer.f.endswith("a///"), f"f={call.answer.f}")
        call.close()


lib.main(test)
