"""What columns and indicators mean, as sheets behind the rows of a workbook."""

from collections.abc import Mapping, Sequence
from typing import Final

from archive.codebook.indicators import concepts, indicators
from archive.store.views import ViewColumn, correction_columns, described_columns
from archive.work.export.writers import Heading, Row, Shape
from archive.work.export.xlsx import Page

_COLUMNS: Final = ("column", "type", "unit", "means")
_INDICATORS: Final = (
    "indicator", "form", "name", "name_en", "unit", "concept", "concept_name", "comparability",
)  # fmt: skip
# Of a table of numbers (gongkai table); what it has in common with figures_current is said there.
_OF_NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "indicator": ("text", "key of the concept or indicator that was asked for"),
    "name": ("text", "its Chinese name"),
    "value": ("number", "the number, or the sum; empty where it is not printed: absent is not 0"),
    "bodies": ("integer", "of how many reports the sum is made"),
    "lacking": ("integer", "how many reports of that year do not have the number"),
    "first_year": ("integer", "the earlier year"),
    "first": ("number", "the number of the earlier year"),
    "last_year": ("integer", "the later year"),
    "last": ("number", "the number of the later year"),
    "change": ("number", "the later number less the earlier one"),
    "first_url": ("text", "URL of the report on the earlier year"),
    "first_version": ("integer", "number of its version"),
    "last_url": ("text", "URL of the report on the later year"),
    "last_version": ("integer", "number of its version"),
    "corrected": ("integer", "in how many of these values a person corrected a number"),
}


def dictionary(table: str, headings: Sequence[Heading]) -> list[Page]:
    """The sheets `columns` and, where indicators stand in the rows, `indicators`. table: an
    exported one, or any other name for a table of numbers, whose columns of years need no words.
    """
    known = [*(described_columns().get(table) or _of_numbers()), *correction_columns()]
    names = [heading.name for heading in headings]
    rows = [(each.name, each.type, each.unit, each.meaning) for each in known if each.name in names]
    pages = [Page(title="columns", headings=_heads(_COLUMNS), rows=rows)]
    if "indicator" in names and table != "indicators":
        pages.append(Page(title="indicators", headings=_heads(_INDICATORS), rows=_indicators()))
    return pages


def _of_numbers() -> list[ViewColumn]:
    own = [
        ViewColumn(name=name, type=type_, meaning=meaning)
        for name, (type_, meaning) in _OF_NUMBERS.items()
    ]
    return own + [
        each for each in described_columns()["figures_current"] if each.name not in _OF_NUMBERS
    ]


def _indicators() -> list[Row]:
    joined = concepts()
    rows: list[Row] = []
    for each in indicators().values():
        concept = joined[each.concept] if each.concept else None
        rows.append((
            each.indicator, each.form, each.name, each.name_en, each.unit, each.concept,
            concept.name if concept else None, concept.note or None if concept else None,
        ))  # fmt: skip
    return rows


def _heads(names: Sequence[str]) -> list[Heading]:
    return [Heading(name=name, shape=Shape.TEXT) for name in names]
