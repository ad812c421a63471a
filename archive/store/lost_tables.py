"""The tables of what is known to be lost: captures whose records cannot be read any more, and the
places of WARC files where damage was found.
"""

from sqlalchemy import Column, ForeignKey, Table, Text

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Instant, Prose

lost_capture = Table(
    "lost_capture",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True, autoincrement=False),
    Column("found_at", Instant, nullable=False),
    Column("reason", Prose, nullable=False),
    # The capture that has the same content; NULL: none has.
    Column("replaced_by", ForeignKey("capture.id")),
)

known_damage = Table(
    "known_damage",
    metadata,
    Column("file", Text, primary_key=True),
    Column("warc_offset", Id, primary_key=True, autoincrement=False),
    Column("found_at", Instant, nullable=False),
    Column("message", Prose, nullable=False),
)
