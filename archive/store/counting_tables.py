"""The tables of what is counted: which report speaks for a body and year, and the codebook as data.

All of it is derived: from the versions by archive.work.ingest.current_reports, from the data files
of archive.codebook when a ledger is opened.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Key

# The one version that speaks for a body and year, of all copies and files of its report.
current_report = Table(
    "current_report",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("public_body_id", ForeignKey("public_body.id"), nullable=False),
    Column("report_year", Integer, nullable=False),
    UniqueConstraint("public_body_id", "report_year"),
)

# For which body reports are counted where it is not the one that they name.
counted_for = Table(
    "counted_for",
    metadata,
    Column("portal_key", Key, primary_key=True),
    # The body that they name; 0 where they name none: NULL can be no key.
    Column("named_id", Id, primary_key=True, autoincrement=False),
    Column("public_body_id", ForeignKey("public_body.id"), nullable=False),
)

# Figures of current reports whose indicator and applicant stand in the same report before.
repeated_figure = Table(
    "repeated_figure",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

# Statements of current reports that count: the one of its concept, where no table counts it.
counted_statement = Table(
    "counted_statement",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

# Which data the tables below were filled from; one row.
codebook = Table("codebook", metadata, Column("digest", Text, primary_key=True))

indicator = Table(
    "indicator",
    metadata,
    Column("indicator", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("form", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text),
    Column("parent", Text),
    Column("optional", Boolean, nullable=False),
    Column("concept", Text),
    Column("has_applicants", Boolean, nullable=False),
    Column("source", Text, nullable=False),
)
Index("ix_indicator_concept", indicator.c.concept)

concept = Table(
    "concept",
    metadata,
    Column("concept", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("source", Text, nullable=False),
)

rule = Table(
    "rule",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, nullable=False),
    Column("forms", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("source", Text, nullable=False),
)

# The latest name of every code of GB/T 2260 (archive.codebook.divisions).
division = Table(
    "division",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("province", Text, nullable=False),
)
