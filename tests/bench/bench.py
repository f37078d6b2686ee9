#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What sending costs: ratios of one run, never absolute times to compare between machines.
usage: bench.py BUILD_DIR [ROUNDS]      prints them and writes BUILD_DIR/bench.json
Instructions are counted by valgrind where it is installed, as the difference of a long and a short run: exact.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys


def instructions(program, units, viewers):
    """(instructions, packets) of a whole run."""
    done = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program, "count",
                           str(units), str(viewers)], capture_output=True, text=True, check=True)
    refs = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    return int(refs.group(1).replace(",", "")), int(done.stdout)


def slope(program, viewers):
    long_i, long_p = instructions(program, 600, viewers)
    short_i, short_p = instructions(program, 200, viewers)
    return (long_i - short_i) / (long_p - short_p)


def main():
    folder = pathlib.Path(sys.argv[1])
    rounds = sys.argv[2] if len(sys.argv) > 2 else "9"
    program = str(folder / "bench" / "bench_media")
    result = json.loads(subprocess.run([program, "ratios", rounds], capture_output=True, text=True, check=True).stdout)
    if shutil.which("valgrind"):
        one, eleven = slope(program, 1), slope(program, 11)
        result["instructions_per_packet"] = round(one, 1)
        # Eleven viewers share one packing: what ten more add, per packet sent by one of them.
        result["instructions_per_packet_further_viewer"] = round((eleven * 11 - one) / 10, 1)
    for key, text in (
            ("pack_to_memcpy", "packing and packetising, sent nowhere / memcpy of the same bytes (CPU)"),
            ("udp_to_raw", "the same over UDP loopback / the same sendmmsg calls over finished packets (CPU)"),
            ("tenth_viewer_to_first", "a packet with ten viewers / a packet with one (CPU)"),
            ("sendmmsg_per_unit", "sendmmsg calls per access unit and viewer"),
            ("instructions_per_packet", "user instructions per packet, one viewer"),
            ("instructions_per_packet_further_viewer", "user instructions per packet of a further viewer")):
        if key in result:
            print("  %-8s %s" % (result[key], text))
        else:
            print("  %-8s %s" % ("-", text + " (needs valgrind)"))
    (folder / "bench.json").write_text(json.dumps(result, indent=1) + "\n")
    print("  written to %s" % (folder / "bench.json"))


if __name__ == "__main__":
    main()
