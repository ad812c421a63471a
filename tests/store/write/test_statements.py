"""Statements are stored as places in the text, and come back exactly as they were read."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from archive.model.packed import storable
from archive.model.reading import CellState, Period
from archive.reading.statistics.prose import read_prose
from archive.store import Store
from archive.store.query.earlier_readings import earlier_reading_of
from archive.store.schema import statement, statement_kind
from archive.store.write.packed import pack_reading, unpack_statements
from archive.store.write.stored_reading import stored_reading
from tests.store.making import a_portal, a_reading, a_statement, begin, take, visit
from tests.store.write.test_earlier_readings import first, read_again
from tests.support.transactions import fetch

LINES = (
    "一、总体情况",
    "　全年收到申请 １，２０７ 件\0；维持 \0 无。收取信息处理费12.50元。",
    "",
    "历年累计主动公开信息398条。未发生行政复议。",
)


def stored(store: Store, *readings):
    leases = iter(take(store, begin(store, *map(_portal, range(len(readings)))).run_id))
    return [visit(store, next(leases), reading=each).version_id for each in readings]


def _portal(n: int):
    return a_portal(f"p{n}", f"http://p{n}.example/")


def with_statements(lines=LINES):
    return a_reading(lines=lines, statements=read_prose(lines))


def test_statements_come_back_as_they_were_read(store: Store) -> None:
    reading = with_statements()
    assert len(reading.statements) == 4
    [version_id] = stored(store, reading)
    again = fetch(store, stored_reading, version_id).statements
    assert again == tuple(replace(s, sentence=storable(s.sentence)) for s in reading.statements)
    assert unpack_statements(pack_reading(reading)) == again


def test_the_view_shows_the_words_of_the_text(store: Store) -> None:
    reading = with_statements()
    stored(store, reading)
    with store.read() as connection:
        rows = connection.execute(text("SELECT * FROM statements")).mappings().all()
    assert [
        (r["concept"], Decimal(str(r["value"])), r["unit"], r["printed"], r["state"], r["period"],
         r["sentence"], r["line"])
        for r in rows
    ] == [
        (s.concept, s.value, s.unit, s.printed, s.state, s.period, storable(s.sentence), s.line)
        for s in reading.statements
    ]  # fmt: skip
    assert {(r["current"], r["report_year"]) for r in rows} == {(True, 2024)}


def test_what_is_counted_is_stored_once(store: Store) -> None:
    stored(store, with_statements(), with_statements((*LINES, "信息处理费1元。")))
    with store.read() as connection:
        kinds, rows = (
            connection.scalar(select(func.count()).select_from(table))
            for table in (statement_kind, statement)
        )
    assert (kinds, rows) == (4, 9)


def test_a_better_reading_replaces_them_and_keeps_them_beside(store: Store) -> None:
    version_id = first(store, with_statements())
    before = fetch(store, stored_reading, version_id).statements
    read_again(store, replace(with_statements(), reader_version="r2", statements=()))
    with store.read() as connection:
        assert connection.execute(text("SELECT * FROM statements")).all() == []
    kept = fetch(store, earlier_reading_of, version_id, "r1")
    assert kept is not None
    assert kept.statements == before


_words = st.text("一收到申请12件。 \n\0\U0001f600", max_size=20).filter(lambda t: "\n" not in t)


@given(st.lists(_words, min_size=1), st.data())
def test_any_place_comes_back(lines: list[str], data: st.DataObject) -> None:
    """Also behind signs that take two places in UTF-16, and what no engine holds."""
    number = data.draw(st.integers(1, len(lines)))
    line = lines[number - 1]
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    at = data.draw(st.integers(0, end - start))
    stop = data.draw(st.integers(at, end - start))
    sentence = line[start:end]
    read = replace(
        a_statement("x", "x", line=number, start=start, at=at),
        sentence=sentence,
        printed=sentence[at:stop],
    )
    [again] = unpack_statements(pack_reading(a_reading(lines=lines, statements=(read,))))
    spelled = {"sentence": storable(sentence), "printed": storable(read.printed)}
    assert again == replace(read, **spelled)


@pytest.mark.parametrize("unit", [None, "人次"])
def test_every_unit_state_and_period_is_kept(store: Store, unit: str | None) -> None:
    statements = tuple(
        a_statement("一、总体情况", "一", unit=unit, state=state, period=period, value=value)
        for state in (CellState.GIVEN, CellState.STATED_NONE)
        for period in Period
        for value in (Decimal(0), Decimal("12.50"), Decimal("186510600000.25"))
    )
    [version_id] = stored(store, a_reading(statements=statements))
    assert fetch(store, stored_reading, version_id).statements == statements
