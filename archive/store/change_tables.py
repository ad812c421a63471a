"""The tables of what changed on pages from version to version. They follow from versions, field
events and outcomes, and are filled behind each run (archive.work.ingest.changes).
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Instant, Prose

# Two versions of a page, one behind the other in time, that were compared.
version_pair = Table(
    "version_pair",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("earlier_id", ForeignKey("version.id"), nullable=False),
)
Index("ix_version_pair_earlier", version_pair.c.earlier_id)

page_change = Table(
    "page_change",
    metadata,
    Column("id", Id, primary_key=True),
    # The version that has what is new; of a page that went or came back the one it had then.
    Column("version_id", ForeignKey("version.id"), nullable=False),
    # When it was captured, or when the visit ended.
    Column("at", Instant, nullable=False),
    # figure, title, text or field; gone or back.
    Column("what", Text, nullable=False),
    # What a figure counts; a field's name; a text's lines.
    Column("cell_id", ForeignKey("cell.id")),
    Column("name", Prose),
    Column("removed", Integer),
    Column("added", Integer),
    # NULL: it was (or is now) absent.
    Column("old_value", Prose),
    Column("new_value", Prose),
    # A field that changed while the content stayed: its values stand there.
    Column("event_id", ForeignKey("field_event.id")),
    # The run that found the page gone or back.
    Column("run_id", ForeignKey("run.id")),
)
# Newest first, page by page.
Index("ix_page_change_at", page_change.c.at, page_change.c.id)
Index("ix_page_change_what", page_change.c.what, page_change.c.at, page_change.c.id)
Index("ix_page_change_version", page_change.c.version_id)
Index("ix_page_change_cell", page_change.c.cell_id)
