"""Whether a ledger may have changed since it was last looked at. Reads only."""

from typing import TypeAlias

from sqlalchemy import Connection, func, select

from archive.store.crawl_tables import IS_UNFINISHED
from archive.store.schema import capture, run, version, withdrawal

Stamp: TypeAlias = tuple[object, ...]


def stamp(connection: Connection) -> Stamp:
    """Another value once a run began or ended, or a capture, a version or a withdrawal came. Each
    part is one look into an index, or a short table. What changes none of them is not seen.
    """
    newest = (func.max(each.c.id) for each in (capture, version))
    asked = [
        *(select(each).scalar_subquery() for each in newest),
        select(func.count()).select_from(withdrawal).scalar_subquery(),
        # Not when the latest ended: a clock may have been ahead.
        select(func.count()).select_from(run).where(IS_UNFINISHED).scalar_subquery(),
        select(func.count()).where(run.c.status == "running", IS_UNFINISHED).scalar_subquery(),
        select(func.max(run.c.id)).scalar_subquery(),
    ]
    return tuple(connection.execute(select(*asked)).one())
