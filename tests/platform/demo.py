#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Demo: a platform and gbagentd side by side on this machine. Prints the agent's log and the platform's trace during
registration, channel list, an alarm, PTZ and ten seconds of live video.

usage: demo.py [BUILD_DIR [OUTPUT_DIR]]
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import manscdp
from gbplatform import Platform

DEVICE, CHANNEL, INPUT = "34020000001320000001", "34020000001310000001", "34020000001340000001"
SECONDS = 10
COLOR = sys.stdout.isatty()
START = time.monotonic()
PRINT = threading.Lock()


def say(who, text):
    mark = {"agent": "\033[36m", "platform": "\033[33m", "demo": "\033[1;32m"}.get(who, "") if COLOR else ""
    with PRINT:
        print(f"{mark}{time.monotonic() - START:7.3f} {who:>8} | {text}{chr(27) + '[0m' if mark else ''}", flush=True)


def config(port, socket):
    return (f"[device]\nid = {DEVICE}\nsettings =\nname = 演示摄像机\nmanufacturer = gbagent\nmodel = sim\n"
            f"[platform main]\nserver = 127.0.0.1:{port}\nid = 34020000002000000001\npassword = 12345678\n"
            "keepalive_interval = 5\n"
            f"[channel {CHANNEL}]\nname = 大门\nsource = sim:\n[alarm {INPUT}]\nname = 门磁\n"
            f"[control]\nsocket = {socket}\n[log]\nlevel = info\ntarget = stderr\n")


def follow(pipe):
    for line in pipe:
        say("agent", line.rstrip())


def picture(ps, jpg):
    """Saves the last frame as JPEG; False if ffmpeg is missing or fails."""
    if not shutil.which("ffmpeg"):
        return False
    done = subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "mpeg", "-i",
                           str(ps), "-update", "1",
                           "-q:v", "2", str(jpg)], stderr=subprocess.DEVNULL)
    return done.returncode == 0 and jpg.exists()


def show(p, ctl, out):
    """The steps; raises AssertionError with the one that failed."""
    say("demo", "1. The camera registers with digest authentication and sends keepalives.")
    assert p.wait_online(15), "the camera did not register"
    say("demo", f"   registered: {DEVICE}, expires in {p.wait_registered().expires} s")

    say("demo", "2. The platform queries the channel list.")
    items, _, _ = p.catalog(DEVICE)
    assert [i["DeviceID"] for i in items] == [CHANNEL, INPUT], f"{items}"
    for item in items:
        say("demo", f"   {item['DeviceID']}  {item['Name']}  {item['Status']}")
    info = p.query("DeviceInfo", DEVICE)
    say("demo", f"   manufacturer {info.get('Manufacturer')}, model {info.get('Model')}, firmware "
                f"{info.get('Firmware')}")

    say("demo", "3. An alarm is raised: gbagentctl alarm 34020000001340000001 method=2 text=...")
    subprocess.run([*ctl, "alarm", INPUT, "method=2", "priority=1", "text=门被打开"], check=True, stdout=subprocess.DEVNULL)
    notes = p.wait_notes("Alarm", kind="Notify")
    assert notes, "the alarm did not arrive"
    body = notes[0].body
    say("demo", f"   alarm from {body.device_id} at {body.get('AlarmTime')}: {body.get('AlarmDescription')}")

    say("demo", "4. The platform pans the camera to the right, then stops it.")
    for code, seconds in ((manscdp.ptz(0x01, 0x40), 1), (manscdp.ptz(0), 0)):
        answer, _ = p.control(CHANNEL, f"<PTZCmd>{code}</PTZCmd>")
        assert answer is not None and answer.status == 200, "PTZ was refused"
        time.sleep(seconds)

    say("demo", f"5. Live video for {SECONDS} seconds: INVITE, PS over RTP over UDP.")
    call = p.invite(CHANNEL)
    assert call.status == 200, f"INVITE got {call.status}"
    for second in range(SECONDS):
        time.sleep(1)
        a = call.media.assembler
        if second % 3 == 2:
            say("demo", f"   {len(call.media.units)} frames, {a.packets} packets, {a.bytes // 1024} KiB, {a.lost} lost")
    say("demo", "   Meanwhile, gbagentctl status prints:")
    for line in subprocess.run([*ctl, "status"], capture_output=True, text=True).stdout.splitlines():
        say("status", line)
    answer = call.close()
    assert answer is not None and answer.status == 200, "no response to BYE"
    faults = call.media.faults
    assert not faults, f"faults in the stream: {faults[:3]}"
    size, units = call.media.save(out / "demo.ps")
    assert units > SECONDS * 5, f"only {units} frames"
    say("demo", f"   {out / 'demo.ps'}: {units} frames, {size // 1024} KiB, verified: sequence, timestamps, markers, "
                "SSRC, PS, CRC")
    if picture(out / "demo.ps", out / "demo.jpg"):
        say("demo", f"   {out / 'demo.jpg'}: the last frame")
    else:
        say("demo", "   (no demo.jpg: ffmpeg is not installed)")


def main():
    build = pathlib.Path(sys.argv[1]
                         if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "build").resolve()
    out = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".").resolve()
    if not (build / "gbagentd").exists():
        sys.exit(f"demo: {build}/gbagentd not found; run make first")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gbagent-demo-"))
    problem = daemon = None
    with Platform(trace=lambda text, _: say("platform", text)) as p:
        try:
            conf, socket = folder / "gbagent.conf", folder / "gbagent.sock"
            conf.write_text(config(p.port, socket), encoding="utf-8")
            conf.chmod(0o600)
            daemon = subprocess.Popen([str(build / "gbagentd"), "-n", "-c", str(conf)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, errors="replace")
            threading.Thread(target=follow, args=(daemon.stdout,), daemon=True).start()
            show(p, [str(build / "gbagentctl"), "-s", str(socket)], out)
            say("demo", "6. SIGTERM: the camera unregisters and the daemon exits.")
        except AssertionError as e:
            problem = str(e)
        except KeyboardInterrupt:
            problem = "interrupted"
        finally:
            if daemon:
                daemon.terminate()
                try:
                    code = daemon.wait(5)
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    code = daemon.wait()
                time.sleep(0.1)
                if code and not problem:
                    problem = f"gbagentd exited with {code}"
        if not problem and p.devices:
            problem = "the camera did not unregister"
        if not problem and p.errors:
            problem = f"errors on the platform: {p.errors[:3]}"
    shutil.rmtree(folder, ignore_errors=True)
    if problem:
        say("demo", f"FAILED: {problem}")
        return 1
    say("demo", "Done.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
