# SPDX-License-Identifier: MIT
"""VideoParamAttribute: the properties of the clip, then the platform's values; codes as in f=."""

import re
import subprocess

import _config
import lib
from lib import equal

CODES = {"176x144": "1", "352x288": "2", "704x576": "3", "720x576": "4", "1280x720": "5", "1920x1080": "6"}


def item(stream, resolution="6", rate="25", kind="1", bits="<VideoBitRate>4096</VideoBitRate>", codec="2"):
    return (f"<Item><StreamNumber>{stream}</StreamNumber><VideoFormat>{codec}</VideoFormat><Resolution>"
            f"{resolution}</Resolution>"
            f"<FrameRate>{rate}</FrameRate><BitRateType>{kind}</BitRateType>{bits}</Item>")


def attribute(*items):
    return f'<VideoParamAttribute Num="{len(items)}">{"".join(items)}</VideoParamAttribute>'


def test(t):
    value = attribute(item(0), item(1, resolution="640x360", rate="15", kind="2", bits="", codec="5"))
    _config.block(t, "VideoParamAttribute", value,
                  bad=[attribute(item(0, bits="")), attribute(item(9)), attribute(item(0, rate="100")),
                       attribute(item(0, kind="0")),
                       attribute(item(0, resolution="")), attribute(*[item(0)] * 5)])


def test_size(t):
    """The resolution in the answer is that found by ffprobe."""
    try:
        out = subprocess.run(["ffprobe", "-hide_banner", str(lib.clip())], capture_output=True, text=True,
                             timeout=30).stderr
    except FileNotFoundError:
        raise lib.Skip("no ffprobe") from None
    size = re.search(r"Video: h264.*?(\d+x\d+)", out).group(1)
    p, _ = _config.start(t, channel={"fps": 15})
    got = dict(_config.get(p, lib.CHANNEL, "VideoParamAttribute"))
    equal(got["VideoParamAttribute/@Num"], "1", "streams")
    equal(got["VideoParamAttribute/Item/Resolution"], CODES.get(size, size), "resolution")
    equal(got["VideoParamAttribute/Item/VideoFormat"], "2", "format")
    equal(got["VideoParamAttribute/Item/FrameRate"], "15", "frame rate")


lib.main(test, test_size)
