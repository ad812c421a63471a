"""Withdraws pages and versions from public view, and brings them back; both are logged."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from archive.model.errors import UsageError
from archive.store.schema import withdrawal
from archive.store.types import Query


def withdraw(
    connection: Connection, page_id: int, version: int | None, *, reason: str, by: str, at: datetime
) -> None:
    """Takes a page (version None) or one version of it out of public view. UsageError: it is."""
    if connection.scalar(_standing(page_id, version)) is not None:
        raise UsageError("this is withdrawn already; --undo brings it back")
    row = {"page_id": page_id, "version": version, "reason": reason, "withdrawn_by": by}
    connection.execute(insert(withdrawal).values(row | {"withdrawn_at": at}))


def restore(
    connection: Connection,
    page_id: int,
    version: int | None,
    *,
    reason: str | None,
    by: str,
    at: datetime,
) -> None:
    """Brings back what was withdrawn in the same words. UsageError: it is not withdrawn."""
    found = connection.scalar(_standing(page_id, version))
    if found is None:
        raise UsageError(
            "this is not withdrawn; `gongkai withdraw` lists what is, whole pages and versions"
        )
    row = {"restored_by": by, "restored_at": at, "restored_reason": reason}
    connection.execute(update(withdrawal).where(withdrawal.c.id == found).values(row))


def _standing(page_id: int, version: int | None) -> Query:
    return select(withdrawal.c.id).where(
        withdrawal.c.page_id == page_id,
        withdrawal.c.version.is_(None) if version is None else withdrawal.c.version == version,
        withdrawal.c.restored_at.is_(None),
    )
