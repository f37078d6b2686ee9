#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The cost of sending and answering: ratios of one run, not absolute times, which vary between machines.
usage: bench.py BUILD_DIR [ROUNDS]      prints a table and writes BUILD_DIR/bench.json
Exits with 1 if an exact row misses its goal. tests/bench/README.md explains the rows.
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import bench_build
import bench_count

CLIPS = ("720p", "1080p", "4k", "720p_h265", "1080p_h265", "4k_h265")
OVERHEAD = {"720p": 1.6, "1080p": 1.05, "4k": 0.93}

# Row, text, goal (None: for information), exact: the same in every run.
ROWS = [
    "Instructions, 1080p H.264",
    ("1080p.sendmmsg_instructions_per_packet", "per packet, from a leased unit to sendmmsg and back, one viewer", 70,
     True),
    ("1080p.gso_instructions_per_packet", "the same by GSO", 70, True),
    ("1080p.sendmmsg_instructions_per_unit", "per access unit, sendmmsg", None, True),
    ("sendmmsg_instructions_added_packet", "per additional packet of a larger unit (4K against 720p), sendmmsg", 40,
     True),
    ("everything_instructions_per_packet", "per packet, the whole process: the loop, reading, timestamps, the "
                                           "simulated camera", None, True),
    ("armhf_instructions_per_packet", "per packet on armhf, sendmmsg (qemu-user)", 80, True),
    ("sendmmsg_instructions_further_viewer", "per packet of an additional viewer, sendmmsg", 20, True),
    ("gso_instructions_further_viewer", "the same by GSO", 20, True),
    "System calls and allocations per access unit, 1080p H.264",
    ("1080p.sendmmsg_calls", "system calls, sendmmsg", 1.05, True),
    ("1080p.gso_calls", "system calls, GSO (one for 46 packets would be 1.02)", 1.05, True),
    ("1080p.sendmsg_calls", "system calls, one sendmsg per packet", None, True),
    ("1080p.tcp_calls", "system calls, TCP", None, False),
    ("1080p.sendmmsg_allocations", "heap allocations, sendmmsg", 0, True),
    ("1080p.gso_allocations", "heap allocations, GSO", 0, True),
    ("1080p.tcp_allocations", "heap allocations, TCP", 0, False),
    ("packing_for_64_viewers_allocations", "heap allocations, 64 viewers", 0, True),
    ("packing_for_100_viewers_allocations", "heap allocations, 100 viewers", 0, True),
    "CPU, 1080p H.264, against the same calls with prepared packets",
    ("1080p.sendmmsg_to_raw", "UDP by sendmmsg / raw sendmmsg", 1.08, False),
    ("1080p.gso_to_raw", "UDP by GSO / raw GSO", 1.15, False),
    ("1080p.tcp_to_raw", "TCP / raw writev", 1.20, False),
    ("1080p.sendmsg_to_raw", "UDP by sendmsg / raw sendto", None, False),
    ("1080p.sendmmsg_to_raw_sendto", "UDP by sendmmsg / raw sendto", None, False),
    ("1080p.gso_to_raw_sendto", "UDP by GSO / raw sendto", None, False),
    ("1080p.tcp_to_raw_sendto", "TCP / raw sendto", None, False),
    ("1080p.pack_to_memcpy", "packing only / memcpy of the same bytes", None, False),
    ("1080p.pack_ns", "packing only, ns per packet (this machine)", None, False),
    ("ps_to_ffmpeg", "packing into PS and RTP / ffmpeg's PS muxing, same H.264 clip", None, False),
    ("ps_to_ffmpeg_h265", "the same of an H.265 clip", None, False),
    "Viewers of one stream, CPU per packet of a viewer, relative to one viewer",
    *((f"packing_for_{n}_viewers_to_1", f"packing only, {n} viewers", 1.1 if n == 100 else None, False)
      for n in (4, 16, 64, 100)),
    *((f"gso_for_{n}_viewers_to_1", f"UDP by GSO, {n} viewers", 1.1 if n == 100 else None, False)
      for n in (4, 16, 64, 100)),
    *((f"sendmmsg_for_{n}_viewers_to_1", f"UDP by sendmmsg, {n} viewers", 1.1 if n == 100 else None, False)
      for n in (4, 16, 64, 100)),
    "Paced in bursts by the loop, 50 frames a second",
    *((f"paced_{clip}_{way}_{what}", f"{clip}, {way}: {text}", None, False) for clip in ("1080p", "4k")
      for way in ("sendmmsg", "gso")
      for what, text in (("calls", "system calls per access unit"), ("wakeups", "wake-ups per access unit"),
                         ("burst", "packets of the longest burst"))),
    "SIP",
    ("core_instructions_per_message", "instructions per message, 2,000 agents", None, True),
    ("core_instructions_2000_agents_to_20", "the same, 2,000 agents / 20", 1.1, True),
    ("core_instructions_1000_calls_to_10", "the same, one agent, 1,000 calls running / 10", 1.1, True),
    ("core_200_agents_to_20", "CPU per message of 20,000, 200 agents / 20", None, False),
    ("core_2000_agents_to_20", "CPU per message of 20,000, 2,000 agents / 20 (their memory exceeds the caches)", None,
     False),
    ("core_1000_calls_to_10", "CPU per message of 20,000, 1,000 calls / 10", None, False),
    ("sip_messages_per_cpu_second", "messages handled per second of CPU, whole daemon (this machine)", None, False),
    ("sip_messages_per_second", "messages handled per second, including the script (this machine)", None, False),
    "The daemon",
    ("wakeups_idle_per_minute", "wake-ups per minute, registered and idle", 4, False),
    ("wakeups_per_frame", "wake-ups per frame, one stream", 1.05, False),
    ("start_to_registered_ms", "start to registered, with digest, ms", 20, False),
    ("invite_to_packet_ms", "INVITE to first packet, source open, without the wait for the key frame, ms", 1, False),
    ("invite_to_200_ms", "of which INVITE to its 200, ms", None, False),
    ("invite_to_packet_with_wait_ms", "with that wait, ms", None, False),
    ("rss_idle_kb", "RSS registered and idle, this build, KB", None, False),
    ("static_rss_idle_kb", "RSS registered and idle, static glibc -Os, KB", 1434, False),
    ("static_rss_16_channels_kb", "the same with 16 channels", None, False),
    ("static_rss_1_stream_kb", "with one stream", None, False),
    ("static_rss_16_streams_kb", "with sixteen", None, False),
    ("static_rss_per_stream_kb", "per live stream", 96, False),
    ("static_rss_per_viewer_kb", "per further viewer", 4, False),
    ("static_size_kb", "static glibc -Os, stripped, KB", None, True),
    ("armhf_size_kb", "armhf static glibc -Os, stripped, KB", None, True),
    ("armhf_size_without_charsets_kb", "the same without libiconv, KB", 600, True),
]


def flat(result):
    """The clips' values as "1080p.gso_to_raw"."""
    for clip, values in result.pop("clips").items():
        for key, value in values.items():
            result[f"{clip}.{key}"] = value
    return result


def run_json(*command):
    return json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout)


@contextlib.contextmanager
def part(name):
    """Rows of a part that fails are not measured."""
    began = time.monotonic()
    try:
        yield
    except (subprocess.CalledProcessError, OSError, RuntimeError, AssertionError, ValueError) as e:
        print(f"  {name} failed: {e}")
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)


def other_builds(folder, result):
    """Counts and sizes of other builds. Returns the static program for this machine, or None."""
    static, arm = folder / "bench" / "static", folder / "bench" / "static-armhf"
    here = None
    static.mkdir(parents=True, exist_ok=True)
    arm.mkdir(parents=True, exist_ok=True)
    if bench_build.static(static):
        result["static_size_kb"] = bench_build.weight(static)[0] / 1000
        here = static
    if bench_build.static(arm, bench_build.ARM):
        size, tables = bench_build.weight(arm, bench_build.ARM)
        result["armhf_size_kb"], result["armhf_size_without_charsets_kb"] = size / 1000, (size - tables) / 1000
    program = bench_build.arm_bench(folder / "bench" / "armhf")
    if program:
        result["armhf_instructions_per_packet"] = bench_count.arm("qemu-arm-static", f"{bench_build.ARM}-nm", program)
    return here


def against_ffmpeg(folder, program, rounds, result):
    for codec, row in (("h264", "ps_to_ffmpeg"), ("hevc", "ps_to_ffmpeg_h265")):
        clip = bench_build.clip(folder / "bench", codec)
        if clip:
            ratios = sorted(run_json(program, "file", clip, codec)["us_per_unit"] /
                            bench_build.ffmpeg_us_per_unit(clip, codec, "vob")
                            for _ in range(min(rounds, 5)))
            result[row] = ratios[len(ratios) // 2]


def measure(folder, rounds):
    media, core = folder / "bench" / "bench_media", folder / "bench" / "bench_core"
    result = {}
    with part("builds"):
        static = other_builds(folder, result)
    os.environ["GBAGENT_BIN"] = str(folder)
    import bench_daemon
    with tempfile.TemporaryDirectory() as temp:
        idle = None
        with part("an idle daemon"):
            idle = bench_daemon.Idle(temp)
        with part("media"):
            result.update(flat(run_json(media, "ratios", rounds)))
        with part("ffmpeg"):
            against_ffmpeg(folder, media, rounds, result)
        with part("core"):
            result.update(run_json(core, "time", min(rounds, 9)))
        with part("instructions"), concurrent.futures.ThreadPoolExecutor() as pool:
            for future in [pool.submit(bench_count.media, media), pool.submit(bench_count.core, core)]:
                result.update(future.result())
        with part("idle"):
            result.update(idle.finish() if idle else {})
    with part("latency and SIP"):
        result.update(bench_daemon.plain_rows())
        result.update(bench_daemon.live_and_starts())
    with part("memory"):
        result.update(bench_daemon.memory(folder, ""))
        if static:
            result.update(bench_daemon.memory(static, "static_"))
    return result


def number(value, digits=3):
    return "-" if value is None else f"{value:.{digits}f}".rstrip("0").rstrip(".") if isinstance(value,
                                                                                                 float) else str(value)


def print_clips(result):
    columns = [("pack_ns", "pack ns/pkt"), ("sendmmsg_instructions_per_packet", "Ir/pkt"),
               ("sendmmsg_instructions_per_unit", "Ir/unit"),
               ("gso_instructions_per_packet", "GSO Ir/pkt"), ("packets_per_unit", "pkt/unit"),
               ("overhead_percent", "overhead %"),
               ("sendmmsg_to_raw", "sendmmsg/raw"), ("gso_to_raw", "GSO/raw"), ("tcp_to_raw", "TCP/raw"),
               ("gso_calls", "GSO calls")]
    print("\nEvery clip, one viewer, generated, 25 units a second\n  %-11s" % "" + "".join("%13s" % text for _,
                                                                                           text in columns))
    for clip in CLIPS:
        print("  %-11s" % clip + "".join("%13s" % number(result.get(f"{clip}.{key}"), 2 if "percent" not in key else 4)
                                         for key, _ in columns))


def print_rows(result):
    missed = []
    rows = ROWS + ["RTP bytes over the payload, percent",
                   *((f"{clip}.overhead_percent", clip, OVERHEAD[clip.split("_")[0]], True) for clip in CLIPS)]
    for row in rows:
        if isinstance(row, str):
            print(f"\n{row}")
            continue
        key, text, goal, exact = row
        value = result.get(key)
        if value is None:
            print("  %-9s %s (not run here)" % ("-", text))
            continue
        result[key] = value = round(value, 4)
        over = goal is not None and value > goal
        if over and exact:
            missed.append(key)
        mark = "" if goal is None else " (goal %s%s)" % (goal, "" if not over else ", MISSED" if exact
                                                         else ", missed in this run")
        print("  %-9s %s%s" % (number(value), text, mark))
    return missed


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    began = time.monotonic()
    result = measure(folder, max(rounds, 1))
    print_clips(result)
    result["missed"] = print_rows(result)
    (folder / "bench.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    print(f"\n  {time.monotonic() - began:.0f} s; written to {folder / 'bench.json'}")
    if not shutil.which("valgrind"):
        print("  valgrind is not installed: no instructions were counted")
    sys.exit(1 if result["missed"] else 0)


if __name__ == "__main__":
    main()
