"""Where the WARC files of an archive lie, as the ledger knows: with the archive, or moved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from archive.store.schema import warc_file

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """A WARC file. size_bytes: what is committed of it. location: the bucket that it was moved to,
    and moved_at: when; None while it was not. sha256: in hex, of what was read back from there;
    None where nobody compared it, because a ledger made anew found it there.
    """

    name: str
    size_bytes: int
    location: str | None = None
    sha256: str | None = None
    moved_at: datetime | None = None


def file_places(connection: Connection, only: Collection[str] | None = None) -> list[FilePlace]:
    """Every WARC file, in the order of the names. only: of these names."""
    c = warc_file.c
    chosen = select(c.name, c.committed_end, c.location, c.sha256, c.moved_at).order_by(c.name)
    if only is None:
        rows = connection.execute(chosen).all()
    else:
        names = sorted(only)
        parts = (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE))
        rows = [row for some in parts for row in connection.execute(chosen.where(c.name.in_(some)))]
    return [
        FilePlace(name=name, size_bytes=end, location=location, sha256=sha256, moved_at=moved_at)
        for name, end, location, sha256, moved_at in rows
    ]


def note_place(connection: Connection, before: FilePlace, place: FilePlace) -> None:
    """Stores where a file lies now, unless another process has said so since `before` was seen: it
    may know more.
    """
    connection.execute(
        update(warc_file)
        .where(
            warc_file.c.name == place.name,
            warc_file.c.location.is_not_distinct_from(before.location),
        )
        .values(location=place.location, sha256=place.sha256, moved_at=place.moved_at)
    )
