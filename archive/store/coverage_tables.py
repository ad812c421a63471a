"""The tables of which reports there are: derived from what was crawled by
archive.work.ingest.covering, so that a question needs no look at every report.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text

from archive.store.crawl_tables import metadata
from archive.store.types import Id, Json, Key, Prose

# One body and year that has a report or should have one, a year or two ahead too: a deadline may
# pass without a run, so who reads leaves out what has no report and is not due yet.
covered = Table(
    "covered",
    metadata,
    Column("public_body_id", ForeignKey("public_body.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    # ISO date: the last day on which the report is in time.
    Column("due_on", Text, nullable=False),
    # Without a foreign key: a portal of the catalogue may never have been visited.
    Column("portal_key", Key, nullable=False),
    # The report that counts: of its copies the one published first. None: there is none.
    Column("version_id", ForeignKey("version.id")),
    # The page of the report, or the one that a list names as such; None: no list names one.
    Column("page_id", ForeignKey("page.id")),
    # As printed; None: not printed, or no report.
    Column("published_on", Text),
    # 0 when in time; None without a date or a report.
    Column("days_late", Integer),
    # Of a page that a list names; None for a report, and where the look at the portal tells why.
    Column("reason", Prose),
    sqlite_with_rowid=False,
)

# How far the lists of a portal were looked through (archive.store.query.reports.PortalLook).
portal_look = Table(
    "portal_look",
    metadata,
    Column("portal_key", Key, primary_key=True),
    # Whose reports it is there to publish.
    Column("public_body_id", ForeignKey("public_body.id"), nullable=False),
    # ISO date in China; None: never completely.
    Column("read_on", Text),
    Column("refused", Prose),
)

# How many bodies of each place and kind stand how, by year: what a map of the country asks for.
covered_count = Table(
    "covered_count",
    metadata,
    # Empty where the place is not known: NULL can be no key.
    Column("division", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("has_report", Boolean, primary_key=True),
    Column("due_on", Text, nullable=False),
    Column("bodies", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What the tables were made from: one row.
covered_mark = Table(
    "covered_mark",
    metadata,
    # The rules and years (archive.work.ingest.covering), and the portals of the catalogue.
    Column("made_by", Text, primary_key=True),
    Column("catalogue", Text, nullable=False),
    # The latest run that had begun (0: none), and of those up to it that had not finished, by id,
    # how many outcomes were in. No times: a clock may be wrong.
    Column("last_run", Id, nullable=False),
    Column("unfinished", Json, nullable=False),
)
