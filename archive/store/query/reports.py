"""The reports of the archive as facts: who, which year, where, when. Reads only."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from sys import intern

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    ScalarSelect,
    and_,
    exists,
    func,
    select,
)

from archive.model.outcome import Outcome, Role
from archive.model.reading import BodyKind, Kind, PublicBody
from archive.store.reading_tables import named
from archive.store.schema import (
    field,
    link,
    outcome,
    page,
    public_body,
    version,
)
from archive.store.types import NamedRow, Query

_REFUSED = (Outcome.BLOCKED, Outcome.ROBOTS)
_ROWS_AT_ONCE = 1_000
_PUBLIC_BODY = (public_body.c.name, public_body.c.division, public_body.c.kind.label("body_kind"))
CARRIER = version.alias("carrier")
"""The version of the page that carries a file: its publisher and its day are the file's."""

_UNREAD = (Outcome.FAILED, Outcome.OUT_OF_SCOPE, *_REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFact:
    """A report's latest version, official ones only.

    body: None when neither the report nor the page that carries it names a public body.
    published_on: ISO date; None when not printed.
    """

    version_id: int
    page_id: int
    portal: str
    kind: str
    year: int
    published_on: str | None
    body: PublicBody | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportGroup:
    """The reports of one public body on one portal.

    public_body_id, body: None when neither the report nor the page that carries it names one.
    first_page_id: of the first of them that was found.
    """

    portal: str
    public_body_id: int | None
    body: PublicBody | None
    reports: int
    first_page_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPage:
    """A page that a list names. was_read: it has a version. outcome: of its latest visit; None
    while it waits for the first.
    """

    portal: str
    page_id: int
    url: str
    text: str
    was_read: bool
    outcome: str | None
    reason: str | None


def report_facts(connection: Connection, portals: Collection[str]) -> Iterator[ReportFact]:
    """Every report of these portals, pages and files alike, by page; those of one body share it."""
    publisher = func.coalesce(version.c.public_body_id, CARRIER.c.public_body_id)
    published = func.coalesce(published_of(version.c.id), published_of(CARRIER.c.id))
    selected = select(
        version.c.id, version.c.page_id, page.c.portal_key, version.c.kind,
        version.c.report_year, published.label("published_on"), *_PUBLIC_BODY,
    )  # fmt: skip
    reports = (
        latest_reports(selected)
        .outerjoin(CARRIER, CARRIER.c.id == carrier_id())
        .outerjoin(public_body, public_body.c.id == publisher)
        .where(page.c.portal_key.in_(portals))
        .order_by(page.c.id)
    )
    bodies: dict[PublicBody | None, PublicBody | None] = {}
    for row in connection.execute(reports, execution_options={"yield_per": _ROWS_AT_ONCE}):
        fact = _fact(row)
        yield replace(fact, body=bodies.setdefault(fact.body, fact.body))


def report_groups(connection: Connection) -> Iterator[ReportGroup]:
    """How many reports each portal has of each public body, by portal; all reports are in one. An
    archive has a hundred times more reports than portals: they come one by one.
    """
    named = latest_reports(
        select(page.c.id, page.c.portal_key, version.c.public_body_id, carrier_id())
    ).subquery()
    publisher = func.coalesce(named.c.public_body_id, CARRIER.c.public_body_id)
    rows = connection.execute(
        select(
            named.c.portal_key, publisher.label("public_body_id"), func.count().label("reports"),
            func.min(named.c.id).label("first_page_id"), *_PUBLIC_BODY,
        )
        .outerjoin(CARRIER, CARRIER.c.id == named.c.carrier_id)
        .outerjoin(public_body, public_body.c.id == publisher)
        .group_by(named.c.portal_key, publisher, *_PUBLIC_BODY)
        .order_by(named.c.portal_key),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )  # fmt: skip
    for row in rows:
        yield ReportGroup(
            portal=intern(row.portal_key),
            public_body_id=row.public_body_id,
            body=_public_body(row),
            reports=row.reports,
            first_page_id=row.first_page_id,
        )


def latest_reports(selected: Query) -> Query:
    """SQL: the latest versions of pages that are official reports with a year."""
    return (
        selected.join_from(
            version, page, and_(page.c.id == version.c.page_id, page.c.versions == version.c.number)
        )
        .where(version.c.kind.in_((Kind.REPORT, Kind.ATTACHMENT)))
        .where(version.c.report_year.is_not(None), version.c.official)
    )


def carrier_id() -> Label[int]:
    """SQL: the latest version of the page that carries a file; the newest where several do."""
    carrying, carrying_page = version.alias("carrying"), page.alias("carrying_page")
    return (
        select(func.max(carrying.c.id))
        .join_from(link, carrying, carrying.c.id == link.c.version_id)
        .join(
            carrying_page,
            and_(
                carrying_page.c.id == carrying.c.page_id,
                carrying_page.c.versions == carrying.c.number,
            ),
        )
        .where(link.c.to_page_id == page.c.id, link.c.role == Role.ATTACHMENT)
        .where(carrying.c.kind == Kind.REPORT)
        .correlate(page)
        .scalar_subquery()
        .label("carrier_id")
    )


def published_of(version_id: ColumnElement[int]) -> ScalarSelect[str]:
    """SQL: the day on which a version says that it was published; NULL when it does not."""
    return (
        select(field.c.value)
        .where(field.c.version_id == version_id, named("published_on"), field.c.chosen)
        .limit(1)
        .scalar_subquery()
    )


def _fact(row: NamedRow) -> ReportFact:
    return ReportFact(
        version_id=row.id,
        page_id=row.page_id,
        portal=intern(row.portal_key),
        kind=intern(row.kind),
        year=row.report_year,
        published_on=intern(row.published_on) if row.published_on else row.published_on,
        body=_public_body(row),
    )


def _public_body(row: NamedRow) -> PublicBody | None:
    if row.name is None:
        return None
    return PublicBody(
        name=row.name, division=intern(row.division) or None, kind=BodyKind(row.body_kind)
    )


def named_pages(connection: Connection, portals: Collection[str]) -> Iterator[NamedPage]:
    """Pages and files of these portals that the latest version of another page names, by page;
    copies on other sites and what redirects are left out.
    """
    query = _named_pages().where(page.c.portal_key.in_(portals))
    for row in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        if row.text is not None and row.outcome != Outcome.REDIRECTED:
            yield NamedPage(
                portal=intern(row.portal_key),
                page_id=row.id,
                url=row.url,
                text=row.text,
                was_read=row.versions > 0,
                outcome=row.outcome,
                reason=row.reason,
            )


def _named_pages() -> Query:
    """Each is looked up from its page: an archive has a hundred times more of them than are asked
    for at once.
    """
    source, latest, copy = page.alias("source"), outcome.alias("latest"), version.alias("copy")
    naming = (
        select(func.max(link.c.text))
        .join_from(link, version, version.c.id == link.c.version_id)
        .join(source, and_(source.c.id == version.c.page_id, source.c.versions == version.c.number))
        .where(link.c.to_page_id == page.c.id)
        .correlate(page)
        .scalar_subquery()
    )
    last_run = (
        select(func.max(latest.c.run_id)).where(latest.c.page_id == page.c.id).scalar_subquery()
    )
    return (
        select(
            page.c.id, page.c.portal_key, page.c.url, page.c.versions, naming.label("text"),
            outcome.c.outcome, outcome.c.reason,
        )
        .select_from(page)
        .outerjoin(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == last_run))
        .where(page.c.role.in_((Role.PAGE, Role.ATTACHMENT)))
        .where(func.coalesce(page.c.kind, Kind.OTHER) != Kind.LIST)
        .where(~exists().where(copy.c.page_id == page.c.id, ~copy.c.official))
        .order_by(page.c.id)
    )  # fmt: skip
