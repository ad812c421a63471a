"""URLs that a run will not visit after all: each ends with an outcome, none waits for ever."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, literal, or_, select

from archive.model.outcome import LIST_ROLES, Outcome, Role
from archive.model.reading import Kind
from archive.store.schema import frontier, outcome, page
from archive.store.types import Instant


def lists_ended(connection: Connection, run_id: int) -> dict[str, int]:
    """How many lists of each portal have an outcome in a run, those met as pages among them."""
    rows = connection.execute(
        select(page.c.portal_key, func.count())
        .join(outcome, and_(outcome.c.page_id == page.c.id, outcome.c.run_id == run_id))
        .where(or_(page.c.role.in_(LIST_ROLES), page.c.kind == Kind.LIST))
        .group_by(page.c.portal_key)
    )
    return dict(rows.all())


def leave_lists(
    connection: Connection,
    run_id: int,
    portal_key: str,
    *,
    leased: Collection[int],
    reason: str,
    now: datetime,
) -> int:
    """Ends the lists of a portal that wait in a run, and those of `leased` (pages that were handed
    out and not fetched), as out of scope; how many.
    """
    of_portal = select(page.c.id).where(page.c.portal_key == portal_key)
    mine: ColumnElement[bool] = and_(
        frontier.c.run_id == run_id,
        frontier.c.role == Role.LIST,
        frontier.c.page_id.in_(of_portal),
        or_(
            frontier.c.state == "pending",
            and_(frontier.c.state == "leased", frontier.c.page_id.in_(leased)),
        ),
    )
    values: dict[str, ColumnElement[object]] = {
        "run_id": frontier.c.run_id,
        "page_id": frontier.c.page_id,
        "outcome": literal(Outcome.OUT_OF_SCOPE.value),
        "reason": literal(reason),
        "attempts": frontier.c.attempts,
        "at": literal(now, Instant),
        "role": frontier.c.role,
        "hops": frontier.c.hops,
    }
    rows = select(*(column.label(name) for name, column in values.items())).where(mine)
    connection.execute(insert(outcome).from_select(list(values), rows))
    return connection.execute(delete(frontier).where(mine)).rowcount
