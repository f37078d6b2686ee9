# SPDX-License-Identifier: MIT
"""Control commands work in Query and Notify as in Control, as platforms send PTZCmd in a Query, but not in a
Response."""

import lib
from lib import check, equal, manscdp


def send(p, root, inner, cmd="DeviceControl"):
    sn = str(p.serial())
    equal(p.message(manscdp.build(root, cmd, sn, lib.CHANNEL, inner), lib.CHANNEL).status, 200, f"{root}: {inner}")
    return sn


def test(t):
    p, d = t.start(platform={"config_interval": 0}, device={"settings": t.folder / "settings.txt"})
    for n, root in enumerate(("Query", "Control", "Notify"), 1):
        send(p, root, f"<PTZCmd>{manscdp.ptz(0x01, 0x40 + n)}</PTZCmd>")
        check(d.wait_log(f"command=move pan={0x40 + n} "), f"PTZCmd in {root}")
        for command in ("SetGuard", "ResetGuard"):
            notes = p.wait_notes("DeviceControl", sn=send(p, root, f"<GuardCmd>{command}</GuardCmd>"), kind="Response")
            equal([x.body.get("Result") for x in notes], ["OK"], f"{command} in {root}")
        notes = p.wait_notes("DeviceConfig", sn=send(p, root, f"<BasicParam><Name>{root}</Name></BasicParam>",
                                                     "DeviceConfig"))
        equal([x.body.get("Result") for x in notes], ["OK"], f"DeviceConfig in {root}")
        equal(p.query("ConfigDownload", lib.CHANNEL, "<ConfigType>BasicParam</ConfigType>").get("BasicParam/Name"),
              root, "Name")
    # not a control command: handled by its root element
    notes = p.wait_notes("DeviceControl", sn=send(p, "Query", "<Weather>sunny</Weather>"), kind="Response")
    equal([x.body.get("Result") for x in notes], ["ERROR"], "no control command")
    send(p, "Response", f"<PTZCmd>{manscdp.ptz(0x01, 0x77)}</PTZCmd>")
    send(p, "Control", f"<PTZCmd>{manscdp.ptz(0)}</PTZCmd>")
    check(d.wait_log("command=stop "), "no stop")
    check("pan=119" not in d.log(), "a command in a Response")


lib.main(test)
