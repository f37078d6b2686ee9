# SPDX-License-Identifier: MIT
"""IDs of 21 digits, as one capture holds: a warning, and everything works."""

import subprocess

import lib
from lib import check, equal

LONG_SERVER = "340200000020000000011"
LONG_CHANNEL = "340200000013100000011"


def test(t):
    p = t.platform(server_id=LONG_SERVER)
    text = t.config(p).replace(f"[channel {lib.CHANNEL}]", f"[channel {LONG_CHANNEL}]")
    d = t.daemon(text)
    check(p.wait_online(10 * lib.SLOW), "not online")
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "--check-config", "-c", str(d.conf)], capture_output=True, text=True, timeout=10)
    equal(done.returncode, 0, "--check-config")
    for what in ("id: 21 digits", f"[channel {LONG_CHANNEL}]: 21 digits"):
        check(any("warning" in l and what in l for l in done.stderr.splitlines()), f"no warning: {done.stdout}{done.stderr}")
    items, _, _ = p.catalog(lib.DEVICE)
    equal(len(items), 1, "items")
    call = p.invite(LONG_CHANNEL)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(5), "no media")
    call.close()


lib.main(test)
