"""Makes a reading ready to be stored; pure, and done in the process that read the page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate, chain
from operator import itemgetter

import zstandard

from archive.model.errors import DamageError
from archive.model.packed import (
    STORED_STATES,
    PackedReading,
    storable,
    stored_print,
    usual_print,
)
from archive.model.reading import (
    CellState,
    Check,
    CheckState,
    Field,
    Figure,
    Period,
    Reading,
    Statement,
)
from archive.store.write.compressing import compress, decompress
from archive.store.write.texts import pack

FIELD_COLUMNS = ("value", "printed", "chosen")
CELL_COLUMNS = ("form", "indicator", "label", "applicant", "unit", "place")
FIGURE_COLUMNS = ("value", "state", "printed")
KIND_COLUMNS = ("concept", "unit", "period")
STATEMENT_COLUMNS = (
    "value", "state", "line", "sentence_at", "sentence_length", "printed_at", "printed_length",
)  # fmt: skip
CHECK_COLUMNS = ("rule", "scope", "state", "message", "evidence")
_MOST_CELLS, _SHORT = 5_000, 500
_MAX_HELD_BYTES = 64 * 1024 * 1024

# A check with its place among all checks of its reading.
NumberedCheck = tuple[int, Check]


def pack_reading(reading: Reading, *, terms: str | None = None) -> PackedReading:
    """The reading's bulk as it is stored. terms: as in PackedReading."""
    body = pack(reading)
    # Written out, the cells of what holds were half of the ledger: the figures have them.
    others, held = split_checks(reading.checks, with_evidence=False)
    return PackedReading(
        body_hash=body.hash,
        text=body.text,
        codec=body.codec,
        tables=body.tables,
        fields=pack_fields(reading.fields) if reading.fields else "[]",
        marks=pack_marks(reading.identity),
        cells=_cells(reading.figures),
        figures=_figures(reading.figures) if reading.figures else "[]",
        statements=_statements(reading) if reading.statements else "[]",
        checks=_as_json_rows(others),
        held=held,
        terms=terms,
    )


def without_bulk(reading: Reading) -> Reading:
    """The reading without what its PackedReading holds: what travels beside it."""
    return replace(reading, lines=(), tables=(), figures=(), checks=(), statements=())


def pack_fields(fields: Sequence[Field]) -> str:
    """The fields as in PackedReading."""
    chosen = {id(each) for each in chosen_fields(fields).values()}
    names, values, prints, origins = _field_columns(fields)
    prints = [
        None if printed == value else printed for printed, value in zip(prints, values, strict=True)
    ]
    return as_json([names, origins, values, prints, [id(each) in chosen for each in fields]])


def pack_marks(marks: Sequence[Field]) -> str:
    """The marks of a site as in PackedReading."""
    return as_json(_field_columns(marks)) if marks else ""


def unpack_marks(packed: str) -> tuple[Field, ...]:
    """The marks that `pack_marks` packed. DamageError when they cannot be unpacked."""
    try:
        return tuple(
            Field(name=name, value=value, printed=printed, origin=origin)
            for name, value, printed, origin in zip(*json.loads(packed), strict=True)
        )
    except (ValueError, TypeError) as error:
        raise DamageError(f"the marks of a site are damaged: {error}") from error


def _field_columns(fields: Sequence[Field]) -> list[list[str | None]]:
    return [
        [storable(each.name) for each in fields],
        [None if each.value is None else storable(each.value) for each in fields],
        [storable(each.printed) for each in fields],
        [storable(each.origin) for each in fields],
    ]


def chosen_fields(fields: Iterable[Field]) -> dict[str, Field]:
    """The one field that counts for each name: the first with a value, else the first."""
    chosen: dict[str, Field] = {}
    for each in fields:
        known = chosen.get(each.name)
        if known is None or (known.value is None and each.value is not None):
            chosen[each.name] = each
    return chosen


def _cells(figures: Iterable[Figure]) -> str:
    return f"[{','.join([_CELLS[_cell(each)] for each in figures])}]"


class _Cells(dict[tuple[str | None, ...], str]):
    """Cells as JSON, made once: those of a form are the same in every report."""

    def __missing__(self, cell: tuple[str | None, ...]) -> str:
        made = as_json([None if value is None else storable(value) for value in cell])
        if len(self) >= _MOST_CELLS:
            self.clear()
        if len(made) <= _SHORT:
            self[cell] = made
        return made


_CELLS = _Cells()


def _as_json_rows(rows: Iterable[NumberedCheck]) -> str:
    return as_json([[place, *_check(each)] for place, each in rows])


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


def _statements(reading: Reading) -> str:
    starts = list(accumulate((len(line) + 1 for line in reading.lines), initial=0))
    rows = [
        (
            each.concept,
            each.unit or "",
            each.period,
            _exact(each.value),
            STORED_STATES.index(each.state),
            each.line,
            starts[each.line - 1] + each.start,
            len(each.sentence),
            starts[each.line - 1] + each.start + each.at,
            len(each.printed),
        )
        for each in reading.statements
    ]
    return as_json(list(zip(*rows, strict=True)))


def unpack_statements(packed: PackedReading) -> tuple[Statement, ...]:
    """The statements, their words as the text has them."""
    if packed.statements == "[]":
        return ()
    text = storable(packed.text)
    columns = json.loads(packed.statements)
    return tuple(stated(text, *each) for each in zip(*columns, strict=True))


def stated(
    text: str,
    concept: str,
    unit: str,
    period: str,
    value: Decimal | str,
    state: int,
    line: int,
    sentence_at: int,
    sentence_length: int,
    printed_at: int,
    printed_length: int,
) -> Statement:
    """A statement of a version with that text, from the columns of its kind and its row."""
    return Statement(
        concept=concept,
        value=Decimal(value),
        unit=unit or None,
        state=STORED_STATES[state],
        period=Period(period),
        printed=text[printed_at : printed_at + printed_length],
        sentence=text[sentence_at : sentence_at + sentence_length],
        line=line,
        start=sentence_at - text.rfind("\n", 0, sentence_at) - 1,
        at=printed_at - sentence_at,
    )


def split_checks(
    checks: Sequence[Check], *, with_evidence: bool = True
) -> tuple[list[NumberedCheck], bytes | None]:
    """The checks that do not hold, each with its place among all, and those that hold, packed;
    None when none does. A report has some 48 that hold, and nobody searches them: as rows they
    were a quarter of the ledger. with_evidence: whether the evidence of what holds is packed, too.
    """
    numbered = list(enumerate(checks))
    others = [(place, each) for place, each in numbered if each.state is not CheckState.HOLDS]
    if len(others) == len(numbered):
        return others, None
    return others, compress(held_as_json(checks, with_evidence=with_evidence))


def held_as_json(checks: Iterable[Check], *, with_evidence: bool) -> bytes:
    """The checks that hold, each with its place among all, as they are compressed."""
    held = [
        (
            place,
            storable(each.rule),
            storable(each.scope),
            storable(each.message),
            storable(each.evidence) if with_evidence else "",
        )
        for place, each in enumerate(checks)
        if each.state is CheckState.HOLDS
    ]
    return as_json(held).encode()


def unpack_held(packed: bytes | None) -> list[NumberedCheck]:
    """The checks that `split_checks` packed, each with its place. DamageError when they cannot be
    unpacked.
    """
    if packed is None:
        return []
    try:
        plain = decompress(packed, max_bytes=_MAX_HELD_BYTES)
        return [
            (place, Check(rule=rule, scope=scope, state=CheckState.HOLDS, message=message,
                          evidence=evidence))
            for place, rule, scope, message, evidence in json.loads(plain)
        ]  # fmt: skip
    except (zstandard.ZstdError, ValueError, TypeError) as error:
        raise DamageError(f"packed checks are damaged: {error}") from error


def unpack_checks(packed: PackedReading) -> tuple[Check, ...]:
    """All checks of a packed reading, in their order."""
    others = [
        (place, Check(rule=rule, scope=scope, state=CheckState(state), message=message,
                      evidence=evidence))
        for place, rule, scope, state, message, evidence in json.loads(packed.checks)
    ]  # fmt: skip
    return in_order(others, unpack_held(packed.held))


def in_order(*numbered: Iterable[NumberedCheck]) -> tuple[Check, ...]:
    """Numbered checks by their places."""
    return tuple(each for _, each in sorted(chain(*numbered), key=itemgetter(0)))


def _check(each: Check) -> tuple[str, ...]:
    return tuple(
        map(storable, (each.rule, each.scope, each.state.value, each.message, each.evidence))
    )
