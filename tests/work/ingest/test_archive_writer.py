"""The ledger thread: what was not committed is never in the way of what is."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.model.errors import CannotRunError
from archive.model.frontier import Lease, Previous, Record
from archive.model.outcome import Outcome
from archive.store import Connection, Store
from archive.store.frontier import runs
from archive.store.query import history
from archive.store.write import captures, outcomes
from archive.warc.record import Exchange, digest_of
from archive.warc.recovery import recover
from archive.work.home import Home
from archive.work.ingest import archive_writer
from archive.work.ingest.archive_writer import ArchiveWriter
from archive.work.preservation.verify import verify_archive
from tests.store.making import ENTRY, NOW, a_portal, begin, take
from tests.support.transactions import fetch
from tests.warc.making import answer, coded, writer

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


def fetched(number: int, received: bytes | None = None) -> Exchange:
    return Exchange(
        url="http://x/",
        request=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        response=answer(b"page %d" % number) if received is None else received,
        started_at=NOW + timedelta(seconds=number),
        elapsed_s=0.1,
        ip_address=None,
        truncated=None,
    )


def leases_of(store: Store, count: int) -> list[Lease]:
    entries = [f"{ENTRY}{number}.html" for number in range(count)]
    ticket = begin(store, a_portal("jiashan", *entries), pid=os.getpid())
    return take(store, ticket.run_id)


def test_a_group_that_was_not_committed_leaves_nothing_in_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.make()
    with Store.open(home.path) as store:
        leases = leases_of(store, 3)
        ledger = ArchiveWriter(store, writer(home.warc))
        ledger.keep(leases[0], fetched(0)).result()
        with monkeypatch.context() as patched:
            refused = CannotRunError("the disk is full")
            patched.setattr(archive_writer, "keep", lambda *_: (_ for _ in ()).throw(refused))
            assert ledger.keep(leases[1], fetched(1)).exception() is refused
        assert ledger.keep(leases[2], fetched(2)).exception() is refused, "it would be behind it"
        ledger.close()
        recover(home.warc, fetch(store, captures.committed_ends))
        assert len(fetch(store, history.captures_at, leases[0].url)) == 1
        damages = verify_archive(
            home, fetch(store, history.committed_captures), fetch(store, captures.committed_ends)
        )
        assert [each.rule for each in damages] == []


@pytest.mark.parametrize("received", [coded(), INTERIM + answer()], ids=["chunked", "interim"])
def test_the_first_visit_after_the_upgrade_is_a_revisit(tmp_path: Path, received: bytes) -> None:
    """Older archives digested everything behind the first head: their bodies are recognised."""
    former = digest_of(received.partition(b"\r\n\r\n")[2])
    home = Home(tmp_path)
    home.make()
    with Store.open(home.path) as store:
        [lease, *_] = leases_of(store, 1)
        ledger = ArchiveWriter(store, writer(home.warc))
        first = ledger.keep(lease, fetched(0, received)).result()
        known = Previous(
            capture_id=first.capture_id, spot=first.spot, captured_at=first.captured_at,
            payload_digest=former, etag=None, last_modified=None, version_id=None,
            version_number=None, content_hash=None, reader_version=None,
        )  # fmt: skip
        again = ledger.keep(replace(lease, previous=known), fetched(1, received)).result()
        ledger.close()
    assert (again.record_type, again.payload_digest) == ("revisit", former)


def ended(lease: Lease) -> Record:
    return Record(
        page_id=lease.page_id, run_id=lease.run_id, capture_id=None, outcome=Outcome.GONE,
        reason="", at=NOW, reading=None, new_version=False,
    )  # fmt: skip


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records each second transaction had; records wait for ever for others."""
    sizes: list[int] = []

    def counted(connection: Connection, records: Sequence[Record], **more: Any) -> Any:
        sizes.append(len(records))
        return outcomes.record(connection, records, **more)

    monkeypatch.setattr(archive_writer, "record", counted)
    for name in ("QUIET_S", "MAX_WAIT_S"):
        monkeypatch.setattr(archive_writer, name, 600.0)
    return sizes


@contextmanager
def three_kept(folder: Path) -> Iterator[tuple[ArchiveWriter, list[Lease]]]:
    home = Home(folder)
    home.make()
    with Store.open(home.path) as store:
        leases = leases_of(store, 3)
        ledger = ArchiveWriter(store, writer(home.warc))
        for number, lease in enumerate(leases):
            ledger.keep(lease, fetched(number)).result()
        yield ledger, leases
        ledger.close()


def test_records_wait_for_those_of_captures_that_are_being_read(
    tmp_path: Path, groups: list[int]
) -> None:
    with three_kept(tmp_path) as (ledger, leases):
        first, second = (ledger.record(ended(each), None) for each in leases[:2])
        with pytest.raises(TimeoutError):
            first.result(timeout=0.1)
        ledger.record(ended(leases[2]), None).result()
        assert first.done()
        assert second.done()
    assert groups == [3]


def test_a_record_waits_for_nobody_who_was_given_back(tmp_path: Path, groups: list[int]) -> None:
    with three_kept(tmp_path) as (ledger, leases):
        for each in leases[1:]:
            ledger.expect_no_record(each.page_id)
        ledger.record(ended(leases[0]), None).result(timeout=30)
    assert groups == [1]


@pytest.mark.parametrize("name", ["QUIET_S", "MAX_WAIT_S"])
def test_a_record_is_written_when_it_waited_long_enough(
    tmp_path: Path, groups: list[int], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(archive_writer, name, 0.05)
    with three_kept(tmp_path) as (ledger, leases):
        ledger.record(ended(leases[0]), None).result(timeout=30)
    assert groups == [1]


def test_what_is_called_sees_the_records_before_it(tmp_path: Path, groups: list[int]) -> None:
    with three_kept(tmp_path) as (ledger, leases):
        done = ledger.record(ended(leases[0]), None)
        left = ledger.call(runs.remaining, leases[0].run_id).result()
        assert done.done()
        assert left["kept"] == 2
    assert groups == [1]


def test_records_that_wait_are_written_at_the_end(tmp_path: Path, groups: list[int]) -> None:
    with three_kept(tmp_path) as (ledger, leases):
        done = ledger.record(ended(leases[0]), None)
    assert done.done()
    assert groups == [1]
