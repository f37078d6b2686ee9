# SPDX-License-Identifier: MIT
"""SDP of GB/T 28181: the offers of known platforms, and a strict parser for the device's answer."""

import re
from dataclasses import dataclass, field

RTPMAP = {96: "PS/90000", 97: "MPEG4/90000", 98: "H264/90000", 99: "H265/90000"}


@dataclass
class Offer:
    """An offer; `style` is the platform whose line order and peculiarities it has."""
    channel: str
    server: str
    ip: str
    port: int
    tcp: bool = False
    setup: str | None = "passive"       # on TCP; None omits the line
    session: str = "Play"
    y: str | None = "0200000001"
    f: str | None = None
    start: int = 0
    stop: int = 0
    source: str | None = None           # u= of Playback and Download
    style: str = "wvp"
    address_type: str | None = None     # IP4 or IP6; None: that of ip
    extra: list = field(default_factory=list)

    @property
    def net(self):
        return self.address_type or ("IP6" if ":" in str(self.ip) else "IP4")

    def lines(self):
        proto = "TCP/RTP/AVP" if self.tcp else "RTP/AVP"
        role = [f"a=setup:{self.setup}", "a=connection:new"] if self.tcp and self.setup else []
        y = [f"y={self.y}"] if self.y is not None else []
        f = [f"f={self.f}"] if self.f is not None else []
        head = ["v=0", f"o={self.channel} 0 0 IN {self.net} {self.ip}", f"s={self.session}"]
        head += [f"u={self.source}"] if self.source is not None else []
        c, t = [f"c=IN {self.net} {self.ip}"], [f"t={self.start} {self.stop}"]
        m = lambda formats, p=proto: f"m=video {self.port} {p} {formats}"
        maps = lambda *pts: [f"a=rtpmap:{pt} {RTPMAP[pt]}" for pt in pts]
        if self.style == "wvp":
            lines = head + c + t + [m("96 97 98 99"), "a=recvonly"] + maps(96, 98, 97, 99) + role
        elif self.style == "wvp-senior":
            lines = head + c + t + [m("96 126 125 99 34 98 97"), "a=recvonly", "a=rtpmap:96 PS/90000",
                                    "a=fmtp:126 profile-level-id=42e01e", "a=rtpmap:126 H264/90000",
                                    "a=rtpmap:125 H264S/90000", "a=fmtp:125 profile-level-id=42e01e",
                                    "a=rtpmap:99 H265/90000", "a=rtpmap:98 H264/90000",
                                    "a=rtpmap:97 MPEG4/90000"] + role
        elif self.style == "srs":
            head[1] = f"o= 0 0 IN {self.net} {self.ip}"
            lines = head + c + t + [m("96"), "a=recvonly", "a=rtpmap:96 PS/90000"]
        elif self.style == "lal":
            return head + c + t + [m("96"), "a=recvonly", "a=rtpmap:96 PS/90000"] + y + role + f
        elif self.style == "monibuca":
            return head + [f"u={self.channel}:0"] + c + t + [m("96"), "a=recvonly",
                                                             "a=rtpmap:96 PS/90000"] + y + role + f
        elif self.style == "gowvp":
            lines = head + c + t + [m("96 97 98"), "a=recvonly"] + role + maps(96, 97, 98)
        elif self.style == "gogb":
            lines = head + t + [m("96 98 97", "RTP/RTCP")] + c + ["a=recvonly"] + maps(96, 98, 97)
        elif self.style == "akstream":
            head[1] = f"o={self.server} 0 0 IN {self.net} {self.ip}"
            always = [f"a=setup:{self.setup or 'passive'}"] + (["a=connection:new"] if self.tcp else [])
            return head + c + t + [m("96 98"), "a=recvonly"] + always + y + ["a=rtpmap:96 PS/90000",
                                                                             "a=rtpmap:98 H264/90000"]
        elif self.style == "libgb28181":
            head[1] = f"o={self.server} 0 0 IN {self.net} {self.ip}"
            lines = head + c + t + [m("96")] + role + ["a=recvonly", "a=rtpmap:96 PS/90000", "a=streamnumber:0",
                                                       "a=streamprofile:0", "a=stream:0", "a=streamMode:Main"]
        else:
            raise ValueError(self.style)
        return lines + self.extra + y + f

    def to_bytes(self):
        return ("\r\n".join(self.lines()) + "\r\n").encode()


@dataclass
class Answer:
    """The parsed answer of the device; `bad` lists what a known platform would choke on."""
    origin: str = ""
    session: str = ""
    time: str = ""
    ip: str = ""
    port: int = 0
    proto: str = ""
    formats: list = field(default_factory=list)
    attributes: dict = field(default_factory=dict)
    y: str | None = None
    f: str | None = None
    bad: list = field(default_factory=list)


def parse_answer(body):
    answer = Answer()
    bad = answer.bad
    if not body.endswith(b"\r\n") or b"\n" in body.replace(b"\r\n", b""):
        bad.append("lines do not end in CRLF")
    lines = [l for l in body.decode("ascii").split("\r\n") if l]
    order = "".join(l[0] for l in lines)
    if not re.fullmatch(r"voscta*ma*yf?", order) and not re.fullmatch(r"voscta*ma*y?f?", order):
        bad.append(f"order of lines {order}")
    for line in lines:
        kind, _, value = line.partition("=")
        if kind == "o":
            parts = value.split(" ")
            answer.origin = parts[0]
            if len(parts) != 6 or parts[3:5] not in (["IN", "IP4"], ["IN", "IP6"]) or not parts[0]:
                bad.append(line)
        elif kind == "s":
            answer.session = value
        elif kind == "c":
            found = re.fullmatch(r"IN IP4 (\d+\.\d+\.\d+\.\d+)|IN IP6 ([0-9a-f:]*:[0-9a-f:.]*)", value)
            answer.ip = (found.group(1) or found.group(2)) if found else bad.append(line) or ""
        elif kind == "t":
            answer.time = value
        elif kind == "m":
            parts = value.split(" ")
            if len(parts) < 4 or parts[0] != "video" or not parts[1].isdigit() or int(parts[1]) == 0:
                bad.append(line)
            else:
                answer.port, answer.proto, answer.formats = int(parts[1]), parts[2], parts[3:]
        elif kind == "a":
            name, _, text = value.partition(":")
            answer.attributes[name] = text
        elif kind == "y":
            answer.y = value
            if not value.isdigit() or int(value) > 0xffffffff:
                bad.append(line)
        elif kind == "f":
            answer.f = value
    if "sendonly" not in answer.attributes:
        bad.append("not sendonly")
    found = re.fullmatch(r"(\d+) (PS|H264|H265)/90000", answer.attributes.get("rtpmap", ""))
    if not found or answer.formats != [found[1]] or (found[1] == "96") != (found[2] == "PS"):
        bad.append("not one format, 96 PS/90000 or an elementary one")
    return answer
