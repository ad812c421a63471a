"""Offices that reports speak for: one row, however their names are spelled."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from archive.model.reading import Body
from archive.store.dialects import insert_into
from archive.store.schema import office


def office_ids(connection: Connection, bodies: Iterable[Body]) -> dict[Body, int]:
    """The rows of some bodies, made where they are not yet known."""
    wanted = set(bodies)
    if not wanted:
        return {}
    rows = [
        {"name": each.name, "division": each.division or "", "kind": each.kind} for each in wanted
    ]
    fresh = insert_into(connection, office).on_conflict_do_nothing(
        index_elements=[office.c.name, office.c.division]
    )
    connection.execute(fresh, rows)
    names = {each.name for each in wanted}
    stored = connection.execute(
        select(office.c.id, office.c.name, office.c.division).where(office.c.name.in_(names))
    )
    known = {(row.name, row.division): row.id for row in stored}
    return {each: known[each.name, each.division or ""] for each in wanted}
