# SPDX-License-Identifier: MIT
"""Two Via headers, branches without the magic cookie, duplicate headers, compact forms: all are answered."""

import lib
from lib import check, equal, manscdp


def query(p, n):
    return p.make("MESSAGE", lib.DEVICE, body=manscdp.build("Query", "DeviceInfo", n, lib.DEVICE))


def ask(p, n, edit):
    msg = query(p, n)
    edit(msg)
    answer = p.request(msg, 3)
    equal(answer and answer.status, 200, edit.__name__)
    check(p.wait_notes("DeviceInfo", sn=str(n)), f"{edit.__name__}: no Response")
    return msg, answer


def two_via(msg):
    msg.headers.insert(1, ("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKbehind;received=192.0.2.8"))


def no_cookie(msg):
    msg.set("Via", msg.get("Via").replace("z9hG4bK", "x"))


def no_rport(msg):
    msg.set("Via", msg.get("Via").replace(";rport", ""))


def long_branch(msg):
    msg.set("Via", msg.get("Via") + "a" * 150)


def to_tag(msg):
    msg.set("To", msg.get("To") + ";tag=stray")


def two_content_types(msg):
    msg.add("Content-Type", "Application/MANSCDP+xml")


def expires_and_unknown(msg):
    msg.add("Expires", "3600").add("X-Whatever", "1;2,\"3\"")


def second_call_id(msg):
    msg.add("Call-ID", "another@127.0.0.1")


def compact(msg):
    short = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Content-Type": "c", "Content-Length": "l"}
    msg.headers = [(short.get(n, n), v) for n, v in msg.headers]


def ip_uri(msg):
    msg.start = f"MESSAGE sip:{lib.DEVICE}@127.0.0.1:5060 SIP/2.0"


def test(t):
    p, d = t.start()
    edits = (two_via, no_cookie, no_rport, long_branch, to_tag, two_content_types, expires_and_unknown, second_call_id,
             compact, ip_uri)
    for n, edit in enumerate(edits, 3000):
        msg, answer = ask(p, n, edit)
        if edit is two_via:
            equal(len(answer.all("Via")), 2, "Vias of the answer")
            equal(answer.all("Via")[1], msg.all("Via")[1], "second Via")
    check(d.running())


def test_call(t):
    """A call whose INVITE came through a proxy and has no magic cookie."""
    p, _ = t.start()

    def edit(msg):
        two_via(msg)
        no_cookie(msg)
    call = p.invite(lib.CHANNEL, edit=edit)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(3), "no media")
    p.send(call.invite, call.route)
    call.close()


lib.main(test, test_call)
