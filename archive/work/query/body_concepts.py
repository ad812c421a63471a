"""All concepts of one body over the years at once: what its page draws. The numbers are those of
archive.work.query.series.body_series, from one question instead of one for each concept.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from archive.codebook.indicators import Concept, concepts
from archive.store import Connection
from archive.store.query.counted import (
    BodyValue,
    FigureRow,
    concept_rows,
    of_several,
    reported_years,
)
from archive.work.query.series import YearOfBody

_OF_SUM = {"value", "unit", "confirmation"}
_SHARED = tuple(
    (BodyValue.__dataclass_fields__.keys() & FigureRow.__dataclass_fields__.keys()) - _OF_SUM
)


def concepts_of_body(connection: Connection, body_id: int) -> Mapping[str, tuple[YearOfBody, ...]]:
    """By concept, in the order of the codebook, the years of a body from its first report to its
    last; only concepts of which any year has a number. Empty for a body without reports.
    """
    reported = reported_years(connection, body_id)
    rows = sorted(
        concept_rows(connection, body_id), key=lambda row: (row.concept or "", row.report_year)
    )
    values = {
        key: _value(concepts()[key[0]], list(its))
        for key, its in groupby(rows, key=lambda row: (row.concept or "", row.report_year))
    }
    given = {concept for (concept, _), value in values.items() if value.value is not None}
    years = range(reported[0], reported[-1] + 1) if reported else range(0)
    return {
        key: tuple(
            YearOfBody(year=year, has_report=year in reported, value=values.get((key, year)))
            for year in years
        )
        for key in concepts()
        if key in given
    }


def _value(concept: Concept, rows: Sequence[FigureRow]) -> BodyValue:
    """The sum of the parts that a report prints; None where it lacks one."""
    first = rows[0]
    parts = len(concept.of_form(first.form or ""))
    numbers = [row.value for row in rows if row.value is not None]
    shared = {name: getattr(first, name) for name in _SHARED}
    return BodyValue(
        **shared,
        confirmation=of_several(row.confirmation for row in rows),
        unit=min((row.unit for row in rows if row.unit is not None), default=None),
        value=sum(numbers, Decimal(0)) if len(numbers) >= max(1, parts) else None,
    )
