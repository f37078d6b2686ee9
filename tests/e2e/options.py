# SPDX-License-Identifier: MIT
"""--version, --help and --print-config; the printed example is the shipped file and is accepted once filled in."""

import subprocess

import lib
from lib import check, equal


def run(program, *args):
    lib.need((lib.BIN / program).exists(), f"{program} is not built")
    return subprocess.run([*lib.RUN, str(lib.BIN / program), *args], capture_output=True, text=True, timeout=10)


def test(t):
    for program in ("gbagentd", "gbagentctl"):
        done = run(program, "--help")
        check(done.returncode == 0 and program in done.stdout, f"{program} --help")
        check(run(program, "--no-such-option").returncode != 0, f"{program}: unknown option")
    version = (lib.ROOT / "VERSION").read_text().strip()
    check(version in run("gbagentd", "--version").stdout, "--version")


def test_print_config(t):
    done = run("gbagentd", "--print-config")
    equal(done.returncode, 0, "exit code")
    # What boards add differs from build to build.
    text, boards, own = done.stdout.partition("# ---- the boards of this program ----\n")
    check(boards and "#[board sim]\n" in own, "what boards add")
    equal(text, (lib.ROOT / "packaging" / "gbagent.conf").read_text(encoding="utf-8"), "packaging/gbagent.conf")
    for key in ("server", "keepalive_interval", "max_sessions", "alarm_latch", "source"):
        check(key in done.stdout, f"no {key} in the example")


def test_ctl_without_daemon(t):
    done = run("gbagentctl", "-s", str(t.folder / "none.sock"), "status")
    check(done.returncode != 0 and done.stderr, "gbagentctl without a daemon")


lib.main(test, test_print_config, test_ctl_without_daemon)
