"""The indicators of all forms with their names, and the concepts that join those of several forms.

An indicator is what one cell of a form counts; a concept is what a reader asks for over the years
(requests received, reviews) and names the indicators of each form that count it. English names and
concepts are in indicators.toml; all else is derived from the forms.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

from archive.codebook.forms import FORMS, CodebookError, Form, Row, form
from archive.model.errors import UsageError

TOTAL: Final = "total"
"""The applicant column that sums up all others."""

_NUMBERING = re.compile(r"^(?:[一二三四五六七八九]、|（.）|\([0-9]+\)|[0-9]+[．.])|^其中：[0-9.]*")
_MAX_SHORT = 3
_MAX_NEAR = 5
_MAX_ASKED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What a key of exported figures means.

    indicator: the key with the form in front. label: as the form prints it, the column behind a
    stroke. name: without the numbering, and with what it belongs to where that tells it from
    others. unit: None where the form prints none. parent: key of the row it belongs to, which may
    be a heading without a value; None at the top. optional: not in the official form, but met.
    concept: key of the concept that it is part of (with the applicant `total` where the form has
    applicants); None when it is of none. has_applicants: one value for each applicant column.
    """

    indicator: str
    form: str
    label: str
    name: str
    name_en: str
    unit: str | None
    parent: str | None
    optional: bool
    concept: str | None
    has_applicants: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptPart:
    """A number that a concept counts. applicant: None where the form has no applicant columns."""

    indicator: str
    applicant: str | None

    @property
    def form(self) -> str:
        """f08, f14, f19 or f21."""
        return self.indicator.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """What several forms count, each in its own words.

    note: how far they count the same; "" where they do. parts: the numbers whose sum it is, form by
    form; a form without any does not count it.
    """

    key: str
    name: str
    name_en: str
    unit: str
    note: str
    source: str
    parts: tuple[ConceptPart, ...]

    def of_form(self, name: str) -> tuple[ConceptPart, ...]:
        """The numbers whose sum it is in one form; () when the form does not count it."""
        return tuple(part for part in self.parts if part.form == name)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator of every form that can carry a value, by key, in the order of the forms.

    >>> indicators()["f21.s2.i1.rules.issued"].name
    '规章/本年制发件数'
    >>> indicators()["f14.litigation.corrected"].name
    '行政诉讼数量：被依法纠错数'
    >>> indicators()["f21.s3.new"].name_en, indicators()["f21.s3.new"].concept
    ('Requests newly received', 'requests_received')
    """
    concept_of = {part.indicator: each.key for each in concepts().values() for part in each.parts}
    found = {each.indicator: each for name in FORMS for each in _of_form(form(name), _data())}
    return {key: replace(each, concept=concept_of.get(key)) for key, each in found.items()}


@cache
def concepts() -> Mapping[str, Concept]:
    """Every concept by key, in the order of indicators.toml.

    >>> [part.indicator for part in concepts()["litigation"].of_form("f21")]
    ['f21.s4.lit_direct.total', 'f21.s4.lit_after_review.total']
    """
    return load_concepts(_data())


@cache
def applicant_names() -> Mapping[str, tuple[str, str]]:
    """The Chinese and the English name of each applicant column, by key.

    >>> applicant_names()["natural"]
    ('自然人', 'natural persons')
    """
    english = _data()["english"]["applicants"]
    return {each.key: (each.label, english[each.key]) for each in form("f21").applicants}


def find(asked: str) -> Indicator | Concept:
    """The concept or indicator of that key, or of that Chinese or English name (a concept before an
    indicator). UsageError, which names near ones: there is none, or several indicators.

    >>> find("reviews").name, find("行政复议数").key, find("f14.complaints").name
    ('行政复议数', 'reviews', '举报投诉数量')
    """
    known: Mapping[str, Indicator | Concept] = {**concepts(), **indicators()}
    if asked in known:
        return known[asked]
    wanted = " ".join(asked.split()).casefold()
    for kind in (concepts(), indicators()):
        named = [
            key for key, each in kind.items()
            if wanted in (key.casefold(), each.name.casefold(), each.name_en.casefold())
        ]  # fmt: skip
        if len(named) > 1:
            raise UsageError(f"{asked} is the name of {len(named)}: give {', '.join(named)}")
        if named:
            return known[named[0]]
    raise UsageError(
        f"there is no concept or indicator {asked[:_MAX_ASKED]!r}{_near(wanted)}; "
        "`gongkai table --list` has all"
    )


def load_concepts(data: Mapping[str, Any]) -> dict[str, Concept]:
    """The concepts of a parsed indicators.toml. CodebookError: a key or a part stands twice, or an
    indicator or applicant is none of the form.
    """
    known = {each.indicator: each for name in FORMS for each in _of_form(form(name), data)}
    found: dict[str, Concept] = {}
    seen: set[str] = set()
    for row in data["concepts"]:
        each = _concept(row, data["sources"])
        for part in each.parts:
            indicator = known.get(part.indicator)
            if indicator is None or indicator.has_applicants != (part.applicant is not None):
                raise CodebookError(f"{each.key}: no number of a form is {part}")
            if part.indicator in seen:
                raise CodebookError(f"{part.indicator} is part of two concepts")
            seen.add(part.indicator)
        if each.key in found or each.key in known:
            raise CodebookError(f"concept {each.key} stands twice")
        found[each.key] = each
    return found


def _near(wanted: str) -> str:
    """The end of a message about a name that is not there: keys whose key or name comes near."""
    names: dict[str, str] = {}
    known: Mapping[str, Indicator | Concept] = {**indicators(), **concepts()}
    for key, each in known.items():
        names |= dict.fromkeys((key, each.name.casefold(), each.name_en.casefold()), key)
    holding = [name for name in names if len(wanted) > 1 and wanted in name]
    close = get_close_matches(wanted[:_MAX_ASKED], names, n=_MAX_NEAR, cutoff=0.5)
    keys = list(dict.fromkeys(names[name] for name in (*close, *sorted(holding, key=len))))
    return f"; did you mean {', '.join(keys[:_MAX_NEAR])}?" if keys else ""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("archive.codebook").joinpath("indicators.toml").read_text("utf-8"))


def _concept(row: Mapping[str, Any], sources: Mapping[str, str]) -> Concept:
    parts = [(name, part.partition("/")) for name in FORMS for part in row.get(name, ())]
    return Concept(
        key=row["key"],
        name=row["name"],
        name_en=row["name_en"],
        unit=row["unit"],
        note=row["note"],
        source=sources[row["source"]],
        parts=tuple(
            ConceptPart(indicator=f"{name}.{key}", applicant=applicant or None)
            for name, (key, _, applicant) in parts
        ),
    )


def _of_form(found: Form, data: Mapping[str, Any]) -> Iterator[Indicator]:
    english = data["english"].get(found.form, data["english"]["since_2019"])
    suffixes = [column.suffix for column in found.value_columns] or [""]
    names = Counter(_unnumbered(row.label) for row in found.rows)
    for row in found.rows:
        if row.group:
            continue
        one = _indicator(found, row, name=_name(found, row, names), name_en=english[row.key])
        for suffix in () if row.cells else suffixes:
            yield _in_column(one, suffix, data) if suffix else one
        for cell in row.cells:
            column = found.column(cell)
            yield replace(
                one,
                indicator=f"{one.indicator}.{cell}",
                label=f"{row.label}/{column.label}",
                name=f"{one.name}/{column.label}",
                name_en=f"{one.name_en}: {data['english']['columns'][cell]}",
                unit=column.unit or row.unit,
            )


def _indicator(found: Form, row: Row, *, name: str, name_en: str) -> Indicator:
    return Indicator(
        indicator=f"{found.form}.{row.key}",
        form=found.form,
        label=row.label,
        name=name,
        name_en=name_en,
        unit=row.unit,
        parent=None if row.parent is None else f"{found.form}.{row.parent}",
        optional=row.optional,
        concept=None,
        has_applicants=bool(found.applicants) and row.part == "s3",
        source=row.source,
    )


def _in_column(one: Indicator, suffix: str, data: Mapping[str, Any]) -> Indicator:
    """The same row in another value column of f08."""
    return replace(
        one,
        indicator=f"{one.indicator}.{suffix}",
        name=f"{one.name}（{data['chinese']['columns'][suffix]}）",
        name_en=f"{one.name_en} ({data['english']['columns'][suffix]})",
    )


def _name(found: Form, row: Row, names: Mapping[str, int]) -> str:
    """The label without its numbering; with the parent's in front where the form prints the same
    more than once, or next to nothing (其他, 总计).
    """
    name = _unnumbered(row.label)
    is_enough = names[name] == 1 and len(name) > _MAX_SHORT
    if is_enough or row.parent is None or row.cells:
        return name
    return f"{_unnumbered(found.row(row.parent).label)}：{name}"


def _unnumbered(label: str) -> str:
    return _NUMBERING.sub("", label)
