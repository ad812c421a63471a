"""How many hits a search has, by year, place, portal and kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Connection, select, text

from archive.search.candidates import FEW, is_held, joined
from archive.search.filters import Filters
from archive.search.index import is_current
from archive.search.proof import Proof
from archive.search.query import proof_of
from archive.store.schema import page, portal, public_body, version

_PROVINCE, _PREFECTURE = 2, 4
_BATCH = 500
_ROWS_AT_ONCE = 5_000
# What hits are counted by, of `version` joined to `page`.
_GROUPS: Final = (
    version.c.report_year, version.c.public_body_id, page.c.portal_key, version.c.kind,
)  # fmt: skip
_Groups: TypeAlias = Counter[tuple[int | None, int | None, str, str]]


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
    indexed = is_current(connection) and bool(proof.words.terms())
    tells = indexed and proof.words.are_terms
    ids = _listed(proof, indexed=indexed, tells=tells, enough=prove if indexed else at_most)
    if ids is None:
        groups, more = _grouped(proof, at_most)
        exact = tells
    else:
        counted, more = ids[:at_most], at_most is not None and len(ids) > at_most
        exact = tells or not indexed or prove is None or len(counted) <= prove
        groups = _of(proof, counted if tells or not exact else _proved(proof, counted))
    digits = _PROVINCE if filters.divisions is None else _PREFECTURE
    return _counts(connection, groups, digits, exact=exact, more=more)


def _listed(proof: Proof, *, indexed: bool, tells: bool, enough: int | None) -> list[int] | None:
    """The candidates, newest first, where filters leave few, or where their texts are to be read:
    of an index so many and no more. None: they are counted where they are found.
    """
    ids = proof.narrowed(FEW) if indexed else None
    if ids is not None or tells:
        return ids
    ids = list(islice(proof.ids(), None if enough is None else enough + 1))
    return None if indexed and enough is not None and len(ids) > enough else ids


def _proved(proof: Proof, ids: Sequence[int]) -> Iterator[int]:
    for at in range(0, len(ids), _BATCH):
        yield from (row.version_id for row in proof.proved(ids[at : at + _BATCH]))


def _of(proof: Proof, ids: Iterable[int]) -> _Groups:
    """Some versions by their groups."""
    chosen = select(*_GROUPS).where(page.c.id == version.c.page_id)
    left, found = iter(ids), _Groups()
    while some := list(islice(left, _BATCH)):
        rows = proof.connection.execute(chosen.where(version.c.id.in_(some)))
        found.update(map(tuple, rows))
    return found


def _grouped(proof: Proof, at_most: int | None) -> tuple[_Groups, bool]:
    """The candidates by their groups, of too many the newest, and whether there are more. They are
    counted here: engines sort them for every group.
    """
    dialect = proof.connection.dialect.name
    held = is_held(proof.words.terms(), dialect)
    chosen = joined(select(*_GROUPS), held, dialect, proof.narrowing)
    if at_most is not None:
        key = "rowid" if dialect == "sqlite" else "version_id"
        chosen = chosen.order_by(text(f"search_gram.{key} DESC")).limit(at_most + 1)
    rows = map(tuple, proof.connection.execute(chosen.execution_options(yield_per=_ROWS_AT_ONCE)))
    found = _Groups(islice(rows, at_most))
    return found, next(rows, None) is not None


def _counts(
    connection: Connection, groups: _Groups, digits: int, *, exact: bool, more: bool
) -> Counts:
    years: Counter[int | None] = Counter()
    places: Counter[str | None] = Counter()
    portals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    of_bodies = _divisions(connection, public_body.c.id, {each[1] for each in groups})
    of_portals = _divisions(connection, portal.c.key, {each[2] for each in groups})
    for (year, body_id, key, kind), hits in groups.items():
        place = of_bodies.get(body_id) or of_portals.get(key)
        years[year] += hits
        places[place and place[:digits]] += hits
        portals[key] += hits
        kinds[kind] += hits
    return Counts(
        total=groups.total(), exact=exact, more=more,
        years=years, places=places, portals=portals, kinds=kinds,
    )  # fmt: skip


def _divisions(
    connection: Connection, key: Column[Any], keys: Iterable[int | str | None]
) -> dict[int | str | None, str | None]:
    """The codes of the places of bodies or portals; None where that is not known."""
    left, found = iter(keys), {}
    division = public_body.c.division if key.table is public_body else portal.c.division
    while some := list(islice(left, _BATCH)):
        rows = connection.execute(select(key, division).where(key.in_(some)))
        found.update({each: code or None for each, code in rows})
    return found
