"""What a deep verification needs of a version to read it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, true

from archive.model.frontier import WarcSpot
from archive.model.outcome import Role
from archive.store.query.listed import title_as_told
from archive.store.schema import (
    capture,
    optical_document,
    optical_reading,
    page,
    portal,
    version,
    warc_file,
)
from archive.store.types import NamedRow

_MAX_CAPTURES = 50
_file = warc_file.alias("version_file")
_following = version.alias("following")
# When the next version was captured; numbers need not follow time (imports).
_UNTIL = (
    select(func.min(_following.c.captured_at))
    .where(
        _following.c.page_id == version.c.page_id,
        _following.c.captured_at > version.c.captured_at,
    )
    .correlate(version)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A version and where its capture lies. until: when the next version was captured; None for
    the latest. post_body: the body of a POST; None for a GET. optical: what was seen on its
    pictures, packed; None where it was read without. listed: what its reading was told that lists
    call it.
    """

    version_id: int
    page_id: int
    key: str
    number: int
    url: str
    role: Role
    post_body: str | None
    family: str | None
    division: str | None
    spot: WarcSpot
    captured_at: datetime
    until: datetime | None
    content_hash: str
    reader_version: str
    optical: bytes | None
    listed: str | None


def count_versions(connection: Connection) -> int:
    """How many versions the ledger holds."""
    return connection.scalar(select(func.count()).select_from(version)) or 0


def versions_after(connection: Connection, last_id: int, limit: int) -> Sequence[StoredVersion]:
    """The next versions in the order of their ids; empty at the end."""
    rows = connection.execute(
        select(
            version,
            page.c.key,
            page.c.url,
            page.c.role,
            page.c.body,
            portal.c.family.label("portal_family"),
            portal.c.division,
            capture.c.warc_offset,
            capture.c.warc_length,
            _file.c.name.label("file"),
            _UNTIL.label("until"),
            optical_document.c.packed.label("optical"),
            title_as_told().label("listed"),
        )
        .join(page, page.c.id == version.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .join(capture, capture.c.id == version.c.capture_id)
        .join(_file, _file.c.id == capture.c.warc_file_id)
        .outerjoin(optical_reading, optical_reading.c.version_id == version.c.id)
        .outerjoin(optical_document, optical_document.c.id == optical_reading.c.document_id)
        .where(version.c.id > last_id)
        .order_by(version.c.id)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


def later_captures(connection: Connection, stored: StoredVersion) -> list[WarcSpot]:
    """Where later captures of the same version with a body lie, the last stored first: its fields,
    and all of it after a better reader, may come from one of them. Later by time, or in the order
    in which they were stored: a clock may have been wrong, what was imported may be older.
    """
    at = capture.c.captured_at
    by_time = (at > stored.captured_at) & (at < stored.until if stored.until else true())
    own = select(version.c.capture_id).where(version.c.id == stored.version_id).scalar_subquery()
    following = (
        select(func.min(_following.c.capture_id))
        .where(_following.c.page_id == stored.page_id, _following.c.capture_id > own)
        .scalar_subquery()
    )
    by_order = (capture.c.id > own) & (following.is_(None) | (capture.c.id < following))
    query = (
        select(capture.c.warc_offset, capture.c.warc_length, warc_file.c.name)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .where(capture.c.page_id == stored.page_id, by_time | by_order)
        .where(capture.c.record_type.in_(("response", "resource")), capture.c.status == 200)
        .order_by(capture.c.id.desc())
        .limit(_MAX_CAPTURES)
    )
    return [
        WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length)
        for row in connection.execute(query)
    ]


def _stored(row: NamedRow) -> StoredVersion:
    return StoredVersion(
        version_id=row.id,
        page_id=row.page_id,
        key=row.key,
        number=row.number,
        url=row.url,
        role=Role(row.role),
        post_body=row.body,
        family=row.portal_family,
        division=row.division,
        spot=WarcSpot(file=row.file, offset=row.warc_offset, length=row.warc_length),
        captured_at=row.captured_at,
        until=row.until,
        content_hash=row.content_hash,
        reader_version=row.reader_version,
        optical=row.optical,
        listed=row.listed,
    )
