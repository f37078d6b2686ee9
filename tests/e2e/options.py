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
    # The keys of the boards differ between builds.
    text, boards, own = done.stdout.partition("# ---- boards in this build ----\n")
    check(boards and "#[board sim]\n" in own, "keys of the boards")
    equal(text, (lib.ROOT / "packaging" / "gbagent.conf").read_text(encoding="utf-8"), "packaging/gbagent.conf")
    for key in ("server", "keepalive_interval", "max_sessions", "alarm_latch", "source"):
        check(key in done.stdout, f"no {key} in the example")


def test_print_config_language(t):
    equal(run("gbagentd", "--print-config=en").stdout, run("gbagentd", "--print-config").stdout, "--print-config=en")
    done = run("gbagentd", "--print-config=zh")
    if "WITH_ZH=0" in done.stderr:
        equal((done.returncode, done.stdout), (2, ""), "--print-config=zh without Chinese texts")
    else:
        equal((done.returncode, done.stderr), (0, ""), "--print-config=zh")
        check("# 设备编码" in done.stdout and "# Name" not in done.stdout, "comments in Chinese")
        conf = t.folder / "zh.conf"
        conf.write_text(done.stdout, encoding="utf-8")
        conf.chmod(0o600)
        equal(run("gbagentd", "--check-config", "-c", str(conf)).returncode, 0, "the Chinese example, checked")
    for other in ("fr", "", "ZH"):
        done = run("gbagentd", f"--print-config={other}")
        equal((done.returncode, done.stdout), (2, ""), f"--print-config={other}")
        check("expected en or zh" in done.stderr, done.stderr)


def test_ctl_without_daemon(t):
    done = run("gbagentctl", "-s", str(t.folder / "none.sock"), "status")
    check(done.returncode != 0 and done.stderr, "gbagentctl without a daemon")


lib.main(test, test_print_config, test_print_config_language, test_ctl_without_daemon)
