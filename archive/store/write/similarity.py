"""Stores which words reports have, and which of them say the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack, unpack

from sqlalchemy import Connection, delete, or_, select

from archive.store.dialects import insert_rows
from archive.store.schema import report_words, similar_band, similar_pair

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedWords:
    """That a report was compared: how many shingles it has of its own, its bands and its sketch
    (none when the shingles are too few).
    """

    version_id: int
    own: int
    bands: Sequence[int]
    sketch: bytes


def store_words(connection: Connection, reports: Iterable[ComparedWords]) -> None:
    """Stores that some reports were compared."""
    listed = list(reports)
    rows = (
        (
            each.version_id,
            each.own,
            pack(f">{len(each.bands)}i", *each.bands) if each.bands else None,
            each.sketch or None,
        )
        for each in listed
    )
    insert_rows(connection, report_words, ("version_id", "own", "bands", "sketch"), rows)
    bands = ((band, each.version_id) for each in listed for band in dict.fromkeys(each.bands))
    insert_rows(connection, similar_band, ("band", "version_id"), bands)


def store_similar(connection: Connection, pairs: Mapping[tuple[int, int], float]) -> None:
    """Stores how similar two reports are, by (later, earlier)."""
    rows = ((*pair, found) for pair, found in pairs.items())
    insert_rows(connection, similar_pair, ("version_id", "other_id", "similarity"), rows)


def drop_words(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes away what is stored of some reports: they speak no more, or are read anew."""
    for start in range(0, len(version_ids), _BATCH):
        some = version_ids[start : start + _BATCH]
        rows = connection.execute(
            select(report_words.c.version_id, report_words.c.bands).where(
                report_words.c.version_id.in_(some)
            )
        ).all()
        for row in rows:
            bands = set(unpack(f">{len(row.bands) // 4}i", row.bands)) if row.bands else ()
            connection.execute(
                delete(similar_band).where(
                    similar_band.c.band.in_(bands), similar_band.c.version_id == row.version_id
                )
            )
        pairs = (similar_pair.c.version_id.in_(some), similar_pair.c.other_id.in_(some))
        connection.execute(delete(similar_pair).where(or_(*pairs)))
        connection.execute(delete(report_words).where(report_words.c.version_id.in_(some)))
