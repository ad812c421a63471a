"""The tables of the ledger. Names are singular; ids are row numbers; times are UTC instants.

Tables whose name begins with `search_` belong to archive.search, which makes them itself.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from archive.store.types import Exact, Id, Instant, Json, Key, Prose

_NAMES = {
    "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
}  # fmt: skip
metadata = MetaData(naming_convention=_NAMES)

# One row, made with the ledger: the id that the archive's WARC folder carries.
archive = Table("archive", metadata, Column("id", Text, primary_key=True))

portal = Table(
    "portal",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("division", Text),
    Column("entries", Json, nullable=False),
    Column("family", Text),
    Column("delay_s", Float),
    Column("concurrency", Integer),
    # How its hosts are to be crawled; archive.model.portal defines each word.
    Column("platform", Text),
    Column("hours", Text),
    Column("max_pages", Integer),
    Column("tls", Text),
    Column("agent", Text),
    # A fall-back that worked where the catalogue names none.
    Column("learned_tls", Text),
    Column("source", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("portals", Json, nullable=False),
    Column("options", Json, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("resumed_at", Instant),
    Column("ended_at", Instant),
    # An interrupted or crashed run may be resumed: it is running again, under the same id.
    Column("status", Text, nullable=False),
    Column("verdict", Text),
    Column("reason", Prose),
    Column("counts", Json),
    # How many URLs were put on the frontier: the next frontier.position.
    Column("scheduled", Integer, nullable=False, default=0),
    Column("recorded_at", Instant),  # until when its rows lie in the WARC files; NULL: not yet
    CheckConstraint("status IN ('running', 'finished', 'interrupted', 'crashed')", name="status"),
)
Index("ix_run_job", run.c.job, run.c.status)

run_portal = Table(
    "run_portal",
    metadata,
    # The verdict on each portal of a run; the run's own stands above.
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("portal_key", ForeignKey("portal.key"), primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("counts", Json, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_run_portal_portal", run_portal.c.portal_key, run_portal.c.run_id)

page = Table(
    "page",
    metadata,
    Column("id", Id, primary_key=True),
    # archive.model.url.key_of(url, method, body): what makes a page one page.
    Column("key", Key, nullable=False, unique=True),
    Column("url", Key, nullable=False),
    Column("method", Text, nullable=False, default="GET"),
    Column("body", Text),
    Column("host", Key, nullable=False),
    Column("portal_key", ForeignKey("portal.key"), nullable=False),
    Column("role", Text, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("kind", Text),
    Column("family", Text),
    Column("first_seen_at", Instant, nullable=False),
    *(Column(name, Instant) for name in ("first_captured_at", "last_captured_at", "next_due_at")),
    Column("versions", Integer, nullable=False, default=0),  # number of the latest; 0: none
    # Latest capture with a body that was good (new, changed, unchanged): what a revisit refers
    # to. No foreign key: page and capture would point at each other.
    Column("body_capture_id", Id),
    # Validators to send next time (a 304 may freshen them, RFC 9111 section 4.3.4).
    *(Column(name, Prose) for name in ("etag", "last_modified")),
)
Index("ix_page_url", page.c.url)
Index("ix_page_portal", page.c.portal_key, page.c.role, page.c.next_due_at)

frontier = Table(
    "frontier",
    metadata,
    # One row a page: a page can never wait twice or stand in two states.
    Column("page_id", ForeignKey("page.id"), primary_key=True, autoincrement=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("host", Key, nullable=False),
    Column("role", Text, nullable=False),
    # 0 entry, 1 list, 2 page, 3 attachment: lists first, they name what else there is.
    Column("rank", SmallInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before_at", Instant),
    Column("reason", Prose),
    Column("hops", Json, nullable=False),
    # The capture that waits to be read; set exactly in state kept.
    Column("capture_id", ForeignKey("capture.id")),
    CheckConstraint("state IN ('pending', 'leased', 'kept')", name="state"),
    CheckConstraint("(state = 'kept') = (capture_id IS NOT NULL)", name="kept"),
)
Index(
    "ix_frontier_turn",
    frontier.c.run_id, frontier.c.state, frontier.c.host, frontier.c.rank, frontier.c.position,
)  # fmt: skip

warc_file = Table(
    "warc_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    # Bytes behind it belong to no committed record and are cut after a crash.
    Column("committed_end", Id, nullable=False),
)

capture = Table(
    "capture",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("status", Integer, nullable=False),  # 0 when not even a status line arrived
    Column("media_type", Prose),
    Column("payload_digest", Text),
    Column("body_digest", Text),
    Column("size_bytes", Id, nullable=False),
    Column("warc_file_id", ForeignKey("warc_file.id"), nullable=False),
    Column("warc_offset", Id, nullable=False),
    Column("warc_length", Id, nullable=False),
    Column("request_file_id", ForeignKey("warc_file.id")),
    *(Column(name, Id) for name in ("request_offset", "request_length")),
    Column("record_id", Text, nullable=False),
    Column("record_type", Text, nullable=False),
    Column("truncated", Text),
    *(Column(name, Prose) for name in ("etag", "last_modified")),
    Column("refers_to", ForeignKey("capture.id")),
    Column("host", Key, nullable=False),
    Column("elapsed_s", Float, nullable=False),
    # Of the reader that looked into it last; None when none did, or when that is not known.
    Column("reader_version", Text),
    UniqueConstraint("warc_file_id", "warc_offset"),
)
Index("ix_capture_page", capture.c.page_id, capture.c.captured_at)
Index("ix_capture_run", capture.c.run_id)

host = Table(
    "host",
    metadata,
    Column("host", Key, primary_key=True),
    Column("last_visit_at", Instant),
    Column("not_before_at", Instant),
    Column("reason", Prose),
    Column("robots_status", Integer),
    Column("robots_text", Prose),
    Column("robots_fetched_at", Instant),
    # How many runs in a row gave the host up, and until when it rests because of that.
    Column("trips", Integer, nullable=False, default=0),
    Column("rests_until", Instant),
    # How many times in a row it sent us away (429, 503), and where its name led.
    Column("refusals", Integer, nullable=False, default=0),
    Column("ip_addresses", Text),
)

outcome = Table(
    "outcome",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("page_id", ForeignKey("page.id"), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("capture_id", ForeignKey("capture.id")),
    Column("attempts", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("role", Text),  # as what it was scheduled; NULL in older archives
    Column("hops", Json),  # the URLs that redirected to it
    sqlite_with_rowid=False,
)
Index("ix_outcome_page", outcome.c.page_id, outcome.c.run_id)
Index("ix_outcome_capture", outcome.c.capture_id)

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
    # Who publishes the report; None for other pages, and when it names nobody.
    Column("public_body_id", ForeignKey("public_body.id")),
    Column("official", Boolean, nullable=False),
    Column("reader_version", Text, nullable=False),
    Column("family", Prose),
    Column("charset_declared", Prose),
    Column("charset_used", Text),
    UniqueConstraint("page_id", "number"),
)
Index("ix_version_year", version.c.report_year)
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

field = Table(
    "field",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # header (labelled values of the page) or identity (marks of the site).
    Column("part", Text, nullable=False),
    Column("name", Prose, nullable=False),
    Column("value", Prose),
    Column("printed", Prose, nullable=False),
    Column("origin", Prose, nullable=False),
    # True on the one row that counts for its name: the first with a value, else the first.
    Column("chosen", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_field_name", field.c.name, field.c.value)

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

figure = Table(
    "figure",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("cell_id", ForeignKey("cell.id"), nullable=False),
    Column("value", Exact),
    # Place in archive.model.packed.STORED_STATES.
    Column("state", SmallInteger, nullable=False),
    # None where value and state tell it (archive.model.packed.usual_print).
    Column("printed", Prose),
    sqlite_with_rowid=False,
)
# All values of one indicator: its cells, then their figures.
Index("ix_figure_cell", figure.c.cell_id, figure.c.version_id)

_CHECKED = {"rule": Text, "scope": Prose, "state": Text, "message": Prose, "evidence": Prose}
check_result = Table(
    "check_result",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *(Column(name, kind, nullable=False) for name, kind in _CHECKED.items()),
    sqlite_with_rowid=False,
)

# Rules between the reports of two years (R5 to R7), computed from both versions as they stand.
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

link = Table(
    "link",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("from_page_id", ForeignKey("page.id"), nullable=False),
    Column("to_page_id", ForeignKey("page.id")),  # NULL: the URL was never on the frontier
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
    *(Column(name, Prose) for name in ("old_value", "old_printed", "new_value", "new_printed")),
)
Index("ix_field_event_page", field_event.c.page_id)
