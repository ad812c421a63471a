"""The finer parts of one stored version, as the model's records again."""

from sqlalchemy import Connection, select

from archive.model.reading import Table
from archive.store.rows import VersionParts
from archive.store.schema import body, version
from archive.store.write.stored_reading import (
    version_fields,
    version_figures,
    version_findings,
    year_findings,
)
from archive.store.write.texts import unpack_tables


def version_parts(connection: Connection, version_id: int) -> VersionParts:
    """Fields, tables, figures and findings of a version, each in its order on the page (doubts
    between it and the year before at the end); all empty when there is no such version.
    DamageError when the stored tables are damaged.
    """
    fields, identity = version_fields(connection, version_id)
    return VersionParts(
        fields=fields,
        identity=identity,
        tables=_tables(connection, version_id),
        figures=version_figures(connection, version_id),
        findings=(
            *version_findings(connection, version_id),
            *year_findings(connection, version_id),
        ),
    )


def _tables(connection: Connection, version_id: int) -> tuple[Table, ...]:
    row = connection.execute(
        select(body.c.codec, body.c.tables)
        .join(version, version.c.body_hash == body.c.hash)
        .where(version.c.id == version_id)
    ).first()
    return unpack_tables(row.codec, row.tables) if row else ()
