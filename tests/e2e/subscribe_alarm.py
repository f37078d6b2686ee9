# SPDX-License-Identifier: MIT
"""Alarm subscription: alarms that pass the filter are sent by NOTIFY, others by MESSAGE; alarm_notify changes that."""

import time

import lib
from lib import check, equal

FILTER = ("<StartAlarmPriority>1</StartAlarmPriority>\r\n<EndAlarmPriority>2</EndAlarmPriority>\r\n"
          "<AlarmMethod>25</AlarmMethod>\r\n<AlarmType/>")


def alarms(p):
    return [n.body for n in p.find_notes("Alarm", kind="Notify")]


def test(t):
    p, d = t.start(channels=2, alarms=["门磁"], platform={"alarm_interval": "0"})
    s = p.subscribe("Alarm", lib.DEVICE, inner=FILTER)
    equal(s.status, 200, "SUBSCRIBE")
    check(not s.wait(1)[0].body, "the first NOTIFY is not empty")
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=6", "event=2", "priority=1", "text=越界")
    body = s.wait_bodies(1)[0]
    equal((body.kind, body.device_id, body.get("AlarmPriority"), body.get("AlarmMethod"), body.get("AlarmDescription"),
           body.get("Info/AlarmType"),
           body.get("Info/AlarmTypeParam/EventType")), ("Notify", lib.CHANNEL, "1", "5", "越界", "6", "2"), "alarm")
    check(body.get("AlarmTime"), "no AlarmTime")
    # outside the filter: by its priority, by its method
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=2", "priority=3")
    d.ctl("alarm", lib.CHANNEL, "method=6", "type=1", "priority=1")
    check(p.wait(lambda: len(alarms(p)) >= 2), "no MESSAGE for alarms outside the filter")
    equal([(b.get("AlarmMethod"), b.get("AlarmPriority")) for b in alarms(p)], [("5", "3"), ("6", "1")], "MESSAGEs")
    equal(len(s.bodies()), 1, "NOTIFYs")
    # after it is cancelled: MESSAGE
    equal(s.cancel().status, 200, "cancel")
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=2", "priority=1")
    check(p.wait(lambda: len(alarms(p)) >= 3), "no MESSAGE after the subscription was cancelled")


def test_unreadable(t):
    """An invalid filter is refused, not treated as none."""
    p, d = t.start(platform={"alarm_interval": "0"})
    equal(p.subscribe("Alarm", lib.DEVICE, inner="<StartAlarmTime>2024-1-1</StartAlarmTime>\r\n<EndAlarmTime>"
                                                 "tomorrow</EndAlarmTime>").status,
          400, "SUBSCRIBE")
    check(d.wait_log('subscribe-refused status=400 element=EndAlarmTime value="tomorrow"'), "no log line")
    s = p.subscribe("Alarm", lib.DEVICE, inner="<StartAlarmTime>20240101</StartAlarmTime>\r\n<EndAlarmTime>"
                                               "2099-12-31T24:00:00</EndAlarmTime>")
    equal(s.status, 200, "SUBSCRIBE")
    s.wait(1)
    d.ctl("alarm", "method=5", "type=2")
    equal(s.wait_bodies(1)[0].get("AlarmMethod"), "5", "alarm")


def test_times(t):
    """The filter's times, under both names."""
    p, d = t.start(platform={"alarm_interval": "0"})
    for start, end in (("StartAlarmTime", "EndAlarmTime"), ("StartTime", "EndTime")):
        s = p.subscribe("Alarm", lib.DEVICE,
                        inner=f"<{start}>2001-01-01T00:00:00</{start}>\r\n<{end}>2001-01-02T00:00:00</{end}>")
        s.wait(1)
        before = len(alarms(p))
        d.ctl("alarm", "method=5", "type=2")
        check(p.wait(lambda: len(alarms(p)) > before), "no MESSAGE for an alarm outside the times")
        equal(s.bodies(), [], f"NOTIFYs of {start}")
    s = p.subscribe("Alarm", lib.DEVICE, inner="<StartTime>2001-01-01T00:00:00</StartTime>\r\n<EndTime>"
                                               "2099-01-02T00:00:00</EndTime>")
    s.wait(1)
    d.ctl("alarm", "method=5", "type=2")
    check(s.wait_bodies(1), "no NOTIFY inside the times")


def test_modes(t):
    for mode, notifies, messages in (("message", 0, 1), ("both", 1, 1)):
        p = t.platform()
        d = t.daemon(t.config(p, platform={"alarm_notify": mode}))
        check(p.wait_online(), "not online")
        s = p.subscribe("Alarm", lib.DEVICE)
        s.wait(1)
        d.ctl("alarm", "method=5", "type=2")
        check(p.wait(lambda: len(alarms(p)) >= messages and len(s.bodies()) >= notifies), f"{mode}: missing alarms")
        lib.stays(lambda: (len(s.bodies()), len(alarms(p))), (notifies, messages), 0.3, mode)


def test_refused(t):
    """A platform that refuses the NOTIFY (LAL: 400) is sent a MESSAGE."""
    p, d = t.start()
    s = p.subscribe("Alarm", lib.DEVICE, answer=lambda m: 400 if m.body else 200)
    s.wait(1)
    d.ctl("alarm", "method=5", "type=2")
    check(p.wait(lambda: alarms(p)), "no MESSAGE")
    d.ctl("alarm", lib.CHANNEL, "method=5", "type=2")
    equal(len(s.wait_bodies(2)), 2, "the subscription has ended")


def test_lost(t):
    """The first NOTIFY of an alarm is lost on an idle link: it is retransmitted after half a second."""
    p, d = t.start(platform={"keepalive_interval": 3600})
    s = p.subscribe("Alarm", lib.DEVICE)
    s.wait(1)
    # the retransmission must not depend on earlier traffic
    lib.settles(lambda: len(p.log), 3, what="number of messages")
    copies, answer_after = [], 3

    def lose(msg):
        if msg.method != "NOTIFY" or b"<CmdType>Alarm" not in msg.body:
            return False
        copies.append((time.monotonic(), msg.cseq, msg.body))
        return len(copies) < answer_after
    p.drop_in = lose
    d.ctl("alarm", "method=5", "type=2")
    check(s.wait_bodies(1), "the NOTIFY was not retransmitted")
    equal(len(set(c[1:] for c in copies)), 1, "distinct copies")
    gaps = [b[0] - a[0] for a, b in zip(copies, copies[1:])]
    check(0.4 < gaps[0] < 0.9 * lib.SLOW and 0.8 < gaps[1] < 1.6 * lib.SLOW,
          f"sent again after {gaps} s, not 0.5 and 1")
    equal(alarms(p), [], "MESSAGEs")


lib.main(test, test_unreadable, test_times, test_modes, test_refused, test_lost)
