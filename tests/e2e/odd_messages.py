# SPDX-License-Identifier: MIT
"""Messages like those of RFC 4475: the right status for each over UDP and TCP, and a log line about those dropped."""

import lib
from lib import check, equal

ODD = "!interesting-Method0123456789_*+`.%indeed'~"


def messages(p):
    """(name, bytes, status)"""
    def make(method, edit=lambda text: text):
        return edit(p.make(method, lib.DEVICE).to_bytes().decode())

    def without(header, text):
        return "\r\n".join(line for line in text.split("\r\n") if not line.startswith(header + ":"))
    yield "a method of odd characters", make(ODD), 501
    yield "an escaped NUL in a display name", make(ODD,
                                                   lambda text: text.replace("To: <", 'To: "NUL:\\\0 BEL:\\\7" <')), 501
    for header in ("From", "To", "Call-ID", "CSeq"):
        yield f"no {header}", make("OPTIONS", lambda text, h=header: without(h, text)), 400
    for uri in ("nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002", "tel:+861012345678"):
        yield uri, make("OPTIONS", lambda text, u=uri: text.replace(text.split(" ")[1], u, 1)), 416


def run(t, **platform):
    p, d = t.start(platform=platform)
    p.strict = False                    # a response lacks what the request lacked
    seen = len([m for m in p.log if not m.sent and not m.is_request])
    for name, text, status in messages(p):
        p.send(text.encode())
        answers = lambda: [m for m in p.log if not m.sent and not m.is_request][seen:]
        check(p.wait(answers, 3), f"{name}: no answer")
        equal(answers()[0].status, status, name)
        seen += 1
    equal(d.platform()["state"], "online", "state")
    return p, d


def test_udp(t):
    p, d = run(t)
    p.send(b"OPTIONS sip:a@b SIP/2.0\r\nMax-Forwards: 70\r\n\r\n")
    check(d.wait_log(f'main: message-dropped from=127.0.0.1:{p.port} reason="no Via"'), "not in the log")


def test_tcp(t):
    run(t, transport="tcp")


def test_media(t):
    """Media to an unroutable address is refused by the final response, also over TCP, and does not fail after a 200."""
    p, d = t.start()
    offer = lib.sdp.Offer(lib.CHANNEL, p.id, "127.255.255.255", 20000)
    tcp = lib.sdp.Offer(lib.CHANNEL, p.id, "127.255.255.255", 20000, tcp=True)
    for what in (offer, tcp):
        msg = p.make("INVITE", lib.CHANNEL, body=what.to_bytes(), content_type="application/sdp")
        equal(p.request(msg).status, 488, "INVITE")
    equal(d.log().count("peer=127.255.255.255:20000 reason="), 2, "lines in the log")
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    call.close()


lib.main(test_udp, test_tcp, test_media)
