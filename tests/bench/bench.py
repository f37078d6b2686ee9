#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What sending costs: ratios of one run, never absolute times to compare between machines.
usage: bench.py BUILD_DIR [ROUNDS]      prints a table and writes BUILD_DIR/bench.json
tests/bench/README.md says what each row is. Instructions are counted by valgrind where it is installed, as the difference
of a long and a short run: exact.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

# Row, text, goal (None: for information), exact: the same in every run.
ROWS = [
    ("pack_to_memcpy", "packing, sent nowhere / memcpy of the same bytes (CPU)", None, False),
    ("sendmmsg_to_raw", "UDP by sendmmsg / the same calls over finished packets (CPU)", 1.08, False),
    ("gso_to_raw", "UDP by GSO / the same calls over finished packets (CPU)", 1.15, False),
    ("sendmsg_to_raw", "UDP by sendmsg / the same calls over finished packets (CPU)", None, False),
    ("tcp_to_raw", "TCP / the same writes of finished bytes (CPU)", 1.20, False),
    ("gso_to_sendmsg", "UDP by GSO / by one sendmsg a packet (CPU)", 0.30, False),
    ("sendmmsg_to_sendmsg", "UDP by sendmmsg / by one sendmsg a packet (CPU)", None, False),
    ("ps_to_ffmpeg", "packing / ffmpeg's PS muxing of the same clip, reading it included (CPU)", None, False),
    ("packing_for_4_viewers_to_1", "packing, per packet, 4 viewers / 1", 1.1, False),
    ("packing_for_16_viewers_to_1", "packing, per packet, 16 viewers / 1", 1.1, False),
    ("packing_for_64_viewers_to_1", "packing, per packet, 64 viewers / 1", 1.1, False),
    ("instructions_per_packet", "user instructions per packet, from a leased unit to sendmmsg and back, one viewer", 70, True),
    ("instructions_per_packet_gso", "the same by GSO", 70, True),
    ("instructions_per_unit", "the same per access unit, by sendmmsg", None, True),
    ("instructions_further_viewer", "user instructions per packet of a further viewer", 20, True),
    ("sendmmsg_calls_per_unit", "system calls per access unit, sendmmsg", 1.05, True),
    ("gso_calls_per_unit", "system calls per access unit, GSO", 1.05, True),
    ("tcp_calls_per_unit", "system calls per access unit, TCP", None, False),
    ("sendmmsg_allocations_per_unit", "heap allocations per access unit, sendmmsg", 0, True),
    ("gso_allocations_per_unit", "heap allocations per access unit, GSO", 0, True),
    ("tcp_allocations_per_unit", "heap allocations per access unit, TCP", None, False),
    ("allocations_per_unit_64_viewers", "heap allocations per access unit, 64 viewers", 0, True),
    ("rtp_overhead_percent_720p", "RTP bytes over the payload, percent, 720p 1 Mbit/s", 1.6, True),
    ("rtp_overhead_percent_1080p", "1080p 4 Mbit/s", 1.05, True),
    ("rtp_overhead_percent_4k", "4K 12 Mbit/s", 0.93, True),
    ("rss_idle_kb", "RSS registered and idle, KB (this build)", None, False),
    ("rss_per_stream_kb", "further RSS per live stream, KB (of 16)", 96, False),
    ("rss_per_viewer_kb", "further RSS per further viewer, KB (of 32)", 4, False),
    ("wakeups_idle_per_minute", "wake-ups a minute, registered and idle", 4, False),
    ("wakeups_per_frame", "wake-ups per picture, one viewer", 1.05, False),
    ("start_to_registered_ms", "start to registered over loopback, ms", 20, False),
    ("invite_to_packet_ms", "INVITE to the first packet, the wait for the key picture included, ms", None, False),
    ("sip_per_cpu_second", "OPTIONS answered per second of CPU", None, False),
]


def collected(program, units, viewers, way):
    """(instructions from a leased unit to the system call and its accounting, packets) of a whole run."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=plan_build",
                           "--toggle-collect=viewer_push", program, "count", str(units), str(viewers), way], capture_output=True, text=True, check=True)
    return max(map(int, re.findall(r"Collected : (\d+)", done.stderr))), int(done.stdout)


def slope(program, viewers, way):
    """(instructions per packet, per unit) as the difference of two runs."""
    long_i, long_p = collected(program, 600, viewers, way)
    short_i, short_p = collected(program, 200, viewers, way)
    return (long_i - short_i) / (long_p - short_p), (long_i - short_i) / 400


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def of_daemon(folder):
    """Rows that need the whole daemon and a platform."""
    os.environ["GBAGENT_BIN"] = str(folder)
    root = pathlib.Path(__file__).resolve().parent.parent
    sys.path.insert(0, str(root / "e2e"))
    import lib
    import tempfile

    result = {}
    with tempfile.TemporaryDirectory() as temp:
        t = lib.T(pathlib.Path(temp))
        p = t.platform()
        config = t.config(p, channels=17, media={"max_sessions": 128, "max_per_channel": 128}, log={"level": "info"})
        start = time.monotonic()
        d = t.daemon(config)
        lib.check(p.wait_online(10), "the device did not come online")
        result["start_to_registered_ms"] = round((p.devices[lib.DEVICE].since - start) * 1000, 1)
        time.sleep(1)
        result["rss_idle_kb"] = idle = d.rss_kb()
        # What the looking itself costs is taken off.
        looks = [d.status()["wakeups"] for _ in range(3)]
        time.sleep(20)
        slept = d.status()["wakeups"] - looks[2] - (looks[2] - looks[1])
        result["wakeups_idle_per_minute"] = round(slept * 3.0, 1)

        before = cpu_seconds(d.proc.pid)
        sent = 5000
        for _ in range(sent // 50):
            for _ in range(50):
                p.send(p.make("OPTIONS", lib.DEVICE), p.route())
            time.sleep(0.01)
        time.sleep(0.5)
        took = cpu_seconds(d.proc.pid) - before
        result["sip_per_cpu_second"] = round(sent / took) if took > 0 else None

        def view(channel, n):
            began = time.monotonic()
            call = p.invite(channel, ssrc=f"02001{n:05d}", subject=f"{channel}:02001{n:05d},{p.id}:{n + 1}")
            lib.check(call.status == 200 and call.media.wait_units(5, 20), "no media")
            return call, (call.media.assembler.first_packet - began) * 1000

        first, result["invite_to_packet_ms"] = view(lib.CHANNEL, 0)
        result["invite_to_packet_ms"] = round(result["invite_to_packet_ms"], 1)
        a = d.status()
        time.sleep(4)
        b = d.status()
        frames = b["sessions"][0]["frames"] - a["sessions"][0]["frames"]
        result["wakeups_per_frame"] = round((b["wakeups"] - a["wakeups"] - (looks[2] - looks[1])) / frames, 2)
        calls = [first] + [view(lib.channel_id(n), n)[0] for n in range(2, 17)]
        many = d.rss_kb()
        result["rss_per_stream_kb"] = round((many - idle) / 16, 1)
        calls += [view(lib.CHANNEL, 100 + n)[0] for n in range(32)]
        result["rss_per_viewer_kb"] = round((d.rss_kb() - many) / 32, 1)
        for call in calls:
            call.close()
        t.finish()
    return result


def ffmpeg_ns_per_packet(folder):
    """ffmpeg muxing the clip that ships into PS, per RTP packet that it would make: a long clip less a short one."""
    clip = folder / "clip.h264"
    if not shutil.which("ffmpeg") or not clip.exists():
        return None

    def cpu(times):
        path = folder / "bench-long.h264"
        path.write_bytes(clip.read_bytes() * times)
        before = os.times()
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "quiet", "-nostdin", "-f", "h264", "-i", str(path), "-c", "copy", "-f", "mpeg",
                        "-y", "/dev/null"], check=True)
        after = os.times()
        path.unlink()
        return after.children_user + after.children_system - before.children_user - before.children_system
    took = cpu(300) - cpu(20)
    return took * 1e9 / (clip.stat().st_size * 280 / 1390) if took > 0 else None


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    rounds = sys.argv[2] if len(sys.argv) > 2 else "9"
    program = str(folder / "bench" / "bench_media")
    result = json.loads(subprocess.run([program, "ratios", rounds], capture_output=True, text=True, check=True).stdout)
    other = ffmpeg_ns_per_packet(folder)
    if other:
        result["ps_to_ffmpeg"] = round(result["pack_ns_per_packet"] / other, 3)
    if shutil.which("valgrind"):
        result["instructions_per_packet"], result["instructions_per_unit"] = slope(program, 1, "mmsg")
        per_packet, eleven = slope(program, 11, "mmsg")
        # Eleven viewers share one packing: what ten more add, per packet sent by one of them.
        result["instructions_further_viewer"] = (eleven - result["instructions_per_unit"]) / 10 / (eleven / per_packet / 11)
        result["instructions_per_packet_gso"], _ = slope(program, 1, "gso")
    result.update(of_daemon(folder))
    missed = 0
    for key, text, goal, exact in ROWS:
        value = result.get(key)
        if value is None:
            print("  %-9s %s (not measured here)" % ("-", text))
            continue
        result[key] = value = round(value, 4)
        missed += goal is not None and value > goal
        mark = "" if goal is None else " (goal %s%s)" % (goal, "" if value <= goal else ", MISSED" if exact else ", missed in this run")
        print("  %-9s %s%s" % (round(value, 3), text, mark))
    result["missed"] = missed
    (folder / "bench.json").write_text(json.dumps(result, indent=1) + "\n")
    print("  written to %s" % (folder / "bench.json"))


if __name__ == "__main__":
    main()
