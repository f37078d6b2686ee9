# SPDX-License-Identifier: MIT
"""The signalling digest of GB/T 28181-2016 annex H: BASE64(hash(From To Call-ID Date seed body))."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}


@dataclass
class Note:
    """A platform's settings of the digest."""
    algorithm: str = "md5"
    seed: str = "note-seed"
    sign: bool = True                   # sign requests sent
    offset: float = 0.0                 # offset of the platform's clock, seconds
    wrong: bool = False                 # sign with another seed

    def digest(self, msg, date, seed):
        text = "".join((msg.get("From"), msg.get("To"), msg.call_id, date, seed)).encode() + msg.body
        return base64.b64encode(hashlib.new(self.algorithm, text).digest()).decode()

    def add(self, msg):
        """Signs a request of the platform, once."""
        if not self.sign or msg.get("Note"):
            return
        date = (datetime.now(BEIJING) + timedelta(seconds=self.offset)).strftime("%Y-%m-%dT%H:%M:%S")
        nonce = self.digest(msg, date, "another" if self.wrong else self.seed)
        msg.headers[-1:-1] = [("Date", date), ("Note", f'Digest nonce="{nonce}", algorithm={NAMES[self.algorithm]}')]

    def complaints(self, msg):
        """The violations in a device's message."""
        if msg.method == "REGISTER":
            return ["REGISTER with a Note"] if msg.get("Note") else []
        date, found = msg.get("Date"), re.fullmatch(r'Digest nonce="([^"]+)", algorithm=(\S+)', msg.get("Note") or "")
        if not date or not found:
            return [f"no Note: {msg.get('Note')!r}, Date {date!r}"]
        if found.group(2) != NAMES[self.algorithm]:
            return [f"Note says {found.group(2)}"]
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", date):
            return [f"Date {date!r}"]
        if found.group(1) != self.digest(msg, date, self.seed):
            return ["a wrong Note"]
        away = abs(datetime.now(BEIJING).replace(tzinfo=None) - datetime.fromisoformat(date))
        return ["Date far from the current time"] if away > timedelta(seconds=60) else []
