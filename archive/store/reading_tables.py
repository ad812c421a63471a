"""The tables of what was understood: versions and their parts."""

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from archive.store.crawl_tables import metadata
from archive.store.types import Exact, Id, Instant, Key, Prose

body = Table(
    "body",
    metadata,
    # Hex SHA-256 over text and tables: a body is stored once, however many pages share it.
    Column("hash", Text, primary_key=True),
    # One paragraph or table row a line, cells separated by a tab; plain, so that the views
    # can show it in any SQL tool on both engines.
    Column("text", Prose, nullable=False),
    # Tables as JSON packed with `codec`; None when the body has none.
    Column("codec", Text, nullable=False),
    Column("tables", LargeBinary),
)

# Who publishes the reports (archive.model.reading.PublicBody); "body" is the text of a page.
public_body = Table(
    "public_body",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Prose, nullable=False),
    # Code of its place; empty when not known: NULL would let one body stand twice.
    Column("division", Text, nullable=False),
    Column("kind", Text, nullable=False),
    UniqueConstraint("name", "division"),
)
Index("ix_public_body_division", public_body.c.division)

version = Table(
    "version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("body_hash", ForeignKey("body.hash"), nullable=False),
    Column("capture_id", ForeignKey("capture.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("supersedes", ForeignKey("version.id")),
    Column("title", Prose),
    Column("kind", Text, nullable=False),
    Column("report_year", Integer),
    # When it was published, as printed, or else written; "" where neither is printed, which comes
    # last in every order.
    Column("day", Text, nullable=False, server_default=""),
    # Who publishes the report; None for other pages, and when it names nobody.
    Column("public_body_id", ForeignKey("public_body.id")),
    Column("official", Boolean, nullable=False),
    Column("reader_version", Text, nullable=False),
    Column("family", Prose),
    Column("charset_declared", Prose),
    Column("charset_used", Text),
    UniqueConstraint("page_id", "number"),
)
Index("ix_version_day", version.c.day, version.c.id)
Index("ix_version_year", version.c.report_year, version.c.day, version.c.id)
# The few pages that are neither reports nor lists; a query names them so to be led here.
IS_OTHER = literal_column("kind IN ('article', 'attachment', 'other')", Boolean)
Index("ix_version_other", version.c.kind, sqlite_where=IS_OTHER)
Index("ix_version_public_body", version.c.public_body_id, version.c.report_year)
Index("ix_version_body", version.c.body_hash)

# A version as an earlier reader understood it, whole (archive.store.write.earlier_readings).
earlier_reading = Table(
    "earlier_reading",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("reader_version", Text, primary_key=True),
    Column("reread_at", Instant, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# Names and origins of fields: nearly the same on all pages.
field_word = Table(
    "field_word",
    metadata,
    Column("id", Id, primary_key=True),
    # Of the word (archive.store.write.shared_rows): a label may be too long for an index.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("word", Prose, nullable=False),
)
# Names that queries and indexes ask for, with their ids in every archive: the migration made them
# first.
FIELD_IDS = {
    name: number
    for number, name in enumerate(
        ("agency", "published_on", "written_on", "index_number", "document_number", "category",
         "listed_title"), 1,
    )
}  # fmt: skip

# The labelled values of a page.
field = Table(
    "field",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name_id", ForeignKey("field_word.id"), nullable=False),
    Column("origin_id", ForeignKey("field_word.id"), nullable=False),
    Column("value", Prose),
    # None where it is the value.
    Column("printed", Prose),
    # True on the one row that counts for its name: the first with a value, else the first.
    Column("chosen", Boolean, nullable=False),
    sqlite_with_rowid=False,
)


def named(name: str, table: FromClause = field) -> ColumnElement[bool]:
    """SQL: a field is that of FIELD_IDS. Spelled out: an index of one name alone does not serve a
    name that comes as a parameter.
    """
    return table.c.name_id == literal_column(str(FIELD_IDS[name]))


# Nothing else asks for fields by their values: agencies by name.
Index(
    "ix_field_agency",
    field.c.name_id,
    field.c.value,
    sqlite_where=literal_column(f"name_id = {FIELD_IDS['agency']}", Boolean),
)

# Marks of a site, all that a page shows: nearly the same on all of its pages.
site_marks = Table(
    "site_marks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    # JSON: names, values, prints and origins, each an array.
    Column("marks", Text, nullable=False),
)
version_marks = Table(
    "version_marks",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("marks_id", ForeignKey("site_marks.id"), nullable=False),
)

# What a figure counts and where it stands: nearly the same for all reports of a form.
cell = Table(
    "cell",
    metadata,
    Column("id", Id, primary_key=True),
    # Of all below (archive.store.write.figures.digest_of): a label may be too long for an index.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("form", Text, nullable=False),
    Column("indicator", Text),
    Column("label", Prose, nullable=False),
    Column("applicant", Text),
    Column("unit", Prose),
    # "table 2 row 5 column 3"; `where` is a keyword of SQL.
    Column("place", Text, nullable=False),
)
Index("ix_cell_indicator", cell.c.indicator)

# Which cells a version prints, in their order: nearly the same for all reports of a form. The way
# from a version to its figures.
layout = Table(
    "layout",
    metadata,
    Column("id", Id, primary_key=True),
    # Of the cells as archive.model.packed.PackedReading has them.
    Column("digest", LargeBinary, nullable=False, unique=True),
)
layout_cell = Table(
    "layout_cell",
    metadata,
    Column("layout_id", ForeignKey("layout.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("cell_id", ForeignKey("cell.id"), nullable=False),
    sqlite_with_rowid=False,
)
# Versions without figures have none.
version_layout = Table(
    "version_layout",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("layout_id", ForeignKey("layout.id"), nullable=False),
)

# All values of one cell lie together, in the order of versions; from versions
# archive.store.dialects.figures_by_version leads here.
figure = Table(
    "figure",
    metadata,
    Column("version_id", ForeignKey("version.id")),
    # Among the version's figures; a version may print a cell twice.
    Column("position", Integer),
    Column("cell_id", ForeignKey("cell.id")),
    Column("value", Exact),
    # Place in archive.model.packed.STORED_STATES.
    Column("state", SmallInteger, nullable=False),
    # None where value and state tell it (archive.model.packed.usual_print).
    Column("printed", Prose),
    PrimaryKeyConstraint("cell_id", "version_id", "position"),
    sqlite_with_rowid=False,
)
# PostgreSQL goes from versions straight to their figures: the planner would meet figures with the
# cells of all layouts first.
Index("ix_figure_version", figure.c.version_id).ddl_if(dialect="postgresql")

# What a statement counts: concept, unit as printed ("" for none: NULL would let one stand twice),
# period (archive.model.reading.Period).
statement_kind = Table(
    "statement_kind",
    metadata,
    Column("id", Id, primary_key=True),
    Column("concept", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("period", Text, nullable=False),
    UniqueConstraint("concept", "unit", "period"),
)

statement = Table(
    "statement",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind_id", ForeignKey("statement_kind.id"), nullable=False),
    Column("value", Exact, nullable=False),
    # Place in archive.model.packed.STORED_STATES.
    Column("state", SmallInteger, nullable=False),
    Column("line", Integer, nullable=False),
    # Places in the body's text, from 0: it is not stored twice.
    Column("sentence_at", Integer, nullable=False),
    Column("sentence_length", Integer, nullable=False),
    Column("printed_at", Integer, nullable=False),
    Column("printed_length", Integer, nullable=False),
    sqlite_with_rowid=False,
)
# All values of one concept: its kinds, then their statements.
Index("ix_statement_kind", statement.c.kind_id, statement.c.version_id)

# Checks: what holds is packed (archive.store.write.packed.split_checks), one row a version.
held_checks = Table(
    "held_checks",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    Column("packed", LargeBinary, nullable=False),
)

_CHECKED = {"rule": Text, "scope": Prose, "state": Text, "message": Prose, "evidence": Prose}
check_result = Table(
    "check_result",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *(Column(name, kind, nullable=False) for name, kind in _CHECKED.items()),
    sqlite_with_rowid=False,
)

# Two versions whose years the rules R5 to R7 have compared, with what holds between them, packed.
year_pair = Table(
    "year_pair",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("earlier_id", ForeignKey("version.id"), primary_key=True),
    Column("held", LargeBinary),
)
Index("ix_year_pair_earlier", year_pair.c.earlier_id)

year_check = Table(
    "year_check",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("earlier_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *(Column(name, kind, nullable=False) for name, kind in _CHECKED.items()),
    sqlite_with_rowid=False,
)
Index("ix_year_check_earlier", year_check.c.earlier_id)

finding = Table(
    "finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    # None for a doubt about a capture that made no version (a block page, a soft 404).
    Column("version_id", ForeignKey("version.id")),
    Column("capture_id", ForeignKey("capture.id")),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Prose, nullable=False),
    Column("evidence", Prose, nullable=False),
)
Index("ix_finding_version", finding.c.version_id)
Index("ix_finding_page", finding.c.page_id)
# Versions whose text is in pictures; a query names the rule so to be led here.
IS_OF_PICTURES = literal_column("rule = 'image_only'", Boolean)
Index("ix_finding_pictures", finding.c.version_id, sqlite_where=IS_OF_PICTURES)

link = Table(
    "link",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("from_page_id", ForeignKey("page.id"), nullable=False),
    # None when the URL was never put on the frontier.
    Column("to_page_id", ForeignKey("page.id")),
    Column("url", Key, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("printed_date", Prose),
    sqlite_with_rowid=False,
)
Index("ix_link_to", link.c.to_page_id)

field_event = Table(
    "field_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    Column("version_id", ForeignKey("version.id"), nullable=False),
    Column("capture_id", ForeignKey("capture.id")),
    Column("at", Instant, nullable=False),
    Column("name", Prose, nullable=False),
    Column("old_value", Prose),
    Column("old_printed", Prose),
    Column("new_value", Prose),
    Column("new_printed", Prose),
)
Index("ix_field_event_page", field_event.c.page_id)
