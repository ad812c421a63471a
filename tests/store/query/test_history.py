"""What a page was over time."""

from dataclasses import replace

import pytest

from archive.model.errors import DamageError
from archive.model.outcome import Outcome
from archive.model.reading import Cell, Table
from archive.store.query import history
from archive.store.write import outcomes
from archive.store.write.texts import pack, unpack_tables
from tests.store.making import (
    ENTRY,
    FILE,
    a_portal,
    a_reading,
    a_record,
    begin,
    finish,
    keep,
    take,
    visit,
)
from tests.support.transactions import commit, fetch


def visited_twice(store):
    """A page captured whole, then by a revisit of that capture."""
    first = begin(store)
    visit(store, take(store, first.run_id)[0], reading=a_reading())
    finish(store, first.run_id)
    second = begin(store)
    [lease] = take(store, second.run_id)
    [stored] = keep(store, [lease], record_type="revisit", refers_to=lease.previous.capture_id)
    commit(store, outcomes.record, [a_record(lease, stored, Outcome.UNCHANGED)], next_due={})


def test_captures_of_an_url_come_oldest_first_with_their_outcomes(store):
    visited_twice(store)
    assert [each.outcome for each in fetch(store, history.captures_at, ENTRY)] == [
        "new",
        "unchanged",
    ]


def test_a_revisit_knows_the_capture_it_repeats(store):
    visited_twice(store)
    first, second = fetch(store, history.captures_at, ENTRY)
    assert (second.refers_to_spot, second.refers_to_at) == (first.spot, first.captured_at)
    assert (first.refers_to, first.refers_to_spot) == (None, None)


def test_a_capture_knows_where_its_request_lies(store):
    visited_twice(store)
    spot = fetch(store, history.captures_at, ENTRY)[0].request_spot
    assert (spot.file, spot.offset, spot.length) == (FILE, 60, 40)


def test_outcomes_of_an_url_come_by_run(store):
    visited_twice(store)
    assert [each.outcome for each in fetch(store, history.outcomes, ENTRY)] == ["new", "unchanged"]


def test_an_unknown_url_has_no_history(store):
    assert fetch(store, history.latest_version, "http://nobody.example/") is None
    assert fetch(store, history.versions, "http://nobody.example/") == []
    assert fetch(store, history.captures_at, "http://nobody.example/") == []


def test_committed_captures_come_by_place_in_portions(store, monkeypatch):
    monkeypatch.setattr(history, "_BATCH", 2)
    ticket = begin(store, a_portal("a", *(f"http://a.example/{n}" for n in range(5))))
    keep(store, take(store, ticket.run_id))
    offsets = [each.spot.offset for each in fetch(store, history.committed_captures)]
    assert offsets == [0, 100, 200, 300, 400]


def test_tables_come_back_cell_by_cell():
    table = Table(
        cells=(Cell(text="一\t二\n三", row=0, column=1, rowspan=2, colspan=3, header=True),),
        rows=2,
        columns=4,
        caption="表",
    )
    packed = pack(a_reading(tables=(table,)))
    assert unpack_tables(packed.codec, packed.tables) == (table,)


@pytest.mark.parametrize("damaged", [b"", b"no zstd", pack(a_reading()).text.encode()])
def test_damaged_tables_are_named(damaged):
    with pytest.raises(DamageError, match="damaged"):
        unpack_tables("zstd", damaged)


def test_an_unknown_codec_is_named():
    with pytest.raises(DamageError, match="brotli"):
        unpack_tables("brotli", b"x")


def test_other_tables_make_another_body():
    table = Table(cells=(), rows=0, columns=0)
    assert pack(a_reading()).hash != pack(a_reading(tables=(table,))).hash


@pytest.mark.parametrize("hostile", ["a\x00b", "a\ud800b"])
def test_characters_that_no_database_takes_are_marked_as_lost(store, hostile):
    reading = replace(a_reading(), title=f"题{hostile}", lines=(hostile,))
    visit(store, take(store, begin(store).run_id)[0], reading=reading)
    row = fetch(store, history.latest_version, ENTRY)
    assert (row.title, row.text) == ("题a\ufffdb", "a\ufffdb")
