# SPDX-License-Identifier: MIT
"""Times in queries of real platforms: T24:00:00, compact, date only, without seconds, with a time zone."""

import time

from _records import HOUR, ask, items, last_hour, local
import lib
from lib import equal

DAY = 24 * HOUR


def test(t):
    p, _ = t.start()

    def count(start, end):
        inner = f"<StartTime>{start}</StartTime>\n<EndTime>{end}</EndTime>\n<Type>time</Type>"
        return len(items(ask(p, lib.CHANNEL, inner)[0]))
    # the day before yesterday in Beijing, which has recordings of all hours
    midnight = (last_hour() + 8 * HOUR) // DAY * DAY - 8 * HOUR - 2 * DAY
    day, compact = local(midnight)[:10], local(midnight)[:10].replace("-", "")
    for start, end, want in (
            (f"{day}T00:00:00", f"{day}T24:00:00", 24), (f"{day}T22:00:00", f"{day}T24:00", 2), (day, day, 24),
                             (compact, compact, 24),
            (f"{compact}T000000", f"{compact}T020000", 2), (f"{compact}000000", f"{compact}030000", 3),
                             (f"{compact}0000", f"{compact}0400", 4),
            (f"{day}T00:00", f"{day}T05:00", 5), (f"{day} 0:0", f"{day} 6:0:0", 6),
                             (f"{day}T00:00:00+08:00", f"{day}T07:00+08:00", 7),
            (time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(midnight)), f"{day}T08:00:00.000", 8)):
        equal(count(start, end), want, f"records from {start} to {end}")


lib.main(test)
