# SPDX-License-Identifier: MIT
"""Bodies of real platforms: charsets, line ends, blanks, declarations, content types."""

import lib
from lib import check, equal, manscdp


def test(t):
    p, _ = t.start()
    for n, kw in enumerate([{"encoding": "UTF-8"}, {"encoding": "GB18030"}, {"encoding": "GBK"}, {"newline": "\n"},
                            {"declaration": False}, {"newline": ""}]):
        body = p.query("DeviceInfo", lib.DEVICE, sn=str(2000 + n), **kw)
        check(body is not None and body.get("Result") == "OK", f"{kw}")
    padded = manscdp.build("Query", "DeviceInfo", " 2100 ", lib.DEVICE).replace(b"<CmdType>", b"<CmdType> ").replace(
        lib.DEVICE.encode(), b" " + lib.DEVICE.encode() + b" ")
    for n, (body, kind) in enumerate([(padded, "Application/MANSCDP+xml"), (b"\xef\xbb\xbf" + manscdp.build(
            "Query", "DeviceInfo", 2101, lib.DEVICE, encoding="UTF-8"), "APPLICATION/MANSCDP+XML"),
            (manscdp.build("Query", "DeviceInfo", 2102, lib.DEVICE, "<Unknown><Deep>x</Deep></Unknown>"),
             "application/xml")]):
        equal(p.message(body, lib.DEVICE, content_type=kind).status, 200, kind)
        check(p.wait_notes("DeviceInfo", sn=str(2100 + n)), f"no answer to body {n}")


lib.main(test)
