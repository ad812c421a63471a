"""The tables of a form are the same on every page of the country but for their numbers. What their
labels mean is found out once and kept as a plan, by which only the numbers are left to be read.

A plan is made from the tables without their numbers and from nothing else: what was read before
changes no reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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

# Of each table each cell: row, column, rowspan, colspan and text.
_Shape: TypeAlias = tuple[tuple[tuple[int, int, int, int, str], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spot:
    """A figure without its number; cell: which one of all cells of the tables prints that."""

    cell: int
    form: str
    indicator: str | None
    label: str
    applicant: str | None
    unit: str | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What tables say, whatever their numbers are. Figures that print no number are whole."""

    form: str | None
    figures: tuple[Figure | _Spot, ...]
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
    shape = _shape_of(tables)
    plan = _plan(shape, report_year) if shape else None
    if plan is None:
        return read_statistics(tables, lines, title=title, report_year=report_year)
    printed = [cell.text for table in tables for cell in table.cells]
    figures = [
        _figure(each, printed[each.cell]) if isinstance(each, _Spot) else each
        for each in plan.figures
    ]
    return Statistics(form=plan.form, figures=tuple(figures), findings=plan.findings)


def _shape_of(tables: Sequence[Table]) -> _Shape | None:
    """The tables with one number for every number; None for those that no plan is kept of."""
    if sum(len(table.cells) for table in tables) > _MAX_CELLS:
        return None
    shape = tuple(
        [
            tuple(
                [
                    (cell.row, cell.column, cell.rowspan, cell.colspan, _without_number(cell.text))
                    for cell in table.cells
                ]
            )
            for table in tables
        ]
    )
    kept = all(shape) and sum(len(c[4]) for cells in shape for c in cells) <= _MAX_CHARACTERS
    return shape if kept else None


def _without_number(text: str) -> str:
    return _told_apart(text) if len(text) <= _MAX_DIGITS else text


@lru_cache(maxsize=4096)
def _told_apart(text: str) -> str:
    is_number = _DIGITS.issuperset(text) and parse_number(text)[0] is not None
    return _ANY_NUMBER if is_number else text


@lru_cache(maxsize=_MAX_PLANS)
def _plan(shape: _Shape, report_year: int | None) -> _Plan | None:
    """The plan of tables, found by reading them with stand-ins for their numbers; None where the
    tables alone do not say all, or a number is part of a label (a column that is headed 2014).
    """
    texts = [cell[4] for cells in shape for cell in cells]
    places = {str(_STAND_IN + n): n for n, text in enumerate(texts) if text == _ANY_NUMBER}
    printed = [str(_STAND_IN + n) if t == _ANY_NUMBER else t for n, t in enumerate(texts)]
    found = from_tables(_tables(shape, printed), report_year=report_year)
    if found is None or _repeats_a_number(found):
        return None
    return _Plan(
        form=found.form,
        figures=tuple(
            _spot(figure, places[figure.printed]) if figure.printed in places else figure
            for figure in found.figures
        ),
        findings=found.findings,
    )


def _tables(shape: _Shape, printed: Sequence[str]) -> list[Table]:
    texts = iter(printed)
    return [
        Table(
            cells=tuple(
                Cell(text=next(texts), row=row, column=column, rowspan=rowspan, colspan=colspan)
                for row, column, rowspan, colspan, _ in cells
            ),
            rows=len(cells),
            columns=len(cells),
        )
        for cells in shape
    ]


def _repeats_a_number(found: Statistics) -> bool:
    told = [figure.label for figure in found.figures]
    told += [finding.evidence for finding in found.findings]
    return any(_BEGINNING in text for text in told)


def _spot(figure: Figure, cell: int) -> _Spot:
    return _Spot(
        cell=cell,
        form=figure.form,
        indicator=figure.indicator,
        label=figure.label,
        applicant=figure.applicant,
        unit=figure.unit,
        where=figure.where,
    )


@lru_cache(maxsize=_MAX_FIGURES)
def _figure(spot: _Spot, printed: str) -> Figure:
    # Most cells of most reports print a zero.
    return Figure(
        form=spot.form,
        indicator=spot.indicator,
        label=spot.label,
        applicant=spot.applicant,
        value=parse_number(printed)[0],
        unit=spot.unit,
        printed=printed,
        state=CellState.GIVEN,
        where=spot.where,
    )
