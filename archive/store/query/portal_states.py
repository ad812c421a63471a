"""How portals stand: their pages, latest run, verdict, pauses and next visits. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true

from archive.model.outcome import SECTION_ROLES, SIDE_ROLES, Outcome, Role
from archive.model.reading import Kind
from archive.store.frontier.enqueue import AD_HOC
from archive.store.frontier.runs import IMPORT
from archive.store.schema import frontier, host, outcome, page, portal, run, run_portal
from archive.store.types import NamedRow, Query, total

_RUNS_AT_ONCE: Final = 500
_ANSWERED = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REDIRECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalState:
    """How a portal stands. family: of its row, else of most of its lists; last_run: the
    latest run that visited its entry or a list; answered: how many of that run's URLs gave content;
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


def portal_states(
    connection: Connection,
    only: Collection[str] | None = None,
    catalogue: Collection[str] | None = None,
) -> list[PortalState]:
    """Every portal that counts, by key. only: those of these keys, whether they count or not.
    catalogue: its keys now; what was removed from it counts as what was only tried; None: as the
    ledger has it.
    """
    named = does_count() if only is None else portal.c.key.in_(only)
    wanted = true() if only is None else page.c.portal_key.in_(only)
    pages = _rows_by_key(connection, _page_sums().where(wanted))
    runs = _last_runs(connection, named, wanted)
    left = _rows_by_key(connection, _left_sums().where(wanted))
    waits = _rows_by_key(connection, _host_waits().where(named))
    verdicts = _rows_by_key(connection, _verdicts().where(named))
    lists = connection.execute(_list_families().where(named))
    families = {row.key: row.family for row in lists}
    chosen = select(portal).where(named).order_by(portal.c.key)
    found = (
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
    )
    if only is not None or catalogue is None:
        return list(found)
    return [each for each in found if each.portal in catalogue or each.reports or each.left]


def does_count() -> ColumnElement[bool]:
    """Whether a portal is one of the archive's: not what was only tried (`portals add`, a URL) and
    has neither a report nor anything left.
    """
    return or_(portal.c.source != AD_HOC, has_any())


def has_any() -> ColumnElement[bool]:
    """Whether a portal has a report, or anything left on the frontier."""
    reports = select(page.c.id).where(page.c.portal_key == portal.c.key, page.c.versions > 0,
                                      page.c.kind == Kind.REPORT)  # fmt: skip
    left = (
        select(frontier.c.page_id)
        .join(page, page.c.id == frontier.c.page_id)
        .where(page.c.portal_key == portal.c.key)
    )
    return or_(reports.correlate(portal).exists(), left.correlate(portal).exists())


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
        _section_pages(page.c.family)
        .group_by(portal.c.key, page.c.family)
        .order_by(portal.c.key, page.c.family.is_not(None), func.count(), page.c.family.desc())
    )


@dataclass(frozen=True, slots=True)
class _LastRun:
    run_id: int
    ended: int
    answered: int
    ended_at: datetime


def _last_runs(
    connection: Connection, named: ColumnElement[bool], wanted: ColumnElement[bool]
) -> dict[str, _LastRun]:
    """Per portal: the latest crawl that visited its entry or a list, and what came of all its
    pages in that run. A robots.txt shows nothing about the portal's content. Only lists are
    looked up, and only the outcomes of these runs counted: a look at every page took a second of
    an archive of the country, one at every outcome there ever was minutes after some years.
    """
    visited = and_(outcome.c.page_id == page.c.id, run.c.id == outcome.c.run_id)
    of_page = select(func.max(outcome.c.run_id)).where(visited, run.c.mode != IMPORT)
    of_page = of_page.correlate(page)
    lists = _section_pages(of_page.scalar_subquery().label("run_id")).where(named).subquery()
    newest = select(lists.c.key, func.max(lists.c.run_id)).group_by(lists.c.key)
    latest = {key: run_id for key, run_id in connection.execute(newest) if run_id is not None}
    answered = case((outcome.c.outcome.in_(_ANSWERED), 1), else_=0)
    counted = (
        select(
            page.c.portal_key,
            outcome.c.run_id,
            func.count(),
            total(answered),
            func.max(outcome.c.at),
        )
        .join(page, page.c.id == outcome.c.page_id)
        .where(page.c.role.not_in(SIDE_ROLES), wanted)
        .group_by(page.c.portal_key, outcome.c.run_id)
    )
    runs, found = sorted(set(latest.values())), {}
    for start in range(0, len(runs), _RUNS_AT_ONCE):
        some = outcome.c.run_id.in_(runs[start : start + _RUNS_AT_ONCE])
        for key, *facts in connection.execute(counted.where(some)):
            if latest.get(key) == facts[0]:
                found[key] = _LastRun(*facts)
    return found


def _section_pages(*columns: ColumnElement[Any]) -> Query:
    """Every portal with its entries and lists, if any: an outer join, so that SQLite begins with
    the portals, and their index leads to these pages alone.
    """
    lists = and_(page.c.portal_key == portal.c.key, page.c.role.in_(SECTION_ROLES))
    return select(portal.c.key, *columns).select_from(portal).outerjoin(page, lists)


def _left_sums() -> Query:
    """An outer join, so that it begins with what waits, which is little, and not with all pages."""
    return (
        select(page.c.portal_key.label("key"), func.count().label("left"))
        .select_from(frontier)
        .outerjoin(page, page.c.id == frontier.c.page_id)
        .group_by(page.c.portal_key)
    )


def _host_waits() -> Query:
    """Per portal: the latest pause among the hosts of its entry and list pages."""
    return (
        _section_pages(
            func.max(host.c.not_before_at).label("until"),
            func.max(host.c.rests_until).label("rests_until"),
            func.max(host.c.reason).label("reason"),
        )
        .outerjoin(host, and_(host.c.host == page.c.host, host.c.reason.is_not(None)))
        .group_by(portal.c.key)
    )


def _verdicts() -> Query:
    """Per portal: the verdict of the latest run that judged it."""
    judged = run_portal.alias()
    last = select(func.max(judged.c.run_id)).where(judged.c.portal_key == portal.c.key)
    same = and_(
        run_portal.c.portal_key == portal.c.key, run_portal.c.run_id == last.scalar_subquery()
    )
    verdict = select(portal.c.key, run_portal.c.verdict, run_portal.c.reason)
    return verdict.select_from(portal).join(run_portal, same)


def _rows_by_key(connection: Connection, chosen: Query) -> dict[str, NamedRow]:
    return {row.key: row for row in connection.execute(chosen)}


def _portal_state(
    row: NamedRow,
    pages: NamedRow | None,
    last: _LastRun | None,
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
