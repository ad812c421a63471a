"""How a version's text and tables become blocks of a page."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.reading import Cell, Table
from archive.reading.statistics.prose import read_prose
from archive.web import layout
from archive.web.layout import blocks
from tests.support.invented import statistics, table_lines

FORM = statistics(61)
[STATED] = read_prose(["收到行政复议1件。"], year=2021)


def kinds(text: str, *tables: Table) -> list[str]:
    return [block.kind for block in blocks(text, tables)]


def test_a_data_table_stands_where_its_lines_stand() -> None:
    text = "\n".join(["一、概述", "正文。", *table_lines(FORM), "署名"])
    assert kinds(text, FORM) == ["heading", "paragraph", "table", "paragraph"]


def test_sentences_that_state_numbers_are_marked_and_the_numbers_in_them() -> None:
    lines = ["", "概述。", "收到复议1件，诉讼2件。共培训3次。", "署名"]
    stated = read_prose(lines, year=2021)
    assert [each.printed for each in stated] == ["1件", "2件", "3次"]
    told = {block.line: block for block in blocks("\n".join(lines), [], None, stated)}
    assert sorted(told) == [2, 3, 4]
    assert (told[2].pieces, told[4].pieces) == ((), ())
    pieces = told[3].pieces
    assert "".join(each.text for each in pieces) == lines[2]
    assert [each.text for each in pieces if each.is_number] == ["1件", "2件", "3次"]
    assert "".join(each.text for each in pieces if each.is_stated).startswith("收到复议1件")


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70))))
def test_marking_loses_nothing_of_a_line(line: str, places: list[tuple[int, int]]) -> None:
    kept = "甲" + line.replace("\n", "")
    stated = [replace(STATED, start=start, at=at) for start, at in places]
    [block] = blocks(kept, [], None, stated)
    assert "".join(each.text for each in block.pieces) == (block.text if places else "")


def test_spans_of_the_form_are_kept() -> None:
    (table,) = blocks("\n".join(table_lines(FORM)), [FORM])
    assert (table.rows[0][0].rowspan, table.rows[0][0].colspan) == (3, 3)
    assert [cell.look for cell in table.rows[3]] == ["words", *["number"] * 7]


def test_a_table_that_is_not_in_the_text_comes_at_the_end() -> None:
    assert kinds("正文。", FORM) == ["paragraph", "table"]


def test_a_break_inside_a_cell_neither_hides_the_table_nor_becomes_a_space() -> None:
    first, *others = FORM.cells
    broken = replace(first, text=first.text.replace("勾稽", "勾\n稽"))
    (table,) = blocks("\n".join(table_lines(FORM)), [replace(FORM, cells=(broken, *others))])
    assert table.rows[0][0].text == first.text


def test_two_equal_tables_both_stand() -> None:
    lines = "\n".join([*table_lines(FORM), "之间", *table_lines(FORM)])
    assert kinds(lines, FORM, FORM) == ["table", "paragraph", "table"]


def test_cells_of_no_data_table_are_a_plain_table_and_a_signature_is_a_line() -> None:
    assert kinds("甲\t1\n乙\t2\n正文") == ["table", "paragraph"]
    assert kinds("某局\t2017年3月1日") == ["paragraph"]


def test_placeholders_are_seen_as_empty() -> None:
    (table,) = blocks("甲\t——\t1,2\n乙\t\t-3%", [])
    assert [cell.look for row in table.rows for cell in row] == [
        "words", "empty", "number", "words", "empty", "number",
    ]  # fmt: skip


def test_huge_spans_and_huge_tables_are_bounded() -> None:
    wide = Table(cells=(Cell(text="x", row=0, column=0, rowspan=10**9, colspan=10**9),), rows=1,
                 columns=1)  # fmt: skip
    (block,) = blocks("x", [wide])
    assert block.rows[0][0].rowspan == 200
    many = Table(cells=tuple(Cell(text="1", row=i, column=0) for i in range(20_001)), rows=1,
                 columns=1)  # fmt: skip
    assert kinds("正文。", many) == ["paragraph"]


def test_a_very_long_text_is_cut_and_says_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_BLOCKS", 3)
    assert [block.text for block in blocks("a\nb\nc\nd\ne", [])] == ["a", "b", "c", "2"]


@given(st.lists(st.text("甲1\t—一、 ", max_size=8), max_size=20))
def test_no_word_of_a_text_is_lost(lines: list[str]) -> None:
    made = blocks("\n".join(lines), [])
    said = "".join(b.text + "".join(c.text for row in b.rows for c in row) for b in made)
    assert sorted(said.replace("　", "").replace(" ", "")) == sorted(
        "".join(lines).replace("\t", "").replace(" ", "")
    )
