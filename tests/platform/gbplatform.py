# SPDX-License-Identifier: MIT
"""
A small GB/T 28181 platform for the tests and the demo. It registers devices, queries and controls them, receives their
media, and can be made to misbehave. A background thread owns the sockets; the methods may be called from any other
thread.
"""

import heapq
import secrets
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

import manscdp
import sip
import subscription
from call import Call
from registrar import Registrar, RegistrarSide

T1 = 0.5
PATIENCE = 1.0                          # factor for timeouts


@dataclass
class Route:
    """The transport and address of a peer."""
    udp: bool
    addr: tuple
    conn: "Connection | None" = None

    def __str__(self):
        return f"{'udp' if self.udp else 'tcp'} {self.addr[0]}:{self.addr[1]}"


class Connection:
    """An accepted TCP connection."""

    def __init__(self, sock, addr):
        self.sock, self.addr, self.buffer = sock, addr, b""
        self.lock = threading.Lock()
        self.open = True

    def send(self, data, pieces=1):
        with self.lock:
            size = max(1, (len(data) + pieces - 1) // pieces)
            for at in range(0, len(data), size):
                self.sock.sendall(data[at:at + size])
                if pieces > 1:
                    time.sleep(0.01)


@dataclass
class Note:
    """A MANSCDP message that the device sent."""
    body: manscdp.Body
    msg: sip.Message
    time: float


class Platform(RegistrarSide):
    def __init__(self, server_id="34020000002000000001", domain=None, password="12345678", host="127.0.0.1", port=0,
                 registrar=None, rtt=0.0, trace=None, name="platform"):
        self.id, self.domain, self.password, self.host = server_id, domain or server_id[:10], password, host
        self.registrar = registrar or Registrar()
        self.rtt, self.name, self.trace = rtt, name, trace
        self.devices = {}
        self.log = []                   # all messages, in both directions, in order
        self.notes = []                 # all MANSCDP messages, without retransmissions
        self.errors = []                # violations found by a strict peer
        self.strict = True
        self.alarm_response = True      # answer Alarm by a MESSAGE with a Response
        self.note = None                # note.Note: checks requests received, signs requests sent
        self.at = f"[{host}]" if ":" in host else host      # as in URIs
        self.statuses = {}              # CmdType -> status of the response to such a MESSAGE; None: no response
        # method -> fn(msg, default) that returns a response, None for no response, or default()
        self.hooks = {}
        self.drop_out = None            # fn(msg) -> True: lost on its way to the device
        self.drop_in = None
        self.connections = []
        self.lock = threading.Condition()
        self._answers = {}              # transaction -> response bytes
        self._calls = {}                # (Call-ID, our tag) -> Call
        self.subscriptions = []         # subscription.Subscription
        self._serial = secrets.randbelow(90000) + 1000
        self._challenges = {}
        self._message_ids = set()
        self._timers = []
        self._open(port)
        self._stop = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _open(self, port):
        """Binds the port, or an even one: the odd port after a media receiver's is for RTCP."""
        for _ in range(200):
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            self.udp = socket.socket(family, socket.SOCK_DGRAM)
            self.tcp = socket.socket(family, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.udp.bind((self.host, port))
                self.port = self.udp.getsockname()[1]
                if not port and self.port % 2:
                    raise OSError("odd")
                self.tcp.bind((self.host, self.port))
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
                if port:
                    time.sleep(0.1)
        else:
            raise OSError("no port is free for both UDP and TCP")
        self.tcp.listen(16)
        self._wake_r, self._wake_w = socket.socketpair()

    def close(self):
        self._stop = True
        self._wake_w.send(b"x")
        self._thread.join(2)
        for call in list(self._calls.values()):
            call.close_media()
        for conn in self.connections:
            conn.sock.close()
        for s in (self.udp, self.tcp, self._wake_r, self._wake_w):
            s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the thread -------------------------------------------------------------------------

    def _run(self):
        while not self._stop:
            now = time.monotonic()
            with self.lock:
                wait = max(0.0, min(1.0, self._timers[0][0] - now)) if self._timers else 1.0
            conns = [c for c in self.connections if c.open]
            ready = select.select([self.udp, self.tcp, self._wake_r] + [c.sock for c in conns], [], [], wait)[0]
            if self._wake_r in ready:
                self._wake_r.recv(4096)
            if self.udp in ready:
                self._udp_input()
            if self.tcp in ready:
                sock, addr = self.tcp.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.lock:
                    self.connections.append(Connection(sock, addr))
                    self.lock.notify_all()
            for conn in conns:
                if conn.sock in ready:
                    self._tcp_input(conn)
            self._run_timers()

    def _later(self, delay, fn):
        with self.lock:
            self._serial += 1
            heapq.heappush(self._timers, (time.monotonic() + delay, self._serial, fn))
        self._wake_w.send(b"x")

    def _run_timers(self):
        while True:
            with self.lock:
                if not self._timers or self._timers[0][0] > time.monotonic():
                    return
                fn = heapq.heappop(self._timers)[2]
            fn()

    def _udp_input(self):
        for _ in range(64):
            try:
                data, addr = self.udp.recvfrom(65536, socket.MSG_DONTWAIT)
            except OSError:
                return
            self._arrived(data, Route(True, addr))

    def _tcp_input(self, conn):
        try:
            data = conn.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            with self.lock:
                conn.open = False
                self.lock.notify_all()
            return
        conn.buffer += data
        while True:
            try:
                one, conn.buffer = sip.frame(conn.buffer)
            except sip.SipError as e:
                self._error(f"TCP framing: {e}")
                conn.open = False
                return
            if one is None:
                return
            self._arrived(one, Route(False, conn.addr, conn))

    def _arrived(self, data, route):
        if self.rtt:
            self._later(self.rtt, lambda: self._input(data, route))
        else:
            self._input(data, route)

    def _error(self, text):
        with self.lock:
            self.errors.append(text)
            self.lock.notify_all()

    def _say(self, arrow, msg, route):
        if self.trace:
            self.trace(f"{arrow} {msg}  [{route}]", msg)

    def _input(self, data, route):
        if not data.strip(b"\r\n\0"):
            return
        try:
            msg = sip.parse(data)
        except sip.SipError as e:
            return self._error(f"not SIP: {e}: {data[:200]!r}")
        msg.route, msg.time = route, time.monotonic()
        if self.drop_in and self.drop_in(msg):
            return
        if self.strict:
            for text in sip.complaints(msg, route.udp) + (self.note.complaints(msg) if self.note and msg.is_request
                                                          else []):
                self._error(f"{msg}: {text}")
        self._say("<-", msg, route)
        with self.lock:
            self.log.append(msg)
        try:
            if msg.is_request:
                self._request_in(msg)
            else:
                self._response_in(msg)
        finally:
            with self.lock:
                self.lock.notify_all()

    def _response_in(self, msg):
        call = self.call_of(msg)
        if (call and msg.cseq_method == "INVITE" and 200 <= msg.status < 300 and call.acked and
                msg.cseq == call.acked_cseq):
            msg.again = True
            call.send_ack()             # the first ACK was lost

    def _request_in(self, msg):
        key = (msg.call_id, msg.get("CSeq"), msg.method, msg.branch)
        with self.lock:
            known = self._answers.get(key)
            msg.again = key in self._answers
            self._answers.setdefault(key, None)
        if known:
            return self._transmit(known, msg.route)
        default = {"REGISTER": self._register, "MESSAGE": self._message, "NOTIFY": self._notify}.get(msg.method,
                                                                                                     self._other)
        hook = self.hooks.get(msg.method)
        answer = hook(msg, lambda: default(msg)) if hook else default(msg)
        if answer is not None:
            self.reply(msg, answer)

    def reply(self, request, answer):
        """Sends a response (a Message) to a request and keeps it for retransmissions."""
        key = (request.call_id, request.get("CSeq"), request.method, request.branch)
        with self.lock:
            self._answers[key] = answer
        self._transmit(answer, request.route)

    def _transmit(self, msg, route, pieces=1):
        if self.note and isinstance(msg, sip.Message) and msg.is_request:
            self.note.add(msg)
        data = msg if isinstance(msg, bytes) else msg.to_bytes()
        if isinstance(msg, sip.Message):
            msg.sent, msg.time, msg.route = True, time.monotonic(), route
            if self.drop_out and self.drop_out(msg):
                return
            with self.lock:
                self.log.append(msg)
            self._say("->", msg, route)
        try:
            if route.udp:
                self.udp.sendto(data, route.addr)
            else:
                route.conn.send(data, pieces)
        except OSError as e:
            if self.trace:
                self.trace(f"!! {e}", None)

    # ---- other requests of the device -------------------------------------------------------------

    def _message(self, msg):
        try:
            body = manscdp.Body(msg.body)
        except Exception as e:          # of expat
            self._error(f"MESSAGE body: {e}: {msg.body[:300]!r}")
            return sip.response(msg, 400)
        if self.strict:
            for text in body.bad:
                self._error(f"{body.cmd}: {text}")
            if msg.call_id in self._message_ids and not msg.again:
                self._error(f"{body.cmd}: Call-ID used before")
        inside = self.call_of(msg) is not None      # MediaStatus
        if self.strict and bool(msg.to_tag) != inside:
            self._error(f"{body.cmd}: {'no To tag inside' if inside else 'To tag outside'} a dialog")
        device_id = body.device_id if inside else sip.user_of(msg.get("From"))
        with self.lock:
            if not inside:
                self._message_ids.add(msg.call_id)
            if not msg.again:
                self.notes.append(Note(body, msg, msg.time))
            device = self.devices.get(device_id)
            if device and body.cmd == "Keepalive":
                device.keepalives += 1
                device.route = msg.route
        status = self.statuses.get(body.cmd, 200 if device or inside else 403)
        if status == 200 and body.cmd == "Alarm" and body.kind == "Notify" and self.alarm_response:
            data = manscdp.build("Response", "Alarm", body.sn, body.device_id, "<Result>OK</Result>")
            self._later(0.02, lambda: self._transmit(self.make("MESSAGE", device_id, body=data), msg.route))
        return None if status is None else sip.response(msg, status)

    def _notify(self, msg):
        found = next((s for s in reversed(self.subscriptions) if s.owns(msg)), None)
        if not found:
            return sip.response(msg, 481)
        try:
            status = found.notified(msg)
        except Exception as e:          # of expat
            self._error(f"NOTIFY body: {e}: {msg.body[:300]!r}")
            status = 400
        return None if status is None else sip.response(msg, status)

    def call_of(self, msg):
        """The call of a received message: a response to our request, or a request of the device."""
        return self._calls.get((msg.call_id, msg.to_tag if msg.is_request else msg.from_tag))

    def _other(self, msg):
        call = self.call_of(msg)
        if msg.method == "ACK":
            return None
        if msg.method == "BYE" and call:
            call.ended_by_device = True
            return sip.response(msg, 200)
        return sip.response(msg, 481 if msg.method in ("BYE", "CANCEL", "INFO") else 405)

    # ---- client side --------------------------------------------------------------------------

    def serial(self):
        with self.lock:
            self._serial += 1
            return self._serial

    def route(self, device_id=None):
        device = self.devices[device_id] if device_id else next(iter(self.devices.values()))
        return device.route

    def make(self, method, target, device_id=None, body=b"", content_type="Application/MANSCDP+xml", headers=()):
        """An out-of-dialog request to sip:target@domain."""
        route = self.route(device_id) if self.devices else None
        udp = route.udp if route else True
        msg = sip.Message(f"{method} sip:{target}@{self.domain} SIP/2.0", body=body)
        msg.add("Via", f"SIP/2.0/{'UDP' if udp else 'TCP'} {self.at}:{self.port};rport;"
                       f"branch=z9hG4bK{secrets.token_hex(8)}")
        msg.add("From", f"<sip:{self.id}@{self.domain}>;tag={secrets.token_hex(4)}")
        msg.add("To", f"<sip:{target}@{self.domain}>")
        msg.add("Call-ID", f"{secrets.token_hex(8)}@{self.host}")
        msg.add("CSeq", f"{self.serial() % 10000 + 1} {method}")
        msg.add("Max-Forwards", 70)
        msg.add("User-Agent", "test platform")
        return msg.finish(headers, content_type)

    def send(self, msg, route=None, pieces=1):
        """Sends a Message or bytes to the device."""
        self._transmit(msg, route or self.route(), pieces)

    def responses(self, msg):
        """All responses to a request so far."""
        with self.lock:
            return [m for m in self.log if not m.sent and not m.is_request and m.call_id == msg.call_id
                    and m.get("CSeq") == msg.get("CSeq")]

    def final(self, msg, timeout=5.0):
        """Waits for the final response; None if there is none."""
        found = []

        def look():
            found[:] = [m for m in self.log if not m.sent and not m.is_request and m.status >= 200
                        and m.call_id == msg.call_id and m.get("CSeq") == msg.get("CSeq")]
            return bool(found)
        with self.lock:
            self.lock.wait_for(look, timeout * PATIENCE)
        return found[0] if found else None

    def request(self, msg, timeout=5.0, route=None, retransmit=True):
        """Sends a request and returns its final response, or None."""
        route = route or self.route()
        end, gap = time.monotonic() + timeout * PATIENCE, T1
        self._transmit(msg, route)
        while True:
            left = end - time.monotonic()
            answer = self.final(msg, max(0.0, min(gap, left)) / PATIENCE)
            if answer or left <= 0:
                return answer
            if retransmit and route.udp:
                self._transmit(msg, route)
            gap = min(gap * 2, 4.0)

    def wait(self, predicate, timeout=5.0):
        """Waits until predicate() is true, evaluated whenever something arrives; returns its last value."""
        end = time.monotonic() + timeout * PATIENCE
        with self.lock:
            while True:
                result = predicate()
                left = end - time.monotonic()
                if result or left <= 0:
                    return result
                self.lock.wait(min(left, 0.2))

    def received(self, method=None, again=False):
        """The requests received, without retransmissions."""
        with self.lock:
            return [m for m in self.log if not m.sent and m.is_request and (method is None or m.method == method)
                    and (again or not m.again)]

    def wait_registered(self, device_id=None, timeout=10.0):
        return self.wait(lambda: self.devices.get(device_id) if device_id else next(iter(self.devices.values()), None),
                         timeout)

    def wait_online(self, timeout=10.0):
        """Waits for the registration and the first Keepalive."""
        return self.wait(lambda: next((d for d in self.devices.values() if d.keepalives), None), timeout)

    def find_notes(self, cmd, sn=None, kind=None):
        with self.lock:
            return [n for n in self.notes if n.body.cmd == cmd and sn in (None, n.body.sn) and kind in (None,
                                                                                                        n.body.kind)]

    def wait_notes(self, cmd, count=1, sn=None, kind=None, timeout=5.0):
        found = self.wait(lambda: (lambda n: n if len(n) >= count else None)(self.find_notes(cmd, sn, kind)), timeout)
        return found or []

    def message(self, body, target, timeout=5.0, **kw):
        """Sends a MESSAGE; returns the final response."""
        return self.request(self.make("MESSAGE", target, body=body, **kw), timeout)

    def drop_connections(self, reset=True):
        """Closes all TCP connections, by default with RST."""
        def close():
            for conn in self.connections:
                if conn.open:
                    if reset:
                        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    conn.open = False
                    conn.sock.close()
        self._later(0, close)

    def query(self, cmd, target, inner="", timeout=5.0, sn=None, **kw):
        """Sends a Query; returns the Body of its first Response, or None. Fails unless the SIP status is 200."""
        sn = sn or str(self.serial())
        answer = self.message(manscdp.build("Query", cmd, sn, target, inner, **kw), target, timeout)
        if answer is None or answer.status != 200:
            raise AssertionError(f"{cmd} query was answered {answer}")
        notes = self.wait_notes(cmd, sn=sn, kind="Response", timeout=timeout)
        return notes[0].body if notes else None

    def catalog(self, target, timeout=20.0):
        """Queries the catalogue: (items, messages, seconds)."""
        sn, start = str(self.serial()), time.monotonic()
        answer = self.message(manscdp.build("Query", "Catalog", sn, target), target)
        if answer is None or answer.status != 200:
            raise AssertionError(f"Catalog query was answered {answer}")

        def whole():
            notes = self.find_notes("Catalog", sn)
            return notes and sum(len(n.body.items()) for n in notes) >= int(notes[0].body.get("SumNum"))
        self.wait(whole, timeout)
        notes = self.find_notes("Catalog", sn)
        for note in notes:
            num = note.body.root.find("DeviceList")
            if num is not None and int(num.get("Num")) != len(note.body.items()):
                self._error("Catalog: Num is not the number of items")
        items = [item for n in notes for item in n.body.items()]
        return items, notes, time.monotonic() - start

    def control(self, target, inner, timeout=5.0, to=None):
        """Sends DeviceControl: (SIP response, SN). to: the user of the Request-URI and To, if not the target."""
        sn = str(self.serial())
        return self.message(manscdp.build("Control", "DeviceControl", sn, target, inner), to or target, timeout), sn

    def configure(self, target, inner, timeout=5.0, to=None, **kw):
        """Sends DeviceConfig; returns the Body of its Response, or None. Fails unless the SIP status is 200."""
        sn = str(self.serial())
        answer = self.message(manscdp.build("Control", "DeviceConfig", sn, target, inner, **kw), to or target, timeout)
        if answer is None or answer.status != 200:
            raise AssertionError(f"DeviceConfig was answered {answer}")
        notes = self.wait_notes("DeviceConfig", sn=sn, kind="Response", timeout=timeout)
        return notes[0].body if notes else None

    def subscribe(self, cmd, target, **kw):
        """A Subscription; see subscription.py."""
        return subscription.Subscription(self, cmd, target, **kw)

    def invite(self, channel, **kw):
        """A Call; see Call."""
        return Call(self, channel, **kw)
