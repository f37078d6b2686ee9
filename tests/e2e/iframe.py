# SPDX-License-Identifier: MIT
"""IFameCmd (sic) and IFrameCmd bring an IDR early."""

import time

import lib
from lib import check, equal


def test(t):
    path = t.clip(size="320x180", frames=250, gop=125, fps=25)
    p, _ = t.start(source=f"sim:{path}", channel={"fps": 25})
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(15), "no media")
    keys = lambda: sum(u.ps.key for u in call.media.units if u.ps)
    for word in ("IFameCmd", "IFrameCmd"):
        time.sleep(1.2)                     # requests are coalesced to one a second
        before = keys()
        equal(p.control(lib.CHANNEL, f"<{word}>Send</{word}>")[0].status, 200, word)
        check(call.media.wait(lambda a: keys() > before, 2.5 * lib.SLOW),
              f"{word}: no IDR, although the next one is due in 5 s")
    check(not call.media.faults, call.media.faults[:3])
    lib.runs(call.media.assembler.video(), lib.clip_units(path))
    call.close()


lib.main(test)
