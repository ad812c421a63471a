"""Putting URLs on the frontier: what a fresh run starts with, and what its pages name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from archive.model.outcome import SECTION_ROLES, SIDE_ROLES, Outcome, Role
from archive.model.portal import Portal
from archive.model.reading import Kind, Link
from archive.model.url import host_of, key_of
from archive.store.dialects import insert_into
from archive.store.frontier.requisites import PICTURE, take_for_page
from archive.store.schema import frontier, link, outcome, page, portal, run
from archive.store.types import Json, Query, Values

RANKS = {
    Role.ROBOTS: 0,
    Role.ENTRY: 0,
    Role.NAVIGATION: 0,
    Role.LIST: 1,
    Role.PAGE: 2,
    Role.ATTACHMENT: 3,
    Role.REQUISITE: 4,
}
AD_HOC = "ad-hoc"
# Well under SQLite's 32,766 variables a statement.
CHUNK = 1_000

_Item = TypeVar("_Item")
_naming = page.alias("naming")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A URL that a page names, with what it inherits from that page."""

    link: Link
    portal_key: str
    depth: int
    hops: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the page it leads to."""
        return key_of(self.link.url, self.link.method, self.link.body)


class KnownPage(Protocol):
    """What scheduling reads of a page's row."""

    id: int
    key: str
    url: str
    host: str
    portal_key: str
    role: str
    kind: str | None
    next_due_at: datetime | None


def schedule_start(
    connection: Connection, run_id: int, portals: Sequence[Portal], *, full: bool, now: datetime
) -> None:
    """What a fresh run visits: entries, known lists, and known pages (those due, or all)."""
    found = [
        Found(
            link=Link(url=url, text=each.name, role=Role.ENTRY),
            portal_key=each.key,
            depth=0,
            hops=(),
        )
        for each in portals
        for url in each.entries
    ]
    visitors = {each.key for each in portals if each.source == AD_HOC}
    for chunk in _chunks(found):
        known = ensure_pages(connection, chunk, now)
        _claim_entries(connection, known, chunk, visitors)
        _take_kept(connection, run_id, [row.id for row in known.values()])
        schedule_found(connection, run_id, chunk, full=full, now=now)
    for keys in _chunks([each.key for each in portals]):
        _schedule_known(connection, run_id, keys, full=full, now=now)


def schedule_pages(
    connection: Connection, run_id: int, page_ids: Sequence[int], *, now: datetime
) -> None:
    """Puts known pages on the run's frontier, due or not; errors and exceptions as in
    `schedule_found`.
    """
    for chunk in _chunks(page_ids):
        rows = connection.execute(select(page).where(page.c.id.in_(chunk)).order_by(page.c.id))
        found = [
            Found(
                link=Link(
                    url=row.url, text="", role=Role(row.role), method=row.method, body=row.body
                ),
                portal_key=row.portal_key,
                depth=row.depth,
                hops=(),
            )
            for row in rows
        ]
        schedule_found(connection, run_id, found, full=True, now=now)


def schedule_found(
    connection: Connection, run_id: int, found: Sequence[Found], *, full: bool, now: datetime
) -> tuple[dict[str, int], set[str]]:
    """Puts discovered URLs on the run's frontier. Returns page ids by key, and the keys that
    were scheduled. A page that waits for a run that is over (another portal's, perhaps) is taken
    from it. Left alone: a page that waits in this run or is kept, that ended in this run, or a
    known page (no list) that is not due; what a page shows and is known as a page itself.
    """
    unique: dict[str, Found] = {}
    for each in found:
        unique.setdefault(each.key, each)
    ids: dict[str, int] = {}
    scheduled: set[str] = set()
    for chunk in _chunks(list(unique.values())):
        known = ensure_pages(connection, chunk, now)
        ids |= {key: row.id for key, row in known.items()}
        visit = {each.key: each for each in chunk if _wanted(each, known[each.key], now, full=full)}
        scheduled |= _put(connection, run_id, visit, known)
    return ids, scheduled


def named_elsewhere(
    connection: Connection, run_id: int, version_ids: Collection[int]
) -> dict[int, list[Found]]:
    """What lists name that stand unchanged and so were not read, by their page: what waits in a run
    that is over, the further lists, and pages of other portals (an import may have brought them).
    All else was put on the frontier when the run began.
    """
    waits = exists().where(frontier.c.page_id == page.c.id, frontier.c.run_id != run_id, _is_over())
    further = and_(link.c.role == Role.LIST, page.c.versions > 0)
    rows = connection.execute(
        select(link.c.from_page_id, link.c.role.label("as_role"), page)
        .join(page, page.c.id == link.c.to_page_id)
        .where(link.c.version_id.in_(version_ids))
        .join(_naming, _naming.c.id == link.c.from_page_id)
        .where(or_(waits, further, page.c.portal_key != _naming.c.portal_key))
        .order_by(link.c.version_id, link.c.position)
    )
    found: dict[int, list[Found]] = {}
    for row in rows:
        named = Link(url=row.url, text="", role=Role(row.as_role), method=row.method, body=row.body)
        each = Found(link=named, portal_key=row.portal_key, depth=row.depth, hops=())
        found.setdefault(row.from_page_id, []).append(each)
    return found


def _wanted(found: Found, row: KnownPage, now: datetime, *, full: bool) -> bool:
    """Whether a page should be visited in this run, as far as its own row shows."""
    if found.link.role is Role.REQUISITE and row.role != Role.REQUISITE:
        return False  # what is known as a page is visited as one
    if found.link.text == PICTURE and found.link.role is Role.REQUISITE:
        return True  # it may be exchanged while its page stands: asked for whenever that is
    if full or row.next_due_at is None:
        return True
    return row.role in SECTION_ROLES or row.kind == Kind.LIST or bool(row.next_due_at <= now)


def ensure_pages(
    connection: Connection, found: Sequence[Found], now: datetime
) -> dict[str, KnownPage]:
    """The page rows of all URLs, by key; missing ones are made."""
    by_key = {each.key: each for each in found}
    known = pages_by_key(connection, list(by_key))
    missing = [each for key, each in by_key.items() if key not in known]
    if missing:
        connection.execute(
            insert_into(connection, page).on_conflict_do_nothing(index_elements=[page.c.key]),
            [_page_row(each, now) for each in missing],
        )
        known |= pages_by_key(connection, [each.key for each in missing])
    _name_anew(connection, known, by_key)
    return known | _take_for_pages(connection, known, by_key)


def _name_anew(
    connection: Connection, known: Mapping[str, KnownPage], by_key: Mapping[str, Found]
) -> None:
    """Stores the URL that names a page now: it is fetched with the session of today."""
    renamed = [
        {"page_id": row.id, "fresh": by_key[key].link.url}
        for key, row in known.items()
        if row.url != by_key[key].link.url
    ]
    if renamed:
        named = update(page).where(page.c.id == bindparam("page_id"))
        connection.execute(named.values(url=bindparam("fresh")), renamed)


def _take_for_pages(
    connection: Connection, known: Mapping[str, KnownPage], by_key: Mapping[str, Found]
) -> dict[str, KnownPage]:
    """An image that was known for being shown and is named as a page or a file is read as one."""
    read = {
        row.id: by_key[key].link.role
        for key, row in known.items()
        if row.role == Role.REQUISITE and by_key[key].link.role is not Role.REQUISITE
    }
    for page_id, role in read.items():
        take_for_page(connection, page_id, role, RANKS[role])
    return pages_by_key(connection, [key for key, row in known.items() if row.id in read])


def pages_by_key(connection: Connection, keys: Sequence[str]) -> dict[str, KnownPage]:
    """The rows of the pages that are known among `keys`, by key."""
    names = ("id", "key", "url", "host", "portal_key", "role", "kind", "next_due_at")
    columns = [page.c[name] for name in names]
    known: dict[str, KnownPage] = {}
    for chunk in _chunks(keys):
        rows = connection.execute(select(*columns).where(page.c.key.in_(chunk)))
        known |= {row.key: row for row in rows}
    return known


def _page_row(found: Found, now: datetime) -> Values:
    link = found.link
    return {
        "key": found.key,
        "url": link.url,
        "method": link.method,
        "body": link.body,
        "host": host_of(link.url),
        "portal_key": found.portal_key,
        "role": link.role,
        "depth": found.depth,
        "first_seen_at": now,
        "versions": 0,
    }


def _claim_entries(
    connection: Connection,
    known: dict[str, KnownPage],
    entries: Sequence[Found],
    visitors: Collection[str],
) -> None:
    """An entry belongs to the portal that names it, also when another portal saw it first. An
    URL visited on its own (`visitors`) takes no page of a portal of the catalogue.
    """
    owners = {row.portal_key for row in known.values()}
    catalogued = set(
        connection.scalars(
            select(portal.c.key).where(portal.c.key.in_(owners), portal.c.source != AD_HOC)
        )
    )
    foreign = [
        {"page_id": row.id, "owner": each.portal_key}
        for each in entries
        if (row := known[each.key]).portal_key != each.portal_key or row.role != Role.ENTRY
        if each.portal_key not in visitors or row.portal_key not in catalogued
    ]
    if foreign:
        connection.execute(
            update(page)
            .where(page.c.id == bindparam("page_id"))
            .values(portal_key=bindparam("owner"), role=Role.ENTRY),
            foreign,
        )


def _take_kept(connection: Connection, run_id: int, page_ids: Sequence[int]) -> None:
    """Entries whose answer a run that is over kept and did not read are read in this run."""
    connection.execute(
        update(frontier)
        .where(frontier.c.page_id.in_(page_ids), frontier.c.state == "kept", _is_over())
        .values(run_id=run_id)
    )


def _is_over() -> ColumnElement[bool]:
    """Whether a frontier row stands in a run that does not run."""
    return exists().where(run.c.id == frontier.c.run_id, run.c.status != "running")


def _put(
    connection: Connection, run_id: int, visit: dict[str, Found], known: dict[str, KnownPage]
) -> set[str]:
    """Inserts frontier rows for the pages that neither wait nor have ended in this run."""
    page_ids = [known[key].id for key in visit]
    busy = _busy(connection, run_id, page_ids)
    elsewhere = and_(frontier.c.run_id != run_id, frontier.c.state != "kept", _is_over())
    wanted = [page_id for page_id in page_ids if page_id not in busy]
    connection.execute(delete(frontier).where(frontier.c.page_id.in_(wanted), elsewhere))
    free = {key: each for key, each in visit.items() if known[key].id not in busy}
    if not free:
        return set()
    start = _take_positions(connection, run_id, len(free))
    rows = [
        _frontier_row(run_id, known[key], each, start + index)
        for index, (key, each) in enumerate(free.items())
    ]
    statement = insert_into(connection, frontier)
    connection.execute(statement.on_conflict_do_nothing(index_elements=[frontier.c.page_id]), rows)
    return set(free)


def _busy(connection: Connection, run_id: int, page_ids: Sequence[int]) -> set[int]:
    held = or_(frontier.c.run_id == run_id, frontier.c.state == "kept", ~_is_over())
    waiting = select(frontier.c.page_id).where(frontier.c.page_id.in_(page_ids), held)
    ended = (
        select(outcome.c.page_id)
        .where(outcome.c.run_id == run_id)
        .where(outcome.c.page_id.in_(page_ids))
    )
    return set(connection.scalars(waiting.union(ended)))


def _take_positions(connection: Connection, run_id: int, count: int) -> int:
    """The first of `count` fresh positions of a run."""
    end = connection.scalar(
        update(run)
        .where(run.c.id == run_id)
        .values(scheduled=run.c.scheduled + count)
        .returning(run.c.scheduled)
    )
    return int(end or 0) - count


def _frontier_row(run_id: int, row: KnownPage, found: Found, position: int) -> Values:
    role = Role(row.role) if row.role in SECTION_ROLES else found.link.role
    return {
        "page_id": row.id,
        "run_id": run_id,
        "state": "pending",
        "host": row.host,
        "role": role,
        "rank": RANKS[role],
        "position": position,
        "depth": found.depth,
        "attempts": 0,
        "hops": list(found.hops),
    }


def _schedule_known(
    connection: Connection, run_id: int, portal_keys: Sequence[str], *, full: bool, now: datetime
) -> None:
    """Known lists and known pages of some portals, in the order in which they were first seen."""
    start = _take_positions(connection, run_id, 0)
    # A list that was out of scope and gave nothing is not fetched again by itself.
    left = exists().where(outcome.c.page_id == page.c.id, outcome.c.outcome == Outcome.OUT_OF_SCOPE)
    known = or_(page.c.versions > 0, ~left)
    listed = and_(or_(page.c.role == Role.LIST, page.c.kind == Kind.LIST), known)
    planned = or_(page.c.next_due_at.is_(None), page.c.next_due_at <= now)
    due = and_(planned, or_(page.c.role != Role.LIST, known))
    # An entry that the catalogue no longer names is not visited for its role alone; a robots.txt
    # is fetched before the first page of its host, what a page shows behind that page.
    wanted = and_(
        page.c.portal_key.in_(portal_keys),
        page.c.role.not_in((Role.ENTRY, *SIDE_ROLES)),
        or_(literal(full), listed, due),
    )
    free = ~exists().where(frontier.c.page_id == page.c.id)
    rows = _as_frontier(run_id, start).where(wanted, free)
    columns = [column.name for column in rows.selected_columns]
    result = connection.execute(insert_into(connection, frontier).from_select(columns, rows))
    _take_positions(connection, run_id, result.rowcount)


def _as_frontier(run_id: int, start: int) -> Query:
    order = func.row_number().over(order_by=page.c.id)
    return select(
        page.c.id.label("page_id"),
        literal(run_id).label("run_id"),
        literal("pending").label("state"),
        page.c.host,
        page.c.role,
        case(RANKS, value=page.c.role, else_=2).label("rank"),
        (order + (start - 1)).label("position"),
        page.c.depth,
        literal(0).label("attempts"),
        null().label("not_before_at"),
        literal([], Json).label("hops"),
    )


def _chunks(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
