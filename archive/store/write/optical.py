"""Which versions were read with pictures, and how sure each of their figures is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from archive.model.optical import STORED_CERTAINTIES, OpticalReading
from archive.store.dialects import insert_rows
from archive.store.schema import (
    optical_document,
    optical_figure,
    optical_picture,
    optical_reading,
)
from archive.store.types import NamedRow

_READING = ("version_id", "document_id", "captured_hash", "missing")
_FIGURE = (
    "version_id", "position", "certainty", "confidence", "page", "x", "y", "width", "height",
)  # fmt: skip
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalPart:
    """What a reading with pictures has besides. document_id: of what the engine saw. captures: of
    the pictures, in their order. missing: how many pictures have no capture.
    """

    document_id: int
    engine: str
    captures: tuple[int, ...]
    missing: int
    reading: OpticalReading


def write_optical(connection: Connection, written: Mapping[int, OpticalPart]) -> None:
    """Stores what readings with pictures have besides, by version; their figures are stored."""
    rows = (
        (version_id, each.document_id, each.reading.captured_hash, each.missing)
        for version_id, each in written.items()
    )
    insert_rows(connection, optical_reading, _READING, rows)
    pictures = (
        (version_id, source, capture_id)
        for version_id, each in written.items()
        for source, capture_id in enumerate(each.captures)
    )
    names = ("version_id", "source", "capture_id")
    insert_rows(connection, optical_picture, names, pictures)
    figures = (row for own, each in written.items() for row in _figure_rows(own, each.reading))
    insert_rows(connection, optical_figure, _FIGURE, figures)


def _figure_rows(version_id: int, reading: OpticalReading) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for each in reading.figures:
        box, sure = each.place.box, round(each.place.confidence, _DIGITS)
        certainty = STORED_CERTAINTIES.index(each.certainty)
        where = (box.page, box.x, box.y, box.width, box.height)
        rows.append((version_id, each.position, certainty, sure, *where))
    return rows


def engines_of(connection: Connection, version_ids: Collection[int]) -> dict[int, str]:
    """What read the pictures of some versions; those that were read without miss."""
    rows: list[NamedRow] = list(
        connection.execute(
            select(optical_reading.c.version_id, optical_document.c.engine)
            .join(optical_document, optical_document.c.id == optical_reading.c.document_id)
            .where(optical_reading.c.version_id.in_(version_ids))
        )
    )
    return {row.version_id: row.engine for row in rows}
