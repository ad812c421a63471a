"""A stored capture is taken to its end without a crawl."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model.frontier import Lease, Previous, StoredCapture
from archive.model.outcome import Outcome, Role
from archive.reading import READER_VERSION
from archive.warc.record import Exchange, Truncated, Written
from archive.warc.writer import WarcWriter
from archive.work.ingest.reader_pool import Readers
from archive.work.ingest.stored_capture import StoredRules, decide_stored
from tests.crawler.frontier.test_politeness import lease
from tests.store.making import NOW
from tests.warc.making import answer, writer

URL = "http://www.example.gov.cn/nb/2023.html"
RULES = StoredRules()


def page(number: int) -> bytes:
    text = (
        f"<p>2023年收到信息公开申请{number}件，均已按期答复。{'本机关依法公开政府信息。' * 20}</p>"
    )
    html = f"<html><head><title>2023年政府信息公开工作年度报告</title></head><body>{text}</body></html>"
    return answer(html.encode("gb2312"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warc")


@pytest.fixture(scope="module")
def warc(folder: Path) -> WarcWriter:
    return writer(folder)


@pytest.fixture(scope="module")
def readers(folder: Path) -> Iterator[Readers]:
    pool = Readers(folder, processes=1)
    yield pool
    pool.close()


def a_lease(previous: Previous | None = None) -> Lease:
    return replace(lease(1, URL), role=Role.PAGE, previous=previous)


def kept(
    warc: WarcWriter, response: bytes, status: int = 200, *, truncated: Truncated | None = None
) -> StoredCapture:
    exchange = Exchange(
        url=URL, request=b"", response=response, started_at=NOW, truncated=truncated
    )
    written: Written = warc.append(exchange)
    warc.sync()
    return StoredCapture(
        capture_id=7, spot=written.spot, status=status, captured_at=NOW,
        record_type=written.record_type, payload_digest=written.payload_digest,
        truncated=truncated, record_id=written.record_id,
    )  # fmt: skip


def known(stored: StoredCapture, content_hash: str, reader: str = READER_VERSION) -> Previous:
    return Previous(
        capture_id=stored.capture_id, spot=stored.spot, captured_at=NOW,
        payload_digest=stored.payload_digest or "", etag=None, last_modified=None, version_id=1,
        version_number=1, content_hash=content_hash, reader_version=reader, kind="report",
    )  # fmt: skip


def test_a_page_is_new_then_the_same_then_changed(warc: WarcWriter, readers: Readers) -> None:
    first = kept(warc, page(1))
    new = decide_stored(a_lease(), first, readers, NOW, RULES)
    assert (new.outcome, new.new_version, new.capture_id) == (Outcome.NEW, True, 7)
    assert new.reading is not None
    before = a_lease(previous=known(first, new.reading.content_hash))
    same = decide_stored(before, kept(warc, page(1)), readers, NOW, RULES)
    assert (same.outcome, same.new_version) == (Outcome.UNCHANGED, False)
    changed = decide_stored(before, kept(warc, page(2)), readers, NOW, RULES)
    assert (changed.outcome, changed.new_version) == (Outcome.CHANGED, True)


def test_a_version_of_an_older_reader_is_read_again_and_compared(
    warc: WarcWriter, readers: Readers
) -> None:
    before = a_lease(previous=known(kept(warc, page(1)), "as the older reader had it", "0"))
    same = decide_stored(before, kept(warc, page(1)), readers, NOW, RULES)
    assert (same.outcome, same.supersede_reader) == (Outcome.UNCHANGED, True)


def test_what_a_crawl_would_try_again_has_failed(warc: WarcWriter, readers: Readers) -> None:
    busy = kept(warc, answer(b"", status=b"503 Busy"), 503)
    assert decide_stored(a_lease(), busy, readers, NOW, RULES).reason == "status 503"
    itself = answer(b"", f"Location: {URL}".encode(), status=b"302 Found")
    turned = decide_stored(a_lease(), kept(warc, itself, 302), readers, NOW, RULES)
    assert turned.outcome is Outcome.BLOCKED


def test_an_answer_cut_short_is_read_where_it_is_all_there_is(
    warc: WarcWriter, readers: Readers
) -> None:
    body = page(3).partition(b"\r\n\r\n")[2]
    received = answer(body[:-30], b"Content-Length: %d" % len(body))
    cut = kept(warc, received, truncated="disconnect")
    assert decide_stored(a_lease(), cut, readers, NOW, RULES).outcome is Outcome.FAILED
    read = decide_stored(a_lease(), cut, readers, NOW, StoredRules(although_cut=True))
    assert read.outcome is Outcome.NEW
    assert read.reading is not None
    assert "cut_short" in [each.rule for each in read.reading.findings]
    whole = a_lease(previous=known(kept(warc, page(1)), "whole"))
    kept_whole = decide_stored(whole, cut, readers, NOW, StoredRules(although_cut=True))
    assert kept_whole.outcome is Outcome.FAILED


def test_a_damaged_record_and_a_robots_txt_have_outcomes_too(
    warc: WarcWriter, readers: Readers
) -> None:
    stored = kept(warc, page(4))
    nowhere = replace(stored, spot=replace(stored.spot, file="gone.warc.gz"))
    lost = decide_stored(a_lease(), nowhere, readers, NOW, RULES)
    assert lost.outcome is Outcome.FAILED
    assert "missing" in lost.reason
    robots = replace(a_lease(), role=Role.ROBOTS)
    assert decide_stored(robots, stored, readers, NOW, RULES).reason == "robots.txt"


def test_what_a_page_shows_is_never_read_whatever_it_answers(
    warc: WarcWriter, readers: Readers
) -> None:
    shown = replace(a_lease(), role=Role.REQUISITE)
    first = kept(warc, page(1))
    new = decide_stored(shown, first, readers, NOW, RULES)
    assert (new.outcome, new.reading, new.links) == (Outcome.NEW, None, ())
    before = replace(shown, previous=replace(known(first, ""), content_hash=None))
    same = decide_stored(before, replace(first, record_type="revisit"), readers, NOW, RULES)
    assert same.outcome is Outcome.UNCHANGED
    assert decide_stored(before, first, readers, NOW, RULES).outcome is Outcome.UNCHANGED
    other = kept(warc, page(2))
    assert decide_stored(before, other, readers, NOW, RULES).outcome is Outcome.CHANGED
    closed = kept(warc, answer(b"", status=b"403 No"), 403)
    assert decide_stored(shown, closed, readers, NOW, RULES).outcome is Outcome.BLOCKED
    to = answer(b"", b"Location: /other.png", status=b"302 Found")
    moved = decide_stored(shown, kept(warc, to, 302), readers, NOW, RULES)
    assert (moved.outcome, moved.links[0].role) == (Outcome.REDIRECTED, Role.REQUISITE)
    cut = kept(warc, page(1)[:-30], truncated="disconnect")
    although = StoredRules(although_cut=True)
    assert decide_stored(shown, cut, readers, NOW, although).outcome is Outcome.FAILED


def test_a_list_that_only_a_browser_could_read_has_failed_with_the_need(
    warc: WarcWriter, readers: Readers
) -> None:
    empty = answer(b"<html><body><div id=app></div><script src=/app.js></script></body></html>")
    role = replace(a_lease(), role=Role.LIST)
    seen = decide_stored(role, kept(warc, empty), readers, NOW, RULES)
    assert (seen.outcome, seen.reason[:24]) == (Outcome.FAILED, "no browser rendered it (")
