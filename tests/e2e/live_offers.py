# SPDX-License-Identifier: MIT
"""All offers of known platforms are answered and served."""

import lib
from lib import check, equal

STYLES = ["wvp", "wvp-senior", "srs", "lal", "monibuca", "gowvp", "gogb", "akstream", "libgb28181"]


def serve(p, style, media, ssrc, **kw):
    call = p.invite(lib.CHANNEL, media=media, style=style, ssrc=ssrc, **kw)
    equal(call.status, 200, f"{style} over {media}")
    equal(call.answer.y, ssrc, f"{style}: y")
    check(call.media.wait_units(3), f"{style} over {media}: no media")
    equal(call.media.faults, [], f"{style} over {media}")
    equal(call.close().status, 200, "BYE")


def test_udp(t):
    p, _ = t.start()
    for n, style in enumerate(STYLES):
        if style != "srs":                  # SRS is TCP only
            serve(p, style, "udp", f"02000001{n:02d}")


def test_tcp(t):
    p, _ = t.start()
    for n, style in enumerate(STYLES):
        if style != "gogb":
            serve(p, style, "tcp-passive", f"02000002{n:02d}")


def test_ssrc(t):
    """y= of 9 digits, the maximum, and no y=."""
    p, _ = t.start()
    for ssrc in ("100000001", "4294967295", "1999999999", "2000000001"):
        serve(p, "wvp", "udp", ssrc)
    for ssrc in (None, "0000000000", "99999999999", "abc"):
        call = p.invite(lib.CHANNEL, ssrc=ssrc)
        equal(call.status, 200, f"y={ssrc}")
        check(call.answer.y and len(call.answer.y) == 10 and call.answer.y.startswith("0"),
              f"generated y is {call.answer.y!r}")
        check(call.media.wait_units(2), "no media")
        first = call.media.assembler
        call.close()
        equal(first.bad, [], "faults")
    call = p.invite(lib.CHANNEL, ssrc=None)
    call.media.assembler.ssrc = int(call.answer.y)
    check(call.media.wait_units(3) and not call.media.faults, "the SSRC is not the generated y")
    call.close()


def test_f_is_echoed_last(t):
    p, _ = t.start()
    call = p.invite(lib.CHANNEL, f="v/2/6/25/1/4000a///", style="lal")
    check(call.status == 200 and call.answer.f, "no f= in the answer to an offer with f=")
    call.close()


def test_device_id(t):
    """SRS and others INVITE the device ID, which means channel 1."""
    p, _ = t.start(channels=2)
    call = p.invite(lib.DEVICE, style="srs", media="tcp-passive")
    equal(call.status, 200, "INVITE to the device")
    check(call.media.wait_units(3), "no media")
    call.close()


def test_lf_only(t):
    p, _ = t.start()
    offer = p.invite
    call = offer(lib.CHANNEL, wait=False)
    call.finish(p.final(call.invite))
    call.close()
    receiver = lib.rtp.Receiver("udp", ssrc=200000009)
    body = lib.sdp.Offer(lib.CHANNEL, p.id, "127.0.0.1", receiver.port, y="0200000009").to_bytes().replace(b"\r\n",
                                                                                                           b"\n")
    call = p.invite(lib.CHANNEL, receiver=receiver, sdp_body=body, ssrc="0200000009")
    check(call.status == 200 and receiver.wait_units(3), "offer with LF line ends")
    call.close()


lib.main(test_udp, test_tcp, test_ssrc, test_f_is_echoed_last, test_device_id, test_lf_only)
