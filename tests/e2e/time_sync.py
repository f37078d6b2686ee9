# SPDX-License-Identifier: MIT
"""The Date of the 200 in all its forms; time_sync = off ignores it; invalid or implausible ones are ignored. `set` is
covered by the unit test test_clock, as the clock of this machine must not be set."""

import lib
from lib import check, Registrar

FORMS = ["2026-08-06T12:34:56.789", "2026-08-06T12:34:56", "2026-08-06T12: 34: 56.789", "2026-8-6T12:34:56",
         "2026-08-06T12:34:56+08:00",
         "2026-08-06T04:34:56Z", "Thu, 06 Aug 2026 04:34:56 GMT"]
LATER = [("2038-01-19T11:14:08", "2038-01-19T11:14:08"), ("2030-12-31T23:59:60", "2030-12-31T23:59:59"),
         ("2028-02-29T12: 00: 00.000", "2028-02-29T12:00:00")]
BROKEN = ["", "yesterday", "2026-02-31T00:00:00", "1970-01-01T00:00:00", "2106-02-07T14:28:16", "9999-12-31T23:59:59",
          "2026-08-06", "T",
          "2026-08-06T25:61:61.999", "2027-02-29T00:00:00", "1900-01-01T00:00:00", "2" * 2000]
UNIX = 1785990896


def shown(d):
    """The log has that time, as Beijing time or in Unix seconds."""
    return d.wait_log("2026-08-06T12:34:56", 2) or d.wait_log(str(UNIX), 1)


def test_forms(t):
    for n, form in enumerate(FORMS):
        p = t.platform(registrar=Registrar(date=form))
        d = t.daemon(t.config(p), name=f"form{n}")
        check(p.wait_online(), f"{form}: not online")
        check(shown(d), f"{form}: the log does not show that time")
        d.stop()


def test_broken(t):
    for n, form in enumerate(BROKEN):
        p = t.platform(registrar=Registrar(date=form))
        d = t.daemon(t.config(p), name=f"broken{n}")
        check(p.wait_online(), f"{form!r}: not online")
        check("platform-time " not in d.log(), f"{form!r}: accepted as a time")
        d.stop()


def test_later(t):
    """Valid for twenty years from the build; 29 February and the leap second are accepted."""
    for n, (form, text) in enumerate(LATER):
        p = t.platform(registrar=Registrar(date=form))
        d = t.daemon(t.config(p, platform={"time_sync": "event"}), name=f"later{n}")
        check(p.wait_online(), f"{form}: not online")
        check(d.wait_log(f"platform-time time={text}", 2), f"{form}: the log does not show {text}")
        check("clock: time-set" not in d.log(), "time_sync = event set the clock")
        # no timer is affected: keepalives and refresh use the monotonic clock
        check(d.wait_state("online"), "not online")
        d.stop()


def test_off(t):
    p = t.platform(registrar=Registrar(date=FORMS[0]))
    d = t.daemon(t.config(p, platform={"time_sync": "off"}))
    check(p.wait_online(), "not online")
    check("2026-08-06" not in d.log() and str(UNIX) not in d.log(), "time_sync = off used the time")


lib.main(test_forms, test_broken, test_later, test_off)
