"""What is known to be lost is stored, and what stands in its place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.store.catalogue import portals
from archive.store.crawl_tables import MERGED
from archive.store.dialects import insert_into
from archive.store.frontier.runs import IMPORT, REPAIR
from archive.store.schema import (
    capture,
    known_damage,
    lost_capture,
    optical_picture,
    outcome,
    page,
    run,
    version,
    warc_file,
)
from archive.store.types import NamedRow, Values

_WITH_BODY = ("response", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRow:
    """A capture that is known to be lost. replaced: whether another one has its content. outcome,
    outcome_reason: how the last repair since that asked for the page ended; None without one.
    """

    url: str
    captured_at: datetime
    reason: str
    replaced: bool
    outcome: str | None
    outcome_reason: str | None


def mark_lost(
    connection: Connection,
    captures: Mapping[int, str],
    damages: Mapping[tuple[str, int], str],
    now: datetime,
) -> None:
    """Stores what was found: captures with the reason, places of WARC files (name, offset) with
    what is wrong there. What is known already stays.
    """
    if captures:
        rows: list[Values] = [
            {"capture_id": number, "found_at": now, "reason": reason}
            for number, reason in captures.items()
        ]
        connection.execute(insert_into(connection, lost_capture).on_conflict_do_nothing(), rows)
    if damages:
        places: list[Values] = [
            {"file": file, "warc_offset": offset, "found_at": now, "message": message}
            for (file, offset), message in damages.items()
        ]
        connection.execute(insert_into(connection, known_damage).on_conflict_do_nothing(), places)


def known_places(connection: Connection) -> frozenset[tuple[str, int]]:
    """Where damage of the WARC files is known: file name and offset. What a damaged place costs is
    known too: every capture that is lost.
    """
    rows = connection.execute(select(known_damage.c.file, known_damage.c.warc_offset))
    return frozenset((row.file, row.warc_offset) for row in rows) | lost_spots(connection)


def lost_spots(connection: Connection) -> frozenset[tuple[str, int]]:
    """File name and offset of every capture that is known to be lost."""
    rows = connection.execute(
        select(warc_file.c.name, capture.c.warc_offset)
        .join(capture, capture.c.warc_file_id == warc_file.c.id)
        .join(lost_capture, lost_capture.c.capture_id == capture.c.id)
    )
    return frozenset((row.name, row.warc_offset) for row in rows)


def forget_written(connection: Connection, run_ids: Iterable[int]) -> None:
    """The rows of these runs are no longer in the WARC files: the next crawl writes them again."""
    connection.execute(update(run).where(run.c.id.in_(list(run_ids))).values(recorded_at=None))


def pages_to_ask(connection: Connection) -> list[int]:
    """The pages whose last good capture is lost: what their portals still have of them is there to
    be had. A robots.txt is asked for by every crawl.
    """
    found = connection.scalars(
        select(page.c.id)
        .join(lost_capture, lost_capture.c.capture_id == page.c.body_capture_id)
        .where(page.c.role != Role.ROBOTS)
        .order_by(page.c.id)
    )
    return list(found)


def portals_of(connection: Connection, page_ids: Sequence[int]) -> list[Portal]:
    """The portals of some pages, by key."""
    keys = set(connection.scalars(select(page.c.portal_key).where(page.c.id.in_(page_ids))))
    return [each for each in portals(connection) if each.key in keys]


def replace_lost(connection: Connection) -> None:
    """Notes of each lost capture which one has the same content: one of the same bytes, or the one
    that came when the page was asked again and had not changed. Versions are then read from that,
    and pictures shown.
    """
    rows = connection.execute(
        select(lost_capture.c.capture_id, capture)
        .join(capture, capture.c.id == lost_capture.c.capture_id)
        .where(lost_capture.c.replaced_by.is_(None))
    ).all()
    for row in rows:
        other = _same_bytes(connection, row) or _same_content(connection, row)
        if other is None:
            continue
        mine = lost_capture.c.capture_id == row.id
        connection.execute(update(lost_capture).where(mine).values(replaced_by=other))
        made = select(version.c.run_id).where(version.c.capture_id == row.id)
        forget_written(connection, connection.scalars(made).all())
        for table in (version, optical_picture):
            connection.execute(
                update(table).where(table.c.capture_id == row.id).values(capture_id=other)
            )


def _same_bytes(connection: Connection, row: NamedRow) -> int | None:
    same = [
        getattr(capture.c, name) == value
        for name in ("payload_digest", "body_digest")
        if (value := getattr(row, name)) is not None
    ]
    if not same:
        return None
    lost = select(lost_capture.c.capture_id)
    return connection.scalar(
        select(capture.c.id)
        .where(capture.c.page_id == row.page_id, capture.c.status == row.status, or_(*same))
        .where(capture.c.record_type.in_(_WITH_BODY), capture.c.id.not_in(lost))
        .order_by(capture.c.id.desc())
        .limit(1)
    )


def _same_content(connection: Connection, row: NamedRow) -> int | None:
    """Of the page's latest version: a later capture whose visit found it unchanged. Later is what
    was stored later, whatever a clock said; where something came by import or merge, by its time.
    """
    latest = connection.execute(
        select(version.c.capture_id, version.c.captured_at, version.c.run_id)
        .join(page, (page.c.id == version.c.page_id) & (page.c.versions == version.c.number))
        .where(page.c.id == row.page_id)
    ).first()
    if latest is None:
        return None
    lost = select(lost_capture.c.capture_id)
    found = connection.execute(
        select(capture.c.id, capture.c.captured_at, capture.c.run_id)
        .join(outcome, outcome.c.capture_id == capture.c.id)
        .where(capture.c.page_id == row.page_id, capture.c.id.not_in(lost))
        .where(capture.c.record_type.in_(_WITH_BODY), outcome.c.outcome == Outcome.UNCHANGED)
        .order_by(capture.c.id.desc())
    ).all()
    crawled = _crawled(connection, {latest.run_id, row.run_id, *(each.run_id for each in found)})
    for each in found:
        if crawled >= {latest.run_id, row.run_id, each.run_id}:
            is_later = latest.capture_id <= row.id < each.id
        else:
            is_later = latest.captured_at <= row.captured_at < each.captured_at
        if is_later:
            return int(each.id)
    return None


def _crawled(connection: Connection, run_ids: Collection[int]) -> set[int]:
    """Those of some runs that are crawls of this archive: what they stored, they stored in the
    order of its captures.
    """
    rows = connection.execute(
        select(run.c.id, run.c.mode, run.c.options).where(run.c.id.in_(run_ids))
    )
    return {row.id for row in rows if row.mode != IMPORT and MERGED not in row.options}


def lost_rows(connection: Connection) -> list[LostRow]:
    """Every capture that is known to be lost, by URL and time."""
    rows = connection.execute(
        select(lost_capture, capture.c.captured_at, capture.c.page_id, capture.c.run_id, page.c.key)
        .join(capture, capture.c.id == lost_capture.c.capture_id)
        .join(page, page.c.id == capture.c.page_id)
        .order_by(page.c.key, capture.c.captured_at)
    ).all()
    return [_lost_row(connection, row) for row in rows]


def _lost_row(connection: Connection, row: NamedRow) -> LostRow:
    last = connection.execute(
        select(outcome.c.outcome, outcome.c.reason)
        .join(run, run.c.id == outcome.c.run_id)
        .where(outcome.c.page_id == row.page_id)
        # Not by time: a crawl of a wrong clock may seem to have come later.
        .where(run.c.job == REPAIR, run.c.id > row.run_id)
        .order_by(run.c.id.desc())
        .limit(1)
    ).first()
    return LostRow(
        url=row.key,
        captured_at=row.captured_at,
        reason=row.reason,
        replaced=row.replaced_by is not None,
        outcome=last.outcome if last else None,
        outcome_reason=last.reason if last else None,
    )
