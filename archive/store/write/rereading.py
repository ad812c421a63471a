"""Stores what today's reader understood of captures that an older one had read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from archive.model.reading import Reading
from archive.store.schema import capture, finding, page, run
from archive.store.types import Values
from archive.store.write.versioning import OnVersions, Understood, store_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadPage:
    """What a page came to.

    latest_id: its latest version until now; None when it has none. replaced: readings of versions
    that it has. added: readings of captures that made no version, oldest first: the page's next
    ones. looked_into: captures that make none now either, or do now.
    """

    page_id: int
    latest_id: int | None
    replaced: tuple[Understood, ...]
    added: tuple[Understood, ...]
    looked_into: tuple[int, ...]


def store_reread(
    connection: Connection,
    pages: Sequence[RereadPage],
    *,
    reader_version: str,
    at: datetime,
    on_versions: OnVersions | None,
) -> None:
    """Stores some pages in one transaction. Outcomes, times and numbers of before stay. at: now."""
    replaced = [each for reread in pages for each in reread.replaced]
    if replaced:
        store_versions(connection, replaced, {}, at=at, on_versions=on_versions)
    for each in replaced:
        if each.is_latest:
            _update_page(connection, each.page_id, _kind(each.reading))
    for reread in pages:
        _add(connection, reread, at, on_versions)
    _forget_written(connection, pages)
    looked_into = [number for reread in pages for number in reread.looked_into]
    if looked_into:
        connection.execute(
            update(capture)
            .where(capture.c.id.in_(looked_into))
            .values(reader_version=reader_version)
        )


def _forget_written(connection: Connection, pages: Sequence[RereadPage]) -> None:
    """Runs that get versions of today are written down anew by the next crawl."""
    runs = {each.run_id for reread in pages for each in reread.added}
    if runs:
        connection.execute(update(run).where(run.c.id.in_(runs)).values(recorded_at=None))


def _add(
    connection: Connection, reread: RereadPage, at: datetime, on_versions: OnVersions | None
) -> None:
    """What had been a doubt about the capture alone goes: it is a version now."""
    latest_id = reread.latest_id
    for each in reread.added:
        next_one = replace(each, latest_id=latest_id)
        [latest_id] = store_versions(connection, [next_one], {}, at=at, on_versions=on_versions)
        alone = (finding.c.capture_id == each.capture_id, finding.c.version_id.is_(None))
        connection.execute(delete(finding).where(finding.c.page_id == each.page_id, *alone))
        values = {"versions": each.number, **_kind(each.reading), **_shown(connection, each)}
        _update_page(connection, each.page_id, values)


def _kind(reading: Reading) -> Values:
    values: Values = {"kind": reading.kind}
    return values | {"family": reading.family} if reading.family else values


def _shown(connection: Connection, each: Understood) -> Values:
    """What the next visit compares with, unless a later good visit has given that already."""
    known = connection.execute(select(page).where(page.c.id == each.page_id)).one()
    if known.last_captured_at is not None and known.last_captured_at >= each.captured_at:
        return {}
    if known.body_capture_id is not None and known.body_capture_id >= each.capture_id:
        return {}  # its pictures changed, and not the page
    seen = connection.execute(select(capture).where(capture.c.id == each.capture_id)).one()
    return {
        "first_captured_at": known.first_captured_at or each.captured_at,
        "last_captured_at": each.captured_at,
        "body_capture_id": each.capture_id,
        "etag": seen.etag,
        "last_modified": seen.last_modified,
    }


def _update_page(connection: Connection, page_id: int, values: Values) -> None:
    connection.execute(update(page).where(page.c.id == page_id).values(values))
