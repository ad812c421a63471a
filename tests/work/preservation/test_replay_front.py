"""The front, before an engine that says what a test lets it say."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from archive.model.errors import CannotRunError, WarcError
from archive.warc.cdxj import CdxRow
from archive.work import clock
from archive.work.preservation import replay_front as front_module
from archive.work.preservation.cdx_query import CdxQuery
from archive.work.preservation.replay_front import MAX_BODY, Front, replay_front

ROW = CdxRow(url="http://x.gov.cn/", timestamp="20260131080000", mime="text/html", status=200,
             digest="sha256:A", length=7, offset=5, filename="a.warc.gz")  # fmt: skip


GONE = "http://x.gov.cn/nb/1.htm"


class Engine:
    """Answers each connection with `answer`, keeps it open where it is not asked to close."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked = b""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        held = []
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.asked = _whole_request(connection)
            connection.sendall(self.answer)
            if b"Connection: close" in self.asked:
                connection.close()
            held.append(connection)


def _whole_request(connection: socket.socket) -> bytes:
    asked = b""
    while True:
        asked += connection.recv(65_536)
        head, end, body = asked.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            return asked


@contextmanager
def fronted(folder: Path, engine: Engine, *rows: CdxRow) -> Iterator[int]:
    (folder / "a.warc.gz").write_bytes(b"")

    def lookup(query: CdxQuery) -> list[CdxRow]:
        if query.url == "http://broken.cn/":
            raise WarcError("the ledger cannot be read")
        return list(rows)

    front = Front(
        collection="archive",
        folder=folder,
        lookup=lookup,
        first_page=lambda: "年报",
        why_withdrawn=lambda url, at: "by 年" if url == GONE and at.year == 2026 else None,
    )
    with replay_front(front, host="127.0.0.1", port=0, behind=engine.port) as port:
        yield port


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.listening.close()


@pytest.fixture
def port(tmp_path: Path, engine: Engine) -> Iterator[int]:
    with fronted(tmp_path, engine, ROW) as port:
        yield port


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/archive", "/archive/", "/archive/?a=1"])
def test_the_first_page_is_shown_without_scripts(port: int, path: str) -> None:
    response, body = ask(port, path)
    assert (response.status, body.decode()) == (200, "年报")
    assert "script" not in response.getheader("Content-Security-Policy")
    assert "default-src 'none'" in response.getheader("Content-Security-Policy")
    assert ask(port, path, "HEAD")[1] == b""


def test_a_typed_url_leads_to_its_captures(port: int) -> None:
    response, _ = ask(port, "/archive/find?url=http%3A%2F%2Fx.gov.cn%2F%E5%B9%B4%0D%0AX%3A1")
    assert response.status == 302
    assert unquote(response.getheader("Location")) == "/archive/*/http://x.gov.cn/年\r\nX:1"
    assert ask(port, "/archive/find")[0].getheader("Location") == "/archive/"


def test_a_cut_body_ends_the_answer(port: int, engine: Engine) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nX-A: 1\r\nX-A: 2\r\n\r\nhalf a page"
    response, body = ask(port, "/archive/2026id_/http://x.gov.cn/")
    assert (response.getheader("Content-Length"), body) == ("11", b"half a page")
    assert response.getheader("X-A") == "1, 2"


def test_a_long_body_comes_in_chunks(
    port: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "_MEASURED", 1_000)
    monkeypatch.setattr(front_module, "_PIECE", 300)
    page = bytes(range(256)) * 20
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + page
    response, body = ask(port, "/archive/2026id_/http://x.gov.cn/")
    assert (response.getheader("Transfer-Encoding"), body) == ("chunked", page)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as old:
        old.sendall(b"GET /archive/2026id_/http://x.gov.cn/ HTTP/1.0\r\n\r\n")
        told = b"".join(iter(lambda: old.recv(65_536), b""))
    assert told.endswith(b"\r\n\r\n" + page)


def test_an_answer_without_a_body_keeps_its_length(port: int, engine: Engine) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
    response, body = ask(port, "/archive/2026id_/http://x.gov.cn/", "HEAD")
    assert (response.getheader("Content-Length"), body) == ("900", b"")
    engine.answer = b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\n\r\n"
    assert ask(port, "/archive/2026id_/http://x.gov.cn/")[0].status == 304


def test_what_was_asked_is_passed_on(port: int, engine: Engine) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ask(port, "/archive/2026mp_/http://x.gov.cn/?a=1&b=%26", "POST", b"start=1", Cookie="a=1")
    head, _, body = engine.asked.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /archive/2026mp_/http://x.gov.cn/?a=1&b=%26 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}".encode() in head
    assert b"Cookie: a=1" in head
    assert body == b"start=1"


def test_a_path_beyond_ascii_is_escaped(port: int, engine: Engine) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall("GET /archive/2026id_/http://x.cn/年 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
    assert b"http://x.cn/%E5%B9%B4 HTTP/1.1" in engine.asked


def test_a_folded_header_breaks_no_answer(port: int, engine: Engine) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n Set-Cookie: a=1\r\nContent-Length: 2\r\n\r\nok"
    response, _ = ask(port, "/archive/2026id_/http://x.gov.cn/")
    assert response.getheader("X-A") == "1 Set-Cookie: a=1"
    assert response.getheader("Set-Cookie") is None


@pytest.mark.parametrize("answer", [b"", b"no HTTP\r\n\r\n"])
def test_an_engine_that_gives_no_answer_is_told(port: int, engine: Engine, answer: bytes) -> None:
    engine.answer = answer
    response, body = ask(port, "/archive/2026id_/http://x.gov.cn/")
    assert (response.status, body[:19]) == (502, b"pywb gave no answer")


@pytest.mark.parametrize(
    "headers", [{"Content-Length": str(MAX_BODY + 1)}, {"Content-Length": "-1"},
                {"Transfer-Encoding": "chunked"}],
)  # fmt: skip
def test_a_body_beyond_measure_is_refused(port: int, headers: dict[str, str]) -> None:
    assert ask(port, "/archive/2026id_/http://x.gov.cn/", "POST", **headers)[0].status == 413


@pytest.mark.parametrize(
    "path",
    ["2026mp_/http://x.gov.cn/nb/1.htm", "20260131080000id_/HTTP://X.gov.cn/nb/../nb/1.htm",
     "20260131/x.gov.cn/nb/1.htm", "mp_/http://x.gov.cn/nb/1.htm", "http://x.gov.cn/nb/1.htm#a",
     "2026id_/http://x.gov.cn/nb/1.htm;jsessionid=0A1B"],
)  # fmt: skip
def test_a_withdrawn_snapshot_is_answered_with_its_reason(
    port: int, engine: Engine, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    response, body = ask(port, f"/archive/{path}")
    assert (response.status, body.decode()) == (
        451, "This page is withdrawn from public view: by 年\n"
    )  # fmt: skip
    assert engine.asked == b""


@pytest.mark.parametrize("path", ["/archive/2025/http://x.gov.cn/nb/1.htm", "/static/a.js",
                                  "/archive/*/http://x.gov.cn/nb/1.htm", "/archive/9999///"])  # fmt: skip
def test_everything_else_is_passed_on(port: int, engine: Engine, path: str) -> None:
    engine.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    assert ask(port, path)[0].status == 200


def test_cdx_queries_are_answered_or_refused_with_400(port: int) -> None:
    response, body = ask(port, "/archive/cdx?url=x.gov.cn&matchType=domain")
    assert (response.status, body.decode()) == (200, ROW.line())
    response, body = ask(port, "/archive/cdx?url=x.gov.cn&matchType=near")
    assert (response.status, body) == (
        400, b"matchType='near' is none of exact, prefix, host, domain\n"
    )  # fmt: skip
    response, body = ask(port, "/archive/cdx?url=a&fl=nope")
    assert (response.status, body[:24], body.count(b"\n")) == (400, b"fl: 'nope' is no field; ", 1)
    assert ask(port, "/archive/cdx?url=http://broken.cn/")[0].status == 503
    assert ask(port, "/archive/cdx?url=" + "a" * 20_000)[0].status == 414
    assert ask(port, "/archive/cdx?url=x.gov.cn", "HEAD")[1] == b""


def test_no_row_is_left_out_however_many_there_are(tmp_path: Path, engine: Engine) -> None:
    with fronted(tmp_path, engine, *[ROW] * 25_000) as port:
        _, body = ask(port, "/archive/cdx?url=http://x.gov.cn/*")
    assert body.count(b"\n") == 25_000


def test_a_taken_port_is_told(tmp_path: Path, engine: Engine) -> None:
    front = Front(collection="a", folder=tmp_path, lookup=lambda _: [], first_page=str,
                  why_withdrawn=lambda _url, _at: None)  # fmt: skip
    with (
        pytest.raises(CannotRunError, match="choose another --port"),
        replay_front(front, host="127.0.0.1", port=engine.port, behind=1),
    ):
        pass
