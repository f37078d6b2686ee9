# SPDX-License-Identifier: MIT
"""IDs of 21 digits, as in one capture: a warning, and everything works."""

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
    done = subprocess.run([*lib.RUN, str(lib.BIN / "gbagentd"), "--check-config", "-c", str(d.conf)],
                          capture_output=True, text=True, timeout=10)
    equal(done.returncode, 0, "--check-config")
    for what in ("id: 21 digits", f"[channel {LONG_CHANNEL}]: 21 digits"):
        check(any("warning" in l and what in l for l in done.stderr.splitlines()),
              f"no warning: {done.stdout}{done.stderr}")
    items, _, _ = p.catalog(lib.DEVICE)
    equal(len(items), 1, "items")
    call = p.invite(LONG_CHANNEL)
    equal(call.status, 200, "INVITE")
    check(call.media.wait_units(5), "no media")
    call.close()
    s = p.subscribe("Catalog", LONG_CHANNEL)
    check(s.status == 200 and s.wait(1), "no subscription")
    d.ctl("channel", LONG_CHANNEL, "off")
    check(s.wait_bodies(1), "no NOTIFY")
    equal(s.events(), [(LONG_CHANNEL, "OFF")], "events")


def test_device(t):
    """Also for the device ID."""
    long_id = "340200000013200000011"
    p = t.platform()
    d = t.daemon(t.config(p).replace(f"id = {lib.DEVICE}\n", f"id = {long_id}\n", 1))
    check(p.wait(lambda: long_id in p.devices, 10 * lib.SLOW), "not registered")
    check(p.wait_notes("Keepalive"), "no keepalive")
    equal(p.find_notes("Keepalive")[0].body.device_id, long_id, "DeviceID of the keepalive")
    equal(p.query("DeviceInfo", long_id).device_id, long_id, "DeviceID of DeviceInfo")
    items, _, _ = p.catalog(long_id)
    equal(items[0]["ParentID"], long_id, "ParentID")
    d.ctl("alarm", "method=6", "type=1")
    check(p.wait_notes("Alarm", kind="Notify"), "no alarm")
    equal(p.find_notes("Alarm", kind="Notify")[0].body.device_id, long_id, "DeviceID of the alarm")


lib.main(test, test_device)
