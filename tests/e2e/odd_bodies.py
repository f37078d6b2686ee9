# SPDX-License-Identifier: MIT
"""Empty and invalid bodies: 400, or 200 without a Response, never a crash, and the device stays registered."""

import random

import lib
from lib import check, equal, manscdp

GOOD = manscdp.build("Query", "Catalog", 7, lib.DEVICE)
BROKEN = [b"<Query>", b"<Query><CmdType>Catalog</Query>", b"<?xml version=\"1.0\"?>", b"\xff\xfe\x00",
          b"not xml at all", b"<a/>" * 3,
          b"<Query></Query>", b"<!DOCTYPE x [<!ENTITY a \"b\">]>" + GOOD, b"<x>" * 5000,
          b"<Query>" + b"<a/>" * 2000 + b"</Query>", GOOD[:-9],
          b"<Query><CmdType>" + b"A" * 30000 + b"</CmdType></Query>", b"\0" * 50]


def test(t):
    p, d = t.start()
    for body in BROKEN:
        if len(body) > 1200:
            body = body[:40000]
        answer = p.message(body, lib.DEVICE, timeout=3)
        check(answer is not None and answer.status in (200, 400, 413), f"{body[:40]!r}: {answer}")
    equal(p.request(p.make("MESSAGE", lib.DEVICE), 3).status in (200, 400, 415), True, "empty body")
    answer = p.message(b"hello", lib.DEVICE, content_type="text/plain")
    check(answer.status in (400, 415), f"text/plain: {answer.status}")
    check(p.query("DeviceInfo", lib.DEVICE) is not None, "no answer after invalid bodies")
    equal(p.wait_registered().registrations, 1, "registrations")


def test_mutations(t):
    """A thousand corrupted datagrams."""
    p, d = t.start()
    rng = random.Random(28181)
    whole = p.make("MESSAGE", lib.DEVICE, body=GOOD).to_bytes()
    p.strict = False
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        p.send(bytes(data[:rng.randint(1, len(data))]) if rng.random() < 0.3 else bytes(data))
    check(p.query("DeviceInfo", lib.DEVICE) is not None, "no answer after corrupted datagrams")
    equal(p.wait_registered().registrations, 1, "registrations")
    p.errors.clear()                        # responses repeat mutated headers
    p.strict = True


lib.main(test, test_mutations)
