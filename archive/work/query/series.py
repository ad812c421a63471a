"""Numbers over years, bodies and places: what the commands `table` and `compare`, the pages and the
API show of an indicator or a concept.

Every function takes the connection of Store.read() and an `Asked`, which `ask` makes. A concept's
number is the sum of its parts (archive.codebook.indicators); a report that prints only some of
them lacks it. Absent is not zero: sums say of how many bodies they are made, and how many lack it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import quantiles
from typing import Any, Final

from archive.codebook.forms import FORMS
from archive.codebook.indicators import (
    TOTAL,
    Concept,
    Indicator,
    applicant_names,
    find,
)
from archive.model.errors import UsageError, did_you_mean
from archive.model.reading import BodyKind
from archive.store import Connection
from archive.store.query.counted import (
    BodyValue,
    CorrectedFigure,
    FigureFilter,
    body_values,
    corrected_figures,
    reported_years,
)
from archive.store.query.counted_sums import bodies_without_level, group_sums, report_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader asks for.

    key, name, name_en, unit: of the concept or indicator; unit is None where the form prints none.
    note: how far the forms count the concept in the same way; "" where they do, and for an
    indicator. applicant: None for totals. wanted: the same as the store takes it; narrow it with
    dataclasses.replace or `narrowed`.
    """

    key: str
    name: str
    name_en: str
    unit: str | None
    note: str
    applicant: str | None
    wanted: FigureFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfBody:
    """One year of one body. value: None when no report of that year speaks, or it has no row of
    what is asked for; its own value is None where the row is there and no number (or not all).
    """

    year: int
    has_report: bool
    value: BodyValue | None

    @property
    def number(self) -> Decimal | None:
        """The number; None whenever there is none."""
        return None if self.value is None else self.value.value

    @property
    def state(self) -> str:
        """Why there is a number or none: given, no number (the row is there), absent (a report
        without the row), or no report.
        """
        if self.value is None:
            return "absent" if self.has_report else "no report"
        return "no number" if self.number is None else "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfBodies:
    """The values of a year. values: of every body that has the number, the largest first. reports:
    for how many bodies a report speaks; lacking: how many of these lack the number.
    """

    year: int
    values: tuple[BodyValue, ...]
    reports: int
    lacking: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum over bodies. key: code of a division or name of a province; None: of all, or of bodies
    whose place nobody tells. total: None when no body has the number. bodies: of how many values it
    is made; lacking: how many bodies have a report of that year that lacks the number.
    """

    year: int
    key: str | None
    total: Decimal | None
    bodies: int
    lacking: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How values spread. quartiles: the lower one, the median, the upper one. bins: (from, to,
    how many) of ten equal steps from the least to the most, `to` left out but in the last.
    """

    count: int
    least: Decimal
    quartiles: tuple[Decimal, Decimal, Decimal]
    most: Decimal
    bins: tuple[tuple[Decimal, Decimal, int], ...]


EVERY_KIND: Final = "all"
KINDS: Final = (*BodyKind, EVERY_KIND)
"""Which bodies may be counted: those of a kind, or all."""

_TOWNSHIP_LEVEL = "township"
_BINS = 10


def kind_to_count(kind: str | None, level: str | None = None) -> str | None:
    """Of which kind bodies are counted; None: of every kind. kind: one of KINDS. Where nobody names
    one governments are, since their reports mostly count those of their departments, too; on the
    level of townships every kind.

    >>> kind_to_count(None), kind_to_count("all"), kind_to_count(None, "township")
    (<BodyKind.GOVERNMENT: 'government'>, None, None)
    """
    if kind is None:
        return None if level == _TOWNSHIP_LEVEL else BodyKind.GOVERNMENT
    return None if kind == EVERY_KIND else kind


def ask(name: str, applicant: str | None = None) -> Asked:
    """What is meant by a key or a Chinese or English name of a concept or an indicator.

    applicant: natural, business … (only its requests); None or total for all. UsageError, which
    names near ones: nothing is called so, several are, or the form knows no such applicant.
    """
    found = find(name)
    applicant = None if applicant == TOTAL else applicant
    if applicant is not None and applicant not in applicant_names():
        near = did_you_mean(applicant, applicant_names())
        known = ", ".join(applicant_names())
        raise UsageError(
            f"there is no applicant {applicant[:40]!r}{near or f'; there are {known}'}"
        )
    return _of_concept(found, applicant) if isinstance(found, Concept) else _of(found, applicant)


def narrowed(asked: Asked, **changes: Any) -> Asked:
    """The same, asked only for some bodies, places or years (fields of FigureFilter)."""
    return replace(asked, wanted=replace(asked.wanted, **changes))


def body_series(connection: Connection, asked: Asked, body_id: int) -> tuple[YearOfBody, ...]:
    """The years of one body, oldest first: every one from the first with a report to the last; ()
    for a body without reports, or one that does not exist.
    """
    wanted = replace(asked.wanted, body_ids=frozenset({body_id}))
    values = {each.report_year: each for each in body_values(connection, wanted)}
    reported = [
        year for year in reported_years(connection, body_id)
        if (wanted.first_year or year) <= year <= (wanted.last_year or year)
    ]  # fmt: skip
    if not reported:
        return ()
    return tuple(
        YearOfBody(year=year, has_report=year in set(reported), value=values.get(year))
        for year in range(reported[0], reported[-1] + 1)
    )


def bodies_in_year(connection: Connection, asked: Asked, year: int) -> YearOfBodies:
    """The value of every body in a year, the largest first; equal ones by name."""
    wanted = replace(asked.wanted, first_year=year, last_year=year)
    given = [each for each in body_values(connection, wanted) if each.value is not None]
    given.sort(key=lambda each: (-(each.value or 0), each.body, each.body_id))
    reports = sum(report_counts(connection, wanted, None).values())
    return YearOfBodies(
        year=year, values=tuple(given), reports=reports, lacking=reports - len(given)
    )


def sums(connection: Connection, asked: Asked, by: str | None = None) -> tuple[Sum, ...]:
    """Sums over bodies, by year and then key. by: "division" (place), "province", or None for one
    sum a year. A government's report mostly counts its departments too: narrow to kind="government"
    what is not to be counted twice.
    """
    found = {
        (each.report_year, each.key): each for each in group_sums(connection, asked.wanted, by)
    }
    reports = report_counts(connection, asked.wanted, by)
    keys = sorted({*found, *reports}, key=lambda each: (each[0], each[1] or ""))
    return tuple(
        Sum(
            year=year,
            key=key,
            total=each.total if each else None,
            bodies=each.bodies if each else 0,
            lacking=reports.get((year, key), 0) - (each.bodies if each else 0),
        )
        for year, key in keys
        for each in [found.get((year, key))]
    )


def unknown_level(connection: Connection, asked: Asked) -> int:
    """How many bodies with a report are left out because nobody knows their level; 0 where no level
    is asked for.
    """
    if asked.wanted.level is None:
        return 0
    return bodies_without_level(connection, asked.wanted)


def values_of(
    connection: Connection,
    asked: Asked,
    *,
    after: tuple[str, int, int] | None = None,
    limit: int | None = None,
) -> Iterator[BodyValue]:
    """The value of each body and year, by body and year, with the citation of its report; a value
    of None where a report has the row and not the number. Bodies come one by one. after: (body,
    body_id, report_year) of the value behind which they begin; limit: how many at most.
    """
    return body_values(connection, asked.wanted, after=after, limit=limit)


def corrections_in(connection: Connection, asked: Asked) -> list[CorrectedFigure]:
    """The numbers behind the values that people corrected; [] where none is asked for so."""
    return corrected_figures(connection, asked.wanted)


def distribution(values: Sequence[BodyValue]) -> Distribution | None:
    """How the numbers among some values spread; None when there is none.

    The quartiles are those of the values themselves (method "inclusive" of the statistics module).
    """
    numbers = sorted(each.value for each in values if each.value is not None)
    if not numbers:
        return None
    quartiles = quantiles(numbers, n=4, method="inclusive") if len(numbers) > 1 else numbers * 3
    least, most = numbers[0], numbers[-1]
    step = (most - least) / _BINS
    edges = [least + step * n for n in range(_BINS)] + [most]
    counts = [0] * _BINS
    for each in numbers:
        counts[min(int((each - least) / step), _BINS - 1) if step else 0] += 1
    bins = (
        tuple(zip(edges, edges[1:], counts, strict=False))
        if step
        else ((least, most, len(numbers)),)
    )
    return Distribution(
        count=len(numbers),
        least=least,
        quartiles=(quartiles[0], quartiles[1], quartiles[2]),
        most=most,
        bins=bins,
    )


def _of_concept(found: Concept, applicant: str | None) -> Asked:
    parts = [part for part in found.parts if applicant is None or part.applicant is not None]
    if not parts:
        raise UsageError(f"no form counts {found.key} by applicant; leave --applicant out")
    counts = {name: sum(part.form == name for part in parts) for name in FORMS}
    wanted = FigureFilter(
        indicators=tuple(part.indicator for part in parts),
        concept=found.key if applicant is None else None,
        parts={name: count for name, count in counts.items() if count},
        applicant=applicant,
    )
    return Asked(
        key=found.key, name=found.name, name_en=found.name_en, unit=found.unit, note=found.note,
        applicant=applicant, wanted=wanted,
    )  # fmt: skip


def _of(found: Indicator, applicant: str | None) -> Asked:
    if applicant is not None and not found.has_applicants:
        raise UsageError(f"{found.indicator} is not counted by applicant; leave --applicant out")
    return Asked(
        key=found.indicator, name=found.name, name_en=found.name_en, unit=found.unit, note="",
        applicant=applicant,
        wanted=FigureFilter(indicators=(found.indicator,), parts={}, applicant=applicant),
    )  # fmt: skip
