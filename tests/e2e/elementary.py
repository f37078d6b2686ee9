# SPDX-License-Identifier: MIT
"""Offers without PS: H.264 and H.265 as elementary streams (RFC 6184, RFC 7798) under the number the offer names.
ffmpeg receives them from an SDP file and gives back every NAL byte for byte."""

import shutil
import signal
import socket
import subprocess

import lib
from lib import check, equal


def nals(data):
    """The NALs of an Annex B stream, without start codes and the zeros before them."""
    return [n.rstrip(b"\0") for n in data.split(b"\0\0\1") if n.rstrip(b"\0")]


def port_pair():
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as a, socket.socket(socket.AF_INET,
                                                                                  socket.SOCK_DGRAM) as b:
            a.bind(("127.0.0.1", 0))
            port = a.getsockname()[1]
            if port % 2 == 0:
                try:
                    b.bind(("127.0.0.1", port + 1))
                    return port
                except OSError:
                    pass
    raise lib.Skip("no two adjacent ports")


def offer(p, port, number, name, tcp=False):
    proto = "TCP/RTP/AVP" if tcp else "RTP/AVP"
    role = "a=setup:passive\r\na=connection:new\r\n" if tcp else ""
    return (f"v=0\r\no={lib.CHANNEL} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=video {port} {proto} {number}\r\na=recvonly\r\n{role}a=rtpmap:{number} {name}/90000\r\n"
            "y=0200000001\r\n").encode()


def through_ffmpeg(t, number, name, path, **config):
    lib.need(shutil.which("ffmpeg"), "ffmpeg is not installed")
    p, d = t.start(**config)
    port = port_pair()
    sdp, out = t.folder / "in.sdp", t.folder / f"out.{name.lower()}"
    sdp.write_text(f"v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP {number}\na=rtpmap:{number} {name}/90000\n")
    log = open(t.folder / "ffmpeg.log", "wb")
    ffmpeg = subprocess.Popen(["ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-y",
                               "-protocol_whitelist", "file,udp,rtp",
                               "-buffer_size", "4000000", "-i", str(sdp), "-map", "0:v", "-c", "copy", "-f",
                               {"H264": "h264", "H265": "hevc"}[name], str(out)], stderr=log, stdout=log)
    try:
        lib.until(lambda: lib.udp_queue(port) is not None, 10, "ffmpeg does not open its port")
        call = p.invite(lib.CHANNEL, sdp_body=offer(p, port, number, name))
        equal(call.status, 200, "INVITE")
        equal((call.answer.formats, call.answer.attributes["rtpmap"]), ([str(number)], f"{number} {name}/90000"),
              "answer")
        status = d.wait_status(lambda s: s["sessions"] and s["sessions"][0]["frames"] >= 150, 15)
        check(status, "the stream has stopped")
        equal(status["sessions"][0]["dropped_frames"], 0, "dropped frames")
        equal(call.bye().status, 200, "BYE")
        lib.until(lambda: not lib.udp_queue(port), 5)
    finally:
        ffmpeg.send_signal(signal.SIGINT)
        ffmpeg.wait(10)
        log.close()
    got, want = nals(out.read_bytes()), nals(path.read_bytes())
    check(len(got) >= 100, f"{len(got)} NALs: {(t.folder / 'ffmpeg.log').read_text()}")
    # ffmpeg may repeat the parameter sets before the first key frame; what follows is the clip, looped.
    first = max(i for i in range(min(len(got), 8)) if got[i] in want[:4])
    where = [i for i, n in enumerate(want) if n == got[first]]
    check(where, "the first NAL is not in the clip")
    same = max(next((k for k in range(len(got) - first) if got[first + k] != want[(at + k) % len(want)]),
                    len(got) - first)
               for at in where)
    print(f"{name}: {same} of {len(got) - first} NALs byte-identical")
    # The last one may be cut off by the BYE.
    check(same >= len(got) - first - 1, f"others follow: {(t.folder / 'ffmpeg.log').read_text()}")


def test_h264(t):
    through_ffmpeg(t, 98, "H264", lib.clip())


def test_h264_slices(t):
    """Several slices per frame, key frames of more than 64 KB."""
    path = t.clip(size="1280x720", frames=50, gop=25, slices=4, qp=12)
    through_ffmpeg(t, 126, "H264", path, source=f"sim:{path}", channel={"fps": 25})


def test_h265_by_wvp_number(t):
    """WVP uses payload type 99 for H.265."""
    path = t.folder / "clip.h265"
    done = subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                           "testsrc2=size=640x360:rate=25", "-frames:v", "50", "-c:v", "libx265", "-x265-params",
                           "bframes=0:keyint=25:min-keyint=25:scenecut=0:repeat-headers=1:log-level=error:aud=0:"
                           "info=0:qp=14",
                           "-f", "hevc", str(path)], capture_output=True, text=True)
    lib.need(done.returncode == 0, f"ffmpeg cannot encode with libx265 here: {done.returncode} {done.stderr.strip()}")
    through_ffmpeg(t, 99, "H265", path, source=f"sim:{path}", channel={"fps": 25})


def test_tcp_and_others(t):
    """Over TCP; at the same time as a PS viewer; refused when the offer lacks the source's codec or has no known
    format."""
    p, d = t.start(channel={"audio": "sim:tone"})           # not part of an elementary stream
    call, conn = lib.invite_tcp(p, lambda port: offer(p, port, 98, "H264", tcp=True))
    other = p.invite(lib.CHANNEL, ssrc="0200000002")
    check(other.media.wait_units(30), "no PS at the same time")
    equal(other.media.faults, [], "faults")
    check(other.media.assembler.audio(), "no audio in the PS")
    file, parts, open_nal = conn.makefile("rb"), [], None
    while len(parts) < 40:
        packet = file.read(int.from_bytes(file.read(2), "big"))
        equal((packet[0], packet[1] & 0x7f), (0x80, 98), "RTP")
        payload = packet[12:]
        if payload[0] & 31 != 28:
            parts.append(payload)
        elif payload[1] & 0x80:
            open_nal = bytes([payload[0] & 0xe0 | payload[1] & 31]) + payload[2:]
        else:
            open_nal += payload[2:]
            if payload[1] & 0x40:
                parts.append(open_nal)
    want = nals(lib.clip().read_bytes())
    check(all(part in want for part in parts), "NALs are not the clip's")
    other.close()
    call.bye()
    conn.close()
    for number, name in ((99, "H265"), (97, "MPEG4"), (34, "H263")):
        equal(p.invite(lib.CHANNEL, sdp_body=offer(p, 30000, number, name)).status, 488, f"offer of {name} only")
    several = offer(p, 30002, 99, "H265").replace(b"AVP 99", b"AVP 99 98").replace(b"y=",
                                                                                   b"a=rtpmap:98 H264/90000\r\ny=")
    call = p.invite(lib.CHANNEL, sdp_body=several)
    equal((call.status, call.answer.formats), (200, ["98"]), "the supported one of two formats")
    call.bye()


lib.main(test_h264, test_h264_slices, test_h265_by_wvp_number, test_tcp_and_others)
