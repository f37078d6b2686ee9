# SPDX-License-Identifier: MIT
"""A TCP receiver that stops reading loses whole frames only, and no RTP packet is truncated."""

import lib
from lib import check, equal


def test(t):
    path = t.clip(size="1280x720", frames=50, gop=25, noise=60, qp=20)
    p, d = t.start(source=f"sim:{path}", channel={"fps": 25})
    call = p.invite(lib.CHANNEL, media="tcp-passive", expect_gaps=False)
    check(call.media.wait_units(5), "no media")
    call.media.paused = True
    check(d.wait_status(lambda s: s["sessions"][0]["dropped_frames"] > 0, 15),
          "no dropped frames although nothing is read")
    call.media.paused = False
    count = len(call.media.units)
    check(call.media.wait_units(count + 40, 15), "the stream did not recover")
    equal(call.media.bad, [], "framing")
    sequence = [b for b in call.media.assembler.bad if "sequence" in b or "SSRC" in b or "payload" in b]
    equal(sequence, [], "sequence numbers are contiguous on TCP")
    call.close()


lib.main(test)
