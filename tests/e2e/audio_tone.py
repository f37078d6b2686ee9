# SPDX-License-Identifier: MIT
"""The simulated camera's tone: 1 kHz, continuous across units."""

import lib
from lib import check, equal

import _audio


def test(t):
    p, _ = t.start(channel={"audio": "sim:tone"})
    call = p.invite(lib.CHANNEL)
    got = _audio.heard(call, _audio.PS.G711A)
    call.close()
    samples = _audio.decode(got, "a")
    ups = [i for i in range(1, len(samples)) if samples[i - 1] < 0 <= samples[i]]
    equal({b - a for a, b in zip(ups, ups[1:])}, {8}, "samples from one upward crossing to the next")
    check(20000 < max(samples) < 32768 and max(samples) == -min(samples), f"peak {max(samples)}")


lib.main(test)
