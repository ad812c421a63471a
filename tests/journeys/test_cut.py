"""A body without its end: read when it is all that the server ever sends, and never preferred."""

import gzip
import itertools
import socket

from tests.crawler.fetch.test_wire import listing
from tests.journeys.test_outcomes import REPORT, outcomes, report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

BODY = REPORT.format(year=2020, text="全年主动公开政府信息120条。").encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"


def closing(answer: bytes):
    """An answer behind which the server closes, as it does when it believes to be done."""
    return lambda connection: connection.sendall(answer)


def unended(body: bytes) -> bytes:
    return CHUNKED + b"%x\r\n%s\r\n" % (len(body), body)


def short(text: str, missing: int) -> bytes:
    answer = report(text=text)
    return answer.replace(b"Content-Length: ", b"Content-Length: 9")[: len(answer) - missing + 1]


def doubts(gongkai: Gongkai) -> set[tuple[str, str]]:
    return {(row["url"].rsplit("/", 1)[1], row["rule"]) for row in gongkai.rows("findings")}


def versions(gongkai: Gongkai, path: str) -> list[object]:
    """The captures in which the versions of a page lie, in order."""
    [page_id] = [row["id"] for row in gongkai.rows("page") if row["url"].endswith(f"/{path}")]
    return [row["capture_id"] for row in gongkai.rows("version") if row["page_id"] == page_id]


def test_what_ends_too_early_at_every_try_is_read_with_a_finding(
    gongkai: Gongkai, server: RawServer
) -> None:
    index = listing("/chunks", "/length", "/checksum", "/differs", "/half").split(b"\r\n\r\n", 1)[1]
    zipped = gzip.compress(BODY, mtime=0)
    count = itertools.count()

    def differs(connection: socket.socket) -> None:
        connection.sendall(unended(BODY.replace(b"120", b"%d" % next(count))))

    server.answers = {
        "/index.html": closing(unended(index)),
        "/chunks": closing(unended(BODY)),
        "/length": closing(short("全年主动公开政府信息120条。", 20)),
        "/checksum": page(zipped[:-8], headers="Content-Encoding: gzip\r\n"),
        "/half": page(zipped[:-30], headers="Content-Encoding: gzip\r\n"),
        "/differs": differs,
    }
    verdict = gongkai.crawl(f"{server.url}/index.html", status=None)
    ends = outcomes(gongkai)
    read = {"index.html", "chunks", "length", "checksum"}
    assert {path for path, (outcome, _) in ends.items() if outcome == "new"} == read
    assert {path for path, rule in doubts(gongkai) if rule == "cut_short"} == read
    assert {path: ends[path][0] for path in ("differs", "half")} == dict.fromkeys(
        ("differs", "half"), "failed"
    )
    assert "given up" not in str(verdict), "a host that answers is no host that is down"
    assert all(len(server.requests[f"/{path}"]) == 3 for path in [*read, "differs"])


def test_a_whole_answer_takes_the_place_of_a_cut_one_and_never_the_reverse(
    gongkai: Gongkai, server: RawServer
) -> None:
    index = f"{server.url}/index.html"
    text = "全年主动公开政府信息120条。" * 20
    server.answers = {
        "/index.html": listing("/same", "/more", "/less"),
        "/same": closing(unended(BODY)),
        "/more": closing(short(text, 600)),
        "/less": report(2019, text),
    }
    gongkai.crawl(index)
    assert {"same", "more"} == {path for path, rule in doubts(gongkai) if rule == "cut_short"}
    [cut] = versions(gongkai, "same")
    server.answers |= {
        "/same": page(BODY),
        "/more": report(text=text),
        "/less": closing(short("改版。", 0)),
    }
    gongkai.crawl(index, "--full", status=None)
    ends = outcomes(gongkai)
    assert ends["same"] == ("unchanged", "same content, whole for the first time")
    assert ends["more"] == ("changed", "report; the version before was cut short")
    assert ends["less"][0] == "failed"
    assert "cut short" in ends["less"][1]
    assert len(versions(gongkai, "more")) == 2
    [whole] = versions(gongkai, "same")
    assert whole != cut, "the version now lies where it is whole"
    assert ("same", "cut_short") not in doubts(gongkai)
