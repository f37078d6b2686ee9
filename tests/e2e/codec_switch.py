# SPDX-License-Identifier: MIT
"""A camera switches to another codec or size while it is viewed. PS goes on: from the next key frame the PSM declares
the new codec, with a new version, and all access units are the source's; an elementary stream, whose codec was
negotiated, ends with BYE and a reason. Another size ends no session."""

import json
import subprocess

import lib
from lib import check, equal


def parts(units):
    """Runs of one codec: [(h265, [unit])]."""
    runs = []
    for u in units:
        if not runs or runs[-1][0] != u.h265:
            runs.append((u.h265, []))
        runs[-1][1].append(u)
    return runs


def switch(t, media):
    clips = [t.clip(size="320x180", frames=30, gop=15, slices=2),
             t.clip(size="320x180", frames=30, gop=15, h265=True, bframes=2)]
    sources = [lib.clip_units(path) for path in clips]
    p, d = t.start(source="sim:" + ",".join(map(str, clips)), channel={"fps": 100})
    call = p.invite(lib.CHANNEL, media=media)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(160, 15), "too few access units")
    equal(call.close().status, 200, "BYE")
    equal(call.media.faults, [], "faults")      # timestamps and PSM versions of all units are checked there, too
    whole = [r for r in parts([u.ps for u in call.media.units if u.ps])][:-1]
    check(len(whole) >= 4, f"only {len(whole)} changes")
    found = set()
    for n, (h265, units) in enumerate(whole):
        # A requested key frame may come early.
        videos = [u.video for u in units]
        lib.runs(videos, sources[h265], h265)
        found.add(h265) if videos == sources[h265] else None
        first = units[0]
        equal((first.key, first.psm), (True, {0xe0: 0x24 if h265 else 0x1b}), f"start of part {n}")
        equal(first.version, n, f"version of the PSM of part {n}")
        if n not in (1, 2):
            continue
        # Each part is given to ffmpeg as a file; within one file it keeps to the first codec.
        ps, es = t.folder / f"part{n}.ps", t.folder / ("part.h265" if h265 else "part.h264")
        ps.write_bytes(b"".join(u.data for u in call.media.units if u.ps in units))
        equal(lib.ffmpeg_video(ps, es), b"".join(u.video for u in units), f"part {n} by ffmpeg")
        equal(lib.ffprobe_video(ps)[0], "hevc" if h265 else "h264", f"part {n} by ffprobe")
    equal(found, {False, True}, "codecs with a complete clip")
    equal(d.status()["channels"][0]["bad"], 0, "units that could not be packed")


def test_ps_udp(t):
    switch(t, "udp")


def test_ps_tcp(t):
    switch(t, "tcp-passive")


def offer(p, port):
    return (f"v=0\r\no={lib.CHANNEL} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=video {port} TCP/RTP/AVP 98\r\na=recvonly\r\na=setup:passive\r\na=connection:new\r\n"
            f"a=rtpmap:98 H264/90000\r\ny=0200000001\r\n").encode()


def nals_of(conn, stop):
    """NALs of an H.264 stream over RFC 4571 (RFC 6184) until stop(nals) or the end of the connection."""
    file, found, open_nal = conn.makefile("rb"), [], b""
    while not stop(found):
        head = file.read(2)
        packet = file.read(int.from_bytes(head, "big")) if len(head) == 2 else b""
        if not packet:
            break
        payload = packet[12:]
        if payload[0] & 31 != 28:
            found.append(payload)
        elif payload[1] & 0x80:
            open_nal = bytes([payload[0] & 0xe0 | payload[1] & 31]) + payload[2:]
        else:
            open_nal += payload[2:]
            if payload[1] & 0x40:
                found.append(open_nal)
    return found


def strip(data):
    return [n.rstrip(b"\0") for n in data.split(b"\0\0\1") if n.rstrip(b"\0")]


def test_elementary_ends(t):
    clips = [t.clip(size="320x180", frames=60, gop=30), t.clip(size="320x180", frames=60, gop=30, h265=True)]
    p, d = t.start(source="sim:" + ",".join(map(str, clips)), channel={"fps": 50})
    call, conn = lib.invite_tcp(p, lambda port: offer(p, port))
    ps = p.invite(lib.CHANNEL, ssrc="0200000002")
    got = nals_of(conn, lambda found: False)
    equal(got, strip(clips[0].read_bytes())[-len(got):], "NALs before the change")
    check(call.wait_bye(5), "no BYE after the change")
    check(d.wait_log('reason="codec-changed"'), "no reason in the log")
    check(d.wait_status(lambda s: any(e["why"] == "codec-changed" for e in s["ended"])), "no reason in the status")
    check(ps.media.wait(lambda a: any(u.ps and u.ps.h265 for u in a.units), 10), "the PS view ended")
    equal(ps.media.faults, [], "faults")
    equal(ps.close().status, 200, "BYE of the PS view")


def test_another_size(t):
    clips = [t.clip("small.h264", size="320x180", frames=30, gop=15),
             t.clip("large.h264", size="640x360", frames=30, gop=15)]
    sources = [lib.clip_units(path) for path in clips]
    p, d = t.start(source="sim:" + ",".join(map(str, clips)), channel={"fps": 100})
    call, conn = lib.invite_tcp(p, lambda port: offer(p, port))
    ps = p.invite(lib.CHANNEL, ssrc="0200000002")
    want = [strip(path.read_bytes()) for path in clips]
    got = nals_of(conn, lambda found: len(found) >= 2 * sum(map(len, want)))
    conn.close()
    check(ps.media.wait_units(130, 10), "too few access units")
    equal(ps.close().status, 200, "BYE")
    equal(ps.media.faults, [], "faults")
    units = [u.ps for u in ps.media.units if u.ps]
    lib.runs([u.video for u in units], sources[0] + sources[1])
    equal({u.version for u in units if u.psm}, {0}, "versions of an unchanged PSM")
    out = t.folder / "both.h264"
    out.write_bytes(b"".join(b"\0\0\0\1" + n for n in got))
    done = subprocess.run(["ffprobe", "-hide_banner", "-loglevel", "error", "-show_entries", "frame=width,height",
                           "-of", "json",
                           str(out)], capture_output=True, text=True, check=True, timeout=60)
    sizes = [(f["width"], f["height"]) for f in json.loads(done.stdout)["frames"]]
    equal(set(sizes), {(320, 180), (640, 360)}, "sizes found by ffprobe")
    check(len(sizes) >= 60, f"only {len(sizes)} frames")


lib.main(test_ps_udp, test_ps_tcp, test_elementary_ends, test_another_size)
