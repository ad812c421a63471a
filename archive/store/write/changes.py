"""Stores what changed from version to version, and pages that went and came back."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from archive.model.change import ChangeKind
from archive.store.schema import page_change, version, version_pair
from archive.store.types import NamedRow

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change from a version to the next. what: figure, title, text or field. cell_id: what the
    figure counts. name: of the field. removed, added: lines of the text. old_value,
    new_value: None for a text, and on the side where it is absent.
    """

    what: str
    cell_id: int | None = None
    name: str | None = None
    removed: int | None = None
    added: int | None = None
    old_value: str | None = None
    new_value: str | None = None


def store_comparison(
    connection: Connection,
    version_id: int,
    earlier_id: int,
    at: datetime,
    changes: Iterable[ChangeRow],
) -> None:
    """Stores what changed from one version to the next, in the place of what was stored for it."""
    drop_comparisons(connection, [version_id])
    connection.execute(
        insert(version_pair), [{"version_id": version_id, "earlier_id": earlier_id}]
    )  # fmt: skip
    rows = [{"version_id": version_id, "at": at, **asdict(each)} for each in changes]
    if rows:
        connection.execute(insert(page_change), rows)


def drop_comparisons(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes away what is stored of comparisons with the version before: one of the two is read
    anew, or another version came between.
    """
    own = page_change.c.version_id.in_(version_ids)
    alone = (page_change.c.event_id.is_(None), page_change.c.run_id.is_(None))
    connection.execute(delete(page_change).where(own, *alone))
    connection.execute(delete(version_pair).where(version_pair.c.version_id.in_(version_ids)))


def drop_comparisons_of(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes away the comparisons of some versions with the one before and the one behind."""
    behind = connection.scalars(
        select(version_pair.c.version_id).where(version_pair.c.earlier_id.in_(version_ids))
    )
    drop_comparisons(connection, [*version_ids, *behind])


def store_field_events(connection: Connection, events: Iterable[NamedRow]) -> None:
    """Makes changes of fields that changed while the content stayed: id, version_id, at of each."""
    rows = [
        {
            "version_id": each.version_id,
            "at": each.at,
            "what": ChangeKind.FIELD,
            "event_id": each.id,
        }
        for each in events
    ]
    if rows:
        connection.execute(insert(page_change), rows)


def store_passing(
    connection: Connection, page_id: int, run_id: int, what: str, at: datetime
) -> None:
    """Stores that a visit found a page gone or back, with the version that it had then; a page that
    had none is left out.
    """
    newest = (version.c.captured_at.desc(), version.c.number.desc())
    version_id = connection.scalar(
        select(version.c.id)
        .where(version.c.page_id == page_id, version.c.captured_at <= at)
        .order_by(*newest)
        .limit(1)
    )
    if version_id is not None:
        row = {"version_id": version_id, "at": at, "what": what, "run_id": run_id}
        connection.execute(insert(page_change), [row])


def drop_changes(connection: Connection, ids: Sequence[int]) -> None:
    """Takes some changes away."""
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        connection.execute(delete(page_change).where(page_change.c.id.in_(some)))
