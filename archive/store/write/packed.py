"""Makes a reading ready to be stored; pure, and done in the process that read the page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from archive.model.packed import (
    STORED_STATES,
    PackedReading,
    storable,
    stored_print,
    usual_print,
)
from archive.model.reading import CellState, Check, CheckState, Figure, Reading
from archive.store.write.texts import pack

CELL_COLUMNS = ("form", "indicator", "label", "applicant", "unit", "place")
FIGURE_COLUMNS = ("value", "state", "printed")
CHECK_COLUMNS = ("rule", "scope", "state", "message", "evidence")


def pack_reading(reading: Reading, *, terms: str | None = None) -> PackedReading:
    """The reading's bulk as it is stored. terms: as in PackedReading."""
    body = pack(reading)
    return PackedReading(
        body_hash=body.hash,
        text=body.text,
        codec=body.codec,
        tables=body.tables,
        cells=_packed(_cell(each) for each in reading.figures),
        figures=_figures(reading.figures) if reading.figures else "[]",
        checks=_packed(_check(each) for each in reading.checks),
        terms=terms,
    )


def without_bulk(reading: Reading) -> Reading:
    """The reading without what its PackedReading holds: what travels beside it."""
    return replace(reading, lines=(), tables=(), figures=(), checks=())


def _packed(rows: Iterable[tuple[str | None, ...]]) -> str:
    return as_json([[None if value is None else storable(value) for value in row] for row in rows])


def as_json(packed: object) -> str:
    """JSON without blanks: what digests are made of."""
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def _cell(each: Figure) -> tuple[str | None, ...]:
    return (each.form, each.indicator, each.label, each.applicant, each.unit, each.where)


def _figures(figures: Sequence[Figure]) -> str:
    values = [_exact(each.value) for each in figures]
    prints = [
        stored_print(storable(each.printed), value, each.state)
        for each, value in zip(figures, values, strict=True)
    ]
    return as_json([values, [STORED_STATES.index(each.state) for each in figures], prints])


def unpack_figures(packed: PackedReading) -> tuple[tuple[str | None, ...], ...]:
    """The figures' cells, each with its value, state and print."""
    if packed.figures == "[]":
        return ()
    rows = zip(json.loads(packed.cells), *json.loads(packed.figures), strict=True)
    return tuple(
        (*cell, value, *shown_figure(value, state, printed)) for cell, value, state, printed in rows
    )


def shown_figure(
    value: Decimal | str | None, state: int, printed: str | None
) -> tuple[CellState, str]:
    """State and print of a stored figure."""
    named = STORED_STATES[state]
    if printed is not None:
        return named, printed
    spelled = _exact(value) if isinstance(value, Decimal) else value
    return named, usual_print(spelled, named) or ""


def _exact(value: Decimal | None) -> str | None:
    """Never in scientific notation, as archive.store.types.Exact stores it."""
    return None if value is None else format(value, "f")


def _check(each: Check) -> tuple[str | None, ...]:
    """A check that holds is stored without its evidence: the message has the sum, the cells are
    the figures; written out they were half of the ledger (48 checks a report, 500 letters each).
    """
    evidence = "" if each.state is CheckState.HOLDS else each.evidence
    return (each.rule, each.scope, each.state.value, each.message, evidence)
