# SPDX-License-Identifier: MIT
"""X-GB-Ver: sent in every REGISTER of a 2022 platform; a lower version in the answer is used."""

import lib
from lib import check, equal, Registrar


def link(t, version, answer, **keys):
    p = t.platform(registrar=Registrar(gb_ver=answer))
    d = t.daemon(t.config(p, platform={"version": version, **keys}), name=f"d{version}{answer}")
    check(p.wait_online(10 * lib.SLOW), f"{version}, {answer}: not online")
    return p, d


def test(t):
    for version, answer, used in (("2022", "3.0", "2022"), ("2022", "2.0", "2016"), ("2022", "1.1", "2011"),
                                  ("2022", None, "2022"),
                                ("2022", "nonsense", "2022"), ("2016", "3.0", "2016"), ("2016", "1.0", "2011")):
        p, d = link(t, version, answer)
        equal(d.platform()["version"], used, f"{version}, the platform has {answer}: version in use")
        for msg in p.received("REGISTER"):
            equal(msg.get("X-GB-Ver"), "3.0" if version == "2022" else None, f"{version}: X-GB-Ver of a REGISTER")
        note = p.find_notes("Keepalive")[0]
        check(note.msg.get("X-GB-Ver") is None, "X-GB-Ver outside REGISTER")
        charset = b"GB18030" if used == "2022" else b"GB2312"
        check(charset in note.msg.body.split(b"\n")[0].upper(), f"{used}: {note.msg.body.splitlines()[0]}")
        d.stop()


def test_charset_chosen(t):
    """A configured charset does not change with the version."""
    p, d = link(t, "2022", "2.0", charset="utf-8")
    check(b"UTF-8" in p.find_notes("Keepalive")[0].msg.body.split(b"\n")[0].upper(), "charset")
    equal(d.platform()["version"], "2016", "version in use")


lib.main(test, test_charset_chosen)
