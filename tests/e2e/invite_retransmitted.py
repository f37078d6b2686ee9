# SPDX-License-Identifier: MIT
"""The same INVITE again: the same 200 again, one session; the 200 is repeated until the ACK."""

import time

import lib
from lib import check, equal


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, wait=False)
    for _ in range(3):
        time.sleep(0.05)
        p.send(call.invite, call.route)
    call.finish(p.final(call.invite))
    check(call.media.wait_units(5), "no media")
    answers = [m for m in p.responses(call.invite) if m.status == 200]
    check(len(answers) >= 3, f"{len(answers)} answers to four INVITEs")
    equal(len({m.raw for m in answers}), 1, "different 200s")
    equal(len(d.status()["sessions"]), 1, "sessions")
    p.send(call.invite, call.route)         # once more, long after
    time.sleep(0.3)
    equal(len(d.status()["sessions"]), 1, "sessions")
    equal(call.media.faults, [], "faults")
    call.close()


def test_ack_lost(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    time.sleep(2.2)
    count = len(p.responses(call.invite))
    check(3 <= count <= 5, f"{count} times the 200 in 2.2 s without an ACK")
    equal(call.media.assembler.packets, 0, "packets before the ACK")
    call.send_ack()
    check(call.media.wait_units(5), "no media after the ACK")
    time.sleep(0.2)
    count = len(p.responses(call.invite))
    time.sleep(2)
    equal(len(p.responses(call.invite)), count, "200s after the ACK")
    call.close()


def test_bye_instead_of_ack(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    equal(call.bye().status, 200, "BYE without ACK")
    check(d.wait_status(lambda s: not s["sessions"]), "session is left")
    call.close_media()


lib.main(test, test_ack_lost, test_bye_instead_of_ack)
