# SPDX-License-Identifier: MIT
"""Several streams of one channel: the offer selects one; the main stream is sent if there is none of that number."""

import lib
from lib import check, equal

# The attribute of the offer (the standard's, those of vendors, the sequence in Subject), and the stream that it
# selects.
CHOICES = (((), None, 0), (("a=streamnumber:0",), None, 0), (("a=streamnumber:1",), None, 1),
           (("a=stream:1",), None, 1),
           (("a=streamprofile:1",), None, 1), (("a=streamMode:sub",), None, 1), (("a=streamMode:MAIN",), None, 0),
           (("a=stream:0", "a=streamnumber:2"), None, 2), (("a=streamnumber:3",), None, 0),
           (("a=streamnumber:9",), None, 0),
           (("a=streamMode:x",), None, 0), ((), "1", 1), ((), "0", 0), ((), "2", 2), ((), "0200000001", 0),
           (("a=streamnumber:1",), "0", 1), (("a=streamMode:main",), "1", 0))


def clips(t):
    return [t.clip(f"{n}.h264", size=size, frames=20, gop=10) for n,
            size in enumerate(("640x360", "320x180", "160x120"))]


def sent(t, call, paths, what):
    """The number of the clip that is received."""
    check(call.media.wait_units(12), f"{what}: no media")
    equal(call.media.faults, [], f"{what}: faults")
    got = call.media.assembler.video()
    which = [n for n, path in enumerate(paths) if got[0] in lib.clip_units(path)]
    equal(len(which), 1, f"{what}: clips that have the first unit")
    lib.runs(got, lib.clip_units(paths[which[0]]))
    return which[0]


def test(t):
    paths = clips(t)
    p, d = t.start(source=f"sim:{paths[0]}", channel={"source1": f"sim:{paths[1]}", "source2": f"sim:{paths[2]}"})
    for n, (lines, sequence, want) in enumerate(CHOICES):
        what, ssrc = f"{lines} {sequence}", f"02000001{n:02d}"
        call = p.invite(lib.CHANNEL, extra=list(lines), ssrc=ssrc, media="tcp-passive" if n % 2 else "udp",
                        subject=f"{lib.CHANNEL}:{sequence or ssrc},{lib.SERVER}:{n}")
        equal(call.status, 200, what)
        equal(sent(t, call, paths, what), want, f"{what}: stream")
        call.close()
    check(d.wait_log(f"substream-missing channel={lib.CHANNEL} stream=3"), "not in the log")


def test_at_one_time(t):
    """Three streams of one channel, each with audio; a reload applies a changed sub stream."""
    paths = clips(t)
    p, d = t.start(source=f"sim:{paths[0]}", channel={"source1": f"sim:{paths[1]}", "source2": f"sim:{paths[2]}",
                                                      "audio": "sim:tone"})
    calls = [p.invite(lib.CHANNEL, extra=[f"a=streamnumber:{n}"], ssrc=f"02000002{n:02d}") for n in range(3)]
    for n, call in enumerate(calls):
        equal(sent(t, call, paths, f"stream {n}"), n, "stream")
        check(call.media.wait(lambda a: len(a.audio()) > 10, 10), f"stream {n}: no audio")
        equal(call.media.faults, [], "faults")
    d.write_config(d.conf.read_text().replace(f"source1 = sim:{paths[1]}", f"source1 = sim:{paths[2]}"))
    d.ctl("reload")
    check(all(c.wait_bye() for c in calls), "sessions of the changed camera go on")
    for call in calls:
        call.close()
    call = p.invite(lib.CHANNEL, extra=["a=streamnumber:1"], ssrc="0200000300")
    equal(sent(t, call, paths, "after the reload"), 2, "stream")
    call.close()


def test_without(t):
    """No sub stream configured: the simulated camera has none."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL, extra=["a=streamnumber:1"])
    equal(sent(t, call, [lib.clip()], "stream 1"), 0, "stream")
    call.close()
    check(f"substream-missing channel={lib.CHANNEL} stream=1" in d.log(), "not in the log")


lib.main(test, test_at_one_time, test_without)
