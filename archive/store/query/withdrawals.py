"""What is withdrawn from public view now, and which captures that takes away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from archive.store.schema import page, version, withdrawal
from archive.store.types import NamedRow, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A page or a version out of public view. version: None for the whole page.

    start, end: which captures go with it: all (None, None), or those from the one that made the
    version on, before the one that made the next (None for the latest).
    """

    page_id: int
    url: str
    version: int | None
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime
    start: datetime | None
    end: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether a capture of that instant is withdrawn, too."""
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


def standing_withdrawals(connection: Connection) -> list[Withdrawal]:
    """All that is withdrawn now, the latest first."""
    query = _standing().order_by(withdrawal.c.id.desc())
    return [_withdrawal(row) for row in connection.execute(query)]


def is_any_withdrawn(connection: Connection) -> bool:
    """Whether anything is withdrawn now: mostly nothing is."""
    standing = select(withdrawal.c.id).where(withdrawal.c.restored_at.is_(None)).limit(1)
    return connection.scalar(standing) is not None


def withdrawals_of(connection: Connection, page_ids: Iterable[int]) -> list[Withdrawal]:
    """What is withdrawn now of some pages."""
    query = _standing().where(withdrawal.c.page_id.in_(page_ids))
    return [_withdrawal(row) for row in connection.execute(query)]


def is_withdrawn() -> ColumnElement[bool]:
    """Whether a version is withdrawn, by itself or with its page; for queries of `version`."""
    return (
        select(withdrawal.c.id)
        .where(
            withdrawal.c.page_id == version.c.page_id,
            withdrawal.c.restored_at.is_(None),
            or_(withdrawal.c.version.is_(None), withdrawal.c.version == version.c.number),
        )
        .exists()
    )


_first = version.alias("first")
_next = version.alias("next")


def _standing() -> Query:
    columns = ("page_id", "version", "reason", "withdrawn_by", "withdrawn_at")
    return (
        select(
            *(withdrawal.c[name] for name in columns),
            page.c.key,
            _first.c.captured_at.label("start"),
            _next.c.captured_at.label("end"),
        )
        .join(page, page.c.id == withdrawal.c.page_id)
        .outerjoin(
            _first,
            and_(_first.c.page_id == page.c.id, _first.c.number == withdrawal.c.version),
        )
        .outerjoin(
            _next,
            and_(_next.c.page_id == page.c.id, _next.c.number == withdrawal.c.version + 1),
        )
        .where(withdrawal.c.restored_at.is_(None))
    )


def _withdrawal(row: NamedRow) -> Withdrawal:
    return Withdrawal(
        page_id=row.page_id,
        url=row.key,
        version=row.version,
        reason=row.reason,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
        start=row.start,
        end=row.end,
    )
