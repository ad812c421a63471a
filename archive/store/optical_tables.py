"""What was read from pictures: what the model saw, which versions were read with it, and where each
of their figures stands. Versions that were read from text have no row here.
"""

from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    exists,
    func,
    or_,
    select,
)

from archive.store.crawl_tables import metadata
from archive.store.reading_tables import IS_OF_PICTURES, finding, version
from archive.store.types import Id, Instant

# What one engine saw on some pictures (archive.model.optical), kept once: it costs seconds a page.
optical_document = Table(
    "optical_document",
    metadata,
    Column("id", Id, primary_key=True),
    # Hex SHA-256 over the digests of the captures, in their order.
    Column("pictures", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    # archive.store.write.optical_documents
    Column("packed", LargeBinary, nullable=False),
    UniqueConstraint("pictures", "engine"),
)

# A version whose reading, as it is stored now, was made with such a document.
optical_reading = Table(
    "optical_reading",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("document_id", ForeignKey("optical_document.id"), nullable=False),
    # The version's content hash without the pictures: what the next capture is compared with.
    Column("captured_hash", Text, nullable=False),
    # How many of its pictures no capture was found of.
    Column("missing", Integer, nullable=False),
)

# The captures of its pictures, in their order; of a file the version's own.
optical_picture = Table(
    "optical_picture",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("source", Integer, primary_key=True),
    Column("capture_id", ForeignKey("capture.id"), nullable=False),
    sqlite_with_rowid=False,
)

# Beside a row of `figure`: how sure the number is, and where it stands (ten-thousandths of the
# page's width and height).
optical_figure = Table(
    "optical_figure",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # Place in archive.model.optical.STORED_CERTAINTIES.
    Column("certainty", SmallInteger, nullable=False),
    Column("confidence", Float, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("page", "x", "y", "width", "height")),
    sqlite_with_rowid=False,
)


_plain = optical_reading.alias("plain")


def is_of_pictures() -> ColumnElement[bool]:
    """Whether the text of a version is in pictures, read or not, for queries of `version`."""
    return or_(
        exists().where(optical_reading.c.version_id == version.c.id),
        exists().where(IS_OF_PICTURES, finding.c.version_id == version.c.id),
    )


def captured_hash() -> ColumnElement[str]:
    """The content hash of a version without what was read from pictures, for queries of `version`:
    captures are compared by what they hold, however well it is read.
    """
    plain = select(_plain.c.captured_hash).where(_plain.c.version_id == version.c.id)
    return func.coalesce(plain.correlate(version).scalar_subquery(), version.c.content_hash)
