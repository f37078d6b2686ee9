# SPDX-License-Identifier: MIT
"""BasicParam set by a platform is effective immediately, returned by queries, and kept across kill -9 and reload until
the config changes."""

import time

import _config
import lib
from lib import Registrar, check, equal


def basic(**keys):
    return "<BasicParam>" + "".join(f"<{k}>{v}</{k}>" for k, v in keys.items()) + "</BasicParam>"


def basic_param(p, target=lib.DEVICE):
    return {path.split("/")[-1]: text for path, text in _config.get(p, target, "BasicParam")[1:]}


def test_effective_values(t):
    p, d = _config.start(t, channels=2, platform={"keepalive_interval": 30, "expires": 7200}, device={"name": "机器"})
    equal(basic_param(p), {"Name": "机器", "Expiration": "7200", "HeartBeatInterval": "30", "HeartBeatCount": "3"},
          "from the config")
    _config.set_ok(p, lib.DEVICE, basic(Name="新机器", Expiration=3600, HeartBeatInterval=20, HeartBeatCount=5))
    want = {"Name": "新机器", "Expiration": "3600", "HeartBeatInterval": "20", "HeartBeatCount": "5"}
    equal(basic_param(p), want, "after it was set")
    # only the given elements change
    _config.set_ok(p, lib.DEVICE, basic(HeartBeatCount=4, Name=""))
    want["HeartBeatCount"] = "4"
    equal(basic_param(p), want, "after a part was set")
    # a channel has its own name
    _config.set_ok(p, lib.channel_id(2), basic(Name="后门"))
    equal(basic_param(p, lib.channel_id(2)), {**want, "Name": "后门"}, "of the channel")
    items, _, _ = p.catalog(lib.DEVICE)
    equal([i["Name"] for i in items], ["通道1", "后门"], "names in the catalogue")
    for wrong in (basic(HeartBeatInterval=4), basic(HeartBeatInterval=3601), basic(Expiration=59),
                  basic(HeartBeatCount=0),
                  basic(HeartBeatInterval="often"), basic(Name="名" * 60)):
        _config.set_error(p, lib.DEVICE, wrong)
    equal(basic_param(p), want, "after invalid ones")

    d = _config.restart(t, p, d)
    equal(basic_param(p), want, "after kill -9")
    d.ctl("reload")
    equal(basic_param(p), want, "after a reload")
    # a changed config takes precedence
    text = d.conf.read_text(encoding="utf-8")
    d.write_config(text.replace("keepalive_interval = 30", "keepalive_interval = 40").replace("name = 通道2",
                                                                                              "name = 侧门"))
    d.ctl("reload")
    equal(basic_param(p), {**want, "HeartBeatInterval": "40"}, "after the config changed")
    equal(basic_param(p, lib.channel_id(2))["Name"], "侧门", "name after the config changed")
    d.write_config(text)
    d.ctl("reload")
    equal(basic_param(p), {**want, "HeartBeatInterval": "30"}, "the discarded values")


def test_heartbeat_live(t):
    """A new interval takes effect with the next keepalive, without a new registration."""
    p, d = _config.start(t, platform={"keepalive_interval": 60})
    before = len(p.received("REGISTER"))
    _config.set_ok(p, lib.DEVICE, basic(HeartBeatInterval=5))
    start, count = time.monotonic(), len(p.find_notes("Keepalive"))
    check(p.wait(lambda: len(p.find_notes("Keepalive")) >= count + 2, 14 * lib.SLOW),
          "fewer than two keepalives in 14 s")
    took = time.monotonic() - start
    check(took > 8, f"two keepalives of 5 s after {took:.1f} s")
    equal(len(p.received("REGISTER")), before, "REGISTERs")


def test_count_live(t):
    """After HeartBeatCount unanswered keepalives the registration is lost."""
    p, d = _config.start(t, platform={"keepalive_interval": 60, "keepalive_count": 9})
    _config.set_ok(p, lib.DEVICE, basic(HeartBeatInterval=5, HeartBeatCount=1))
    p.statuses["Keepalive"] = None
    check(d.wait_log("keepalive-missed count=1 max=1", 20), "the new count has no effect")


def test_expiration_live(t):
    """The next REGISTER has the new expiration; one below the standard's minimum is only logged."""
    p, d = _config.start(t, registrar=Registrar(granted=6), platform={"expires": 86400})
    _config.set_ok(p, lib.DEVICE, basic(Expiration=1800))
    check(d.wait_log("expiration-below-standard expires_s=1800 min_s=3600"), "not logged")
    count = len(p.received("REGISTER"))
    check(p.wait(lambda: len(p.received("REGISTER")) > count, 10 * lib.SLOW), "no refresh")
    equal(p.received("REGISTER")[-1].get("Expires"), "1800", "Expires of the next REGISTER")


def test_two_platforms(t):
    """Timers are per platform, the name is global."""
    a, b = t.platform(), t.platform()
    t.daemon(t.config(a, b, platform={"version": "2022", "keepalive_interval": 50}))
    check(a.wait_online(10 * lib.SLOW) and b.wait_online(10 * lib.SLOW), "not online")
    _config.set_ok(a, lib.DEVICE, basic(Name="共同", HeartBeatInterval=25))
    equal((basic_param(a)["Name"], basic_param(a)["HeartBeatInterval"]), ("共同", "25"), "the platform that set it")
    equal((basic_param(b)["Name"], basic_param(b)["HeartBeatInterval"]), ("共同", "50"), "the other platform")


def test_name_update(t):
    """A name set by one platform is an UPDATE for catalogue subscribers."""
    a, b = t.platform(), t.platform()
    t.daemon(t.config(a, b, channels=2, platform={"version": "2022", "notify_batch": "0"}))
    check(a.wait_online(10 * lib.SLOW) and b.wait_online(10 * lib.SLOW), "not online")
    s = b.subscribe("Catalog", lib.DEVICE)
    equal(s.status, 200, "SUBSCRIBE")
    _config.set_ok(a, lib.channel_id(2), basic(Name="新名"))
    check(s.wait_bodies(1), "no NOTIFY")
    equal(s.events(), [(lib.channel_id(2), "UPDATE")], "events")
    equal([i["Name"] for i in b.catalog(lib.DEVICE)[0]], ["通道1", "新名"], "names in the catalogue")


lib.main(test_effective_values, test_heartbeat_live, test_count_live, test_expiration_live, test_two_platforms,
         test_name_update)
