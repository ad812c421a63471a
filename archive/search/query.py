"""Asking the archive for words: hits in order, with what was found marked.

A query is words; a hit has each of them, exactly, in one of its spellings: the folded word is a
substring of the folded title or text. The index gives candidates. Long queries whose pairs
co-occur without the phrase can bring many false candidates; after MAX_FALSE of them the answer
says that it is approximate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select

from archive.search.filters import Filters, chosen, narrowing_of
from archive.search.highlight import Piece, pieces, snippets
from archive.search.order import SORTS, Place, in_order
from archive.search.proof import Proof
from archive.search.words import Words, query_words
from archive.store.dialects import among
from archive.store.schema import page, version
from archive.store.types import NamedRow

__all__ = ["SORTS", "Answer", "Filters", "Hit", "Piece", "Place", "query_words", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A version that contains the query: a page's latest, unless history was asked for.

    snippets: up to three stretches of the text around a hit; () when only the title has it.
    superseded: whether the page has a later version.
    """

    version_id: int
    url: str
    portal: str
    kind: str
    title: tuple[Piece, ...]
    agency: str | None
    report_year: int | None
    published_on: str | None
    version: int
    superseded: bool
    captured_at: datetime
    snippets: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Hits in their order. more: there are further ones, behind `next`. approximate: too many pages
    had the query's pairs of characters without the query, so some hits may be missing.
    """

    hits: tuple[Hit, ...]
    more: bool = False
    next: Place | None = None
    approximate: bool = False
    filters: Filters = field(default_factory=Filters)


def search(
    connection: Connection,
    query: str,
    filters: Filters,
    *,
    limit: int,
    offset: int = 0,
    sort: str = "captured",
    after: Place | None = None,
    history: bool = False,
) -> Answer:
    """Latest versions that have each word of `query` in title or text; lists and what is withdrawn
    are left out. sort: one of SORTS. after: `next` of the answer before. history: superseded
    versions, too.

    UsageError: as `query_words`; a portal or an agency that the archive does not have.
    """
    proof = proof_of(connection, query, filters, history=history)
    return answer_of(proof, limit=limit, offset=offset, sort=sort, after=after)


def answer_of(
    proof: Proof,
    *,
    limit: int,
    offset: int = 0,
    sort: str = "captured",
    after: Place | None = None,
) -> Answer:
    """The same for a proof, which may be asked for the number of hits behind it."""
    found = list(islice(in_order(proof, sort, after), offset, offset + limit + 1))
    shown = found[:limit]
    more = len(found) > limit
    details = _details(proof.connection, [row.version_id for _, row in shown])
    return Answer(
        hits=tuple(_hit(row, details[row.version_id], proof.words) for _, row in shown),
        more=more,
        next=shown[-1][0] if more else None,
        approximate=proof.is_cut,
        filters=proof.narrowing.filters,
    )


def proof_of(connection: Connection, query: str, filters: Filters, *, history: bool) -> Proof:
    """What proves the hits of a search. UsageError: as `search`."""
    words = Words.of(query)
    narrowing = narrowing_of(connection, filters, history=history)
    return Proof(connection=connection, words=words, narrowing=narrowing)


def _details(connection: Connection, ids: Sequence[int]) -> dict[int, NamedRow]:
    agency, published_on = chosen("agency"), chosen("published_on")
    found = (
        select(
            version.c.id, version.c.kind, version.c.report_year, version.c.number,
            version.c.captured_at, page.c.url, page.c.portal_key, page.c.versions,
            agency.label("agency"), published_on.label("published_on"),
        )
        .join(page, page.c.id == version.c.page_id)
        .where(among(connection, version.c.id, ids))
    )  # fmt: skip
    return {row.id: row for row in connection.execute(found)}


def _hit(found: NamedRow, row: NamedRow, words: Words) -> Hit:
    in_text = words.found_in(found.text)
    return Hit(
        version_id=row.id,
        url=row.url,
        portal=row.portal_key,
        kind=row.kind,
        title=pieces(found.title or "", words.each),
        agency=row.agency,
        report_year=row.report_year,
        published_on=row.published_on,
        version=row.number,
        superseded=row.number < row.versions,
        captured_at=row.captured_at,
        snippets=snippets(found.text, in_text),
    )
