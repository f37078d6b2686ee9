# SPDX-License-Identifier: MIT
"""MANSCDP bodies: parses those of the device, builds those of a platform."""

import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

CODEC = {"gb2312": "gb2312", "gbk": "gbk", "gb18030": "gb18030", "utf-8": "utf-8"}
FIRST = ["CmdType", "SN", "DeviceID"]


class Body:
    """A body sent by the device. `bad` lists violations of its form."""

    def __init__(self, data):
        self.bad = []
        found = re.match(rb'<\?xml version="1\.0" encoding="([A-Za-z0-9-]+)"\?>\r?\n', data)
        if not found:
            self.bad.append("no XML declaration with an encoding")
        self.encoding = found.group(1).decode() if found else "GB2312"
        codec = CODEC.get(self.encoding.lower(), "gb18030")
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as e:
            self.bad.append(f"bytes are not {self.encoding}: {e}")
            text = data.decode("gb18030", "replace")
        if re.search(r"&(?!(lt|gt|amp|apos|quot);)", text):
            self.bad.append("an entity other than the five named ones")
        self.text = text
        self.root = ET.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text).lstrip())
        self.kind = self.root.tag
        names = [child.tag for child in self.root][:3]
        if names != FIRST:
            self.bad.append(f"first elements {names}")
        if self.kind not in ("Notify", "Response"):
            self.bad.append(f"root {self.kind}")

    def get(self, path, default=None):
        """Text of an element below the root, stripped."""
        found = self.root.find(path)
        return default if found is None else (found.text or "").strip()

    @property
    def cmd(self):
        return self.get("CmdType", "")

    @property
    def sn(self):
        return self.get("SN", "")

    @property
    def device_id(self):
        return self.get("DeviceID", "")

    def items(self, name="DeviceList"):
        """The Items of a list as dictionaries (nested elements as 'Info/PTZType')."""
        result = []
        for item in self.root.findall(f"{name}/Item"):
            fields = {}
            for child in item:
                fields[child.tag] = (child.text or "").strip()
                for inner in child:
                    fields[f"{child.tag}/{inner.tag}"] = (inner.text or "").strip()
            fields["_order"] = [child.tag for child in item]
            result.append(fields)
        return result


def build(root, cmd, sn, device_id, inner="", encoding="GB2312", newline="\r\n", declaration=True):
    """A body in the form of WVP, by default; the arguments give those of others. `inner` is XML."""
    lines = [f'<?xml version="1.0" encoding="{encoding}"?>'] if declaration else []
    lines += [f"<{root}>", f"<CmdType>{cmd}</CmdType>", f"<SN>{sn}</SN>", f"<DeviceID>{escape(device_id)}</DeviceID>"]
    if inner:
        lines.append(inner)
    lines += [f"</{root}>", ""]
    return newline.join(lines).encode(CODEC.get(encoding.lower(), "utf-8"))


def ptz(command, data1=0, data2=0, data3=0, address=1):
    """PTZCmd: 8 bytes as 16 hex digits, the last one the checksum (A.3)."""
    data = bytes([0xa5, 0x0f, address & 0xff, command, data1, data2, (data3 << 4) | (address >> 8)])
    return (data + bytes([sum(data) & 0xff])).hex().upper()
