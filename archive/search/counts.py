"""How many hits a search has, by year, place, portal and kind."""

from collections import Counter
from collections.abc import Iterable, Mapping
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

_PROVINCE, _PREFECTURE = 2, 4
_BATCH = 500


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
    if indexed and proof.words.are_terms:
        return _grouped(proof, digits, exact=True)
    if indexed and prove is not None and len(ids) > prove:
        return _grouped(proof, digits, exact=False)
    return _proved(proof, ids, digits)


def _proved(proof: Proof, ids: list[int], digits: int) -> Counts:
    found: Counter[tuple[int | None, str | None, str, str]] = Counter()
    groups = select(*_groups(digits)).where(page.c.id == version.c.page_id)
    for at in range(0, len(ids), _BATCH):
        proved = [row.version_id for row in proof.proved(ids[at : at + _BATCH])]
        for row in proof.connection.execute(groups.where(version.c.id.in_(proved))):
            found[row[0], row[1], row[2], row[3]] += 1
    return _counts(found.items(), exact=True)


def _grouped(proof: Proof, digits: int, *, exact: bool) -> Counts:
    dialect = proof.connection.dialect.name
    held = is_held(proof.words.terms(), dialect)
    found = joined(select(*_groups(digits)), held, dialect, proof.narrowing).subquery()
    rows = proof.connection.execute(select(*found.c, func.count()).group_by(*found.c))
    return _counts((((row[0], row[1], row[2], row[3]), row[4]) for row in rows), exact=exact)


def _groups(digits: int) -> tuple[ColumnElement[Any], ...]:
    """What hits are counted by, of `version` joined to `page`."""
    of_body = select(public_body.c.division).where(public_body.c.id == version.c.public_body_id)
    of_portal = select(portal.c.division).where(portal.c.key == page.c.portal_key)
    division = func.coalesce(
        *(func.nullif(each.scalar_subquery(), "") for each in (of_body, of_portal))
    )
    place = func.substr(division, 1, digits).label("place")
    return version.c.report_year, place, page.c.portal_key, version.c.kind


def _counts(
    found: Iterable[tuple[tuple[int | None, str | None, str, str], int]], *, exact: bool
) -> Counts:
    years: Counter[int | None] = Counter()
    places: Counter[str | None] = Counter()
    portals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for (year, place, portal_key, kind), hits in found:
        years[year] += hits
        places[place] += hits
        portals[portal_key] += hits
        kinds[kind] += hits
    return Counts(
        total=kinds.total(), exact=exact, years=years, places=places, portals=portals, kinds=kinds
    )
