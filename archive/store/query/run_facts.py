"""What the ledger knows of a run beside the captures themselves, as rows that can be written down
next to them: with these rows and the captures a ledger is made again.

A capture is named by the id of its WARC record; all other rows by the numbers they have here.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    and_,
    literal,
    or_,
    select,
    union,
)

from archive.store.optical_tables import captured_hash
from archive.store.schema import (
    capture,
    capture_source,
    field_event,
    finding,
    frontier,
    host,
    link,
    outcome,
    page,
    portal,
    public_body,
    run,
    run_portal,
    source,
    version,
    withdrawal,
)
from archive.store.types import NamedRow, Query, Values

_AT_ONCE: Final = 1_000
_OF_RUN: Final = frozenset({"pid", "recorded_at"})
_OF_VERSION: Final = (
    "id", "page_id", "run_id", "number", "captured_at", "supersedes", "content_hash",
    "reader_version", "title", "kind", "report_year", "public_body_id",
)  # fmt: skip
# What a record does not say by itself: a revisit has no body, a rendered document no status.
_OF_CAPTURE: Final = (
    "id", "page_id", "record_id", "status", "size_bytes", "elapsed_s", "body_digest",
    "reader_version",
)  # fmt: skip
_original = capture.alias("original")


def unrecorded_runs(connection: Connection, *, empty: bool, running: bool = True) -> list[int]:
    """The runs whose rows are not written down, or changed since, oldest first. empty: also those
    that visited nothing and have nothing to visit. running: also those that are under way, as far
    as the ledger knows.
    """
    fresh = or_(run.c.recorded_at.is_(None), run.c.resumed_at > run.c.recorded_at)
    over = or_(literal(running), run.c.status != "running")
    rows = connection.execute(select(run.c.id).where(fresh, over).order_by(run.c.id))
    found = [row.id for row in rows]
    return found if empty else [each for each in found if touched_pages(connection, each)]


def recorded_runs(connection: Connection) -> list[int]:
    """The runs whose rows lie in the WARC files, oldest first."""
    return list(
        connection.scalars(
            select(run.c.id).where(run.c.recorded_at.is_not(None)).order_by(run.c.id)
        )
    )


def touched_pages(connection: Connection, run_id: int) -> bool:
    """Whether a run visited a page, or has one to visit."""
    pages = _pages(run_id).subquery()
    return connection.execute(select(pages).limit(1)).first() is not None


def run_facts(connection: Connection, run_id: int) -> Iterator[Values]:
    """The rows of a run, each with its kind under `row`; what is None is left out."""
    for kind, query in _queries(run_id):
        yield from _rows(connection, kind, query)
    yield from _links(connection, run_id)


def standing_rows(connection: Connection, *, only_of: int | None = None) -> Iterator[Values]:
    """What belongs to no run, as it stands: every portal (only_of: those that a run touched), and
    what is withdrawn.
    """
    portals = select(portal)
    if only_of is not None:
        touched = select(page.c.portal_key).where(page.c.id.in_(_pages(only_of)))
        portals = portals.where(portal.c.key.in_(touched))
    yield from _rows(connection, "portal", portals)
    yield from _rows(connection, "withdrawal", select(withdrawal).order_by(withdrawal.c.id))


def _rows(connection: Connection, kind: str, query: Query) -> Iterator[Values]:
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for row in found.mappings():
        yield {"row": kind} | {name: value for name, value in row.items() if value is not None}


def _queries(run_id: int) -> Iterable[tuple[str, Query]]:
    pages = _pages(run_id)
    yield "run", select(*(each for each in run.c if each.name not in _OF_RUN)).where(_is(run_id))
    yield "run_portal", select(run_portal).where(run_portal.c.run_id == run_id)
    yield "page", _with_record(page).where(page.c.id.in_(pages)).order_by(page.c.id)
    hosts = select(page.c.host).where(page.c.id.in_(pages))
    yield "host", select(host).where(host.c.host.in_(hosts))
    yield "capture", _captures(run_id)
    yield "outcome", _with_record(outcome).where(outcome.c.run_id == run_id)
    bodies = select(version.c.public_body_id).where(_made(run_id))
    yield "public_body", select(public_body).where(public_body.c.id.in_(bodies))
    yield "version", _versions(run_id)
    mine = select(capture.c.id).where(capture.c.run_id == run_id)
    for kind, table in (("finding", finding), ("field_event", field_event)):
        ours = and_(table.c.page_id.in_(pages), table.c.capture_id.in_(mine))
        unversioned = [finding.c.version_id.is_(None)] if table is finding else []
        yield kind, _with_record(table).where(ours, *unversioned).order_by(table.c.id)
    yield "source", select(source).where(source.c.id.in_(_sources(run_id)))
    yield "capture_source", _taken_in(run_id)
    yield "frontier", _with_record(frontier).where(frontier.c.run_id == run_id)
    yield "via", _via(run_id)


def _is(run_id: int) -> ColumnElement[bool]:
    return run.c.id == run_id


def _pages(run_id: int) -> CompoundSelect[Any]:
    """Ids of the pages that a run visited or has to visit."""
    tables = (outcome, frontier, capture)
    return union(*(select(each.c.page_id).where(each.c.run_id == run_id) for each in tables))


def _with_record(table: Table) -> Query:
    """A table's columns, its capture named by record."""
    captured = "body_capture_id" if table is page else "capture_id"
    columns = [each for each in table.c if each.name != captured]
    return select(*columns, capture.c.record_id).outerjoin_from(
        table, capture, capture.c.id == table.c[captured]
    )


def _captures(run_id: int) -> Query:
    return (
        select(
            *(capture.c[name] for name in _OF_CAPTURE),
            _original.c.record_id.label("refers_to"),
        )
        .outerjoin(_original, _original.c.id == capture.c.refers_to)
        .where(capture.c.run_id == run_id)
        .order_by(capture.c.id)
    )


def _taken_in(run_id: int) -> Query:
    """Where captures stood in files of others. source_record_id: of the record there."""
    there = capture_source.c.record_id.label("source_record_id")
    named = (capture_source.c.record_id, capture_source.c.capture_id)
    columns = [each for each in capture_source.c if not any(each is name for name in named)]
    return (
        select(*columns, there, capture.c.record_id)
        .join(capture, capture.c.id == capture_source.c.capture_id)
        .where(capture.c.run_id == run_id)
        .order_by(capture.c.id)
    )


def _sources(run_id: int) -> Select[int]:
    """Ids of the files of others that a run took captures from."""
    return (
        select(capture_source.c.source_id)
        .join(capture, capture.c.id == capture_source.c.capture_id)
        .where(capture.c.run_id == run_id)
    )


def _made(run_id: int) -> ColumnElement[bool]:
    """Versions that a run made, or whose capture it exchanged for a whole one."""
    mine = select(capture.c.id).where(capture.c.run_id == run_id)
    return and_(
        version.c.page_id.in_(_pages(run_id)),
        or_(version.c.run_id == run_id, version.c.capture_id.in_(mine)),
    )


def _versions(run_id: int) -> Query:
    return (
        select(*(_of_version(name) for name in _OF_VERSION), capture.c.record_id)
        .join(capture, capture.c.id == version.c.capture_id)
        .where(_made(run_id))
        .order_by(version.c.id)
    )


def _of_version(name: str) -> ColumnElement[Any]:
    """A rebuilt ledger reads captures without pictures, until `gongkai ocr` reads those again."""
    return captured_hash().label(name) if name == "content_hash" else version.c[name]


def _via(run_id: int) -> Query:
    """By which page's link each page that the run saw first was found."""
    first = (
        select(link.c.from_page_id)
        .where(link.c.to_page_id == page.c.id)
        .order_by(link.c.version_id)
        .limit(1)
        .scalar_subquery()
    )
    began = select(run.c.started_at).where(_is(run_id)).scalar_subquery()
    return select(page.c.id.label("page_id"), first.label("from_page_id")).where(
        page.c.id.in_(_pages(run_id)), page.c.first_seen_at >= began, page.c.depth > 0
    )


def _links(connection: Connection, run_id: int) -> Iterator[Values]:
    """What each version names, one row a version."""
    query = (
        select(link.c.version_id, link.c.role, link.c.url)
        .join(version, version.c.id == link.c.version_id)
        .where(_made(run_id))
        .order_by(link.c.version_id, link.c.position)
    )
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for version_id, its in groupby(rows, key=_version_of):
        links = [[each.role, each.url] for each in its]
        yield {"row": "links", "version_id": version_id, "links": links}


def _version_of(row: NamedRow) -> int:
    return int(row.version_id)
