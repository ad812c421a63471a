"""The labelled values of a page as fields, each with its origin, known to the codebook or not.

A field's name is given once: header box first, then the line under the heading, then meta tags.
What loses stays under its printed label, so that nothing the page shows is dropped.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.model.reading import Field
from archive.reading.html.metas import origin_of
from archive.reading.values.dates import day_of, has_time
from archive.reading.values.document_number import document_number_in, repaired_document_number
from archive.reading.values.pairs import Pair

_FIRST_LINES = 5
_STEM = 4
_MAX_NUMBER = 40
_DATES = frozenset({"published_on", "written_on", "repealed_on", "effective_on"})
_SILENT = frozenset({"counter", "view", "related"})
_ADDRESS_DAY = re.compile(
    r"/t((?:19|20)\d{2})(\d{2})(\d{2})_\d|/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})/"
)
_METAS = (
    ("published_on", ("pubdate", "publishdate", "publish_date", "article:published_time")),
    ("source", ("contentsource", "source")),
    ("author", ("author",)),
    ("keywords", ("keywords",)),
    ("abstract", ("description",)),
    ("column", ("columnname",)),
    ("column_type", ("columntype",)),
    ("catalogue_title", ("articletitle",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A pair with the place it stood in: "header" (box) or "line"."""

    pair: Pair
    place: str


def read_fields(
    labelled: Iterable[Labelled], metas: Mapping[str, str], url: str
) -> tuple[Field, ...]:
    """The fields of a page in order of finding; names are unique.

    The date label 发文日期 names the day of publishing when a time of day stands behind it.
    """
    pairs = list(labelled)
    chosen = _chosen(pairs)
    fields: dict[str, Field] = {}
    for entry in pairs:
        field = _named(entry, chosen)
        if field is not None:
            fields.setdefault(field.name, field)
    for name, tags in _METAS:
        tag = next((tag for tag in tags if metas.get(tag)), None)
        if name == "published_on" and _day_in(url) and _is_build_time(metas):
            continue
        if tag is not None and _wanted(name, fields, metas[tag]):
            fields[name] = _field(name, metas[tag], origin_of(tag))
    day = _day_in(url)
    if day is not None and "published_on" not in fields:
        printed = urlsplit(url).path
        fields["published_on"] = Field(
            name="published_on", value=day, printed=printed, origin="address"
        )
    return tuple(fields.values())


def _day_in(url: str) -> str | None:
    """The day in a URL (/t20250310_1.htm, /art/2020/2/26/, /2019-02/15/): portals put the day
    of publishing there, migrations another one; it counts only when the page names none.
    """
    found = _ADDRESS_DAY.search(urlsplit(url).path)
    return day_of("-".join(part for part in found.groups() if part)) if found else None


def number_above_text(fields: Sequence[Field], lines: Sequence[str]) -> Iterator[Field]:
    """The document number that stands alone in one of the first lines of a text whose header
    prints none.
    """
    if any(field.name == "document_number" and field.value for field in fields):
        return
    for line in lines[:_FIRST_LINES]:
        if len(line) <= _MAX_NUMBER and "\t" not in line and document_number_in(line):
            yield _field("document_number", line, "text")
            return


def _is_build_time(metas: Mapping[str, str]) -> bool:
    """True when PubDate is the moment the page was generated (绥滨, 四川: 页面生成时间)."""
    built = metas.get("others", "")
    return "生成时间" in built and metas.get("pubdate", "-") in built


def field_value(fields: Sequence[Field], name: str) -> str | None:
    """The value of the field of that name; None when absent or blank."""
    return next((field.value for field in fields if field.name == name), None)


def _wanted(name: str, fields: Mapping[str, Field], printed: str) -> bool:
    """A meta tag fills what the page does not print, prints blank (来源：) or cuts short (…)."""
    if name not in fields:
        return True
    value = fields[name].value
    if value is None:
        return name in ("source", "published_on")
    stem = value.rstrip(".…")
    return name == "source" and stem != value and len(stem) >= _STEM and printed.startswith(stem)


def _chosen(pairs: Sequence[Labelled]) -> dict[str, Labelled]:
    """For every field the entry that gives it: filled before blank, header before line, rank."""
    best: dict[str, tuple[tuple[bool, bool, int], Labelled]] = {}
    for entry in pairs:
        name = _field_name(entry.pair)
        known = entry.pair.known
        if (
            name is None
            or known is None
            or (name in _DATES and entry.pair.value and day_of(entry.pair.value) is None)
        ):
            continue
        order = (not entry.pair.value, entry.place != "header", known.rank)
        if name == "category":  # a blank 主题分类 is still the category, not what stands beside it
            order = (known.rank > 2, entry.place != "header", known.rank)
        if name not in best or order < best[name][0]:
            best[name] = (order, entry)
    return {name: entry for name, (_, entry) in best.items()}


def _field_name(pair: Pair) -> str | None:
    if pair.known is None or pair.known.field in _SILENT:
        return None
    if pair.known.field == "written_on" and pair.known.rank == 3 and has_time(pair.value):
        return "published_on"
    return pair.known.field


def _named(entry: Labelled, chosen: Mapping[str, Labelled]) -> Field | None:
    pair = entry.pair
    if pair.known is not None and pair.known.field in _SILENT:
        return None
    name = _field_name(pair)
    origin = f"{entry.place}:{pair.label}" if pair.label else entry.place
    if name is not None and chosen.get(name) is entry:
        return _field(name, pair.value, origin, pair.printed)
    if name is not None and chosen.get(name) and chosen[name].pair.value == pair.value:
        return None
    if not pair.label:
        return None
    return Field(name=pair.label, value=pair.value or None, printed=pair.printed, origin=origin)


def _field(name: str, bare: str, origin: str, printed: str | None = None) -> Field:
    value: str | None = bare or None
    if name in _DATES:
        value = day_of(bare)
    elif name == "document_number":
        value = repaired_document_number(bare) or None
    elif name == "index_number":
        value = "".join(bare.split()) or None
    return Field(
        name=name, value=value, printed=bare if printed is None else printed, origin=origin
    )
