# SPDX-License-Identifier: MIT
"""SIP messages (RFC 3261) on the platform's side: parsing, building, framing, and checking those of the device."""

import re

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "s": "subject", "k": "supported", "e": "content-encoding"}
REASONS = {100: "Trying", 180: "Ringing", 200: "OK", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 423: "Interval Too Brief",
           480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
           487: "Request Terminated", 488: "Not Acceptable Here", 500: "Server Internal Error",
           503: "Service Unavailable"}


class SipError(ValueError):
    """Not a SIP message."""


class Message:
    """A request or response. Headers keep their order and spelling; look-up ignores case and compact forms."""

    def __init__(self, start, headers=None, body=b""):
        self.start = start
        self.headers = list(headers or [])
        self.body = body
        self.raw = b""
        self.route = None           # source
        self.time = 0.0
        self.sent = False           # by us
        self.again = False          # a retransmission of one seen before

    # ---- start line ----
    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0")

    @property
    def method(self):
        return self.start.split(" ", 1)[0] if self.is_request else self.cseq_method

    @property
    def uri(self):
        return self.start.split(" ")[1]

    @property
    def status(self):
        return 0 if self.is_request else int(self.start.split(" ")[1])

    # ---- headers ----
    @staticmethod
    def _key(name):
        name = name.strip().lower()
        return COMPACT.get(name, name)

    def all(self, name):
        key = self._key(name)
        return [v for n, v in self.headers if self._key(n) == key]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def add(self, name, value):
        self.headers.append((name, str(value)))
        return self

    def set(self, name, value):
        """Replaces every header of that name by one; None removes."""
        key = self._key(name)
        at = next((i for i, (n, _) in enumerate(self.headers) if self._key(n) == key), len(self.headers))
        self.headers = [h for h in self.headers if self._key(h[0]) != key]
        if value is not None:
            self.headers.insert(min(at, len(self.headers)), (name, str(value)))
        return self

    def finish(self, headers, content_type):
        """Adds the last headers: the given ones, then those of the body."""
        for name, value in headers:
            self.add(name, value)
        if self.body:
            self.add("Content-Type", content_type)
        return self.add("Content-Length", len(self.body))

    @property
    def call_id(self):
        return self.get("Call-ID", "")

    @property
    def cseq(self):
        return int(self.get("CSeq", "0 x").split()[0])

    @property
    def cseq_method(self):
        parts = self.get("CSeq", "0 x").split()
        return parts[1] if len(parts) > 1 else ""

    @property
    def branch(self):
        return param(self.get("Via", ""), "branch")

    @property
    def from_tag(self):
        return param(self.get("From", ""), "tag")

    @property
    def to_tag(self):
        return param(self.get("To", ""), "tag")

    def to_bytes(self):
        if self.get("Content-Length") is None:
            self.add("Content-Length", len(self.body))
        head = "\r\n".join([self.start] + [f"{n}: {v}" for n, v in self.headers])
        return head.encode("utf-8") + b"\r\n\r\n" + self.body

    def __str__(self):
        """A line for traces: the message, its MANSCDP command and whether it has credentials."""
        if not self.is_request:
            return f"{self.start[8:]} ({self.get('CSeq', '?')})"
        notes = []
        if self.get("Authorization"):
            notes.append("with digest")
        if self.get("Expires") == "0":
            notes.append("Expires 0")
        found = re.search(rb"<(Query|Control|Notify|Response)>.*?<CmdType>\s*(\w+)", self.body, re.S)
        if found:
            notes.append(f"{found.group(1).decode()} {found.group(2).decode()}")
        return f"{self.method} {user_of(self.uri) or self.uri}" + (f" ({', '.join(notes)})" if notes else "")


def param(value, name):
    """A parameter after ';', outside the angle brackets; '' when absent."""
    rest = value.rsplit(">", 1)[-1] if "<" in value else value
    for part in rest.split(";")[1:]:
        key, _, val = part.partition("=")
        if key.strip().lower() == name:
            return val.strip().strip('"')
    return ""


def uri_of(value):
    """The URI inside a From, To or Contact value."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def user_of(value):
    found = re.match(r"sips?:([^@;>]*)@", uri_of(value))
    return found.group(1) if found else ""


def host_of(value):
    """(host, port or 0) of a URI or a header value with one."""
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;>?]*)(?::(\d+))?", uri_of(value))
    return (found.group(1), int(found.group(2) or 0)) if found else ("", 0)


def parse(data):
    """Parses a complete message. Raises SipError."""
    head, sep, body = data.partition(b"\r\n\r\n")
    if not sep:
        raise SipError("no empty line")
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as e:
        raise SipError(f"not UTF-8: {e}") from None
    if not re.match(r"(SIP/2\.0 \d{3} )|([A-Z]+ \S+ SIP/2\.0$)", lines[0]):
        raise SipError(f"start line {lines[0]!r}")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not re.match(r"[A-Za-z0-9!%*_+`'~.-]+[ \t]*$", name):
            raise SipError(f"header {line!r}")
        headers.append((name.strip(), value.strip()))
    msg = Message(lines[0], headers, body)
    msg.raw = data
    length = msg.get("Content-Length")
    if length is not None:
        if not length.isdigit() or int(length) > len(body):
            raise SipError(f"Content-Length {length} with {len(body)} bytes of body")
        msg.body = body[:int(length)]
    return msg


def frame(buffer):
    """Splits a message off a TCP byte stream: (message bytes or None, rest)."""
    while buffer[:2] == b"\r\n":
        buffer = buffer[2:]
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None, buffer
    found = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", buffer[:end + 2], re.I)
    if not found:
        raise SipError("message without Content-Length on TCP")
    total = end + 4 + int(found.group(1))
    return (buffer[:total], buffer[total:]) if len(buffer) >= total else (None, buffer)


def response(request, status, reason=None, headers=(), body=b"", to_tag=None):
    """A response to a request, with the headers copied by RFC 3261 8.2.6."""
    msg = Message(f"SIP/2.0 {status} {reason or REASONS.get(status, 'Status')}", body=body)
    for via in request.all("Via"):
        msg.add("Via", via)
    msg.add("From", request.get("From"))
    to = request.get("To")
    if to_tag and not param(to, "tag"):
        to += f";tag={to_tag}"
    msg.add("To", to)
    msg.add("Call-ID", request.call_id)
    msg.add("CSeq", request.get("CSeq"))
    for name, value in headers:
        msg.add(name, value)
    msg.add("Content-Length", len(body))
    return msg


def complaints(msg, udp):
    """The violations that a strict peer would find in a message of the device (RFC 3261, GB/T 28181 9.1)."""
    bad = []
    if msg.get("Content-Length") is None:
        bad.append("no Content-Length")
    elif len(msg.raw) and int(msg.get("Content-Length")) != len(msg.raw.split(b"\r\n\r\n", 1)[1]):
        bad.append("Content-Length is not the body's length")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not msg.get(name):
            bad.append(f"no {name}")
    for name in ("From", "To", "Call-ID", "CSeq", "Content-Length", "Content-Type", "Max-Forwards"):
        if len(msg.all(name)) > 1:
            bad.append(f"two {name}")
    if msg.is_request:
        if not msg.branch.startswith("z9hG4bK") or len(msg.branch) < 15:
            bad.append(f"branch {msg.branch!r}")
        if "rport" not in msg.get("Via", ""):
            bad.append("Via without rport")
        if f"/{'UDP' if udp else 'TCP'} " not in msg.get("Via", ""):
            bad.append("Via names another transport")
        if msg.get("Max-Forwards") != "70":
            bad.append("Max-Forwards is not 70")
        if not msg.from_tag:
            bad.append("From without tag")
        if msg.cseq_method != msg.method:
            bad.append("CSeq names another method")
        if udp and len(msg.raw) > 1300:
            bad.append(f"{len(msg.raw)} bytes on UDP")
    if msg.method == "REGISTER" and msg.is_request:
        if not msg.get("Contact") or user_of(msg.get("Contact")) != user_of(msg.get("From")):
            bad.append("REGISTER without a good Contact")
        if not (msg.get("Expires") or "").isdigit():
            bad.append("REGISTER without Expires header")
        if uri_of(msg.get("From")) != uri_of(msg.get("To")):
            bad.append("REGISTER whose From is not its To")
    if msg.method == "MESSAGE" and msg.is_request:
        if (msg.get("Content-Type") or "").lower() != "application/manscdp+xml":
            bad.append(f"Content-Type {msg.get('Content-Type')!r}")
    if msg.is_request and msg.method == "REGISTER" and msg.to_tag:
        bad.append("To tag outside a dialog")
    return bad
