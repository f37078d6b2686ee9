# SPDX-License-Identifier: MIT
"""OSDConfig: Chinese text, at most eight lines of 32 characters; both switches default to on."""

import _config
import lib

HEAD = "<Length>1920</Length><Width>1080</Width><TimeX>10</TimeX><TimeY>20</TimeY>"


def osd(*lines, switches="<TimeEnable>1</TimeEnable><TimeType>1</TimeType><TextEnable>0</TextEnable>"):
    return (f"<OSDConfig>{HEAD}{switches}<SumNum>{len(lines)}</SumNum>"
            + "".join(f"<Item><Text>{text}</Text><X>{n}</X><Y>{n * 10}</Y></Item>" for n, text in enumerate(lines)) +
            "</OSDConfig>")


def test(t):
    _config.block(t, "OSDConfig", osd("大门东侧 &lt;1&gt; &amp; 车道", "", "龘" * 32, *["line"] * 5), large=True,
                  bad=[osd(*["x"] * 9), osd("门" * 33), osd(switches="<TimeType>2</TimeType>"),
                       "<OSDConfig><Length>1</Length></OSDConfig>"])


def test_defaults(t):
    p, _ = _config.start(t)
    _config.set_ok(p, lib.CHANNEL, osd("a", switches=""))
    lib.equal(_config.get(p, lib.CHANNEL, "OSDConfig"),
              _config.parse(osd("a", switches="<TimeEnable>1</TimeEnable><TimeType>0</TimeType><TextEnable>"
                                              "1</TextEnable>")), "OSDConfig")


lib.main(test, test_defaults)
