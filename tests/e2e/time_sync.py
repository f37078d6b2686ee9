# SPDX-License-Identifier: MIT
"""The Date of the 200 in all its forms; time_sync = off takes none; a broken one is ignored."""

import lib
from lib import check, Registrar

FORMS = ["2026-08-06T12:34:56.789", "2026-08-06T12:34:56", "2026-08-06T12: 34: 56.789", "2026-8-6T12:34:56",
         "2026-08-06T12:34:56+08:00",
         "2026-08-06T04:34:56Z", "Thu, 06 Aug 2026 04:34:56 GMT"]
BROKEN = ["", "yesterday", "2026-02-31T00:00:00", "1970-01-01T00:00:00", "9999-12-31T23:59:59", "2026-08-06", "T",
          "2026-08-06T25:61:61.999"]
UNIX = 1785990896


def shown(d):
    """The log tells that time, in Beijing's clock or in Unix seconds."""
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
        d.stop()


def test_off(t):
    p = t.platform(registrar=Registrar(date=FORMS[0]))
    d = t.daemon(t.config(p, platform={"time_sync": "off"}))
    check(p.wait_online(), "not online")
    check("2026-08-06" not in d.log() and str(UNIX) not in d.log(), "time_sync = off took the time")


lib.main(test_forms, test_broken, test_off)
