"""The table of what was withdrawn from public view: a log, no row of which is ever deleted."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Instant, Prose

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    # Number of the version; NULL for the page with all its versions and captures.
    Column("version", Integer),
    Column("reason", Prose, nullable=False),
    Column("withdrawn_by", Prose, nullable=False),
    Column("withdrawn_at", Instant, nullable=False),
    # Set when it came back; NULL while it is withdrawn.
    Column("restored_by", Prose),
    Column("restored_at", Instant),
    Column("restored_reason", Prose),
)
Index("ix_withdrawal_page", withdrawal.c.page_id)
