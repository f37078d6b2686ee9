# SPDX-License-Identifier: MIT
"""Playback and download of the simulated board's recordings: each full hour of the last 30 days (UTC) is the looped
clip, its first frame at the hour, 25 frames a second."""

import lib
from lib import check, equal

FPS = 25
cseq = 0


def invite(p, start, stop, session="Playback", speed=None, channel=lib.CHANNEL, **kw):
    """An INVITE as a common platform writes it: u= with the channel, t= in Unix seconds, y= starting with 1."""
    fields = {"ssrc": "1200000001", "source": f"{channel}:0", "start": start, "stop": stop,
              "extra": [f"a=downloadspeed:{speed}"] if speed else [], **kw}
    return p.invite(channel, session=session, **fields)


def frames(first, count, source=None):
    """`count` access units of a recording, from frame `first`."""
    source = source or lib.clip_units()
    return [source[n % len(source)] for n in range(first, first + count)]


def wait_end(p, call, timeout, units=0):
    """The call's MediaStatus. It may arrive before the last media is read from the receiver's socket: waits for
    `units`, too."""
    def ended():
        return [n for n in p.find_notes("MediaStatus") if n.msg.call_id == call.call_id]
    check(p.wait(ended, timeout * lib.SLOW), "no MediaStatus")
    equal(len(ended()), 1, "MediaStatus messages")
    call.media.wait_units(units, 30)
    return ended()[0]


def same(got, want, what="frames"):
    """The units are identical; a short message if not."""
    if got != want:
        source = lib.clip_units()
        where = lambda units: [source.index(u) if u in source else None for u in units]
        raise AssertionError(f"{what}: {len(got)} instead of {len(want)}: {where(got)[:200]}, not {where(want)[:200]}")


def command(call, method, *headers, status=200):
    """An INFO with a MANSRTSP request; checks that the response's body has the status and the same CSeq."""
    global cseq
    cseq += 1
    answer = call.info("\r\n".join([f"{method} RTSP/1.0", f"CSeq: {cseq}", *headers]) + "\r\n")
    check(answer is not None, f"no answer to {method} {headers}")
    equal(answer.status, 200, f"SIP status of {method} {headers}")
    equal(answer.get("Content-Type").lower(), "application/mansrtsp", "Content-Type")
    lines = answer.body.decode().split("\r\n")
    equal(lines[0].split(" ")[:2], ["RTSP/1.0", str(status)], f"{method} {headers}")
    check(f"CSeq: {cseq}" in lines, f"CSeq {cseq} in {lines}")
