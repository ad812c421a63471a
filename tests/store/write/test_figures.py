"""Figures are stored as narrow rows, and come back exactly as they were read."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, select, text

from archive.model.packed import STORED_STATES, storable
from archive.model.reading import CellState, Check, CheckState, Figure
from archive.store import Store
from archive.store.query.integrity import figure_faults, figureless
from archive.store.schema import cell, figure, layout, layout_cell, version_layout
from archive.store.write import figures
from archive.store.write import packed as packing
from archive.store.write.earlier_readings import as_stored
from archive.store.write.packed import pack_reading, unpack_figures, without_bulk
from archive.store.write.stored_reading import version_figures
from tests.store.making import a_figure, a_portal, a_reading, begin, take, visit
from tests.support.transactions import commit, fetch

PRINTS = (
    "",
    "/",
    "无",
    "0",
    "-0",
    "-0.0",
    "12",
    "012",
    "12.50",
    "-",
    "\u00a0",
    "null",
    "－８",
    "1e3",
    "\0",
)
VALUES = ("0", "-0", "-0.0", "12", "12.50", "-8", "1E+3", "123456789012345678.25", "0.000")


def odd_figures() -> tuple[Figure, ...]:
    """Every state with every value and print."""
    values = (None, *map(Decimal, VALUES))
    return tuple(
        a_figure("f21.x", printed, value, state)
        for state in CellState
        for value in values
        for printed in PRINTS
    )


def shown(each: Figure) -> tuple[object, ...]:
    value = None if each.value is None else format(each.value, "f")
    row = (each.form, each.indicator, each.label, each.applicant, each.unit, each.where)
    return (*row, value, each.state, storable(each.printed))


def test_cells_are_packed_the_same_whatever_was_packed_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packing, "_MOST_CELLS", 3)
    labels = ["新收", "", 'a "b"', "nul\0", "\ud800", "long" * 500, "c", "d", "e", "新收"]
    one = a_figure("f21.x", "1", Decimal(1), CellState.GIVEN)
    many = [replace(one, label=label) for label in labels]
    for few in (many, many[::-1], many[:2]):
        cells = pack_reading(a_reading(figures=tuple(few))).cells
        wanted = [
            [each.form, each.indicator, storable(each.label), each.applicant, each.unit, each.where]
            for each in few
        ]
        assert cells == json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))


def stored(store: Store, *readings):
    """The ids of versions with these readings, written in one transaction each."""
    leases = iter(take(store, begin(store, *_portals(len(readings))).run_id))
    return [visit(store, next(leases), reading=each).version_id for each in readings]


def _portals(count: int):
    return [a_portal(f"p{n}", f"http://p{n}.example/") for n in range(count)]


def test_the_stored_numbers_of_the_states_never_change():
    assert [each.value for each in STORED_STATES] == [
        "given", "blank", "placeholder", "stated_none",
    ]  # fmt: skip
    assert set(STORED_STATES) == set(CellState)


numbers = st.none() | st.decimals(allow_nan=False, allow_infinity=False)


@given(
    st.lists(st.tuples(st.sampled_from(PRINTS) | st.text(), numbers, st.sampled_from(CellState)))
)
def test_a_print_always_comes_back_exactly(cells):
    """Also where it is what value and state tell anyway, and is not stored."""
    rows = tuple(a_figure("f21.x", *each) for each in cells)
    rows += tuple(replace(each, printed=f"{each.value:f}") for each in rows if each.value)
    packed = pack_reading(a_reading(figures=rows))
    assert unpack_figures(packed) == tuple(map(shown, rows))


def test_figures_are_shown_as_they_were_read(store):
    odd = odd_figures()
    [version_id] = stored(store, a_reading(figures=odd))
    again = fetch(store, version_figures, version_id)
    assert [replace(each, value=None) for each in again] == [
        replace(each, value=None, printed=storable(each.printed)) for each in odd
    ]
    assert [each.value for each in again] == [each.value for each in odd]
    with store.read() as connection:
        rows = connection.execute(text("SELECT printed, state, indicator, place FROM figures"))
        assert [tuple(row) for row in rows] == [
            (each.printed, each.state, each.indicator, each.where) for each in again
        ]


def test_what_is_stored_compares_with_what_is_read_again(store):
    odd = tuple(each for each in odd_figures() if each.value != 0)
    [version_id] = stored(store, a_reading(figures=odd))
    reading = a_reading(figures=odd)
    again = as_stored(without_bulk(reading), pack_reading(reading))
    assert fetch(store, version_figures, version_id) == again.figures


def test_a_print_that_value_and_state_tell_is_not_stored(store):
    given_12 = a_figure("f21.x", "12", Decimal(12), CellState.GIVEN)
    stored(store, a_reading(figures=(given_12,)))
    with store.read() as connection:
        assert connection.scalars(select(figure.c.printed)).all() == [None]


def test_reports_of_a_form_share_their_cells(store):
    form = tuple(a_figure(f"f21.{n}", str(n), Decimal(n), CellState.GIVEN) for n in range(600))
    first, second = stored(store, a_reading(figures=form), a_reading(lines=("x",), figures=form))
    assert cells(store) == 600
    assert fetch(store, version_figures, first) == fetch(store, version_figures, second) == form


def count(store: Store, table: Table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_versions_that_print_the_same_cells_share_a_layout(store):
    form = tuple(a_figure(f"f21.{n}", str(n), Decimal(n), CellState.GIVEN) for n in range(3))
    others = tuple(replace(each, value=Decimal(7), printed="7") for each in form)
    ids = stored(
        store,
        a_reading(figures=form),
        a_reading(lines=("x",), figures=others),
        a_reading(lines=("y",), figures=form[::-1]),
        a_reading(lines=("no figure",)),
    )
    found = [fetch(store, version_figures, each) for each in ids]
    assert found == [form, others, form[::-1], ()]
    assert (count(store, layout), count(store, layout_cell), count(store, version_layout)) == (
        2, 6, 3,
    )  # fmt: skip


def test_a_cell_that_a_version_prints_twice_comes_back_twice(store):
    one, other = (a_figure("f21.x", str(n), Decimal(n), CellState.GIVEN) for n in (1, 2))
    printed = (one, other, replace(one, where="else"), one)
    [version_id] = stored(store, a_reading(figures=printed))
    assert cells(store) == 2
    assert fetch(store, version_figures, version_id) == printed
    with store.read() as connection:
        shown = connection.execute(text("SELECT value FROM figures")).scalars().all()
        assert [int(each) for each in shown] == [1, 2, 1, 1]


def test_figures_of_a_version_go_and_those_of_others_stay(store):
    form = tuple(a_figure(f"f21.{n}", str(n), Decimal(n), CellState.GIVEN) for n in range(3))
    first, second = stored(store, a_reading(figures=form), a_reading(lines=("x",), figures=form))
    commit(store, figures.drop_figures, [first])
    assert fetch(store, version_figures, first) == ()
    assert fetch(store, version_figures, second) == form
    assert (count(store, figure), count(store, version_layout)) == (3, 1)


def cells(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(cell)) or 0


@pytest.mark.parametrize("name", ["form", "indicator", "label", "applicant", "unit", "where"])
def test_cells_that_differ_in_one_column_are_two(store, name):
    one = a_figure("f21.x", "1", Decimal(1), CellState.GIVEN)
    stored(store, a_reading(figures=(one, replace(one, **{name: "other"}), one)))
    assert cells(store) == 2


def test_a_label_of_any_length_is_stored(store):
    long = replace(a_figure("f21.x", "1", Decimal(1), CellState.GIVEN), label="政" * 100_000)
    [version_id] = stored(store, a_reading(figures=(long,)))
    assert fetch(store, version_figures, version_id) == (long,)


def write_again(connection, version_id: int, reading) -> None:
    figures.drop_figures(connection, [version_id])
    figures.write_figures(connection, {version_id: pack_reading(reading)})


def write_in_vain(connection, version_id: int, reading) -> None:
    """Twice, so that the second time finds the list; the transaction is rolled back."""
    write_again(connection, version_id, reading)
    write_again(connection, version_id, reading)
    raise KeyError(version_id)


def test_cells_of_a_transaction_that_was_rolled_back_are_made_again(store):
    """Their ids are given to other cells meanwhile."""
    [version_id] = stored(store, a_reading())
    lost = tuple(a_figure(f"f21.lost{n}", "1", Decimal(1), CellState.GIVEN) for n in range(3))
    other = tuple(a_figure(f"f21.other{n}", "1", Decimal(1), CellState.GIVEN) for n in range(3))
    with pytest.raises(KeyError):
        commit(store, write_in_vain, version_id, a_reading(figures=lost))
    assert cells(store) == 0
    commit(store, write_again, version_id, a_reading(figures=other))
    commit(store, write_again, version_id, a_reading(figures=lost))
    assert fetch(store, version_figures, version_id) == lost


def test_lists_of_cells_are_remembered_within_bounds(store, monkeypatch):
    monkeypatch.setattr(figures, "MAX_LISTS", 2)
    kinds = [
        a_reading(figures=(a_figure(f"f21.{n}", "1", Decimal(1), CellState.GIVEN),))
        for n in range(5)
    ]
    [version_id] = stored(store, a_reading())
    for _ in range(2):
        for each in kinds:
            commit(store, write_again, version_id, each)
            assert fetch(store, version_figures, version_id) == each.figures
    with store.write() as connection:
        known = connection.info["figure_cells"]
        assert max(len(known.committed), len(known.recent)) <= figures.MAX_LISTS


def test_figures_that_are_gone_as_a_whole_are_missed_by_the_sums_over_them(store):
    """The checks of a text alone, and sums of which a part is missing, need none."""
    one = a_figure("f21.x", "1", Decimal(1), CellState.GIVEN)
    states = ((CheckState.HOLDS, "R1"), (CheckState.VIOLATED, "R1"),
              (CheckState.NOT_ASSESSABLE, "R1"), (CheckState.HOLDS, "R21"))  # fmt: skip
    readings = [
        a_reading(
            figures=(one,),
            checks=(Check(rule=rule, scope="", state=state, message="", evidence=""),),
        )
        for state, rule in states
    ]
    ids = stored(store, *readings)
    with store.read() as connection:
        assert list(figureless(connection, {"R1"})) == []
    commit(store, figures.drop_figures, ids)
    with store.read() as connection:
        assert list(figure_faults(connection)) == [], "the counts are equal"
        assert [each.url for each in figureless(connection, {"R1"})] == [
            "http://p0.example/", "http://p1.example/",
        ]  # fmt: skip
