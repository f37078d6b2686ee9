# SPDX-License-Identifier: MIT
"""Without its audio file a session starts and declares video only, the log names the file, and DeviceStatus is OK. A
reload with the right file adds the audio."""

import lib
from lib import check, equal

import _audio


def pictures_alone(p, d, words):
    call = p.invite(lib.CHANNEL, f="v/2/////a/1/8/1")
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(30, 15), "no media")
    equal(call.media.faults, [], "faults")
    equal(call.media.assembler.audio(), [], "audio")
    maps = [u.ps.psm for u in call.media.units if u.ps and u.ps.psm]
    check(maps and all(m == {0xe0: lib.rtp.ps.H264} for m in maps), f"PSM {maps}")
    check(call.answer.f.endswith("a///"), f"f={call.answer.f}")
    for word in (*words, "sim: audio-failed"):
        check(d.wait_log(word), f"{word}: not in the log")
    equal(d.status()["channels"][0]["state"], "on", "state")
    equal(p.query("DeviceStatus", lib.CHANNEL).get("Status"), "OK", "Status")
    call.close()


def test(t):
    broken, name = t.folder / "broken.aac", t.folder / "missing.pcma"
    broken.write_bytes(bytes.fromhex("fff16c40023ffc") + bytes(10) + b"no ADTS frame goes on like this")
    for path, word in ((broken, "no ADTS frame"), (t.folder / "sound.mp3", "expected tone, or a file"),
                       (name, "No such file")):
        p, d = t.start(channel={"audio": f"sim:{path}"})
        pictures_alone(p, d, (str(path), word))
        if path != name:
            d.stop()
    d.write_config(d.conf.read_text().replace(f"audio = sim:{name}", "audio = sim:tone"))
    d.ctl("reload")
    call = p.invite(lib.CHANNEL)
    _audio.heard(call, _audio.PS.G711A, 10)
    call.close()


lib.main(test)
