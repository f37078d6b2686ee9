# SPDX-License-Identifier: MIT
"""The tone that the simulated camera makes: 1 kHz, no step between its units; and what is no sound."""

import lib
from lib import check, equal

import _audio


def test(t):
    p, _ = t.start(channel={"audio": "sim:tone"})
    call = p.invite(lib.CHANNEL)
    got = _audio.heard(call, _audio.PS.G711A)
    call.close()
    samples = _audio.decode(got, "a")
    ups = [i for i in range(1, len(samples)) if samples[i - 1] < 0 <= samples[i]]
    equal({b - a for a, b in zip(ups, ups[1:])}, {8}, "samples from one upward crossing to the next")
    check(20000 < max(samples) < 32768 and max(samples) == -min(samples), f"peak {max(samples)}")


def test_no_sound(t):
    """A file that is not there or is none: 480, the reason in the log and in DeviceStatus; mended by a reload."""
    broken = t.folder / "broken.aac"
    broken.write_bytes(bytes.fromhex("fff16c40023ffc") + bytes(10) + b"no ADTS frame goes on like this")
    for name, text in (("missing.pcma", "No such file"), ("broken.aac", "no ADTS frame"), ("sound.mp3", "expected tone, or a file")):
        p, d = t.start(channel={"audio": f"sim:{t.folder}/{name}"})
        equal(p.invite(lib.CHANNEL).status, 480, f"INVITE with {name}")
        check(d.wait_log(text), f"{name}: nothing in the log")
        if name == "missing.pcma":
            equal(p.query("DeviceStatus", lib.CHANNEL).get("Reason"), "audio cannot be read", "Reason")
            d.write_config(d.conf.read_text().replace(f"audio = sim:{t.folder}/{name}", "audio = sim:tone"))
            d.ctl("reload")
            call = p.invite(lib.CHANNEL)
            _audio.heard(call, _audio.PS.G711A, 10)
            call.close()
        d.stop()


lib.main(test, test_no_sound)
