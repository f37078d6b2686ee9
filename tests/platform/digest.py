# SPDX-License-Identifier: MIT
"""HTTP digest on the registrar's side: RFC 2069, 2617 and 7616 (MD5 and SHA-256)."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

HASH = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass
class Challenge:
    """A registrar's challenge. `algorithm` None omits the parameter, which means MD5."""
    realm: str = "3402000000"
    algorithm: str | None = "MD5"
    qop: str | None = None
    opaque: str | None = None
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    stale: bool = False

    def header(self):
        parts = [f'realm="{self.realm}"']
        if self.qop:
            parts.append(f'qop="{self.qop}"')
        parts.append(f'nonce="{self.nonce}"')
        if self.opaque is not None:
            parts.append(f'opaque="{self.opaque}"')
        if self.stale:
            parts.append("stale=true")
        if self.algorithm:
            parts.append(f"algorithm={self.algorithm}")
        return "Digest " + ",".join(parts)


def parse(value):
    """(parameters with lower-case names, the same with their quotes)."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "digest":
        raise ValueError(f"scheme {scheme!r}")
    plain, raw = {}, {}
    for name, text in re.findall(r'([A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,\s]+)', rest):
        raw[name.lower()] = text
        plain[name.lower()] = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
    return plain, raw


def compute(algorithm, username, realm, password, method, uri, nonce, qop=None, nc=None, cnonce=None, body=b""):
    h = lambda text: HASH[algorithm](text if isinstance(text, bytes) else text.encode()).hexdigest()
    ha1 = h(f"{username}:{realm}:{password}")
    ha2 = h(f"{method}:{uri}:{h(body)}" if qop == "auth-int" else f"{method}:{uri}")
    return h(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}" if qop else f"{ha1}:{nonce}:{ha2}")


def verify(value, challenge, username, password, method, request_uri, body=b""):
    """None if the Authorization answers the challenge, otherwise what is wrong with it."""
    try:
        p, raw = parse(value)
    except ValueError as e:
        return str(e)
    want = {"username": username, "realm": challenge.realm, "nonce": challenge.nonce, "uri": request_uri}
    for name, text in want.items():
        if p.get(name) != text:
            return f"{name} is {p.get(name)!r}, expected {text!r}"
        if not raw[name].startswith('"'):
            return f"{name} is not quoted"
    if challenge.opaque is not None and p.get("opaque") != challenge.opaque:
        return "opaque is not echoed"
    if challenge.opaque is None and "opaque" in p:
        return "opaque was not offered"
    algorithm = (challenge.algorithm or "MD5").upper()
    if "algorithm" in p and (p["algorithm"].upper() != algorithm or raw["algorithm"].startswith('"')):
        return f"algorithm {raw['algorithm']}"
    if challenge.algorithm and algorithm != "MD5" and "algorithm" not in p:
        return "algorithm is missing"
    qop = p.get("qop")
    if challenge.qop:
        if qop not in [q.strip() for q in challenge.qop.split(",")]:
            return f"qop {qop!r}"
        if raw["qop"].startswith('"') or raw.get("nc", '"').startswith('"'):
            return "qop or nc is quoted"
        if p.get("nc") != "00000001":
            return f"nc {p.get('nc')!r}: it must restart at 1 with each nonce"
        if len(p.get("cnonce", "")) < 16:
            return f"cnonce {p.get('cnonce')!r} has fewer than 64 bits"
    elif qop or "nc" in p or "cnonce" in p:
        return "qop was not offered"
    good = compute(algorithm, username, challenge.realm, password, method, request_uri, challenge.nonce,
                   qop, p.get("nc"), p.get("cnonce"), body)
    if p.get("response") != good:
        return "wrong response"
    if re.search(r'\s,|,\S', re.sub(r'"[^"]*"', '""', value)):
        return "parameters are not separated by comma and blank"
    return None
