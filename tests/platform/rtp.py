# SPDX-License-Identifier: MIT
"""RTP reception over UDP and TCP (RFC 3550, RFC 4571) with all checks that a GB/T 28181 receiver could make."""

import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

import ps
from ps import Unit as PsUnit

MAX_PAYLOAD = 1400
PATIENCE = 1.0                          # factor for timeouts


@dataclass
class AccessUnit:
    timestamp: int
    first_seq: int
    packets: int
    data: bytes
    time: float             # monotonic, of the last packet
    whole: bool
    ps: PsUnit | None = None


class Assembler:
    """Reassembles access units from RTP packets; `bad` lists violations."""

    def __init__(self, ssrc=None, expect_gaps=False):
        self.ssrc, self.expect_gaps = ssrc, expect_gaps
        self.units, self.bad = [], []
        self.packets = self.lost = self.bytes = 0
        self.seq = None
        self._parts, self._stamp, self._first, self._gap = [], None, 0, False
        self._last_stamp = None
        self.check = ps.StreamCheck()
        self.first_packet, self.last_packet = None, 0.0         # time

    def _fault(self, text):
        if len(self.bad) < 50:
            self.bad.append(f"packet {self.packets}: {text}")

    def feed(self, packet, now):
        self.packets += 1
        self.bytes += len(packet)
        self.first_packet, self.last_packet = self.first_packet or now, now
        if len(packet) < 13:
            return self._fault(f"{len(packet)} bytes")
        if packet[0] != 0x80:
            self._fault(f"first byte {packet[0]:#x}: version, padding, extension or CSRC")
        if packet[1] & 0x7f != 96:
            self._fault(f"payload type {packet[1] & 0x7f}")
        marker = packet[1] >> 7
        seq = int.from_bytes(packet[2:4], "big")
        stamp = int.from_bytes(packet[4:8], "big")
        ssrc = int.from_bytes(packet[8:12], "big")
        if self.ssrc is not None and ssrc != self.ssrc:
            self._fault(f"SSRC {ssrc}, expected {self.ssrc}")
        if len(packet) - 12 > MAX_PAYLOAD:
            self._fault(f"payload of {len(packet) - 12} bytes")
        if self.seq is not None and seq != (self.seq + 1) & 0xffff:
            self.lost += (seq - self.seq - 1) & 0xffff
            self._gap = True
            if not self.expect_gaps:
                self._fault(f"sequence {seq} after {self.seq}")
        self.seq = seq
        if self._stamp is not None and stamp != self._stamp:
            self._fault("timestamp changes without a preceding marker")
            self._finish(now, False)
        if self._stamp is None:
            if stamp == self._last_stamp:
                self._fault("two access units with one timestamp")
            self._stamp, self._first, self._parts = stamp, seq, []
        self._parts.append(packet[12:])
        if marker:
            self._finish(now, not self._gap)

    def _finish(self, now, whole):
        unit = AccessUnit(self._stamp, self._first, len(self._parts), b"".join(self._parts), now, whole)
        if whole:
            try:
                unit.ps = ps.demux_pack(unit.data, self.check.psm.get(0xe0, ps.H264))
                if len(self._parts[0]) < min(len(unit.data), 128):
                    self._fault("headers split over packets")
                self.check.feed(unit.ps, unit.timestamp)
                while self.check.bad:
                    self._fault(self.check.bad.pop(0))
            except ps.PsError as e:
                self._fault(f"unit {len(self.units)}: {e}")
        self.units.append(unit)
        self._last_stamp, self._stamp, self._parts, self._gap = self._stamp, None, [], False

    def video(self):
        return [u.ps.video for u in self.units if u.ps and u.ps.video]

    def audio(self):
        return [u.ps.audio for u in self.units if u.ps and u.ps.audio]


class Receiver:
    """A media port of the platform. mode: udp; tcp-passive (listens); tcp-active (connects after the answer)."""

    def __init__(self, mode="udp", ip="127.0.0.1", ssrc=None, expect_gaps=False, port=0):
        self.mode, self.ip = mode, ip
        self.assembler = Assembler(ssrc, expect_gaps)
        self.peer = None
        self.peers = set()
        self.connections = 0
        self.closed = False                 # the peer closed the TCP connection
        self.bad = []
        self.lock = threading.Condition()
        self._stop = False
        self._thread = None
        self._conn = None
        self.paused = False                 # does not read, so that the sender's socket fills up
        if mode == "udp":
            self.sock = self._even_port(ip, port)
            for option in (33, socket.SO_RCVBUF):       # 33: SO_RCVBUFFORCE, root only
                try:
                    self.sock.setsockopt(socket.SOL_SOCKET, option, 8 << 20)
                    break
                except OSError:
                    pass
        elif mode == "tcp-passive":
            self.sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
            self.sock.bind((ip, 0))
            self.sock.listen(4)
        else:
            self.sock = None
        self.port = self.sock.getsockname()[1] if self.sock else 9
        if self.sock:
            self._run()

    @staticmethod
    def _even_port(ip, port):
        """Binds the port, or an even one, as platforms do: the next port is for RTCP."""
        odd = []
        try:
            while True:
                sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
                sock.bind((ip, port))
                if port or sock.getsockname()[1] % 2 == 0:
                    return sock
                odd.append(sock)
        finally:
            for sock in odd:
                sock.close()

    def _run(self):
        self._thread = threading.Thread(target=self._udp if self.mode == "udp" else self._tcp, daemon=True)
        self._thread.start()

    def connect(self, ip, port):
        """tcp-active: connects to the address of the answer."""
        self._conn = socket.create_connection((ip, port), 5, (self.ip, 0))
        self.connections += 1
        self.peer = (ip, port)
        self._run()

    def _feed(self, packets):
        with self.lock:
            now = time.monotonic()
            for packet in packets:
                self.assembler.feed(packet, now)
            self.lock.notify_all()

    def _udp(self):
        while not self._stop:
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            packets = []
            while len(packets) < 500:
                try:
                    packet, peer = self.sock.recvfrom(65536, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    break
                except OSError:
                    return
                self.peer = self.peer or peer
                self.peers.add(peer)
                if peer == self.peer:
                    packets.append(packet)
            self._feed(packets)

    def _tcp(self):
        while self._conn is None and not self._stop:
            if select.select([self.sock], [], [], 0.1)[0]:
                self._conn, self.peer = self.sock.accept()
                self.connections += 1
        buffer = b""
        while not self._stop:
            with self.lock:
                if not self.lock.wait_for(lambda: not self.paused, 0.02):
                    continue
            if not select.select([self._conn], [], [], 0.1)[0]:
                continue
            try:
                data = self._conn.recv(65536)
            except OSError:
                data = b""
            if not data:
                with self.lock:
                    self.closed = True
                    if buffer:
                        self.bad.append(f"closed inside an RTP packet ({len(buffer)} bytes)")
                    self.lock.notify_all()
                return
            buffer += data
            at, packets = 0, []
            while len(buffer) - at >= 2:
                length = int.from_bytes(buffer[at:at + 2], "big")
                if length < 13 or length > MAX_PAYLOAD + 12:
                    with self.lock:
                        self.bad.append(f"RFC 4571 length {length}")
                        self.lock.notify_all()
                    return
                if len(buffer) - at < 2 + length:
                    break
                packets.append(buffer[at + 2:at + 2 + length])
                at += 2 + length
            buffer = buffer[at:]
            self._feed(packets)

    # ---- for tests ----
    def wait(self, predicate, timeout):
        """Waits until predicate(assembler) holds."""
        with self.lock:
            return self.lock.wait_for(lambda: predicate(self.assembler), timeout * PATIENCE)

    def wait_units(self, count, timeout=10):
        return self.wait(lambda a: len(a.units) >= count, timeout)

    def wait_key(self, timeout=10):
        return self.wait(lambda a: any(u.ps and u.ps.key for u in a.units), timeout)

    @property
    def units(self):
        with self.lock:
            return list(self.assembler.units)

    @property
    def faults(self):
        with self.lock:
            many = [f"media from {len(self.peers)} addresses"] if len(self.peers) > 1 else []
            return self.bad + self.assembler.bad + many

    def save(self, path):
        """Writes the received program stream to a file: (bytes, units)."""
        units = [u for u in self.units if u.ps]
        with open(path, "wb") as f:
            for unit in units:
                f.write(unit.data)
        return sum(len(u.data) for u in units), len(units)

    def reset(self):
        """TCP: closes the connection with RST."""
        self._conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self._stop = True
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(1)
        for s in (self._conn, self.sock):
            if s:
                s.close()
