"""robots.txt on the second day: an unchanged one is kept as a revisit, and rules all the same."""

import gzip
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta

import pytest

from archive.warc.reader import iterate
from tests.crawler.fetch.test_wire import listing
from tests.crawler.robots.test_robots import GZIP, RULES, ends, moved
from tests.journeys.test_outcomes import report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server

TOMORROW = timedelta(hours=25)
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 0\r\n\r\n"


def chunked(body: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    halves = (body[: len(body) // 2], body[len(body) // 2 :])
    return head + b"".join(b"%x\r\n%s\r\n" % (len(half), half) for half in halves) + b"0\r\n\r\n"


def endless(body: str) -> bytes:
    """An answer that ends with its connection."""
    return b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + body.encode()


PACKED = gzip.compress(RULES.encode(), mtime=0)
# How the rules come on both days; a list: on the first and on the second.
FRAMES: Mapping[str, bytes | list[bytes]] = {
    "a declared length": page(RULES),
    "chunks": chunked(RULES.encode()),
    "gzip": page(PACKED, headers=GZIP),
    "gzip in chunks": chunked(PACKED, GZIP),
    "ended by its connection": endless(RULES),
    "a byte order mark": page("\ufeff" + RULES),
    "not modified, unasked": [page(RULES), UNCHANGED],
    "chunks, then a length": [chunked(RULES.encode()), page(RULES)],
    "a length, then chunks": [page(RULES), chunked(RULES.encode())],
    "plain, then gzip": [page(RULES), page(PACKED, headers=GZIP)],
}


def stand(server: RawServer, rules: bytes | list[bytes]) -> None:
    server.answers = {
        "/robots.txt": rules,
        "/index.html": listing("/open", "/secret"),
        "/open": report(),
        "/secret": report(2019),
    }


def test_unchanged_rules_hold_on_the_second_day_whatever_frames_them(gongkai: Gongkai) -> None:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(raw_server()) for name in FRAMES}
        for name, server in servers.items():
            stand(server, FRAMES[name])
        crawl = [f"{each.url}/index.html" for each in servers.values()]
        gongkai.crawl(*crawl, status=None)
        gongkai.ahead = TOMORROW
        gongkai.crawl(*crawl, "--full", status=None)
        for name, server in servers.items():
            rows = [row for row in gongkai.rows("outcomes") if row["run"] == 2]
            found = {
                row["url"].removeprefix(server.url): row["outcome"]
                for row in rows
                if row["url"].startswith(server.url)
            }
            pages = {path: found[path] for path in ("/index.html", "/open", "/secret")}
            assert pages == {
                "/index.html": "unchanged", "/open": "unchanged", "/secret": "robots",
            }, name  # fmt: skip
            assert len(server.requests["/robots.txt"]) == 2, name
            assert "/secret" not in server.requests, name


def spoil(gongkai: Gongkai, url: str) -> None:
    """Overwrites the record of a URL where it lies."""
    for path in (gongkai.home / "warc").glob("*.warc.gz"):
        for record in iterate(path):
            if record.target_uri == url and record.record_type == "response":
                assert record.length is not None
                with path.open("r+b") as file:
                    file.seek(record.offset + 20)
                    file.write(b"\0" * (record.length - 40))
                return
    raise AssertionError(f"no record of {url}")


@pytest.mark.parametrize(
    ("second", "times"), [(page(RULES), 1), (UNCHANGED, 2)], ids=["the same", "not modified"]
)
def test_nothing_repeats_a_spoilt_record(
    gongkai: Gongkai, server: RawServer, second: bytes, times: int
) -> None:
    """The same answer is kept whole at once; a 304 that stands for nothing is times for again."""
    stand(server, [page(RULES), second, page(RULES)])
    gongkai.crawl(f"{server.url}/index.html", status=None)
    spoil(gongkai, f"{server.url}/robots.txt")
    for days in (1, 2):  # what came whole is what the third day repeats
        gongkai.ahead = days * TOMORROW
        gongkai.crawl(f"{server.url}/index.html", "--full", status=None)
        assert ends(gongkai, server) | {"/secret": "robots", "/open": "unchanged"} == ends(
            gongkai, server
        )
        assert "/secret" not in server.requests
        assert len(server.requests["/robots.txt"]) == times + days


def test_not_modified_where_nothing_was_known_is_no_leave_to_fetch(
    gongkai: Gongkai, server: RawServer
) -> None:
    stand(server, UNCHANGED)
    gongkai.crawl(f"{server.url}/index.html", status=1)
    assert set(server.requests) == {"/robots.txt"}


DIES_BEFORE_THE_RULES = """
import os, sys
from datetime import timedelta
from archive.store.frontier import hosts
from archive.work import clock
from crawler.cli import main
today, hosts.save_host = clock.now, lambda *_, **__: os._exit(9)
clock.now = lambda: today() + timedelta(hours=25)
main()
"""


@pytest.mark.parametrize(("repeated", "times"), [("readable", 2), ("spoilt", 3)])
def test_an_unchanged_answer_that_was_kept_before_a_crash_gives_its_rules(
    gongkai: Gongkai, server: RawServer, repeated: str, times: int
) -> None:
    stand(server, page(RULES))
    crawl = ["crawl", f"{server.url}/index.html", "--delay", "0", "--full"]
    gongkai.run(*crawl, status=None)
    assert gongkai.patched(DIES_BEFORE_THE_RULES, *crawl) == 9
    if repeated == "spoilt":
        spoil(gongkai, f"{server.url}/robots.txt")
    gongkai.ahead = TOMORROW
    gongkai.run(*crawl, status=None)
    assert "/secret" not in server.requests
    assert ends(gongkai, server)["/open"] == "unchanged"
    assert len(server.requests["/robots.txt"]) == times


def test_rules_behind_a_redirect_to_another_host_hold_on_the_second_day(
    gongkai: Gongkai, server: RawServer
) -> None:
    with raw_server() as other:
        stand(server, moved(f"{other.url}/robots.txt"))
        stand(other, page(RULES))
        for ahead in (timedelta(0), TOMORROW):
            gongkai.ahead = ahead
            gongkai.crawl(f"{server.url}/index.html", "--full", status=None)
        assert "/secret" not in server.requests
        assert len(other.requests["/robots.txt"]) == 2
