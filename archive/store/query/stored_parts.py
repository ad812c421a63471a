"""The finer parts of one stored version, as the model's records again."""

from sqlalchemy import Connection, select

from archive.store.query.optical import optical_figures
from archive.store.rows import VersionParts
from archive.store.schema import body, version
from archive.store.write.stored_reading import (
    version_fields,
    version_figures,
    version_findings,
    version_statements,
    year_findings,
)
from archive.store.write.texts import unpack_tables


def version_parts(connection: Connection, version_id: int) -> VersionParts:
    """Fields, tables, figures, statements and findings of a version, each in its order on the page
    (doubts between it and the year before at the end); all empty when there is no such version.
    DamageError when the stored tables are damaged.
    """
    fields, identity = version_fields(connection, version_id)
    row = connection.execute(
        select(body.c.text, body.c.codec, body.c.tables)
        .join(version, version.c.body_hash == body.c.hash)
        .where(version.c.id == version_id)
    ).first()
    return VersionParts(
        fields=fields,
        identity=identity,
        tables=unpack_tables(row.codec, row.tables) if row else (),
        figures=version_figures(connection, version_id),
        statements=version_statements(connection, version_id, row.text) if row else (),
        findings=(
            *version_findings(connection, version_id),
            *year_findings(connection, version_id),
        ),
        seen=optical_figures(connection, version_id),
    )
