"""Readings of invented reports, made a hundred times as fast as they are read: the reader reads one
report of each form and year, and what differs from report to report (names, dates, numbers, words)
is then put into the holes. Numbers are drawn as the demo's, so that the rules over them hold.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import accumulate
from random import Random
from typing import Final

from archive.model.content import content_hash
from archive.model.packed import PackedReading
from archive.model.reading import Reading, Source
from archive.reading.read import read
from archive.search.grams import grams_of
from archive.store.write.packed import as_json, pack_reading, without_bulk
from archive.store.write.texts import packed_body, tables_as_json
from crawler.demo.forms import hole_list
from crawler.demo.numbers import OfficeYear, figures
from crawler.demo.reports import DemoReport, places, report
from crawler.demo.site import Catalogue, Request, Site

SEED: Final = 12
_PORTAL: Final = "trs"
_WHO: Final = "教育局"
_FIRST_MARK: Final = 7_000_000
# What stands in the mould, by the name of its hole; figures have marks.
_ORGANISATION, _SEQUENCE = "01010000-5", "10000"
_MARK: Final = re.compile(r"7\d{6}(?!\d)")
_NUMBER: Final = re.compile(r"[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Holed:
    """A text with holes. pieces: what stands around them, one more than holes. holes: what goes
    in. starts, ends: where the holes are in the text that the mould was made of.
    """

    pieces: tuple[str, ...]
    holes: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with the values in its holes."""
        found = [self.pieces[0]]
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            found += (values[hole], piece)
        return "".join(found)

    def moved(self, values: Mapping[str, str]) -> Callable[[int], int]:
        """Where a place of the mould's text is once it is filled."""
        longer = (
            len(values[hole]) - (end - start)
            for hole, start, end in zip(self.holes, self.starts, self.ends, strict=True)
        )
        by = list(accumulate(longer, initial=0))
        return lambda at: at + by[bisect_right(self.ends, at)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mould:
    """What reports of one form and year have in common. reading: without bulk. fields, tables: as
    they are stored. statements: their columns, one after the other. numbered: of each statement
    the hole of its number; None where it has none.
    """

    form: str
    year: int
    reading: Reading
    packed: PackedReading
    title: Holed
    text: Holed
    fields: Holed
    tables: Holed
    statements: Sequence[Sequence[str | int]]
    numbered: Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A report to be made. own: what its words are drawn from; another report's are copied. change:
    how often it was changed after publishing.
    """

    form: str
    year: int
    agency: str
    place: str
    site_code: str
    sequence: int
    published_on: date
    own: str
    change: int = 0


def made(wanted: Wanted) -> tuple[Reading, PackedReading]:
    """A reading without its bulk, and the bulk as it is stored."""
    mould = mould_of(wanted.form, wanted.year)
    values = _values(mould, wanted)
    title, text = mould.title.filled(values), mould.text.filled(values)
    body = packed_body(text, mould.tables.filled(values).encode())
    packed = replace(
        mould.packed,
        body_hash=body.hash,
        text=text,
        tables=body.tables,
        fields=mould.fields.filled(values),
        figures=_figures(mould, values),
        statements=_statements(mould, values),
        terms=" ".join(grams_of(title, text)),
    )
    hashed = content_hash(title, text.split("\n"))
    return replace(mould.reading, title=title, content_hash=hashed), packed


@cache
def mould_of(form: str, year: int) -> Mould:
    """The mould of a form (or "summary": prose that follows none) and a year."""
    place = places()[_PORTAL]
    row = {"who": _WHO, "year": year, "form": form, "style": "table"}
    plain = report(place, 0, row, SEED)
    marks = tuple(str(_FIRST_MARK + at) for at in range(len(plain.printed)))
    marked = replace(plain, printed=marks)
    known, found = _read(plain), _read(marked)
    packed = pack_reading(found)
    text, fixed = packed.text, _fixed(plain)
    spans = _statement_numbers(found, text)
    tables = tables_as_json(found.tables).decode() if found.tables else ""
    return Mould(
        form=form,
        year=year,
        reading=without_bulk(known),
        # Checks of true numbers: those of marks would not hold.
        packed=replace(pack_reading(known), cells=packed.cells, figures=packed.figures),
        title=_holed(found.title or "", fixed),
        text=_holed(text, fixed, spans),
        fields=_holed(packed.fields, fixed | {_ORGANISATION: "code", _SEQUENCE: "sequence"}),
        tables=_holed(tables, fixed),
        statements=json.loads(packed.statements),
        numbered=_numbered(found, text, spans),
    )


def _read(known: DemoReport) -> Reading:
    catalogue = Catalogue(place=places()[_PORTAL], count=1, at=lambda _: known)
    answer = Site({_PORTAL: catalogue}, per_list=20).answer(Request(target=known.url))
    return read(Source(url=f"http://127.0.0.1{known.url}", body=answer.body))


def _fixed(known: DemoReport) -> dict[str, str]:
    """What the mould's report says that others say otherwise, with the name of its hole."""
    day, place = known.published_on, places()[_PORTAL]
    return {
        known.agency: "agency",
        place.county: "place",
        place.site_code: "site",
        f"{day.year}年{day.month}月{day.day}日": "day",
        day.isoformat(): "iso",
        **{words: f"own{at}" for at, words in enumerate(known.own_words)},
    }


def _statement_numbers(found: Reading, text: str) -> dict[tuple[int, int], str]:
    """Where the text states a number that no table has; the name of its hole."""
    spans: dict[tuple[int, int], str] = {}
    for start, end in _places(found, text):
        number = _NUMBER.match(text, start, end)
        if number and not _MARK.match(text, start):
            spans.setdefault(number.span(), f"n{len(spans)}")
    return spans


def _places(found: Reading, text: str) -> list[tuple[int, int]]:
    """Where in the text each statement's number is printed."""
    lines = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    starts = [lines[each.line - 1] + each.start + each.at for each in found.statements]
    return [(at, at + len(each.printed)) for at, each in zip(starts, found.statements, strict=True)]


def _numbered(found: Reading, text: str, spans: Mapping[tuple[int, int], str]) -> list[str | None]:
    by_start = {start: hole for (start, _), hole in spans.items()}
    return [
        by_start.get(start) or (mark[0] if (mark := _MARK.match(text, start)) else None)
        for start, _ in _places(found, text)
    ]


def _holed(
    text: str, fixed: Mapping[str, str], spans: Mapping[tuple[int, int], str] | None = None
) -> Holed:
    longest = sorted(fixed, key=len, reverse=True)
    pattern = re.compile("|".join((*map(re.escape, longest), _MARK.pattern)))
    found = {each.span(): fixed.get(each[0], each[0]) for each in pattern.finditer(text)}
    found |= spans or {}
    places = sorted(found)
    edges = [0, *(edge for place in places for edge in place), len(text)]
    return Holed(
        pieces=tuple(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)),
        holes=tuple(found[place] for place in places),
        starts=tuple(start for start, _ in places),
        ends=tuple(end for _, end in places),
    )


def _values(mould: Mould, wanted: Wanted) -> dict[str, str]:
    """What goes into the holes."""
    office = f"{SEED}/{wanted.site_code}/{wanted.agency}"
    random = Random(f"{office}/{wanted.year}")  # noqa: S311 - invented figures, no secrets
    day = wanted.published_on
    values = {
        "agency": wanted.agency,
        "place": wanted.place,
        "site": wanted.site_code,
        "day": f"{day.year}年{day.month}月{day.day}日",
        "iso": day.isoformat(),
        "code": f"{wanted.site_code[:8]}-{wanted.sequence % 10}",
        "sequence": str(10_000 + wanted.sequence),
        **{f"own{at}": each for at, each in enumerate(_own_words(mould, wanted.own))},
    }
    drawn = figures(wanted.form, random, OfficeYear(office=office, year=wanted.year))
    for at, hole in enumerate(hole_list(wanted.form)):
        value = drawn[hole.indicator, hole.applicant]
        if wanted.change and hole.indicator.endswith((".valid", ".disclosed_total")):
            value += wanted.change
        values[str(_FIRST_MARK + at)] = f"{value:{hole.spelling}}" if value else "0"
    for name in mould.numbered:
        if name is not None and name not in values:
            values[name] = str(random.randint(11, 99_998) + wanted.change)
    return values


def _own_words(mould: Mould, own: str) -> tuple[str, ...]:
    place = places()[_PORTAL]
    # Of no form: only its words are taken, and no figures are drawn.
    row = {"who": _WHO, "year": mould.year, "form": "f08", "style": "none"}
    return report(replace(place, key=own), 0, row, SEED).own_words


def _figures(mould: Mould, values: Mapping[str, str]) -> str:
    if mould.packed.figures == "[]":
        return "[]"
    marks, states, _ = json.loads(mould.packed.figures)
    printed = [values.get(mark, mark) for mark in marks]
    # Of a growth with its sign (+12) the value has none.
    signed = [each if each.startswith("+") else None for each in printed]
    return as_json([[each.removeprefix("+") for each in printed], states, signed])


def _statements(mould: Mould, values: Mapping[str, str]) -> str:
    if not mould.statements:
        return "[]"
    moved = mould.text.moved(values)
    concepts, units, periods, known, states, lines, *places = mould.statements
    numbers = [
        value if hole is None else values[hole]
        for value, hole in zip(known, mould.numbered, strict=True)
    ]
    spans = [
        (moved(int(at)), moved(int(at) + int(length)) - moved(int(at)))
        for ats, lengths in (places[:2], places[2:])
        for at, length in zip(ats, lengths, strict=True)
    ]
    half = len(numbers)
    sentences, prints = zip(*spans[:half], strict=True), zip(*spans[half:], strict=True)
    return as_json([concepts, units, periods, numbers, states, lines, *sentences, *prints])
