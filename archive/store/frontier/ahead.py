"""Instants that a clock left in the ledger while it was ahead. A machine whose clock stood in 2029
for one crawl would else leave its hosts and pages alone until then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from archive.model.outcome import LIST_ROLES
from archive.store.schema import frontier, host, page
from archive.store.types import NamedRow, Values

SKEW = timedelta(minutes=1)  # two machines of one archive differ by that, and a clock that is set
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Longest:
    """How far ahead a right clock plans at most. pause: of a host or a waiting URL; list_rest,
    page_rest: until the next visit. seen_rest: what a page that was captured after now may keep.
    """

    pause: timedelta
    list_rest: timedelta
    page_rest: timedelta
    seen_rest: timedelta


def bring_back(connection: Connection, longest: Longest, now: datetime) -> list[str]:
    """Brings instants beyond `now` and what could have been planned back, and returns a line a
    kind; nothing when there were none. The pause that a host requested stays as long as it was;
    pages and URLs whose plan nobody can know are due at once.
    """
    names = _hosts(connection, longest.pause, now)
    pages = connection.execute(
        update(page).where(_planned_ahead(longest, now)).values(next_due_at=now)
    ).rowcount
    waiting = connection.execute(
        update(frontier)
        .where(frontier.c.not_before_at > now + longest.pause)
        .values(not_before_at=now)
    ).rowcount
    changes = []
    if names:
        more = ", …" if len(names) > _NAMED else ""
        changes.append(
            f"visits or pauses of hosts ({len(names)}: {', '.join(names[:_NAMED])}{more})"
        )
    changes += [f"next visits of pages ({pages})"] if pages else []
    changes += [f"next tries of URLs ({waiting})"] if waiting else []
    why = "lay too far ahead of this machine's clock and were brought back: is the clock right?"
    return [f"{each} {why}" for each in changes]


def _planned_ahead(longest: Longest, now: datetime) -> ColumnElement[bool]:
    seen_later = page.c.last_captured_at > now + SKEW
    return or_(
        page.c.next_due_at > now + longest.page_rest,
        and_(page.c.role.in_(LIST_ROLES), page.c.next_due_at > now + longest.list_rest),
        and_(seen_later, page.c.next_due_at > now + longest.seen_rest),
    )


def _hosts(connection: Connection, pause: timedelta, now: datetime) -> list[str]:
    """Names of the hosts whose instants were brought back."""
    rows = connection.execute(
        select(host).where(
            or_(
                host.c.last_visit_at > now + SKEW,
                host.c.robots_fetched_at > now + SKEW,
                host.c.not_before_at > now + pause + SKEW,
                host.c.rests_until > now + pause + SKEW,
            )
        )
    ).all()
    if rows:
        names = ("last_visit_at", "not_before_at", "rests_until", "robots_fetched_at")
        connection.execute(
            update(host)
            .where(host.c.host == bindparam("name"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [_brought_back(row, pause, now) for row in rows],
        )
    return [row.host for row in rows]


def _brought_back(row: NamedRow, pause: timedelta, now: datetime) -> Values:
    """A host as if its last visit were now; its robots.txt is fetched anew."""
    ahead = max((row.last_visit_at or now) - now, timedelta(0))
    until = [
        None if each is None else min(each - ahead, now + pause)
        for each in (row.not_before_at, row.rests_until)
    ]
    fetched_at = row.robots_fetched_at
    return {
        "name": row.host,
        "new_last_visit_at": row.last_visit_at and row.last_visit_at - ahead,
        "new_not_before_at": until[0],
        "new_rests_until": until[1],
        "new_robots_fetched_at": fetched_at if fetched_at and fetched_at <= now else None,
    }
