# SPDX-License-Identifier: MIT
"""Several blocks in one DeviceConfig: one Result. Several types in one ConfigDownload: a Response each, the same SN."""

import _config
import lib
from _config import ask, kinds
from lib import check, equal

MIRROR = "<FrameMirror>1</FrameMirror>"
REPORT = "<AlarmReport><MotionDetection>1</MotionDetection><FieldDetection>0</FieldDetection></AlarmReport>"
OSD = ("<OSDConfig><Length>1920</Length><Width>1080</Width><TimeX>1</TimeX><TimeY>2</TimeY>"
       "<SumNum>0</SumNum></OSDConfig>")


def test(t):
    p, _ = _config.start(t, channels=2)
    _config.set_ok(p, lib.CHANNEL, MIRROR + OSD + REPORT + "<ExtraInfo>x</ExtraInfo>")
    check(not p.wait(lambda: len(p.find_notes("DeviceConfig")) > 1, 1.0), "more than one Response")
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), _config.parse(MIRROR), "FrameMirror")
    equal(_config.get(p, lib.CHANNEL, "AlarmReport"), _config.parse(REPORT), "AlarmReport")
    # one invalid block: none is applied
    _config.set_error(p, lib.CHANNEL, "<FrameMirror>3</FrameMirror><OSDConfig/>")
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), _config.parse(MIRROR), "FrameMirror")
    # only unknown types
    _config.set_error(p, lib.CHANNEL, "")
    _config.set_error(p, lib.CHANNEL, "<Weather>1</Weather>")
    # unknown ID
    _config.set_error(p, "34020000001310000099", MIRROR, to=lib.DEVICE)

    bodies = ask(p, lib.CHANNEL,
                 "BasicParam/VideoParamOpt/SVACEncodeConfig/SVACDecodeConfig/Weather/OSDConfig/FrameMirror", 7)
    # platforms stop at the first ERROR: the blocks come first
    equal(sorted(kinds(bodies)[:4]), ["BasicParam", "FrameMirror", "OSDConfig", "VideoParamOpt"],
          "answers with a block")
    equal(kinds(bodies)[4:], ["ERROR", "ERROR", "ERROR"], "answers without a block")
    check(all(body.device_id == lib.CHANNEL for body in bodies), "DeviceID of an answer")
    equal(kinds(ask(p, lib.CHANNEL, " framemirror / FrameMirror /", 1)), ["FrameMirror"], "the same type twice")
    equal(kinds(ask(p, lib.CHANNEL, "Weather", 1)), ["ERROR"], "only unknown types")
    equal(kinds(ask(p, "34020000001310000099", "OSDConfig", 1)), ["ERROR"], "of an unknown ID")


lib.main(test)
