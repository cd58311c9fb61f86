"""A local HTTP server that serves small files and spoils requests on demand."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deadletter.fetch.download import Policy

FAST = Policy(retries=3, backoff=0.01, longest_wait=2, timeout=5)


class Server(ThreadingHTTPServer):
    """Serves ``files``, and else what the ``service`` answers; each entry of ``faults`` spoils one request.

    A fault is a status with headers, ``cut``, ``no-etag`` (also cut), ``ignore-range``, ``elsewhere`` or ``less``.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.requests, self.versions = {}, [], [], {}
        self.service = None
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.requests.append((self.path, self.headers.get("Range"), time.monotonic()))
        fault = server.faults.pop(0) if server.faults else None
        body = server.files.get(self.path)
        if body is None and server.service is not None and fault is None:
            status, body = server.service(self.path)
            kind = "application/json" if body.startswith((b"{", b"[")) else "text/html"
            self.answer(status, {"Content-Type": kind}, body)
            return
        if isinstance(fault, tuple) or body is None:
            status, headers = fault or (404, {})
            self.answer(status, headers, b"")
            return
        version = f'"{server.versions.get(self.path, "1")}"'
        start, status, headers = 0, 200, {"ETag": version} if fault != "no-etag" else {}
        wanted = self.headers.get("Range")
        if wanted and fault != "ignore-range" and self.headers.get("If-Range", version) == version:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                self.answer(416, {}, b"")
                return
            status = 206
            start += fault == "elsewhere"
            end = start + (len(body) - start) // 2 if fault == "less" else len(body)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
            body = body[:end]
        body = body[start:]
        self.answer(status, headers, body, cut=fault in ("cut", "no-etag"))

    def answer(self, status, headers, body, cut=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
