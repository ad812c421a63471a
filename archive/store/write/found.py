"""What was found in WARC files while a ledger is made again, in tables of its own until it is
whole; and what is joined with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from archive.store.dialects import insert_into
from archive.store.schema import archive, capture, field_event, outcome, page, portal, version
from archive.store.types import Instant, NamedRow, Values

_CHUNK: Final = 500
_MAX_CAPTURES: Final = 10
# What a capture's row has of its record, under the same name.
FROM_RECORD: Final = (
    "captured_at", "media_type", "payload_digest", "warc_offset", "warc_length", "request_offset",
    "request_length", "record_type", "truncated", "etag", "last_modified",
)  # fmt: skip
_found = MetaData()
found_record = Table(
    "rebuild_record",
    _found,
    Column("record_id", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("warc_offset", Integer, nullable=False),
    Column("warc_length", Integer, nullable=False),
    Column("record_type", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("media_type", Text),
    Column("payload_digest", Text),
    Column("truncated", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("request_offset", Integer),
    Column("request_length", Integer),
    Column("method", Text, nullable=False),
    Column("body", Text),
    # The record that it repeats, or that it was made from.
    Column("repeats", Text),
    # The session of a crawl that wrote it, counted from 1 in the order of the files.
    Column("session", Integer, nullable=False),
    # Set when a row of the ledger was made of it.
    Column("capture_id", Integer),
)
Index("ix_rebuild_record_capture", found_record.c.capture_id)
found_version = Table(
    "rebuild_version",
    _found,
    Column("id", Integer, primary_key=True),
    Column("page_id", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("supersedes", Integer),
    Column("captured_at", Instant, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("reader_version", Text, nullable=False),
    Column("made_id", Integer),
)
found_body = Table(
    "rebuild_body",
    _found,
    Column("page_id", Integer, primary_key=True),
    Column("record_id", Text, nullable=False),
)


def begin_rebuild(connection: Connection, archive_id: str | None) -> None:
    """Makes the tables for what is found, in a ledger that is empty. archive_id: of the archive;
    None keeps the one that the ledger was made with.
    """
    _found.drop_all(connection)
    _found.create_all(connection)
    if archive_id is not None:
        connection.execute(update(archive).values(id=archive_id))


def note_records(connection: Connection, rows: Sequence[Values]) -> None:
    """Takes note of records that were found; of two with one id the first counts."""
    connection.execute(insert_into(connection, found_record).on_conflict_do_nothing(), list(rows))


def capture_ids(connection: Connection, record_ids: Iterable[str | None]) -> dict[str, int]:
    """The captures that were made again, by the ids of their records."""
    wanted = sorted({each for each in record_ids if each is not None})
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            select(found_record.c.record_id, found_record.c.capture_id)
            .where(found_record.c.record_id.in_(wanted[start : start + _CHUNK]))
            .where(found_record.c.capture_id.is_not(None))
        )
        found |= dict(rows.all())
    return found


def note_capture(connection: Connection, record_id: str, capture_id: int) -> None:
    """Notes that a capture was made of a record."""
    connection.execute(
        update(found_record)
        .where(found_record.c.record_id == record_id)
        .values(capture_id=capture_id)
    )


def unnamed_records(
    connection: Connection, session: int, after: tuple[datetime, str], limit: int
) -> Sequence[NamedRow]:
    """The next records of a session that no run wrote a row of, by time; empty at the end."""
    at, name = found_record.c.captured_at, found_record.c.record_id
    behind = (at > after[0]) | ((at == after[0]) & (name > after[1]))
    query = select(found_record).where(found_record.c.session == session, behind)
    query = query.where(found_record.c.capture_id.is_(None))
    return connection.execute(query.order_by(at, name).limit(limit)).all()


def unnamed_by_session(connection: Connection) -> dict[int, int]:
    """How many records each session has that no run wrote a row of; sessions with none miss."""
    rows = connection.execute(
        select(found_record.c.session, func.count())
        .where(found_record.c.capture_id.is_(None))
        .group_by(found_record.c.session)
        .order_by(found_record.c.session)
    )
    return dict(rows.all())


def unmet_originals(connection: Connection) -> list[tuple[str, int]]:
    """How many captures of each file repeat, or were made from, a record that was not found."""
    other = found_record.alias("other")
    rows = connection.execute(
        select(found_record.c.file, func.count())
        .outerjoin(other, other.c.record_id == found_record.c.repeats)
        .where(found_record.c.repeats.is_not(None), other.c.record_id.is_(None))
        .group_by(found_record.c.file)
        .order_by(found_record.c.file)
    )
    return [(file, count) for file, count in rows]


def versions_to_make(connection: Connection, after_id: int, limit: int) -> Sequence[NamedRow]:
    """The next versions to be read again, in the order in which they were made; empty at the end.
    file is None where the record was not found; lease_role: as what the page was scheduled then;
    shown: number of the page's latest version.
    """
    return connection.execute(
        select(
            found_version,
            page.c.versions.label("shown"),
            page.c.url,
            page.c.key,
            page.c.method,
            page.c.body,
            page.c.role,
            outcome.c.role.label("lease_role"),
            portal.c.family,
            portal.c.division,
            found_record.c.uri,
            found_record.c.file,
            found_record.c.warc_offset,
            found_record.c.warc_length,
            found_record.c.capture_id,
        )
        .join(page, page.c.id == found_version.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .outerjoin(found_record, found_record.c.record_id == found_version.c.record_id)
        .outerjoin(
            outcome,
            (outcome.c.page_id == page.c.id) & (outcome.c.run_id == found_version.c.run_id),
        )
        .where(found_version.c.id > after_id)
        .order_by(found_version.c.id)
        .limit(limit)
    ).all()


def later_captures(connection: Connection, row: NamedRow) -> Sequence[int]:
    """Captures with a body that came after a version's and before the page's next version, the
    latest first: they may have its content.
    """
    until = (
        select(func.min(found_version.c.captured_at))
        .where(found_version.c.page_id == row.page_id)
        .where(found_version.c.captured_at > row.captured_at)
        .scalar_subquery()
    )
    return connection.scalars(
        select(capture.c.id)
        .where(capture.c.page_id == row.page_id, capture.c.captured_at > row.captured_at)
        .where(capture.c.record_type.in_(("response", "resource")), capture.c.status == 200)
        .where(or_(until.is_(None), capture.c.captured_at < until))
        .order_by(capture.c.captured_at.desc())
        .limit(_MAX_CAPTURES)
    ).all()


def captures_to_read(connection: Connection, ids: Iterable[int]) -> dict[int, NamedRow]:
    """What reading some captures again takes, by their ids, as `versions_to_make` gives it."""
    rows = connection.execute(
        select(
            capture.c.id,
            page.c.url,
            page.c.body,
            page.c.role,
            outcome.c.role.label("lease_role"),
            portal.c.family,
            portal.c.division,
            found_record.c.uri,
            found_record.c.file,
            found_record.c.warc_offset,
            found_record.c.warc_length,
        )
        .join(page, page.c.id == capture.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .join(found_record, found_record.c.capture_id == capture.c.id)
        .outerjoin(outcome, outcome.c.capture_id == capture.c.id)
        .where(capture.c.id.in_(list(ids)))
    )
    return {row.id: row for row in rows}


def superseded(connection: Connection, former: Iterable[int]) -> dict[int, int]:
    """Ids of versions as they were made again, by their former ids; those that were not miss."""
    rows = connection.execute(
        select(found_version.c.id, found_version.c.made_id)
        .where(found_version.c.id.in_(list(former)))
        .where(found_version.c.made_id.is_not(None))
    )
    return dict(rows.all())


def note_versions(connection: Connection, made: Mapping[int, int]) -> None:
    """Notes the new ids of versions that were made again, by their former ids."""
    statement = update(found_version).where(found_version.c.id == bindparam("former"))
    connection.execute(
        statement.values(made_id=bindparam("made")),
        [{"former": former, "made": each} for former, each in made.items()],
    )


def last_field_captures(connection: Connection) -> Sequence[tuple[int, int]]:
    """The versions whose fields changed while their content stood, each with the capture that has
    the fields as they are.
    """
    last = (
        select(func.max(field_event.c.id))
        .where(field_event.c.capture_id.is_not(None))
        .group_by(field_event.c.version_id)
    )
    rows = connection.execute(
        select(field_event.c.version_id, field_event.c.capture_id)
        .where(field_event.c.id.in_(last))
        .order_by(field_event.c.version_id)
    )
    return [(row.version_id, row.capture_id) for row in rows]


def join_up(connection: Connection) -> None:
    """What captures repeat, and which capture a page's next visit compares with."""
    mine, other = found_record.alias("mine"), found_record.alias("other")
    repeated = (
        select(other.c.capture_id)
        .select_from(mine.join(other, other.c.record_id == mine.c.repeats))
        .where(mine.c.capture_id == capture.c.id)
        .scalar_subquery()
    )
    unknown = capture.c.refers_to.is_(None)
    connection.execute(update(capture).where(unknown).values(refers_to=repeated))
    body = (
        select(found_record.c.capture_id)
        .join(found_body, found_body.c.record_id == found_record.c.record_id)
        .where(found_body.c.page_id == page.c.id)
        .scalar_subquery()
    )
    held = page.c.id.in_(select(found_body.c.page_id))
    connection.execute(update(page).where(held).values(body_capture_id=body))


def number_pages(connection: Connection) -> None:
    """A page whose latest version could not be made again shows the one before, and is due."""
    mine = version.c.page_id == page.c.id
    latest = (
        select(version.c.number)
        .where(mine)
        .order_by(version.c.captured_at.desc(), version.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shown = exists().where(mine, version.c.number == page.c.versions)
    lacks = update(page).where(page.c.versions > 0, ~shown)
    connection.execute(lacks.values(versions=func.coalesce(latest, 0), next_due_at=None))


def end_rebuild(connection: Connection) -> None:
    """Takes away what was found."""
    _found.drop_all(connection)


def records_of(connection: Connection, record_ids: Sequence[str]) -> dict[str, NamedRow]:
    """The records that were found among those, by id."""
    found: dict[str, NamedRow] = {}
    for start in range(0, len(record_ids), _CHUNK):
        some = found_record.c.record_id.in_(record_ids[start : start + _CHUNK])
        found |= {
            row.record_id: row for row in connection.execute(select(found_record).where(some))
        }
    return found
