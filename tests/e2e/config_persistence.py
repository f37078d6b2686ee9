# SPDX-License-Identifier: MIT
"""Settings made by platforms survive kill -9 at any time; a corrupt file is replaced by the previous copy; a missing
folder is not fatal."""

import _config
import lib
from lib import check, equal
from _control import result

REPORT = "<AlarmReport><MotionDetection>1</MotionDetection><FieldDetection>0</FieldDetection></AlarmReport>"


def mirror(n):
    return f"<FrameMirror>{n}</FrameMirror>"


def test_broken_file(t):
    p, d = _config.start(t)
    _config.set_ok(p, lib.CHANNEL, mirror(1))
    _config.set_ok(p, lib.CHANNEL, mirror(2))
    path = t.folder / _config.SETTINGS
    text = path.read_bytes()
    check(b"FrameMirror = <FrameMirror>2</FrameMirror>" in text, "the file is not readable text")
    equal(path.stat().st_mode & 0o777, 0o600, "its mode")
    path.write_bytes(text.replace(b">2<", b">3<"))
    d = _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "1")], "after a corrupt file")
    check("settings: file-corrupt " in d.log() and "settings: previous-copy-loaded " in d.log(), "not in the log")
    _config.set_ok(p, lib.CHANNEL, mirror(3))
    # truncated
    path.write_bytes(path.read_bytes()[:-10])
    d = _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "1")], "after a truncated file")
    # both
    path.write_bytes(b"")
    path.with_name(path.name + ".old").write_bytes(b"\0" * 100)
    d = _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "0")], "after two corrupt files")
    _config.set_ok(p, lib.CHANNEL, mirror(2))
    _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "2")], "written again")


def test_killed(t):
    """kill -9 right after the Response: what was confirmed is kept."""
    p, d = _config.start(t)
    for n in (1, 2, 3, 0, 1):
        _config.set_ok(p, lib.CHANNEL, mirror(n) + REPORT)
        d = _config.restart(t, p, d)
        equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", str(n))], "after kill -9")


def test_unwritable(t):
    """A full disk: ERROR and no change; state from other commands is written as soon as possible."""
    p, d = _config.start(t)
    path = t.folder / _config.SETTINGS
    _config.set_ok(p, lib.CHANNEL, mirror(1))
    blocker = path.with_name(path.name + ".new")
    blocker.mkdir()
    for n in (2, 3):
        _config.set_error(p, lib.CHANNEL, mirror(n))
        _config.set_error(p, lib.DEVICE, "<BasicParam><Name>other</Name><HeartBeatInterval>17</HeartBeatInterval>"
                                         "</BasicParam>")
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "1")], "in force")
    basic = dict(_config.get(p, lib.DEVICE, "BasicParam"))
    check(basic["BasicParam/Name"] != "other" and basic["BasicParam/HeartBeatInterval"] != "17", f"BasicParam: {basic}")
    result(p, lib.DEVICE, "<GuardCmd>SetGuard</GuardCmd>")
    check(b"guard" not in path.read_bytes(), "written nevertheless")
    equal(d.log().count("settings: write-failed file="), 1, "log lines")
    blocker.rmdir()
    check(p.wait(lambda: b"guard" in path.read_bytes(), 70), "not written although it is possible again")
    equal(d.log().count("settings: write-recovered "), 1, "log lines")
    _config.set_ok(p, lib.CHANNEL, mirror(2))
    _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "2")], "after kill -9")


def test_no_folder(t):
    p, d = _config.start(t, device={"settings": t.folder / "missing" / "settings"})
    check("settings: memory-only file=" in d.log(), "no warning")
    _config.set_ok(p, lib.CHANNEL, mirror(1))
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "1")], "in memory")
    d = _config.restart(t, p, d)
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "0")], "forgotten")


def test_memory_only(t):
    p, _ = _config.start(t, device={"settings": ""})
    _config.set_ok(p, lib.CHANNEL, mirror(1))
    equal(_config.get(p, lib.CHANNEL, "FrameMirror"), [("FrameMirror", "1")], "in memory")
    equal(sorted(f.name for f in t.folder.iterdir() if "settings" in f.name), [], "files")


lib.main(test_broken_file, test_killed, test_unwritable, test_no_folder, test_memory_only)
