"""What was read from pictures comes along when archives are joined: with its version, and which
captures show it behind all pages, because those belong to pages of their own.
"""

from typing import Final

from sqlalchemy import Connection, RowMapping, exists, select

from archive.store.dialects import insert_into
from archive.store.merged_rows import Ids, insert_missing, insert_values
from archive.store.schema import (
    capture,
    optical_document,
    optical_figure,
    optical_picture,
    optical_reading,
    page,
)

_AT_ONCE: Final = 100


def read_from_pictures(other: Connection, versions: Ids) -> Ids:
    """Of some versions those that were read with their pictures; versions: ids there and here."""
    found = other.scalars(
        select(optical_reading.c.version_id).where(optical_reading.c.version_id.in_(versions))
    )
    return {each: versions[each] for each in found}


def take_pictures(connection: Connection, other: Connection, versions: Ids) -> None:
    """Takes what was seen on the pictures of versions that come, and how each figure stands."""
    for there, here in versions.items():
        found = other.execute(
            select(optical_reading, optical_document)
            .join(optical_document, optical_document.c.id == optical_reading.c.document_id)
            .where(optical_reading.c.version_id == there)
        )
        row = found.mappings().one()
        reading = {
            "version_id": here,
            "document_id": _document(connection, row),
            "captured_hash": row["captured_hash"],
            "missing": row["missing"],
        }
        insert_values(connection, optical_reading, [reading])
        figures = other.execute(
            select(optical_figure).where(optical_figure.c.version_id == there)
        ).mappings()
        insert_values(connection, optical_figure, [{**r, "version_id": here} for r in figures])


def take_captures(connection: Connection, other: Connection, versions: Ids) -> None:
    """Takes which captures show the pictures of versions that came, where that is not known yet."""
    shown = exists().where(optical_picture.c.version_id == optical_reading.c.version_id)
    for there, here in versions.items():
        lacks = select(optical_reading).where(optical_reading.c.version_id == here, ~shown)
        if connection.execute(lacks).first() is not None:
            _take_captures(connection, other, there, here)


def take_documents(connection: Connection, other: Connection) -> None:
    """Takes all that engines saw: it may be of pictures that versions here wait to be read with."""
    columns = [each for each in optical_document.c if each.name != "id"]
    rows = other.execute(select(*columns), execution_options={"yield_per": _AT_ONCE})
    for some in rows.mappings().partitions():
        insert_missing(connection, optical_document, some)


def _document(connection: Connection, row: RowMapping) -> int:
    values = {name: row[name] for name in ("pictures", "engine", "made_at", "packed")}
    statement = insert_into(connection, optical_document).values(values)
    connection.execute(statement.on_conflict_do_nothing())
    own = [optical_document.c[name] == row[name] for name in ("pictures", "engine")]
    return int(connection.scalar(select(optical_document.c.id).where(*own)) or 0)


def _take_captures(connection: Connection, other: Connection, there: int, here: int) -> None:
    rows = other.execute(
        select(optical_picture.c.source, capture.c.record_id, page.c.key)
        .join(capture, capture.c.id == optical_picture.c.capture_id)
        .join(page, page.c.id == capture.c.page_id)
        .where(optical_picture.c.version_id == there)
    ).all()
    for row in rows:
        mine = (page.c.key == row.key, capture.c.record_id == row.record_id)
        found = connection.scalar(
            select(capture.c.id).join(page, page.c.id == capture.c.page_id).where(*mine)
        )
        if found is not None:
            values = {"version_id": here, "source": row.source, "capture_id": found}
            insert_values(connection, optical_picture, [values])
