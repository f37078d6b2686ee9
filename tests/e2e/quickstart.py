#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""packaging/quickstart.sh with a fake apt: the messages while packages are installed, and where that or a chroot is
impossible. The last line of a test run is the total."""

import os
import shutil
import subprocess

import lib
from lib import check, equal

TOOLS = ("sh", "sed", "awk", "grep", "cat", "dirname", "getconf", "mkdir", "date", "env", "rm", "head", "mktemp",
         "tail", "tr", "wc",
         "sleep", "python3", "unshare", "sort", "mount", "umount", "id", "chroot", "true", "printf", "cut", "cmp")
APT = """#!/bin/sh
echo "$*" >> "$FAKE/asked"
case " $* " in *" update "*) exit 0 ;; esac
printf 'dlstatus:1:%s:Retrieving file 1 of 2\\n' 0.0000 45.2000 100.0000 >&3
printf 'pmstatus:libx:armhf:%s:Unpacking\\n' 10.0000 50.0000 90.0000 >&3
echo "Setting up libx"
[ ! -e "$FAKE/broken" ] || { echo "E: no space left"; exit 100; }
"""


def machine(t, root=True, **programs):
    """A PATH with a fake apt, which installs nothing."""
    place = t.folder / "bin"
    place.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (place / tool).symlink_to(found)
    programs = {"dpkg-query": "exit 1", "dpkg": "echo amd64", "apt-get": APT, **programs}
    if not root:
        (place / "id").unlink()
        programs["id"] = "echo 1000"
    for name, text in programs.items():
        path = place / name
        path.unlink(missing_ok=True)
        path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)


def run(t, *words):
    env = {"PATH": str(t.folder / "bin"), "FAKE": str(t.folder), "O": str(t.folder / "out"), "TMPDIR": str(t.folder),
           "HOME": str(t.folder), "LC_ALL": "C.UTF-8"}
    return subprocess.run(["sh", str(lib.ROOT / "packaging/quickstart.sh"), *words], capture_output=True, text=True,
                          env=env,
                          timeout=60 * lib.SLOW)


def as_root():
    lib.need(os.getuid() == 0, "needs root: sudo is not faked")


def test_progress(t):
    as_root()
    machine(t)
    done = run(t, "deps", "check-cross")
    equal(done.returncode, 0, "status")
    lines = [line.strip() for line in done.stderr.splitlines()]
    for text in ("missing on this machine:", "installing them with apt-get", "installed"):
        check(f"quickstart: {text}" in lines, f"no {text!r} in {lines}")
    shown = [line.removeprefix("quickstart:   ") for line in lines if line.endswith(" %")]
    equal(shown, ["fetching 0 %", "fetching 45 %", "fetching 100 %"] +
          [f"unpacking and setting up {n} %" for n in (10, 50, 90)], "progress")
    asked = (t.folder / "asked").read_text()
    check(" bzip2 " in asked, f"mbedtls's source is a tar.bz2: {asked}")
    check("Setting up" not in done.stderr + done.stdout, "apt's output")
    equal([p.name for p in t.folder.iterdir() if p.name.startswith("tmp.")], [], "left behind")


def test_apt_fails(t):
    """The total is still the last line, and apt's output is shown."""
    as_root()
    machine(t, sleep="exit 0")
    (t.folder / "broken").touch()
    done = run(t, "check-cross")
    equal(done.returncode, 1, "status")
    equal(done.stdout.splitlines()[-1], "0 passed, 1 failed", "last line")
    check("E: no space left" in done.stderr and "apt-get could not install them" in done.stderr, done.stderr)
    check("check-cross takes about" in done.stderr, f"no expected duration: {done.stderr}")


def test_demo(t):
    """The expected duration is printed before anything is installed or built."""
    as_root()
    machine(t, make="exit 1")
    done = run(t, "demo")
    equal(done.returncode, 1, "status")
    output = done.stderr.splitlines()
    equal(output[0], "quickstart: demo takes about a minute on two cores, once the packages are installed",
          "first line")
    check(output.index("quickstart: installed") < len(output) - 1, f"not built after that: {output}")


def test_no_root(t):
    """Without root and sudo the chroot is skipped; the packages that cannot be installed are reported, with the
    command."""
    machine(t, root=False)
    done = run(t, "check-trixie")
    equal(done.returncode, 0, f"status; {done.stderr}")
    check("trixie: skipped: chroot needs root" in done.stderr, done.stderr)
    equal(done.stdout.splitlines()[-1], "0 passed, 0 failed", "last line")
    done = run(t, "check")
    equal((done.returncode, done.stdout.splitlines()[-1]), (1, "0 passed, 1 failed"), "check")
    check("As root: apt-get install make gcc" in done.stderr, done.stderr)


def test_no_device_files(t):
    """A container without the permission for chroots."""
    as_root()
    machine(t, mknod="exit 1", debootstrap="exit 9", **{"dpkg-query": "echo ' i '"})
    done = run(t, "check-trixie")
    equal((done.returncode, done.stdout.splitlines()[-1]), (0, "0 passed, 0 failed"), f"check-trixie; {done.stderr}")
    check("trixie: skipped: no device files possible in" in done.stderr, done.stderr)
    check(not (t.folder / "out/trixie").exists(), "the chroot is not removed")


def test_no_debian(t):
    machine(t)
    (t.folder / "bin/dpkg-query").unlink()
    done = run(t, "deps")
    equal(done.returncode, 0, "status")
    check("not a Debian system" in done.stderr, done.stderr)


def test_unknown(t):
    machine(t)
    for words in (["deps", "nonsense"], ["nonsense"], []):
        equal(run(t, *words).returncode, 2, f"status of {words}")


def test_reasons(t):
    """Skipped and partly skipped tests are listed with the reason."""
    place = t.folder / "build/tests"
    place.mkdir(parents=True)
    (place / "test_some").write_text("#!/bin/sh\necho 'skipped: no moon'\necho '[  PASSED  ] 2 test(s).'\n"
                                     "echo '[  SKIPPED ] some tests: 1 test(s), listed below:'\n")
    (place / "test_some").chmod(0o755)
    done = subprocess.run(["python3", str(lib.ROOT / "tests/run.py"), "--bin", str(t.folder / "build"), "--unit"],
                          capture_output=True, text=True)
    equal(done.returncode, 0, "status")
    check("(1 skipped: no moon)" in done.stdout, done.stdout)


lib.main(test_progress, test_apt_fails, test_demo, test_no_root, test_no_device_files, test_no_debian, test_unknown,
         test_reasons)
