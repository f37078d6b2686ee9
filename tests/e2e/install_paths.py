# SPDX-License-Identifier: MIT
"""Installed files contain the paths of the installation, have the right modes, and are accepted by their readers."""

import os
import shutil
import stat
import subprocess

import lib
from lib import check, equal

PREFIX, SYSCONFDIR, RUNDIR, STATEDIR = "/opt/gb", "/opt/conf", "/var/run", "/opt/state"
WANTED = {
    "opt/gb/bin/gbagentd": 0o755, "opt/gb/bin/gbagentctl": 0o755, "opt/gb/share/gbagent/clip.h264": 0o644,
    "opt/gb/share/gbagent/snapshot1.jpg": 0o644, "opt/gb/share/gbagent/snapshot2.jpg": 0o644,
    "opt/gb/share/gbagent/gbagent.conf": 0o644, "opt/gb/share/man/man1/gbagentctl.1": 0o644,
    "opt/gb/share/man/man5/gbagent.conf.5": 0o644, "opt/gb/share/man/man8/gbagentd.8": 0o644,
    "opt/gb/share/man/zh_CN/man1/gbagentctl.1": 0o644, "opt/gb/share/man/zh_CN/man5/gbagent.conf.5": 0o644,
    "opt/gb/share/man/zh_CN/man8/gbagentd.8": 0o644,
    "opt/conf/gbagent.conf": 0o600, "opt/conf/init.d/S95gbagentd": 0o755,
    "lib/systemd/system/gbagentd.service": 0o644,
}


def files(root):
    return {str(p.relative_to(root)): stat.S_IMODE(p.stat().st_mode) for p in root.rglob("*") if p.is_file()}


def test(t):
    lib.need((lib.BIN / "gbagentd").exists() and not lib.RUN, "not a build for this machine")
    lib.need(shutil.which("make"), "no make")
    root = t.folder / "root"
    # Not `install`: with other paths it would rebuild the programs that other tests are running.
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    done = subprocess.run(["make", f"O={lib.BIN}", f"DESTDIR={root}", f"PREFIX={PREFIX}", f"SYSCONFDIR={SYSCONFDIR}",
                           f"RUNDIR={RUNDIR}", f"STATEDIR={STATEDIR}", "install-files"], cwd=lib.ROOT, env=env,
                          capture_output=True, text=True,
                          timeout=60)
    equal(done.returncode, 0, f"make install-files: {done.stdout}{done.stderr}")
    equal(files(root), WANTED, "files and modes")
    for name in WANTED:
        text = (root / name).read_bytes()
        if "/bin/" not in name and not name.endswith((".h264", ".jpg")):
            check(b"/usr/local/" not in text, f"{name} names /usr/local")
            check(b" /etc/" not in text and b"=/etc/" not in text, f"{name} names /etc")
    unit = (root / "lib/systemd/system/gbagentd.service").read_text()
    check(f"ExecStart={PREFIX}/bin/gbagentd -n -c {SYSCONFDIR}/gbagent.conf" in unit, "the unit's command")
    check("Type=notify" in unit and "WatchdogSec=" in unit, "the unit's type")
    script = (root / "opt/conf/init.d/S95gbagentd").read_text()
    check(f"EXEC={PREFIX}/bin/gbagentd\n" in script and f"PIDFILE={RUNDIR}/gbagentd.pid" in script,
          "the script's paths")
    conf = root / "opt/conf/gbagent.conf"
    check(f"#socket = {RUNDIR}/gbagent.sock" in conf.read_text(), "the example's socket")
    check(f"#settings = {STATEDIR}/settings\n" in conf.read_text(), "the example's settings")
    equal(stat.S_IMODE((root / "opt/state").stat().st_mode), 0o700, "mode of the settings' folder")
    check(f"#upgrade_dir = {RUNDIR}\n" in conf.read_text(), "the example's folder for firmware")
    for page in ("man", "man/zh_CN"):
        text = (root / f"opt/gb/share/{page}/man5/gbagent.conf.5").read_text(encoding="utf-8")
        check(RUNDIR in text and " /run)" not in text and " /run）" not in text, f"{page}: the folder for firmware")
    # These programs were built for other paths, and find the clip next to them.
    shutil.copy(root / "opt/gb/share/gbagent/clip.h264", root / "opt/gb/bin")
    done = subprocess.run([root / "opt/gb/bin/gbagentd", "-c", conf, "--check-config"], capture_output=True, text=True,
                          timeout=10)
    equal((done.returncode, done.stderr), (0, ""), "the installed config, checked")


def test_unit(t):
    """systemd-analyze verifies the unit."""
    lib.need(shutil.which("systemd-analyze") and (lib.BIN / "gbagentd").exists() and not lib.RUN, "no systemd-analyze")
    text = (lib.ROOT / "packaging/systemd/gbagentd.service").read_text()
    path = t.folder / "gbagentd.service"
    path.write_text(text.replace("/usr/local/bin/gbagentd", str(lib.BIN / "gbagentd")))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True,
                          timeout=30)
    equal([line for line in done.stderr.splitlines() if "gbagentd.service" in line], [], "complaints")


lib.main(test, test_unit)
