"""The tables of what was scheduled and captured, and how every URL ended."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from archive.store.types import Id, Instant, Json, Key, Prose

_NAMES = {
    "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
}  # fmt: skip
metadata = MetaData(naming_convention=_NAMES)

# Where the options of a run that came with another archive have that archive and its number there.
MERGED = "merged"
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
    # Until when its rows lie in the WARC files; None: not yet.
    Column("recorded_at", Instant),
    CheckConstraint("status IN ('running', 'finished', 'interrupted', 'crashed')", name="status"),
)
Index("ix_run_job", run.c.job, run.c.status)
# The few runs that go on or were broken off, among those of years.
IS_UNFINISHED = text("status <> 'finished'")
Index("ix_run_unfinished", run.c.status, run.c.id, sqlite_where=IS_UNFINISHED)

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
    Column("first_captured_at", Instant),
    Column("last_captured_at", Instant),
    Column("next_due_at", Instant),
    # Number of the latest version; 0 before the first.
    Column("versions", Integer, nullable=False, default=0),
    # Latest capture with a body that was good (new, changed, unchanged): what a revisit refers
    # to. No foreign key: page and capture would point at each other.
    Column("body_capture_id", Id),
    # Validators to send next time (a 304 may freshen them, RFC 9111 section 4.3.4).
    Column("etag", Prose),
    Column("last_modified", Prose),
)
# Keys have an index; so do the few URLs that are spelled otherwise.
IS_RESPELLED = text('url <> "key"')
Index("ix_page_url", page.c.url, sqlite_where=IS_RESPELLED)
# What of its pages a portal stands with: sums over all of them read no page.
Index(
    "ix_page_portal",
    page.c.portal_key, page.c.role, page.c.next_due_at,
    page.c.versions, page.c.kind, page.c.last_captured_at,
)  # fmt: skip

frontier = Table(
    "frontier",
    metadata,
    # One row a page: a page can never wait twice or stand in two states.
    Column("page_id", ForeignKey("page.id"), primary_key=True, autoincrement=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("host", Key, nullable=False),
    Column("role", Text, nullable=False),
    # 0 entry, 1 list, 2 page, 3 attachment, 4 requisite: lists first, they name what else there is.
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
    # The bucket it was moved to, its digest as read back from there, and when.
    Column("location", Text),
    Column("sha256", Text),
    Column("moved_at", Instant),
)

capture = Table(
    "capture",
    metadata,
    Column("id", Id, primary_key=True),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("captured_at", Instant, nullable=False),
    # 0 when not even a status line arrived.
    Column("status", Integer, nullable=False),
    Column("media_type", Prose),
    Column("payload_digest", Text),
    Column("body_digest", Text),
    Column("size_bytes", Id, nullable=False),
    Column("warc_file_id", ForeignKey("warc_file.id"), nullable=False),
    Column("warc_offset", Id, nullable=False),
    Column("warc_length", Id, nullable=False),
    Column("request_file_id", ForeignKey("warc_file.id")),
    Column("request_offset", Id),
    Column("request_length", Id),
    Column("record_id", Text, nullable=False),
    Column("record_type", Text, nullable=False),
    Column("truncated", Text),
    Column("etag", Prose),
    Column("last_modified", Prose),
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
    # As what it was scheduled (None in older archives), and the URLs that redirected to it.
    Column("role", Text),
    Column("hops", Json),
    sqlite_with_rowid=False,
)
Index("ix_outcome_page", outcome.c.page_id, outcome.c.run_id)
# The few pages that were ever gone, among many visits.
IS_GONE = text("outcome IN ('gone', 'soft_404')")
Index("ix_outcome_gone", outcome.c.page_id, sqlite_where=IS_GONE)
Index("ix_outcome_capture", outcome.c.capture_id)
