"""The tables of what was taken in from files of others: the files, and where each capture stood."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Instant, Prose

source = Table(
    "source",
    metadata,
    Column("id", Id, primary_key=True),
    # Hex SHA-256 of the file: a file taken in twice, under whatever name, is one source.
    Column("sha256", Text, nullable=False, unique=True),
    Column("name", Prose, nullable=False),
    # warc, arc or wacz (archive.warc.foreign.format_of).
    Column("format", Text, nullable=False),
    Column("size_bytes", Id, nullable=False),
    # Name of the archive's own copy under imports/; None where the file stays where it lies.
    Column("copy", Prose),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("taken_in_at", Instant, nullable=False),
)

capture_source = Table(
    "capture_source",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True, autoincrement=False),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    # The file inside a WACZ; empty for a file by itself.
    Column("part", Prose, nullable=False),
    Column("source_offset", Id, nullable=False),
    # As the record there spells them: revisits of later files refer to them.
    Column("record_id", Prose),
    Column("payload_digest", Prose),
    # How the capture ended; None while it waits to be read.
    Column("outcome", Text),
    Column("reason", Prose),
)
Index("ix_capture_source_record", capture_source.c.record_id)
Index("ix_capture_source_digest", capture_source.c.payload_digest)
Index("ix_capture_source_outcome", capture_source.c.outcome)
