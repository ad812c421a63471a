"""Candidates proved by their stored texts: a hit has every word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from archive.search.candidates import batches, narrowed
from archive.search.filters import Narrowing
from archive.search.index import is_current
from archive.search.words import Words
from archive.store.dialects import among
from archive.store.schema import body, version
from archive.store.types import NamedRow

MAX_FALSE = 5_000
# Texts that are fetched at once: no hit waits for many that nobody asked for.
_AT_ONCE = 50
_TEXTS = select(version.c.id.label("version_id"), version.c.title, body.c.text).join(
    body, body.c.hash == version.c.body_hash
)


@dataclass(slots=True, kw_only=True)
class Proof:
    """The proof of one search. false: how many candidates had the terms of the words without the
    words; after MAX_FALSE of them `hits` ends.
    """

    connection: Connection
    words: Words
    narrowing: Narrowing
    false: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether hits may be missing."""
        return self.false > MAX_FALSE

    def hits(self, below: int | None = None) -> Iterator[NamedRow]:
        """Versions that have the words, newest first, each with title and text; below: of smaller
        ids only.
        """
        for batch in batches(self.connection, self.words, self.narrowing, below):
            for at in range(0, len(batch.ids), _AT_ONCE):
                some, found = batch.ids[at : at + _AT_ONCE], 0
                for row in self.proved(some):
                    found += 1
                    yield row
                self.false += len(some) - found if batch.indexed else 0
                if self.is_cut:
                    return

    def ids(self, below: int | None = None) -> Iterator[int]:
        """Candidates, not yet proved, newest first; below: of smaller ids only."""
        for batch in batches(self.connection, self.words, self.narrowing, below):
            yield from batch.ids

    def narrowed(self, at_most: int) -> list[int] | None:
        """All candidates, where the filters leave no more versions than that; None: they leave
        more, or the index of texts tells nothing of the words.
        """
        terms = self.words.terms() if is_current(self.connection) else []
        return narrowed(self.connection, terms, self.narrowing, at_most) if terms else None

    def proved(self, ids: Sequence[int]) -> Iterator[NamedRow]:
        """Those of the versions that have the words, in the order of `ids`."""
        texts = _TEXTS.where(among(self.connection, version.c.id, ids))
        rows = {row.version_id: row for row in self.connection.execute(texts)}
        for each in ids:
            if self.words.match(rows[each].title or "", rows[each].text):
                yield rows[each]
