"""What the entries and lists of a run name; the verdict on a portal hears of the silent ones."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, and_, exists, func, select

from archive.model.outcome import LIST_ROLES, SECTION_ROLES, Outcome, Role
from archive.model.reading import Kind
from archive.store.rows import SilentPage
from archive.store.schema import body, finding, link, outcome, page, version
from archive.store.types import Query

_REACHED = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
_TARGETS = (Role.PAGE, Role.ATTACHMENT)
# Enough to distinguish a list's lines from a report's sentences.
_LOOKED_AT = 4_000
_MOST = 1_000
_UNNAMED = "entry_without_url"  # as archive.families.listing.unnamed calls it


def silent_pages(connection: Connection, run_id: int) -> dict[str, list[SilentPage]]:
    """Entries and lists that a run reached and that name no URL, entries first, by portal."""
    names = exists().where(link.c.version_id == version.c.id)
    rows = connection.execute(
        _reached(run_id)
        .add_columns(
            page.c.key,
            page.c.role,
            version.c.kind,
            version.c.report_year,
            func.substr(body.c.text, 1, _LOOKED_AT).label("text"),
        )
        .join(body, body.c.hash == version.c.body_hash)
        .where(page.c.role.in_(SECTION_ROLES), ~names)
        .order_by(page.c.role, page.c.id)
        .limit(_MOST)
    )
    found: defaultdict[str, list[SilentPage]] = defaultdict(list)
    for row in rows:
        found[row.portal_key].append(
            SilentPage(
                url=row.key,
                is_entry=row.role == Role.ENTRY,
                kind=row.kind,
                report_year=row.report_year,
                text=row.text,
            )
        )
    return found


def unnamed_entries(connection: Connection, run_id: int) -> dict[str, list[str]]:
    """Lists that a run reached with entries whose URL is not known, by portal: as sentences."""
    rows = connection.execute(
        _reached(run_id)
        .add_columns(page.c.key, finding.c.evidence)
        .join(finding, finding.c.version_id == version.c.id)
        .where(finding.c.rule == _UNNAMED)
        .order_by(page.c.id)
        .limit(_MOST)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        message = f"the list {row.key} has entries whose url cannot be told ({row.evidence})"
        found[row.portal_key].append(message)
    return found


def naming_lists(connection: Connection, run_id: int) -> dict[str, int]:
    """How many entries, hub pages and lists that a run reached name pages or files, by portal."""
    names = exists().where(link.c.version_id == version.c.id, link.c.role.in_(_TARGETS))
    rows = connection.execute(
        _reached(run_id)
        .add_columns(func.count().label("lists"))
        .where(page.c.role.in_(LIST_ROLES), names)
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row.lists for row in rows}


def reports_named(
    connection: Connection, run_id: int, portal_keys: Collection[str]
) -> dict[str, int]:
    """How many known reports and files the lists name that a run reached, by the lists' portal; a
    report may be a page of another portal.
    """
    target = page.alias("target")
    rows = connection.execute(
        _reached(run_id)
        .add_columns(func.count(target.c.id.distinct()).label("reports"))
        .join(link, link.c.version_id == version.c.id)
        .join(target, target.c.id == link.c.to_page_id)
        .where(page.c.role.in_(LIST_ROLES), page.c.portal_key.in_(portal_keys))
        .where(target.c.versions > 0, target.c.kind.in_((Kind.REPORT, Kind.ATTACHMENT)))
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row.reports for row in rows}


def visited_among(connection: Connection, run_id: int, urls: Collection[str]) -> frozenset[str]:
    """Those of the urls that have an outcome in a run, whichever portal they belong to."""
    rows = connection.scalars(
        select(page.c.key)
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == run_id))
        .where(page.c.key.in_(urls))
    )
    return frozenset(rows)


def visited_entries(connection: Connection, run_id: int) -> dict[str, str]:
    """An entry of each portal that has an outcome in a run, by portal."""
    rows = connection.execute(
        select(page.c.portal_key, func.min(page.c.key).label("entry"))
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == run_id))
        .where(page.c.role == Role.ENTRY)
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row.entry for row in rows}


def _reached(run_id: int) -> Query:
    """Pages of which a run brought content, with their latest version."""
    return (
        select(page.c.portal_key)
        .join(version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions))
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == run_id))
        .where(outcome.c.outcome.in_(_REACHED))
    )
