"""Portals as the ledger knows them: the catalogue's rows, and what was learned of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from archive.model.portal import STORED, Portal
from archive.store.dialects import insert_into
from archive.store.schema import page, portal
from archive.store.types import NamedRow, Values

_AD_HOC = "ad-hoc"
_CHUNK = 1_000


def save_portals(connection: Connection, portals: Sequence[Portal]) -> None:
    """Stores catalogue rows; a known key takes the new row, learned facts stay."""
    if not portals:
        return
    statement = insert_into(connection, portal)
    fresh = {name: statement.excluded[name] for name in STORED}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[portal.c.key], set_=fresh),
        [_as_row(each) for each in portals],
    )
    _take_over(connection, portals)


def _take_over(connection: Connection, portals: Sequence[Portal]) -> None:
    """Moves the pages of a URL that was crawled on its own to the portal that now names it."""
    named = [each for each in portals if each.source != _AD_HOC]
    owners = {url: each.key for each in named for url in each.entries}
    urls = list(owners)
    for start in range(0, len(urls), _CHUNK):
        found = connection.execute(
            select(page.c.key, page.c.portal_key)
            .join(portal, portal.c.key == page.c.portal_key)
            .where(portal.c.source == _AD_HOC, page.c.key.in_(urls[start : start + _CHUNK]))
        )
        for row in found.all():
            mine = update(page).where(page.c.portal_key == row.portal_key)
            connection.execute(mine.values(portal_key=owners[row.key]))


def portals(connection: Connection) -> list[Portal]:
    """Every portal ever saved, by key."""
    return [_as_portal(row) for row in connection.execute(select(portal).order_by(portal.c.key))]


def learned_tls(connection: Connection) -> dict[str, str]:
    """The TLS fall-back that worked for a portal whose catalogue row names none, by key."""
    rows = connection.execute(
        select(portal.c.key, portal.c.learned_tls).where(portal.c.learned_tls.is_not(None))
    )
    return dict(rows.all())


def learn_tls(connection: Connection, portal_key: str, tls: str) -> None:
    """Stores the TLS fall-back that worked; the catalogue's own value has precedence."""
    connection.execute(update(portal).where(portal.c.key == portal_key).values(learned_tls=tls))


def _as_row(each: Portal) -> Values:
    row = {name: getattr(each, name) for name in ("key", *STORED)}
    return row | {"entries": list(each.entries)}


def _as_portal(row: NamedRow) -> Portal:
    values = {name: getattr(row, name) for name in ("key", *STORED)}
    return Portal(**values | {"entries": tuple(row.entries), "tls": row.tls or row.learned_tls})
