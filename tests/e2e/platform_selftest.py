# SPDX-License-Identifier: MIT
"""The test platform itself: vectors of the standards, a program stream made by ffmpeg, and a tiny device in Python."""

import secrets
import socket
import struct
import threading

import lib
import digest
import h264
import manscdp
import ps
import rtp
import sdp
import sip


def test_digest(t):
    user, realm, uri = "34020000001320000001", "3402000000", "sip:34020000002000000001@3402000000"
    args = ("MD5", user, realm, "12345678", "REGISTER", uri, "6fe9ba44a76be22a")
    lib.equal(digest.compute(*args), "6a2143ae65b119e276a75f0a4a8992b7")
    lib.equal(digest.compute(*args, "auth", "00000001", "0a4f113b"), "fb6d2f768312116118c121c2608cf961")
    # RFC 7616 3.9.1
    lib.equal(digest.compute("SHA-256", "Mufasa", "http-auth@example.org", "Circle of Life", "GET", "/dir/index.html",
                             "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "auth", "00000001",
                             "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")
    c = digest.Challenge(realm=realm, nonce="6fe9ba44a76be22a")
    good = (f'Digest username="{user}", realm="{realm}", nonce="{c.nonce}", uri="{uri}", '
            'response="6a2143ae65b119e276a75f0a4a8992b7", algorithm=MD5')
    lib.equal(digest.verify(good, c, user, "12345678", "REGISTER", uri), None)
    lib.equal(digest.verify(good, c, user, "12345679", "REGISTER", uri), "wrong response")


def test_manscdp(t):
    for args, want in (((0,), "A50F0100000000B5"), ((1, 0x80), "A50F010180000036"), ((0x10, 0, 0, 8),
                                                                                     "A50F011000008045"),
                       ((0x86, 1, 0x2c, 1), "A50F0186012C1078"), ((0x8c, 1), "A50F018C01000042")):
        lib.equal(manscdp.ptz(*args), want)
    body = manscdp.Body("<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Response>\r\n<CmdType>Catalog</CmdType><SN>"
                        "3</SN><DeviceID>1"
                        "</DeviceID><SumNum>1</SumNum><DeviceList Num=\"1\"><Item><DeviceID>2</DeviceID><Name>大门</Name>"
                        "</Item></DeviceList></Response>".encode("gb2312"))
    lib.equal((body.bad, body.cmd, body.sn, body.items()[0]["Name"]), ([], "Catalog", "3", "大门"))


def test_sdp(t):
    answer = sdp.parse_answer(b"v=0\r\no=34020000001310000001 0 0 IN IP4 192.0.2.1\r\ns=Play\r\nc=IN IP4 192.0.2.1\r\n"
                              b"t=0 0\r\n"
                              b"m=video 10032 TCP/RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
                              b"a=setup:active\r\n"
                              b"a=connection:new\r\ny=0200005549\r\nf=v/2/6/25/1/4000a///\r\n")
    lib.equal((answer.bad, answer.port, answer.y, answer.attributes["setup"]), ([], 10032, "0200005549", "active"))
    lib.check(sdp.parse_answer(b"v=0\r\ns=Play\r\n").bad)


def pack(video, pts, key):
    """A pack written byte by byte, independently of ps.py."""
    out = bytes.fromhex("000001ba") + struct.pack(">Q",
                                                  0x4400040004010000 | (pts >> 30 & 7) << 59 |
                                                  (pts >> 15 & 0x7fff) << 43
                                                  | (pts & 0x7fff) << 27)[:6] + bytes.fromhex("0186a3f8")
    if key:
        out += bytes.fromhex("000001bb0009 8186a1 00217f e0e080")
        out += bytes.fromhex("000001bc000ee1ff000000041be00000")
        out += struct.pack(">I", ps.crc32_mpeg(out[-16:]))
    stamp = bytes([0x21 | pts >> 29 & 0xe, pts >> 22 & 0xff, pts >> 14 & 0xfe | 1, pts >> 7 & 0xff,
                   pts << 1 & 0xfe | 1])
    for at in range(0, len(video), 60000):
        part, head = video[at:at + 60000], stamp if at == 0 else b""
        out += b"\0\0\1\xe0" + struct.pack(">HBBB", 3 + len(head) + len(part), 0x80, 0x80 if head else 0,
                                           len(head)) + head + part
    return out


IDR = b"\0\0\0\1\x67\x42\0\x1e" + b"\0\0\0\1\x68\xce\x3c\x80" + b"\0\0\0\1\x65\x88" + b"\x84" * 100000
P = b"\0\0\0\1\x41\x9a" + b"\x55" * 3000


def test_ps(t):
    lib.equal(ps.crc32_mpeg(b"123456789"), 0x0376e6e7)          # the check value of CRC-32/MPEG-2
    unit = ps.demux_pack(pack(IDR, 90000, True))
    lib.equal((unit.video == IDR, unit.pts, unit.scr, unit.key, unit.pes, unit.psm), (True, 90000, 90000, True, 2,
                                                                                      {0xe0: 0x1b}))
    good = pack(P, 5, False)
    lib.equal(ps.demux_pack(good).video, P)
    for bad in (good[:-1], b"\0" + good, good + b"\0", good[:4] + b"\x21" + good[5:], pack(IDR, 9, False), pack(P, 0,
                                                                                                                False)):
        try:
            ps.demux_pack(bad)
        except ps.PsError:
            continue
        raise AssertionError("an invalid pack was accepted")
    wrong_crc = bytearray(pack(IDR, 90000, True))
    wrong_crc[wrong_crc.index(b"\0\0\1\xbc") + 19] ^= 1
    try:
        ps.demux_pack(bytes(wrong_crc))
        raise AssertionError("a wrong CRC was accepted")
    except ps.PsError as e:
        lib.check("CRC" in str(e), str(e))


def sound_pack(sound, pts, scr=None):
    """The same for audio."""
    video = pack(sound, pts, False)
    head = video[:14] if scr is None else pack(b"x", scr, False)[:14]
    return head + video[14:].replace(b"\0\0\1\xe0", b"\0\0\1\xc0", 1)


def with_sound(key, version, stream_type=0x90, audio_bound=1, declare=True):
    """A key pack with audio in its system header and PSM."""
    at = key.index(b"\0\0\1\xe0")
    system = bytes.fromhex("000001bb000c 8186a1") + bytes([audio_bound << 2]) + bytes.fromhex("217f e0e080 c0c020")
    streams = bytes.fromhex("1be00000") + (bytes([stream_type]) + bytes.fromhex("c00000") if declare else b"")
    psm = bytes.fromhex("000001bc") + (10 + len(streams)).to_bytes(2, "big") + bytes([0xe0 | version, 0xff, 0, 0, 0,
                                                                                      len(streams)])
    psm += streams
    return key[:14] + system + psm + ps.crc32_mpeg(psm).to_bytes(4, "big") + key[at:]


def faults(*packs, rtp=None):
    """The violations of rules across units. RTP timestamps default to the PTS."""
    check = ps.StreamCheck()
    for n, data in enumerate(packs):
        unit = ps.demux_pack(data)
        check.feed(unit, rtp[n] if rtp else unit.pts & 0xffffffff)
    return check.bad


def test_ps_sound(t):
    sound, key = b"\xd5" * 320, pack(IDR, 90000, True)
    lib.equal(ps.demux_pack(sound_pack(sound, 93600)).audio, sound)
    lib.equal(faults(with_sound(key, 3), sound_pack(sound, 91800), pack(P, 93600, False), sound_pack(sound, 95400)), [])
    for bad, word in ((sound_pack(sound, 0), "PTS"), (sound_pack(sound, 90000, 90001), "SCR"),
                      (sound_pack(sound, 90000) + sound_pack(sound, 93600)[14:], "PTS"),
                      (pack(P, 90000, False) + sound_pack(sound, 90000)[14:], "one pack"),
                      (with_sound(key, 0, audio_bound=0), "bound"), (with_sound(key, 0, declare=False), "PSM")):
        try:
            ps.demux_pack(bad)
        except ps.PsError as e:
            lib.check(word in str(e), str(e))
            continue
        raise AssertionError(f"an invalid pack was accepted ({word})")
    again = pack(IDR, 97200, True)
    for packs, word in (((key, sound_pack(sound, 91800)), "the PSM has"),
                        ((with_sound(key, 0, 0x1b), sound_pack(sound, 91800)), "the PSM has"),
                        ((with_sound(key, 0), sound_pack(sound, 91800), sound_pack(sound, 91800)), "PTS step 0"),
                        ((with_sound(key, 0), sound_pack(sound, 200000)), "apart"),
                        ((with_sound(key, 0), with_sound(again, 0, 0x91)), "version"),
                        ((with_sound(key, 0), with_sound(again, 1)), "unchanged"),
                        ((with_sound(key, 0), sound_pack(sound, 91800, 89000)), "backwards")):
        bad = faults(*packs)
        lib.check(any(word in text for text in bad), f"{word}: {bad}")
    lib.equal(faults(with_sound(key, 31), with_sound(again, 0, 0x91)), [])


def test_late(t):
    """Video or audio sent 40 ms late: the SCR must still increase, and RTP timestamps from packet to packet, by one
    tick where decode times step back. Anything else is a violation."""
    sound, key = b"\xd5" * 320, with_sound(pack(IDR, 90000, True), 0)
    scr, packs, rtp = 50000, [key[:4] + pack(b"x", 50000, False)[4:14] + key[14:]], [90000]
    for n in range(1, 10):                          # audio at 90000 + 3600 n, then the frame captured 40 ms earlier
        late = pack(P, 90000 + 3600 * n - 1800, False)
        packs += [sound_pack(sound, 90000 + 3600 * n, scr + 3600 * n),
                  late[:4] + pack(b"x", scr + 3600 * n + 1, False)[4:14] + late[14:]]
        rtp += [90000 + 3600 * n, 90000 + 3600 * n + 1]
    lib.equal(faults(*packs, rtp=rtp), [])
    lib.equal(faults(packs[0], *packs[3:], rtp=[93601, *rtp[3:]]), [])      # the first one is late
    for n, wrong in ((4, 0), (4, 100), (3, 100), (3, -1)):
        bad = faults(*packs, rtp=[ts + (wrong if i == n else 0) - (4600 if wrong == 0 and i == n else 0) for i,
                                  ts in enumerate(rtp)])
        lib.check(any("RTP timestamp step" in text for text in bad), f"{n} {wrong}: {bad}")
    back = packs[:3] + [sound_pack(sound, 97200, 50000)]
    lib.check(any("backwards" in text for text in faults(*back, rtp=rtp[:4])), "an SCR that decreases was accepted")


def test_access_units(t):
    lib.need(h264.have("libx264"), "no ffmpeg with libx264")
    for slices, aud in ((1, False), (4, False), (4, True)):
        data = h264.make_clip(t.folder / "a.h264", size="320x180", frames=10, gop=5, slices=slices, aud=aud)
        units = h264.access_units(data)
        lib.equal((len(units), b"".join(units) == data, [h264.is_key(u) for u in units]),
                  (10, True, [True] + [False] * 4 + [True] + [False] * 4))
        # ffmpeg's demultiplexer gets back the same bytes
        stream = b"".join(pack(u, 90000 + 3600 * i, h264.is_key(u)) for i, u in enumerate(units))
        (t.folder / "a.ps").write_bytes(stream)
        lib.equal(lib.ffmpeg_video(t.folder / "a.ps", t.folder / "b.h264"), data)
        lib.equal([ps.demux_pack(p).video for p in ps.split_packs(stream)], units)


class TinyDevice:
    """Just enough of a device to test the platform: REGISTER, Keepalive, INVITE, BYE."""

    def __init__(self, port):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.connect(("127.0.0.1", port))
        self.sock.settimeout(5)
        self.port, self.cseq = self.sock.getsockname()[1], 0
        self.tag, self.call_id = secrets.token_hex(4), secrets.token_hex(8)
        self.queue = []

    def send(self, method, call_id, extra=(), body=b""):
        self.cseq += 1
        uri = f"sip:{lib.SERVER}@3402000000"
        msg = sip.Message(f"{method} {uri} SIP/2.0", body=body)
        msg.add("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}")
        for name in ("From", "To"):
            msg.add(name, f"<sip:{lib.DEVICE}@3402000000>" + (f";tag={self.tag}" if name == "From" else ""))
        msg.add("Call-ID", call_id).add("CSeq", f"{self.cseq} {method}").add("Max-Forwards", 70)
        for name, value in extra:
            msg.add(name, value)
        msg.add("Content-Length", len(body))
        self.sock.send(msg.to_bytes())
        while True:
            got = sip.parse(self.sock.recv(65536))
            if not got.is_request:
                return got
            self.queue.append(got)

    def register(self):
        contact = [("Contact", f"<sip:{lib.DEVICE}@127.0.0.1:{self.port}>"), ("Expires", 3600)]
        got = self.send("REGISTER", self.call_id, contact)
        lib.equal(got.status, 401)
        c = digest.parse(got.get("WWW-Authenticate"))[0]
        uri = f"sip:{lib.SERVER}@3402000000"
        value = digest.compute("MD5", lib.DEVICE, c["realm"], lib.PASSWORD, "REGISTER", uri, c["nonce"])
        return self.send("REGISTER", self.call_id, contact + [(
            "Authorization", f'Digest username="{lib.DEVICE}", realm="{c["realm"]}", nonce="{c["nonce"]}", '
                             f'uri="{uri}", '
                             f'response="{value}", algorithm=MD5')])

    def serve_call(self):
        invite = sip.parse(self.sock.recv(65536))
        offer = dict(line.split("=", 1) for line in invite.body.decode().split("\r\n") if "=" in line)
        port = int(offer["m"].split()[1])
        media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        media.bind(("127.0.0.1", 0))
        body = (f"v=0\r\no={lib.CHANNEL} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=video {media.getsockname()[1]} RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
                f"y={offer['y']}\r\n")
        ok = sip.response(invite, 200, headers=[("Contact", f"<sip:{lib.CHANNEL}@127.0.0.1:{self.port}>"),
                                                ("Content-Type", "Application/SDP")], body=body.encode(), to_tag="x1")
        self.sock.send(ok.to_bytes())
        lib.equal(sip.parse(self.sock.recv(65536)).method, "ACK")
        seq = 65530
        for i, video in enumerate([IDR, P, P + b"1"]):
            data = pack(video, 90000 + 3600 * i, i == 0)
            for at in range(0, len(data), 1400):
                last = at + 1400 >= len(data)
                media.sendto(struct.pack(">BBHII", 0x80, 96 | last << 7, seq & 0xffff, 3600 * i, int(offer["y"])) +
                             data[at:at + 1400], ("127.0.0.1", port))
                seq += 1
        bye = sip.parse(self.sock.recv(65536))
        self.sock.send(sip.response(bye, 200).to_bytes())


def test_platform(t):
    p = t.platform()
    device = TinyDevice(p.port)
    lib.equal(device.register().status, 200)
    lib.equal(p.wait_registered(lib.DEVICE).expires, 3600)
    body = (b'<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>1</SN>\r\n'
            b'<DeviceID>' +
            lib.DEVICE.encode() + b"</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n")
    lib.equal(device.send("MESSAGE", "k1", [("Content-Type", "Application/MANSCDP+xml")], body).status, 200)
    lib.check(p.wait_online(1), "no keepalive")
    thread = threading.Thread(target=device.serve_call)
    thread.start()
    call = p.invite(lib.CHANNEL)
    lib.equal(call.status, 200)
    lib.check(call.media.wait_units(3, 5), "no media")
    lib.equal(call.media.faults, [])
    lib.equal(call.media.assembler.video(), [IDR, P, P + b"1"])
    lib.equal(call.close().status, 200)
    thread.join()


if __name__ == "__main__":
    lib.main(test_digest, test_manscdp, test_sdp, test_ps, test_ps_sound, test_late, test_access_units, test_platform)
