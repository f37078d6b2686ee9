# SPDX-License-Identifier: MIT
"""
Shared by the end-to-end tests. A test file defines functions that take a T and ends with lib.main(test_one, ...).
Each function gets a temporary folder and a fresh T. When it returns, daemons must exit cleanly on SIGTERM, the
platforms must have no errors recorded, and no log may contain a password. Exit code: 0 passed, 77 skipped, 1 failed.

Tests wait for conditions (until, settles, wait_*), never for time to pass. Where the assertion is that nothing happens,
stays() watches for a while. Only this file sleeps; `make lint` checks that.

Environment: GBAGENT_BIN, the folder of gbagentd (default build/); GBAGENT_RUN, a command to run it under (qemu-arm).
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "platform"))

import digest                                                   # noqa: E402
import gbplatform                                               # noqa: E402
import h264                                                     # noqa: E402
import manscdp                                                  # noqa: E402
import rtp                                                      # noqa: E402
import sdp                                                      # noqa: E402
import sip                                                      # noqa: E402
from digest import Challenge                                    # noqa: E402,F401
from gbplatform import Platform                                 # noqa: E402
from registrar import BEIJING, Registrar                        # noqa: E402,F401

BIN = pathlib.Path(os.environ.get("GBAGENT_BIN", ROOT / "build")).resolve()
RUN = shlex.split(os.environ.get("GBAGENT_RUN", ""))
SLOW = float(os.environ.get("GBAGENT_SLOW", "1"))               # factor for timeouts under emulators and sanitizers

gbplatform.PATIENCE = rtp.PATIENCE = SLOW

DEVICE = "34020000001320000001"
SERVER = "34020000002000000001"
PASSWORD = "12345678"


def channel_id(n):
    return f"3402000000131{n:07d}"


CHANNEL = channel_id(1)


class Skip(Exception):
    """The test cannot run on this machine."""


def need(ok, text):
    if not ok:
        raise Skip(text)


def need_localhost():
    """The addresses of localhost; skips where the name does not resolve (a chroot without /etc/hosts)."""
    try:
        return {a[4][0] for a in socket.getaddrinfo("localhost", None)}
    except OSError:
        raise Skip("localhost does not resolve: no /etc/hosts") from None


def need_plain_build():
    """Skips unless gbagentd runs natively and without a sanitizer."""
    need(not RUN, "runs under an emulator")
    need((BIN / "gbagentd").exists(), "gbagentd is not built")
    need(b"__asan_init" not in (BIN / "gbagentd").read_bytes(), "built with a sanitizer")


def preload(t, code, **env):
    """The command prefix that starts a daemon with these C functions in place of the C library's."""
    need(shutil.which("cc"), "no C compiler")
    need_plain_build()
    source, shim = t.folder / "preload.c", t.folder / "preload.so"
    source.write_text(code)
    done = subprocess.run(["cc", "-shared", "-fPIC", "-o", str(shim), str(source)], capture_output=True, text=True)
    need(done.returncode == 0, f"the preloaded library does not build: {done.stderr}")
    return ["env", f"LD_PRELOAD={shim}", *(f"{name}={value}" for name, value in env.items())]


def check(ok, text="check failed"):
    if not ok:
        raise AssertionError(text)


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, expected {want!r}")


# ---- waiting ----------------------------------------------------------------------------------------------------

def until(condition, timeout=5.0, what=None, every=0.05):
    """Polls until condition() is true and returns its value. After the timeout it fails with `what` (a text or a
    function that returns one), or returns the last value when there is none."""
    end = time.monotonic() + timeout * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            check(not what, what() if callable(what) else what)
            return value
        time.sleep(every)


def stays(value, want, seconds, what):
    """Nothing happens for `seconds`: value() is `want` all the time."""
    end = time.monotonic() + seconds
    while True:
        equal(value(), want, what)
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, 0.05))


def settles(value, seconds, timeout=10.0, what="value"):
    """Waits until value() has not changed for `seconds`; returns it."""
    last, since = value(), time.monotonic()

    def unchanged():
        nonlocal last, since
        now = value()
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since >= seconds
    until(unchanged, timeout + seconds, lambda: f"{what} keeps changing: {last!r}")
    return last


def until_clock(unix):
    """Waits for a time of the wall clock, for tests whose input it is."""
    until(lambda: time.time() >= unix, max(0.0, unix - time.time()) + 1, f"the wall clock does not reach {unix}", 0.01)


def udp_queue(port):
    """Bytes in the receive queue of the UDP sockets bound to a port, None when there is none."""
    sizes = []
    for path in ("/proc/net/udp", "/proc/net/udp6"):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(path).read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rsplit(":", 1)[1], 16) == port:
                    sizes.append(int(fields[4].split(":")[1], 16))
    return sum(sizes) if sizes else None


def process_state(pid):
    """The letter of /proc/PID/stat (R, S, T, Z, ...), None when there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def alive(pid):
    return process_state(pid) not in (None, "Z")


# ---- media ------------------------------------------------------------------------------------------------------

def clip():
    """The clip that ships with the simulated board."""
    return BIN / "clip.h264" if (BIN / "clip.h264").exists() else ROOT / "board" / "sim" / "clip.h264"


def clip_units(path=None):
    return h264.access_units(pathlib.Path(path or clip()).read_bytes(), str(path).endswith(".h265"))


def runs(got, source, h265=False):
    """Where the received units are in the looped source: a list of (first index, count). Fails on a unit that is not in
    the source; a new run may only start at a key frame."""
    where = {}
    for i, unit in enumerate(source):
        where.setdefault(unit, []).append(i)
    result, at = [], None
    for n, unit in enumerate(got):
        places = where.get(unit)
        check(places, f"received unit {n} ({len(unit)} bytes) is not in the source")
        if at is not None and (at + 1) % len(source) in places:
            at = (at + 1) % len(source)
            result[-1][1] += 1
            continue
        check(h264.is_key(unit, h265), f"received unit {n} neither follows unit {at} nor is a key frame (it is "
                                       f"{places})")
        at = places[0]
        result.append([at, 1])
    return [tuple(r) for r in result]


@contextlib.contextmanager
def captured(pcap, *what):
    """Captures loopback traffic to a file. In immediate mode each packet is written as it arrives, not in blocks up to
    a second later."""
    need(shutil.which("tcpdump") and shutil.which("tshark"), "tcpdump or tshark is not installed")
    # The ring has slots of the snapshot length: enough of them for a burst while tcpdump is not scheduled.
    dump = subprocess.Popen(["tcpdump", "--immediate-mode", "-i", "lo", "-U", "-w", str(pcap), "-s", "66000", "-B",
                             "65536", *what],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=pcap.parent)
    need(any("listening on" in line for line in dump.stderr), "tcpdump may not capture here")

    def counters():
        """(packets written or dropped, packets seen by the kernel: on loopback each one twice, out and in)"""
        dump.send_signal(signal.SIGUSR1)
        written, seen, dropped = (int(n) for n in re.findall(r"(\d+) packet", dump.stderr.readline()))
        return written + dropped, seen
    first = counters()          # includes packets that arrived before the filter was attached
    try:
        yield
        seen = counters()[1]
        until(lambda: 2 * (counters()[0] - first[0]) >= seen - first[1], 5)
    finally:
        dump.send_signal(signal.SIGINT)
        dump.wait(5)


def invite_tcp(p, offer=None):
    """A call whose media goes to a plain TCP socket of ours: (call, socket). offer: a function from port to SDP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        body = offer(port) if offer else sdp.Offer(CHANNEL, p.id, "127.0.0.1", port, tcp=True).to_bytes()
        call = p.invite(CHANNEL, media="tcp-passive", sdp_body=body)
        equal(call.status, 200, "INVITE")
        conn = listener.accept()[0]
    conn.settimeout(10)
    return call, conn


def ffmpeg_video(path, out):
    """The elementary stream that ffmpeg extracts from a program stream; out: .h264 or .h265."""
    # For a raw stream ffmpeg's muxer assumes 25 frames a second and warns about more; the bytes are right.
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "fatal", "-nostdin", "-y", "-f", "mpeg", "-i", str(path),
                    "-map", "0:v",
                    "-c", "copy", "-f", "hevc" if str(out).endswith(".h265") else "h264", str(out)], check=True,
                   timeout=60)
    return pathlib.Path(out).read_bytes()


def ffprobe_video(path):
    """What ffprobe finds in a program stream: (codec, [(pts, dts, key) in the order of the stream])."""
    done = subprocess.run(["ffprobe", "-hide_banner", "-loglevel", "error", "-f", "mpeg", "-select_streams", "v:0",
                           "-show_entries",
                           "stream=codec_name:packet=pts,dts,flags", "-of", "json", str(path)], capture_output=True,
                          text=True,
                          check=True, timeout=60)
    found = json.loads(done.stdout)
    return found["streams"][0]["codec_name"], [(p.get("pts"), p.get("dts"), "K" in p["flags"])
                                               for p in found["packets"]]


class Daemon:
    """A running gbagentd."""

    def __init__(self, folder, text, args=(), name="gbagentd", run=None, program="gbagentd"):
        self.folder, self.name = folder, name
        self.conf = folder / f"{name}.conf"
        self.log_path = folder / f"{name}.log"
        self.socket = folder / f"{name}.sock"
        self.write_config(text)
        self._log = open(self.log_path, "ab")
        self.proc = subprocess.Popen([*(RUN if run is None else run), str(BIN / program), "-n", "-c", str(self.conf),
                                      *args],
                                     stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=folder)
        self.expect_exit = 0

    def write_config(self, text):
        """Writes the config; @SOCKET@ becomes the control socket."""
        self.conf.write_text(text.replace("@SOCKET@", str(self.socket)), encoding="utf-8")
        self.conf.chmod(0o600)

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def wait_log(self, text, timeout=5.0):
        return until(lambda: text in self.log(), timeout)

    def ctl(self, *args, ok=True):
        """Runs gbagentctl; returns its standard output. ok=None: returns (exit code, stdout, stderr)."""
        done = subprocess.run([*RUN, str(BIN / "gbagentctl"), "-s", str(self.socket), *args], capture_output=True,
                              text=True,
                              timeout=10 * SLOW)
        if ok is None:
            return done.returncode, done.stdout, done.stderr
        check((done.returncode == 0) == ok, f"gbagentctl {args}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def status(self):
        return json.loads(self.ctl("--json", "status"))

    def platform(self, name="main"):
        return next(p for p in self.status()["platforms"] if p["name"] == name)

    def wait_status(self, predicate, timeout=5.0):
        """Polls `status --json` until the predicate holds; the last status, or None."""
        def poll():
            with contextlib.suppress(AssertionError, json.JSONDecodeError, subprocess.TimeoutExpired):
                status = self.status()
                return status if predicate(status) else None
        return until(poll, timeout, every=0.1)

    def wait_state(self, state, name="main", timeout=5.0):
        return self.wait_status(lambda s: any(p["name"] == name and p["state"] == state for p in s["platforms"]),
                                timeout)

    def running(self):
        return self.proc.poll() is None

    def signal(self, number):
        self.proc.send_signal(number)

    def wait_exit(self, timeout=5.0):
        try:
            return self.proc.wait(timeout * SLOW)
        except subprocess.TimeoutExpired:
            return None

    def rss_kb(self):
        for line in pathlib.Path(f"/proc/{self.proc.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        return 0

    def fds(self):
        return len(os.listdir(f"/proc/{self.proc.pid}/fd"))

    def stop(self, timeout=5.0):
        """Sends SIGTERM; the exit code, None if it had to be killed."""
        if self.running():
            self.signal(signal.SIGTERM)
        code = self.wait_exit(timeout)
        if code is None:
            self.proc.kill()
            self.proc.wait()
        self._log.close()
        return code


class UnknownSource:
    """A UDP socket that does not belong to any configured platform."""

    def __init__(self, ip="127.0.0.1"):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((ip, 0))
        self.sock.settimeout(0.1)

    def send(self, data, to):
        self.sock.sendto(data if isinstance(data, bytes) else data.to_bytes(), to)

    def bytes_back(self, seconds=0.5):
        """How many bytes are received within that time."""
        end, total = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError, OSError):
                total += len(self.sock.recv(65536))
        return total


class T:
    """The context of one test function: its folder, platforms and daemons."""

    def __init__(self, folder):
        self.folder = folder
        self.platforms, self.daemons = [], []
        self.trace = []
        self.passwords = {PASSWORD}
        self._lock = threading.Lock()

    def platform(self, **kw):
        name = kw.setdefault("name", f"platform{len(self.platforms) + 1}")
        start = time.monotonic()

        def trace(text, msg):
            with self._lock:
                self.trace.append(f"{time.monotonic() - start:8.3f} {name} {text}")
        p = Platform(trace=trace, **kw)
        self.platforms.append(p)
        self.passwords.add(p.password)
        return p

    def section(self, name, p, **keys):
        """A [platform NAME] section for a Platform."""
        values = {"server": f"{p.at}:{p.port}", "id": p.id, "password": p.password, **keys}
        return f"[platform {name}]\n" + "".join(f"{k} = {v}\n" for k, v in values.items() if v is not None)

    def config(self, *platforms, channels=1, source="sim:", platform=None, device=None, media=None, log=None, alarms=(),
               channel=None,
               extra=""):
        """A config for these platforms (named main, second, ...); keyword dictionaries add keys to the sections."""
        fill = lambda keys: "".join(f"{k} = {v}\n" for k, v in (keys or {}).items())
        text = f"[device]\nid = {DEVICE}\n" + fill({"settings": "@SOCKET@.settings", **(device or {})})
        for name, p in zip(("main", "second", "third"), platforms):
            text += self.section(name, p, **(platform or {}))
        names = channels if isinstance(channels, list) else [f"通道{n}" for n in range(1, channels + 1)]
        for n, name in enumerate(names, 1):
            text += f"[channel {channel_id(n)}]\nname = {name}\nsource = {source}\n" + fill(channel)
        for n, name in enumerate(alarms, 1):
            text += f"[alarm 3402000000134{n:07d}]\nname = {name}\n"
        text += "[media]\n" + fill(media) if media else ""
        text += "[control]\nsocket = @SOCKET@\n[log]\n" + fill({"level": "debug", "target": "stderr", **(log or {})})
        return text + extra

    def daemon(self, text, **kw):
        program = kw.get("program", "gbagentd")
        need((BIN / program).exists(), f"{BIN}/{program} is not built")
        d = Daemon(self.folder, text, name=kw.pop("name", f"gbagentd{len(self.daemons) or ''}"), **kw)
        self.daemons.append(d)
        return d

    def start(self, *, registrar=None, rtt=0.0, online=True, platform_args=None, program="gbagentd", **config):
        """The usual setup: one platform, one daemon, online. Returns (platform, daemon)."""
        p = self.platform(registrar=registrar, rtt=rtt, **(platform_args or {}))
        d = self.daemon(self.config(p, **config), program=program)
        if online:
            check(p.wait_online(10 * SLOW), "the device did not come online")
        return p, d

    def clip(self, name=None, **kw):
        """Has ffmpeg make a clip; its path."""
        encoder = "libx265" if kw.get("h265") else "libx264"
        need(h264.have(encoder), f"ffmpeg with {encoder} is not installed")
        path = self.folder / (name or ("clip.h265" if kw.get("h265") else "clip.h264"))
        try:
            h264.make_clip(path, **kw)
        except subprocess.CalledProcessError as e:
            # libx265 does in some configurations, where it cannot count the processors for lack of /sys.
            need(e.returncode >= 0, f"ffmpeg's {encoder} crashes here with signal {-e.returncode}")
            raise
        return path

    def finish(self):
        """Stops everything; returns the list of errors."""
        bad = []
        for d in self.daemons:
            was_running = d.running()
            code = d.stop()
            if was_running and code != 0:
                bad.append(f"{d.name}: exit code {code} after SIGTERM")
            elif not was_running and code != d.expect_exit:
                bad.append(f"{d.name}: exited early with {code}")
            log = d.log()
            bad += [f"{d.name}: password in the log" for word in self.passwords if word in log]
            bad += [f"{d.name}: {line}" for line in log.splitlines()
                    if "AddressSanitizer" in line or "runtime error:" in line or "LeakSanitizer" in line]
        for p in self.platforms:
            p.close()
            bad += [f"{p.name}: {text}" for text in p.errors]
        return bad

    def report(self):
        for d in self.daemons:
            print(f"--- {d.name}: end of its log")
            print("\n".join(d.log().splitlines()[-60:]))
        print("--- end of the platforms' trace")
        print("\n".join(self.trace[-60:]))


def _run(function, base):
    """0, 77 or 1."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=function.__name__ + "-", dir=base))
    t = T(folder)
    result, bad = 0, []
    try:
        # Programs find the files they ship with through it, and tests inspect processes.
        need(os.path.exists("/proc/self/exe"), "/proc is not mounted")
        function(t)
    except Skip as e:
        print(f"{function.__name__}: skipped: {e}")
        result = 77
    except Exception:
        bad.append(traceback.format_exc())
    try:
        bad += t.finish()
    except Exception:
        bad.append(traceback.format_exc())
    if bad and result != 77:
        print(f"{function.__name__}: FAILED")
        t.report()
        print("\n".join(bad))
        result = 1
    elif result == 0:
        print(f"{function.__name__}: ok")
    shutil.rmtree(folder, ignore_errors=True)
    return result


def main(*functions):
    """Runs a file's test functions (or those named on the command line) and exits."""
    sys.stdout.reconfigure(line_buffering=True, errors="replace")
    wanted = sys.argv[1:]
    base = tempfile.mkdtemp(prefix="gbagent-e2e-")
    try:
        codes = [_run(f, base) for f in functions if not wanted or f.__name__ in wanted]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    sys.exit(1 if 1 in codes else 77 if codes and all(c == 77 for c in codes) else 0)
