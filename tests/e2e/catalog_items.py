# SPDX-License-Identifier: MIT
"""Catalogue items with all configurable values, in the elements and order of 2016 and 2022."""

import signal

import lib
from lib import check, equal

GROUP = "34020000002150000001"
KEYS = {
    "manufacturer": "Acme", "model": "X-1", "owner": "市局", "civil_code": "340200", "block": "34020001",
        "address": "一号路",
    "longitude": "117.28", "latitude": "31.86", "ptz_type": "3", "secrecy": "yes", "ip_address": "192.0.2.7",
        "port": "5062",
    "security_level": "A", "position_type": "10", "capture_position": "0101001", "room_type": "1", "use_type": "2",
    "imaging_type": "1/2", "supply_light": "2", "direction": "4", "resolution": "6/1920x1080", "business_group": GROUP,
    "stream_numbers": "0/1", "download_speed": "1/2/4", "mobile_type": "4", "horizontal_angle": "90",
        "vertical_angle": "60",
    "view_distance": "50", "grassroots_code": "340200123456", "point_type": "1", "point_name": "东门",
        "mac": "00-11-22-33-44-55",
    "function_type": "01/03", "encode_type": "2/5", "install_time": "2024-01-31T08:00:00", "management_unit": "一所",
    "contact": "0551-110", "record_days": "30", "industry": "01",
}
HEAD = [("DeviceID", lib.CHANNEL), ("Name", "门"), ("Manufacturer", "Acme"), ("Model", "X-1")]
PLACE = [("CivilCode", "340200"), ("Block", "34020001"), ("Address", "一号路"), ("Parental", "0"),
         ("ParentID", lib.DEVICE)]
NET = [("Secrecy", "1"), ("IPAddress", "192.0.2.7"), ("Port", "5062"), ("Status", "ON")]
INFO_2016 = [("PTZType", "3"), ("PositionType", "10"), ("RoomType", "1"), ("UseType", "2"), ("SupplyLightType", "2"),
             ("DirectionType", "4"), ("Resolution", "6/1920x1080"), ("BusinessGroupID", GROUP),
             ("DownloadSpeed", "1/2/4")]
INFO_2022 = [("PTZType", "3"), ("PhotoelectricImagingType", "1/2"), ("CapturePositionType", "0101001"),
             ("RoomType", "1"),
             ("SupplyLightType", "2"), ("DirectionType", "4"), ("Resolution", "6/1920x1080"),
             ("StreamNumberList", "0/1"),
             ("DownloadSpeed", "1/2/4"), ("MobileDeviceType", "4"), ("HorizontalFieldAngle", "90"),
             ("VerticalFieldAngle", "60"),
             ("MaxViewDistance", "50"), ("GrassrootsCode", "340200123456"), ("PointType", "1"),
             ("PointCommonName", "东门"),
             ("MAC", "00-11-22-33-44-55"), ("FunctionType", "01/03"), ("EncodeType", "2/5"),
             ("InstallTime", "2024-01-31T08:00:00"),
             ("ManagementUnit", "一所"), ("ContactInfo", "0551-110"), ("RecordSaveDays", "30"),
             ("IndustrialClassification", "01")]


def the_item(t, version, **kw):
    # A complete item exceeds the datagram size limit.
    p, _ = t.start(channels=["门"], platform={"version": version, "transport": "tcp"}, **kw)
    _, notes, _ = p.catalog(lib.DEVICE)
    return notes[0].body.root.find("DeviceList/Item")


def expect(item, outer, info):
    got = [(c.tag, (c.text or "").strip()) for c in item if c.tag not in ("Info", "Longitude", "Latitude")]
    equal(got, outer, "elements")
    equal(float(item.find("Longitude").text), 117.28, "Longitude")
    equal(float(item.find("Latitude").text), 31.86, "Latitude")
    equal([(c.tag, (c.text or "").strip()) for c in item.find("Info")], info, "Info")
    equal(item[-1].tag, "Info", "the last element")


def test_2016(t):
    expect(the_item(t, "2016", channel=KEYS),
           [*HEAD, ("Owner", "市局"), *PLACE, ("SafetyWay", "0"), ("RegisterWay", "1"), *NET], INFO_2016)


def test_2022(t):
    expect(the_item(t, "2022", channel=KEYS),
           [*HEAD, *PLACE, ("RegisterWay", "1"), ("SecurityLevelCode", "A"), *NET, ("BusinessGroupID", GROUP)],
           INFO_2022)


def test_2022_required(t):
    """Info has the elements required by 2022, and is absent without any value."""
    item = the_item(t, "2022", channel={"room_type": "2"})
    equal([(c.tag, c.text) for c in item.find("Info")],
          [("RoomType", "2"), ("GrassrootsCode", "000000"), ("PointType", "9")], "Info")


def test_unknown_place(t):
    """An unknown position is left out in 2022 and 0 in 2016, for all kinds of items, also in a NOTIFY."""
    for version, want in (("2022", None), ("2016", "0.000000")):
        p, d = t.start(channels=1, alarms=["门磁"], device={"catalog_self": "yes"},
                       platform={"version": version, "notify_batch": 0})
        items, _, _ = p.catalog(lib.DEVICE)
        equal(len(items), 3, "items")
        for item in items:
            equal((item.get("Longitude"), item.get("Latitude")), (want, want),
                  f"{version}: place of {item['DeviceID']}")
        s = p.subscribe("Catalog", lib.DEVICE)
        s.wait(1)
        d.write_config(t.config(p, channels=2, alarms=["门磁"], platform={"version": version, "notify_batch": 0}))
        d.signal(signal.SIGHUP)
        check(p.wait(lambda: any(i["Event"] == "ADD" for b in s.bodies() for i in b.items()), 5 * lib.SLOW), "no ADD")
        added = [i for b in s.bodies() for i in b.items() if i["Event"] == "ADD"][0]
        equal((added.get("Longitude"), added.get("Latitude")), (want, want), f"{version}: place of what was added")


def test_bare(t):
    item = the_item(t, "2022")
    check(item.find("Info") is None and item.find("BusinessGroupID") is None, "an empty Info")


def test_refused(t):
    """Codes that are not in the standard."""
    p = t.platform()
    for key, value in {"room_type": "3", "direction": "north", "security_level": "D",
                       "horizontal_angle": "361"}.items():
        d = t.daemon(t.config(p, channel={key: value}))
        d.expect_exit = 1
        check(d.wait_exit() == 1, f"{key} = {value} was accepted")
        check(f"{key}: expected" in d.log(), f"{key} = {value}: no reason given")


lib.main(test_2016, test_2022, test_2022_required, test_bare, test_unknown_place, test_refused)
