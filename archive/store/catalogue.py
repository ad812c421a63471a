"""Portals as the ledger knows them: the catalogue's rows, and what was learned of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from archive.model.portal import Portal
from archive.store.dialects import insert_into
from archive.store.schema import portal

_CATALOGUE_COLUMNS = (
    "name", "division", "entries", "family", "delay_s", "concurrency", "source",
)  # fmt: skip


def save_portals(connection: Connection, portals: Sequence[Portal]) -> None:
    """Stores catalogue rows; a known key takes the new row, learned facts stay."""
    if not portals:
        return
    statement = insert_into(connection, portal)
    fresh = {name: statement.excluded[name] for name in _CATALOGUE_COLUMNS}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[portal.c.key], set_=fresh),
        [_as_row(each) for each in portals],
    )


def portals(connection: Connection) -> list[Portal]:
    """Every portal ever saved, by key; a family that only the pages showed is filled in."""
    return [_as_portal(row) for row in connection.execute(select(portal).order_by(portal.c.key))]


def learn_family(connection: Connection, portal_key: str, family: str) -> None:
    """Keeps the CMS family that a portal's pages showed; the catalogue's own word stands above."""
    connection.execute(
        update(portal).where(portal.c.key == portal_key).values(learned_family=family)
    )


def _as_row(each: Portal) -> dict[str, Any]:
    return {
        "key": each.key,
        "name": each.name,
        "division": each.division,
        "entries": list(each.entries),
        "family": each.family,
        "delay_s": each.delay_s,
        "concurrency": each.concurrency,
        "source": each.source,
    }


def _as_portal(row: Row[Any]) -> Portal:
    return Portal(
        key=row.key,
        name=row.name,
        entries=tuple(row.entries),
        division=row.division,
        family=row.family or row.learned_family,
        delay_s=row.delay_s,
        concurrency=row.concurrency,
        source=row.source,
    )
