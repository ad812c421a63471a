"""The reports of the archive as facts: who, which year, where, when; and how far portals were
looked through. Reads only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, select

from archive.model.outcome import Outcome, Role, Verdict
from archive.model.reading import Body, BodyKind, Kind
from archive.store.schedule import LIST_ROLES
from archive.store.schema import (
    field,
    figure,
    frontier,
    link,
    office,
    outcome,
    page,
    run,
    run_portal,
    version,
)

_REFUSED = (Outcome.BLOCKED, Outcome.ROBOTS)
_UNREAD = (Outcome.FAILED, Outcome.OUT_OF_SCOPE, *_REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFact:
    """A report's latest version, official ones only.

    body: None when neither the report nor the page that carries it names an office.
    published_on: ISO date; None when not printed. has_figures: it has a table of 2019 or 2021.
    """

    version_id: int
    portal: str
    url: str
    kind: str
    year: int
    published_on: str | None
    body: Body | None
    has_figures: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLook:
    """How far a portal's lists were looked through.

    whole_at: when last every list of it answered in a good run; None: never. refused: how its
    entry refused the latest visit; None when it did not.
    """

    whole_at: datetime | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPage:
    """A page that a list names. was_read: it has a version. outcome: of its latest visit; None
    while it waits for the first.
    """

    portal: str
    url: str
    text: str
    was_read: bool
    outcome: str | None
    reason: str | None


def report_facts(connection: Connection) -> list[ReportFact]:
    """Every report, pages and files alike, by page."""
    carriers = _carriers(connection)
    return [_fact(row, carriers) for row in connection.execute(_reports())]


def _published() -> Any:
    return (
        select(field.c.value)
        .where(field.c.version_id == version.c.id, field.c.name == "published_on", field.c.chosen)
        .limit(1)
        .scalar_subquery()
        .label("published_on")
    )


def _reports() -> Any:
    tables = exists().where(figure.c.version_id == version.c.id, figure.c.form.in_(("f19", "f21")))
    return (
        select(
            version.c.id, page.c.id.label("page_id"), page.c.portal_key, page.c.address,
            version.c.kind, version.c.report_year, _published(),
            tables.label("has_figures"), office.c.name, office.c.division,
            office.c.kind.label("office_kind"),
        )
        .join(page, and_(page.c.id == version.c.page_id, page.c.versions == version.c.number))
        .outerjoin(office, office.c.id == version.c.office_id)
        .where(version.c.kind.in_((Kind.REPORT, Kind.ATTACHMENT)))
        .where(version.c.report_year.is_not(None), version.c.official)
        .order_by(page.c.id)
    )  # fmt: skip


def _carriers(connection: Connection) -> dict[int, Any]:
    """The office and publishing day of the page that carries a file, by the file's page id."""
    rows = connection.execute(
        select(
            link.c.to_page_id, _published(), office.c.name, office.c.division,
            office.c.kind.label("office_kind"),
        )
        .join(version, version.c.id == link.c.version_id)
        .join(page, and_(page.c.id == version.c.page_id, page.c.versions == version.c.number))
        .outerjoin(office, office.c.id == version.c.office_id)
        .where(link.c.role == Role.ATTACHMENT, link.c.to_page_id.is_not(None))
        .where(version.c.kind == Kind.REPORT)
    )  # fmt: skip
    return {row.to_page_id: row for row in rows}


def _fact(row: Any, carriers: dict[int, Any]) -> ReportFact:
    carrier = carriers.get(row.page_id)
    return ReportFact(
        version_id=row.id,
        portal=row.portal_key,
        url=row.address,
        kind=row.kind,
        year=row.report_year,
        published_on=row.published_on or (carrier.published_on if carrier else None),
        body=_body(row) or (_body(carrier) if carrier else None),
        has_figures=bool(row.has_figures),
    )


def _body(row: Any) -> Body | None:
    if row.name is None:
        return None
    return Body(name=row.name, division=row.division or None, kind=BodyKind(row.office_kind))


def portal_looks(connection: Connection) -> dict[str, PortalLook]:
    """How far each portal was looked through; a portal that was never visited is left out.

    A look is whole when the run was good for the portal, none of its lists failed, and none is
    left on the frontier. (A list that is gone was looked at.)
    """
    waiting = set(
        connection.scalars(
            select(page.c.portal_key)
            .join(frontier, frontier.c.page_id == page.c.id)
            .where(page.c.role.in_(LIST_ROLES))
        )
    )
    found: dict[str, PortalLook] = {}
    for row in connection.execute(_list_visits()):
        before = found.get(row.portal_key, PortalLook())
        good = not row.unread and row.verdict == Verdict.GOOD and row.portal_key not in waiting
        found[row.portal_key] = PortalLook(
            whole_at=row.ended_at if good else before.whole_at,
            refused=row.refused if row.refusals == row.visits else None,
        )
    return found


def _list_visits() -> Any:
    """What came of the lists of each portal in each finished run, oldest first."""
    unread = case((outcome.c.outcome.in_(_UNREAD), 1), else_=0)
    refusals = case((outcome.c.outcome.in_(_REFUSED), 1), else_=0)
    refused = case((outcome.c.outcome.in_(_REFUSED), outcome.c.reason), else_=None)
    return (
        select(
            page.c.portal_key, outcome.c.run_id, func.count().label("visits"),
            func.sum(unread).label("unread"), func.sum(refusals).label("refusals"),
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
        .where(page.c.role.in_(LIST_ROLES), run.c.status == "finished")
        .group_by(page.c.portal_key, outcome.c.run_id)
        .order_by(outcome.c.run_id)
    )  # fmt: skip


def named_pages(connection: Connection) -> list[NamedPage]:
    """Pages and files that the latest version of another page names, by page; copies on other
    sites and what redirects are left out.
    """
    rows = connection.execute(_named_pages())
    return [
        NamedPage(
            portal=row.portal_key,
            url=row.address,
            text=row.text,
            was_read=row.versions > 0,
            outcome=row.outcome,
            reason=row.reason,
        )
        for row in rows
        if row.outcome != Outcome.REDIRECTED
    ]


def _named_pages() -> Any:
    latest = (
        select(outcome.c.page_id, func.max(outcome.c.run_id).label("run_id"))
        .group_by(outcome.c.page_id)
        .subquery()
    )
    source = page.alias("source")
    copies = select(version.c.page_id).where(~version.c.official)
    return (
        select(
            page.c.id,
            page.c.portal_key,
            page.c.address,
            page.c.versions,
            func.max(link.c.text).label("text"),
            func.max(outcome.c.outcome).label("outcome"),
            func.max(outcome.c.reason).label("reason"),
        )
        .join(link, link.c.to_page_id == page.c.id)
        .join(version, version.c.id == link.c.version_id)
        .join(source, and_(source.c.id == version.c.page_id, source.c.versions == version.c.number))
        .outerjoin(latest, latest.c.page_id == page.c.id)
        .outerjoin(
            outcome,
            and_(outcome.c.page_id == latest.c.page_id, outcome.c.run_id == latest.c.run_id),
        )
        .where(page.c.role.in_((Role.PAGE, Role.ATTACHMENT)), page.c.id.not_in(copies))
        .where(func.coalesce(page.c.kind, Kind.OTHER) != Kind.LIST)
        .group_by(page.c.id, page.c.portal_key, page.c.address, page.c.versions)
        .order_by(page.c.id)
    )
