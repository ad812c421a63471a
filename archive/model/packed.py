"""A reading's bulk in the form in which it is stored."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from archive.model.reading import CellState

# A state is stored as its place in this row: new ones are added at the end.
STORED_STATES: Final = (
    CellState.GIVEN,
    CellState.BLANK,
    CellState.PLACEHOLDER,
    CellState.STATED_NONE,
)
# What most cells without a number print; it is not stored.
USUAL_PRINTS: Final = {
    CellState.BLANK: "",
    CellState.PLACEHOLDER: "/",
    CellState.STATED_NONE: "无",
}

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedReading:
    """What the reading process makes ready, so that the one writing thread only hands it on: rows
    that were objects in between cost it more than everything else of a page (measured: 14 of 25
    ms a report with 200 figures).

    body_hash, text, codec, tables: the body's row; tables is None when the page has none.
    fields: a JSON array with one array for each column of the fields' rows, names and origins
        first, as archive.store.write.packed orders them; "[]" when there is none.
    marks: a JSON array with the marks of the site, packed as the fields; "" when there is none.
    cells: a JSON array with one array a figure: what it counts and where it stands, columns as
        archive.store.write.packed orders them. Reports of one form have the same.
    figures: a JSON array of three: the figures' values, stored states and stored prints, each one
        array; "[]" when there is no figure.
    statements: a JSON array of ten, each one array with a value for each statement, as
        archive.store.write.packed orders them: their words are places in the text; "[]" when there
        is no statement.
    checks: a JSON array with one array for each check that does not hold: its place among all, and
        columns as archive.store.write.packed orders them.
    held: those that hold, packed; None when none does.
    terms: index terms of title and text, separated by blanks; None lets the index find them.
    """

    body_hash: str
    text: str
    codec: str
    tables: bytes | None
    fields: str
    marks: str
    cells: str
    figures: str
    statements: str
    checks: str
    held: bytes | None
    terms: str | None


def stored_print(printed: str, value: str | None, state: CellState) -> str | None:
    """What is stored of a figure's print: None where value and state tell it. A zero with a sign is
    written out, because PostgreSQL keeps no sign of it.
    """
    signed_zero = printed.startswith("-") and not printed.strip("-0.")
    return None if printed == usual_print(value, state) and not signed_zero else printed


def usual_print(value: str | None, state: CellState) -> str | None:
    """What most figures of that value and state print; None where a given one has no value."""
    return value if state is CellState.GIVEN else USUAL_PRINTS[state]


def storable(text: str) -> str:
    """The text that both engines can hold: NUL and lone surrogates become U+FFFD."""
    if "\0" not in text:
        if text.isascii():
            return text
        with suppress(UnicodeEncodeError):  # raised by surrogates; much faster than a search
            text.encode()
            return text
    return _UNSTORABLE.sub("\ufffd", text)
