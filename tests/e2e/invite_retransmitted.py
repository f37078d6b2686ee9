# SPDX-License-Identifier: MIT
"""A retransmitted INVITE gets the same 200, and there is one session; the 200 is repeated until the ACK."""

import lib
from gbplatform import T1
from lib import check, equal


def oks(p, call):
    return [m for m in p.responses(call.invite) if m.status == 200]


def check_gaps(times):
    """Retransmissions start at T1 and double: three within 2.2 s."""
    gaps = [b - a for a, b in zip(times, times[1:])]
    check(all(gap > 0.8 * T1 * 2 ** n for n, gap in enumerate(gaps)) and sum(gaps) < 2.2 * lib.SLOW,
          f"200 again after {gaps} s")


def test(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, wait=False)
    for n in range(1, 4):
        check(p.wait(lambda: len(oks(p, call)) >= n), f"{len(oks(p, call))} answers to {n} INVITEs")
        p.send(call.invite, call.route)
    call.finish(p.final(call.invite))
    check(call.media.wait_units(5), "no media")
    equal(len({m.raw for m in oks(p, call)}), 1, "distinct 200s")
    equal(len(d.status()["sessions"]), 1, "sessions")
    p.send(call.invite, call.route)         # once more, long after
    lib.stays(lambda: len(d.status()["sessions"]), 1, 0.3, "sessions")
    equal(call.media.faults, [], "faults")
    call.close()


def test_ack_lost(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    check(p.wait(lambda: len(oks(p, call)) >= 3), f"{len(oks(p, call))} times the 200 without an ACK")
    check_gaps([m.time for m in oks(p, call)][:3])
    equal(call.media.assembler.packets, 0, "packets before the ACK")
    call.send_ack()
    check(call.media.wait_units(5), "no media after the ACK")
    lib.stays(lambda: len(p.responses(call.invite)), len(p.responses(call.invite)), 2, "200s after the ACK")
    call.close()


def test_bye_instead_of_ack(t):
    p, d = t.start()
    call = p.invite(lib.CHANNEL, ack=False)
    equal(call.bye().status, 200, "BYE without ACK")
    check(d.wait_status(lambda s: not s["sessions"]), "the session is left")
    call.close_media()


lib.main(test, test_ack_lost, test_bye_instead_of_ack)
