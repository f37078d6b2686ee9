# SPDX-License-Identifier: MIT
"""The device's address changes: noticed immediately (routing socket), registered again with the new Contact. A device
that starts before its network registers as soon as the network is up."""

import lib
from _netns import HERE, THERE, Link
from lib import check, equal, need

LATER = "10.9.1.3"


def contact_host(device):
    return device.contact.split("@", 1)[1].split(":", 1)[0].rstrip(">")


def test_change(t):
    need(not lib.RUN, "runs under an emulator")
    link = Link()
    try:
        p = t.platform(host=HERE)
        d = t.daemon(t.config(p, platform={"keepalive_interval": 60}), run=link.enter)
        check(p.wait_online(10 * lib.SLOW), "the device did not come online")
        equal(d.platform()["local"].split(":")[0], THERE, "local address")
        before = d.platform()["registrations"]
        link.run(*link.enter, "ip", "addr", "del", f"{THERE}/24", "dev", "gbte1")
        link.run(*link.enter, "ip", "addr", "add", f"{LATER}/24", "dev", "gbte1")
        check(d.wait_status(lambda s: s["platforms"][0]["local"].startswith(LATER) and
                            s["platforms"][0]["state"] == "online" and
                            s["platforms"][0]["registrations"] > before, 5), "no registration from the new address")
        equal(contact_host(p.devices[lib.DEVICE]), LATER, "Contact")
        equal(p.invite(lib.CHANNEL).status, 200, "INVITE at the new address")
        equal(d.stop(), 0, "exit code")
    finally:
        link.close()


def test_network_comes_later(t):
    need(not lib.RUN, "runs under an emulator")
    link = Link()
    try:
        link.run(*link.enter, "ip", "addr", "del", f"{THERE}/24", "dev", "gbte1")
        p = t.platform(host=HERE)
        d = t.daemon(t.config(p), run=link.enter)
        check(d.wait_status(lambda s: s["platforms"][0]["state"] in ("connecting", "waiting"), 3),
              "state without network")
        check(not p.wait_online(1.0), "online without network")
        link.run(*link.enter, "ip", "addr", "add", f"{THERE}/24", "dev", "gbte1")
        check(p.wait_online(5 * lib.SLOW), "not online within 5 s of the network")
        equal(d.stop(), 0, "exit code")
    finally:
        link.close()


def test_network_returns(t):
    """The network goes away and returns with the same address: the back-off ends."""
    need(not lib.RUN, "runs under an emulator")
    link = Link()
    try:
        p = t.platform(host=HERE)
        d = t.daemon(t.config(p, platform={"keepalive_interval": 1, "keepalive_count": 1}), run=link.enter)
        check(p.wait_online(10 * lib.SLOW), "the device did not come online")
        link.run(*link.enter, "ip", "addr", "del", f"{THERE}/24", "dev", "gbte1")
        # Four failures: the next attempt is at least 8 s away.
        check(d.wait_status(lambda s: s["platforms"][0]["state"] == "waiting" and s["platforms"][0]["next_retry_s"] > 7,
                            40),
              "no back-off without network")
        link.run(*link.enter, "ip", "addr", "add", f"{THERE}/24", "dev", "gbte1")
        check(d.wait_state("online", timeout=4), "not online within 4 s of the network")
        equal(d.stop(), 0, "exit code")
    finally:
        link.close()


lib.main(test_change, test_network_comes_later, test_network_returns)
