# SPDX-License-Identifier: MIT
"""Instruction counts: callgrind on this machine, qemu-user for ARM; always the difference of a long and a short run."""
import re
import shutil
import subprocess

# The functions counted for a frame, including everything that they call: those in docs/architecture.md that are not
# inlined.
MEDIA = ("stream_track_codec", "stream_clock_stamp", "stream_count_faults", "stream_is_undeclared",
         "packetizer_build_ps", "ps_sent", "viewer_push")
# The same for a SIP message, including the calls of the owner.
CORE = ("mux_input", "mux_tick", "agent_call_accept")


def collected(command, functions):
    """(instructions inside the functions, output of the program)."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                           *(f"--toggle-collect={name}" for name in functions), *map(str, command)],
                          capture_output=True, text=True, check=True)
    return max(map(int, re.findall(r"Collected : (\d+)", done.stderr))), int(done.stdout)


def media_slope(program, viewers, way, clip, functions=MEDIA):
    """(instructions per packet, per unit)."""
    long_i, long_n = collected([program, "count", 300, viewers, way, clip], functions)
    short_i, short_n = collected([program, "count", 100, viewers, way, clip], functions)
    return (long_i - short_i) / (long_n - short_n), (long_i - short_i) / 200


def core_slope(program, agents, calls):
    """Instructions per message."""
    long_i, long_n = collected([program, "count", agents, calls, 4000], CORE)
    short_i, short_n = collected([program, "count", agents, calls, 2000], CORE)
    return (long_i - short_i) / (long_n - short_n)


def media(program):
    if not shutil.which("valgrind"):
        return {}
    result = {}
    for clip in ("720p", "1080p", "4k", "720p_h265", "1080p_h265", "4k_h265"):
        for way in ("mmsg", "gso"):
            packet, unit = media_slope(program, 1, way, clip)
            name = {"mmsg": "sendmmsg"}.get(way, way)
            result[f"{clip}.{name}_instructions_per_packet"] = packet
            result[f"{clip}.{name}_instructions_per_unit"] = unit
    # A larger unit costs only its additional packets.
    unit = {clip: result[f"{clip}.sendmmsg_instructions_per_unit"] for clip in ("720p", "4k")}
    packets = {clip: unit[clip] / result[f"{clip}.sendmmsg_instructions_per_packet"] for clip in unit}
    result["sendmmsg_instructions_added_packet"] = (unit["4k"] - unit["720p"]) / (packets["4k"] - packets["720p"])
    result["everything_instructions_per_packet"], _ = media_slope(program, 1, "mmsg", "1080p", ())
    for way in ("mmsg", "gso"):
        name = {"mmsg": "sendmmsg"}.get(way, way)
        per_packet, eleven = media_slope(program, 11, way, "1080p")
        # Eleven viewers share one packing: the cost of ten more, per packet sent by one of them.
        result[f"{name}_instructions_further_viewer"] = \
            (eleven - result[f"1080p.{name}_instructions_per_unit"]) / 10 / (eleven / per_packet / 11)
    return result


def core(program):
    if not shutil.which("valgrind"):
        return {}
    few, many = core_slope(program, 20, 0), core_slope(program, 2000, 0)
    few_calls, many_calls = core_slope(program, 1, 10), core_slope(program, 1, 1000)
    return {"core_instructions_per_message": many, "core_instructions_2000_agents_to_20": many / few,
            "core_instructions_1000_calls_to_10": many_calls / few_calls}


# ---- ARM ------------------------------------------------------------------------------------------------------

def arm_addresses(nm, program):
    table = {}
    for line in subprocess.run([nm, program], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] in MEDIA:
            table[words[2]] = int(words[0], 16) & ~1
    return table


def arm_inside(emulator, nm, program, units):
    """(instructions inside MEDIA, packets): qemu lists all executed instructions; a call of one of MEDIA ends at the
    instruction after the call."""
    entries = set(arm_addresses(nm, program).values())
    if len(entries) != len(MEDIA):
        return None
    run = subprocess.Popen([emulator, "-singlestep", "-d", "nochain,exec", "-D", "/dev/stderr", str(program), "count",
                            str(units),
                            "1", "mmsg", "1080p"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    inside, before, back = 0, 0, ()
    # Trace 0: 0x7f8b14000100 [00000000/00010a4c/00000000/00000000] main
    for line in run.stderr:
        at = line.find(b"[")
        if not line.startswith(b"Trace ") or at < 0:
            continue
        pc = int(line[at + 10:at + 18], 16)
        if back:
            if pc in back:
                back = ()
            else:
                inside += 1
        if not back and pc in entries:
            back = (before + 2, before + 4)
            inside += 1
        before = pc
    packets = run.stdout.read()
    return (inside, int(packets)) if run.wait() == 0 and not back else None


def arm(emulator, nm, program):
    """Instructions per packet on ARM, one 1080p viewer by sendmmsg; None if not possible here."""
    long, short = arm_inside(emulator, nm, program, 100), arm_inside(emulator, nm, program, 50)
    if not long or not short:
        return None
    return (long[0] - short[0]) / (long[1] - short[1])
