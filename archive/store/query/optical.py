"""Which versions are pictures, which captures show them, and what was read from them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, union

from archive.model.frontier import WarcSpot
from archive.model.optical import STORED_CERTAINTIES, Box, OpticalFigure, Place
from archive.model.outcome import SIDE_ROLES, Role
from archive.model.url import key_of
from archive.store.frontier.enqueue import pages_by_key
from archive.store.reading_tables import IS_OF_PICTURES
from archive.store.schema import (
    capture,
    finding,
    lost_capture,
    optical_document,
    optical_figure,
    optical_picture,
    optical_reading,
    page,
    portal,
    version,
    warc_file,
)
from archive.store.types import NamedRow, Query
from archive.store.write.optical_documents import KeptDocument

_OK = int(HTTPStatus.OK)
_WITH_BODY = ("response", "resource")
_MAX_CAPTURES = 200
_seen, _now, _fresh = (capture.alias(name) for name in ("seen", "standing", "fresh"))
_shown = page.alias("shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPictures:
    """Which versions. engine: what reads pictures now; None takes what was read by any before.
    portal: None takes all.
    """

    engine: str | None
    portal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """The newest capture of a picture that stands where another one stood."""

    capture_id: int
    run_id: int
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureVersion:
    """A page's latest version whose text is in pictures. url … post_body: as a reading wants them
    (archive.work.preservation.reading_again). exchanged: what came since in the place of a picture
    that it was read from; None where all of them stand.
    """

    version_id: int
    number: int
    page_id: int
    key: str
    url: str
    role: Role
    family: str | None
    division: str | None
    post_body: str | None
    capture_id: int
    run_id: int
    captured_at: datetime
    spot: WarcSpot
    digest: str
    content_hash: str = ""
    exchanged: "Exchanged | None" = None

    @property
    def own(self) -> "PictureCapture":
        """Its own capture: of a file, whose body holds the pictures."""
        return PictureCapture(
            capture_id=self.capture_id,
            page_id=self.page_id,
            url=self.url,
            spot=self.spot,
            digest=self.digest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCapture:
    """A capture of a picture, or of the file that holds it. digest: of its body, or what names the
    record where it has none.
    """

    capture_id: int
    page_id: int
    url: str
    spot: WarcSpot
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVersion:
    """How a version was read from pictures: with what, from which captures, and its figures by
    their position. missing: how many pictures have no capture.
    """

    document: KeptDocument
    pictures: tuple[PictureCapture, ...]
    figures: dict[int, OpticalFigure]
    missing: int


def count_picture_versions(connection: Connection, wanted: WantedPictures) -> int:
    """How many versions wait for their pictures to be read."""
    chosen = select(func.count()).select_from(version).join(page, page.c.id == version.c.page_id)
    return connection.scalar(chosen.where(_waits(wanted))) or 0


def portals_of_pictures(connection: Connection, wanted: WantedPictures) -> list[str]:
    """The keys of the portals that have versions which wait for their pictures to be read."""
    chosen = select(page.c.portal_key).distinct().select_from(version)
    return sorted(
        connection.scalars(chosen.join(page, page.c.id == version.c.page_id).where(_waits(wanted)))
    )


def count_unreadable_versions(connection: Connection) -> int:
    """Of how many pages' latest versions the pictures were looked at, and none could be read."""
    unread = exists().where(IS_OF_PICTURES, finding.c.version_id == version.c.id)
    chosen = (
        select(func.count())
        .select_from(optical_reading)
        .join(version, version.c.id == optical_reading.c.version_id)
        .join(page, and_(page.c.id == version.c.page_id, page.c.versions == version.c.number))
    )
    return connection.scalar(chosen.where(unread)) or 0


def picture_versions_after(
    connection: Connection, last_id: int, limit: int, wanted: WantedPictures
) -> Sequence[PictureVersion]:
    """The next versions that wait, in the order of their ids; empty at the end."""
    rows = connection.execute(
        select(
            version.c.id.label("version_id"), version.c.number, version.c.captured_at,
            version.c.capture_id, version.c.run_id, version.c.page_id, page.c.key, page.c.url,
            page.c.role, page.c.body, portal.c.family, portal.c.division,
            capture.c.payload_digest, capture.c.record_id, capture.c.warc_offset,
            capture.c.warc_length, warc_file.c.name, version.c.content_hash,
            _fresh.c.id.label("fresh_id"), _fresh.c.run_id.label("fresh_run"),
            _fresh.c.captured_at.label("fresh_at"),
        )
        .join(page, page.c.id == version.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .join(capture, capture.c.id == version.c.capture_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .outerjoin(_fresh, _fresh.c.id == _exchanged().scalar_subquery())
        .where(version.c.id > last_id, _waits(wanted))
        .order_by(version.c.id)
        .limit(limit)
    )  # fmt: skip
    return [_version(row) for row in rows]


def still_stands(connection: Connection, each: PictureVersion) -> bool:
    """Whether it is the page's latest version and of that capture, as it was when it was asked
    for.
    """
    same = (version.c.id == each.version_id, version.c.capture_id == each.capture_id)
    latest = and_(page.c.id == version.c.page_id, page.c.versions == version.c.number)
    return connection.scalar(select(version.c.id).join(page, latest).where(*same)) is not None


def next_number(connection: Connection, page_id: int) -> int:
    """The number of a page's next version."""
    highest = select(func.max(version.c.number)).where(version.c.page_id == page_id)
    return (connection.scalar(highest) or 0) + 1


def captures_of_pictures(
    connection: Connection, urls: Sequence[str], seen: PictureVersion
) -> list[PictureCapture | None]:
    """The captures that show what stood at some URLs when a version was captured: of the same run,
    else the last one before, else the first behind; what stands now where one of its pictures was
    exchanged. None for a picture that was never captured, and for one that is lost.
    """
    keys = [key_of(url, "GET", None) for url in urls]
    pages = pages_by_key(connection, sorted(set(keys)))
    return [_capture_of(connection, pages[key].id, seen) if key in pages else None for key in keys]


def digest_of_pictures(captures: Iterable[PictureCapture]) -> str:
    """What tells pictures in their order from all others: hex SHA-256."""
    return hashlib.sha256("\n".join(each.digest for each in captures).encode()).hexdigest()


def kept_document(connection: Connection, pictures: str, engine: str | None) -> KeptDocument | None:
    """What an engine saw on some pictures; engine None: the last one that looked. None when nobody
    did.
    """
    query = select(optical_document).where(optical_document.c.pictures == pictures)
    if engine is not None:
        query = query.where(optical_document.c.engine == engine)
    row = connection.execute(query.order_by(optical_document.c.id.desc()).limit(1)).first()
    return None if row is None else _document(row)


def seen_version(connection: Connection, version_id: int) -> SeenVersion | None:
    """How a version was read from pictures; None when it was read without."""
    row = connection.execute(
        select(optical_document, optical_reading.c.missing)
        .join(optical_reading, optical_reading.c.document_id == optical_document.c.id)
        .where(optical_reading.c.version_id == version_id)
    ).first()
    if row is None:
        return None
    pictures = connection.execute(
        select(capture, warc_file.c.name, page.c.url)
        .join(page, page.c.id == capture.c.page_id)
        .join(optical_picture, optical_picture.c.capture_id == capture.c.id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .where(optical_picture.c.version_id == version_id)
        .order_by(optical_picture.c.source)
    )
    return SeenVersion(
        document=_document(row),
        pictures=tuple(map(_capture, pictures)),
        figures=optical_figures(connection, version_id),
        missing=row.missing,
    )


def optical_figures(connection: Connection, version_id: int) -> dict[int, OpticalFigure]:
    """How sure the figures of a version are that were read from pictures, by their position; empty
    when none was.
    """
    rows = connection.execute(
        select(optical_figure).where(optical_figure.c.version_id == version_id)
    )
    return {
        row.position: OpticalFigure(
            position=row.position,
            certainty=STORED_CERTAINTIES[row.certainty],
            place=Place(box=_box(row), confidence=row.confidence),
        )
        for row in rows
    }


def _waits(wanted: WantedPictures) -> ColumnElement[bool]:
    read = select(optical_reading.c.version_id)
    of_pictures = select(finding.c.version_id).where(
        IS_OF_PICTURES, finding.c.version_id.is_not(None)
    )
    mine = [optical_reading.c.version_id == version.c.id]
    if wanted.engine is not None:
        mine += [
            optical_document.c.id == optical_reading.c.document_id,
            optical_document.c.engine == wanted.engine,
            optical_reading.c.missing == 0,
        ]
    conditions = [
        version.c.id.in_(union(of_pictures, read)),
        version.c.number == page.c.versions,
        page.c.role.not_in(SIDE_ROLES),
        or_(~exists().where(*mine), _exchanged().exists()),
    ]
    if wanted.portal is not None:
        conditions.append(page.c.portal_key == wanted.portal)
    return and_(*conditions)


def _exchanged() -> Query:
    """SQL: the newest capture that stands now where one of a version's pictures stood; none where
    all stand. Those of the version's own page are its own versions.
    """
    return (
        select(_now.c.id)
        .join(_shown, _shown.c.body_capture_id == _now.c.id)
        .join(_seen, _seen.c.page_id == _shown.c.id)
        .join(optical_picture, optical_picture.c.capture_id == _seen.c.id)
        .where(
            optical_picture.c.version_id == version.c.id,
            _shown.c.id != version.c.page_id,
            _came_later(),
            _now.c.payload_digest != _seen.c.payload_digest,
            _now.c.status == _OK,
            _now.c.truncated.is_(None),
            _now.c.record_type.in_(_WITH_BODY),
        )
        .order_by(_now.c.captured_at.desc(), _now.c.id.desc())
        .limit(1)
        .correlate(version)
    )


def _came_later() -> ColumnElement[bool]:
    """By the clock, or where that was wrong: behind a night in the future nothing is later."""
    by_clock = _now.c.captured_at > _seen.c.captured_at, _now.c.captured_at > version.c.captured_at
    by_order = _now.c.id > _seen.c.id, _now.c.id > version.c.capture_id
    return or_(and_(*by_clock), and_(*by_order))


def _capture_of(
    connection: Connection, page_id: int, seen: PictureVersion
) -> PictureCapture | None:
    rows = connection.execute(
        select(capture, warc_file.c.name, page.c.url, page.c.body_capture_id)
        .join(page, page.c.id == capture.c.page_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .where(capture.c.page_id == page_id, capture.c.record_type.in_(_WITH_BODY))
        .where(capture.c.status == _OK, capture.c.truncated.is_(None))
        .where(capture.c.id.not_in(select(lost_capture.c.capture_id)))
        .order_by(capture.c.captured_at)
        .limit(_MAX_CAPTURES)
    ).all()
    now = [row for row in rows if seen.exchanged and row.id == row.body_capture_id]
    moment = seen.exchanged or seen
    same_run = [row for row in rows if row.run_id == moment.run_id]
    before = [row for row in rows if row.captured_at <= moment.captured_at]
    chosen = now or same_run[-1:] or before[-1:] or rows[:1]
    return _capture(chosen[0]) if chosen else None


def _version(row: NamedRow) -> PictureVersion:
    return PictureVersion(
        version_id=row.version_id,
        number=row.number,
        page_id=row.page_id,
        key=row.key,
        url=row.url,
        role=Role(row.role),
        family=row.family,
        division=row.division,
        post_body=row.body,
        capture_id=row.capture_id,
        run_id=row.run_id,
        captured_at=row.captured_at,
        spot=WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length),
        digest=row.payload_digest or row.record_id,
        content_hash=row.content_hash,
        exchanged=Exchanged(capture_id=row.fresh_id, run_id=row.fresh_run, captured_at=row.fresh_at)
        if row.fresh_id is not None
        else None,
    )


def _capture(row: NamedRow) -> PictureCapture:
    return PictureCapture(
        capture_id=row.id,
        page_id=row.page_id,
        url=row.url,
        spot=WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length),
        digest=row.payload_digest or row.record_id,
    )


def _document(row: NamedRow) -> KeptDocument:
    return KeptDocument(document_id=row.id, engine=row.engine, packed=bytes(row.packed))


def _box(row: NamedRow) -> Box:
    return Box(page=row.page, x=row.x, y=row.y, width=row.width, height=row.height)
