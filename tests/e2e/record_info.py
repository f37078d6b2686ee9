# SPDX-License-Identifier: MIT
"""RecordInfo: the recordings of five hours in order, 2016 elements in their order; the filters."""

import lib
from lib import equal

from _records import HOUR, ask, items, last_hour, local, span


def test(t):
    p, _ = t.start(channels=["大门"])
    end = last_hour()
    found = items(ask(p, lib.CHANNEL, span(end - 5 * HOUR, end).replace("all", "time"))[0])
    equal([(i["StartTime"], i["EndTime"]) for i in found],
          [(local(end - n * HOUR), local(end - (n - 1) * HOUR)) for n in range(5, 0, -1)], "times")
    for item in found:
        equal(item["_order"], ["DeviceID", "Name", "FilePath", "StartTime", "EndTime", "Secrecy", "Type", "FileSize"],
              "elements")
        equal(item["DeviceID"], lib.CHANNEL, "DeviceID")
        equal(item["Name"], "大门", "Name")
        equal((item["Secrecy"], item["Type"]), ("0", "time"), "Secrecy, Type")


def test_overlap(t):
    """A recording that overlaps the range is listed with its full times; one that only touches it is not."""
    p, _ = t.start()
    end = last_hour()
    found = items(ask(p, lib.CHANNEL, span(end - 2 * HOUR + 1, end - HOUR).replace("all", "time"))[0])
    equal([i["StartTime"] for i in found], [local(end - 2 * HOUR)], "one second of it")
    found = items(ask(p, lib.CHANNEL, span(end - 2 * HOUR, end - HOUR).replace("all", "time"))[0])
    equal(len(found), 1, "borders")


def test_types(t):
    p, _ = t.start()
    end = last_hour()
    alarms = items(ask(p, lib.CHANNEL, span(end - 24 * HOUR, end).replace("all", "alarm"))[0])
    equal(len(alarms), 4, "alarm recordings of a day")
    equal({i["Type"] for i in alarms}, {"alarm"}, "Type")
    equal(len(items(ask(p, lib.CHANNEL, span(end - 24 * HOUR, end).replace("all", "manual"))[0])), 0,
          "manual recordings")
    equal(len(items(ask(p, lib.CHANNEL, span(end - 24 * HOUR, end))[0])), 28, "all of them")
    path = alarms[1]["FilePath"]
    found = items(ask(p, lib.CHANNEL, span(end - 24 * HOUR, end, f"<FilePath>{path[-12:]}</FilePath>"))[0])
    equal([i["FilePath"] for i in found], [path], "by part of the path")


def test_sample(t):
    """The standard's sample query: FilePath has the channel ID, which does not filter; an existing path does."""
    p, _ = t.start()
    end = last_hour()
    for path in (lib.CHANNEL, lib.DEVICE, "64010000002100000001"):
        more = f"<FilePath>{path}</FilePath><Address>Address 1</Address><RecorderID>64010000003000000001</RecorderID>"
        found = items(ask(p, lib.CHANNEL, span(end - 5 * HOUR, end, more).replace("all", "time"))[0])
        equal(len(found), 5, f"records with FilePath {path}")
    more = f"<FilePath>{found[2]['FilePath']}</FilePath>"
    equal(items(ask(p, lib.CHANNEL, span(end - 5 * HOUR, end, more))[0]), [found[2]], "by its path")


def test_device(t):
    """A query of the device ID lists the first channel's."""
    p, _ = t.start(channels=2)
    end = last_hour()
    found = items(ask(p, lib.DEVICE, span(end - HOUR, end).replace("all", "time"))[0])
    equal([i["DeviceID"] for i in found], [lib.CHANNEL], "DeviceID")


def test_2022(t):
    """2022: RecordLocation for queries of all locations, StreamNumber, AlarmMethod, a stream without recordings."""
    p, _ = t.start(platform={"version": "2022"})
    end = last_hour()
    item = items(ask(p, lib.CHANNEL, span(end - HOUR, end,
                                          "<IndistinctQuery>1</IndistinctQuery>").replace("all", "time"))[0])[0]
    equal(item["_order"], ["DeviceID", "Name", "FilePath", "StartTime", "EndTime", "Secrecy", "Type", "FileSize",
                           "RecordLocation",
                           "StreamNumber"], "elements")
    equal((item["RecordLocation"], item["StreamNumber"]), (lib.DEVICE, "0"), "RecordLocation, StreamNumber")
    day = lambda more: len(items(ask(p, lib.CHANNEL, span(end - 24 * HOUR, end, more))[0]))
    equal(day("<StreamNumber>1</StreamNumber>"), 0, "of the sub stream")
    equal(day("<AlarmMethod>5</AlarmMethod><AlarmType>2</AlarmType>"), 4, "by motion")
    equal(day("<AlarmMethod>1/2</AlarmMethod>"), 0, "by telephone or device")


lib.main(test, test_overlap, test_types, test_sample, test_device, test_2022)
