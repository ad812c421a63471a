"""Captures as an index of a web archive asks for them: by URL, prefix or domain, around an instant
or oldest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from archive.model.frontier import WarcSpot
from archive.store.schema import capture, page, warc_file
from archive.store.types import NamedRow, Query

# Behind every URL with the prefix: no URL holds this character.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPage:
    """A page that has captures, or may have. key: archive.model.url.key_of."""

    page_id: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCapture:
    """What an index tells of a capture. status: 0 when no answer came. truncated: why it is cut
    short, None when it is whole.
    """

    capture_id: int
    page_id: int
    key: str
    captured_at: datetime
    status: int
    media_type: str | None
    payload_digest: str | None
    record_type: str
    truncated: str | None
    spot: WarcSpot


def pages_at(connection: Connection, keys: Sequence[str]) -> list[IndexedPage]:
    """The pages with one of these keys."""
    return _pages(connection, _found().where(page.c.key.in_(keys)))


def pages_under(connection: Connection, prefixes: Sequence[str]) -> list[IndexedPage]:
    """The pages whose key begins with one of the prefixes."""
    # No BETWEEN: PostgreSQL takes no COLLATE there, and the type of the column brings one.
    ranges = [and_(page.c.key >= each, page.c.key <= each + _LAST) for each in prefixes]
    return _pages(connection, _found().where(or_(*ranges)))


def pages_of_domain(connection: Connection, domain: str) -> list[IndexedPage]:
    """The pages of a host and of all hosts below it, whatever scheme and port."""
    name = domain.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    below = [page.c.host.like(f"%{before}{name}:%", escape="\\") for before in ("://", ".")]
    return _pages(connection, _found().where(or_(*below)))


def captures_of(
    connection: Connection,
    page_ids: Iterable[int],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[IndexedCapture]:
    """The captures of some pages from `start` on and before `end`, oldest first page by page."""
    query = _within(_captures().where(capture.c.page_id.in_(page_ids)), start, end)
    query = query.order_by(capture.c.page_id, capture.c.captured_at, capture.c.id)
    return [_capture(row) for row in connection.execute(query)]


def captures_near(
    connection: Connection,
    page_id: int,
    at: datetime,
    *,
    limit: int,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[IndexedCapture]:
    """The `limit` captures of a page before an instant and as many from it on, within the bounds
    of `captures_of`: two scans of one index, however many captures the page has.
    """
    moment = capture.c.captured_at
    mine = _within(_captures().where(capture.c.page_id == page_id), start, end).limit(limit)
    before = mine.where(moment < at).order_by(moment.desc())
    after = mine.where(moment >= at).order_by(moment)
    return [_capture(row) for query in (before, after) for row in connection.execute(query)]


def _within(query: Query, start: datetime | None, end: datetime | None) -> Query:
    if start is not None:
        query = query.where(capture.c.captured_at >= start)
    return query if end is None else query.where(capture.c.captured_at < end)


def _found() -> Query:
    return select(page.c.id, page.c.key)


def _pages(connection: Connection, query: Query) -> list[IndexedPage]:
    return [IndexedPage(page_id=row.id, key=row.key) for row in connection.execute(query)]


def _captures() -> Query:
    columns = (
        "id", "page_id", "captured_at", "status", "media_type", "payload_digest", "record_type",
        "truncated", "warc_offset", "warc_length",
    )  # fmt: skip
    return (
        select(*(capture.c[name] for name in columns), page.c.key, warc_file.c.name.label("file"))
        .join(page, page.c.id == capture.c.page_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
    )


def _capture(row: NamedRow) -> IndexedCapture:
    return IndexedCapture(
        capture_id=row.id,
        page_id=row.page_id,
        key=row.key,
        captured_at=row.captured_at,
        status=row.status,
        media_type=row.media_type,
        payload_digest=row.payload_digest,
        record_type=row.record_type,
        truncated=row.truncated,
        spot=WarcSpot(file=row.file, offset=row.warc_offset, length=row.warc_length),
    )
