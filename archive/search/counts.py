"""How many hits a search has, by year, place, portal and kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import Final, TypeAlias, cast

from sqlalchemy import ColumnElement, Connection, select, text

from archive.search.candidates import FEW, is_held, joined
from archive.search.filters import Filters
from archive.search.proof import Proof
from archive.search.query import proof_of
from archive.store.dialects import among
from archive.store.schema import page, portal, public_body, version

_PROVINCE, _PREFECTURE = 2, 4
_BATCH = 500
_ROWS_AT_ONCE, _FURTHER = 5_000, 1_000
# A version and what it is counted by, of `version` joined to `page`.
_PUBLISHED_IN = select(public_body.c.division).where(public_body.c.id == version.c.public_body_id)
_ROW: Final = (
    version.c.id, version.c.report_year, _PUBLISHED_IN.scalar_subquery(), page.c.portal_key,
    version.c.kind,
)  # fmt: skip
_Row: TypeAlias = tuple[int, int | None, str | None, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers of hits. exact: proved by every text, or by an index that tells as much; else these
    are candidates, nearly all of them hits. more: older hits are not counted. places: by the first
    two digits of the division's code (four where a place is asked for); None: no place, or no year,
    is known.
    """

    total: int
    exact: bool
    more: bool
    years: Mapping[int | None, int]
    places: Mapping[str | None, int]
    portals: Mapping[str, int]
    kinds: Mapping[str, int]


def count_hits(
    connection: Connection,
    query: str,
    filters: Filters,
    *,
    history: bool = False,
    prove: int | None = None,
    at_most: int | None = None,
) -> Counts:
    """Counts the hits of a search. prove: so many candidates are proved by their texts, of more the
    candidates are counted; None: all are proved. at_most: of more candidates the newest are
    counted.

    UsageError: as `search`.
    """
    proof = proof_of(connection, query, filters, history=history)
    return counts_of(proof, prove=prove, at_most=at_most)


def counts_of(proof: Proof, *, prove: int | None, at_most: int | None) -> Counts:
    """The same for a proof that a search may have begun (archive.search.query.answer_of)."""
    indexed = bool(proof.candidates.terms)
    tells, exact = indexed and proof.words.are_terms, True
    rows = _candidates(proof, indexed=indexed, at_most=at_most)
    counted: Iterator[_Row] = islice(rows, at_most)
    if not tells and indexed and prove is not None:
        first = list(islice(counted, prove + 1))
        exact, counted = len(first) <= prove, chain(first, counted)
    groups = _Groups()
    groups.add(counted if tells or not exact else _proved(proof, counted))
    digits = _PROVINCE if proof.narrowing.filters.divisions is None else _PREFECTURE
    return groups.counts(proof.connection, digits, exact=exact, more=next(rows, None) is not None)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Versions by what they are counted by. where: the publisher's place, and the portal."""

    years: Counter[int | None] = field(default_factory=Counter)
    where: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, rows: Iterator[_Row]) -> None:
        """Counts versions; they are counted here: engines sort them for every group."""
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            _, years, divisions, portals, kinds = zip(*some, strict=True)
            self.years.update(years)
            self.where.update(zip(divisions, portals, strict=True))
            self.kinds.update(kinds)

    def counts(self, connection: Connection, digits: int, *, exact: bool, more: bool) -> Counts:
        """What was counted, places by so many digits."""
        places: Counter[str | None] = Counter()
        portals: Counter[str] = Counter()
        of_portals = _divisions(connection, {key for division, key in self.where if not division})
        for (division, key), hits in self.where.items():
            place = division or of_portals.get(key)
            places[place[:digits] if place else None] += hits
            portals[key] += hits
        return Counts(
            total=self.kinds.total(), exact=exact, more=more,
            years=self.years, places=places, portals=portals, kinds=self.kinds,
        )  # fmt: skip


def _candidates(proof: Proof, *, indexed: bool, at_most: int | None) -> Iterator[_Row]:
    """Candidates, newest first, of more than at_most one more: where filters leave few, these;
    without an index all versions.
    """
    if not indexed:
        return _of(proof, proof.ids())
    if (ids := proof.candidates.narrowed(FEW)) is not None:
        return _of(proof, iter(ids))
    if proof.connection.dialect.name == "postgresql":
        given = chain.from_iterable(proof.candidates.held())
        # Some that the index gives are superseded or withdrawn.
        some = _ROWS_AT_ONCE if at_most is None else at_most + 1 + at_most // 8
        return _of(proof, given, *proof.narrowing.conditions(), sizes=(some, _FURTHER))
    held = is_held(proof.candidates.terms, "sqlite")
    chosen = joined(select(*_ROW), held, "sqlite", proof.narrowing)
    chosen = chosen.order_by(text("search_gram.rowid DESC"))
    chosen = chosen if at_most is None else chosen.limit(at_most + 1)
    rows = proof.connection.execute(chosen.execution_options(yield_per=_ROWS_AT_ONCE))
    return cast("Iterator[_Row]", chain.from_iterable(rows.partitions()))


def _of(
    proof: Proof,
    ids: Iterator[int],
    *conditions: ColumnElement[bool],
    sizes: Sequence[int] = (),
) -> Iterator[_Row]:
    """Those of some versions that fulfil the conditions, in the order of their ids, the newest
    first. sizes: of the first batches.
    """
    chosen = select(*_ROW).where(page.c.id == version.c.page_id, *conditions)
    chosen = chosen.order_by(version.c.id.desc())
    at_once = chain(sizes, repeat(_ROWS_AT_ONCE if sizes else _BATCH))
    while some := list(islice(ids, next(at_once))):
        found = chosen.where(among(proof.connection, version.c.id, some))
        yield from proof.connection.execute(found).all()


def _proved(proof: Proof, rows: Iterator[_Row]) -> Iterator[_Row]:
    while some := list(islice(rows, _BATCH)):
        hits = proof.are_hits([each[0] for each in some])
        yield from (each for each in some if each[0] in hits)


def _divisions(connection: Connection, keys: Iterable[str]) -> dict[str, str | None]:
    """The codes of the places of portals."""
    left, found = iter(keys), dict[str, str | None]()
    while some := list(islice(left, _BATCH)):
        chosen = select(portal.c.key, portal.c.division).where(portal.c.key.in_(some))
        found.update((row.key, row.division) for row in connection.execute(chosen))
    return found
