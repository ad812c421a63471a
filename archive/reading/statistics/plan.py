"""The tables of a form are the same on every page of the country but for their numbers. What their
labels mean is found out once and kept as a plan, by which only the numbers are left to be read.

A plan is made from the tables without their numbers and from nothing else: what was read before
changes no reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Final, TypeAlias

from archive.model.reading import Cell, CellState, Figure, Finding, Table
from archive.reading.statistics.read import Statistics, from_tables, read_statistics
from archive.reading.values.numbers import parse_number

_MAX_PLANS: Final = 64
_MAX_FIGURES: Final = 8_192
_MAX_CELLS: Final = 1_000
_MAX_CHARACTERS: Final = 20_000
_MAX_DIGITS: Final = 20
_DIGITS: Final = frozenset("0123456789.,+-")
_ANY_NUMBER: Final = "0"
_STAND_IN: Final = 10**15
_BEGINNING: Final = "1" + 11 * "0"  # of every stand-in

_TEXT: Final = attrgetter("text")
_PLACE: Final = attrgetter("row", "column", "rowspan", "colspan")
_Places: TypeAlias = tuple[tuple[tuple[int, int, int, int], ...], ...]
# Of each table the place of each cell; the text of every cell.
_Shape: TypeAlias = tuple[_Places, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spot:
    """A figure as the tables of the plan print it, with which number; printed: its own text counts
    in each report, for it is a number.
    """

    figure: Figure
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What tables say, whatever their numbers are. cells: for each spot the cell, among all of the
    tables, that prints its number; for one without a number any.
    """

    form: str | None
    spots: tuple[_Spot, ...]
    cells: tuple[int, ...]
    findings: tuple[Finding, ...]


def planned_statistics(
    tables: Sequence[Table],
    lines: Sequence[str],
    *,
    title: str | None,
    report_year: int | None,
) -> Statistics:
    """What `read_statistics` gives, by a plan where the tables allow for one: they are no larger
    than a form's, and nothing has to be looked for in the lines.
    """
    printed = [*chain.from_iterable([map(_TEXT, table.cells) for table in tables])]
    shape = _shape_of(tables, printed)
    plan = _plan(shape, report_year) if shape else None
    if plan is None:
        return read_statistics(tables, lines, title=title, report_year=report_year)
    figures = map(_figure, plan.spots, map(printed.__getitem__, plan.cells))
    return Statistics(form=plan.form, figures=tuple(figures), findings=plan.findings)


def _shape_of(tables: Sequence[Table], printed: Sequence[str]) -> _Shape | None:
    """The tables with one number for every number; None for those that no plan is kept of."""
    if len(printed) > _MAX_CELLS or sum(map(len, printed)) > _MAX_CHARACTERS:
        return None
    places = tuple([tuple(map(_PLACE, table.cells)) for table in tables])
    known = {text: _without_number(text) for text in {*printed} if len(text) <= _MAX_DIGITS}
    return (places, tuple(map(known.get, printed, printed))) if all(places) else None


@lru_cache(maxsize=4096)
def _without_number(text: str) -> str:
    is_number = _DIGITS.issuperset(text) and parse_number(text)[0] is not None
    return _ANY_NUMBER if is_number else text


@lru_cache(maxsize=_MAX_PLANS)
def _plan(shape: _Shape, report_year: int | None) -> _Plan | None:
    """The plan of tables, found by reading them with stand-ins for their numbers; None where the
    tables alone do not say all, or a number is part of a label (a column that is headed 2014).
    """
    places, texts = shape
    stand_ins = {str(_STAND_IN + n): n for n, text in enumerate(texts) if text == _ANY_NUMBER}
    printed = [str(_STAND_IN + n) if t == _ANY_NUMBER else t for n, t in enumerate(texts)]
    found = from_tables(_tables(places, printed), report_year=report_year)
    if found is None or _repeats_a_number(found):
        return None
    return _Plan(
        form=found.form,
        spots=tuple(
            _Spot(figure=figure, is_number=figure.printed in stand_ins) for figure in found.figures
        ),
        cells=tuple(stand_ins.get(figure.printed, 0) for figure in found.figures),
        findings=found.findings,
    )


def _tables(places: _Places, printed: Sequence[str]) -> list[Table]:
    texts = iter(printed)
    return [
        Table(
            cells=tuple(
                Cell(text=next(texts), row=row, column=column, rowspan=rowspan, colspan=colspan)
                for row, column, rowspan, colspan in cells
            ),
            rows=len(cells),
            columns=len(cells),
        )
        for cells in places
    ]


def _repeats_a_number(found: Statistics) -> bool:
    told = [figure.label for figure in found.figures]
    told += [finding.evidence for finding in found.findings]
    return any(_BEGINNING in text for text in told)


@lru_cache(maxsize=_MAX_FIGURES)
def _figure(spot: _Spot, printed: str) -> Figure:
    # Most cells of most reports print a zero.
    if not spot.is_number:
        return spot.figure
    value = parse_number(printed)[0]
    return replace(spot.figure, value=value, printed=printed, state=CellState.GIVEN)
