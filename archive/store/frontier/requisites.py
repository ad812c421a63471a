"""Style sheets and images on the frontier: switched off, or met again as a page of its own."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, and_, delete, exists, update

from archive.model.outcome import Role
from archive.store.schema import capture, frontier, page

PICTURE: Final = "picture"
"""The text of a link to a picture that stands for a page's text: it is no ornament that can be
switched off. Such a page stands at depth 0 on the frontier.
"""
_SHEET = "text/css"


def drop_requisites(connection: Connection, run_id: int, of: Collection[str] | None) -> None:
    """Takes what pages show off a run's frontier, without an outcome, unless it is kept: it was
    switched off. What style sheets name would not be met again with them at rest, so they are due.
    Pictures that stand for a page's text stay. of: the portals; None: all.
    """
    ours = page.c.id == frontier.c.page_id
    sheets = exists().where(capture.c.id == page.c.body_capture_id, capture.c.media_type == _SHEET)
    due = update(page).where(page.c.role == Role.REQUISITE, sheets)
    if of is not None:
        ours = and_(ours, page.c.portal_key.in_(of))
        due = due.where(page.c.portal_key.in_(of))
    dropped = connection.execute(
        delete(frontier)
        .where(frontier.c.run_id == run_id, frontier.c.role == Role.REQUISITE)
        .where(frontier.c.state != "kept", frontier.c.depth > 0, exists().where(ours))
    ).rowcount
    if dropped:
        connection.execute(due.values(next_due_at=None))


def take_for_page(connection: Connection, page_id: int, role: Role, rank: int) -> None:
    """What was known for being shown is read from now on, in that role: whole, as if it had never
    been seen.
    """
    unseen = dict.fromkeys(("next_due_at", "body_capture_id", "etag", "last_modified"))
    connection.execute(update(page).where(page.c.id == page_id).values(role=role, **unseen))
    waits = and_(frontier.c.page_id == page_id, frontier.c.state == "pending")
    connection.execute(update(frontier).where(waits).values(role=role, rank=rank))
