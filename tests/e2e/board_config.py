# SPDX-License-Identifier: MIT
"""A board's section of the config: checked against the board's key table, with file and line, and passed to the board
when it is opened and at a reload."""

import signal
import subprocess

import lib
from lib import check, equal

PROGRAM = "tests/gbagentd.probe"


def gbagentd(*args):
    lib.need((lib.BIN / PROGRAM).exists(), f"{PROGRAM} is not built")
    done = subprocess.run([*lib.RUN, str(lib.BIN / PROGRAM), *args], capture_output=True, text=True,
                          timeout=10 * lib.SLOW)
    return done.returncode, done.stdout, done.stderr


def config(t, p, **keys):
    return t.config(p, **keys).replace("@SOCKET@", str(t.folder / "sock"))


def test_values_reach_the_board(t):
    section = "[board probe]\nname = 门口\nmode = 4\nlevel = high\nsecret = abcd\nfile = /x\n"
    p, d = t.start(source="probe:left", channels=["东", "西"], alarms=["门磁"], extra=section, program=PROGRAM)
    for line in ('open name="门口" mode=4 fast=0 level=1 file="/x" channels=2 inputs=1',
                 f'open-channel channel={lib.CHANNEL} name="东" source="left"',
                 f'open-channel channel={lib.channel_id(2)} name="西" source="left"',
                 'open-input id=34020000001340000001 name="门磁"'):
        check(f"probe: {line}\n" in d.log(), line)
    check("abcd" not in d.log(), "a secret in the log")

    d.write_config(t.config(p, source="probe:right", extra="[board probe]\nmode = 6\n"))
    d.signal(signal.SIGHUP)
    check(d.wait_log('probe: reload name="nobody" mode=6 fast=0 level=0 file="" channels=1 inputs=0'), "reload")
    check(f'probe: reload-channel channel={lib.CHANNEL} name="通道1" source="right"\n' in d.log(),
          "the channel at the reload")

    d.write_config(t.config(p, source="probe:right", extra="[board probe]\nfast = yes\n"))
    d.signal(signal.SIGHUP)
    check(d.wait_log('board: reload-rejected board=probe reason="Device or resource busy"'), "refused by the board")


def test_errors(t):
    p = t.platform()
    path = t.folder / "bad.conf"
    for section, message in (("mode = 3", "mode: expected even number from 0 to 8, not \"3\""),
                             ("colour = red", "colour: unknown key in [board probe]"),
                             ("secret = abcde", "secret: expected text of at most 4 bytes")):
        text = config(t, p, source="probe:", extra=f"[board probe]\n{section}\n")
        path.write_text(text)
        path.chmod(0o600)
        line = text.count("\n")
        for args in (["--check-config"], ["-n"]):
            code, _, errors = gbagentd(*args, "-c", str(path))
            equal((code, errors), (1, f"{path}:{line}: {message}\n"), section)
    text = config(t, p, source="probe:two words")
    path.write_text(text)
    code, _, errors = gbagentd("--check-config", "-c", str(path))
    line = text[:text.index("source =")].count("\n") + 1
    equal((code, errors), (1, f"{path}:{line}: source: expected probe:TEXT (TEXT: no blanks), not \"two words\"\n"),
          "source")


def test_reload_refused(t):
    """An invalid board key makes a reload fail like any other key."""
    p, d = t.start(source="probe:", program=PROGRAM)
    d.write_config(t.config(p, source="probe:", extra="[board probe]\nmode = 1\n"))
    d.signal(signal.SIGHUP)
    check(d.wait_log("config: reload-failed reason="), "reload")
    check("mode: expected even number from 0 to 8" in d.log(), "the reason")
    check("probe: reload" not in d.log(), "passed to the board nevertheless")


def test_printed(t):
    code, text, _ = gbagentd("--print-config")
    equal(code, 0, "exit code")
    check("\n# source = probe:... One word.\n#[board probe]\n" in text, "the section")
    check("\n# Mode of greeting. (even number from 0 to 8; default 2)\n#mode = 2\n" in text, "a key and its help")


def test_sim(t):
    """The simulated board has a key, too."""
    p, _ = t.start(platform={"version": "2022"}, extra="[board sim]\ncard_mb = 64000\n")
    equal(p.query("SDCardStatus", lib.DEVICE).items("SDCardStatusInfo")[0]["Capacity"], "64000", "Capacity")


lib.main(test_values_reach_the_board, test_errors, test_reload_refused, test_printed, test_sim)
