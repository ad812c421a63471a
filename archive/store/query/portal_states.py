"""How portals stand: their pages, latest run, verdict, pauses and next visits. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true

from archive.model.outcome import SECTION_ROLES, SIDE_ROLES, Outcome, Role
from archive.model.reading import Kind
from archive.store.frontier.runs import IMPORT
from archive.store.schema import frontier, host, outcome, page, portal, run, run_portal
from archive.store.types import NamedRow, Query, total

_ANSWERED = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REDIRECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalState:
    """How a portal stands. family: of its row, else of most of its lists; last_run: the
    latest run that ended a URL of it; answered: how many of that run's URLs gave content;
    left: URLs on the frontier; host_waits_until and host_reason: a pause that a host requested
    or needs after failures; next_due_at: the earliest planned visit; next_list_at: that of its
    lists; hours: its night window. verdict, verdict_reason: of the latest run that was judged.
    """

    portal: str
    name: str
    family: str | None
    pages: int
    reports: int
    last_captured_at: datetime | None
    next_due_at: datetime | None
    last_run: int | None
    last_run_at: datetime | None
    ended: int
    answered: int
    left: int
    host_waits_until: datetime | None
    host_reason: str | None
    next_list_at: datetime | None = None
    hours: str | None = None
    verdict: str | None = None
    verdict_reason: str | None = None


def portal_states(connection: Connection, only: Collection[str] | None = None) -> list[PortalState]:
    """Every portal of the ledger, or those with these keys, by key."""
    wanted = true() if only is None else page.c.portal_key.in_(only)
    pages = _rows_by_key(connection, _page_sums().where(wanted))
    runs = _rows_by_key(connection, _last_run_sums(wanted))
    left = _rows_by_key(connection, _left_sums().where(wanted))
    waits = _rows_by_key(connection, _host_waits().where(wanted))
    verdicts = _rows_by_key(connection, _verdicts())
    lists = connection.execute(_list_families().where(wanted))
    families = {row.portal_key: row.family for row in lists}
    named = true() if only is None else portal.c.key.in_(only)
    chosen = select(portal).where(named).order_by(portal.c.key)
    return [
        _portal_state(
            row,
            pages.get(row.key),
            runs.get(row.key),
            left.get(row.key),
            waits.get(row.key),
            verdicts.get(row.key),
            row.family or families.get(row.key),
        )
        for row in connection.execute(chosen)
    ]


def _page_sums() -> Query:
    known = case((page.c.versions > 0, 1), else_=0)
    reports = case((and_(page.c.versions > 0, page.c.kind == Kind.REPORT), 1), else_=0)
    return select(
        page.c.portal_key.label("key"),
        total(known).label("pages"),
        total(reports).label("reports"),
        func.max(page.c.last_captured_at).label("last_captured_at"),
        func.min(case((page.c.role != Role.REQUISITE, page.c.next_due_at))).label("next_due_at"),
        func.min(case((page.c.role.in_(SECTION_ROLES), page.c.next_due_at))).label("next_list_at"),
    ).group_by(page.c.portal_key)


def _list_families() -> Query:
    """Per portal: the family that its lists show, the commonest one last."""
    return (
        select(page.c.portal_key, page.c.family)
        .where(page.c.role.in_(SECTION_ROLES), page.c.family.is_not(None))
        .group_by(page.c.portal_key, page.c.family)
        .order_by(page.c.portal_key, func.count(), page.c.family.desc())
    )


def _last_run_sums(wanted: ColumnElement[bool]) -> Query:
    """Per portal: the latest crawl that ended a URL of it, and what came of that run. A
    robots.txt shows nothing about the portal's content. The latest run of each page is one look
    into an index: reading every outcome there ever was takes minutes after some years.
    """
    content = and_(page.c.role.not_in(SIDE_ROLES), wanted)
    visited = and_(outcome.c.page_id == page.c.id, run.c.id == outcome.c.run_id)
    of_page = select(func.max(outcome.c.run_id)).where(visited, run.c.mode != IMPORT)
    pages = select(page.c.portal_key, of_page.scalar_subquery().label("run_id")).where(content)
    each = pages.subquery()
    latest = (
        select(each.c.portal_key.label("key"), func.max(each.c.run_id).label("run_id"))
        .group_by(each.c.portal_key)
        .having(func.max(each.c.run_id).is_not(None))
        .subquery()
    )
    answered = case((outcome.c.outcome.in_(_ANSWERED), 1), else_=0)
    return (
        select(
            latest.c.key,
            latest.c.run_id,
            func.count().label("ended"),
            total(answered).label("answered"),
            func.max(outcome.c.at).label("ended_at"),
        )
        .join(page, page.c.portal_key == latest.c.key)
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == latest.c.run_id))
        .where(content)
        .group_by(latest.c.key, latest.c.run_id)
    )


def _left_sums() -> Query:
    return (
        select(page.c.portal_key.label("key"), func.count().label("left"))
        .join(frontier, frontier.c.page_id == page.c.id)
        .group_by(page.c.portal_key)
    )


def _host_waits() -> Query:
    """Per portal: the latest pause among the hosts of its entry and list pages."""
    return (
        select(
            page.c.portal_key.label("key"),
            func.max(host.c.not_before_at).label("until"),
            func.max(host.c.rests_until).label("rests_until"),
            func.max(host.c.reason).label("reason"),
        )
        .join(host, host.c.host == page.c.host)
        .where(page.c.role.in_(SECTION_ROLES), host.c.reason.is_not(None))
        .group_by(page.c.portal_key)
    )


def _verdicts() -> Query:
    """Per portal: the verdict of the latest run that judged it."""
    latest = (
        select(run_portal.c.portal_key, func.max(run_portal.c.run_id).label("run_id"))
        .group_by(run_portal.c.portal_key)
        .subquery()
    )
    same = and_(
        run_portal.c.portal_key == latest.c.portal_key, run_portal.c.run_id == latest.c.run_id
    )
    return select(
        run_portal.c.portal_key.label("key"), run_portal.c.verdict, run_portal.c.reason
    ).join(latest, same)


def _rows_by_key(connection: Connection, chosen: Query) -> dict[str, NamedRow]:
    return {row.key: row for row in connection.execute(chosen)}


def _portal_state(
    row: NamedRow,
    pages: NamedRow | None,
    last: NamedRow | None,
    left: NamedRow | None,
    waits: NamedRow | None,
    judged: NamedRow | None,
    family: str | None,
) -> PortalState:
    return PortalState(
        portal=row.key,
        name=row.name,
        family=family,
        pages=pages.pages if pages else 0,
        reports=pages.reports if pages else 0,
        last_captured_at=pages.last_captured_at if pages else None,
        next_due_at=pages.next_due_at if pages else None,
        last_run=last.run_id if last else None,
        last_run_at=last.ended_at if last else None,
        ended=last.ended if last else 0,
        answered=last.answered if last else 0,
        left=left.left if left else 0,
        host_waits_until=_later(waits.until, waits.rests_until) if waits else None,
        host_reason=waits.reason if waits else None,
        next_list_at=pages.next_list_at if pages else None,
        hours=row.hours,
        verdict=judged.verdict if judged else None,
        verdict_reason=judged.reason if judged else None,
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each), default=None)
