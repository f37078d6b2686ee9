# SPDX-License-Identifier: MIT
"""A body that declares GB2312, GBK or GB18030 and is UTF-8 is decoded as UTF-8. Correctly declared GB stays GB, even if
a name happens to be well-formed UTF-8."""

import lib
from lib import equal, manscdp

NAMES = ("大门", "地下车库入口", "1号楼电梯轿厢", "上海市浦东新区")


def rename(p, name, declared, codec):
    """Sets the channel's name, encoded by `codec`; returns the resulting name."""
    sn = str(p.serial())
    text = manscdp.build("Control", "DeviceConfig", sn, lib.CHANNEL, f"<BasicParam><Name>{name}</Name></BasicParam>",
                         encoding="UTF-8")
    text = text.decode("utf-8").replace('encoding="UTF-8"', f'encoding="{declared}"')
    equal(p.message(text.encode(codec), lib.CHANNEL).status, 200, "status")
    notes = p.wait_notes("DeviceConfig", sn=sn)
    equal([n.body.get("Result") for n in notes], ["OK"], f"{name} as {codec}, declared {declared}")
    return p.query("ConfigDownload", lib.CHANNEL, "<ConfigType>BasicParam</ConfigType>").get("BasicParam/Name")


def test(t):
    p, _ = t.start(platform={"config_interval": 0}, device={"settings": t.folder / "settings.txt"})
    for declared in ("GB2312", "gbk", "GB18030"):
        for name in NAMES:
            equal(rename(p, name, declared, "utf-8"), name, f"UTF-8 declared {declared}")
    for name in (*NAMES, "联通", "移动", "一二三"):
        equal(rename(p, name, "GB2312", "gb2312"), name, "GB2312")
        equal(rename(p, name, "GB18030", "gb18030"), name, "GB18030")
        equal(rename(p, name, "UTF-8", "utf-8"), name, "UTF-8")
        # The reverse: GB declared as UTF-8.
        if name in NAMES:
            equal(rename(p, name, "UTF-8", "gb2312"), name, "GB declared UTF-8")


lib.main(test)
