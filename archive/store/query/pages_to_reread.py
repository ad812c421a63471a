"""Which pages an older reader has read, with everything that reading them again needs."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, union

from archive.model.frontier import WarcSpot
from archive.model.outcome import SIDE_ROLES, Outcome, Role
from archive.store.optical_tables import captured_hash
from archive.store.query.listed import title_as_told
from archive.store.query.optical import SeenVersion, seen_version
from archive.store.schema import (
    capture,
    finding,
    optical_reading,
    outcome,
    page,
    portal,
    version,
    warc_file,
)
from archive.store.types import NamedRow

# How a visit ended whose answer an older reader did not take for the page.
MISSED: Final = (Outcome.BLOCKED, Outcome.SOFT_404, Outcome.FAILED, Outcome.REDIRECTED)
# Findings that tell of the machine and the code that read, not of the page.
OF_THE_READING: Final = ("file_converted", "reader_failed")
_WITH_BODY: Final = ("response", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pages. readers: the older ones. portal, page_ids: None takes all."""

    readers: Collection[str]
    portal: str | None = None
    page_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """A version as it is stored. rules: of its findings those named by OF_THE_READING. pictures:
    how it was read from pictures; None where it was read without. content_hash: without those.
    listed: what its reading was told that a list calls it.
    """

    version_id: int
    number: int
    capture_id: int
    content_hash: str
    reader_version: str
    kind: str
    report_year: int | None
    rules: Collection[str] = ()
    pictures: SeenVersion | None = None
    listed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVisit:
    """A capture that a version was made of, or that a visit ended with.

    outcome: how the visit ended; None when it ended with another capture. reader_version: who
    looked into it last; None when that is not known. refers_to: what a revisit repeats.
    """

    capture_id: int
    run_id: int
    spot: WarcSpot
    captured_at: datetime
    status: int
    record_type: str
    record_id: str
    payload_digest: str | None
    truncated: str | None
    refers_to: int | None
    outcome: str | None
    reader_version: str | None

    @property
    def has_body(self) -> bool:
        """Whether there is a whole page to read."""
        return self.record_type in _WITH_BODY and self.status == 200 and not self.truncated


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToReread:
    """A page with its versions and visits, oldest first. post_body: None for a GET."""

    page_id: int
    key: str
    url: str
    role: Role
    depth: int
    post_body: str | None
    portal_key: str
    family: str | None
    division: str | None
    versions: tuple[KnownVersion, ...]
    visits: tuple[StoredVisit, ...]


def readers_below(connection: Connection, number: int) -> list[str]:
    """The stored reader versions that come before a number; one that is no number is older than
    all.
    """
    both = union(select(version.c.reader_version), select(capture.c.reader_version))
    known = (each for each in connection.scalars(both) if each is not None)
    return sorted(each for each in known if (int(each) if each.isdecimal() else -1) < number)


def count_pages(connection: Connection, wanted: Wanted) -> int:
    """How many pages are wanted."""
    query = select(func.count()).select_from(page).where(_condition(wanted))
    return connection.scalar(query) or 0


def portals_to_reread(connection: Connection, wanted: Wanted) -> list[str]:
    """The keys of the portals that have wanted pages."""
    query = select(page.c.portal_key).distinct().where(_condition(wanted))
    return sorted(connection.scalars(query))


def pages_after(
    connection: Connection, last_id: int, limit: int, wanted: Wanted
) -> Sequence[PageToReread]:
    """The next wanted pages in the order of their ids; empty at the end."""
    columns = (page.c.id, page.c.key, page.c.url, page.c.role, page.c.depth, page.c.body,
               page.c.portal_key, portal.c.family, portal.c.division)  # fmt: skip
    rows = connection.execute(
        select(*columns)
        .join(portal, portal.c.key == page.c.portal_key)
        .where(page.c.id > last_id, _condition(wanted))
        .order_by(page.c.id)
        .limit(limit)
    ).all()
    page_ids = [row.id for row in rows]
    versions = _versions(connection, page_ids)
    visits = _visits(connection, page_ids)
    return [_page(row, versions.get(row.id, ()), visits.get(row.id, ())) for row in rows]


def _condition(wanted: Wanted) -> ColumnElement[bool]:
    stale = exists().where(
        version.c.page_id == page.c.id, version.c.reader_version.in_(wanted.readers)
    )
    not_today = or_(
        capture.c.reader_version.is_(None), capture.c.reader_version.in_(wanted.readers)
    )
    missed = exists().where(
        outcome.c.page_id == page.c.id,
        outcome.c.outcome.in_(MISSED),
        capture.c.id == outcome.c.capture_id,
        capture.c.status == 200,
        capture.c.record_type.in_(_WITH_BODY),
        capture.c.truncated.is_(None),
        not_today,
    )
    chosen = [page.c.role.not_in(SIDE_ROLES), or_(stale, missed)]
    if wanted.portal is not None:
        chosen.append(page.c.portal_key == wanted.portal)
    if wanted.page_ids is not None:
        chosen.append(page.c.id.in_(wanted.page_ids))
    return and_(*chosen)


def _versions(
    connection: Connection, page_ids: Sequence[int]
) -> dict[int, tuple[KnownVersion, ...]]:
    rules: defaultdict[int, set[str]] = defaultdict(set)
    found = connection.execute(
        select(finding.c.version_id, finding.c.rule)
        .where(finding.c.page_id.in_(page_ids), finding.c.version_id.is_not(None))
        .where(finding.c.rule.in_(OF_THE_READING))
    )
    for version_id, rule in found:
        rules[version_id].add(rule)
    rows = connection.execute(
        select(
            version,
            captured_hash().label("captured_hash"),
            optical_reading.c.document_id.label("optical_id"),
            title_as_told().label("listed"),
        )
        .outerjoin(optical_reading, optical_reading.c.version_id == version.c.id)
        .where(version.c.page_id.in_(page_ids))
        .order_by(version.c.page_id, version.c.captured_at, version.c.number)
    )
    return {
        page_id: tuple(
            KnownVersion(
                version_id=row.id,
                number=row.number,
                capture_id=row.capture_id,
                content_hash=row.captured_hash,
                reader_version=row.reader_version,
                kind=row.kind,
                report_year=row.report_year,
                rules=rules[row.id],
                pictures=seen_version(connection, row.id) if row.optical_id is not None else None,
                listed=row.listed,
            )
            for row in its
        )
        for page_id, its in groupby(rows, key=lambda row: row.page_id)
    }


def _visits(connection: Connection, page_ids: Sequence[int]) -> dict[int, tuple[StoredVisit, ...]]:
    own = exists().where(version.c.page_id == capture.c.page_id,
                         version.c.capture_id == capture.c.id)  # fmt: skip
    rows = connection.execute(
        select(capture, warc_file.c.name, outcome.c.outcome)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .outerjoin(outcome, outcome.c.capture_id == capture.c.id)
        .where(capture.c.page_id.in_(page_ids), or_(outcome.c.outcome.is_not(None), own))
        .order_by(capture.c.page_id, capture.c.captured_at, capture.c.id)
    )
    return {
        page_id: tuple(_each_visit(its))
        for page_id, its in groupby(rows, key=lambda row: row.page_id)
    }


def _each_visit(rows: Iterator[NamedRow]) -> Iterator[StoredVisit]:
    for row in rows:
        yield StoredVisit(
            capture_id=row.id,
            run_id=row.run_id,
            spot=WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length),
            captured_at=row.captured_at,
            status=row.status,
            record_type=row.record_type,
            record_id=row.record_id,
            payload_digest=row.payload_digest,
            truncated=row.truncated,
            refers_to=row.refers_to,
            outcome=row.outcome,
            reader_version=row.reader_version,
        )


def _page(
    row: NamedRow, versions: tuple[KnownVersion, ...], visits: tuple[StoredVisit, ...]
) -> PageToReread:
    return PageToReread(
        page_id=row.id,
        key=row.key,
        url=row.url,
        role=Role(row.role),
        depth=row.depth,
        post_body=row.body,
        portal_key=row.portal_key,
        family=row.family,
        division=row.division,
        versions=versions,
        visits=visits,
    )
