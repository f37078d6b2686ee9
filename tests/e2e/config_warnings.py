# SPDX-License-Identifier: MIT
"""--check-config warns about questionable settings: IDs, another daemon's socket, a file readable by others."""

import subprocess

import lib
from lib import check, equal


def check_config(path):
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "--check-config", "-c", str(path)], capture_output=True,
                          text=True,
                          timeout=20 * lib.SLOW)
    equal((done.returncode, done.stdout), (0, f"{path}: ok\n"), f"--check-config: {done.stderr}")
    return done.stderr.splitlines()


def write(t, text):
    path = t.folder / "checked.conf"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_ids(t):
    text = t.config(t.platform()).replace("@SOCKET@", str(t.folder / "sock"))
    equal(check_config(write(t, text)), [], "a good one")
    path = write(t, text.replace(lib.DEVICE, "34020000002000000009"))
    found = check_config(path)
    check(len(found) == 1 and found[0].startswith(f"warning: {path}:2: id: digits 11 to 13 are 200, the type of a "
                                                  "platform"), found)
    path = write(t, text.replace(lib.SERVER, lib.DEVICE))
    line = text[:text.index(lib.SERVER)].count("\n") + 1
    equal(check_config(path), [f"warning: {path}:{line}: id: same as the ID of the device"], "same")


def test_readable(t):
    path = write(t, t.config(t.platform()).replace("@SOCKET@", str(t.folder / "sock")))
    for mode in (0o644, 0o640, 0o602):
        path.chmod(mode)
        found = check_config(path)
        equal(found, [f"warning: {path}: contains passwords, but other users have access: chmod 600 {path}"], oct(mode))


def test_socket(t):
    """Two daemons with the default socket: a warning for the second, none for the first."""
    p, d = t.start()
    equal(check_config(d.conf), [], "of the running daemon")
    path = write(t, d.conf.read_text().replace(lib.DEVICE, "34020000001320000002"))
    equal(check_config(path), [f"warning: {path}: [control] socket: {d.socket} is in use by the daemon of device "
                               f"{lib.DEVICE}; "
                               "each daemon needs its own socket"], "of a second daemon")
    d.stop()
    equal(check_config(path), [], "after the first one has exited")


lib.main(test_ids, test_readable, test_socket)
