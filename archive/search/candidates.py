"""Which versions may have the words of a query, newest first: by the index of texts, or by those
of the filters where they leave fewer.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, TextClause, literal_column, select, text

from archive.search.filters import Narrowing
from archive.search.index import is_current
from archive.search.packed_terms import UNPACKED, number_of
from archive.search.words import Words
from archive.store.dialects import among
from archive.store.schema import page, version
from archive.store.types import Query

# Of each word of a query and each of its spellings the terms.
Terms: TypeAlias = Sequence[Sequence[Sequence[str]]]
# Filters that let so many versions pass go before the text.
FEW = 2_000
_FIRST_BATCH, _BATCH, _LARGE_BATCH = 25, 100, 500
# On PostgreSQL an index gives all candidates or none: so many of the newest versions are looked at
# first, which is enough for a word that every tenth has.
WALKED = 200
_AT_ONCE, _FURTHER = 10_000, 100_000
# So few rows PostgreSQL may unpack to see their terms, which takes a millisecond each. Given more
# ids, its plan for any number takes them for ten and unpacks a thousand rows, or looks for each
# that the index gives in the whole list.
_UNPACKED = 8
# The sign keeps FTS5 from looking up one id after the other: 1,000 times as slow.
_SIGNED_ROWID: ColumnElement[int] = literal_column("+search_gram.rowid")


class Batch(NamedTuple):
    """Ids of versions that may have the words, newest first. indexed: the index told that they have
    their terms; else nothing is known of them.
    """

    ids: list[int]
    indexed: bool


@dataclass(slots=True, kw_only=True)
class Candidates:
    """Versions that may have the words and that the filters let pass. What was asked of the indexes
    is kept: the hits of a search and their number come from the same candidates.
    """

    connection: Connection
    words: Words
    narrowing: Narrowing
    _terms: Terms | None = field(default=None, init=False)
    _narrowed: dict[int, list[int] | None] = field(default_factory=dict, init=False)
    _held: dict[tuple[int | None, int], list[int]] = field(default_factory=dict, init=False)

    @property
    def terms(self) -> Terms:
        """What the index of texts is asked for; none where there is no index, or it tells nothing
        of these words.
        """
        if self._terms is None:
            self._terms = self.words.terms() if is_current(self.connection) else []
        return self._terms

    def batches(self, below: int | None = None) -> Iterator[Batch]:
        """All of them, newest first, in batches. below: only smaller ids. Too many at most, never
        too few.
        """
        if not self.terms:
            walked = _walk(self.connection, self.narrowing, below)
            yield from (Batch(ids, indexed=False) for ids in walked)
            return
        within = self.narrowed(FEW)
        if within is not None:
            found = _cut([each for each in within if below is None or each < below])
        elif self.connection.dialect.name == "sqlite":
            found = _streamed(self.connection, self.terms, self.narrowing, below)
        else:
            last = below
            for ids in _walk(self.connection, self.narrowing, below, at_most=WALKED):
                yield Batch(ids, indexed=False)
                last = ids[-1]
            found = self._by_index(below, last)
        yield from (Batch(ids, indexed=True) for ids in found)

    def narrowed(self, at_most: int) -> list[int] | None:
        """All of them, newest first, where the filters leave no more versions than that; None: they
        leave more, or no index tells.
        """
        if not self.terms:
            return None
        if at_most not in self._narrowed:
            within = self.narrowing.few(self.connection, at_most)
            found = _having(self.connection, self.terms, within) if within else within
            self._narrowed[at_most] = found
        return self._narrowed[at_most]

    def told(self, at_most: int) -> list[int] | None:
        """All by the index of texts alone, in no order; what the filters let pass `passing` says.
        None: they are more than that, or the index tells nothing.
        """
        held = self.holders()
        if held is None:
            return None
        if self.connection.dialect.name == "sqlite":
            ids = list(self.connection.scalars(held.limit(at_most + 1)).all())
        else:
            ids = next(self.held())
        return ids if len(ids) <= at_most else None

    def holders(self) -> Query | None:
        """Ids of the versions that may have the words, by the index of texts alone; None: it tells
        nothing.
        """
        if not self.terms:
            return None
        dialect = self.connection.dialect.name
        name = "rowid" if dialect == "sqlite" else "version_id"
        key: ColumnElement[int] = literal_column(f"search_gram.{name}")
        return select(key).select_from(text("search_gram")).where(is_held(self.terms, dialect))

    def passing(self, ids: Sequence[int]) -> list[int]:
        """Those of the ids that the filters let pass, newest first."""
        kept = _versions(self.narrowing, None).where(among(self.connection, version.c.id, ids))
        return list(self.connection.scalars(kept).all())

    def held(self, below: int | None = None) -> Iterator[list[int]]:
        """On PostgreSQL what the index of texts gives, newest first, many at once: it knows
        beforehand neither how many there are nor that the index gives them at once, and would look
        up each of them to sort a few.
        """
        size = _AT_ONCE
        while True:
            if (below, size) not in self._held:
                chosen = text(_held(self.terms, below, size))
                known = is_held(self.terms, "postgresql").compile().params
                known = known if below is None else {**known, "below": below}
                self._held[below, size] = list(self.connection.scalars(chosen, known).all())
            ids = self._held[below, size]
            yield ids
            if len(ids) < size:
                return
            below, size = ids[-1], _FURTHER

    def _by_index(self, begin: int | None, below: int | None) -> Iterator[list[int]]:
        """PostgreSQL: of what the index gives from `begin` on that is below; what the filters let
        pass is kept.
        """
        for ids in self.held(begin):
            for some in _cut([each for each in ids if below is None or each < below]):
                if passed := self.passing(some):
                    yield passed


def _held(terms: Terms, below: int | None, size: int) -> str:
    under = "" if below is None else " AND version_id < :below"
    return (
        f"SELECT version_id FROM search_gram WHERE {is_held(terms, 'postgresql').text}{under}"  # noqa: S608 - names and placeholders of ours
        f" ORDER BY version_id DESC LIMIT {size}"
    )


def is_held(terms: Terms, dialect: str) -> TextClause:
    """The condition on `search_gram` that it has of each word all terms of one spelling."""
    if dialect == "sqlite":
        return text("search_gram MATCH :wanted").bindparams(wanted=_fts5(terms))
    # One look into the index tells all: it knows no OR but that of single terms, so of a word that
    # is spelled in several ways each term may be the one at its place in any of them.
    places = [{*some} for word in terms for some in _abreast(word)]
    asked = {f"any{number}": sorted(some) for number, some in enumerate(places) if len(some) > 1}
    conditions = [f"{UNPACKED} && CAST(:{name} AS integer[])" for name in asked]
    if needed := sorted({each for some in places if len(some) == 1 for each in some}):
        asked["needed"] = needed
        conditions.append(f"{UNPACKED} @> CAST(:needed AS integer[])")
    return text(" AND ".join(conditions)).bindparams(**asked)


def joined(chosen: Query, held: TextClause, dialect: str, narrowing: Narrowing) -> Query:
    """`chosen` columns of `version` and `page` of all candidates. held: what `is_held` gave."""
    key = _SIGNED_ROWID if dialect == "sqlite" else literal_column("search_gram.version_id")
    year = narrowing.filters.year
    if dialect == "sqlite" and year is not None:  # of others no row is looked up
        chosen = chosen.where(key.in_(select(version.c.id).where(version.c.report_year == year)))
    return (
        chosen.select_from(text("search_gram"))
        .where(held, version.c.id == key, page.c.id == version.c.page_id)
        .where(*narrowing.conditions())
    )


def _fts5(terms: Terms) -> str:
    def both(spelling: Sequence[str]) -> str:
        return "(" + " AND ".join(f'"{term}"' for term in spelling) + ")"

    return " AND ".join(f"({' OR '.join(map(both, word))})" for word in terms)


def _abreast(spellings: Sequence[Sequence[str]]) -> Iterator[tuple[int, ...]]:
    """The terms at each place of all spellings of a word, as numbers; of a shorter one its last."""
    for place in range(max(map(len, spellings))):
        yield tuple(number_of(each[min(place, len(each) - 1)]) for each in spellings)


def _having(connection: Connection, terms: Terms, within: Sequence[int]) -> list[int]:
    """Those of the ids whose texts have the terms, newest first."""
    held = is_held(terms, connection.dialect.name)
    known = held.compile().params
    if connection.dialect.name == "sqlite":
        ids = "+rowid IN (SELECT value FROM json_each(:ids))"
        chosen = text(f"SELECT rowid FROM search_gram WHERE {held.text} AND {ids}")  # noqa: S608 - names and placeholders of ours
        given = {**known, "ids": json.dumps([*within])}
        # Sorted here: from behind the index takes twice as long.
        return sorted(connection.scalars(chosen, given), reverse=True)
    found = f"SELECT array_agg(version_id) FROM search_gram WHERE {held.text}"  # noqa: S608 - names and placeholders of ours
    if len(within) <= _UNPACKED:
        found += " AND version_id = ANY(CAST(:ids AS bigint[]))"
        known = {**known, "ids": list(within)}
    having = set(connection.scalar(text(found), known) or ())
    return [each for each in within if each in having]


def _versions(narrowing: Narrowing, below: int | None) -> Query:
    found = select(version.c.id).join(page, page.c.id == version.c.page_id)
    found = found.where(*narrowing.conditions()).order_by(version.c.id.desc())
    return found if below is None else found.where(version.c.id < below)


def _walk(
    connection: Connection, narrowing: Narrowing, below: int | None, at_most: int | None = None
) -> Iterator[list[int]]:
    """All versions that the filters let pass, whatever they contain."""
    left = at_most
    while True:
        size = _BATCH if left is None else min(_BATCH, left)
        batch = list(connection.scalars(_versions(narrowing, below).limit(size)).all())
        if batch:
            yield batch
            below = batch[-1]
        left = None if left is None else left - len(batch)
        if len(batch) < size or left == 0:
            return


def _streamed(
    connection: Connection,
    terms: Terms,
    narrowing: Narrowing,
    below: int | None,
) -> Iterator[list[int]]:
    """SQLite: the index gives its ids from behind, as far as they are asked for."""
    held = is_held(terms, "sqlite")
    size = _FIRST_BATCH
    while True:
        found = joined(select(version.c.id), held, "sqlite", narrowing)
        found = found.order_by(text("search_gram.rowid DESC")).limit(size)
        if below is not None:
            found = found.where(text("search_gram.rowid < :below").bindparams(below=below))
        batch = list(connection.scalars(found).all())
        if batch:
            yield batch
            below = batch[-1]
        if len(batch) < size:
            return
        size = _BATCH if size == _FIRST_BATCH else _LARGE_BATCH


def _cut(ids: Sequence[int]) -> Iterator[list[int]]:
    at, size = 0, _FIRST_BATCH
    while at < len(ids):
        yield list(ids[at : at + size])
        at, size = at + size, _BATCH if size == _FIRST_BATCH else _LARGE_BATCH
