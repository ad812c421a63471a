"""Tables, JSON and progress on streams of every kind."""

import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import progress as progress_module
from archive.model.outcome import Verdict
from archive.terminal import (
    Column,
    Ui,
    aligned,
    plain,
    printable,
    shown,
    width,
    wrapped,
)

COLUMNS = (
    Column(key="name", heading="name", elastic=True),
    Column(key="n", heading="n", right=True),
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_wide_characters_take_two_cells() -> None:
    assert [width(text) for text in ("ab", "年报", "é", "e\u0301", "Ａ", "")] == [2, 4, 1, 1, 2, 0]


def test_columns_line_up_by_cells() -> None:
    rows = [{"name": "云河县", "n": 7}, {"name": "ab", "n": 123}]
    lines = list(aligned(rows, COLUMNS, None))
    assert lines == ["name      n", "云河县    7", "ab      123"]
    assert len({width(line) for line in lines}) == 1


@given(st.lists(st.text(max_size=40), max_size=5), st.integers(30, 60))
def test_a_table_fits_the_terminal_it_is_cut_for(names: list[str], room: int) -> None:
    rows = [{"name": name, "n": 1} for name in names]
    assert all(width(line) <= room for line in aligned(rows, COLUMNS, room))


def test_what_a_narrow_terminal_has_no_room_for_stands_whole_under_its_row() -> None:
    columns = (*COLUMNS, Column(key="why", heading="why", below=True))
    rows = [
        {"name": "云河县", "n": 7, "why": "no report was found in 县政府"},
        {"name": "b", "n": 1},
    ]
    assert next(aligned(rows, columns, 60)) == "name    n  why"
    assert list(aligned(rows, columns, 22)) == [
        "name    n", "云河县  7", "    no report was", "    found in 县政府", "b       1",
    ]  # fmt: skip


YEARS = [Column(key=str(year), heading=str(year), right=True) for year in range(2008, 2026)]


@pytest.mark.parametrize("room", [12, 20, 39, 60, 79])
def test_a_terminal_of_any_width_shows_every_column(room: int) -> None:
    rows = [{"name": f"{name}县人民政府", **{str(year): year * 3 for year in range(2008, 2026)}}
            for name in ("云河", "青山")]  # fmt: skip
    lines = list(aligned(rows, [COLUMNS[0], *YEARS], room))
    assert all(width(line) <= room for line in lines)
    words = " ".join(lines).split()
    for year in range(2008, 2026):
        assert sum(str(year) in word for word in words) >= 1
        assert words.count(str(year * 3)) == 2


def test_columns_without_room_stand_in_a_table_below_with_the_first_one_again() -> None:
    columns = [
        *COLUMNS,
        Column(key="m", heading="m" * 9),
        Column(key="why", heading="why", below=True),
    ]
    rows = [{"name": "云河县", "n": 7, "m": "x", "why": "县政府"}]
    assert list(aligned(rows, columns, 18)) == [
        "name    n", "云河县  7", "    县政府", "", "name    mmmmmmmmm", "云河县  x",
    ]  # fmt: skip
    assert list(aligned(rows, columns, 12)) == [
        "name: 云河县", "n: 7", "mmmmmmmmm: x", "why: 县政府",
    ]  # fmt: skip


def test_so_many_columns_stand_in_front_as_tell_the_rows_apart() -> None:
    columns = [Column(key=each, heading=each) for each in ("kind", "year", "wide", "wider")]
    rows = [{"kind": "a", "year": year, "wide": "x" * 9, "wider": "y" * 9} for year in (1, 2)]
    assert list(aligned(rows, columns, 22)) == [
        "kind  year  wide", "a     1     xxxxxxxxx", "a     2     xxxxxxxxx", "",
        "kind  year  wider", "a     1     yyyyyyyyy", "a     2     yyyyyyyyy",
    ]  # fmt: skip
    assert list(aligned(rows, columns, 19))[:2] == ["kind: a", "year: 1"]


@given(st.text(), st.integers(6, 30))
def test_a_wrapped_text_keeps_every_sign_and_fits(text: str, room: int) -> None:
    lines = list(wrapped(printable(text), room, indent=4))
    assert all(width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")


def test_columns_may_stand_closer() -> None:
    rows = [{"name": "云河县", "n": 7}]
    assert list(aligned(rows, COLUMNS, None, gap=1)) == ["name   n", "云河县 7"]


def test_escapes_of_a_poor_stream_line_up_too() -> None:
    raw = io.BytesIO()
    ui = Ui(out=io.TextIOWrapper(raw, encoding="ascii"))
    ui.table([{"name": "县", "n": 7}, {"name": "b", "n": 1}], COLUMNS)
    ui.out.flush()
    assert raw.getvalue().decode().splitlines() == ["name    n", "\\u53bf  7", "b       1"]


@given(st.text())
def test_nothing_that_steers_a_terminal_is_printed(text: str) -> None:
    assert all(sign.isprintable() or sign == " " for sign in printable(text) if ord(sign) < 0xA0)
    assert not set(printable(text)) & set("\x1b\x07\x9b\u202e\u2066\n\r")


def test_values_are_spelled_for_people_and_for_scripts() -> None:
    at = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert [shown(each) for each in (None, True, at, Verdict.GOOD, 3)] == [
        "", "yes", "2026-01-01T00:00:00Z", "good", "3",
    ]  # fmt: skip
    values = {"a": Decimal("2.50"), "b": Decimal(3), "at": at, "v": (Verdict.BAD,), "c": COLUMNS[1]}
    assert plain(values) == {
        "a": 2.5, "b": 3, "at": "2026-01-01T00:00:00.000000Z", "v": ["bad"],
        "c": {"key": "n", "heading": "n", "right": True, "elastic": False, "below": False},
    }  # fmt: skip


@pytest.mark.parametrize("rows", [[], [{"a": 1, "b": ["年\n报", None]}], [{"a": 1}, {}, [2]]])
def test_a_json_array_is_written_as_a_list_is(rows: list[object]) -> None:
    whole, one_by_one = io.StringIO(), io.StringIO()
    Ui(as_json=True, out=whole).json(rows)
    Ui(as_json=True, out=one_by_one).json_array(iter(rows))
    assert one_by_one.getvalue() == whole.getvalue()


def test_json_tables_hold_every_key_of_the_rows() -> None:
    out = io.StringIO()
    Ui(as_json=True, out=out).table([{"name": "县", "hidden": datetime(2026, 1, 1, tzinfo=UTC)}],
                                    COLUMNS)  # fmt: skip
    assert json.loads(out.getvalue()) == [{"name": "县", "hidden": "2026-01-01T00:00:00.000000Z"}]


def test_a_record_is_lines_or_an_object() -> None:
    out, as_json = io.StringIO(), io.StringIO()
    Ui(out=out).record({"key": "x", "name": "县"})
    Ui(as_json=True, out=as_json).record({"key": "x", "name": "县"})
    assert out.getvalue() == "key   x\nname  县\n"
    assert json.loads(as_json.getvalue()) == {"key": "x", "name": "县"}


def test_a_stream_that_cannot_spell_chinese_gets_escapes() -> None:
    raw = io.BytesIO()
    ui = Ui(out=io.TextIOWrapper(raw, encoding="ascii"))
    ui.line("县\udcff")
    ui.json(["县"])
    ui.out.flush()
    assert raw.getvalue() == b'\\u53bf\\udcff\n[\n  "\\u53bf"\n]\n'


def frames(screen: Screen) -> list[str]:
    """What a terminal without colours shows, one drawing after the other."""
    return [each for each in re.split(r"\x1b\[[?0-9;]*[A-Za-z]|\r|\n", screen.getvalue()) if each]


def bar(cells: int) -> str:
    return "━" * cells + " " * (28 - cells)


def test_progress_is_a_bar_on_a_terminal_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress_module, "_BAR_EVERY_S", 0)
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    with Ui(err=screen).progress("reading", 4) as progress:
        progress.step(2)
        assert frames(screen)[-1] == f"{bar(14)} reading 2 of 4"
        assert "\x1b[?25l" not in screen.getvalue().rpartition("\x1b[?25h")[2], "the cursor stays"
    assert screen.getvalue().endswith("\x1b[2K"), "the line is empty again"


def test_the_number_of_all_may_grow_while_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "_BAR_EVERY_S", 0)
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    with Ui(err=screen).progress("crawling") as progress:
        progress.step(3, "6.0 pages/s, 3 new:", 4)
        progress.step(1, "2.0 pages/s, 4 new:", 8)
    assert f"{bar(21)} 6.0 pages/s, 3 new: 3 of 4" in frames(screen)
    assert f"{bar(14)} 2.0 pages/s, 4 new: 4 of 8" in frames(screen)


def test_progress_is_plain_lines_elsewhere_and_silent_when_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quiet, slow = io.StringIO(), io.StringIO()
    with Ui(err=quiet).progress("reading") as progress:
        progress.step(5)
    assert quiet.getvalue() == ""
    monkeypatch.setattr(progress_module, "_LINE_EVERY_S", 0)
    with Ui(err=slow).progress("reading") as progress:
        progress.step(1_000, "still reading")
    assert slow.getvalue().splitlines() == ["still reading 1,000"], "no count is said twice"
    assert "\x1b" not in slow.getvalue()
