"""What was captured last, and of which portals: for a first page over all snapshots."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from archive.store.query.withdrawals import is_withdrawn
from archive.store.schema import capture, page, portal, version


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPortal:
    """A portal with captures. entry: the first of its entries; pages: how many have content."""

    key: str
    name: str
    entry: str | None
    pages: int
    last_captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestCapture:
    """A capture of a page with content. title: of its latest version; None when it has none."""

    url: str
    title: str | None
    portal_name: str
    captured_at: datetime


def captured_portals(connection: Connection) -> list[CapturedPortal]:
    """Every portal that was captured, the latest first."""
    last = func.max(page.c.last_captured_at)
    pages = func.count().filter(page.c.versions > 0)
    rows = connection.execute(
        select(portal.c.key, portal.c.name, portal.c.entries, last.label("last"),
               pages.label("pages"))
        .join(page, page.c.portal_key == portal.c.key)
        .group_by(portal.c.key, portal.c.name, portal.c.entries)
        .having(last.is_not(None))
        .order_by(last.desc(), portal.c.key)
    )  # fmt: skip
    return [
        CapturedPortal(
            key=row.key,
            name=row.name,
            entry=next(iter(row.entries or ()), None),
            pages=row.pages,
            last_captured_at=row.last,
        )
        for row in rows
    ]


def newest_captures(connection: Connection, *, limit: int) -> list[NewestCapture]:
    """The captures stored last, of GET pages that have content and whose latest version is not
    withdrawn, newest first.
    """
    rows = connection.execute(
        select(page.c.url, version.c.title, portal.c.name, capture.c.captured_at)
        .join(page, page.c.id == capture.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .join(version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions))
        .where(capture.c.status > 0, page.c.method == "GET", ~is_withdrawn())
        .order_by(capture.c.id.desc())
        .limit(limit)
    )
    return [
        NewestCapture(
            url=row.url, title=row.title, portal_name=row.name, captured_at=row.captured_at
        )
        for row in rows
    ]
