# SPDX-License-Identifier: MIT
"""FormatSDCard (2022): no Response; SDCardStatus shows the progress; an invalid number formats nothing."""

import lib
from lib import check, equal
from _control import silent


def card(p):
    return p.query("SDCardStatus", lib.DEVICE).items("SDCardStatusInfo")[0]


def test(t):
    p, d = t.start(platform={"version": "2022", "control_interval": 0})
    for bad in ("<FormatSDCard/>", "<FormatSDCard>all</FormatSDCard>", "<FormatSDCard>-1</FormatSDCard>",
                "<FormatSDCard>9</FormatSDCard>"):
        silent(p, lib.DEVICE, bad, 0.1)
    equal(card(p)["Status"], "ok", "after invalid commands")
    silent(p, lib.DEVICE, "<FormatSDCard>0</FormatSDCard>")
    now = card(p)
    equal((now["Status"], now["FreeSpace"]), ("formatting", "0"), "while formatting")
    check(0 <= int(now["FormatProgress"]) <= 100, "progress")
    lib.until(lambda: card(p)["Status"] == "ok", 8, "formatting does not end")
    equal(card(p)["FreeSpace"], card(p)["Capacity"], "free after formatting")


lib.main(test)
