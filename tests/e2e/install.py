# SPDX-License-Identifier: MIT
"""make install installs everything and keeps an existing config; make uninstall removes what it installed."""

import shutil
import subprocess

import lib
from lib import check, equal


def make(t, target):
    try:
        build = lib.BIN.relative_to(lib.ROOT)
    except ValueError:
        build = lib.BIN
    # -o all: install without building
    done = subprocess.run(["make", "-o", "all", f"O={build}", f"DESTDIR={t.folder}/root", "PREFIX=/usr", target],
                          cwd=lib.ROOT, capture_output=True,
                          text=True, timeout=60)
    equal(done.returncode, 0, done.stdout + done.stderr)


def test(t):
    lib.need(shutil.which("make") and (lib.BIN / "gbagentd").exists() and not lib.RUN, "nothing to install")
    root = t.folder / "root"
    make(t, "install")
    for name in ("usr/bin/gbagentd", "usr/bin/gbagentctl", "usr/share/gbagent/clip.h264",
                 "usr/share/man/man8/gbagentd.8",
                 "usr/share/man/man1/gbagentctl.1", "usr/share/man/man5/gbagent.conf.5", "etc/gbagent.conf",
                 "usr/share/man/zh_CN/man8/gbagentd.8", "usr/share/man/zh_CN/man1/gbagentctl.1",
                 "usr/share/man/zh_CN/man5/gbagent.conf.5",
                 "etc/init.d/S95gbagentd",
                 "lib/systemd/system/gbagentd.service"):
        check((root / name).exists(), f"{name} is not installed")
    check("/usr/bin/gbagentd" in (root / "etc/init.d/S95gbagentd").read_text(), "the init script names another path")
    check("/usr/bin/gbagentd" in (root / "lib/systemd/system/gbagentd.service").read_text(),
          "the unit names another path")
    equal((root / "etc/gbagent.conf").stat().st_mode & 0o777, 0o600, "mode of the config")
    (root / "etc/gbagent.conf").write_text("# mine\n")
    make(t, "install")
    equal((root / "etc/gbagent.conf").read_text(), "# mine\n", "an existing config")
    make(t, "uninstall")
    left = [str(f.relative_to(root)) for f in root.rglob("*") if f.is_file()]
    equal(left, ["etc/gbagent.conf"], "files left")


lib.main(test)
