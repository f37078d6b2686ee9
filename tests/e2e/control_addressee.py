# SPDX-License-Identifier: MIT
"""Control commands are executed only if addressed to this device by its platform; a stop is always executed, and
queries are always answered."""

import lib
from lib import check, equal, manscdp

OTHER = "34020000002000000009"
ELSEWHERE = "34020000001320000099"
MOVE, STOP = manscdp.ptz(0x01, 0x80), manscdp.ptz(0)
COMMANDS = {
    "TeleBoot": "<TeleBoot>Boot</TeleBoot>", "FormatSDCard": "<FormatSDCard>1</FormatSDCard>",
    "PTZCmd": f"<PTZCmd>{MOVE}</PTZCmd>", "RecordCmd": "<RecordCmd>Record</RecordCmd>",
            "GuardCmd": "<GuardCmd>SetGuard</GuardCmd>",
    "DragZoomIn": "<DragZoomIn><Length>9</Length><Width>9</Width><MidPointX>1</MidPointX><MidPointY>1</MidPointY>"
                  "<LengthX>1</LengthX><LengthY>1</LengthY></DragZoomIn>",
    "HomePosition": "<HomePosition><Enabled>1</Enabled><ResetTime>9</ResetTime><PresetIndex>1</PresetIndex>"
                    "</HomePosition>",
    "DeviceUpgrade": "<DeviceUpgrade><Firmware>2</Firmware><FileURL>http://127.0.0.1:9/x</FileURL><Manufacturer>"
                     "gbagent</Manufacturer>"
                     "<SessionID>1</SessionID></DeviceUpgrade>",
}


def send(p, body, *, target=lib.CHANNEL, to=None, sender=None):
    """The status of a MESSAGE with other IDs in its Request-URI and To, or in From."""
    msg = p.make("MESSAGE", target, body=body)
    if to:
        msg.set("To", f"<sip:{to}@{p.domain}>")
    if sender:
        msg.set("From", msg.get("From").replace(p.id, sender))
    return p.request(msg).status


def command(name, inner, p, **kw):
    return send(p, manscdp.build("Control", "DeviceControl", p.serial(), lib.CHANNEL, inner), **kw)


def test(t):
    p, d = t.start()
    for name, inner in COMMANDS.items():
        equal(command(name, inner, p, target=ELSEWHERE), 404, f"{name} for another device")
        equal(command(name, inner, p, sender=OTHER), 403, f"{name} of another platform")
    config = manscdp.build("Control", "DeviceConfig", p.serial(), lib.DEVICE,
                           "<BasicParam><Name>theirs</Name></BasicParam>")
    equal(send(p, config, target=ELSEWHERE), 404, "DeviceConfig for another device")
    equal(send(p, config, sender=OTHER), 403, "DeviceConfig of another platform")
    check(d.wait_log(f'from_id="{OTHER}" reason="not from the platform, see order_from"'), "no reason in the log")
    check(d.wait_log(f'to_id="{ELSEWHERE}" reason="not addressed to this device"'), "no reason in the log")
    # One of Request-URI and To is enough.
    equal(command("PTZCmd", COMMANDS["PTZCmd"], p, target=ELSEWHERE, to=lib.CHANNEL), 200,
          "PTZCmd, To names the channel")
    check(d.wait_log("command=move"), "the command was not executed")
    # A stop must never be ignored; queries are harmless.
    equal(command("stop", f"<PTZCmd>{STOP}</PTZCmd>", p, target=ELSEWHERE, sender=OTHER), 200, "PTZ stop")
    check(d.wait_log("command=stop"), "the movement goes on")
    query = manscdp.build("Query", "DeviceInfo", "4711", lib.DEVICE)
    equal(send(p, query, target=ELSEWHERE, sender=OTHER), 200, "DeviceInfo")
    check(p.wait_notes("DeviceInfo", sn="4711"), "no answer to a query")
    log = d.log()
    check("sim: restart" not in log and "sim: format" not in log, "the command reached the board")
    equal(log.count("command=move"), 1, "movements")
    check(d.platform()["state"] == "online")


def test_any(t):
    p, d = t.start(platform={"order_from": "any"})
    equal(command("PTZCmd", COMMANDS["PTZCmd"], p, sender=OTHER), 200, "PTZCmd of another ID")
    check(d.wait_log("command=move"), "the command was not executed")
    equal(command("PTZCmd", COMMANDS["PTZCmd"], p, target=ELSEWHERE, sender=OTHER), 404, "PTZCmd for another device")


lib.main(test, test_any)
