"""Comparing: every line is accounted for, numbers change whole, figures differ as numbers."""

import time
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from archive.model.reading import CellState, Field, Figure
from archive.work.diff import (
    Change,
    LineChange,
    diff_fields,
    diff_figures,
    diff_lines,
    diff_words,
)
from archive.work.query.compare import near_changes

LINES = st.lists(
    st.sampled_from(["收到139件", "收到141件", "无", "一、概述", "", "x"]), max_size=12
)
FIGURE = Figure(
    form="f21", indicator="f21.s3.new", label="一、本年新收", applicant="natural",
    value=Decimal(139), unit="件", printed="139", state=CellState.GIVEN, where="table 1 row 4",
)  # fmt: skip


def side(changes: list[LineChange], name: str) -> list[str]:
    parts = [getattr(change, name) for change in changes]
    return ["".join(part.text for part in each) for each in parts if each]


@given(LINES, LINES)
def test_both_texts_can_be_read_back_from_the_comparison(old: list[str], new: list[str]) -> None:
    changes = diff_lines(old, new)
    numbers = [change.old_number for change in changes if change.old_number]
    assert numbers == list(range(1, len(old) + 1))
    numbers = [change.new_number for change in changes if change.new_number]
    assert numbers == list(range(1, len(new) + 1))
    assert side(changes, "old") == [line for line in old if line] or "" in old
    assert side(changes, "new") == [line for line in new if line] or "" in new


@given(LINES)
def test_a_text_does_not_differ_from_itself(lines: list[str]) -> None:
    assert {change.change for change in diff_lines(lines, lines)} <= {Change.SAME}


@given(st.text(max_size=30), st.text(max_size=30))
def test_words_give_back_both_lines(old: str, new: str) -> None:
    left, right = diff_words(old, new)
    assert "".join(part.text for part in left) == old
    assert "".join(part.text for part in right) == new
    assert [p.text for p in left if not p.changed] == [p.text for p in right if not p.changed] or (
        "".join(p.text for p in left if not p.changed)
        == "".join(p.text for p in right if not p.changed)
    )


def test_a_number_changes_whole() -> None:
    old, new = diff_words("共收到申请1,139件", "共收到申请1,141件")
    assert [part.text for part in old if part.changed] == ["1,139"]
    assert [part.text for part in new if part.changed] == ["1,141"]


def test_a_changed_line_is_paired_with_its_like_and_not_with_its_neighbour() -> None:
    old = ["标题", "全年收到申请139件，均已办结", "结尾"]
    new = ["标题", "完全另外的一段话在这里", "全年收到申请141件，均已办结", "结尾"]
    assert [change.change for change in diff_lines(old, new)] == [
        Change.SAME, Change.ADDED, Change.CHANGED, Change.SAME,
    ]  # fmt: skip


def test_hostile_repetition_costs_no_more_than_seconds() -> None:
    old = ["甲"] * 8_000 + ["乙"] * 100
    new = ["甲", "乙"] * 8_000
    started = time.perf_counter()
    assert diff_lines(old, new)
    assert time.perf_counter() - started < 5


def test_texts_too_long_to_align_are_replaced_whole() -> None:
    old, new = [f"a{i}" for i in range(20_001)], [f"b{i}" for i in range(5)]
    changes = diff_lines(["same", *old, "end"], ["same", *new, "end"])
    assert changes[0].change is changes[-1].change is Change.SAME
    assert len(changes) == 2 + len(old) + len(new)


def test_a_very_long_line_is_not_searched_for_words() -> None:
    left, right = diff_words("a" * 6_000, "b")
    assert [part.changed for part in (*left, *right)] == [True, True]


def test_only_changes_and_their_neighbours_are_shown() -> None:
    old = [str(number) * 9 for number in range(1, 9)]
    new = [*old[:4], "entirely new", *old[4:]]
    shown = near_changes(diff_lines(old, new))
    assert [line.change.value if line else None for line in shown] == ["same", "added", "same"]


def test_a_figure_differs_as_a_number() -> None:
    (change,) = diff_figures([FIGURE], [replace(FIGURE, value=Decimal(141), printed="141")])
    assert (change.change, change.difference) == (Change.CHANGED, 2)


def test_a_figure_printed_differently_is_the_same() -> None:
    again = replace(FIGURE, value=Decimal("139.0"), printed="１３９", where="line 3")
    assert diff_figures([FIGURE], [again]) == []


def test_blank_and_zero_differ() -> None:
    blank = replace(FIGURE, value=None, printed="", state=CellState.BLANK)
    zero = replace(FIGURE, value=Decimal(0), printed="0")
    (change,) = diff_figures([blank], [zero])
    assert (change.change, change.difference) == (Change.CHANGED, None)


def test_figures_come_and_go_by_indicator_and_applicant() -> None:
    total = replace(FIGURE, applicant="total")
    changes = diff_figures([FIGURE], [total])
    assert [(c.change, c.applicant) for c in changes] == [
        (Change.ADDED, "total"), (Change.REMOVED, "natural"),
    ]  # fmt: skip


def test_unknown_rows_are_matched_by_label_in_their_turn() -> None:
    first = replace(FIGURE, indicator=None, label="其他 数量", value=Decimal(1))
    second = replace(first, value=Decimal(2))
    changed = replace(second, label="其他数量", value=Decimal(3))
    (change,) = diff_figures([first, second], [replace(first, label="其他数量"), changed])
    assert change.difference == 1


def test_fields_differ_by_value_and_print_but_not_by_white_space() -> None:
    field = Field(name="agency", value="某局", printed="某 局", origin="header:机构")
    assert diff_fields([field], [replace(field, printed="某局")]) == []
    (change,) = diff_fields([field], [replace(field, value="他局")])
    assert change.change is Change.CHANGED
    assert [each.change for each in diff_fields([field], [])] == [Change.REMOVED]
