# SPDX-License-Identifier: MIT
"""An INVITE dialog on the platform's side; all fields of its requests can be overridden."""

import secrets
import time

import rtp
import sdp
import sip


class Call:
    """An INVITE dialog on the platform's side. With wait=True the constructor returns after the final response and,
    unless ack=False, after sending the ACK."""

    def __init__(self, platform, channel, media="udp", media_ip=None, ssrc="0200000001", session="Play", style="wvp",
                 subject=None, offer=None, sdp_body=None, content_type="APPLICATION/SDP", headers=(), target=None,
                 receiver=None, wait=True, ack=True, timeout=5.0, device_id=None, route=None, edit=None,
                 expect_gaps=False, **sdp_fields):
        self.platform, self.channel, self.ssrc = platform, channel, ssrc
        self.route = route or platform.route(device_id)
        self.acked, self.acked_cseq, self.ended_by_device = False, 0, False
        ip = platform.host if media_ip is None else media_ip
        number = int(ssrc) if ssrc is not None and ssrc.isdigit() and 0 < int(ssrc) <= 0xffffffff else None
        self.media = receiver or rtp.Receiver(media, platform.host, number, expect_gaps)
        tcp = media != "udp"
        setup = {"tcp-passive": "passive", "tcp-active": "active"}.get(media)
        self.offer = offer or sdp.Offer(**{
            "channel": channel, "server": platform.id, "ip": ip, "port": self.media.port, "tcp": tcp, "setup": setup,
            "session": session, "y": ssrc, "style": style, **sdp_fields})
        body = self.offer.to_bytes() if sdp_body is None else sdp_body
        subject = subject or f"{channel}:{ssrc or 0},{platform.id}:{platform.serial()}"
        self.invite = platform.make("INVITE", target or channel, device_id, body, content_type,
                                    [("Contact", f"<sip:{platform.id}@{platform.at}:{platform.port}>"),
                                     ("Subject", subject), *headers])
        if edit:
            edit(self.invite)
        self.call_id = self.invite.call_id
        self.cseq = self.invite.cseq
        self.response = self.answer = None
        platform._calls[self.call_id, self.invite.from_tag] = self
        if wait:
            self.finish(platform.request(self.invite, timeout, self.route), ack)
        else:
            platform.send(self.invite, self.route)

    def finish(self, response, ack=True):
        """Processes the final response."""
        self.response = response
        if response is None or response.status != 200:
            if response is not None:
                self._ack_failure(response)
            self.close_media()
            return
        self.answer = sdp.parse_answer(response.body)
        for text in self.answer.bad:
            self.platform._error(f"answer: {text}")
        for name in ("Contact", "Content-Type"):
            if not response.get(name):
                self.platform._error(f"200 to INVITE without {name}")
        if not response.to_tag:
            self.platform._error("200 to INVITE without To tag")
        if ack:
            self.send_ack()

    @property
    def status(self):
        return self.response.status if self.response else None

    def make(self, method, cseq=None, body=b"", content_type="", headers=(), uri=None, branch=None, from_uri=None,
             from_tag=None, to_tag=None, call_id=None, cseq_text=None, rport=True):
        """A request inside the dialog; all fields can be overridden."""
        if cseq is None:
            if method not in ("ACK", "CANCEL"):
                self.cseq += 1
            cseq = self.cseq
        p, inv = self.platform, self.invite
        to = self.response.get("To") if self.response else inv.get("To")
        if to_tag is not None:
            to = f"<{sip.uri_of(to)}>" + (f";tag={to_tag}" if to_tag else "")
        tag = inv.from_tag if from_tag is None else from_tag
        msg = sip.Message(f"{method} {uri or self.remote_target()} SIP/2.0", body=body)
        via = f"SIP/2.0/{'UDP' if self.route.udp else 'TCP'} {p.at}:{p.port}{';rport' if rport else ''}"
        msg.add("Via", f"{via};branch={branch or 'z9hG4bK' + secrets.token_hex(8)}")
        msg.add("From", f"<{from_uri or sip.uri_of(inv.get('From'))}>;tag={tag}")
        msg.add("To", to)
        msg.add("Call-ID", call_id or self.call_id)
        msg.add("CSeq", cseq_text or f"{cseq} {method}")
        msg.add("Max-Forwards", 70)
        return msg.finish(headers, content_type)

    def remote_target(self):
        contact = self.response.get("Contact") if self.response else None
        return sip.uri_of(contact) if contact else self.invite.uri

    def send_ack(self, **kw):
        self.acked, self.acked_cseq = True, self.invite.cseq
        self.platform.send(self.make("ACK", cseq=self.invite.cseq, **kw), self.route)
        if self.media.mode == "tcp-active" and not self.media.connections:
            self.media.connect(self.answer.ip, self.answer.port)

    def _ack_failure(self, response):
        self.platform.send(self.make("ACK", cseq=self.invite.cseq, uri=self.invite.uri, branch=self.invite.branch),
                           self.route)

    def cancel(self, timeout=5.0):
        """Sends CANCEL of the INVITE; returns its final response."""
        msg = self.make("CANCEL", cseq=self.invite.cseq, uri=self.invite.uri, branch=self.invite.branch, to_tag="")
        return self.platform.request(msg, timeout, self.route)

    def bye(self, timeout=5.0, retransmit=True, **kw):
        answer = self.platform.request(self.make("BYE", **kw), timeout, self.route, retransmit)
        return answer

    def info(self, text, timeout=5.0):
        return self.platform.request(self.make("INFO", body=text.encode(), content_type="Application/MANSRTSP"),
                                     timeout,
                                     self.route)

    def reinvite(self, timeout=5.0, **kw):
        """Sends a re-INVITE with the same offer, and ACK; returns the final response."""
        msg = self.make("INVITE", body=self.offer.to_bytes(), content_type="APPLICATION/SDP",
                        headers=[("Contact", self.invite.get("Contact")), ("Subject", self.invite.get("Subject"))],
                        **kw)
        answer = self.platform.request(msg, timeout, self.route)
        if answer is not None:
            ok = answer.status < 300
            self.platform.send(self.make("ACK", cseq=msg.cseq, branch=None if ok else msg.branch), self.route)
        return answer

    def wait_bye(self, timeout=5.0):
        """Waits for the device to end the call."""
        return self.platform.wait(lambda: self.ended_by_device, timeout)

    def silent(self, seconds=0.5, settle=0.2):
        """No media arrives for so long; packets already on the way have `settle` seconds."""
        end = time.monotonic() + settle
        with self.media.lock:
            return not self.media.lock.wait_for(lambda: self.media.assembler.last_packet > end, settle + seconds)

    def close_media(self):
        self.media.close()

    def close(self):
        """Sends BYE and closes the media port; returns the response to the BYE."""
        answer = self.bye() if self.acked and not self.ended_by_device else None
        self.close_media()
        return answer
