# SPDX-License-Identifier: MIT
"""VideoRecordPlan: a usual plan, the largest one, and invalid ones."""

import _config
import lib


def span(start, stop):
    return "<TimeSegment>" + "".join(f"<{kind}{unit}>{v}</{kind}{unit}>" for kind,
                                     at in (("Start", start), ("Stop", stop))
                                     for unit, v in zip(("Hour", "Min", "Sec"), at)) + "</TimeSegment>"


def day(number, *spans):
    return (f"<RecordSchedule><WeekDayNum>{number}</WeekDayNum><TimeSegmentSumNum>{len(spans)}</TimeSegmentSumNum>"
            f"{''.join(spans)}"
            "</RecordSchedule>")


def plan(*days, enable=1):
    return (f"<VideoRecordPlan><RecordEnable>{enable}</RecordEnable><RecordScheduleSumNum>"
            f"{len(days)}</RecordScheduleSumNum>{''.join(days)}"
            "<StreamNumber>0</StreamNumber></VideoRecordPlan>")


MORNING, EVENING = span((8, 0, 0), (11, 59, 59)), span((18, 30, 0), (23, 59, 59))


def test(t):
    _config.block(t, "VideoRecordPlan", plan(day(1, MORNING, EVENING), day(7, MORNING)), default=plan(enable=0),
                  large=True,
                  bad=[plan(day(8, MORNING)), plan(day(1, *[MORNING] * 9)), plan(*[day(1, MORNING)] * 2),
                       plan(day(1, span((12, 0, 0), (11, 0, 0)))), plan(day(1, span((0, 0, 0), (23, 60, 0)))),
                       plan(enable="yes")])


def test_full(t):
    """Seven days of eight periods: above the datagram size limit."""
    full = plan(*[day(n, *[span((h * 3, 10, 10), (h * 3 + 2, 59, 59)) for h in range(8)]) for n in range(1, 8)])
    p, d = _config.start(t)
    _config.set_ok(p, lib.CHANNEL, full)
    lib.equal(_config.get(p, lib.CHANNEL, "VideoRecordPlan"), _config.parse(full), "plan")
    _config.restart(t, p, d)
    lib.equal(_config.get(p, lib.CHANNEL, "VideoRecordPlan"), _config.parse(full), "plan after kill -9")
    _config.forgive_size(p)


lib.main(test, test_full)
