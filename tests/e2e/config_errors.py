# SPDX-License-Identifier: MIT
"""Errors in the config name file, line and key, at --check-config and at startup."""

import subprocess

import lib
from lib import check, equal

GOOD = """[device]
id = 34020000001320000001
[platform main]
server = 127.0.0.1:5060
id = 34020000002000000001
password = 12345678
[channel 34020000001310000001]
name = 大门
source = sim:
"""

# line to change (1-based), its new text, and the key named in the error
CASES = [
    (2, "id = 123", "id"),
    (2, "idd = 34020000001320000001", "idd"),
    (4, "server = ", "server"),
    (4, "server = 127.0.0.1:99999", "server"),
    (4, "server = 192.168.1.300", "server"),
    (4, "server = 10.1:5060", "server"),
    (5, "id = 34020000002000000001x", "id"),
    (6, "transport = sctp", "transport"),
    (6, "expires = 5", "expires"),
    (6, "keepalive_interval = 0", "keepalive_interval"),
    (6, "keepalive_interval = ten", "keepalive_interval"),
    (6, "allow = 10.0.0.0/33", "allow"),
    (6, "version = 2018", "version"),
    (7, "[chanel 34020000001310000001]", "chanel"),
    (7, "[channel 3402]", "channel"),
    (8, "name", ""),
    (9, "source = nosuchboard:", "source"),
    (9, "fps = 10000", "fps"),
    (9, "ip_address = 192.168.1.300", "ip_address"),
]


def run(t, text, *args, name="bad.conf"):
    path = t.folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(path), *args], capture_output=True, text=True,
                          timeout=10)
    return done.returncode, done.stdout + done.stderr, path


def test_good(t):
    code, text, _ = run(t, GOOD, "--check-config")
    equal(code, 0, f"the minimal config: {text}")
    code, text, _ = run(t, "# comment\n\n" + GOOD.replace("\n", "\r\n"), "--check-config")
    equal(code, 0, f"CRLF line ends: {text}")


def test_bad(t):
    for line, new, key in CASES:
        lines = GOOD.splitlines()
        lines[line - 1] = new
        code, text, path = run(t, "\n".join(lines) + "\n", "--check-config")
        check(code != 0, f"{new!r} was accepted")
        check(f"{path.name}:{line}:" in text, f"{new!r}: no line {line} in {text!r}")
        check(key in text, f"{new!r}: no {key!r} in {text!r}")
    code, text, path = run(t, "\n".join(lines) + "\n", "-n")
    check(code not in (0, None) and f"{path.name}:9:" in text, f"startup with an invalid config: {code} {text}")


def test_missing(t):
    for gone, name in ((2, "id"), (4, "server"), (5, "id")):
        lines = GOOD.splitlines()
        del lines[gone - 1]
        code, text, path = run(t, "\n".join(lines) + "\n", "--check-config")
        check(code != 0 and name in text and path.name in text, f"without line {gone}: {code} {text}")
    code, text, _ = run(t, GOOD + GOOD.split("\n", 6)[6], "--check-config")
    check(code != 0, "the same channel twice was accepted")
    code, text, _ = run(t, GOOD.replace("\nid = 34020000002", "\n  id = 34020000002"), "--check-config")
    check(code != 0, "an indented key was read as part of the value above")
    code, text, _ = run(t, "", "--check-config")
    check(code != 0, "an empty config was accepted")


def test_no_file(t):
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(t.folder / "none.conf"), "--check-config"],
                          capture_output=True, text=True,
                          timeout=10)
    check(done.returncode != 0 and "none.conf" in done.stderr + done.stdout, "a missing file")
    equal(done.stderr.count("none.conf"), 1, f"warnings: {done.stderr}")


def test_warning(t):
    """A warning about a config readable by others."""
    path = t.folder / "open.conf"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0o644)
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "-c", str(path), "--check-config"], capture_output=True,
                          text=True, timeout=10)
    equal(done.returncode, 0, "exit code")
    check("open.conf" in done.stderr + done.stdout, "no warning")


lib.main(test_good, test_bad, test_missing, test_no_file, test_warning)
