# SPDX-License-Identifier: MIT
"""An HTTP server for tests: accepts uploads, serves files, and misbehaves depending on the path."""

import re
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Upload:
    """An upload."""
    method: str
    path: str
    headers: dict
    name: str                           # of the file, "" if unknown
    data: bytes
    time: float = field(default_factory=time.monotonic)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "test"

    def log_message(self, *_):
        pass

    def _answer(self, status, body=b"", length=None, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _misbehave(self):
        """Whether the request was handled."""
        web = self.server.web
        with web.lock:
            web.requests.append((self.command, self.path))
        kind = web.fault(self.path)
        if kind == "stall":
            web.stop.wait(30)
        elif kind == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"gbagent-sim 9\n")
            self.wfile.flush()
            web.stop.wait(30)
        elif kind == "redirect":
            self._answer(302, headers=[("Location", f"{web.url}/good")])
        elif kind == "status":
            self._answer(500, b"no")
        elif kind == "short":
            self._answer(200, b"gbagent-sim 9\n", length=100000)
        elif kind == "more":
            self._answer(200, b"gbagent-sim 2.0\n" + b"x" * 300000, length=12)
        elif kind == "endless":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                while not web.stop.is_set():
                    self.wfile.write(b"x" * 65536)
            except OSError:
                pass
        elif kind == "large":
            self._answer(200, b"x" * 1000, length=1 << 40)
        elif kind == "empty":
            self._answer(200)
        elif kind == "garbage":
            self.wfile.write(b"\0\1\2 this is no HTTP\r\n\r\n")
        else:
            return False
        self.close_connection = True
        return True

    def do_GET(self):
        if self._misbehave():
            return
        data = self.server.web.files.get(self.path.split("?")[0])
        if data is None:
            self._answer(404, b"no such file")
        elif self.server.web.slow:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            half = len(data) // 2
            self.wfile.write(data[:half])
            self.wfile.flush()
            self.server.web.slow.wait(20)
            self.wfile.write(data[half:])
        else:
            self._answer(200, data)

    def _take(self):
        length = int(self.headers.get("Content-Length", 0))
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise ValueError("Content-Length missing")
        body = self.rfile.read(length)
        if self._misbehave():
            return
        name, data = self.path.rsplit("/", 1)[-1], body
        kind = re.match(r'multipart/form-data; *boundary="?([^"]+)"?', self.headers.get("Content-Type", ""))
        if kind:
            head, _, rest = body.partition(b"\r\n\r\n")
            data = rest.rsplit(b"\r\n--" + kind.group(1).encode(), 1)[0]
            found = re.search(rb'name="file"; filename="([^"]*)"', head)
            name = found.group(1).decode() if found else ""
        disposition = re.search(r'filename="([^"]*)"', self.headers.get("Content-Disposition", ""))
        if disposition:
            name = disposition.group(1)
        web = self.server.web
        with web.lock:
            web.uploads.append(Upload(self.command, self.path, dict(self.headers), name, data))
        self._answer(200 if self.command == "POST" else 201, b'{"code":0}')

    do_PUT = do_POST = _take


class Web:
    """The server. `faults`: path prefix -> kind of misbehaviour."""

    def __init__(self, host="127.0.0.1", context=None):
        self.uploads, self.requests, self.files, self.faults = [], [], {}, {}
        self.slow = None                # an Event before the second half of a file
        self.lock = threading.Lock()
        self.stop = threading.Event()
        kind = type("Server", (ThreadingHTTPServer,),
                    {"address_family": socket.AF_INET6 if ":" in host else socket.AF_INET})
        self.server = kind((host, 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.web = self
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if context else ''}://{f'[{host}]' if ':' in host else host}:{self.port}"
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.server.handle_error = lambda *_: None      # failing handshakes are part of the test
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def fault(self, path):
        for prefix, kind in self.faults.items():
            if path.startswith(prefix):
                return kind(path) if callable(kind) else kind
        return None

    def close(self):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
