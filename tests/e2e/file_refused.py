# SPDX-License-Identifier: MIT
"""A container in place of an elementary stream is refused at --check-config and at startup, with its format and the
ffmpeg command that converts it; once that has been run the channel comes on without a reload."""

import re
import shlex
import shutil
import subprocess

import lib
from lib import check, equal

CONTAINERS = {"mpg": ("mpeg", "an MPEG program stream (PS)"), "ts": ("mpegts", "an MPEG transport stream (TS)"),
              "mp4": ("mp4", "an MP4 or MOV file"), "mov": ("mov", "an MP4 or MOV file"), "flv": ("flv", "an FLV file"),
              "mkv": ("matroska", "a Matroska file (MKV)"), "avi": ("avi", "an AVI file")}


def ffmpeg(*args):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *map(str, args)], check=True,
                   timeout=60)


def unquoted(value):
    return re.sub(r"\\(.)", r"\1", value)


def warnings(d):
    return {m.group(1): unquoted(m.group(2)) for m in re.finditer(r'warn  channel: off channel=(\d+) reason="(.*)"',
                                                                  d.log())}


def command(why):
    """The arguments of the ffmpeg command in a message."""
    return shlex.split(re.search(r": (ffmpeg .*?)(?: \(for .*)?$", why).group(1))


def test_containers(t):
    lib.need(shutil.which("ffmpeg"), "ffmpeg is not installed")
    p = t.platform()
    clip = t.clip(size="320x180", frames=50, gop=25)
    extra = ""
    for n, (ending, (fmt, _)) in enumerate(CONTAINERS.items(), 2):
        # An elementary stream has no timestamps: ffmpeg needs the frame rate.
        ffmpeg("-fflags", "+genpts", "-r", 25, "-i", clip, "-c", "copy", "-bsf:v", "setts=ts=N", "-f", fmt,
               t.folder / f"a clip.{ending}")
        extra += f"[channel {lib.channel_id(n)}]\nname = {ending}\nsource = sim:{t.folder}/a clip.{ending}\n"
    d = t.daemon(t.config(p, extra=extra))
    check(p.wait_online(), "not online")
    reasons = warnings(d)
    equal(len(reasons), len(CONTAINERS), f"channels off: {reasons}")
    states = {c["id"]: c["state"] for c in d.status()["channels"]}
    equal(states.pop(lib.CHANNEL), "on", "the good one")
    equal(set(states.values()), {"off"}, "the others")
    items, _, _ = p.catalog(lib.DEVICE)
    equal([i["Status"] for i in items], ["ON"] + ["OFF"] * len(CONTAINERS), "the catalogue")

    checked = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "--check-config", "-c", str(d.conf)],
                             capture_output=True, text=True)
    equal(checked.returncode, 0, "--check-config")
    for n, (ending, (_, name)) in enumerate(CONTAINERS.items(), 2):
        path = f"{t.folder}/a clip.{ending}"
        why = reasons[lib.channel_id(n)]
        expected = f"{path}: {name}, expected an H.264 elementary stream (Annex B): ffmpeg -i '{path}' "
        check(why.startswith(expected), why)
        line = d.conf.read_text().split(f"sim:{path}\n")[0].count("\n") + 1
        check(f"warning: {d.conf}:{line}: source: {why}\n" in checked.stderr,
              f"{ending} at --check-config: {checked.stderr}")
        equal(p.invite(lib.channel_id(n)).status, 480, f"INVITE of {ending}")
        # Run the suggested command, then rename its output to the configured file.
        words = command(why)
        equal(words[-1], f"{t.folder}/a clip.h264", "the output file")
        subprocess.run([words[0], "-loglevel", "error", "-nostdin", "-y", *words[1:]], check=True, timeout=60)
        shutil.move(words[-1], path)
    check(d.wait_status(lambda s: all(c["state"] == "on" for c in s["channels"]), 40),
          f"still off: {d.status()['channels']}")
    call = p.invite(lib.channel_id(2))
    check(call.media.wait_units(5, 10), "no media of a converted file")
    equal(call.media.faults, [], "faults")
    call.close()


def test_wrong_files(t):
    p = t.platform()
    files = {"empty.h264": (b"", "empty file"),
             "page.h264": (b"<!DOCTYPE html><html>", "a web page, expected an H.264 elementary stream (Annex B)"),
             "noise.h264": (bytes(range(1, 255)) * 100,
                            "no key frame with parameter sets, expected an H.264 elementary stream (Annex B)"),
             "wrong.h265": (lib.clip().read_bytes(),
                            "an H.264 stream named like H.265: change the extension to .h264")}
    extra = ""
    for n, (name, (data, _)) in enumerate(files.items(), 2):
        (t.folder / name).write_bytes(data)
        extra += f"[channel {lib.channel_id(n)}]\nname = x\nsource = sim:{t.folder}/{name}\n"
    d = t.daemon(t.config(p, extra=extra))
    check(p.wait_online(), "not online")
    equal(warnings(d), {lib.channel_id(n): f"{t.folder}/{name}: {why}" for n,
                        (name, (_, why)) in enumerate(files.items(), 2)}, "reasons")
    check(d.wait_status(lambda s: len(s["channels"]) == 5, 1), "status")
    equal(d.log().count("channel: off "), 4, "each reason is logged once")


def test_sound(t):
    """An audio file that cannot be played is reported, and its channel stays on."""
    lib.need(shutil.which("ffmpeg"), "ffmpeg is not installed")
    p = t.platform()
    path = t.folder / "voice.pcmu"
    ffmpeg("-f", "lavfi", "-i", "sine=r=8000:d=2", "-f", "wav", path)
    d = t.daemon(t.config(p, channel={"audio": f"sim:{path}"}))
    check(p.wait_online(), "not online")
    found = re.search(rf'warn  channel: audio-unplayable channel={lib.CHANNEL} reason="(.*)"', d.log())
    check(found and found.group(1).startswith(f"{path}: a WAV file, expected 8 kHz G.711 u-law without header: "
                                              "ffmpeg -i "), f"{found}")
    equal(d.status()["channels"][0]["state"], "on", "state")
    subprocess.run([*command(found.group(1))[:1], "-loglevel", "error", "-nostdin", *command(found.group(1))[1:]],
                   check=True, timeout=60)
    shutil.move(command(found.group(1))[-1], path)
    equal(path.stat().st_size, 16000, "two seconds of G.711")
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "--check-config", "-c", str(d.conf)],
                          capture_output=True, text=True)
    check("sound" not in done.stderr and "audio:" not in done.stderr, done.stderr)


lib.main(test_containers, test_wrong_files, test_sound)
