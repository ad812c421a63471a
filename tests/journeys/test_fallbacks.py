"""Portals that speak no TLS, an old one, or only to phones: learned or set, and never in silence."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.storm.portals import county_site
from tests.support.command import Gongkai

ENTRY = "/nb/index.html"


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        body = self.server.site.get(self.path)
        if "Mobile" not in self.headers["User-Agent"] and self.server.phones_only:
            self.send_error(403)
        elif body is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    phones_only = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []
        self.site = county_site(range(2021, 2024))

    def handle_error(self, *_: object) -> None:
        """A greeting that is not HTTP ends its connection; that is all."""


@contextmanager
def serving(server: _Server) -> Iterator[int]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def certificate(folder: Path) -> Path:
    """A self-signed certificate with a key too short for today."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    plain = serialization.NoEncryption()
    path = folder / "old.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, kind, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def with_old_tls(server: _Server, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)


TLS = b"\x16"
OLD = b"\x03\x01"  # TLS 1.0
SUPPORTED_VERSIONS = b"\x00\x2b\x00"


def offers_old_tls(greeting: bytes) -> bool:
    at = greeting.find(SUPPORTED_VERSIONS)
    offered = greeting[at + 5 : at + 5 + greeting[at + 4]] if at > 0 else OLD
    return OLD in [offered[k : k + 2] for k in range(0, len(offered), 2)]


class _SilentServer(_Server):
    """Meets a modern greeting without an alert: the connection ends, or hangs (`hangs`)."""

    hangs = False

    def __init__(self, pem: Path) -> None:
        super().__init__()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion.TLSv1
        self.context.load_cert_chain(pem)
        self.greeted: list[bool] = []
        self.left: list[socket.socket] = []

    def server_close(self) -> None:
        super().server_close()
        for connection in self.left:
            connection.close()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = self.socket.accept()
        greeting = connection.recv(4096, socket.MSG_PEEK)
        if greeting.startswith(TLS):
            self.greeted.append(offers_old_tls(greeting))
        if greeting.startswith(TLS) and self.greeted[-1]:
            return self.context.wrap_socket(connection, server_side=True), peer
        if self.hangs:
            self.left.append(connection)
        else:
            connection.close()
        raise OSError("not the greeting that it knows")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
@pytest.mark.parametrize("hangs", [False, True], ids=["drops", "hangs"])
def test_a_server_that_meets_a_modern_greeting_with_silence_is_asked_by_old_tls(
    gongkai: Gongkai,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hangs: bool,  # noqa: FBT001 - a column
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.impatient")
    server = _SilentServer(certificate(tmp_path))
    server.hangs = hangs
    with serving(server) as port:
        row(gongkai, f"https://127.0.0.1:{port}{ENTRY}")
        assert gongkai.crawl("p")["verdict"] == "good"
    assert learned(gongkai) == "legacy"
    assert server.greeted.count(False) == 1, "one try, and then it is known"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_a_host_that_only_drops_connections_is_asked_once_more_and_no_oftener(
    gongkai: Gongkai, tmp_path: Path
) -> None:
    server = _SilentServer(certificate(tmp_path))
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # knows no certificate: always fails
    with serving(server) as port:
        row(gongkai, f"https://127.0.0.1:{port}{ENTRY}")
        gongkai.crawl("p", status=1)
    assert server.greeted == [False, True]
    assert learned(gongkai) is None


def row(gongkai: Gongkai, entry: str, more: str = "") -> None:
    gongkai.home.mkdir(exist_ok=True)
    text = f'[p]\nname = "p"\nentries = ["{entry}"]\n{more}\n'
    (gongkai.home / "portals.toml").write_text(text)


def learned(gongkai: Gongkai) -> object:
    return next(each["learned_tls"] for each in gongkai.rows("portal") if each["key"] == "p")


def log(gongkai: Gongkai) -> str:
    return (gongkai.home / "logs" / "crawl.log").read_text()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_old_tls_is_learned_and_asked_for_at_once_the_next_time(
    gongkai: Gongkai, tmp_path: Path
) -> None:
    server = _Server()
    with_old_tls(server, certificate(tmp_path))
    with serving(server) as port:
        row(gongkai, f"https://127.0.0.1:{port}{ENTRY}")
        assert gongkai.crawl("p")["verdict"] == "good"
    assert learned(gongkai) == "legacy"
    assert log(gongkai).count("answers only with tls = 'legacy'") == 1


def test_https_that_nobody_speaks_is_left_for_http_once_and_remembered(gongkai: Gongkai) -> None:
    with serving(_Server()) as port:
        row(gongkai, f"https://127.0.0.1:{port}{ENTRY}")
        assert gongkai.crawl("p")["verdict"] == "good"
        assert learned(gongkai) == "none"
        assert "answers only with tls = 'none'" in log(gongkai)
        assert json.loads(gongkai.run("portals", "show", "p", "--json"))["learned_tls"] == "none"
        (told,) = (
            r
            for r in gongkai.rows("outcomes")
            if r["url"].startswith("https:") and ENTRY in r["url"]
        )
        assert told["outcome"] == "redirected"
        assert "without TLS" in told["reason"]
        before = len(gongkai.rows("captures"))
        assert gongkai.crawl("p")["verdict"] == "good"
        again = gongkai.rows("captures")[before:]
        assert {each["url"].partition(":")[0] for each in again} == {"http"}


def test_a_row_can_say_that_a_portal_speaks_no_tls(gongkai: Gongkai) -> None:
    server = _Server()
    with serving(server) as port:
        https = f"https://127.0.0.1:{port}"
        server.site = {
            p: b.replace(b'href="/', f'href="{https}/'.encode()) for p, b in server.site.items()
        }
        row(gongkai, https + ENTRY, 'tls = "none"')
        assert gongkai.crawl("p")["verdict"] == "good"
    assert {*server.requests} == {"/robots.txt", *server.site}
    assert learned(gongkai) is None


def test_a_portal_for_phones_is_asked_as_a_phone(gongkai: Gongkai) -> None:
    server = _Server()
    server.phones_only = True
    with serving(server) as port:
        row(gongkai, f"http://127.0.0.1:{port}{ENTRY}")
        assert "blocked" in gongkai.crawl("p", status=1)["reason"]
        row(gongkai, f"http://127.0.0.1:{port}{ENTRY}", 'agent = "mobile"')
        assert gongkai.crawl("p")["verdict"] == "good"
    assert {*server.requests} == {"/robots.txt", *server.site}
