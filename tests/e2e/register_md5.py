# SPDX-License-Identifier: MIT
"""MD5 without qop (RFC 2069): same Call-ID and From tag, CSeq + 1."""

import lib
from lib import equal, sip


def test(t):
    p, _ = t.start()
    first, second = p.received("REGISTER")
    equal(first.get("Authorization"), None, "first Authorization")
    equal(second.call_id, first.call_id, "Call-ID")
    equal(second.from_tag, first.from_tag, "From tag")
    equal(second.cseq, first.cseq + 1, "CSeq")
    equal(sip.uri_of(second.get("To")), f"sip:{lib.DEVICE}@3402000000", "To")


lib.main(test)
