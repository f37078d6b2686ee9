# SPDX-License-Identifier: MIT
"""A subscription on the platform's side, in the variants of platforms in the field."""

import secrets

import manscdp
import sip


class Subscription:
    """A SUBSCRIBE dialog. style "wvp": Event as in WVP (Catalog;id=NNNN, presence;id=NNNN), tags kept; style "mon": no
    Event, a new From tag each time, and the previous Call-ID as a second header. event=... overrides."""

    def __init__(self, platform, cmd, target, inner="", expires=600, style="wvp", event=None, body=True, device_id=None,
                 answer=200, headers=(), timeout=5.0):
        self.platform, self.cmd, self.target, self.inner, self.style = platform, cmd, target, inner, style
        self.route = platform.route(device_id)
        self.body, self.answer_status, self.headers, self.timeout = body, answer, list(headers), timeout
        self.event = event
        if event is None and style == "wvp":
            self.event = f"{'Catalog' if cmd == 'Catalog' else 'presence'};id={secrets.randbelow(9000) + 1000}"
        self.request = self.response = None
        self.call_id, self.former = f"{secrets.token_hex(8)}@{platform.host}", None
        self.tag, self.cseq = secrets.token_hex(4), 0
        self.device_tag = ""
        self.notifies = []              # sip.Message, .note is its manscdp.Body or None
        self.last_cseq = 0
        platform.subscriptions.append(self)
        self.subscribe(expires)

    def make(self, expires, to_tag=None):
        p = self.platform
        self.cseq += 1
        data = manscdp.build("Query", self.cmd, p.serial(), self.target, self.inner) if self.body else b""
        msg = sip.Message(f"SUBSCRIBE sip:{self.target}@{p.domain} SIP/2.0", body=data)
        msg.add("Via", f"SIP/2.0/{'UDP' if self.route.udp else 'TCP'} {p.at}:{p.port};rport;"
                       f"branch=z9hG4bK{secrets.token_hex(8)}")
        if self.style == "mon":
            self.tag = secrets.token_hex(4)
        msg.add("From", f"<sip:{p.id}@{p.domain}>;tag={self.tag}")
        tag = self.device_tag if to_tag is None else to_tag
        msg.add("To", f"<sip:{self.target}@{p.domain}>" + (f";tag={tag}" if tag else ""))
        msg.add("Call-ID", self.call_id)
        if self.former:
            msg.add("Call-ID", self.former)
        msg.add("CSeq", f"{self.cseq} SUBSCRIBE")
        msg.add("Max-Forwards", 70)
        msg.add("Contact", f"<sip:{p.id}@{p.at}:{p.port}>")
        if expires is not None:
            msg.add("Expires", expires)
        if self.event:
            msg.add("Event", self.event)
        for name, value in self.headers:
            msg.add(name, value)
        if data:
            msg.add("Content-Type", "Application/MANSCDP+xml")
        msg.add("Content-Length", len(data))
        return msg

    def subscribe(self, expires, to_tag=None):
        """Sends the first or another SUBSCRIBE; returns the final response."""
        if self.style == "mon" and self.request:
            self.former, self.call_id = self.call_id, f"{secrets.token_hex(8)}@{self.platform.host}"
            self.device_tag, self.last_cseq = "", 0
        self.request = self.make(expires, to_tag)
        self.response = self.platform.request(self.request, self.timeout, self.route)
        if self.response is not None and self.response.status == 200:
            self.device_tag = self.response.to_tag
            self._check_response(expires)
        return self.response

    def _check_response(self, expires):
        r, bad = self.response, self.platform._error
        if not r.to_tag:
            bad("200 to SUBSCRIBE without To tag")
        for name in ("Expires", "Contact"):
            if not r.get(name):
                bad(f"200 to SUBSCRIBE without {name}")
        if self.event and r.get("Event") != self.event:
            bad(f"200 to SUBSCRIBE with Event {r.get('Event')}, not {self.event}")
        if expires == 0 and r.get("Expires") != "0":
            bad(f"200 to Expires 0 grants {r.get('Expires')}")

    @property
    def status(self):
        return self.response.status if self.response else None

    @property
    def granted(self):
        return int(self.response.get("Expires"))

    def refresh(self, expires=600):
        return self.subscribe(expires)

    def cancel(self):
        return self.subscribe(0)

    def owns(self, msg):
        """Whether Call-ID and both tags are the dialog's. A NOTIFY may overtake the 200, before the device's tag is
        known."""
        return msg.call_id == self.call_id and msg.to_tag == self.tag and self.device_tag in ("", msg.from_tag)

    def notified(self, msg):
        """Processes a NOTIFY of this dialog; returns the status of the response."""
        bad = self.platform._error
        msg.note = manscdp.Body(msg.body) if msg.body else None
        for text in msg.note.bad if msg.note else []:
            bad(f"NOTIFY {self.cmd}: {text}")
        if self.event and msg.get("Event") != self.event:
            bad(f"NOTIFY with Event {msg.get('Event')}, not {self.event}")
        if not msg.get("Event"):
            bad("NOTIFY without Event")
        if msg.cseq <= self.last_cseq:
            bad(f"NOTIFY CSeq {msg.cseq} after {self.last_cseq}")
        state = msg.get("Subscription-State") or ""
        if not state.startswith(("active;expires=", "terminated")):
            bad(f"Subscription-State: {state}")
        if not msg.get("Contact"):
            bad("NOTIFY without Contact")
        if msg.note and msg.note.kind != "Notify":
            bad(f"NOTIFY with a <{msg.note.kind}>")
        if msg.note and msg.note.cmd != self.cmd:
            bad(f"NOTIFY {msg.note.cmd} for a subscription to {self.cmd}")
        self.last_cseq = msg.cseq
        self.notifies.append(msg)
        status = self.answer_status
        return status(msg) if callable(status) else status

    # ---- for tests

    def bodies(self):
        with self.platform.lock:
            return [m.note for m in self.notifies if m.note]

    def wait(self, count=1, timeout=5.0):
        """Waits for `count` NOTIFYs, with or without a body; returns all so far."""
        self.platform.wait(lambda: len(self.notifies) >= count, timeout)
        return list(self.notifies)

    def wait_bodies(self, count=1, timeout=5.0):
        self.platform.wait(lambda: len(self.bodies()) >= count, timeout)
        return self.bodies()

    def states(self):
        return [m.get("Subscription-State") for m in self.notifies]

    def events(self):
        """All (DeviceID, Event) of Catalog NOTIFYs so far."""
        return [(item["DeviceID"], item.get("Event")) for body in self.bodies() for item in body.items()]
