"""The rows of a table by its mark-up: a form's tables are the same on every page of a portal but
for their numbers. How such a table is read is kept as a plan when it is met again; then only the
numbers are taken from the mark-up, and no cell is visited.

A plan is made from the mark-up without the numbers and from nothing else: what was read before
changes no reading.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from archive.reading.html.tablerows import Row, own_rows

_NUMBER: Final = re.compile(r">[ \t\r\n]*([0-9]{1,9}(?:\.[0-9]{1,4})?)[ \t\r\n]*(?=<)")
_HOLE: Final = "\x1f"  # stands in no page (see parse)
_MAX_CHARACTERS: Final = 40_000
_MAX_PLANS: Final = 64
_MAX_MET: Final = 1_000
_LONG_CELL: Final = 300
_STAND_IN: Final = 10**8
_BEGINNING: Final = "1000"  # of every stand-in

RowsOf: TypeAlias = Callable[[HtmlElement], list[Row] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """rows: as read, None where the table holds no data. holes: for each row the places of texts
    that are numbers, each with which of all numbers it is.
    """

    rows: list[Row] | None
    holes: list[list[tuple[int, int]]]


class _Met:
    """Remembers what was met, until it is too much."""

    def __init__(self) -> None:
        self._shapes: set[int] = set()

    def again(self, shape: str) -> bool:
        """Whether a table of this shape was met before: most tables of no form never are."""
        if len(self._shapes) > _MAX_MET:
            self._shapes.clear()
        known = hash(shape) in self._shapes
        self._shapes.add(hash(shape))
        return known


_met = _Met()


def rows_by_markup(table: HtmlElement, read: RowsOf) -> list[Row] | None:
    """What `read` gives for a table: its rows, or None; rows of a plan come without their elements.

    `read` gives the table's own rows where they are data. It asks nothing but the table, of a
    number only that it is one, and how long texts are only beside links and long texts.
    """
    markup = etree.tostring(table, encoding="unicode", with_tail=False)
    if len(markup) > _MAX_CHARACTERS or _HOLE in markup:
        return read(table)
    pieces = _NUMBER.split(markup)
    shape = _HOLE.join(pieces[::2])
    plan = _plan(shape, read) if _met.again(shape) else None
    if plan is None:
        return read(table)
    if plan.rows is None:
        return None
    numbers = pieces[1::2]
    return [
        _filled(row, holes, numbers) if holes else row
        for row, holes in zip(plan.rows, plan.holes, strict=True)
    ]


def _filled(row: Row, holes: Sequence[tuple[int, int]], numbers: Sequence[str]) -> Row:
    texts = row.texts.copy()
    for place, number in holes:
        texts[place] = numbers[number]
    return Row(cells=row.cells, texts=texts, claims=row.claims, group=row.group)


@lru_cache(maxsize=_MAX_PLANS)
def _plan(shape: str, read: RowsOf) -> _Plan | None:
    """The plan of tables of this shape, found by reading one with stand-ins for its numbers; None
    where more than their being numbers may count.
    """
    parts = shape.split(_HOLE)
    stand_ins = {str(_STAND_IN + number): number for number in range(len(parts) - 1)}
    filled = (f">{number}{part}" for number, part in zip(stand_ins, parts[1:], strict=True))
    table = _parsed("".join([parts[0], *filled]))
    if table is None or "<a" in shape:
        return None
    rows = list(own_rows(table))
    others = [text for row in rows for text in row.texts if text not in stand_ins]
    if any(_BEGINNING in text or len(text) > _LONG_CELL for text in others):
        return None
    holes = [
        [(place, stand_ins[text]) for place, text in enumerate(row.texts) if text in stand_ins]
        for row in rows
    ]
    holds_data = read(table) is not None
    return _Plan(rows=[*map(_bare, rows)] if holds_data else None, holes=holes)


def _bare(row: Row) -> Row:
    """A row without its elements, which would keep their document."""
    return Row(cells=(), texts=row.texts, claims=row.claims, group=row.group)


def _parsed(markup: str) -> HtmlElement | None:
    """The table that the mark-up was made of; None where mark-up of its kind tells too little."""
    try:
        table: HtmlElement = etree.fromstring(markup, parser=_parser())
    except (etree.LxmlError, ValueError):
        return None
    return table if etree.tostring(table, encoding="unicode") == markup else None


@cache
def _parser() -> "etree.XMLParser[HtmlElement]":
    parser: etree.XMLParser[HtmlElement] = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser
