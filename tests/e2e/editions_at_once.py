# SPDX-License-Identifier: MIT
"""Platforms of 2011 (GB2312), 2016 (UTF-8) and 2022 (GB18030) at the same time: each reads in its charset what another
one set, and an event is sent to each in the form of its version."""

import lib
from lib import check, equal

NEW = "西门㐀"               # the last character is not in GB2312
ITEM = {
    "2011": ["DeviceID", "Event", "Name", "Manufacturer", "Model", "Owner", "CivilCode", "Address", "Parental",
             "ParentID", "SafetyWay",
             "RegisterWay", "Secrecy", "Status", "Longitude", "Latitude"],
    "2022": ["DeviceID", "Event", "Name", "Manufacturer", "Model", "CivilCode", "Address", "Parental", "ParentID",
             "RegisterWay", "Secrecy",
             "Status", "Longitude", "Latitude"],
}
ITEM["2016"] = ITEM["2011"]
ENCODING = {"2011": "GB2312", "2016": "UTF-8", "2022": "GB18030"}


def read(version, text):
    """The name as encoded for that platform."""
    return text.replace("㐀", "?") if version == "2011" else text


def start(t):
    p = {"2011": t.platform(), "2016": t.platform(server_id="44010000002000000001", password="second-secret"),
         "2022": t.platform(server_id="11010000002000000001", password="third-secret")}
    text = t.config(channels=["大门", "后门"], channel={"longitude": "117.28", "latitude": "31.86"})
    for version, q in p.items():
        keys = {"charset": "utf-8"} if version == "2016" else {"position_format": "list"} if version == "2022" else {}
        text += t.section(version, q, version=version, notify_batch=0, config_interval=0, alarm_interval=0, **keys)
    d = t.daemon(text)
    for version, q in p.items():
        check(q.wait_online(10 * lib.SLOW), f"{version}: not online")
    return p, d


def test(t):
    p, d = start(t)
    catalog = {v: q.subscribe("Catalog", lib.DEVICE) for v, q in p.items()}
    alarm = {v: q.subscribe("Alarm", lib.DEVICE) for v, q in p.items() if v != "2016"}
    for s in [*catalog.values(), *alarm.values()]:
        equal(s.status, 200, "SUBSCRIBE")
        check(s.wait(1), "no first NOTIFY")
    # a name, set by each platform in its charset
    for setter in p:
        name = read(setter, NEW + setter)
        body = p[setter].configure(lib.CHANNEL, f"<BasicParam><Name>{name}</Name></BasicParam>",
                                   encoding=ENCODING[setter])
        equal((body.get("Result"), body.encoding), ("OK", ENCODING[setter]), f"{setter} sets a name")
        for v, s in catalog.items():
            want = read(v, name)
            check(p[v].wait(lambda: s.bodies() and s.bodies()[-1].items()[0].get("Name") == want),
                  f"{v}: no NOTIFY of {want}")
            last = s.bodies()[-1]
            equal(last.encoding, ENCODING[v], f"{v}: encoding")
            equal([n for n in last.items()[0]["_order"] if n != "Info"], ITEM[v], f"{v}: elements of the item")
            equal(last.items()[0]["Event"], "UPDATE", f"{v}: event")
            items = {i["DeviceID"]: i["Name"] for i in p[v].catalog(lib.DEVICE)[0]}
            equal(items, {lib.CHANNEL: want, lib.channel_id(2): "后门"}, f"{v}: catalogue")
    # a preset with a name, set by the 2022 platform
    command = (f"<PTZCmd>{lib.manscdp.ptz(0x81, data2=7)}</PTZCmd>"
               f"<PTZCmdParams><PresetName>{NEW}</PresetName></PTZCmdParams>")
    data = lib.manscdp.build("Control", "DeviceControl", "77", lib.CHANNEL, command, encoding="GB18030")
    equal(p["2022"].message(data, lib.CHANNEL).status, 200, "PTZCmd: set a preset")
    for v, q in p.items():
        body = q.query("PresetQuery", lib.CHANNEL, encoding=ENCODING[v])
        equal([(i["PresetID"], i["PresetName"]) for i in body.items("PresetList")], [("7", read(v, NEW))],
              f"{v}: presets")
        equal(body.get("SumNum"), "1" if v == "2022" else None, f"{v}: SumNum of the presets")
    # an alarm type of 2022: NOTIFY to the two that subscribed, MESSAGE to the third
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=13", "priority=2", f"text={NEW}")
    for v, q in p.items():
        if v in alarm:
            check(alarm[v].wait_bodies(1), f"{v}: no NOTIFY of the alarm")
        else:
            check(q.wait_notes("Alarm", kind="Notify"), f"{v}: no MESSAGE of the alarm")
        body = alarm[v].bodies()[0] if v in alarm else q.find_notes("Alarm", kind="Notify")[0].body
        equal((body.get("AlarmMethod"), body.get("AlarmDescription"), body.encoding), ("5", read(v, NEW), ENCODING[v]),
              f"{v}: alarm")
        equal(body.get("Info/AlarmType"), "13" if v == "2022" else None, f"{v}: AlarmType")
    # the position, in both forms
    for v, q in p.items():
        s = q.subscribe("MobilePosition", lib.DEVICE, inner="<Interval>3600</Interval>")
        check(s.wait_bodies(1), f"{v}: no position")
        equal([c.tag for c in s.bodies()[0].root][3:], ["Time", "SumNum", "DeviceList"] if v == "2022" else
              ["Time", "Longitude", "Latitude", "Speed", "Direction", "Altitude"], f"{v}: form of the position")
    # global values
    tags = {v: [c.tag for c in q.query("DeviceInfo", lib.DEVICE).root][3:] for v, q in p.items()}
    equal(tags["2016"], ["DeviceName", "Result", "Manufacturer", "Model", "Firmware", "Channel"], "DeviceInfo of 2016")
    equal(tags["2022"], tags["2016"], "DeviceInfo of 2022")
    calls = [q.invite(lib.CHANNEL, ssrc=f"020000000{n}") for n, q in enumerate(p.values(), 1)]
    for call in calls:
        equal(call.status, 200, "INVITE")
        check(call.media.wait_units(5), "no media")
        equal(call.close().status, 200, "BYE")


lib.main(test)
