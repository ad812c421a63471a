"""Asking the index: candidates by terms, then proof and highlighting from the stored text.

A query is words; a hit has each of them, exactly: the folded word is a substring of the folded
title or text. The index gives candidates. Long queries whose pairs co-occur without the
phrase can bring many false candidates; after MAX_FALSE of them the answer says that it is
approximate.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import merge
from itertools import islice

from sqlalchemy import CTE, ColumnElement, Connection, and_, func, literal_column, or_, select

from archive.model.errors import UsageError, did_you_mean
from archive.search.grams import Span, contains, fold, query_terms, spans
from archive.search.index import HIDDEN_KINDS, candidates, is_current
from archive.store.dialects import MAX_INDEXED
from archive.store.query.questions import check_portal
from archive.store.query.withdrawals import is_withdrawn
from archive.store.schema import body, page, portal, public_body, version
from archive.store.schema import field as printed
from archive.store.types import NamedRow, Query

MAX_QUERY = 200
MAX_FALSE = 5_000
_MAX_TERMS = 32
_FIRST_BATCH, _BATCH = 25, 100
_AROUND = 40
_SNIPPETS = 3
_LOOKED_AT = 50
_WORD = re.compile(r'"(?P<a>[^"]*)"?|“(?P<b>[^”]*)”?|[^\s"“]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a hit must be besides containing the query. None: anything.

    agency: substring of the agency's name, folded as search folds. years: the year a report
    covers. divisions: codes of places; a page without a publisher is of its portal's place.
    from_on, to_on: bounds, both included, of the date printed as published, or else as
    written; a page without either date is left out when a bound is given.
    """

    portal: str | None = None
    agency: str | None = None
    year: int | None = None
    divisions: frozenset[str] | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a title or text; `marked` pieces match the query."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page whose latest version contains the query.

    snippets: up to three stretches of the text around a hit; () when only the title has it.
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
    captured_at: datetime
    snippets: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Hits, newest version first. more: there are further ones. approximate: too many pages had
    the query's pairs of characters without the query, so some hits may be missing.
    """

    hits: tuple[Hit, ...]
    more: bool = False
    approximate: bool = False
    filters: Filters = field(default_factory=Filters)


def search(
    connection: Connection, query: str, filters: Filters, *, limit: int, offset: int = 0
) -> Answer:
    """Latest versions that have each word of `query` in title or text; lists and what is withdrawn
    are left out.

    UsageError: as `query_words`; a portal or an agency that the archive does not have.
    """
    wanted = query_words(query)
    check_filters(connection, filters)
    hits: list[Hit] = []
    false = 0
    for row in _rows(connection, wanted, filters):
        hit = _hit(row, wanted)
        if hit is None:
            false += 1
            if false > MAX_FALSE:
                return Answer(hits=tuple(hits[offset:]), approximate=True, filters=filters)
            continue
        hits.append(hit)
        if len(hits) > offset + limit:
            break
    shown = tuple(hits[offset : offset + limit])
    return Answer(hits=shown, more=len(hits) > offset + limit, filters=filters)


def query_words(query: str) -> tuple[str, ...]:
    """The words of a query as search compares them; what stands in quotes is one word. UsageError:
    none has two characters, or they have more than MAX_QUERY together.

    >>> query_words('行政复议 "申请 公开" 2016'), query_words("局２０16")
    (('行政复议', '申请公开', '2016'), ('局2016',))
    """
    found = (fold(each[each.lastgroup or 0]) for each in _WORD.finditer(query))
    words = tuple(dict.fromkeys(filter(None, found)))
    if max(map(len, words), default=0) < 2:
        raise UsageError(
            f"the query {query.strip()!r} has no word of two characters; "
            "give at least two together, such as 复议"
        )
    if sum(map(len, words)) > MAX_QUERY:
        raise UsageError(f"the query is longer than {MAX_QUERY} characters; give a shorter phrase")
    return words


def check_filters(connection: Connection, filters: Filters) -> None:
    """UsageError, with names that come near, for a portal or an agency that is not there: the
    answer would be empty whatever was searched.
    """
    if filters.portal is not None:
        check_portal(connection, filters.portal)
    if filters.agency is not None and not _agencies(connection, filters.agency):
        near = did_you_mean(filters.agency, connection.scalars(_agency_names()))
        raise UsageError(f"no agency has {filters.agency!r} in its name{near}")


def pieces(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """`text` cut at every place where one of the folded words stands."""
    cut: list[Piece] = []
    at = 0
    for span in _all_spans(text, words):
        start, end = max(at, span.start), max(at, span.end)
        cut.append(Piece(text=text[at:start]))
        cut.append(Piece(text=text[start:end], marked=True))
        at = end
    cut.append(Piece(text=text[at:]))
    return tuple(piece for piece in cut if piece.text)


def snippets(text: str, words: Iterable[str]) -> tuple[tuple[Piece, ...], ...]:
    """Up to three stretches of `text`, each on one line, not overlapping: around the first place of
    each word, then around further places.
    """
    words = tuple(words)
    firsts = [span for word in words for span in islice(spans(text, word), 1)]
    chosen: list[Span] = []
    for span in (*firsts, *islice(_all_spans(text, words), _LOOKED_AT)):
        if len(chosen) < _SNIPPETS and all(_apart(span, other) for other in chosen):
            chosen.append(span)
    found, behind = [], 0
    for span in sorted(chosen, key=lambda each: each.start):
        start, behind = max(behind, span.start - _AROUND), min(len(text), span.end + _AROUND)
        around = "".join(" " if sign in "\t\n\r\v\f" else sign for sign in text[start:behind])
        more = "…" if start else "", "…" if behind < len(text) else ""
        found.append(_joined(more[0], pieces(around, words), more[1]))
    return tuple(found)


def _apart(one: Span, other: Span) -> bool:
    return one.start >= other.end + _AROUND or other.start >= one.end + _AROUND


def _all_spans(text: str, words: Iterable[str]) -> Iterator[Span]:
    return merge(*(spans(text, word) for word in words), key=lambda each: each.start)


def _joined(before: str, middle: tuple[Piece, ...], behind: str) -> tuple[Piece, ...]:
    return tuple(piece for piece in (Piece(text=before), *middle, Piece(text=behind)) if piece.text)


def _hit(row: NamedRow, words: tuple[str, ...]) -> Hit | None:
    """None: a false candidate."""
    title, content = row.title or "", row.text
    in_text = [word for word in words if contains(content, word)]
    if not all(word in in_text or contains(title, word) for word in words):
        return None
    return Hit(
        version_id=row.version_id,
        url=row.url,
        portal=row.portal,
        kind=row.kind,
        title=pieces(title, words),
        agency=row.agency,
        report_year=row.report_year,
        published_on=row.published_on,
        version=row.number,
        captured_at=row.captured_at,
        snippets=snippets(content, in_text),
    )


def _rows(connection: Connection, wanted: tuple[str, ...], filters: Filters) -> Iterator[NamedRow]:
    """Candidate versions with their texts, newest first, read in batches."""
    found = _found(connection, wanted)
    statement = _narrowed(connection, found, filters)
    size = _FIRST_BATCH
    while True:
        batch = connection.execute(statement.limit(size)).all()
        yield from batch
        if len(batch) < size:
            return
        statement = _narrowed(connection, found, filters).where(found.c.id < batch[-1].version_id)
        size = _BATCH


def _found(connection: Connection, wanted: tuple[str, ...]) -> CTE:
    """Ids of candidates: by the index, or all searchable versions where the index is missing or
    out of date (slower, but right). Materialized on PostgreSQL, whose planner would else walk
    all versions backwards for a rare word.
    """
    if is_current(connection):
        terms = list(dict.fromkeys(term for word in wanted for term in query_terms(word)))
        step = -(-len(terms) // _MAX_TERMS)
        chosen = candidates(connection.dialect.name, terms[::step])
    else:
        chosen = select(version.c.id).where(version.c.kind.not_in(HIDDEN_KINDS))
    return chosen.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")


def _narrowed(connection: Connection, found: CTE, filters: Filters) -> Query:
    agency, published, written = (
        printed.alias(name) for name in ("agency", "published_on", "written_on")
    )
    statement = (
        select(
            version.c.id.label("version_id"), page.c.url.label("url"),
            page.c.portal_key.label("portal"), version.c.kind, version.c.title,
            version.c.report_year, version.c.number, version.c.captured_at, body.c.text,
            agency.c.value.label("agency"), published.c.value.label("published_on"),
        )
        .select_from(found)
        .join(version, version.c.id == found.c.id)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .where(page.c.versions == version.c.number, ~is_withdrawn())
        .order_by(found.c.id.desc())
    )  # fmt: skip
    for alias in (agency, published, written):
        statement = statement.outerjoin(
            alias,
            (alias.c.version_id == version.c.id) & (alias.c.name == alias.name) & alias.c.chosen,
        )
    if filters.portal is not None:
        statement = statement.where(page.c.portal_key == filters.portal)
    if filters.year is not None:
        statement = statement.where(version.c.report_year == filters.year)
    if filters.divisions is not None:
        statement = statement.where(_lies_in(filters.divisions))
    if filters.agency is not None:
        statement = statement.where(agency.c.value.in_(_agencies(connection, filters.agency)))
    dated = func.substr(func.coalesce(published.c.value, written.c.value), 1, 10)
    if filters.from_on is not None:
        statement = statement.where(dated >= filters.from_on.isoformat())
    if filters.to_on is not None:
        statement = statement.where(dated <= filters.to_on.isoformat())
    return statement


def _lies_in(divisions: frozenset[str]) -> ColumnElement[bool]:
    """Published by a body of these places; or by none, on a portal of these places."""
    bodies = select(public_body.c.id).where(public_body.c.division.in_(divisions))
    portals = select(portal.c.key).where(portal.c.division.in_(divisions))
    return or_(
        version.c.public_body_id.in_(bodies),
        and_(version.c.public_body_id.is_(None), page.c.portal_key.in_(portals)),
    )


def _agencies(connection: Connection, wanted: str) -> list[str]:
    """The agencies, as stored, whose folded name contains the folded `wanted`."""
    folded = fold(wanted)
    return [name for name in connection.scalars(_agency_names()) if folded in fold(name)]


def _agency_names() -> Query:
    is_indexed = func.length(printed.c.value) <= MAX_INDEXED
    # Spelled out: an index of agencies alone does not serve a name that comes as a parameter.
    is_agency = printed.c.name == literal_column("'agency'")
    return select(printed.c.value).where(is_agency, is_indexed).distinct()
