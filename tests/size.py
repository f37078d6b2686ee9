#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sizes of programs:   tests/size.py [-m N] STRIP PROGRAM...   (make size)

Measures stripped copies. If there is a link map next to a program (PROGRAM.map, static builds), the part of libiconv,
nearly all of it tables of GB18030, is shown separately. -m N: fail if the first program has more than N bytes without
it.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile


def stripped(strip, program):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "stripped")
        subprocess.run([strip, "-o", out, program], check=True)
        return os.stat(out).st_size


def charsets(program):
    """Size of libiconv's sections according to the map."""
    path = pathlib.Path(program + ".map")
    if not path.exists():
        return 0
    text = path.read_text(errors="replace")
    text = re.sub(r"^( \.\S+)\n\s+", r"\1 ", text[text.find("Linker script and memory map"):], flags=re.M)
    sections = re.findall(r"^ (\.\S+)\s+0x0*([0-9a-f]+)\s+0x([0-9a-f]+) \S*libiconv\.a\(", text, flags=re.M)
    return sum(int(size, 16) for name, at, size in sections
               if at and not name.startswith((".bss", ".debug", ".comment", ".note", ".ARM.attributes")))


def main(argv):
    limit, args = (int(argv[2]), argv[3:]) if argv[1] == "-m" else (None, argv[1:])
    strip, programs = args[0], args[1:]
    print(f"{'bytes, stripped':28} {'all':>10} {'charsets':>10} {'without':>10}")
    first = None
    for program in programs:
        whole, tables = stripped(strip, program), charsets(program)
        first = whole - tables if first is None else first
        print(f"{program:28} {whole:10} {tables:10} {whole - tables:10}")
    if limit is not None and first > limit:
        print(f"{programs[0]}: more than {limit} bytes")
        return 1
    return 0


sys.exit(main(sys.argv))
