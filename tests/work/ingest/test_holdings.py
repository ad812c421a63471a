"""What is lost from the WARC folder is told, never referred to, and comes home again by crawling."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.model.frontier import Lease, Previous, Record, StoredCapture, WarcSpot
from archive.model.outcome import Outcome, Role
from archive.warc.record import digest_of
from archive.work.ingest.holdings import Differences, Holdings, differences
from archive.work.ingest.outcomes import decide_unread
from tests.store.making import NOW
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page
from tests.support.site import pages_of
from tests.warc.making import PAGE, answer, coded, exchange, writer


def of_one_report(server: RawServer) -> str:
    """A list and a report that answer 304 to whoever sends their validators."""
    for path, body in pages_of(1).items():
        server.answers[path] = page(body, headers='ETag: "1"\r\n')
    return f"{server.url}/nb/index.html"


def lost(folder: Path) -> None:
    for path in folder.glob("*.warc.gz"):
        path.unlink()


def cut(folder: Path) -> None:
    for path in folder.glob("*.warc.gz"):
        path.write_bytes(path.read_bytes()[:900])


def replaced(folder: Path) -> None:
    for path in folder.glob("*.warc.gz"):
        path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("damage", [lost, cut])
def test_what_is_gone_is_told_and_kept_whole_again(
    gongkai: Gongkai, server: RawServer, damage: Callable[[Path], None]
) -> None:
    entry = of_one_report(server)
    gongkai.crawl(entry)
    [name] = [path.name for path in (gongkai.home / "warc").glob("*.warc.gz")]
    damage(gongkai.home / "warc")
    verdict = gongkai.crawl(entry, "--full", status=1)
    assert verdict["verdict"] == "bad"
    assert name in str(verdict["reason"])
    assert "gongkai verify" in str(verdict["reason"])
    assert verdict["outcomes"] == {"unchanged": 2}, "no version was made of the same content"
    latest = [row for row in gongkai.rows("captures") if row["warc_file"] != name]
    assert {row["record_type"] for row in latest} == {"response"}
    requests = b"".join(each for path in pages_of(1) for each in server.requests[path])
    assert b"If-None-Match" not in requests, "a 304 would leave us without bytes"
    gongkai.crawl(entry, "--full", status=1)
    requests = b"".join(each for path in pages_of(1) for each in server.requests[path])
    assert requests.count(b"If-None-Match") == 2, "what came home is referred to again"


def test_a_file_replaced_by_another_is_not_referred_to(gongkai: Gongkai, server: RawServer) -> None:
    entry = of_one_report(server)
    gongkai.crawl(entry)
    replaced(gongkai.home / "warc")
    gongkai.crawl(entry, "--full", status=None)
    latest = [row for row in gongkai.rows("captures") if row["url"].startswith(server.url)]
    assert [row["record_type"] for row in latest if "/nb/" in row["url"]] == ["response"] * 4


def test_a_file_that_goes_while_it_grows_makes_the_run_bad(
    gongkai: Gongkai, server: RawServer
) -> None:
    entry = of_one_report(server)

    def removed(connection: object) -> None:
        lost_while_open(gongkai.home / "warc")
        connection.sendall(page(pages_of(1)["/nb/0.html"]))  # type: ignore[attr-defined]

    server.answers["/nb/0.html"] = removed
    verdict = gongkai.crawl(entry, status=1)
    assert "missing or cut" in str(verdict["reason"])


def lost_while_open(folder: Path) -> None:
    for path in folder.glob("*.open"):
        path.unlink()


def test_an_older_copy_of_the_ledger_makes_the_run_bad(gongkai: Gongkai, server: RawServer) -> None:
    entry = of_one_report(server)
    gongkai.crawl(entry)
    database = gongkai.home / "archive.sqlite"
    older = database.read_bytes()
    gongkai.crawl(entry, "--full")
    database.write_bytes(older)
    before = {path: path.read_bytes() for path in (gongkai.home / "warc").glob("*.warc.gz")}
    assert "more than the ledger knows" in str(gongkai.crawl(entry, status=1)["reason"])
    assert {path: path.read_bytes() for path in before} == before


def test_a_version_of_an_older_reader_whose_record_is_gone_does_not_stop_the_healing(
    gongkai: Gongkai, server: RawServer
) -> None:
    entry = of_one_report(server)
    gongkai.crawl(entry)
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE version SET reader_version = 'r0', content_hash = 'c1:' || id")
    lost(gongkai.home / "warc")
    assert gongkai.crawl(entry, "--full", status=1)["outcomes"] == {"unchanged": 2}
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        [readers] = ledger.execute("SELECT count(*) FROM version WHERE reader_version = 'r0'")
    assert readers == (0,), "read again, from what came home"


def test_a_record_is_held_where_its_head_says_so(tmp_path: Path) -> None:
    shelf = writer(tmp_path)
    first = shelf.append(exchange(coded()))
    shelf.sync()
    holdings = Holdings(tmp_path)
    digest = first.payload_digest
    assert holdings.holds(first.spot, digest)
    assert not holdings.holds(first.spot, digest_of(b"another"))
    assert not holdings.holds(WarcSpot(file="b.warc.gz", offset=0, length=1), digest)
    assert not holdings.holds(WarcSpot(file=first.spot.file, offset=9, length=9), digest)
    assert first.request_spot is not None
    assert not holdings.holds(first.request_spot, None), "a request has no body of a page"
    second = shelf.append(exchange(answer(PAGE)))
    assert not holdings.holds(second.spot, second.payload_digest)
    shelf.sync()
    assert holdings.holds(second.spot, second.payload_digest), "the file grew"
    holdings.close()


def test_a_record_is_held_however_large_it_is(tmp_path: Path) -> None:
    """Only its first bytes are looked at, which end in the middle of what is packed."""
    shelf = writer(tmp_path)
    body = random.Random(1).randbytes(100_000)
    large = shelf.append(exchange(answer(body)))
    shelf.sync()
    assert large.spot.length > 50_000
    holdings = Holdings(tmp_path)
    assert holdings.holds(large.spot, large.payload_digest)
    assert not holdings.holds(large.spot, digest_of(b"another"))
    holdings.close()


def test_more_files_than_may_be_open_are_looked_into(tmp_path: Path) -> None:
    shelf = writer(tmp_path, max_size_bytes=1)
    spots = []
    for number in range(70):
        spots.append(shelf.append(exchange(answer(b"%d" % number))).spot)
        shelf.sync()
    holdings = Holdings(tmp_path)
    assert all(holdings.holds(spot, None) for _ in range(2) for spot in spots)
    holdings.close()


def test_where_folder_and_ledger_differ(tmp_path: Path) -> None:
    for name, size in {"a.warc.gz": 5, "b.warc.gz.open": 9, "c.warc.gz": 9, "d.warc.gz": 1}.items():
        (tmp_path / name).write_bytes(bytes(size))
    ends = {"a.warc.gz": 5, "b.warc.gz": 7, "c.warc.gz": 7, "e.warc.gz": 1}
    found = differences(tmp_path, ends)
    assert found == Differences(missing=("e.warc.gz",), unknown=("c.warc.gz", "d.warc.gz"))
    assert len(found.faults()) == 2
    assert found.grown(tmp_path, {"a.warc.gz": 6}).missing == ("a.warc.gz", "e.warc.gz")
    assert Differences().faults() == ()


def test_a_304_that_stands_for_nothing_is_a_failure() -> None:
    spot = WarcSpot(file="a.warc.gz", offset=0, length=9)
    previous = Previous(
        capture_id=1,
        spot=spot,
        captured_at=NOW,
        payload_digest="sha256:A",
        etag='"1"',
        last_modified=None,
        version_id=1,
        version_number=1,
        content_hash="c1:1",
        reader_version="2",
        held=False,
    )
    lease = Lease(
        page_id=1,
        run_id=1,
        portal_key="a",
        url="http://a.example/",
        method="GET",
        body=None,
        role=Role.PAGE,
        depth=1,
        attempts=0,
        family=None,
        previous=previous,
    )
    stored = StoredCapture(
        capture_id=2,
        spot=spot,
        status=304,
        captured_at=NOW,
        record_type="response",
        payload_digest=None,
        truncated=None,
    )
    decision = decide_unread(lease, stored, NOW)
    assert isinstance(decision, Record)
    assert (decision.outcome, "no longer in the archive" in decision.reason) == (
        Outcome.FAILED,
        True,
    )
