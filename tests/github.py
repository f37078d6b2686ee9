#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Checks .github: the YAML is valid (if Python has a YAML parser), actions are pinned to a major version, and the command
that the issue templates give for removing secrets from a config removes all of them and nothing else. Prints the
violations; the exit code is 1 if there are any.
"""

import importlib
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    yaml = importlib.import_module("yaml")      # not in the standard library
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
GITHUB = ROOT / ".github"
CONFIG = "/etc/gbagent.conf"
SECRET = "s3cr3t"


def check_yaml():
    for path in sorted(GITHUB.rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        if yaml:
            try:
                form = yaml.safe_load(text)
            except yaml.YAMLError as error:
                yield f"{path.name}: {error}"
                continue
            if path.parent.name == "ISSUE_TEMPLATE" and path.name != "config.yml" and \
                    not {"name", "description", "body"} <= form.keys():
                yield f"{path.name}: not an issue form"
        for action in re.findall(r"uses: *(\S+)", text):
            if not re.fullmatch(r"[\w./-]+@v\d+", action):
                yield f"{path.name}: {action} is not pinned to a major version"


def check_templates():
    for name in ("ISSUE_TEMPLATE/bug_report.yml", "ISSUE_TEMPLATE/platform.yml", "ISSUE_TEMPLATE/feature.yml",
                 "PULL_REQUEST_TEMPLATE.md"):
        text = (GITHUB / name).read_text(encoding="utf-8")
        for command in ("gbagentctl status", "gbagentctl trace --pcap FILE"):
            if command not in text:
                yield f"{name}: does not ask for `{command}`"


def check_secrets():
    """The command runs on the example config with every secret set, and with credentials in a URL."""
    commands = {line.strip() for path in GITHUB.rglob("*.yml")
                for line in path.read_text(encoding="utf-8").splitlines() if CONFIG in line and "sed" in line}
    if len(commands) != 1:
        yield f"{len(commands)} different commands for removing secrets"
        return
    table = (ROOT / "src/conf/conf_table.c").read_text(encoding="utf-8")
    keys = re.findall(r'^    \{ CONF_\w+, "(\w+)",(?:(?!\n    \{ ).)*?\.secret = true', table, re.M | re.S)
    if "password" not in keys:
        yield "src/conf/conf_table.c: the secret keys are no longer found"
    example = (ROOT / "packaging/gbagent.conf").read_text(encoding="utf-8")
    secrets = [f"{indent}{key}{equals}{SECRET}" for key in [*keys, "camera_password"]
               for indent in ("", "#", "  ") for equals in ("=", " = ", ' = "a = ', " : ")]
    plain = [line for line in example.splitlines() if not re.match(r"#?(%s) =" % "|".join(keys), line)]
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "gbagent.conf"
        config.write_text("\n".join([*plain, *secrets, f"source = cam:rtsp://admin:{SECRET}/@@192.0.2.1/1", ""]),
                          encoding="utf-8")
        done = subprocess.run(["sh", "-c", commands.pop().replace(CONFIG, str(config))], capture_output=True, text=True)
    if done.returncode or SECRET in done.stdout:
        yield f"the command for removing secrets leaves some: {done.stdout[-300:]}{done.stderr}"
    got = done.stdout.splitlines()
    yield from (f"the command for removing secrets changes: {a}" for a, b in zip(plain, got) if a != b)
    if "source = cam:rtsp://***@192.0.2.1/1" not in got:
        yield "the command for removing secrets loses the address of a URL"


def main():
    wrong = [*check_yaml(), *check_templates(), *check_secrets()]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
