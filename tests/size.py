#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sizes of programs:   tests/size.py [-m N] STRIP PROGRAM...   (make size)

Measures stripped copies. If there is a link map next to a program (PROGRAM.map, static builds), the part of libiconv,
nearly all of it tables of GB18030, is shown separately; the last column has neither that nor the padding between
segments, which is up to a page and changes with every few bytes. -m N: fail if the last column of the first program
exceeds N.
"""

import pathlib
import re
import struct
import subprocess
import sys
import tempfile


def padding(data):
    """Bytes between the loaded segments of an ELF file."""
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    start, = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", data, 54 if wide else 42)
    heads = [struct.unpack_from(order + ("IIQQQQ" if wide else "IIIII"), data, start + n * size) for n in range(count)]
    loads = sorted((h[2], h[5]) if wide else (h[1], h[4]) for h in heads if h[0] == 1)
    return sum(max(0, b[0] - a[0] - a[1]) for a, b in zip(loads, loads[1:]))


def stripped(strip, program):
    """(bytes of the file, bytes of its padding)"""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "stripped")
        subprocess.run([strip, "-o", out, program], check=True)
        data = out.read_bytes()
        return len(data), padding(data)


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
        whole, gaps = stripped(strip, program)
        tables = charsets(program)
        rest = whole - gaps - tables
        first = rest if first is None else first
        print(f"{program:28} {whole:10} {tables:10} {rest:10}")
    if limit is not None and first > limit:
        print(f"{programs[0]}: more than {limit} bytes")
        return 1
    return 0


sys.exit(main(sys.argv))
