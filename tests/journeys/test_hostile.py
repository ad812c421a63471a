"""No answer of a server ends the crawl of the others, and none is taken for what it is not."""

import socket
from contextlib import suppress

import pytest

from tests.crawler.fetch.test_wire import listing
from tests.journeys.test_outcomes import outcomes, report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"


def endless_head(connection: socket.socket) -> None:
    line = b"X-Nothing: " + b"a" * 8000 + b"\r\n"
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100_000):
            connection.sendall(line)


def test_a_strange_answer_ends_its_own_page_only(
    gongkai: Gongkai, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.impatient")
    server.answers = {
        "/gbk": MOVED % "/年报.htm".encode("gbk"),
        "/%C4%EA%B1%A8.htm": report(2020),
        "/utf8": MOVED % "/年报2.htm".encode(),
        "/%E5%B9%B4%E6%8A%A52.htm": report(2019),
        "/unasked": b"HTTP/1.1 304 Not Modified\r\n\r\n",
        "/soft": page("<html><body><p>您访问的页面不存在</p></body></html>"),
        "/flood": endless_head,
        "/bare": b"<p>an answer as before HTTP/1.0</p>",
    }
    server.answers["/index.html"] = listing("/gbk", "/utf8", "/unasked", "/soft", "/flood", "/bare")
    with raw_server() as waits:
        waits.answers["/index.html"] = page(
            "x", head="HTTP/1.1 503 Busy", headers=f"Retry-After: {'9' * 5000}\r\n"
        )
        entries = [f"{each.url}/index.html" for each in (server, waits)]
        verdict = gongkai.crawl(*entries, status=1)
    ends = outcomes(gongkai)
    assert ends["%C4%EA%B1%A8.htm"][0] == ends["%E5%B9%B4%E6%8A%A52.htm"][0] == "new"
    assert ends["unasked"] == ("failed", "status 304, but nothing was known")
    assert "the head is longer than 262144 bytes" in ends["flood"][1]
    assert ends["soft"][0] == "soft_404"
    assert ends["bare"] == ("failed", "the answer has no status line")
    doubts = {(row["url"].rsplit("/", 1)[1], row["rule"]) for row in gongkai.rows("findings")}
    assert ("soft", "soft_404") in doubts, "what is known of a page that is none is kept"
    reasons = {found["reason"] for found in verdict["portals"].values()}
    assert any("nothing could be reached" in reason for reason in reasons), "it asked for a pause"


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def test_the_same_page_in_other_wrappings_is_not_read_again(
    gongkai: Gongkai, server: RawServer
) -> None:
    """Interim answers and chunks are the wire's, not the page's."""
    body = report().split(b"\r\n\r\n", 1)[1]
    server.answers = {
        "/index.html": listing("/early", "/chunked"),
        "/early": [report(), EARLY + report()],
        "/chunked": [chunked(body, 100), chunked(body, 77)],
    }
    gongkai.crawl(f"{server.url}/index.html")
    gongkai.crawl(f"{server.url}/index.html", "--full")
    ends = outcomes(gongkai)
    assert ends["early"] == ends["chunked"] == ("unchanged", "same payload digest")
    kinds = {row["url"].rsplit("/", 1)[1]: row["record_type"] for row in gongkai.rows("captures")}
    assert kinds["early"] == kinds["chunked"] == "revisit", "nothing is stored twice"


DEFECT = """
from crawler.cli import main
{patched}
raise SystemExit(main())
"""
NOBODY_CAN_READ = DEFECT.format(
    patched="""
from concurrent.futures import Future
from archive.work.ingest.reader_pool import Readers
def read(self, task):
    failed = Future()
    failed.set_exception(RecursionError("too deep"))
    return failed
Readers.read = read
"""
)
NOBODY_CAN_FETCH = DEFECT.format(
    patched="""
import crawler.fetch.handler
def response(*given):
    raise RecursionError("too deep")
crawler.fetch.handler._response = response
"""
)


@pytest.mark.parametrize("defect", [NOBODY_CAN_READ, NOBODY_CAN_FETCH], ids=["read", "fetch"])
def test_a_defect_costs_its_page_and_not_the_run(
    gongkai: Gongkai, server: RawServer, defect: str
) -> None:
    server.answers = {"/index.html": listing("/a")}
    assert gongkai.patched(defect, "crawl", f"{server.url}/index.html", "--delay", "0") == 1
    outcome, reason = outcomes(gongkai)["index.html"]
    assert (outcome, reason[:40]) == ("failed", "internal error: RecursionError: too deep")
