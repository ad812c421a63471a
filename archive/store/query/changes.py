"""What changed on pages, newest first: the rows of the view `changes`, with filters. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union_all

from archive.store.query.withdrawals import is_any_withdrawn
from archive.store.schema import (
    cell,
    field_event,
    page,
    page_change,
    portal,
    public_body,
    run,
    version,
    version_pair,
    withdrawal,
)
from archive.store.types import NamedRow, Query

_earlier = version.alias("earlier")
_placed = version.alias("placed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which changes are wanted; None: all. since, until: `until` itself no more. divisions: codes
    of places; a page without a publisher is of its portal's place. body_id: of a public body.
    what: figure, title, text, field, gone or back. indicators: keys of the codebook.
    """

    since: datetime | None = None
    until: datetime | None = None
    portal: str | None = None
    divisions: frozenset[str] | None = None
    body_id: int | None = None
    what: str | None = None
    indicators: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """A change, in the columns of the view. change_id: its place among those of one instant."""

    change_id: int
    url: str
    version: int
    previous: int
    captured_at: datetime
    what: str
    name: str | None
    form: str | None
    indicator: str | None
    applicant: str | None
    label: str | None
    old: str | None
    new: str | None
    removed: int | None
    added: int | None
    title: str | None
    report_year: int | None
    body: str | None
    division: str | None
    body_id: int | None
    portal: str
    reader_version: str

    @property
    def key(self) -> tuple[datetime, int]:
        """Where it stands among all: what comes behind it is older."""
        return self.captured_at, self.change_id


def changes_of(
    connection: Connection,
    wanted: ChangeFilter,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    public: bool,
) -> list[PageChange]:
    """Changes, newest first; those behind the one with the key `after`. public: without those of
    versions that are withdrawn.
    """
    query = _changes().where(*_conditions(wanted))
    if after is not None:
        at, number = after
        behind = or_(page_change.c.at < at, page_change.c.id < number)
        query = query.where(page_change.c.at <= at, behind)
    if public and is_any_withdrawn(connection):
        query = query.where(~_is_withdrawn())
    newest = (page_change.c.at.desc(), page_change.c.id.desc())
    rows = connection.execute(query.order_by(*newest).limit(limit))
    return [_change(row) for row in rows]


def run_began(connection: Connection, run_id: int) -> datetime | None:
    """When a run began; None when there is none of that number."""
    return connection.scalar(select(run.c.started_at).where(run.c.id == run_id))


def _changes() -> Query:
    return (
        select(
            page_change.c.id.label("change_id"), page.c.key.label("url"),
            version.c.number.label("version"),
            func.coalesce(_earlier.c.number, version.c.number).label("previous"),
            page_change.c.at.label("captured_at"), page_change.c.what,
            func.coalesce(page_change.c.name, field_event.c.name).label("name"),
            cell.c.form, cell.c.indicator, cell.c.applicant, cell.c.label,
            func.coalesce(page_change.c.old_value, field_event.c.old_printed).label("old"),
            func.coalesce(page_change.c.new_value, field_event.c.new_printed).label("new"),
            page_change.c.removed, page_change.c.added, version.c.title, version.c.report_year,
            public_body.c.name.label("body"), func.nullif(public_body.c.division, "").label(
                "division"), version.c.public_body_id.label("body_id"),
            page.c.portal_key.label("portal"), version.c.reader_version,
        )
        .select_from(page_change)
        .join(version, version.c.id == page_change.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .outerjoin(
            version_pair,
            and_(
                version_pair.c.version_id == page_change.c.version_id,
                page_change.c.event_id.is_(None),
                page_change.c.run_id.is_(None),
            ),
        )
        .outerjoin(_earlier, _earlier.c.id == version_pair.c.earlier_id)
        .outerjoin(cell, cell.c.id == page_change.c.cell_id)
        .outerjoin(field_event, field_event.c.id == page_change.c.event_id)
        .outerjoin(public_body, public_body.c.id == version.c.public_body_id)
    )  # fmt: skip


def _change(row: NamedRow) -> PageChange:
    return PageChange(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it is public


def _conditions(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(page_change.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(page_change.c.at < wanted.until)
    if wanted.what is not None:
        found.append(page_change.c.what == wanted.what)
    if wanted.portal is not None:
        found.append(page.c.portal_key == wanted.portal)
    if wanted.body_id is not None:
        found.append(version.c.public_body_id == wanted.body_id)
    if wanted.divisions is not None:
        found.append(_lies_in(wanted.divisions))
    if wanted.indicators is not None:
        cells = select(cell.c.id).where(cell.c.indicator.in_(wanted.indicators))
        found.append(page_change.c.cell_id.in_(cells))
    return found


def _lies_in(divisions: frozenset[str]) -> ColumnElement[bool]:
    """By the versions of the place, each found by an index: an OR would look at every change."""
    bodies = select(public_body.c.id).where(public_body.c.division.in_(divisions))
    portals = select(portal.c.key).where(portal.c.division.in_(divisions))
    its_page = select(page.c.id).where(page.c.portal_key.in_(portals))
    nameless = and_(_placed.c.public_body_id.is_(None), _placed.c.page_id.in_(its_page))
    return page_change.c.version_id.in_(
        union_all(
            select(_placed.c.id).where(_placed.c.public_body_id.in_(bodies)),
            select(_placed.c.id).where(nameless),
        )
    )


def _is_withdrawn() -> ColumnElement[bool]:
    """Whether one of the two versions is withdrawn, by itself or with the page."""
    return (
        select(withdrawal.c.id)
        .where(
            withdrawal.c.page_id == version.c.page_id,
            withdrawal.c.restored_at.is_(None),
            or_(
                withdrawal.c.version.is_(None),
                withdrawal.c.version.in_((version.c.number, _earlier.c.number)),
            ),
        )
        .exists()
    )
