"""Figures to count with: rows, values of bodies and sums out of the view `figures_current`.

Reads only. A number is asked for as one indicator, or as the parts of a concept, whose sum it is; a
body whose report prints only some of the parts lacks it, because absent is not zero.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Text,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from archive.model.bulk import bulk_record
from archive.store.query.corrected import NumberCorrection, with_corrections
from archive.store.schema import current_report, division, page, public_body, version
from archive.store.types import Exact, Instant, Query

_EXACT_DIGITS: Final = 6
_ROWS_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFilter:
    """What is counted, for whom and when; None does not narrow.

    indicators: keys with the form in front. concept: its key, in place of indicators; it takes in
    numbers without an indicator. parts: how many numbers make one value, by form (one where it is
    not named). applicant: None for totals, and for forms that know no applicants. body_ids: some
    hundred. divisions: codes. level, kind, province, certainty: as in the view. corrected: people's
    corrections, which stand in the place of what was read; None: nobody asks for them.
    """

    indicators: tuple[str, ...] = ()
    concept: str | None = None
    parts: Mapping[str, int]
    applicant: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    body_ids: frozenset[int] | None = None
    divisions: frozenset[str] | None = None
    province: str | None = None
    level: str | None = None
    kind: str | None = None
    certainty: str | None = None
    corrected: tuple[NumberCorrection, ...] | None = None


@bulk_record
class FigureRow:
    """One number as a report prints it, with what it takes to cite it.

    body_id … kind: of the body that it is counted for; None where its place is not known. value:
    None unless state is given or stated_none. url … content_hash: of the report. origin,
    confirmation: of a number that was read from a picture; None for all others.
    """

    body_id: int
    body: str
    division: str | None
    place: str | None
    province: str | None
    level: str | None
    kind: str
    report_year: int
    form: str | None
    indicator: str | None
    concept: str | None
    applicant: str | None
    value: Decimal | None
    unit: str | None
    state: str
    certainty: str
    url: str
    version: int
    captured_at: datetime
    content_hash: str
    reader_version: str
    portal: str
    origin: str | None
    confirmation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedFigure:
    """A number that a person corrected. read_value: what was read; None where no number was."""

    row: FigureRow
    read_value: Decimal | None
    corrected_by: str
    correction_reason: str


@bulk_record
class BodyValue:
    """The value of a body in a year: of one number, or the sum of a concept's parts.

    value: None when the report prints none, or not all parts of it. form: of the report's table;
    None for a number of its prose. confirmation: of numbers that were read from pictures; of
    several as `of_several` says. The rest as in FigureRow.
    """

    body_id: int
    body: str
    division: str | None
    place: str | None
    province: str | None
    level: str | None
    kind: str
    report_year: int
    unit: str | None
    certainty: str
    url: str
    version: int
    captured_at: datetime
    content_hash: str
    portal: str
    form: str | None
    confirmation: str | None
    value: Decimal | None


_COLUMNS: Final = tuple(FigureRow.__dataclass_fields__)
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "value": Exact(), "read_value": Exact(), "captured_at": Instant(),
    "body_id": Integer(), "report_year": Integer(), "version": Integer(),
}  # fmt: skip
_VIEW: Final = table(
    "figures_current", *(column(name, _TYPES.get(name, Text())) for name in _COLUMNS)
)
_OF_CORRECTIONS: Final = ("read_value", "corrected_by", "correction_reason")
_CORRECTED_VIEW: Final = table(
    _VIEW.name,
    *(column(name, _TYPES.get(name, Text())) for name in (*_COLUMNS, *_OF_CORRECTIONS)),
)


def corrected_figures(connection: Connection, wanted: FigureFilter) -> list[CorrectedFigure]:
    """The numbers that are asked for and corrected, by body, year, indicator and applicant."""
    if wanted.corrected is None:
        return []
    view = with_corrections(connection, _CORRECTED_VIEW, wanted.corrected)
    c = view.c
    chosen = select(view).where(_narrowed(view, wanted), c.corrected_by.is_not(None))
    order = (c.body, c.body_id, c.report_year, c.indicator, c.applicant)
    rows = connection.execute(chosen.order_by(*order)).mappings()
    return [
        CorrectedFigure(
            row=FigureRow(**{name: row[name] for name in _COLUMNS}),
            **{name: row[name] for name in _OF_CORRECTIONS},
        )
        for row in rows
    ]


def concept_rows(connection: Connection, body_id: int) -> list[FigureRow]:
    """Every number of one body that is part of a concept, by year."""
    chosen = select(*(_VIEW.c[name] for name in _COLUMNS)).where(
        _VIEW.c.body_id == body_id, _VIEW.c.concept.is_not(None)
    )
    rows = connection.execute(chosen.order_by(_VIEW.c.report_year)).all()
    return [FigureRow(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def body_values(
    connection: Connection,
    wanted: FigureFilter,
    *,
    after: tuple[str, int, int] | None = None,
    limit: int | None = None,
) -> Iterator[BodyValue]:
    """The value of each body and year whose report has a row for it, by body and year. after: name,
    id and year of the value behind which they begin. limit: how many at most.
    """
    view = with_corrections(connection, _VIEW, wanted.corrected)
    is_sum = max(wanted.parts.values(), default=1) > 1
    chosen = _summed(view, wanted) if is_sum else _single(view, wanted)
    if after is not None:
        c = (inner := chosen.subquery()).c
        key, behind = tuple_(c.body, c.body_id, c.report_year), tuple_(*map(literal, after))
        chosen = select(inner).where(key > behind)
    rows = connection.execute(
        chosen.order_by("body", "body_id", "report_year").limit(limit),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    parts = wanted.parts
    for *known, given, total in rows:
        value = dict(zip(_OF_BODY, known, strict=True))
        is_whole = given >= parts.get(value["form"] or "", 1)
        yield BodyValue(**value, value=exact(total) if is_whole else None)


def reported_years(connection: Connection, body_id: int) -> list[int]:
    """The years for which a report of the body speaks, oldest first; [] for an unknown body."""
    chosen = select(current_report.c.report_year).where(current_report.c.public_body_id == body_id)
    return sorted(connection.scalars(chosen))


def _narrowed(view: FromClause, wanted: FigureFilter) -> ColumnElement[bool]:
    """SQL: the rows of figures_current that are asked for."""
    c = view.c
    conditions = [
        c[name] == given
        for name in ("province", "level", "kind")
        if (given := getattr(wanted, name)) is not None
    ]
    if wanted.divisions is not None:
        conditions.append(c.division.in_(sorted(wanted.divisions)))
    return and_(numbers_of(view, wanted), *conditions)


def numbers_of(view: FromClause, wanted: FigureFilter) -> ColumnElement[bool]:
    """SQL: which numbers are asked for, of which years."""
    c = view.c
    conditions = [
        c[name] == given
        for name in ("concept", "certainty")
        if (given := getattr(wanted, name)) is not None
    ]
    if wanted.concept is None:
        totals = or_(c.applicant.is_(None), c.applicant == "total")
        conditions += [
            c.indicator.in_(wanted.indicators),
            totals if wanted.applicant is None else c.applicant == wanted.applicant,
        ]
    if wanted.first_year is not None:
        conditions.append(c.report_year >= wanted.first_year)
    if wanted.last_year is not None:
        conditions.append(c.report_year <= wanted.last_year)
    if wanted.body_ids is not None:
        conditions.append(c.body_id.in_(sorted(wanted.body_ids)))
    return and_(*conditions)


_OF_BODY: Final = tuple(BodyValue.__dataclass_fields__)[:-1]


def level_of_body() -> ColumnElement[str]:
    """SQL: the level of a body, as the view has it."""
    return case((public_body.c.kind == "township", "township"), else_=division.c.level)


def _single(view: FromClause, wanted: FigureFilter) -> Query:
    """SQL: the rows of bodies for what is one number in every form."""
    value = view.c.value
    return select(
        *(view.c[name] for name in _OF_BODY),
        case((value.is_not(None), 1), else_=0).label("given"),
        value.label("total"),
    ).where(_narrowed(view, wanted))


def _summed(view: FromClause, wanted: FigureFilter) -> Query:
    """SQL: the same for what is several numbers. Words of the report are found behind the sums:
    they would be sorted once for each number.
    """
    keys = ("body_id", "report_year", "form", "certainty")
    sums = _per_body(view, wanted, *keys).subquery()
    of_body = {
        "body_id": sums.c.body_id,
        "body": public_body.c.name,
        "division": func.nullif(public_body.c.division, ""),
        "place": division.c.name,
        "province": division.c.province,
        "level": level_of_body(),
        "kind": public_body.c.kind,
        "report_year": sums.c.report_year,
        "unit": sums.c.unit,
        "certainty": sums.c.certainty,
        "url": page.c.key,
        "version": version.c.number,
        "captured_at": version.c.captured_at,
        "content_hash": version.c.content_hash,
        "portal": page.c.portal_key,
        "form": sums.c.form,
        "confirmation": sums.c.confirmation,
    }
    return (
        select(*(of_body[name].label(name) for name in _OF_BODY), sums.c.given, sums.c.total)
        .join_from(
            sums,
            current_report,
            and_(
                current_report.c.public_body_id == sums.c.body_id,
                current_report.c.report_year == sums.c.report_year,
            ),
        )
        .join(version, version.c.id == current_report.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .join(public_body, public_body.c.id == sums.c.body_id)
        .outerjoin(division, division.c.code == public_body.c.division)
    )


def _per_body(view: FromClause, wanted: FigureFilter, *keys: str) -> Query:
    """SQL: the numbers of each body and year added up; given: how many there are."""
    columns = [view.c[name] for name in keys]
    values = view.c.value
    chosen: Query = select(
        *columns,
        func.min(view.c.unit).label("unit"),
        func.max(view.c.confirmation).label("confirmation"),  # as `of_several`
        func.count(values).label("given"),
        func.sum(values, type_=Text()).label("total"),
    )
    return chosen.where(_narrowed(view, wanted)).group_by(*columns)


def of_several(confirmations: Iterable[str | None]) -> str | None:
    """What the sum of numbers is: the least sure of them, which comes last in the alphabet.

    >>> of_several(["confirmed", None, "unconfirmed"]), of_several([None])
    ('unconfirmed', None)
    """
    return max((each for each in confirmations if each is not None), default=None)


def exact(total: Any) -> Decimal:
    """A sum as the engine gives it: SQLite adds fractions as floating-point numbers."""
    exact = Decimal(str(total))
    whole = exact.to_integral_value()
    return whole if exact == whole else round(exact, _EXACT_DIGITS).normalize()
