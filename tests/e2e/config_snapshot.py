# SPDX-License-Identifier: MIT
"""Query of SnapShotConfig: the last accepted command, in a block called SnapShot, or the defaults if there is none."""

import lib
import httpd
import _config
import _snapshot as up
from lib import equal


def test(t):
    p, _ = up.start(t)
    equal(_config.get(p, lib.CHANNEL, "SnapShotConfig", "SnapShot"), _config.parse(
        "<SnapShot><SnapNum>1</SnapNum><Interval>1</Interval><UploadURL/><SessionID/></SnapShot>"),
          "before the first command")
    # platforms stop at the first ERROR
    equal(_config.kinds(_config.ask(p, lib.CHANNEL, "SVACEncodeConfig/SnapShotConfig/Weather", 3)),
          ["SnapShot", "ERROR", "ERROR"], "defaults first")
    with httpd.Web() as web:
        url = f"{web.url}/up?a=1&amp;b=2"
        equal(up.command(p, lib.CHANNEL, url, 1), "OK", "Result")
        up.finished(p)
        want = _config.parse(f"<SnapShot><SnapNum>1</SnapNum><Interval>1</Interval><UploadURL>{url}</UploadURL>"
                             f"<SessionID>{up.SESSION}</SessionID></SnapShot>")
        equal(_config.get(p, lib.CHANNEL, "SnapShotConfig", "SnapShot"), want, "the last command")
        for num, interval, session in ((0, 1, up.SESSION), (11, 1, up.SESSION), (1, 0, up.SESSION), (1, 1, "a b")):
            equal(up.command(p, lib.CHANNEL, url, num, interval, session), "ERROR", f"{num} {interval} {session}")
        equal(up.command(p, lib.CHANNEL, "", 1), "ERROR", "no URL")
        equal(_config.get(p, lib.CHANNEL, "SnapShotConfig", "SnapShot"), want, "after refused commands")
        equal(up.command(p, lib.DEVICE, url, 1, session="s" * 32), "OK", "a command to the device")
        up.finished(p, 2)
        equal(dict(_config.get(p, lib.DEVICE, "SnapShotConfig", "SnapShot"))["SnapShot/SessionID"], "s" * 32,
              "the device's")


lib.main(test)
