# SPDX-License-Identifier: MIT
"""DragZoomIn and DragZoomOut: the box is centred, and the zoom follows its size."""

import lib
from _control import position, near, silent, wait_near


def box(name, **v):
    return f"<{name}>" + "".join(f"<{k}>{v[k]}</{k}>" for k in
                                 ("Length", "Width", "MidPointX", "MidPointY", "LengthX", "LengthY")
                                 if k in v) + f"</{name}>"


def test(t):
    p, _ = t.start(platform={"version": "2022"})
    # 60 by 33.75 degrees of view: a quarter of the width is 15 degrees.
    silent(p, lib.CHANNEL, box("DragZoomIn", Length=640, Width=360, MidPointX=480, MidPointY=180, LengthX=160,
                               LengthY=90))
    wait_near(p, (15, 0, 4), off=0.05)
    silent(p, lib.CHANNEL, box("DragZoomOut", Length=640, Width=360, MidPointX=320, MidPointY=180, LengthX=320,
                               LengthY=180))
    wait_near(p, (15, 0, 2), off=0.05)
    for bad in (box("DragZoomIn", Length=640), box("DragZoomIn", Length=0, Width=0, MidPointX=0, MidPointY=0, LengthX=0,
                                                   LengthY=0),
                box("DragZoomOut", Length=640, Width=360, MidPointX=-5, MidPointY=1, LengthX=1, LengthY=1),
                "<DragZoomIn/>"):
        silent(p, lib.CHANNEL, bad, 0.1)
    near(position(p), (15, 0, 2))


lib.main(test)
