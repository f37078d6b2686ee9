# SPDX-License-Identifier: MIT
"""A reload applies the changes and does not disturb running sessions; an invalid config changes nothing."""

import signal

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    d.write_config(t.config(p, channels=["新名字", "第二路"]))
    d.ctl("reload")
    check(d.wait_status(lambda s: len(s["channels"]) == 2), "the new channel is missing")
    items, _, _ = p.catalog(lib.DEVICE)
    equal([i["Name"] for i in items], ["新名字", "第二路"], "names after the reload")
    count = len(call.media.units)
    check(call.media.wait_units(count + 20), "the stream stopped")
    equal(call.media.faults, [], "faults")
    equal(p.wait_registered().registrations, 1, "registrations")
    second = p.invite(lib.channel_id(2), ssrc="0200000091")
    equal(second.status, 200, "INVITE of the new channel")
    second.close()
    call.close()


def test_sighup_bad(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    d.conf.write_text("[device]\nid = nonsense\n")
    d.signal(signal.SIGHUP)
    check(d.wait_log(f'config: invalid at="{d.conf}:2" reason="id: expected '), "the log does not name the line")
    check(d.running(), "an invalid config ended the daemon")
    code, out, err = d.ctl("reload", ok=None)
    check(code != 0, "gbagentctl reload reports success")
    count = len(call.media.units)
    check(call.media.wait_units(count + 10), "the stream stopped")
    call.close()


def test_platforms(t):
    """One platform is removed, one is added; the third is not affected."""
    a, b, c = t.platform(), t.platform(server_id="34020000002000000002"), t.platform(server_id="34020000002000000003")
    d = t.daemon(t.config(a, b))
    check(a.wait_online() and b.wait_online(), "not online")
    text = t.config(a) + t.section("third", c)
    d.write_config(text)
    d.signal(signal.SIGHUP)
    check(c.wait_online(), "the new platform is not registered")
    check(b.wait(lambda: not b.devices, 5), "the removed platform was not unregistered")
    equal(a.wait_registered().registrations, 1, "registrations of the unchanged platform")


def test_password_changed(t):
    """A changed password leads to a new registration; the stream goes on."""
    p, d = t.start()
    call = p.invite(lib.CHANNEL)
    check(call.media.wait_units(5), "no media")
    p.password = "new-password-1"
    t.passwords.add(p.password)
    d.write_config(t.config(p))
    d.signal(signal.SIGHUP)
    check(p.wait(lambda: p.wait_registered().registrations >= 2, 5), "no new registration")
    count = len(call.media.units)
    check(call.media.wait_units(count + 10), "the stream stopped")
    call.close()


lib.main(test, test_sighup_bad, test_platforms, test_password_changed)
