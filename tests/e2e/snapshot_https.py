# SPDX-License-Identifier: MIT
"""HTTPS: no upload to a server with an untrusted certificate, upload to one trusted by ca_file."""

import shutil
import ssl
import subprocess

import lib
import httpd
import _snapshot as up
from lib import equal


def server(t):
    lib.need(shutil.which("openssl"), "openssl is not installed")
    key, cert = t.folder / "key.pem", t.folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days",
                    "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return httpd.Web(context=context), cert


def test(t):
    web, cert = server(t)
    with web:
        p, d = up.start(t)
        equal(up.command(p, lib.CHANNEL, f"{web.url}/up"), "OK", "Result")
        equal(up.ids(up.finished(p)[0]), [], "pictures at an untrusted server")
        equal(web.uploads, [], "uploads")
        d.write_config(d.conf.read_text().replace("stall_timeout", f"ca_file = {cert}\nstall_timeout"))
        d.ctl("reload")
        equal(up.command(p, lib.CHANNEL, f"{web.url}/up", session="s" * 32), "OK", "Result")
        equal(len(up.ids(up.finished(p, 2)[-1])), 1, "pictures")
        equal(web.uploads[0].data, up.JPEGS[1], "the picture")


lib.main(test)
