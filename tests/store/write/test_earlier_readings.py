"""What an earlier reader understood is kept whole, beside what takes its place."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, text, update

from archive.model.errors import DamageError
from archive.model.outcome import Outcome
from archive.model.reading import BodyKind, Finding, PublicBody, Reading, Severity
from archive.store import Store
from archive.store.query.earlier_readings import (
    earlier_figures,
    earlier_readers,
    earlier_reading_of,
    known_readers,
)
from archive.store.schema import earlier_reading
from archive.store.write.earlier_readings import as_stored, pack_whole, unpack_whole
from archive.store.write.packed import pack_reading, without_bulk
from archive.store.write.stored_reading import stored_reading
from tests.store.making import a_full_reading, a_reading, begin, finish, take, visit
from tests.support.transactions import fetch

BODY = PublicBody(name="嘉善县人民政府", division="330421", kind=BodyKind.GOVERNMENT)


def first(store: Store, reading: Reading) -> int:
    """The version that a first visit makes."""
    run_id = begin(store).run_id
    [lease] = take(store, run_id)
    version_id = visit(store, lease, reading=reading).version_id
    finish(store, run_id)
    assert version_id is not None
    return version_id


def read_again(store: Store, reading: Reading) -> None:
    """The same content, seen by another reader in the next run."""
    run_id = begin(store).run_id
    [lease] = take(store, run_id)
    visit(store, lease, Outcome.UNCHANGED, reading=reading, supersede_reader=True)
    finish(store, run_id)


def test_the_reading_that_is_replaced_is_kept_whole(store: Store) -> None:
    old = replace(a_full_reading(), publisher=BODY)
    version_id = first(store, old)
    stored = fetch(store, stored_reading, version_id)
    assert stored.lines == old.lines
    assert (stored.figures, stored.tables, stored.fields) == (old.figures, old.tables, old.fields)
    assert (stored.links, stored.identity, stored.publisher) == (old.links, old.identity, BODY)
    read_again(store, a_reading(lines=("读得更好",), reader_version="r2"))
    assert fetch(store, earlier_reading_of, version_id, "r1") == stored
    assert fetch(store, earlier_readers, version_id) == ["r1"]
    assert fetch(store, known_readers) == ["r1", "r2"]
    assert fetch(store, earlier_reading_of, version_id, "r2") is None, "it is today's"


def test_the_doubts_between_two_years_are_kept_with_it(store: Store) -> None:
    version_id = first(store, a_full_reading())
    with store.write() as connection:
        connection.execute(
            text("INSERT INTO year_check VALUES (:v, :v, 0, 'R5', 'total', 'violated', 'm', 'e')"),
            {"v": version_id},
        )
    read_again(store, a_reading(reader_version="r2"))
    kept = fetch(store, earlier_reading_of, version_id, "r1")
    assert kept is not None
    assert [each.rule for each in kept.findings] == ["R9", "R5"]


def test_the_same_reader_keeps_nothing(store: Store) -> None:
    first(store, a_reading())
    read_again(store, a_reading(report_year=2023))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(earlier_reading)) == 0


def test_what_a_reader_read_first_stays(store: Store) -> None:
    """Code may go back to an older reader, and forward again."""
    version_id = first(store, a_full_reading())
    kept = fetch(store, stored_reading, version_id)
    for reader in ("r2", "r1", "r2", "r3"):
        read_again(store, a_reading(reader_version=reader, lines=(reader,)))
    assert fetch(store, earlier_readers, version_id) == ["r1", "r2"]
    assert fetch(store, earlier_reading_of, version_id, "r1") == kept


def test_the_figures_of_an_earlier_reader_are_as_they_were_exported(store: Store) -> None:
    first(store, replace(a_full_reading(), publisher=BODY))
    with store.read() as connection:
        before = connection.execute(text("SELECT * FROM figures")).mappings().all()
    read_again(store, a_reading(reader_version="r2"))
    with store.read() as connection:
        assert connection.execute(text("SELECT * FROM figures")).all() == []
    found = fetch(store, earlier_figures, "r1")
    assert len(before) == 2
    assert [{**each} for each in before] == [{name: row[name] for name in each}
                                             for each, row in zip(before, found, strict=True)]  # fmt: skip
    assert fetch(store, earlier_figures, "r2") == [], "it is today's"


def test_what_will_be_stored_is_known_beforehand(store: Store) -> None:
    """NUL is stored as U+FFFD, a check that holds without its evidence."""
    doubt = Finding(rule="x", severity=Severity.INFO, message="a\0b", evidence="\ud800")
    reading = replace(a_full_reading(), title="年\0报", findings=(doubt,), lines=("a\0", "b"))
    version_id = first(store, replace(reading, blocked="x", soft_404="y"))
    packed = pack_reading(reading)
    assert as_stored(without_bulk(reading), packed) == fetch(store, stored_reading, version_id)


def test_a_reading_without_anything_comes_back() -> None:
    nothing = a_reading(None, (), report_year=None, family=None, charset_declared=None)
    assert unpack_whole(pack_whole(nothing)) == nothing
    full = a_full_reading()
    assert unpack_whole(pack_whole(full)) == full


@pytest.mark.parametrize("packed", [b"", b"(\xb5/\xfd\x04", pack_whole(a_reading())[:-9]])
def test_a_damaged_one_is_told(store: Store, packed: bytes) -> None:
    version_id = first(store, a_reading())
    read_again(store, a_reading(reader_version="r2"))
    with store.write() as connection:
        connection.execute(update(earlier_reading).values(packed=packed))
    with pytest.raises(DamageError, match="damaged"):
        fetch(store, earlier_reading_of, version_id, "r1")
