# SPDX-License-Identifier: MIT
"""A server configured by host name: resolved by /etc/hosts and by DNS, whatever else the name server answers. Runs in a
network namespace, with /etc/hosts and /etc/resolv.conf of the test."""

import contextlib
import socket
import struct
import threading

import lib
from _netns import HERE, Link
from lib import check, need

A, AAAA, CNAME = 1, 28, 5


def labels(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


def record(name, kind, data):
    return name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


class NameServer:
    """Knows platform.test. `answer(kind, question)` decides how: a list of records, a message as bytes, or None for no
    answer."""

    def __init__(self, answer):
        self.answer = answer
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HERE, 53))
        self.asked = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                query, peer = self.sock.recvfrom(2048)
                end = query.index(b"\0", 12) + 5
                kind, question = struct.unpack(">H", query[end - 4:end - 2])[0], query[12:end]
                self.asked.append(kind)
                known = question.lower().startswith(labels("platform.test"))
                answer = self.answer(kind, question) if known else []
                if isinstance(answer, list):
                    head = struct.pack(">HHHHHH", 0, 0x8180 if known else 0x8183, 1, len(answer), 0, 0)
                    answer = head + question + b"".join(answer)
                if answer is not None:
                    self.sock.sendto(query[:2] + answer[2:], peer)

    def close(self):
        self.sock.close()


def serve(t, name, answer=lambda kind, question: [], hosts=""):
    """The daemon comes online at NAME; the kinds of records that it asked for. A lost packet or an invalid answer costs
    an attempt and its back-off, seconds each, so the timeout allows for several."""
    link = Link()
    dns = NameServer(answer)
    try:
        (t.folder / "hosts").write_text(hosts)
        (t.folder / "resolv").write_text(f"nameserver {HERE}\n")
        inside = [*link.enter, "unshare", "-m", "sh", "-c", f'mount --bind {t.folder}/hosts /etc/hosts && '
                  f'mount --bind {t.folder}/resolv /etc/resolv.conf && exec "$@"', "sh"]
        tried = lib.subprocess.run([*inside, "true"], capture_output=True, text=True)
        need(tried.returncode == 0, tried.stderr.strip())
        p = t.platform(host=HERE)
        d = t.daemon(t.config(p).replace(f"server = {HERE}:", f"server = {name}:"), run=inside)
        check(p.wait_online(40), f"not online at {name}; asked {dns.asked}")
        check(d.wait_state("online"), "not online in the status")
        check(d.stop() == 0, "exit code")
        return dns.asked
    finally:
        dns.close()
        link.close()


def test_hosts(t):
    asked = serve(t, "Camera-Platform", hosts=f"# {HERE} nobody\n\n127.0.0.1 localhost\n{HERE}\tother camera-platform "
                                              "# x\n")
    check(not asked, f"DNS was asked for a name in /etc/hosts: {asked}")


def test_dns(t):
    asked = serve(t, "platform.test", lambda kind, q: [record(q[:-4], A, socket.inet_aton(HERE))] if kind == A else [])
    check(A in asked and AAAA in asked, f"asked: {asked}")


def test_alias(t):
    other = labels("www.platform.test")
    serve(t, "platform.test", lambda kind, q: [record(q[:-4], CNAME, other)] +
          ([record(other, A, socket.inet_aton(HERE))] if kind == A else []))


def test_unreachable_first(t):
    """An IPv6 address without a route does not prevent the use of the IPv4 address."""
    serve(t, "platform.test", lambda kind, q: [record(q[:-4], A, socket.inet_aton(HERE))] if kind == A else
          [record(q[:-4], AAAA, socket.inet_pton(socket.AF_INET6, "2001:db8::1"))])


def test_broken_answers(t):
    """Records that are truncated or of the wrong length, then a valid answer: the next attempt uses it."""
    asked = []

    def answer(kind, question):
        asked.append(kind)
        if len(asked) <= 4:
            good = record(question[:-4], kind, b"\x0a\x09")
            return [struct.pack(">HHHHHH", 0, 0x8180, 1, 9, 0, 0) + question + good[:-1], [good]][len(asked) % 2]
        return [record(question[:-4], A, socket.inet_aton(HERE))] if kind == A else []
    serve(t, "platform.test", answer)


lib.main(test_hosts, test_dns, test_alias, test_unreachable_first, test_broken_answers)
