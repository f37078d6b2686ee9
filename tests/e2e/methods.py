# SPDX-License-Identifier: MIT
"""OPTIONS with Allow and Accept; 405 or 501 to unknown methods; requests before the registration."""

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    answer = p.request(p.make("OPTIONS", lib.DEVICE))
    equal(answer.status, 200, "OPTIONS")
    allowed = {m.strip() for m in ",".join(answer.all("Allow")).split(",")}
    check({"INVITE", "ACK", "INFO", "CANCEL", "BYE", "OPTIONS", "MESSAGE"} <= allowed, f"Allow {allowed}")
    check("sdp" in (answer.get("Accept") or "").lower() and "manscdp" in answer.get("Accept").lower(),
          f"Accept {answer.get('Accept')}")
    for method in ("PUBLISH", "UPDATE", "FOO", "REFER"):
        answer = p.request(p.make(method, lib.DEVICE))
        check(answer is not None and answer.status in (405, 501), f"{method}: {answer}")
    answer = p.request(p.make("MESSAGE", "34020000009990000001", body=lib.manscdp.build("Query", "DeviceInfo", 1,
                                                                                        lib.DEVICE)))
    check(answer is None or answer.status in (200, 403, 404), f"MESSAGE to another device: {answer}")


def test_not_registered(t):
    """Before the registration: OPTIONS is answered 200, BYE 481, the rest 403."""
    p = t.platform(registrar=lib.Registrar(refuse=403))
    d = t.daemon(t.config(p))
    check(d.wait_state("waiting"), "state")
    route = p.received("REGISTER")[0].route
    equal(p.request(p.make("OPTIONS", lib.DEVICE), route=route).status, 200, "OPTIONS")
    equal(p.request(p.make("BYE", lib.DEVICE), route=route).status, 481, "BYE")
    equal(p.request(p.make("MESSAGE", lib.DEVICE, body=lib.manscdp.build("Query", "Catalog", 1, lib.DEVICE)),
                    route=route).status, 403, "MESSAGE")
    call = p.invite(lib.CHANNEL, route=route)
    equal(call.status, 403, "INVITE")
    check(d.platform()["refused"] >= 2, "refusals are not counted")


lib.main(test, test_not_registered)
