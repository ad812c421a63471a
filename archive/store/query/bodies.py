"""Public bodies by their names. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from archive.store.schema import public_body


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRow:
    """A public body that is known. division: code of its place; "" when that is not known."""

    body_id: int
    name: str
    division: str


def bodies_named(connection: Connection, names: Sequence[str]) -> list[BodyRow]:
    """The bodies of these names, by place: one name may be that of several."""
    return _rows(connection, public_body.c.name.in_(names))


def body_of(connection: Connection, body_id: int) -> BodyRow | None:
    """The body of that number; None when there is none."""
    found = _rows(connection, public_body.c.id == body_id)
    return found[0] if found else None


def body_names(connection: Connection) -> list[str]:
    """All names, each once."""
    return list(connection.scalars(select(public_body.c.name).distinct()))


def _rows(connection: Connection, which: ColumnElement[bool]) -> list[BodyRow]:
    columns = (public_body.c.id.label("body_id"), public_body.c.name, public_body.c.division)
    rows = connection.execute(
        select(*columns).where(which).order_by(public_body.c.division, public_body.c.id)
    )
    return [BodyRow(**row) for row in rows.mappings()]
