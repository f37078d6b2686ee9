# SPDX-License-Identifier: MIT
"""The platform's registrar: digest, expiry, Date, and the misbehaviour of real ones."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import digest
import sip

BEIJING = timezone(timedelta(hours=8))


@dataclass
class Registrar:
    """The registrar's behaviour. The default is a well-behaved platform with MD5 and no qop."""
    challenge: digest.Challenge | None = field(default_factory=digest.Challenge)    # None: no authentication
    silent: bool = False                # REGISTER is not answered
    refuse: int = 0                     # final status for every authorized REGISTER
    bare_401: bool = False              # 401 without a challenge
    loop_401: bool = False              # always 401 with a new nonce
    stale_once: bool = False            # the first correct answer is stale
    min_expires: int = 0                # 423 below this
    granted: int | None = None          # Expires of the 200; None: as requested
    contact: bool = True
    expires_header: bool = True
    date: str | None = "beijing"        # None: no Date; "beijing": now; otherwise the text
    trust_call_id: bool = False         # a refresh with the same Call-ID needs no credentials (WVP)
    gb_ver: str | None = None           # X-GB-Ver of all responses
    redirect: tuple | None = None       # (server ID, host, port) of a 302 after authorization


@dataclass
class Device:
    """A registered device."""
    id: str
    route: object                       # a Route
    contact: str
    expires: int
    call_id: str
    cseq: int
    since: float
    challenge: digest.Challenge | None = None
    registrations: int = 1
    keepalives: int = 0


class RegistrarSide:
    """The part of Platform that answers REGISTER; uses its registrar, devices, id, password and lock."""

    def _via_headers(self, msg):
        """Via with received and rport (RFC 3581)."""
        via = msg.get("Via")
        addr = msg.route.addr
        if "rport" in via and "rport=" not in via:
            via = via.replace("rport", f"rport={addr[1]};received={addr[0]}", 1)
        return via

    def _date(self):
        if self.registrar.date == "beijing":
            return datetime.now(BEIJING).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return self.registrar.date

    def _register(self, msg):
        policy, device_id = self.registrar, sip.user_of(msg.get("From"))
        if policy.silent:
            return None

        def answer(status, headers=()):
            out = sip.response(msg, status, headers=headers, to_tag=secrets.token_hex(4))
            out.set("Via", self._via_headers(msg))
            if policy.gb_ver:
                out.add("X-GB-Ver", policy.gb_ver)
            return out

        known = self.devices.get(device_id)
        if known and known.call_id == msg.call_id and msg.cseq <= known.cseq and not msg.again:
            self._error(f"REGISTER CSeq {msg.cseq} after {known.cseq}")
        if sip.user_of(msg.uri) != self.id:
            self._error(f"REGISTER to {msg.uri}, not to {self.id}")
        trusted = policy.trust_call_id and known and known.call_id == msg.call_id
        if policy.challenge and not trusted:
            refusal = self._authorize(msg, device_id, answer)
            if refusal:
                return refusal
        if policy.refuse:
            return answer(policy.refuse)
        if policy.redirect and msg.get("Expires") != "0":
            target = "<sip:%s@%s:%d>" % policy.redirect
            return answer(302, [("Contact", target), ("Expires", 3600)])
        asked = int(msg.get("Expires") or 0)
        if asked and asked < policy.min_expires:
            return answer(423, [("Min-Expires", policy.min_expires)])
        self._store(msg, device_id, asked)
        headers = [("Contact", msg.get("Contact"))] if policy.contact else []
        if policy.expires_header:
            headers.append(("Expires", asked if policy.granted is None or not asked else policy.granted))
        if policy.date:
            headers.append(("Date", self._date()))
        return answer(200, headers)

    def _authorize(self, msg, device_id, answer):
        """None if the REGISTER is authorized, otherwise the response."""
        policy, header = self.registrar, msg.get("Authorization")
        last = self._challenges.get(device_id)
        if header and last and not policy.loop_401:
            wrong = digest.verify(header, last, device_id, self.password, "REGISTER", msg.uri)
            if wrong is None and policy.stale_once:
                policy.stale_once = False
                return self._challenge(device_id, answer, stale=True)
            if wrong is None:
                del self._challenges[device_id]
                return None
            self.last_refusal = wrong
            if "nonce" not in wrong:
                return answer(401 if policy.bare_401 else 403)
        if policy.bare_401:
            return answer(401)
        return self._challenge(device_id, answer)

    def _challenge(self, device_id, answer, stale=False):
        c = self.registrar.challenge
        fresh = digest.Challenge(c.realm, c.algorithm, c.qop, c.opaque, stale=stale)
        self._challenges[device_id] = fresh
        return answer(401, [("WWW-Authenticate", fresh.header())])

    def _store(self, msg, device_id, expires):
        with self.lock:
            known = self.devices.get(device_id)
            if expires == 0:
                self.devices.pop(device_id, None)
                return
            self.devices[device_id] = Device(device_id, msg.route, msg.get("Contact"), expires, msg.call_id, msg.cseq,
                                             time.monotonic(),
                                             registrations=known.registrations + 1 if known else 1,
                                             keepalives=known.keepalives if known else 0)
