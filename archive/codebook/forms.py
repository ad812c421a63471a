"""The statistical forms: which rows and columns the tables of each era have.

Facts are in f08.toml, f14.toml, f19.toml, f21.toml, each row with its source; this module reads
and checks them once. A form of the codebook that contradicts itself is a programming error.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FORMS = ("f08", "f14", "f19", "f21")
"""The forms in the order of their years: 2008–2013, 2014–2018, 2019–2020, from 2021."""


class CodebookError(ValueError):
    """The codebook contradicts itself: a key twice, a parent or a source that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another wording of a label, and where it was met."""

    label: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a form (in section 4: a block of cells of its one row).

    key: without the form (s3.result.granted); parent: key of the row it belongs to, None at top.
    note: remark that the form prints behind the label; None when there is none.
    part: s2, s3, s4: the table it stands in; "" for forms of one table.
    group: prints no value of its own. optional: not in the official form, but met.
    cells: keys of its value cells where it has several; () for one cell (or one per applicant).
    unit: as the form prints it; None where cells or columns have their own, or none is known.
    """

    key: str
    label: str
    note: str | None
    aliases: tuple[Alias, ...]
    part: str
    parent: str | None
    group: bool
    optional: bool
    unit: str | None
    cells: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A value column: key, printed head, unit (None: not known), other spellings."""

    key: str
    label: str
    unit: str | None
    aliases: tuple[Alias, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumn:
    """A column of an f08 table, told by its head; suffix goes behind the row's key ("": none)."""

    suffix: str
    heads: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One era's form. marks prove it; shared_marks are common to f19 and f21."""

    form: str
    title: str
    marks: tuple[str, ...]
    shared_marks: tuple[str, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    applicants: tuple[Column, ...]
    value_columns: tuple[ValueColumn, ...]

    def row(self, key: str) -> Row:
        """The row with this key (without the form). KeyError when there is none."""
        return _index(self.form)[key]

    def column(self, key: str) -> Column:
        """The value column with this key. KeyError when there is none."""
        return _columns(self.form)[key]

    def part(self, name: str) -> tuple[Row, ...]:
        """The rows of one table (s2, s3, s4; "" for forms of one table)."""
        return _parts(self.form).get(name, ())


@cache
def form(name: str) -> Form:
    """The form f08, f14, f19 or f21. KeyError for any other name.

    >>> form("f14").row("review.total").label
    '四、行政复议数量'
    """
    if name not in FORMS:
        raise KeyError(name)
    text = files("archive.codebook").joinpath(f"{name}.toml").read_text("utf-8")
    return load_form(tomllib.loads(text))


def load_form(data: Mapping[str, Any]) -> Form:
    """A form from its parsed TOML. Raises CodebookError when it contradicts itself."""
    sources = data["sources"]
    found = Form(
        form=data["form"],
        title=data["title"],
        marks=tuple(data["marks"]),
        shared_marks=tuple(data.get("shared_marks", ())),
        rows=tuple(_row(row, sources) for row in data["rows"]),
        columns=tuple(_column(column, sources) for column in data.get("columns", ())),
        applicants=tuple(
            _column({"source": "template", **a}, sources) for a in data.get("applicants", ())
        ),
        value_columns=tuple(
            ValueColumn(
                suffix=column["suffix"],
                heads=tuple(column["heads"]),
                source=_source(column["source"], sources),
            )
            for column in data.get("value_columns", ())
        ),
    )
    _validate(found)
    return found


@cache
def _index(name: str) -> dict[str, Row]:
    return {row.key: row for row in form(name).rows}


@cache
def _columns(name: str) -> dict[str, Column]:
    return {column.key: column for column in form(name).columns}


@cache
def _parts(name: str) -> dict[str, tuple[Row, ...]]:
    rows = form(name).rows
    return {part: tuple(row for row in rows if row.part == part) for part in {r.part for r in rows}}


def _source(name: str, sources: Mapping[str, str]) -> str:
    if name not in sources:
        raise CodebookError(f"no source is called {name!r}")
    return sources[name]


def _aliases(data: Mapping[str, Any], sources: Mapping[str, str]) -> tuple[Alias, ...]:
    return tuple(
        Alias(label=alias["label"], source=_source(alias["source"], sources))
        for alias in data.get("aliases", ())
    )


def _row(data: Mapping[str, Any], sources: Mapping[str, str]) -> Row:
    return Row(
        key=data["key"],
        label=data["label"],
        note=data.get("note"),
        aliases=_aliases(data, sources),
        part=data.get("part", ""),
        parent=data.get("parent"),
        group=data.get("group", False),
        optional=data.get("optional", False),
        unit=data.get("unit"),
        cells=tuple(data.get("cells", ())),
        source=_source(data["source"], sources),
    )


def _column(data: Mapping[str, Any], sources: Mapping[str, str]) -> Column:
    return Column(
        key=data["key"],
        label=data["label"],
        unit=data.get("unit"),
        aliases=_aliases(data, sources),
        source=_source(data["source"], sources),
    )


def _validate(found: Form) -> None:
    keys = [row.key for row in found.rows]
    for key in keys:
        if keys.count(key) > 1:
            raise CodebookError(f"{found.form}: key {key} stands twice")
    columns = {column.key for column in found.columns}
    for row in found.rows:
        if row.parent is not None and row.parent not in keys:
            raise CodebookError(f"{found.form}: parent {row.parent} of {row.key} does not exist")
        missing = set(row.cells) - columns
        if missing:
            raise CodebookError(f"{found.form}: {row.key} has unknown cells {sorted(missing)}")
