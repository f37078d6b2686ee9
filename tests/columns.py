#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Checks that no source line is wider than .editorconfig and .clang-format allow, and that these two agree. Prints the
violations; the exit code is 1 if there are any.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = (".ci", "board", "include", "packaging", "src", "tests", "toolchains")
NAMES = re.compile(r"\.(c|h|py|sh|mk)$|^Makefile$")
SHELL = re.compile(rb"#!/(bin/sh|bin/bash|usr/bin/env bash)\n")


def setting(file, pattern):
    return int(re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.M).group(1))


def files():
    yield from ROOT.glob("*.mk")
    yield ROOT / "Makefile"
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "tests/fuzz/corpus" not in path.as_posix():
                if NAMES.search(path.name) or SHELL.match(path.read_bytes()[:32]):
                    yield path


def main():
    width = setting(".editorconfig", r"^max_line_length = (\d+)")
    wrong = []
    if width != setting(".clang-format", r"^ColumnLimit: (\d+)"):
        wrong.append(".editorconfig and .clang-format: different widths")
    if setting(".editorconfig", r"^indent_size = (\d+)") != setting(".clang-format", r"^IndentWidth: (\d+)"):
        wrong.append(".editorconfig and .clang-format: different indentation")
    for path in sorted(files()):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if len(line) > width:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {len(line)} columns")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
