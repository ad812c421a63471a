"""Which portals' lists needed a browser: derived from the captures themselves, so that nothing can
be out of step with them.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select

from archive.model.outcome import LIST_ROLES
from archive.store.schema import capture, page

_PORTION = 500  # keys in one statement; SQLite and PostgreSQL both bound them


def rendered_portals(connection: Connection, portal_keys: Collection[str]) -> frozenset[str]:
    """Those of the portals of which a list was last read from a document that a browser rendered:
    their lists need one.
    """
    keys = sorted(portal_keys)
    found: set[str] = set()
    for start in range(0, len(keys), _PORTION):
        found.update(
            connection.scalars(
                select(page.c.portal_key)
                .join(capture, capture.c.id == page.c.body_capture_id)
                .where(page.c.portal_key.in_(keys[start : start + _PORTION]))
                .where(page.c.role.in_(LIST_ROLES), capture.c.record_type == "resource")
                .distinct()
            )
        )
    return frozenset(found)
