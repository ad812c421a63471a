"""How far portals were looked through: by their latest visit, and the latest that was whole. An
archive of years has thousands of visits to each portal, of which one or two are read. Reads only.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select, true

from archive.model.outcome import SECTION_ROLES, Outcome, Verdict
from archive.model.reading import Kind
from archive.store.frontier.runs import IMPORT
from archive.store.schema import frontier, outcome, page, run, run_portal
from archive.store.types import NamedRow, Query, total

_REFUSED: Final = (Outcome.BLOCKED, Outcome.ROBOTS)
_UNREAD: Final = (Outcome.FAILED, Outcome.OUT_OF_SCOPE, *_REFUSED)
# So many visits are looked up one by one before all that are left are read at once.
_ONE_BY_ONE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLook:
    """How far a portal's lists were looked through.

    whole_at: when last every list of it answered in a good run; None: never. refused: how its
    entry refused the latest visit; None when it did not.
    """

    whole_at: datetime | None = None
    refused: str | None = None


def portal_looks(connection: Connection, portals: Collection[str]) -> dict[str, PortalLook]:
    """How far each of these portals was looked through; one that was never visited is left out.

    A look is whole when the run was good for the portal, none of its lists failed, and none is
    left on the frontier. (A list that is gone was looked at.)
    """
    waiting = set(
        connection.scalars(
            select(page.c.portal_key)
            .join(frontier, frontier.c.page_id == page.c.id)
            .where(page.c.role.in_(SECTION_ROLES), page.c.portal_key.in_(portals))
        )
    )
    latest = _latest_runs(page.c.portal_key.in_(portals), before=None)
    runs = {row.portal_key: row.run_id for row in connection.execute(latest)}
    its = latest.subquery()
    is_latest = and_(its.c.portal_key == page.c.portal_key, its.c.run_id == outcome.c.run_id)
    visits = {row.portal_key: row for row in connection.execute(_visits().join(its, is_latest))}
    looks: dict[str, PortalLook] = {}
    for key, run_id in runs.items():
        latest_visit = [visits[key]] if key in visits else []
        rows = chain(latest_visit, _visits_before(connection, key, run_id))
        if look := _look(rows, may_be_whole=key not in waiting):
            looks[key] = look
    return looks


def _look(visits: Iterator[NamedRow], *, may_be_whole: bool) -> PortalLook | None:
    """What the visits to a portal say, latest first; None when there are none."""
    latest = next(visits, None)
    if latest is None:
        return None
    wholes = (
        row.ended_at
        for row in chain([latest], visits)
        # A report whose URL was crawled by itself is no list that could have named others.
        if row.lists and not row.unread and row.verdict == Verdict.GOOD
    )
    return PortalLook(
        whole_at=next(wholes, None) if may_be_whole else None,
        refused=latest.refused if latest.refusals == latest.visits else None,
    )


def _visits_before(connection: Connection, portal: str, run_id: int) -> Iterator[NamedRow]:
    """The visits to a portal in runs before one, latest first."""
    its = page.c.portal_key == portal
    for _ in range(_ONE_BY_ONE):
        earlier = connection.execute(_latest_runs(its, before=run_id)).first()
        if earlier is None:
            return
        run_id = earlier.run_id
        yield from connection.execute(_visits().where(its, outcome.c.run_id == run_id))
    older = _visits().where(its, outcome.c.run_id < run_id)
    yield from connection.execute(older.order_by(outcome.c.run_id.desc()))


def _latest_runs(which: ColumnElement[bool], *, before: int | None) -> Select[tuple[str, int]]:
    """The latest run that visited lists of each portal, of any kind and end."""
    latest = (
        select(func.max(outcome.c.run_id))
        .where(outcome.c.page_id == page.c.id)
        .where(outcome.c.run_id < before if before is not None else true())
        .correlate(page)
        .scalar_subquery()
    )
    run_id = func.max(latest)
    return (
        select(page.c.portal_key, run_id.label("run_id"))
        .where(which, page.c.role.in_(SECTION_ROLES))
        .group_by(page.c.portal_key)
        .having(run_id.is_not(None))
    )


def _visits() -> Query:
    """What came of the lists of each portal in each finished run. What an import takes in shows
    what somebody captured, not what there was.
    """
    unread = case((outcome.c.outcome.in_(_UNREAD), 1), else_=0)
    refusals = case((outcome.c.outcome.in_(_REFUSED), 1), else_=0)
    refused = case((outcome.c.outcome.in_(_REFUSED), outcome.c.reason), else_=None)
    lists = case((page.c.kind.in_((Kind.REPORT, Kind.ATTACHMENT)), 0), else_=1)
    return (
        select(
            page.c.portal_key, outcome.c.run_id, func.count().label("visits"),
            total(unread).label("unread"), total(refusals).label("refusals"),
            total(lists).label("lists"),
            func.max(refused).label("refused"), func.max(outcome.c.at).label("ended_at"),
            func.coalesce(func.max(run_portal.c.verdict), func.max(run.c.verdict)).label("verdict"),
        )
        .join(page, page.c.id == outcome.c.page_id)
        .join(run, run.c.id == outcome.c.run_id)
        .outerjoin(
            run_portal,
            and_(
                run_portal.c.run_id == outcome.c.run_id,
                run_portal.c.portal_key == page.c.portal_key,
            ),
        )
        .where(page.c.role.in_(SECTION_ROLES), run.c.status == "finished", run.c.mode != IMPORT)
        .group_by(page.c.portal_key, outcome.c.run_id)
    )  # fmt: skip
