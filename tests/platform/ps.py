# SPDX-License-Identifier: MIT
"""
A strict demultiplexer of MPEG-2 program streams, following ISO/IEC 13818-1 2.5 and the requirements of receivers in the
field: one pack per video or audio access unit; system header and PSM with a valid CRC on each IDR; only streams 0xE0
and 0xC0, the latter only if declared by the PSM; no PES of length 0; PTS in the first PES only and never 0; SCR not
later than PTS.
"""

from dataclasses import dataclass, field

import h264

PACK, SYSTEM, PSM, END = 0xba, 0xbb, 0xbc, 0xb9
H264, H265 = 0x1b, 0x24
AAC, G711A, G711U, G7221 = 0x0f, 0x90, 0x91, 0x92


class PsError(ValueError):
    """The bytes are not a program stream that a strict receiver accepts."""


@dataclass
class Unit:
    """A parsed pack."""
    scr: int = 0                        # 90 kHz
    mux_rate: int = 0                   # 50 byte/s
    pts: int | None = None
    dts: int | None = None
    video: bytes = b""
    audio: bytes = b""
    pes: int = 0                        # of video
    system: bool = False
    psm: dict | None = None             # elementary stream ID -> stream type
    version: int = 0                    # of the PSM
    bounds: list = field(default_factory=list)      # stream IDs of the system header
    key: bool = False
    h265: bool = False

    @property
    def decode(self):
        """Decode time: the DTS if there is one, otherwise the PTS."""
        return self.pts if self.dts is None else self.dts


def crc32_mpeg(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04c11db7 if crc & 0x80000000 else crc << 1) & 0xffffffff
    return crc


def _need(ok, text):
    if not ok:
        raise PsError(text)


def _pack_header(data, at):
    """(scr, mux_rate, next offset)"""
    _need(len(data) >= at + 14, "pack header is truncated")
    b = data[at + 4:at + 14]
    bits = int.from_bytes(b[:6], "big")
    _need(bits >> 46 == 1, "pack header is not MPEG-2's")
    for pos, name in ((42, "SCR 32..30"), (26, "SCR 29..15"), (10, "SCR 14..0"), (0, "SCR extension")):
        _need(bits >> pos & 1, f"marker bit after {name} is 0")
    scr = (bits >> 43 & 7) << 30 | (bits >> 27 & 0x7fff) << 15 | bits >> 11 & 0x7fff
    extension = bits >> 1 & 0x1ff
    _need(extension < 300, f"SCR extension {extension}")
    rate = int.from_bytes(b[6:9], "big")
    _need(rate & 3 == 3, "marker bits after program_mux_rate")
    _need(rate >> 2 > 0, "program_mux_rate is 0")
    _need(b[9] >> 3 == 0x1f, "reserved bits of the pack header are not 1")
    stuffing = b[9] & 7
    end = at + 14 + stuffing
    _need(data[at + 14:end] == b"\xff" * stuffing, "stuffing is not 0xFF")
    return scr, rate >> 2, end


def _system_header(data, at):
    """(stream IDs, next offset)"""
    _need(len(data) >= at + 12, "system header is truncated")
    length = int.from_bytes(data[at + 4:at + 6], "big")
    body = data[at + 6:at + 6 + length]
    _need(len(body) == length and length >= 6 and (length - 6) % 3 == 0, f"system header length {length}")
    rate = int.from_bytes(body[:3], "big")
    _need(rate >> 23 == 1 and rate & 1, "marker bits around rate_bound")
    _need(body[4] & 0x20, "marker bit before video_bound")
    bounds = {0xc0: body[3] >> 2, 0xe0: body[4] & 0x1f}
    _need(body[5] & 0x7f == 0x7f, "reserved bits of the system header are not 1")
    streams = []
    for i in range(6, length, 3):
        _need(body[i] >= 0xbc or body[i] in (0xb8, 0xb9), f"stream ID {body[i]:#x} in the system header")
        _need(body[i + 1] >> 6 == 3, "bits '11' before P-STD_buffer_bound_scale")
        _need(bool(body[i + 1] & 0x20) == (body[i] >= 0xe0 or body[i] == 0xb9), "P-STD_buffer_bound_scale")
        streams.append(body[i])
    for first, bound in bounds.items():
        count = sum(1 for s in streams if first <= s < first + (0x20 if first == 0xc0 else 0x10))
        _need(bound == count, f"system header: {count} streams from {first:#x}, bound {bound}")
    return streams, at + 6 + length


def _psm(data, at):
    """(map of stream ID to type, version, next offset)"""
    _need(len(data) >= at + 16, "PSM is cut")
    length = int.from_bytes(data[at + 4:at + 6], "big")
    end = at + 6 + length
    _need(len(data) >= end and 10 <= length <= 1018, f"PSM length {length}")
    _need(data[at + 6] & 0x80, "PSM: current_next_indicator is 0")
    _need(data[at + 6] & 0x60 == 0x60, "PSM: reserved bits")
    _need(data[at + 7] == 0xff, f"PSM: reserved bits and marker are {data[at + 7]:#x}")
    info = int.from_bytes(data[at + 8:at + 10], "big")
    pos = at + 10 + info
    map_length = int.from_bytes(data[pos:pos + 2], "big")
    pos += 2
    _need(pos + map_length + 4 == end, f"PSM: elementary_stream_map_length {map_length}")
    streams = {}
    while pos < end - 4:
        kind, stream = data[pos], data[pos + 1]
        es_info = int.from_bytes(data[pos + 2:pos + 4], "big")
        _need(stream not in streams, f"PSM: stream {stream:#x} twice")
        streams[stream] = kind
        pos += 4 + es_info
    _need(pos == end - 4, "PSM: descriptors exceed its length")
    got = int.from_bytes(data[end - 4:end], "big")
    _need(crc32_mpeg(data[at:end - 4]) == got, f"PSM: CRC {got:#010x}")
    _need(crc32_mpeg(data[at:end]) == 0, "PSM: wrong CRC")
    return streams, data[at + 6] & 0x1f, end


def _stamp(b, prefix, name):
    _need(b[0] >> 4 == prefix, f"{name} prefix {b[0] >> 4:#x}")
    _need(b[0] & b[2] & b[4] & 1, f"{name} marker bits")
    return (b[0] >> 1 & 7) << 30 | b[1] << 22 | (b[2] >> 1) << 15 | b[3] << 7 | b[4] >> 1


def _pes(data, at):
    """(stream ID, pts, dts, payload, next offset)"""
    stream = data[at + 3]
    _need(len(data) >= at + 9, "PES header is truncated")
    length = int.from_bytes(data[at + 4:at + 6], "big")
    _need(length != 0, "PES_packet_length 0 in a program stream")
    end = at + 6 + length
    _need(len(data) >= end, f"PES of {length} bytes is truncated")
    b1, b2, header = data[at + 6], data[at + 7], data[at + 8]
    _need(b1 >> 6 == 2, "PES: bits '10'")
    _need(b1 & 0x30 == 0, "PES: scrambled")
    _need(b2 & 0x3f == 0, f"PES: flags {b2:#x}")
    flags = b2 >> 6
    _need(flags != 1, "PES: DTS without PTS")
    _need(header >= (0, 0, 5, 10)[flags] and 3 + header <= length, f"PES_header_data_length {header}")
    pts = dts = None
    if flags & 2:
        pts = _stamp(data[at + 9:at + 14], 3 if flags == 3 else 2, "PTS")
    if flags == 3:
        dts = _stamp(data[at + 14:at + 19], 1, "DTS")
    used = (0, 0, 5, 10)[flags]
    _need(data[at + 9 + used:at + 9 + header] == b"\xff" * (header - used), "PES stuffing is not 0xFF")
    return stream, pts, dts, data[at + 9 + header:end], end


def demux_pack(data, codec=H264):
    """Parses an access unit as sent by the device: exactly one pack. codec: the video type of the last PSM."""
    unit = Unit()
    _need(data[:4] == b"\x00\x00\x01\xba", f"starts with {data[:4].hex()}, not with a pack header")
    unit.scr, unit.mux_rate, at = _pack_header(data, 0)
    video, audio = [], []
    while at < len(data):
        _need(data[at:at + 3] == b"\x00\x00\x01" and at + 4 <= len(data), f"no start code at {at}")
        kind = data[at + 3]
        if kind == SYSTEM:
            _need(not video and not audio and not unit.psm and not unit.system,
                  "system header not after the pack header")
            unit.bounds, at = _system_header(data, at)
            unit.system = True
            _need(0xe0 in unit.bounds, "system header without video")
        elif kind == PSM:
            _need(unit.psm is None and not video and not audio, "PSM after the first PES")
            unit.psm, unit.version, at = _psm(data, at)
            _need(sorted(unit.psm) == sorted(unit.bounds), f"system header has {unit.bounds}, PSM {unit.psm}")
        elif kind in (0xe0, 0xc0):
            stream, pts, dts, payload, at = _pes(data, at)
            parts = video if stream == 0xe0 else audio
            _need(len(payload) > 0, "empty PES")
            _need(not (audio if stream == 0xe0 else video), "video and audio in one pack")
            _need((pts is not None) == (not parts), "PTS must be in the first PES and only there")
            if not parts:
                unit.pts, unit.dts = pts, dts
            parts.append(payload)
        else:
            raise PsError(f"start code {kind:#x} in a pack")
    unit.video, unit.audio, unit.pes = b"".join(video), b"".join(audio), len(video)
    _need(unit.pts is not None and unit.pts > 0, f"PTS {unit.pts}")
    _need((unit.decode - unit.scr) % (1 << 33) < 1 << 32, f"SCR {unit.scr} is later than the decode time {unit.decode}")
    if video:
        _check_video(unit, video, codec)
    else:
        _need(unit.dts is None, "audio with DTS")
        _need(not unit.system and unit.psm is None, "audio after a system header or PSM")
    return unit


def _check_video(unit, parts, codec):
    _need(unit.video[:3] == b"\0\0\1" or unit.video[:4] == b"\0\0\0\1", "video does not start with a start code")
    h265 = (unit.psm or {}).get(0xe0, codec) == H265
    types = h264.nal_types(unit.video, h265)
    keys, sets = (range(16, 24), (32, 33, 34)) if h265 else ((5,), (7, 8))
    first = next((i for i, kind in enumerate(types) if kind in keys), None)
    unit.key, unit.h265 = first is not None, h265
    if unit.key:
        _need(unit.system and unit.psm is not None, "key frame without system header and PSM")
        _need(unit.psm.get(0xe0) == (H265 if h265 else H264), f"PSM: video is {unit.psm.get(0xe0)}")
        _need(all(kind in types[:first] for kind in sets), f"key frame without preceding parameter sets: {types}")
    else:
        _need(unit.psm is None, "PSM before a frame that is not a key frame")
    for part in parts[:-1]:
        _need(len(part) > 32768, "access unit split into small PES")


def split_packs(data):
    """Splits a recorded stream at pack headers followed by a start code (0xBA is not a NAL type: never inside Annex-B
    video)."""
    cuts, at = [], data.find(b"\x00\x00\x01\xba")
    while at >= 0:
        cuts.append(at)
        at = data.find(b"\x00\x00\x01\xba", at + 4)
    return [data[a:b] for a, b in zip(cuts, cuts[1:] + [len(data)])]


@dataclass
class StreamCheck:
    """Checks rules across units, which are fed in order."""
    first: bool = True
    last: Unit | None = None
    rtp: int | None = None
    base: int = 0                                   # RTP timestamp minus decode time, of a unit that was not late
    sure: bool = False
    psm: dict = field(default_factory=dict)
    version: int = 0
    of: dict = field(default_factory=dict)          # the last video and audio unit
    bad: list = field(default_factory=list)

    def _psm(self, unit):
        if self.psm and unit.psm != self.psm and unit.version != (self.version + 1) & 0x1f:
            self.bad.append(f"PSM changes from {self.psm} to {unit.psm}, its version from {self.version} to "
                            f"{unit.version}")
        if unit.psm == self.psm and unit.version != self.version:
            self.bad.append(f"version {unit.version} of an unchanged PSM, {self.version} before")
        self.psm, self.version = unit.psm, unit.version

    def _rtp(self, unit, rtp_timestamp, step):
        """RFC 2250 2: the RTP timestamp of a program stream is the sending time, so it increases from unit to unit.
        ZLMediaKit reassembles units by it alone and would merge units with the same timestamp (SRS and ffmpeg use the
        PES). It follows the decode times; a unit sent after another one with the same or a later time has the next
        tick. The SCR must always increase: packs arrive in order (ISO 13818-1 2.5.2), although none of the three
        receivers checks it."""
        offset, rtp_step = (rtp_timestamp - unit.decode) & 0xffffffff, (rtp_timestamp - self.rtp) & 0xffffffff
        early = (self.base - offset) & 0xffffffff
        if offset == self.base:
            self.sure = True
        elif not self.sure and 0 < early < 90000 and 0xc0 in self.psm:
            self.base, self.sure = offset, True     # all units so far were late
        elif not (0xc0 in self.psm and step <= rtp_step <= 2):
            self.bad.append(f"RTP timestamp step {rtp_step}, step of decode times {step}")

    def feed(self, unit, rtp_timestamp):
        kind = "video" if unit.video else "audio"
        if self.first and not (unit.key and unit.psm):
            self.bad.append("the stream does not start with an IDR and a PSM")
        if unit.psm is not None:
            self._psm(unit)
        if kind == "audio" and self.psm.get(0xc0) not in (AAC, G711A, G711U, G7221):
            self.bad.append(f"audio, but the PSM has {self.psm}")
        if kind in self.of:
            step = (unit.decode - self.of[kind].decode) % (1 << 33)
            if not 0 < step < 90000 * 10:
                self.bad.append(f"{kind}: {'PTS' if unit.dts is None else 'DTS'} step {step}")
            if (unit.pts - unit.decode) % (1 << 33) > 90000 * 2:
                self.bad.append(f"{kind}: PTS {unit.pts}, DTS {unit.decode}")
        if self.last is not None:
            if (unit.scr - self.last.scr) % (1 << 33) >= 1 << 32:
                self.bad.append("SCR runs backwards")
            step = (unit.decode - self.last.decode + (1 << 32)) % (1 << 33) - (1 << 32)
            if bool(unit.video) != bool(self.last.video) and abs(step) > 90000:
                self.bad.append(f"video and audio are {step / 90000:.3f} s apart")
            self._rtp(unit, rtp_timestamp, step)
        if self.first:
            self.base = (rtp_timestamp - unit.decode) & 0xffffffff
        self.of[kind] = unit
        self.first, self.last, self.rtp = False, unit, rtp_timestamp
