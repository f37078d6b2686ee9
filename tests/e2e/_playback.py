# SPDX-License-Identifier: MIT
"""Playback and download of what the simulated board has recorded: each full hour of the last 30 days (UTC) is the clip over
and over, from its first picture at the hour, at 25 pictures a second."""

import lib
from lib import check, equal

FPS = 25
cseq = 0


def invite(p, start, stop, session="Playback", speed=None, channel=lib.CHANNEL, **kw):
    """As a large platform writes it: u= with the channel, t= in Unix seconds, y= beginning with 1."""
    fields = {"ssrc": "1200000001", "source": f"{channel}:0", "start": start, "stop": stop,
              "extra": [f"a=downloadspeed:{speed}"] if speed else [], **kw}
    return p.invite(channel, session=session, **fields)


def pictures(first, count, source=None):
    """Access units of a record from its picture `first` on."""
    source = source or lib.clip_units()
    return [source[n % len(source)] for n in range(first, first + count)]


def wait_end(p, call, timeout, units=0):
    """MediaStatus of the call: the note. It may be read before what still lies in the receiver's socket: `units` are waited for."""
    def told():
        return [n for n in p.find_notes("MediaStatus") if n.msg.call_id == call.call_id]
    check(p.wait(told, timeout * lib.SLOW), "no MediaStatus")
    equal(len(told()), 1, "MediaStatus messages")
    call.media.wait_units(units, 30)
    return told()[0]


def same(got, want, what="pictures"):
    """Byte for byte, with a short text when not."""
    if got != want:
        source = lib.clip_units()
        where = lambda units: [source.index(u) if u in source else None for u in units]
        raise AssertionError(f"{what}: {len(got)} instead of {len(want)}: {where(got)[:200]}, not {where(want)[:200]}")


def order(call, method, *headers, status=200):
    """INFO; the answer's body says RTSP/1.0, the status and the same CSeq."""
    global cseq
    cseq += 1
    answer = call.info("\r\n".join([f"{method} RTSP/1.0", f"CSeq: {cseq}", *headers]) + "\r\n")
    check(answer is not None, f"no answer to {method} {headers}")
    equal(answer.status, 200, f"SIP status of {method} {headers}")
    equal(answer.get("Content-Type").lower(), "application/mansrtsp", "Content-Type")
    lines = answer.body.decode().split("\r\n")
    equal(lines[0].split(" ")[:2], ["RTSP/1.0", str(status)], f"{method} {headers}")
    check(f"CSeq: {cseq}" in lines, f"CSeq {cseq} in {lines}")
