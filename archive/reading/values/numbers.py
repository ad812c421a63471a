"""Numbers as they are printed in reports, and the signs that stand for none."""

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from archive.model.reading import CellState

_MAX_PRINTED = 60
_NBSP = "\N{NO-BREAK SPACE}"
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("，"): ",",
    ord("﹣"): "-",
    ord("−"): "-",
    ord("﹢"): "+",
}
_SPACES = re.compile(r"[\s\u200b\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    placeholders: frozenset[str]
    stated_none: frozenset[str]
    pattern: re.Pattern[str]
    units: frozenset[str]


def parse_number(printed: str) -> tuple[Decimal | None, CellState, str | None]:
    """The value, the state and the unit of a printed cell.

    blank: nothing, or white space other than a no-break space. placeholder: / — 无 不适用, or a
    no-break space. stated_none: 没有, with value 0. given: anything else; the value is None when it
    is not a number that can be read without guessing. The unit is None when none is printed.

    >>> parse_number("１３，１００ 条")
    (Decimal('13100'), <CellState.GIVEN: 'given'>, '条')
    >>> parse_number("——")[1], parse_number("")[1], parse_number("－8")[0]
    (<CellState.PLACEHOLDER: 'placeholder'>, <CellState.BLANK: 'blank'>, Decimal('-8'))
    """
    return _parsed(printed) if len(printed) <= _MAX_PRINTED else _parse_spaced(printed)


def is_value(printed: str) -> bool:
    """Whether a cell holds a number, a placeholder, or nothing: no label, no prose."""
    return _is_value(printed) if len(printed) <= _MAX_PRINTED else _says_value(printed)


def is_unit(printed: str) -> bool:
    """Whether a cell holds nothing but a unit, or the —— that stands for "no unit".

    >>> is_unit("万 元"), is_unit("——"), is_unit("数")
    (True, True, False)
    """
    return _is_unit(printed) if len(printed) <= _MAX_PRINTED else _is_unit_word(printed)


def unit_of(printed: str) -> str | None:
    """The unit a unit cell names; None for —— and anything that is no unit."""
    text = _SPACES.sub("", printed).strip("()（）")
    return text if text in _words().units else None


@lru_cache(maxsize=4096)
def _parsed(printed: str) -> tuple[Decimal | None, CellState, str | None]:
    # Cells print the same few hundred strings, and several readers ask about each of them.
    if printed.isascii() and printed.isdigit():
        return Decimal(printed), CellState.GIVEN, None
    return _parse_spaced(printed)


def _parse_spaced(printed: str) -> tuple[Decimal | None, CellState, str | None]:
    text = _SPACES.sub("", printed)
    if not text:
        return None, CellState.PLACEHOLDER if _NBSP in printed else CellState.BLANK, None
    return _parse_spelled(text)


@lru_cache(maxsize=4096)
def _is_value(printed: str) -> bool:
    return _says_value(printed)


def _says_value(printed: str) -> bool:
    value, state, _ = parse_number(printed)
    return value is not None or state is not CellState.GIVEN


@lru_cache(maxsize=4096)
def _is_unit(printed: str) -> bool:
    return _is_unit_word(printed)


def _is_unit_word(printed: str) -> bool:
    text = _SPACES.sub("", printed).strip("()（）")
    return text in _words().units or (bool(text) and not text.strip("—-－─―"))


def _parse_spelled(text: str) -> tuple[Decimal | None, CellState, str | None]:
    words = _words()
    if text in words.placeholders:
        return None, CellState.PLACEHOLDER, None
    if text in words.stated_none:
        return Decimal(0), CellState.STATED_NONE, None
    match = words.pattern.fullmatch(text.translate(_NARROW)) if len(text) <= _MAX_PRINTED else None
    if match is None:
        return None, CellState.GIVEN, None
    number = Decimal(match["number"].replace(",", ""))
    return number, CellState.GIVEN, match["after"] or match["before"]


@cache
def _words() -> _Words:
    data = tomllib.loads(files("archive.codebook").joinpath("numbers.toml").read_text("utf-8"))
    units = "|".join(re.escape(unit) for unit in sorted(data["units"], key=len, reverse=True))
    return _Words(
        placeholders=frozenset(data["placeholders"]),
        stated_none=frozenset(data["stated_none"]),
        pattern=re.compile(
            rf"(?P<before>{units})?"
            r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
            rf"(?P<after>{units})?"
        ),
        units=frozenset(data["units"]),
    )
