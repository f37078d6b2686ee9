# SPDX-License-Identifier: MIT
"""SnapShotConfig: pictures are taken at the interval, named as in the standard, uploaded, and reported once."""

import lib
import httpd
import _snapshot as up
from lib import check, equal


def test(t):
    """Three pictures by multipart POST, the default."""
    p, d = up.start(t)
    with httpd.Web() as web:
        equal(up.command(p, lib.CHANNEL, f"{web.url}/up?a=1&amp;b=2", 3), "OK", "Result")
        note = up.finished(p)[0]
        equal(note.body.get("SessionID"), up.SESSION, "SessionID")
        equal(note.body.device_id, lib.CHANNEL, "DeviceID")
        equal([c.tag for c in note.body.root], ["CmdType", "SN", "DeviceID", "SessionID", "SnapShotList"],
              "order of elements")
        names = up.ids(note)
        equal(len(names), 3, "pictures reported")
        for number, (name, got) in enumerate(zip(names, web.uploads), 1):
            up.check_name(name, lib.CHANNEL, number)
            equal((got.method, got.path, got.name), ("POST", "/up?a=1&b=2", f"{name}.jpg"), "upload")
            equal(got.data, up.JPEGS[(number - 1) % 2], f"picture {number}")
            check("Expect" not in got.headers, "Expect delays small servers")
        gaps = [b.time - a.time for a, b in zip(web.uploads, web.uploads[1:])]
        check(all(0.7 < g < 1.6 * lib.SLOW for g in gaps), f"seconds between pictures: {gaps}")
        lib.stays(lambda: len(p.find_notes("UploadSnapShotFinished")), 1, 0.5, "reports of the session")


def test_put(t):
    """PUT: the name is appended to the path, the query string stays. The name has the device's ID if the command had
    it."""
    p, d = up.start(t, "put")
    with httpd.Web() as web:
        equal(up.command(p, lib.DEVICE, f"{web.url}/store/?sign=x"), "OK", "Result")
        name = up.ids(up.finished(p)[0])[0]
        up.check_name(name, lib.DEVICE, 1)
        got = web.uploads[0]
        equal((got.method, got.path, got.data), ("PUT", f"/store/{name}.jpg?sign=x", up.JPEGS[0]), "upload")
        equal(got.headers["Content-Type"], "image/jpeg", "type")


def test_post(t):
    """The picture is the whole body; its name is in Content-Disposition."""
    p, d = up.start(t, "post")
    with httpd.Web() as web:
        equal(up.command(p, lib.CHANNEL, f"{web.url}/raw"), "OK", "Result")
        name = up.ids(up.finished(p)[0])[0]
        got = web.uploads[0]
        equal((got.method, got.path, got.name, got.data), ("POST", "/raw", f"{name}.jpg", up.JPEGS[0]), "upload")


def test_by_name(t):
    """A host name is resolved; its address must be allowed."""
    lib.need_localhost()
    p, d = up.start(t)
    with httpd.Web() as web:
        equal(up.command(p, lib.CHANNEL, f"http://localhost:{web.port}/up"), "OK", "Result")
        equal(len(up.ids(up.finished(p)[0])), 1, "pictures reported")


lib.main(test, test_put, test_post, test_by_name)
