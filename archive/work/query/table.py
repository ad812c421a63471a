"""Tables of indicators by body, place, province or year: what `gongkai table`, /api/table and the
pages show, long (a row for each number) or wide (a column for each year).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Final, TypeAlias, cast

from archive.codebook.divisions import division
from archive.model.errors import UsageError
from archive.store import Connection
from archive.store.query.counted import BodyValue, CorrectedFigure, exact
from archive.work.query.bodies import Body
from archive.work.query.series import (
    Asked,
    Sum,
    YearOfBody,
    corrections_in,
    sums,
    values_of,
)

BY: Final = ("body", "place", "province", "year")
"""What the rows of a table can be."""

Cell: TypeAlias = str | int | Decimal | datetime | None
_GROUP: Final = {"place": "division", "province": "province", "year": None}
_BODY: Final = {
    "body_id": "whole", "body": "text", "division": "text", "place": "text", "province": "text",
    "level": "text", "kind": "text",
}  # fmt: skip
_PLACE: Final = {"division": "text", "place": "text", "province": "text"}
_ASKED: Final = {"indicator": "text", "name": "text", "applicant": "text", "unit": "text"}
_CITED: Final = {
    "form": "text", "certainty": "text", "url": "text", "version": "whole",
    "captured_at": "instant", "content_hash": "text", "confirmation": "text",
}  # fmt: skip
_SUMMED: Final = {"value": "number", "bodies": "whole", "lacking": "whole"}
# Behind the others, where corrections by people are asked for.
_CORRECTED: Final = {
    "read_value": "number", "corrected_by": "text", "correction_reason": "text",
}  # fmt: skip
_SUMMED_CORRECTED: Final = {"corrected": "whole"}
OF_CORRECTIONS: Final = (*_CORRECTED, *_SUMMED_CORRECTED)
"""Columns that only tables with corrections have."""

_CITED_CHANGE: Final = {
    "first_url": "text", "first_version": "whole", "last_url": "text", "last_version": "whole",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """columns: what each holds (text, whole, number or instant), by name. rows: by column; those of
    a long table by body come one by one, and want the connection open. from_pictures: of a wide one
    by body, how many of its numbers were read from pictures, by what the sums say of them.
    """

    columns: dict[str, str]
    rows: Iterable[dict[str, Cell]]
    from_pictures: Mapping[str, int] = field(default_factory=dict)


def make_table(
    connection: Connection, asked: Sequence[Asked], by: str, *, wide: bool = False
) -> Table:
    """The table of what is asked for. by: one of BY.

    Long by body: a row for each number with the citation of its report; `value` is None where the
    row is printed and no number. Long by place, province or year: sums, of how many `bodies` they
    are made, and how many are `lacking` the number though they have a report. Wide: the same with
    a column for each year (and, behind it, the two counts).

    Where corrections are asked for (FigureFilter.corrected), numbers of bodies that people
    corrected have the certainty `corrected` with what was read, who corrected it and why; sums say
    how many of their values are such (`corrected`). Wide tables have no room for that.
    """
    if by == "body":
        return _wide_bodies(connection, asked) if wide else _long_bodies(connection, asked)
    found = [(each, total) for each in asked for total in sums(connection, each, _GROUP[by])]
    if wide:
        return _wide_sums(found, by)
    table = _long_sums(found, by)
    return _with_counts(connection, asked, table, _GROUP[by]) if _corrects(asked) else table


def table_of_changes(connection: Connection, asked: Asked, by: str, direction: str) -> Table:
    """What fell (`down`) or rose (`up`) from the first year that is asked for to the last, the most
    so first. by: body, place or province. UsageError: not two years, or by year.
    """
    rows = [
        row for row in moves(connection, asked, by) if (_change(row) < 0) == (direction == "down")
    ]
    columns = {**_named_columns(by), **_ASKED, "first_year": "whole", "first": "number",
               "last_year": "whole", "last": "number", "change": "number"}  # fmt: skip
    return Table(columns=columns | (_CITED_CHANGE if by == "body" else {}), rows=rows)


def moves(connection: Connection, asked: Asked, by: str) -> list[dict[str, Cell]]:
    """What has another number in the last year that is asked for than in the first, the greatest
    change first; where one of the two numbers is lacking there is no row. by, UsageError: as above.
    """
    first, last = asked.wanted.first_year, asked.wanted.last_year
    if by == "year" or first is None or last is None or first >= last:
        raise UsageError(
            "a change is of bodies or places from one year to a later one (--from, --to)"
        )
    if by == "body":
        pairs = _bodies_of(connection, asked, first, last)
    else:
        pairs = _sums_of(sums(connection, asked, _GROUP[by]), by, first, last)
    rows: list[dict[str, Cell]] = [
        {**row, **_words(asked, None), "first_year": first, "first": one, "last_year": last,
         "last": other, "change": other - one, **cited}
        for row, one, other, cited in pairs if one != other
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -abs(_change(row)))


def _change(row: Mapping[str, Cell]) -> Decimal:
    return cast("Decimal", row["change"])


_Pair: TypeAlias = tuple[dict[str, Cell], Decimal, Decimal, dict[str, Cell]]


def _bodies_of(connection: Connection, asked: Asked, first: int, last: int) -> Iterator[_Pair]:
    for _, its in groupby(values_of(connection, asked), key=lambda each: each.body_id):
        years = {each.report_year: each for each in its}
        one, other = years.get(first), years.get(last)
        if one and other and one.value is not None and other.value is not None:
            cited: dict[str, Cell] = {
                "first_url": one.url, "first_version": one.version,
                "last_url": other.url, "last_version": other.version,
            }  # fmt: skip
            yield {name: getattr(other, name) for name in _BODY}, one.value, other.value, cited


def _sums_of(found: Iterable[Sum], by: str, first: int, last: int) -> Iterator[_Pair]:
    totals = {(each.key, each.year): each for each in found}
    for key in dict.fromkeys(key for key, _ in totals):
        one, other = totals.get((key, first)), totals.get((key, last))
        if one and other and one.total is not None and other.total is not None:
            yield _named(other, by), one.total, other.total, {}


def body_row(asked: Asked, value: BodyValue) -> dict[str, Cell]:
    """A number of a body as a row of a long table."""
    row: dict[str, Cell] = {name: getattr(value, name) for name in _BODY}
    row["report_year"] = value.report_year
    row |= _words(asked, value.unit)
    row["value"] = value.value
    return row | {name: getattr(value, name) for name in _CITED}


def compared_row(asked: Asked, body: Body, year: YearOfBody) -> dict[str, Cell]:
    """A year of a body as a row of a long table, whose `state` says why it has no number."""
    if year.value is not None:
        return {**body_row(asked, year.value), "state": year.state}
    of_body = {name: getattr(body, "name" if name == "body" else name) for name in _BODY}
    row: dict[str, Cell] = {**of_body, "report_year": year.year, **_words(asked, None)}
    return row | {"value": None, **dict.fromkeys(_CITED), "state": year.state}


def _words(asked: Asked, unit: str | None) -> dict[str, Cell]:
    return {
        "indicator": asked.key,
        "name": asked.name,
        "applicant": asked.applicant,
        "unit": unit or asked.unit,
    }


def _long_bodies(connection: Connection, asked: Sequence[Asked]) -> Table:
    columns = {**_BODY, "report_year": "whole", **_ASKED, "value": "number", **_CITED}
    values = ((each, values_of(connection, each)) for each in asked)
    rows = (row for each, its in values for row in body_rows(connection, each, its))
    return Table(columns=columns | (_CORRECTED if _corrects(asked) else {}), rows=rows)


def body_rows(
    connection: Connection, asked: Asked, values: Iterable[BodyValue]
) -> Iterator[dict[str, Cell]]:
    """Numbers of bodies as rows of a long table, those that people corrected marked as such."""
    is_asked, corrected = _corrects([asked]), _corrected(connection, asked)
    for value in values:
        row = body_row(asked, value)
        if is_asked:
            of_value = corrected.get((value.body_id, value.report_year, value.form))
            row |= _marked(value, of_value) if of_value else dict.fromkeys(_CORRECTED)
        yield row


def _corrects(asked: Sequence[Asked]) -> bool:
    return any(each.wanted.corrected is not None for each in asked)


def _corrected(
    connection: Connection, asked: Asked
) -> dict[tuple[int, int, str | None], list[CorrectedFigure]]:
    """The numbers that people corrected, by body, year and form of the value that they are in."""
    found: dict[tuple[int, int, str | None], list[CorrectedFigure]] = {}
    for each in corrections_in(connection, asked):
        place = each.row.body_id, each.row.report_year, each.row.form
        found.setdefault(place, []).append(each)
    return found


def _marked(value: BodyValue, corrected: Sequence[CorrectedFigure]) -> dict[str, Cell]:
    """What marks a value some of whose numbers are corrected."""
    return {
        "certainty": "corrected",
        "read_value": _read(value, corrected),
        "corrected_by": "; ".join(dict.fromkeys(each.corrected_by for each in corrected)),
        "correction_reason": "; ".join(dict.fromkeys(each.correction_reason for each in corrected)),
    }


def _read(value: BodyValue, corrected: Sequence[CorrectedFigure]) -> Decimal | None:
    """The value as it was read; None where one of its numbers was not."""
    read = value.value
    for each in corrected:
        if read is None or each.row.value is None or each.read_value is None:
            return None
        read += each.read_value - each.row.value
    return None if read is None else exact(read)


def _with_counts(
    connection: Connection, asked: Sequence[Asked], table: Table, group: str | None
) -> Table:
    """A long table of sums with how many of the values of each are corrected."""
    counts: Counter[tuple[Cell, ...]] = Counter()
    for each in asked:
        rows_of = [its[0].row for its in _corrected(connection, each).values()]
        counts.update(
            (each.key, row.report_year, getattr(row, group) if group else None) for row in rows_of
        )
    rows = [
        {**row, "corrected": counts[row["indicator"], row["report_year"],
                                    row[group] if group else None]}
        for row in table.rows
    ]  # fmt: skip
    return Table(columns=table.columns | _SUMMED_CORRECTED, rows=rows)


def _wide_bodies(connection: Connection, asked: Sequence[Asked]) -> Table:
    rows: dict[int, dict[str, Cell]] = {}
    headings: set[tuple[int, int]] = set()
    from_pictures: Counter[str] = Counter()
    for place, each in enumerate(asked):
        for value in values_of(connection, each):
            row = rows.setdefault(value.body_id, {name: getattr(value, name) for name in _BODY})
            row[_heading(asked, place, value.report_year)] = value.value
            headings.add((place, value.report_year))
            if value.confirmation is not None:
                from_pictures[value.confirmation] += 1
    names = [_heading(asked, *each) for each in sorted(headings)]
    ordered = sorted(rows.values(), key=lambda row: (str(row["body"]), str(row["division"])))
    columns = {**_BODY, **dict.fromkeys(names, "number")}
    return Table(columns=columns, rows=ordered, from_pictures=from_pictures)


def _heading(asked: Sequence[Asked], place: int, year: int) -> str:
    return str(year) if len(asked) == 1 else f"{asked[place].key} {year}"


def _long_sums(found: Sequence[tuple[Asked, Sum]], by: str) -> Table:
    rows = [
        {"report_year": total.year, **_named(total, by), **_words(each, None), **_counts(total)}
        for each, total in found
    ]
    columns = {"report_year": "whole", **_named_columns(by), **_ASKED, **_SUMMED}
    return Table(columns=columns, rows=rows)


def _wide_sums(found: Sequence[tuple[Asked, Sum]], by: str) -> Table:
    rows: dict[tuple[Cell, ...], dict[str, Cell]] = {}
    years: set[int] = set()
    for each, total in found:
        named = {**_named(total, by), **_words(each, None)}
        row = rows.setdefault(tuple(named.values()), named)
        row |= {
            f"{total.year}{end}": value
            for end, value in zip(_ENDS, _counts(total).values(), strict=True)
        }
        years.add(total.year)
    columns = _named_columns(by) | _ASKED
    for year in sorted(years):
        columns |= {
            f"{year}{end}": shape for end, shape in zip(_ENDS, _SUMMED.values(), strict=True)
        }
    return Table(columns=columns, rows=list(rows.values()))


_ENDS: Final = ("", " bodies", " lacking")


def _named_columns(by: str) -> dict[str, str]:
    return {"body": _BODY, "place": _PLACE, "province": {"province": "text"}, "year": {}}[by]


def _named(total: Sum, by: str) -> dict[str, Cell]:
    """What a sum is of; None where its bodies have no known place."""
    if by == "year":
        return {}
    if by == "province":
        return {"province": total.key}
    place = division(total.key) if total.key else None
    above = division(total.key[:2] + "0000") if total.key else None
    return {
        "division": total.key,
        "place": place.name if place else None,
        "province": above.name if above else None,
    }


def _counts(total: Sum) -> dict[str, Cell]:
    return {"value": total.total, "bodies": total.bodies, "lacking": total.lacking}
