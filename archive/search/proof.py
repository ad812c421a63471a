"""Candidates proved by their stored texts: a hit has every word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from archive.search.candidates import Candidates
from archive.search.filters import Narrowing
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
    candidates: Candidates = field(init=False)
    _proved: dict[int, bool] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.candidates = Candidates(
            connection=self.connection, words=self.words, narrowing=self.narrowing
        )

    @property
    def is_cut(self) -> bool:
        """Whether hits may be missing."""
        return self.false > MAX_FALSE

    def hits(self, below: int | None = None) -> Iterator[NamedRow]:
        """Versions that have the words, newest first, each with title and text; below: of smaller
        ids only.
        """
        for batch in self.candidates.batches(below):
            for at in range(0, len(batch.ids), _AT_ONCE):
                some = batch.ids[at : at + _AT_ONCE]
                yield from self.tried(some) if batch.indexed else self.proved(some)
                if self.is_cut:
                    return

    def ids(self, below: int | None = None) -> Iterator[int]:
        """Candidates, not yet proved, newest first; below: of smaller ids only."""
        for batch in self.candidates.batches(below):
            yield from batch.ids

    def tried(self, ids: Sequence[int]) -> Iterator[NamedRow]:
        """The same of candidates of the index: those that have not the words are counted."""
        found = 0
        for row in self.proved(ids):
            found += 1
            yield row
        self.false += len(ids) - found

    def proved(self, ids: Sequence[int]) -> Iterator[NamedRow]:
        """Those of the versions that have the words, in the order of `ids`."""
        texts = _TEXTS.where(among(self.connection, version.c.id, ids))
        rows = {row.version_id: row for row in self.connection.execute(texts)}
        for each in ids:
            self._proved[each] = self.words.match(rows[each].title or "", rows[each].text)
            if self._proved[each]:
                yield rows[each]

    def are_hits(self, ids: Sequence[int]) -> set[int]:
        """Those of the versions that have the words; texts that were read already are not read
        again.
        """
        left = [each for each in ids if each not in self._proved]
        for _ in self.proved(left) if left else ():
            pass
        return {each for each in ids if self._proved[each]}
