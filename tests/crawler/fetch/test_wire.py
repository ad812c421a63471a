"""The contract of crawler.fetch.wire: what the archive keeps is what passed over the wire."""

import gzip
import socket
import time

from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, reset

REPORT = (
    "<html><head><title>某县2020年政府信息公开工作年度报告</title></head><body>"
    "<h1>某县2020年政府信息公开工作年度报告</h1><div id='zoom'>"
    "<p>2020年，某县认真贯彻落实《中华人民共和国政府信息公开条例》，主动公开政府信息120条。</p></div></body></html>"
)
LIST = "<html><head><title>年报</title></head><body><ul>{}</ul></body></html>"


def listing(*paths: str) -> bytes:
    items = "".join(
        f'<li><a href="{path}">某县20{20 + n}年政府信息公开工作年度报告</a>'
        f"<span>2021-01-0{n + 1}</span></li>"
        for n, path in enumerate(paths)
    )
    return page(LIST.format(items))


def records(gongkai: Gongkai, kind: WarcRecordType) -> dict[str, bytes]:
    """Record blocks by path."""
    found = {}
    for path in sorted((gongkai.home / "warc").glob("*.warc*")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=kind, parse_http=False):
                target = record.headers["WARC-Target-URI"].split("/", 3)[3]
                found[f"/{target}"] = record.reader.read()
    return found


CHUNKED = (
    b"HTTP/1.1 200 Fine by me\r\nserver: x\r\nSET-COOKIE: a=1\r\n"
    b"Set-Cookie: b=2\r\nno colon here\r\n"
    b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
)
ZIPPED = gzip.compress("<html><body><p>正文</p></body></html>".encode())
ODD = {
    "/chunked": CHUNKED
    + b"%x;name=value\r\n" % len(ZIPPED[:10]) + ZIPPED[:10] + b"\r\n"
    + b"%X\r\n" % len(ZIPPED[10:]) + ZIPPED[10:] + b"\r\n0\r\nTrailer: yes\r\n\r\n",
    "/lower": b"HTTP/1.1 200\r\ncontent-type:text/html\r\nContent-Length: 5\r\n\r\nhello",
    "/folded": b"HTTP/1.1 200 OK\r\nX-Long: one\r\n  two\r\nContent-Length: 2\r\n\r\nok",
    "/old": b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>until close</p>",
    "/empty": b"HTTP/1.1 204 No Content\r\nX-Empty: yes\r\n\r\n",
    "/gone": page("weg", head="HTTP/1.1 404 Nicht da"),
    "/quotes": page(REPORT, headers="‘access-control-allow-origin’: *\r\n: empty\r\n"),
    "/blanks": page(REPORT).replace(b"Length:", b"Length :"),
    "/twice": page(REPORT, headers=f"Content-Length: {len(REPORT.encode())}\r\nX: \0\r\n"),
    "/icy": page(REPORT, head="ICY 200 OK"),
    "/padded": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"00%X  \r\n%s\r\n0 \r\n\r\n" % (len(REPORT.encode()), REPORT.encode()),
    "/identity": page(REPORT, headers="Transfer-Encoding: identity\r\n"),
}  # fmt: skip


def test_answers_and_requests_are_kept_byte_for_byte(gongkai: Gongkai, server: RawServer) -> None:
    server.answers = {**ODD, "/index.html": listing(*ODD)}
    gongkai.crawl(f"{server.url}/index.html", status=None)
    kept, sent = records(gongkai, WarcRecordType.response), records(gongkai, WarcRecordType.request)
    for path, answer in ODD.items():
        assert kept[path] == answer, path
        assert sent[path] in server.requests[path], path
    ends = {row["url"].rsplit("/", 1)[1]: row["outcome"] for row in gongkai.rows("outcomes")}
    odd = ("quotes", "blanks", "twice", "icy", "padded", "identity")
    assert {ends[path] for path in odd} == {"new"}, "read as browsers read them"


def test_an_answer_cut_in_mid_body_is_kept_and_marked_and_never_a_version(
    gongkai: Gongkai, server: RawServer
) -> None:
    whole = page("<p>" + "很长的正文" * 2000 + "</p>")
    server.answers = {
        "/index.html": listing("/cut", "/whole"),
        "/whole": page("<html><body><h1>某县2020年年报</h1><p>完整的正文。</p></body></html>"),
        "/cut": lambda connection: (connection.sendall(whole[:4000]), reset(connection)),
    }
    gongkai.crawl(f"{server.url}/index.html", status=None)
    outcomes = {row["url"].rsplit("/", 1)[1]: row for row in gongkai.rows("outcomes")}
    assert outcomes["cut"]["outcome"] == "failed"
    assert "cut" not in {row["url"].rsplit("/", 1)[1] for row in gongkai.rows("versions")}
    assert len(server.requests["/cut"]) == 3, "it is tried again before it counts as failed"


def test_a_server_that_never_ends_is_cut_off(
    gongkai: Gongkai, server: RawServer, monkeypatch
) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.1)

    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.impatient")
    server.answers = {"/index.html": drip}
    started = time.monotonic()
    gongkai.crawl(f"{server.url}/index.html", "--max-pages", "1", status=None)
    assert time.monotonic() - started < 60
    [row] = [r for r in gongkai.rows("captures") if r["url"].endswith("index.html")][:1]
    assert row["outcome"] in {"failed", None}


def test_a_closed_idle_connection_is_asked_once_more(gongkai: Gongkai, server: RawServer) -> None:
    """A server that closes a kept-alive connection without a word has not answered."""
    server.answers = {
        "/index.html": listing("/a"),
        "/a": [b"", page(REPORT)],
    }
    gongkai.crawl(f"{server.url}/index.html", status=None)
    outcomes = {row["url"].rsplit("/", 1)[1]: row["outcome"] for row in gongkai.rows("outcomes")}
    assert outcomes["a"] == "new"
    assert len(server.requests["/a"]) == 2


def test_a_server_that_does_not_answer_is_asked_once_a_try(
    gongkai: Gongkai, server: RawServer, monkeypatch
) -> None:
    """It has the request: a second one on a new connection would be no try but a burden."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.impatient")
    server.answers = {
        "/index.html": listing("/a"),
        "/a": lambda connection: connection.recv(1),  # until the other side has had enough
    }
    gongkai.crawl(f"{server.url}/index.html", status=None)
    [ends] = [row["reason"] for row in gongkai.rows("outcomes") if row["url"].endswith("/a")]
    assert ends == "timed out (3 attempts)"
    assert len(server.requests["/a"]) == 3
