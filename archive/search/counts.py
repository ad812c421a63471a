"""How many hits a search has, by year, place, portal and kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from archive.search.candidates import is_held, joined
from archive.search.filters import Filters
from archive.search.index import is_current
from archive.search.proof import Proof
from archive.search.query import proof_of
from archive.store.schema import page, portal, public_body, version
from archive.store.types import NamedRow

_PROVINCE, _PREFECTURE = 2, 4
_BATCH = 500
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers of hits. exact: proved by every text, or by an index that tells as much; else these
    are candidates, nearly all of them hits. places: by the first two digits of the division's
    code (four where a place is asked for); None: no place, or no year, is known.
    """

    total: int
    exact: bool
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
) -> Counts | None:
    """Counts the hits of a search. prove: so many candidates are proved by their texts, of more the
    candidates are counted; None: all are proved. at_most: more candidates than that are not
    counted (None).

    UsageError: as `search`.
    """
    proof = proof_of(connection, query, filters, history=history)
    digits = _PROVINCE if filters.divisions is None else _PREFECTURE
    indexed = is_current(connection) and bool(proof.words.terms())
    if indexed and proof.words.are_terms and at_most is None:
        return _grouped(proof, digits, exact=True)
    enough = at_most if at_most is not None else prove if indexed else None
    ids = list(islice(proof.ids(), None if enough is None else enough + 1))
    if at_most is not None and len(ids) > at_most:
        return None
    exact = indexed and proof.words.are_terms
    if exact or (indexed and prove is not None and len(ids) > prove):
        # Where all candidates are known they are not looked for again.
        return _of(proof, ids, digits, exact=exact) if at_most else _grouped(proof, digits)
    return _of(proof, _proved(proof, ids), digits, exact=True)


def _proved(proof: Proof, ids: Sequence[int]) -> Iterator[int]:
    for at in range(0, len(ids), _BATCH):
        yield from (row.version_id for row in proof.proved(ids[at : at + _BATCH]))


def _of(proof: Proof, ids: Iterable[int], digits: int, *, exact: bool) -> Counts:
    """The counts of some versions."""
    groups = select(*_groups(digits)).where(page.c.id == version.c.page_id)
    left = iter(ids)

    def rows() -> Iterator[Sequence[NamedRow]]:
        while some := list(islice(left, _BATCH)):
            yield proof.connection.execute(groups.where(version.c.id.in_(some))).all()

    return _counts(rows(), exact=exact)


def _grouped(proof: Proof, digits: int, *, exact: bool = False) -> Counts:
    """The counts of all candidates. They are counted here: engines sort them for every group."""
    dialect = proof.connection.dialect.name
    held = is_held(proof.words.terms(), dialect)
    found = joined(select(*_groups(digits)), held, dialect, proof.narrowing)
    rows = proof.connection.execute(found.execution_options(yield_per=_ROWS_AT_ONCE))
    return _counts(rows.partitions(), exact=exact)


def _groups(digits: int) -> tuple[ColumnElement[Any], ...]:
    """What hits are counted by, of `version` joined to `page`."""
    of_body = select(public_body.c.division).where(public_body.c.id == version.c.public_body_id)
    of_portal = select(portal.c.division).where(portal.c.key == page.c.portal_key)
    division = func.coalesce(
        *(func.nullif(each.scalar_subquery(), "") for each in (of_body, of_portal))
    )
    place = func.substr(division, 1, digits).label("place")
    return version.c.report_year, place, page.c.portal_key, version.c.kind


def _counts(found: Iterable[Sequence[NamedRow]], *, exact: bool) -> Counts:
    years: Counter[int | None] = Counter()
    places: Counter[str | None] = Counter()
    portals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for some in found:
        of_year, of_place, of_portal, of_kind = zip(*some, strict=True)
        years.update(of_year)
        places.update(of_place)
        portals.update(of_portal)
        kinds.update(of_kind)
    return Counts(
        total=kinds.total(), exact=exact, years=years, places=places, portals=portals, kinds=kinds
    )
