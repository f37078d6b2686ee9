# SPDX-License-Identifier: MIT
"""200 INVITEs for different destinations: up to the limit 200, the rest 486, no leaks."""

import lib
from lib import check, equal, sdp


def test(t):
    p, d = t.start(channels=8, media={"max_sessions": 5, "max_per_channel": 4})
    held = [p.invite(lib.channel_id(n), ssrc=f"0200001{n:03d}") for n in range(1, 6)]
    equal([c.status for c in held], [200] * 5, "first five")
    fds = d.fds()
    msgs = []
    for n in range(200):
        channel = lib.channel_id(6 + n % 3)
        body = sdp.Offer(channel, p.id, "127.0.0.1", 20000 + n, y=f"02{n:08d}").to_bytes()
        msgs.append(p.make("INVITE", channel, body=body, content_type="application/sdp",
                           headers=[("Contact", f"<sip:{p.id}@127.0.0.1:{p.port}>"), ("Subject",
                                                                                      f"{channel}:{n + 1},{p.id}:1")]))
        p.send(msgs[-1])
        if n % 20 == 19:
            check(p.final(msgs[-1], 5), "no answer during the flood")
    statuses = [p.final(m, 3).status for m in msgs]
    equal(set(statuses), {486}, "answers")
    equal(d.fds(), fds, "descriptors")
    for call in held:
        count = len(call.media.units)
        check(call.media.wait_units(count + 3), "a running session stopped")
        call.close()


lib.main(test)
