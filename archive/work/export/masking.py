"""Personal numbers in exports: masked on request, and a list of where they stand."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.model.personal_data import PersonalKind, masked, personal_numbers
from archive.store import Store
from archive.store.query.questions import stream_view
from archive.work.export.writers import Heading, Row, Shape, Value

WORDS: Final = frozenset(
    "title agency index_number document_number category text attachments fields message evidence"
    " printed label reason sentence old new".split()
)
"""Columns with what pages print: words, and what was taken out of them; no URLs, keys, digests."""

_TEXTS: Final = ("url", "version", "title", "text")
_FIELDS: Final = ("url", "version", "fields")
_MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPlace:
    """Where a personal number stands. place: title, line N of the text, or field NAME; shown: the
    number with its middle masked.
    """

    url: str
    version: int
    kind: PersonalKind
    place: str
    shown: str


def masked_row(row: Row, headings: Sequence[Heading], hidden: Counter[PersonalKind]) -> list[Value]:
    """A row with stars for personal numbers in its words; `hidden` counts them."""
    return [
        _masked(value, hidden, _MAX_DEPTH)
        if heading.name in WORDS and heading.shape in (Shape.TEXT, Shape.JSON)
        else value
        for value, heading in zip(row, headings, strict=True)
    ]


def _masked(value: Any, hidden: Counter[PersonalKind], depth: int) -> Any:
    """A text, or the texts in a value of JSON."""
    if isinstance(value, str):
        text, found = masked(value)
        hidden.update(each.kind for each in found)
        return text
    if depth and isinstance(value, dict):
        return {key: _masked(each, hidden, depth - 1) for key, each in value.items()}
    if depth and isinstance(value, list):
        return [_masked(each, hidden, depth - 1) for each in value]
    return value


def personal_places(store: Store) -> Iterator[PersonalPlace]:
    """Where personal numbers stand: in title and text of every version, and in the fields of each
    page's latest. Nothing of it is stored.
    """
    with store.read() as connection:
        for url, version, title, text in stream_view(connection, "versions", _TEXTS):
            yield from _in_text(str(url), _number(version), "title", str(title or ""))
            for number, line in enumerate(str(text).split("\n"), 1):
                yield from _in_text(str(url), _number(version), f"line {number}", line)
        for url, version, fields in stream_view(connection, "documents", _FIELDS):
            known: dict[str, Any] = json.loads(fields) if isinstance(fields, str) else fields  # type: ignore[assignment]  # what the view makes
            for name, field in known.items():
                printed = str(field.get("printed") or "")
                yield from _in_text(str(url), _number(version), f"field {name}", printed)


def _number(version: object) -> int:
    return int(str(version))


def _in_text(url: str, version: int, place: str, text: str) -> Iterator[PersonalPlace]:
    for found in personal_numbers(text):
        number = text[found.start : found.end]
        shown = f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"
        yield PersonalPlace(url=url, version=version, kind=found.kind, place=place, shown=shown)
