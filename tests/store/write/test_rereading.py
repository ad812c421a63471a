"""Pages that an older reader has read: which they are, and what is stored of reading them again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from archive.model.outcome import Outcome, Role
from archive.model.reading import Finding, Kind, Reading, Severity
from archive.store import Store
from archive.store.query import history
from archive.store.query.pages_to_reread import (
    PageToReread,
    Wanted,
    count_pages,
    pages_after,
    readers_below,
)
from archive.store.schema import finding, page
from archive.store.write.packed import pack_reading, without_bulk
from archive.store.write.rereading import RereadPage, store_reread
from archive.store.write.versioning import Understood
from tests.store.making import (
    ENTRY,
    LATER,
    NOW,
    a_full_reading,
    a_portal,
    a_reading,
    begin,
    finish,
    take,
    visit,
)
from tests.support.transactions import commit, fetch

OLD = Wanted(readers=["r1"])
DOUBT = Finding(rule="soft_404", severity=Severity.WARNING, message="says nothing")


def visited(store: Store, outcome: Outcome = Outcome.NEW, **changes: object) -> None:
    """A run that visits the one page of the portal."""
    run_id = begin(store).run_id
    for lease in take(store, run_id):
        visit(store, lease, outcome, **changes)
    finish(store, run_id)


def understood(found: PageToReread, reading: Reading, *, number: int = 1) -> Understood:
    """A reading of the page's version of that number, or of its next one."""
    known = {each.number: each for each in found.versions}.get(number)
    return Understood(
        page_id=found.page_id,
        version_id=known.version_id if known else None,
        latest_id=found.versions[-1].version_id if found.versions else None,
        number=number,
        reading=without_bulk(reading),
        packed=pack_reading(reading),
        capture_id=found.visits[number - 1].capture_id,
        run_id=found.visits[number - 1].run_id,
        captured_at=found.visits[number - 1].captured_at,
    )


def stored(store: Store, reread: RereadPage) -> None:
    commit(store, store_reread, [reread], reader_version="r2", at=LATER, on_versions=None)


@pytest.mark.parametrize(
    ("below", "expected"), [(0, ["r1"]), (9, ["2", "r1"]), (10, ["2", "9", "r1"])]
)
def test_readers_are_ordered_as_numbers(store: Store, below: int, expected: list[str]) -> None:
    entries = [f"{ENTRY}{number}" for number in range(4)]
    run_id = begin(store, a_portal("jiashan", *entries)).run_id
    for lease, reader in zip(take(store, run_id), ("2", "9", "10", "r1"), strict=True):
        visit(store, lease, reading=a_reading(reader_version=reader))
    assert fetch(store, readers_below, below) == expected


def test_a_page_of_an_older_reader_comes_with_its_versions_and_visits(store: Store) -> None:
    visited(store, reading=a_reading())
    visited(store, Outcome.UNCHANGED)
    [found] = fetch(store, pages_after, 0, 9, OLD)
    assert (found.key, found.role, found.portal_key) == (ENTRY, Role.ENTRY, "jiashan")
    assert [(each.number, each.reader_version) for each in found.versions] == [(1, "r1")]
    assert [(each.outcome, each.has_body) for each in found.visits] == [
        ("new", True), ("unchanged", True),
    ]  # fmt: skip
    assert fetch(store, count_pages, OLD) == 1
    assert fetch(store, pages_after, found.page_id, 9, OLD) == []
    for other in (
        Wanted(readers=["r0"]), replace(OLD, portal="x"), replace(OLD, page_ids=[found.page_id + 1])
    ):  # fmt: skip
        assert fetch(store, count_pages, other) == 0


def test_a_page_that_was_missed_is_wanted_until_it_was_looked_into(store: Store) -> None:
    visited(store, Outcome.SOFT_404, reading=a_reading(findings=(DOUBT,)), body_digest="d")
    [found] = fetch(store, pages_after, 0, 9, OLD)
    assert [each.reader_version for each in found.visits] == ["r1"]
    assert fetch(store, count_pages, Wanted(readers=["r0"])) == 0, "r1 is today's"
    looked_into = tuple(each.capture_id for each in found.visits)
    stored(store, RereadPage(page_id=found.page_id, latest_id=None, replaced=(), added=(),
                             looked_into=looked_into))  # fmt: skip
    assert fetch(store, count_pages, OLD) == 0
    with store.read() as connection:
        assert connection.scalars(select(finding.c.rule)).all() == ["soft_404"]


def test_what_is_replaced_keeps_number_and_time(store: Store) -> None:
    visited(store, reading=a_full_reading())
    visited(store, Outcome.CHANGED, reading=a_reading(lines=("改",)))
    [found] = fetch(store, pages_after, 0, 9, OLD)
    better = a_reading(lines=("读得更好",), reader_version="r2", kind=Kind.ARTICLE, family="nova")
    stored(store, RereadPage(
        page_id=found.page_id, latest_id=found.versions[-1].version_id, looked_into=(), added=(),
        replaced=(understood(found, better), understood(found, better, number=2)),
    ))  # fmt: skip
    rows = fetch(store, history.versions, ENTRY)
    assert [(row.number, row.supersedes, row.text) for row in rows] == [
        (1, None, "读得更好"), (2, 1, "读得更好"),
    ]  # fmt: skip
    assert [row.captured_at for row in rows] == [NOW, NOW]
    with store.read() as connection:
        row = connection.execute(select(page)).one()
    assert (row.kind, row.family, row.versions) == ("article", "nova", 2)
    assert fetch(store, count_pages, OLD) == 0


def test_what_is_added_is_what_the_page_shows_and_the_next_visit_compares_with(
    store: Store,
) -> None:
    for digest in "de":
        visited(store, Outcome.SOFT_404, reading=a_reading(findings=(DOUBT,)), body_digest=digest)
    [found] = fetch(store, pages_after, 0, 9, OLD)
    first = understood(found, a_reading(reader_version="r2"))
    second = replace(
        understood(found, a_reading(lines=("改",), reader_version="r2")),
        number=2, captured_at=NOW + timedelta(hours=1), capture_id=found.visits[1].capture_id,
    )  # fmt: skip
    looked_into = first.capture_id, second.capture_id
    stored(store, RereadPage(page_id=found.page_id, latest_id=None, replaced=(),
                             added=(first, second), looked_into=looked_into))  # fmt: skip
    rows = fetch(store, history.versions, ENTRY)
    assert [(row.number, row.supersedes) for row in rows] == [(1, None), (2, 1)]
    assert [each.outcome for each in fetch(store, history.outcomes, ENTRY)] == ["soft_404"] * 2
    with store.read() as connection:
        row = connection.execute(select(page)).one()
        assert connection.execute(select(finding)).all() == [], "it is no soft 404"
    assert (row.versions, row.body_capture_id, row.etag) == (2, second.capture_id, '"1"')
    assert (row.first_captured_at, row.last_captured_at) == (NOW, second.captured_at)
    [lease] = take(store, begin(store).run_id)
    assert lease.previous is not None
    assert (lease.previous.version_number, lease.previous.reader_version) == (2, "r2")


def test_a_later_good_visit_keeps_what_the_next_one_compares_with(store: Store) -> None:
    visited(store, reading=a_reading())
    visited(store, Outcome.UNCHANGED)
    [found] = fetch(store, pages_after, 0, 9, OLD)
    changed = understood(found, a_reading(lines=("改",), reader_version="r2"), number=2)
    stored(store, RereadPage(
        page_id=found.page_id, latest_id=found.versions[-1].version_id, replaced=(),
        added=(replace(changed, captured_at=NOW - timedelta(hours=1)),), looked_into=(),
    ))  # fmt: skip
    with store.read() as connection:
        row = connection.execute(select(page)).one()
    assert (row.versions, row.last_captured_at) == (2, NOW)
    assert row.body_capture_id == found.visits[1].capture_id
