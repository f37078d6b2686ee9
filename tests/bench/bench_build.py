# SPDX-License-Identifier: MIT
"""Sizes of other builds, and ffmpeg's packing of the same frames."""
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ARM = "arm-linux-gnueabihf"
SECONDS = 10                            # of video packed by ffmpeg


def make(out, target, **variables):
    """Whether the build succeeded. It does not inherit the options of the outer make. Paths are absolute, as compiler
    caches write them to dependency files."""
    out = pathlib.Path(os.path.relpath(out, ROOT))
    target = [os.path.relpath(name, ROOT) if os.path.isabs(name) else name for name in target]
    env = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS",
                                                                          "MAKELEVEL")}
    env.pop("O", None)
    done = subprocess.run(["make", "-s", f"-j{os.cpu_count() or 1}", f"O={out}",
                           *(f"{k}={v}" for k, v in variables.items()), *target],
                          cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        print("  %s is not built: %s" % (out, (done.stderr or done.stdout).strip().splitlines()[-1:] or ""))
    return done.returncode == 0


def libraries(out, cc):
    """The make arguments for the static libraries, as in README.md: small ones from Debian's sources, otherwise
    Debian's and libiconv. Fetched and built once."""
    for script, variable in (("static-libs.sh", "STATIC_LIBS"), ("libiconv.sh", "LIBICONV_PREFIX")):
        prefix = out / variable.lower()
        done = subprocess.run(["sh", str(ROOT / "packaging" / script), str(prefix)], cwd=ROOT, capture_output=True,
                              text=True,
                              env={**os.environ, "CC": cc, "CFLAGS": "-Os"})
        if done.returncode == 0:
            return {variable: prefix}
    return {}


def static(out, cross=""):
    """Builds it as for a camera: static, -Os. Whether it exists."""
    cc = f"{cross}-gcc" if cross else "gcc"
    if not shutil.which(cc):
        return False
    variables = {"STATIC": 1, "CFLAGS": "-Os", "LDFLAGS": f"-Wl,-Map={out}/gbagentd.map", **libraries(out, cc)}
    if cross:
        variables["TOOLCHAIN"] = cross
    return make(out, ["all"], **variables)


def weight(out, cross=""):
    """(bytes of gbagentd without symbols, bytes of libiconv in it)."""
    strip = f"{cross}-strip" if cross else "strip"
    bare = out / "gbagentd.bare"
    subprocess.run([strip, "-o", str(bare), str(out / "gbagentd")], check=True)
    size = bare.stat().st_size
    bare.unlink()
    tables = 0
    linked = (out / "gbagentd.map").read_text(errors="replace").split("Linker script and memory map", 1)[-1]
    # " .rodata.x  0x0001  0x20 .../libiconv.a(iconv.o)"; after a long section name the rest is on the next line.
    for used in re.findall(r"^ \.(?:text|rodata|data)\S*\s+0x[0-9a-f]+\s+0x([0-9a-f]+) \S*libiconv\.a\(", linked, re.M):
        tables += int(used, 16)
    return size, tables


def arm_bench(out):
    """bench_media for ARM, built as by `make` but at a fixed address; None if not possible."""
    if not shutil.which(f"{ARM}-gcc") or not shutil.which("qemu-arm-static"):
        return None
    program = out / "bench" / "bench_media"
    if not make(out, [str(program)], TOOLCHAIN=ARM, LDFLAGS="-no-pie"):
        return None
    return program


# ---- ffmpeg --------------------------------------------------------------------------------------------------

def clip(out, codec):
    """An elementary stream of 1080p at 4 Mbit/s, a key frame every two seconds, one slice each; None if not
    possible."""
    path = out / f"1080p.{codec}"
    if not shutil.which("ffmpeg"):
        return None
    if not path.exists():
        rate = ["-b:v", "4M", "-maxrate", "5M", "-bufsize", "4M", "-g", "50", "-bf", "0", "-preset", "ultrafast",
                "-pix_fmt", "yuv420p"]
        how = {"h264": ["-c:v", "libx264", "-x264-params", "slices=1:scenecut=0:aud=0", "-threads", "1"],
               "hevc": ["-c:v", "libx265", "-x265-params", "log-level=none:scenecut=0:slices=1"]}[codec]
        part = path.with_suffix(".part")
        done = subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i",
                               f"testsrc2=size=1920x1080:rate=25,noise=alls=8:allf=t", "-t", str(SECONDS), *how, *rate,
                               "-f", codec, "-y", str(part)],
                              capture_output=True)
        if done.returncode:
            return None
        part.rename(path)
    return path


def ffmpeg_us_per_unit(path, codec, form):
    """CPU of ffmpeg muxing it into PS, per frame: the difference of many and few passes, which excludes its startup."""
    def cpu(passes):
        before = os.times()
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "quiet", "-nostdin", "-f", codec, "-i",
                        "concat:" + "|".join([str(path)] * passes), "-c", "copy", "-f", form, "-y", "/dev/null"],
                       check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system
    took = cpu(42) - cpu(2)
    return took * 1e6 / (40 * SECONDS * 25) if took > 0 else None
