"""Numbers, and the different ways of printing none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.reading import CellState
from archive.reading.values.numbers import is_unit, is_value, parse_number, unit_of

GIVEN, BLANK = CellState.GIVEN, CellState.BLANK
PLACEHOLDER, NONE = CellState.PLACEHOLDER, CellState.STATED_NONE


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("0", "0", None), ("13100", "13100", None), ("１３１", "131", None),
        ("13,100", "13100", None), ("13，100", "13100", None), ("１３，１００", "13100", None),
        ("1 234", "1234", None), ("+21", "21", None), ("－8", "-8", None), ("−8", "-8", None),
        ("18651.06", "18651.06", None), ("251000元", "251000", "元"), ("12 件", "12", "件"),
        ("7545万元", "7545", "万元"), ("82\u00a0人次", "82", "人次"), ("人民币5元", "5", "元"),
        ("1,234,567.5", "1234567.5", None), ("007", "7", None), ("96.5%", "96.5", "%"),
    ],
)  # fmt: skip
def test_a_printed_number_is_read(printed: str, value: str, unit: str | None) -> None:
    assert parse_number(printed) == (Decimal(value), GIVEN, unit)


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("", BLANK), ("  \n", BLANK), ("　　", BLANK), ("\u00a0", PLACEHOLDER), ("/", PLACEHOLDER),
        ("-", PLACEHOLDER), ("--", PLACEHOLDER), ("—", PLACEHOLDER), ("——", PLACEHOLDER),
        ("— —", PLACEHOLDER), ("无", PLACEHOLDER), ("不适用", PLACEHOLDER), ("／", PLACEHOLDER),
    ],
)  # fmt: skip
def test_no_number_is_never_zero(printed: str, state: CellState) -> None:
    assert parse_number(printed) == (None, state, None)


def test_a_number_stated_as_none_is_zero_and_says_so() -> None:
    assert parse_number("没有") == (Decimal(0), NONE, None)


@pytest.mark.parametrize(
    "printed",
    ["约12", "12/3", "1,31", "1,2345", "见附件", "12件8条", "1.2.3", "三", "1-2", "①", "--8",
     "5万余条", "1" * 100],
)  # fmt: skip
def test_what_cannot_be_read_without_guessing_has_no_value(printed: str) -> None:
    assert parse_number(printed) == (None, GIVEN, None)


def test_units_are_told_from_labels() -> None:
    assert [is_unit(text) for text in ("条", "万 元", "（件）", "——", "数", "")] == [True] * 4 + [
        False
    ] * 2
    assert (unit_of("万 元"), unit_of("——"), unit_of("数")) == ("万元", None, None)


def test_values_are_told_from_labels() -> None:
    assert all(is_value(text) for text in ("0", "", "/", "没有", "１"))
    assert not any(is_value(text) for text in ("规章", "（一）予以公开", "约5"))


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_number_is_read_back_with_separators_and_full_width(number: int) -> None:
    wide = f"{number:,}".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert parse_number(wide)[0] == number


@given(st.text(max_size=80))
def test_no_text_raises_and_a_value_is_given_or_none(text: str) -> None:
    value, state, _ = parse_number(text)
    assert (value is None) or state in (GIVEN, NONE)
