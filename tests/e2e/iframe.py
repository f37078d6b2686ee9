# SPDX-License-Identifier: MIT
"""IFameCmd (sic) and IFrameCmd make the source send an IDR."""

import lib
from lib import check, equal


def test(t):
    path = t.clip(size="320x180", frames=250, gop=125, fps=25)
    p, _ = t.start(source=f"sim:{path}", channel={"fps": 25})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(15), "no media")
    keys = lambda: [n for n, u in enumerate(call.media.units) if u.ps and u.ps.key]
    for word in ("IFameCmd", "IFrameCmd"):
        # Requests are coalesced to one a second.
        check(call.media.wait_units(keys()[-1] + 30), "the stream has stopped")
        before = len(keys())
        equal(p.control(lib.CHANNEL, f"<{word}>Send</{word}>")[0].status, 200, word)
        check(call.media.wait(lambda a: len(keys()) > before, 2.5),
              f"{word}: no IDR within 2.5 s; without it the next one is in 5 s")
    check(not call.media.faults, call.media.faults[:3])
    lib.runs(call.media.assembler.video(), lib.clip_units(path))
    call.close()


lib.main(test)
