"""What a run brought of each portal, and the verdict on it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    FromClause,
    ScalarSelect,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    true,
)

from archive.model.outcome import SECTION_ROLES, SIDE_ROLES, Outcome, Role, Verdict
from archive.model.portal import Portal
from archive.model.reading import Kind
from archive.store.dialects import insert_into
from archive.store.query.lost import lost_reports
from archive.store.query.silence import (
    naming_lists,
    reports_named,
    silent_pages,
    unnamed_entries,
    visited_among,
    visited_entries,
)
from archive.store.rows import Expected, PortalFacts
from archive.store.schema import frontier, host, link, outcome, page, run_portal, version
from archive.store.types import NamedRow, total

_TROUBLE = (
    Outcome.FAILED, Outcome.BLOCKED, Outcome.ROBOTS, Outcome.GONE, Outcome.SOFT_404,
    Outcome.OUT_OF_SCOPE,
)  # fmt: skip
_REFUSED = (Outcome.FAILED, Outcome.BLOCKED, Outcome.ROBOTS)
_GONE = (Outcome.GONE, Outcome.SOFT_404)
_REPORTS = (Kind.REPORT, Kind.ATTACHMENT)


def known_by_portal(
    connection: Connection, only: Collection[str] | None = None
) -> dict[str, Expected]:
    """How many lists, reports and other pages of each portal, or of these, have a version; a portal
    without any is left out.
    """
    wanted = true() if only is None else page.c.portal_key.in_(only)
    rows = connection.execute(
        select(page.c.portal_key, page.c.kind, func.count().label("pages"))
        .where(page.c.versions > 0, page.c.role.not_in(SIDE_ROLES), wanted)
        .group_by(page.c.portal_key, page.c.kind)
    )
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.portal_key, {})[row.kind] = row.pages
    return {key: _expected(kinds) for key, kinds in counts.items()}


def _expected(kinds: dict[str, int]) -> Expected:
    lists, reports = kinds.pop(Kind.LIST, 0), kinds.pop(Kind.REPORT, 0)
    return Expected(lists=lists, reports=reports, others=sum(kinds.values()))


def portal_facts(
    connection: Connection, run_id: int, *, portals: Sequence[Portal] = ()
) -> dict[str, PortalFacts]:
    """What a run brought of each portal that it touched. A robots.txt is nobody's content.

    portals: what the run was to visit; each has its facts. A page belongs to one portal, and
    another one may name it: what a run of a single portal visits, it visits for that one.
    """
    facts = _by_owner(connection, run_id)
    if len(portals) == 1:
        key = portals[0].key
        own = facts.pop(key, PortalFacts(counts={}))
        named = sum(reports_named(connection, run_id, facts).values())
        facts = {key: _as_one([own, *facts.values()], own.reports or named)}
    entries = {each.key: each.entries for each in portals if each.key not in facts}
    visited = visited_among(connection, run_id, [url for urls in entries.values() for url in urls])
    for key, urls in entries.items():
        entry = next((url for url in urls if url in visited), None)
        facts[key] = PortalFacts(counts={}, entry=entry)
    return facts


def _by_owner(connection: Connection, run_id: int) -> dict[str, PortalFacts]:
    counts, ends = _counts(connection, run_id)
    reasons = _reasons(connection, run_id)
    lists = _lists(connection, run_id)
    repeated = _repeated(connection, run_id)
    left = _left(connection, run_id)
    keys = counts.keys() | left.keys()
    found = _found(connection)
    found |= reports_named(connection, run_id, keys - found.keys())
    silent, lost = silent_pages(connection, run_id), lost_reports(connection, run_id)
    unnamed = unnamed_entries(connection, run_id)
    naming, entries = naming_lists(connection, run_id), visited_entries(connection, run_id)
    return {
        key: PortalFacts(
            counts=counts.get(key, {}),
            lists_read=ends[key, "read"],
            lists_lost=ends[key, "lost"],
            lists_failed=ends[key, "failed"],
            lists_repeated=repeated.get(key, 0),
            known_lost=ends[key, "known_lost"],
            lost=tuple(each.url for each in lost.get(key, ())),
            newly_lost=sum(each.newly for each in lost.get(key, ())),
            never_read=ends[key, "never_read"],
            reasons=tuple(reasons.get(key, ())),
            items_before=lists[key].before if key in lists else 0,
            items_now=lists[key].now if key in lists else 0,
            family_lost=lists[key].family_lost if key in lists else None,
            left=left.get(key, 0),
            reports=found.get(key, 0),
            silent=tuple(silent.get(key, ())),
            unnamed=tuple(unnamed.get(key, ())),
            lists_naming=naming.get(key, 0),
            entry=entries.get(key),
        )
        for key in keys
    }


def _as_one(parts: Sequence[PortalFacts], reports: int) -> PortalFacts:
    """What several portals' pages brought, as of one portal with so many reports."""
    counts: Counter[str] = Counter()
    for each in parts:
        counts.update(each.counts)
    naming = [each.lists_naming for each in parts if each.lists_naming is not None]
    return PortalFacts(
        counts=dict(counts),
        lists_read=sum(each.lists_read for each in parts),
        lists_lost=sum(each.lists_lost for each in parts),
        lists_failed=sum(each.lists_failed for each in parts),
        lists_repeated=sum(each.lists_repeated for each in parts),
        known_lost=sum(each.known_lost for each in parts),
        lost=tuple(url for each in parts for url in each.lost),
        newly_lost=sum(each.newly_lost for each in parts),
        never_read=sum(each.never_read for each in parts),
        reasons=tuple(dict.fromkeys(why for each in parts for why in each.reasons)),
        items_before=sum(each.items_before for each in parts),
        items_now=sum(each.items_now for each in parts),
        family_lost=next((each.family_lost for each in parts if each.family_lost), None),
        left=sum(each.left for each in parts),
        reports=reports,
        silent=tuple(page for each in parts for page in each.silent),
        unnamed=tuple(name for each in parts for name in each.unnamed),
        lists_naming=sum(naming) if naming else None,
        entry=next((each.entry for each in parts if each.entry), None),
    )


def save_verdicts(
    connection: Connection,
    run_id: int,
    verdicts: Mapping[str, tuple[Verdict, str, Mapping[str, int]]],
) -> None:
    """Stores the verdict, its reason and the outcome counts of each portal of a run."""
    if not verdicts:
        return
    statement = insert_into(connection, run_portal)
    fresh = {name: statement.excluded[name] for name in ("verdict", "reason", "counts")}
    keys = [run_portal.c.run_id, run_portal.c.portal_key]
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=fresh),
        [
            {"run_id": run_id, "portal_key": key, "verdict": verdict, "reason": reason,
             "counts": dict(counts)}
            for key, (verdict, reason, counts) in verdicts.items()
        ],
    )  # fmt: skip


def takeable(
    connection: Connection, run_id: int, *, by: datetime, exclude_hosts: Collection[str]
) -> int:
    """How many pending URLs of a run may be fetched until `by`, as far as their hosts and
    they themselves request a pause.
    """
    rows = connection.execute(
        select(frontier.c.host, func.count().label("pending"))
        .outerjoin(host, host.c.host == frontier.c.host)
        .where(frontier.c.run_id == run_id, frontier.c.state == "pending")
        .where(or_(frontier.c.not_before_at.is_(None), frontier.c.not_before_at <= by))
        .where(or_(host.c.not_before_at.is_(None), host.c.not_before_at <= by))
        .group_by(frontier.c.host)
    )
    return sum(row.pending for row in rows if row.host not in exclude_hosts)


def _counts(
    connection: Connection, run_id: int
) -> tuple[dict[str, dict[str, int]], Counter[tuple[str, str]]]:
    """Outcome counts by portal, how many of its lists were read, lost and failed, how many
    URLs that had content are gone, and how many in trouble never had any.
    """
    is_list = case((page.c.role.in_(SECTION_ROLES), 1), else_=0)
    is_known = case((page.c.versions > 0, 1), else_=0)
    rows = connection.execute(
        select(
            page.c.portal_key,
            outcome.c.outcome,
            func.count().label("pages"),
            total(is_list).label("lists"),
            total(is_known).label("known"),
        )
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.run_id == run_id, page.c.role.not_in(SIDE_ROLES))
        .group_by(page.c.portal_key, outcome.c.outcome)
    )
    counts: dict[str, dict[str, int]] = {}
    ends: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts.setdefault(row.portal_key, {})[row.outcome] = row.pages
        if row.outcome in (Outcome.FAILED, Outcome.BLOCKED):
            ends[row.portal_key, "failed"] += row.lists
        if row.outcome in _GONE:
            ends[row.portal_key, "known_lost"] += row.known
        if row.outcome in _REFUSED:
            ends[row.portal_key, "never_read"] += row.pages - row.known
        if row.outcome in _TROUBLE:
            ends[row.portal_key, "lost"] += row.lists
        elif row.outcome != Outcome.REDIRECTED:
            ends[row.portal_key, "read"] += row.lists
    return counts, ends


def _reasons(connection: Connection, run_id: int) -> dict[str, list[str]]:
    """The reasons for which URLs of a portal ended without content, the commonest first."""
    rows = connection.execute(
        select(page.c.portal_key, outcome.c.reason, func.count().label("pages"))
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.run_id == run_id, page.c.role.not_in(SIDE_ROLES))
        .where(outcome.c.outcome.in_(_TROUBLE))
        .group_by(page.c.portal_key, outcome.c.reason)
        .order_by(func.count().desc(), outcome.c.reason)
    )
    reasons: dict[str, list[str]] = {}
    for row in rows:
        reasons.setdefault(row.portal_key, []).append(row.reason)
    return reasons


def _lists(connection: Connection, run_id: int) -> dict[str, NamedRow]:
    """Of the lists that changed in a run: how many pages they named before and now, and a family
    that is no longer recognised.
    """
    older = version.alias("older")
    lost = case((and_(older.c.family.is_not(None), version.c.family.is_(None)), older.c.family))
    rows = connection.execute(
        select(
            page.c.portal_key,
            total(_named_by(older)).label("before"),
            total(_named_by(version)).label("now"),
            func.max(lost).label("family_lost"),
        )
        .select_from(version)
        .join(page, page.c.id == version.c.page_id)
        .join(older, older.c.id == version.c.supersedes)
        .where(version.c.run_id == run_id, older.c.kind == Kind.LIST)
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row for row in rows}


def _repeated(connection: Connection, run_id: int) -> dict[str, int]:
    """How many lists that a run saw have the content of another list of the portal. Lists without
    pages are left out: they are all alike.
    """
    names = exists().where(link.c.version_id == version.c.id, link.c.role == Role.PAGE)
    alike = (
        select(page.c.portal_key, (func.count() - 1).label("more"))
        .join(version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions))
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == run_id))
        .where(page.c.role == Role.LIST, version.c.kind == Kind.LIST, names)
        .group_by(page.c.portal_key, version.c.content_hash)
        .having(func.count() > 1)
        .subquery()
    )
    rows = connection.execute(
        select(alike.c.portal_key, total(alike.c.more).label("more")).group_by(alike.c.portal_key)
    )
    return {row.portal_key: int(row.more) for row in rows}


def _named_by(of: FromClause) -> ScalarSelect[int]:
    """How many pages a version of a list names."""
    named = select(func.count()).where(link.c.version_id == of.c.id, link.c.role == Role.PAGE)
    return named.correlate(of).scalar_subquery()


def _left(connection: Connection, run_id: int) -> dict[str, int]:
    rows = connection.execute(
        select(page.c.portal_key, func.count().label("left"))
        .join(page, page.c.id == frontier.c.page_id)
        .where(frontier.c.run_id == run_id, page.c.role.not_in(SIDE_ROLES))
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row.left for row in rows}


def _found(connection: Connection) -> dict[str, int]:
    """Reports and files by portal. A list may be read as a report by mistake: one that names
    nothing is left to the verdict.
    """
    names = exists().where(link.c.version_id == version.c.id)
    rows = connection.execute(
        select(page.c.portal_key, func.count().label("reports"))
        .join(version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions))
        .where(page.c.kind.in_(_REPORTS))
        .where(or_(page.c.role.not_in(SECTION_ROLES), names))
        .group_by(page.c.portal_key)
    )
    return {row.portal_key: row.reports for row in rows}
