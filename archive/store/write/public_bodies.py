"""The public bodies that publish reports: one row each, however their names are spelled."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from archive.model.reading import PublicBody
from archive.store.dialects import insert_into
from archive.store.schema import public_body


def public_body_ids(connection: Connection, bodies: Iterable[PublicBody]) -> dict[PublicBody, int]:
    """The rows of some bodies, made where they are not yet known, in the order in which they come:
    one archive made again twice gives them the same numbers.
    """
    wanted = list(dict.fromkeys(bodies))
    if not wanted:
        return {}
    rows = [
        {"name": each.name, "division": each.division or "", "kind": each.kind} for each in wanted
    ]
    fresh = insert_into(connection, public_body).on_conflict_do_nothing(
        index_elements=[public_body.c.name, public_body.c.division]
    )
    connection.execute(fresh, rows)
    names = {each.name for each in wanted}
    stored = connection.execute(
        select(public_body.c.id, public_body.c.name, public_body.c.division).where(
            public_body.c.name.in_(names)
        )
    )
    known = {(row.name, row.division): row.id for row in stored}
    return {each: known[each.name, each.division or ""] for each in wanted}
