# SPDX-License-Identifier: MIT
"""FrameMirror: one number, 0 to 3."""

import _config
import lib


def test(t):
    _config.block(t, "FrameMirror", "<FrameMirror>2</FrameMirror>", default="<FrameMirror>0</FrameMirror>",
                  bad=["<FrameMirror>4</FrameMirror>", "<FrameMirror/>", "<FrameMirror>both</FrameMirror>"])


lib.main(test)
