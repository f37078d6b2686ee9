# SPDX-License-Identifier: MIT
"""Shared by the tests of DeviceConfig and ConfigDownload."""

import re
import xml.etree.ElementTree as ET

import lib
from lib import check, equal, manscdp

SETTINGS = "settings.txt"


def flat(node, path=""):
    """Every element in order as (path, text); attributes as (path/@name, value)."""
    here = f"{path}/{node.tag}" if path else node.tag
    result = [(here, (node.text or "").strip())] + [(f"{here}/@{k}", v) for k, v in sorted(node.attrib.items())]
    for child in node:
        result += flat(child, here)
    return result


def parse(text):
    return flat(ET.fromstring(text))


def start(t, **kw):
    """A platform of version 2022 and a daemon with its settings in the test's folder."""
    kw["platform"] = {"version": "2022", "config_interval": 0, **kw.get("platform", {})}
    kw["device"] = {"settings": t.folder / SETTINGS, **kw.get("device", {})}
    return t.start(**kw)


def restart(t, p, d, **kw):
    """Kills the daemon by SIGKILL and starts it again."""
    d.expect_exit = -9
    d.proc.kill()
    d.wait_exit()
    registered = len(p.received("REGISTER"))
    again = t.daemon(d.conf.read_text(encoding="utf-8").replace(str(d.socket), "@SOCKET@"), **kw)
    check(p.wait(lambda: len(p.received("REGISTER")) > registered, 10 * lib.SLOW), "no REGISTER after the restart")
    check(again.wait_state("online", timeout=10 * lib.SLOW), "not online after the restart")
    return again


def set_ok(p, target, inner, what="DeviceConfig"):
    body = p.configure(target, inner, encoding="GB18030")
    check(body is not None, f"{what}: no Response")
    equal(body.device_id, target, f"{what}: DeviceID")
    equal([child.tag for child in body.root], ["CmdType", "SN", "DeviceID", "Result"], f"{what}: elements")
    equal(body.get("Result"), "OK", what)


def set_error(p, target, inner, what="DeviceConfig", to=None):
    body = p.configure(target, inner, to=to, encoding="GB18030")
    check(body is not None, f"{what}: no Response")
    equal(body.get("Result"), "ERROR", f"{what}: {inner}")


def get(p, target, kind, block=None):
    """The block of the answer, flattened."""
    body = p.query("ConfigDownload", target, f"<ConfigType>{kind}</ConfigType>", encoding="GB18030")
    check(body is not None, f"{kind}: no Response")
    equal(body.get("Result"), "OK", f"{kind}: Result")
    equal([child.tag for child in body.root], ["CmdType", "SN", "DeviceID", "Result", block or kind],
          f"{kind}: elements")
    return flat(body.root[4])


def forgive_size(p):
    """A block cannot be split: one above the datagram size limit is sent in one message nevertheless."""
    p.errors[:] = [e for e in p.errors if "bytes on UDP" not in e]


def get_error(p, target, kind):
    body = p.query("ConfigDownload", target, f"<ConfigType>{kind}</ConfigType>")
    check(body is not None, f"{kind}: no Response")
    equal([child.tag for child in body.root], ["CmdType", "SN", "DeviceID", "Result"], f"{kind}: elements")
    equal(body.get("Result"), "ERROR", f"{kind}: Result")


def block(t, kind, value, answer=None, default=None, bad=(), large=False):
    """Tests one block: reads the default, sets and reads it, sets invalid values, reads it again, also after kill -9.
    `answer`: what is read if that differs from `value` by more than blanks."""
    want = parse(re.sub(r">\s+<", "><", answer or value))
    p, d = start(t, channels=2)
    first = get(p, lib.CHANNEL, kind)
    if default is not None:
        equal(first, parse(default), "default")
    set_ok(p, lib.CHANNEL, value)
    equal(get(p, lib.CHANNEL, kind), want, "after it was set")
    equal(get(p, lib.channel_id(2), kind), first, "of the other channel")
    equal(get(p, lib.DEVICE, kind), want, "of the device, which means its first channel")
    for wrong in bad:
        set_error(p, lib.CHANNEL, wrong)
    equal(get(p, lib.CHANNEL, kind), want, "after invalid ones")
    restart(t, p, d)
    equal(get(p, lib.CHANNEL, kind), want, "after kill -9")
    equal(get(p, lib.channel_id(2), kind), first, "of the other channel after kill -9")
    if large:
        forgive_size(p)


def ask(p, target, types, count):
    """The `count` Responses to one ConfigDownload of those types."""
    sn = str(p.serial())
    answer = p.message(manscdp.build("Query", "ConfigDownload", sn, target, f"<ConfigType>{types}</ConfigType>"),
                       target)
    equal(answer.status, 200, "SIP status")
    notes = p.wait_notes("ConfigDownload", count=count, sn=sn, kind="Response")
    equal(len(notes), count, f"Responses to {types}")
    return [n.body for n in notes]


def kinds(bodies):
    """The block of each answer, or its Result."""
    return [body.root[4].tag if len(body.root) > 4 else body.get("Result") for body in bodies]
