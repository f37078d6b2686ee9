# SPDX-License-Identifier: MIT
"""Shared by the tests of faulty channels in Keepalive."""


def content(note):
    """The elements after DeviceID."""
    def walk(e):
        return (e.tag, [walk(c) for c in e] if len(e) else e.text)
    return [walk(e) for e in note.body.root][3:]


def report(*faulty):
    """The elements of a working device with these faulty channels: Info{DeviceID*}, absent if there are none."""
    return [("Status", "OK")] + ([("Info", [("DeviceID", i) for i in faulty])] if faulty else [])


def last(p):
    return content(p.find_notes("Keepalive")[-1])
