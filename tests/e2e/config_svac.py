# SPDX-License-Identifier: MIT
"""SVACEncodeConfig and SVACDecodeConfig of a camera without SVAC: ERROR to config and query, without side effects."""

import _config
import lib
from lib import equal


def test(t):
    p, _ = _config.start(t)
    for kind in ("SVACEncodeConfig", "SVACDecodeConfig"):
        _config.set_error(p, lib.CHANNEL, f"<{kind}><SVCParam><SVCSpaceSupportMode>0</SVCSpaceSupportMode></SVCParam>"
                                          f"</{kind}>")
        _config.get_error(p, lib.CHANNEL, kind)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "0")], "FrameMirror")


lib.main(test)
