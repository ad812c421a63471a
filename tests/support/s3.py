"""An S3 server in a process of its own (moto's, in the environment of the replay), and between it
and us a proxy that misbehaves.
"""

import http.client
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import pytest

from archive.warc import bucket
from tests.support.command import ROOT

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "key-of-ours",
    "AWS_SECRET_ACCESS_KEY": "secret-of-ours",
    "AWS_REGION": "us-east-1",
}
# What may go wrong with one exchange: the server is busy; half of what is sent, or of the answer,
# comes through; a byte of it is another one; it waits until `FaultyS3.go_on`.
BUSY, CUT_SENT, CUT_ANSWER, LIE_SENT, LIE_ANSWER, WAIT = range(6)


@contextmanager
def s3_server() -> Iterator[int]:
    """Its port on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [
        str(ROOT / ".venv-replay/bin/python"),
        "-m",
        "moto.server",
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("moto's server did not start")


def make_bucket(port: int, name: str) -> str:
    """The URL of a new bucket, with a prefix."""
    _ask(port, "PUT", name)
    return f"s3://{name}/warc"


def _ask(port: int, method: str, path: str, content: bytes | None = None) -> bytes:
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/any",
        "Content-Type": "application/octet-stream",
    }
    url = f"http://127.0.0.1:{port}/{path}"
    with urlopen(Request(url, data=content, method=method, headers=headers)) as answer:
        return answer.read()


class FaultyS3(ThreadingHTTPServer):
    """Passes everything on to the server on `port`, unless `fault` says what goes wrong with a
    method and path. seen: every method and path that came, with the bytes of the answer.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = port
        self.fault: Callable[[str, str], int | None] = lambda _method, _path: None
        self.seen: list[tuple[str, str, int]] = []
        self.waits = threading.Event()
        self.go_on = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Nothing: whoever asked has had enough."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a command uses this server."""
        return CREDENTIALS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_address[1]}"}

    def make_bucket(self, name: str) -> str:
        """The URL of a new bucket, with a prefix."""
        return make_bucket(self.port, name)

    def objects(self, url: str) -> dict[str, bytes]:
        """What lies in a bucket, by name, as the server itself has it."""
        name = url.removeprefix("s3://").partition("/")[0]
        listed = self._ask("GET", f"{name}?list-type=2").decode().split("<Key>")[1:]
        keys = [each.partition("</Key>")[0] for each in listed]
        return {key.removeprefix("warc/"): self._ask("GET", f"{name}/{key}") for key in keys}

    def change(self, url: str, name: str, content: bytes | None) -> None:
        """Puts other bytes in the place of an object; None removes it."""
        method = "DELETE" if content is None else "PUT"
        self._ask(method, f"{url.removeprefix('s3://')}/{name}", content)

    def _ask(self, method: str, path: str, content: bytes | None = None) -> bytes:
        return _ask(self.port, method, path, content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultyS3

    def _pass_on(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.fault(self.command, self.path)
        if fault == WAIT:
            self.server.waits.set()
            self.server.go_on.wait(60)
        if fault == BUSY:
            self._answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
            return
        if fault == CUT_SENT:
            sent = sent[: len(sent) // 2]
        if fault == LIE_SENT:
            sent = _changed(sent)
        asked = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {n: v for n, v in self.headers.items() if n.lower() != "content-length"}
        # It would tell the server what it should have got.
        headers = {n: v for n, v in headers.items() if not n.lower().startswith("x-amz-checksum")}
        asked.request(self.command, self.path, body=sent or None, headers=headers)
        answer = asked.getresponse()
        body = answer.read()
        asked.close()
        self.server.seen.append((self.command, self.path, len(body)))
        if fault == LIE_ANSWER:
            body = _changed(body)
        self._answer(answer.status, dict(answer.getheaders()), body, cut=fault == CUT_ANSWER)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - named by the parent

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, *, cut: bool = False
    ) -> None:
        self.send_response_only(status)
        lengths = {n: v for n, v in headers.items() if n.lower() == "content-length"}
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = next(iter(lengths.values()), "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.close_connection = cut
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the parent
        pass


def _changed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.fixture(scope="module")
def s3_port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@contextmanager
def faulty_s3(port: int) -> Iterator[FaultyS3]:
    """The proxy before the server on `port`."""
    with FaultyS3(port) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.go_on.set()
        server.shutdown()


@pytest.fixture
def s3(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    """The same as this process uses it, too, with short pauses between tries."""
    with faulty_s3(s3_port) as server:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(bucket, "_RETRIES", 1)
        bucket.bucket_at.cache_clear()
        yield server
        bucket.bucket_at.cache_clear()
