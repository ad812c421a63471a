"""Makes a reading ready to be stored; pure, and done in the process that read the page."""

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from archive.model.packed import PackedReading
from archive.model.reading import Check, CheckState, Figure, Reading
from archive.store.types import storable
from archive.store.write.texts import pack

FIGURE_COLUMNS = (
    "form", "indicator", "label", "applicant", "value", "unit", "printed", "state", "place",
)  # fmt: skip
CHECK_COLUMNS = ("rule", "scope", "state", "message", "evidence")


def pack_reading(reading: Reading, *, terms: str | None = None) -> PackedReading:
    """The reading's bulk as it is stored. terms: as in PackedReading."""
    body = pack(reading)
    return PackedReading(
        body_hash=body.hash,
        text=body.text,
        codec=body.codec,
        tables=body.tables,
        figures=_packed(_figure(each) for each in reading.figures),
        checks=_packed(_check(each) for each in reading.checks),
        terms=terms,
    )


def without_bulk(reading: Reading) -> Reading:
    """The reading without what its PackedReading holds: what travels beside it."""
    return replace(reading, lines=(), tables=(), figures=(), checks=())


def _packed(rows: Iterable[tuple[str | None, ...]]) -> str:
    spelled = [[None if value is None else storable(value) for value in row] for row in rows]
    return json.dumps(spelled, ensure_ascii=False, separators=(",", ":"))


def _figure(each: Figure) -> tuple[str | None, ...]:
    return (
        each.form, each.indicator, each.label, each.applicant, _exact(each.value), each.unit,
        each.printed, each.state.value, each.where,
    )  # fmt: skip


def _exact(value: Decimal | None) -> str | None:
    """Never in scientific notation, as archive.store.types.Exact stores it."""
    return None if value is None else format(value, "f")


def _check(each: Check) -> tuple[str | None, ...]:
    """A check that holds is stored without its evidence: the message has the sum, the cells are
    the figures; written out they were half of the ledger (48 checks a report, 500 letters each).
    """
    evidence = "" if each.state is CheckState.HOLDS else each.evidence
    return (each.rule, each.scope, each.state.value, each.message, evidence)
