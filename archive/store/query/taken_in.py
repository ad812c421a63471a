"""What an import asks of the ledger: which captures it has, what revisits repeat, which captures
wait to be read, and the versions around them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, func, select, true

from archive.model.frontier import Lease, Previous, StoredCapture, WarcSpot
from archive.model.outcome import Role
from archive.store.frontier.enqueue import RANKS
from archive.store.optical_tables import captured_hash
from archive.store.schema import capture, capture_source, page, portal, version, warc_file
from archive.store.types import NamedRow, Query

_BATCH = 500
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureIdentity:
    """What makes a capture one capture, in whatever file it stands: page, time, and what came."""

    key: str
    captured_at: datetime
    status: int
    is_revisit: bool
    payload_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitClues:
    """How a revisit record names what it repeats. url, at: of Refers-To-Target-URI (the URL of the
    record itself where that is missing) and -Date; record_id, digest: as the record spells them;
    None for each that is missing. is_exact: whether the digest says which body it was.
    """

    key: str
    at: datetime
    refers_to_key: str
    refers_to_at: datetime | None
    record_id: str | None
    digest: str | None
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A capture with a body, which a revisit repeats. url: of its page. digests: of its payload, as
    this archive and as the file it came from spell it.
    """

    capture_id: int
    url: str
    captured_at: datetime
    status: int
    payload_digest: str | None
    digests: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCapture:
    """A capture that was taken in and not read yet.

    lease: its page, without what is known before. stored: what is to be read: of a revisit the
    capture with the body. captured_at: of the capture itself.
    """

    capture_id: int
    captured_at: datetime
    lease: Lease
    stored: StoredCapture


def known_captures(
    connection: Connection, keys: Collection[str], times: Collection[datetime]
) -> set[CaptureIdentity]:
    """The captures of the pages with these keys at these times."""
    rows = connection.execute(
        select(
            page.c.key, capture.c.captured_at, capture.c.status, capture.c.record_type,
            capture.c.payload_digest,
        )
        .join(page, page.c.id == capture.c.page_id)
        .where(page.c.key.in_(keys), capture.c.captured_at.in_(times))
    )  # fmt: skip
    return {
        CaptureIdentity(
            key=row.key,
            captured_at=row.captured_at,
            status=row.status,
            is_revisit=row.record_type == "revisit",
            payload_digest=row.payload_digest,
        )
        for row in rows
    }


def original_of(connection: Connection, clues: RevisitClues) -> Original | None:
    """The capture that a revisit repeats; None where the archive has none."""
    for condition in _conditions(clues):
        row = connection.execute(
            select(
                capture.c.id, page.c.url, capture.c.captured_at, capture.c.status,
                capture.c.payload_digest, capture_source.c.payload_digest.label("spelled"),
            )
            .join(page, page.c.id == capture.c.page_id)
            .outerjoin(capture_source, capture_source.c.capture_id == capture.c.id)
            .where(capture.c.record_type != "revisit", condition)
            .order_by(
                case((page.c.key == clues.key, 0), else_=1), capture.c.captured_at.desc(),
                capture.c.id.desc(),
            )
            .limit(1)
        ).first()  # fmt: skip
        if row is not None:
            return Original(
                capture_id=row.id,
                url=row.url,
                captured_at=row.captured_at,
                status=row.status,
                payload_digest=row.payload_digest,
                digests=frozenset(each for each in (row.payload_digest, row.spelled) if each),
            )
    return None


def _conditions(clues: RevisitClues) -> Iterable[ColumnElement[bool]]:
    """The surest first: place, record id, digest; a 304 repeats what was there before."""
    if clues.refers_to_at is not None:
        begin = clues.refers_to_at.replace(microsecond=0)
        place = (
            (page.c.key == clues.refers_to_key)
            & (capture.c.captured_at >= begin)
            & (capture.c.captured_at < begin + _SECOND)
        )
        if clues.digest is not None and clues.is_exact:
            yield place & (capture_source.c.payload_digest == clues.digest)
        yield place
    if clues.record_id is not None:
        yield capture_source.c.record_id == clues.record_id
    before = capture.c.captured_at <= clues.at
    if clues.digest is not None and clues.is_exact:
        yield before & (capture_source.c.payload_digest == clues.digest)
        yield before & (page.c.key == clues.key) & (capture.c.payload_digest == clues.digest)
    if not clues.is_exact:
        yield before & (page.c.key == clues.key) & (capture.c.status == 200)


def portals_of_pages(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Which portal each known page belongs to, by the page's key."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        rows = connection.execute(select(page.c.key, page.c.portal_key).where(page.c.key.in_(part)))
        found |= dict(rows.all())
    return found


def count_waiting(connection: Connection) -> int:
    """How many captures wait to be read."""
    waiting = select(func.count()).where(capture_source.c.outcome.is_(None))
    return connection.scalar(waiting) or 0


def captures_of(connection: Connection, run_id: int) -> int:
    """How many captures a run has taken in so far."""
    return connection.scalar(select(func.count()).where(capture.c.run_id == run_id)) or 0


def portals_waiting(connection: Connection) -> list[str]:
    """The keys of the portals of which captures wait to be read."""
    query = (
        select(page.c.portal_key)
        .distinct()
        .join(capture, capture.c.page_id == page.c.id)
        .join(capture_source, capture_source.c.capture_id == capture.c.id)
        .where(capture_source.c.outcome.is_(None))
    )
    return sorted(connection.scalars(query))


_held = capture.alias("held")
_held_file = warc_file.alias("held_file")


def waiting_captures(
    connection: Connection, limit: int, portal_key: str | None = None
) -> list[WaitingCapture]:
    """The next captures to read: entries before hub pages, lists, pages and files, of each the
    oldest first, so that lists tell what the pages are. portal_key: None takes all.
    """
    of_portal = page.c.portal_key == portal_key if portal_key is not None else true()
    rows = connection.execute(
        select(
            capture.c.id.label("capture_id"), capture.c.captured_at, capture.c.run_id,
            capture.c.record_type, page, portal.c.family.label("portal_family"), portal.c.division,
            *(_held.c[name].label(f"held_{name}") for name in _HELD), _held_file.c.name,
        )
        .join(capture, capture.c.id == capture_source.c.capture_id)
        .join(page, page.c.id == capture.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .join(_held, _held.c.id == func.coalesce(capture.c.refers_to, capture.c.id))
        .join(_held_file, _held_file.c.id == _held.c.warc_file_id)
        .where(capture_source.c.outcome.is_(None), of_portal)
        .order_by(
            case(RANKS, value=page.c.role, else_=2), capture.c.captured_at, capture.c.id
        )
        .limit(limit)
    )  # fmt: skip
    return [_waiting(row) for row in rows]


_HELD = (
    "id", "status", "payload_digest", "truncated", "record_id", "warc_offset", "warc_length",
)  # fmt: skip


def _waiting(row: NamedRow) -> WaitingCapture:
    return WaitingCapture(
        capture_id=row.capture_id,
        captured_at=row.captured_at,
        lease=Lease(
            page_id=row.id,
            run_id=row.run_id,
            portal_key=row.portal_key,
            url=row.url,
            method=row.method,
            body=row.body,
            role=Role(row.role),
            depth=row.depth,
            attempts=0,
            family=row.portal_family,
            division=row.division,
        ),
        stored=StoredCapture(
            capture_id=row.held_id,
            spot=WarcSpot(file=row.name, offset=row.held_warc_offset, length=row.held_warc_length),
            status=row.held_status,
            captured_at=row.captured_at,
            record_type="response",
            payload_digest=row.held_payload_digest,
            truncated=row.held_truncated,
            record_id=row.held_record_id,
        ),
    )


def versions_of(connection: Connection, page_ids: Collection[int]) -> dict[int, list[Previous]]:
    """The versions of some pages in the order of their time, each as what is known before a later
    capture.
    """
    rows = connection.execute(_versions().where(version.c.page_id.in_(page_ids)))
    found: dict[int, list[Previous]] = {}
    for row in rows:
        found.setdefault(row.page_id, []).append(_previous(row))
    return found


def _versions() -> Query:
    return (
        select(
            version, captured_hash().label("captured_hash"),
            capture.c.payload_digest, capture.c.body_digest, capture.c.truncated,
            capture.c.warc_offset, capture.c.warc_length, warc_file.c.name,
        )
        .join(capture, capture.c.id == version.c.capture_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .order_by(version.c.captured_at, version.c.number)
    )  # fmt: skip


def _previous(row: NamedRow) -> Previous:
    return Previous(
        capture_id=row.capture_id,
        spot=WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length),
        captured_at=row.captured_at,
        payload_digest=row.payload_digest or "",
        etag=None,
        last_modified=None,
        version_id=row.id,
        version_number=row.number,
        content_hash=row.captured_hash,
        reader_version=row.reader_version,
        body_digest=row.body_digest,
        kind=row.kind,
        report_year=row.report_year,
        truncated=row.truncated,
    )


def outcome_counts(connection: Connection, run_id: int) -> dict[str, int]:
    """How many captures of a run ended with each outcome."""
    rows = connection.execute(
        select(capture_source.c.outcome, func.count())
        .join(capture, capture.c.id == capture_source.c.capture_id)
        .where(capture.c.run_id == run_id, capture_source.c.outcome.is_not(None))
        .group_by(capture_source.c.outcome)
    )
    return dict(rows.all())


def portals_of_run(connection: Connection, run_id: int) -> list[str]:
    """The keys of the portals of which a run took something in."""
    ours = select(capture.c.page_id).where(capture.c.run_id == run_id)
    return list(connection.scalars(select(page.c.portal_key).where(page.c.id.in_(ours)).distinct()))
