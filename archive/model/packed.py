"""A reading's bulk in the form in which it is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedReading:
    """What the reading process makes ready, so that the one writing thread only hands it on: rows
    that were objects in between cost it more than everything else of a page (measured: 14 of 25
    ms a report with 200 figures).

    body_hash, text, codec, tables: the body's row; tables is None when the page has none.
    figures, checks: JSON arrays with one array a row, columns as archive.store.write.packed orders
        them.
    terms: index terms of title and text, separated by blanks; None lets the index find them.
    """

    body_hash: str
    text: str
    codec: str
    tables: bytes | None
    figures: str
    checks: str
    terms: str | None
