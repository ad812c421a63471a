"""What runs brought: their verdict on each portal beside the one before, new and changed reports.
Reads only. Runs are meant from the number `first` to `last`, both included.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, select

from archive.model.outcome import Outcome
from archive.model.reading import Kind
from archive.store.frontier.runs import IMPORT
from archive.store.query.withdrawals import is_withdrawn
from archive.store.schema import (
    frontier,
    outcome,
    page,
    page_change,
    portal,
    public_body,
    run,
    run_portal,
    version,
)
from archive.store.types import Query

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPortal:
    """The last verdict of some runs on a portal. before: of the latest earlier run that judged it;
    None: they were the first.
    """

    portal: str
    name: str
    verdict: str
    reason: str
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVersion:
    """A version of a report that was made. what: what changed in it, each kind once; () for a new
    one, and where only what is not compared differs.
    """

    url: str
    version: int
    title: str | None
    report_year: int | None
    body_id: int | None
    body: str | None
    portal: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The crawls of some time. ended: how many are over. counts: of URLs, by outcome. left: URLs on
    their frontiers.
    """

    first: int
    last: int
    runs: int
    ended: int
    counts: Mapping[str, int]
    left: int


def span_of(connection: Connection, since: datetime, until: datetime) -> Span | None:
    """The crawls that began within some time; None where none did."""
    c = run.c
    rows = connection.execute(
        select(c.id, c.ended_at, c.counts)
        .where(c.started_at >= since, c.started_at < until, c.mode != IMPORT)
        .order_by(c.id)
    ).all()
    if not rows:
        return None
    first, last = rows[0].id, rows[-1].id
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.counts or {})
    left = select(func.count()).where(frontier.c.run_id.between(first, last))
    return Span(
        first=first, last=last, runs=len(rows), ended=sum(row.ended_at is not None for row in rows),
        counts=counts, left=connection.scalar(left) or 0,
    )  # fmt: skip


def run_portals(connection: Connection, first: int, last: int) -> list[RunPortal]:
    """The portals that runs judged, by key."""
    before, judged = run_portal.alias("before"), run_portal.alias("judged")
    of_portal = judged.c.portal_key == run_portal.c.portal_key
    newest = select(func.max(judged.c.run_id)).where(of_portal).correlate(run_portal)
    latest = newest.where(judged.c.run_id <= last).scalar_subquery()
    earlier = newest.where(judged.c.run_id < first).scalar_subquery()
    rows = connection.execute(
        select(
            run_portal.c.portal_key.label("portal"),
            portal.c.name,
            run_portal.c.verdict,
            run_portal.c.reason,
            before.c.verdict.label("before"),
        )
        .join(portal, portal.c.key == run_portal.c.portal_key)
        .outerjoin(
            before,
            and_(before.c.portal_key == run_portal.c.portal_key, before.c.run_id == earlier),
        )
        .where(run_portal.c.run_id.between(first, last), run_portal.c.run_id == latest)
        .order_by(run_portal.c.portal_key)
    )
    return [RunPortal(**row) for row in rows.mappings()]


def run_versions(
    connection: Connection, first: int, last: int, how: Outcome, *, limit: int
) -> tuple[list[RunVersion], int]:
    """Versions of reports that runs made, new pages or changed ones, by portal and year, `limit`
    of them at most; and how many there are. Withdrawn ones are left out.
    """
    of_run = _versions(first, last, how)
    count = connection.scalar(select(func.count()).select_from(of_run.subquery())) or 0
    newest = of_run.order_by(page.c.portal_key, version.c.report_year.desc(), page.c.key)
    rows = connection.execute(newest.limit(limit)).all()
    what = _what_changed(connection, [row.id for row in rows]) if how is Outcome.CHANGED else {}
    return [
        RunVersion(
            url=row.url,
            version=row.version,
            title=row.title,
            report_year=row.report_year,
            body_id=row.body_id,
            body=row.body,
            portal=row.portal,
            what=what.get(row.id, ()),
        )
        for row in rows
    ], count


def _versions(first: int, last: int, how: Outcome) -> Query:
    return (
        select(
            version.c.id,
            page.c.key.label("url"),
            version.c.number.label("version"),
            version.c.title,
            version.c.report_year,
            public_body.c.id.label("body_id"),
            public_body.c.name.label("body"),
            page.c.portal_key.label("portal"),
        )
        .join(page, page.c.id == outcome.c.page_id)
        .join(version, and_(version.c.page_id == page.c.id, version.c.run_id == outcome.c.run_id))
        .outerjoin(public_body, public_body.c.id == version.c.public_body_id)
        .select_from(outcome)
        .where(outcome.c.run_id.between(first, last), outcome.c.outcome == how, ~is_withdrawn())
        .where(version.c.kind == Kind.REPORT)
    )


def _what_changed(connection: Connection, version_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(version_ids), _AT_ONCE):
        some = version_ids[start : start + _AT_ONCE]
        rows = connection.execute(
            select(page_change.c.version_id, page_change.c.what)
            .where(page_change.c.version_id.in_(some))
            .distinct()
            .order_by(page_change.c.version_id, page_change.c.what)
        )
        for version_id, what in rows:
            found[version_id] = (*found.get(version_id, ()), what)
    return found
