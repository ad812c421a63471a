"""What lists call a page."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from archive.store.reading_tables import named
from archive.store.schema import field, link, version

LISTED_TITLE: Final = "listed_title"
"""The field of a reading that was told what a list calls its page."""
_MAX_TEXTS: Final = 20


def texts_of_links(connection: Connection, page_id: int) -> list[str]:
    """The texts of the links that lead to a page, the latest first; at most twenty."""
    rows = connection.scalars(
        select(link.c.text)
        .where(link.c.to_page_id == page_id)
        .order_by(link.c.version_id.desc(), link.c.position)
        .limit(_MAX_TEXTS)
    )
    return [each for each in rows if each]


def title_as_told() -> ColumnElement[str | None]:
    """What a version's reading was told, for queries of `version`; NULL where it was told nothing:
    whoever reads it again tells it the same.
    """
    return (
        select(field.c.value)
        .where(field.c.version_id == version.c.id, named(LISTED_TITLE))
        .limit(1)
        .correlate(version)
        .scalar_subquery()
    )
