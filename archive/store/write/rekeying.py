"""Gives stored pages the keys of today's rules; no page is lost, none is doubled anew."""

from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, column, or_, select, table, update
from sqlalchemy.sql.expression import TableClause

from archive.model.outcome import Role
from archive.model.url import key_of
from archive.store.types import Instant

# A page that was kept once more for each session is not visited again under its old key.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_BATCH = 1_000


def rekey(connection: Connection) -> int:
    """Recomputes the keys of stored pages; how many changed. Of several pages that turn out to be
    one, the one with the most versions takes the key; the others keep theirs with their history,
    and are visited no more.
    """
    page = _page()
    groups: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    query = select(page).where(or_(*(page.c.key.contains(mark) for mark in ("?", ";", "/("))))
    for row in connection.execute(query.order_by(page.c.id)).yield_per(_BATCH):
        key = key_of(row.address, row.method, row.body)
        if key != row.key:
            groups[key].append((-row.versions, row.id))
    if not groups:
        return 0
    taken = _taken(connection, page, list(groups))
    chosen = {key: min(pages)[1] for key, pages in groups.items() if key not in taken}
    others = [number for pages in groups.values() for _, number in pages]
    others = sorted(set(others) - set(chosen.values()))
    if chosen:
        renamed = (
            update(page).where(page.c.id == bindparam("number")).values(key=bindparam("fresh"))
        )
        connection.execute(renamed, [{"number": n, "fresh": key} for key, n in chosen.items()])
    for start in range(0, len(others), _BATCH):
        few = page.c.id.in_(others[start : start + _BATCH])
        connection.execute(update(page).where(few).values(role=Role.PAGE, next_due_at=NEVER))
    return len(chosen)


def _taken(connection: Connection, page: TableClause, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        found |= set(connection.scalars(select(page.c.key).where(page.c.key.in_(some))))
    return found


def _page() -> TableClause:
    """The columns as they were called until 0006: a migration must not know today's names."""
    names = ("id", "key", "address", "method", "body", "versions", "role")
    return table("page", *map(column, names), column("next_due_at", Instant))
