"""Asking the index: candidates by terms, then proof and highlighting from the stored text.

A hit is exact: the folded query is a substring of the folded title or text. The index only says
where to look. Long queries whose pairs co-occur without the phrase can bring many false
candidates; after MAX_FALSE of them the answer says that it is approximate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, Select, and_, func, or_, select

from archive.model.errors import UsageError
from archive.search.grams import contains, fold, folded_grams, spans
from archive.search.index import HIDDEN_KINDS, candidates, is_current
from archive.store.schema import body, office, page, portal, version
from archive.store.schema import field as printed

MAX_QUERY = 200
MAX_FALSE = 5_000
_MAX_TERMS = 32
_FIRST_BATCH, _BATCH = 25, 100
_AROUND = 40
_SNIPPETS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a hit must be besides containing the query. None: anything.

    agency: substring of the agency's name, folded as search folds. years: the year a report
    covers. divisions: codes of places; a page that speaks for no office is of its portal's place.
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
    """A stretch of a title or text; `marked` pieces are what was asked for."""

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
    """Latest versions, lists left out, whose title or text contains `query`.

    UsageError: fewer than two characters, or more than MAX_QUERY, after folding.
    """
    wanted = folded_query(query)
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


def folded_query(query: str) -> str:
    """The query as search compares it; UsageError when it is too short or too long."""
    wanted = fold(query)
    if len(wanted) < 2:
        raise UsageError(
            f"the query {query.strip()!r} is shorter than two characters; "
            "give at least two, such as 复议"
        )
    if len(wanted) > MAX_QUERY:
        raise UsageError(f"the query is longer than {MAX_QUERY} characters; give a shorter phrase")
    return wanted


def pieces(text: str, wanted: str) -> tuple[Piece, ...]:
    """`text` cut at every place where the folded query `wanted` stands."""
    cut: list[Piece] = []
    at = 0
    for span in spans(text, wanted):
        start = max(at, span.start)
        cut.append(Piece(text=text[at:start]))
        cut.append(Piece(text=text[start : span.end], marked=True))
        at = max(at, span.end)
    cut.append(Piece(text=text[at:]))
    return tuple(piece for piece in cut if piece.text)


def snippets(text: str, wanted: str) -> tuple[tuple[Piece, ...], ...]:
    """Up to three stretches of `text` around the query, each on one line, not overlapping."""
    found: list[tuple[Piece, ...]] = []
    behind = 0
    for span in spans(text, wanted):
        if span.end <= behind:
            continue
        start, behind = max(behind, span.start - _AROUND), min(len(text), span.end + _AROUND)
        around = "".join(" " if sign in "\t\n\r\v\f" else sign for sign in text[start:behind])
        more = "…" if start else "", "…" if behind < len(text) else ""
        found.append(_joined(more[0], pieces(around, wanted), more[1]))
        if len(found) == _SNIPPETS:
            break
    return tuple(found)


def _joined(before: str, middle: tuple[Piece, ...], behind: str) -> tuple[Piece, ...]:
    return tuple(piece for piece in (Piece(text=before), *middle, Piece(text=behind)) if piece.text)


def _hit(row: Row[Any], wanted: str) -> Hit | None:
    """None: a false candidate."""
    title, content = row.title or "", row.text
    in_text = contains(content, wanted)
    if not in_text and not contains(title, wanted):
        return None
    return Hit(
        version_id=row.version_id,
        url=row.url,
        portal=row.portal,
        kind=row.kind,
        title=pieces(title, wanted),
        agency=row.agency,
        report_year=row.report_year,
        published_on=row.published_on,
        version=row.number,
        captured_at=row.captured_at,
        snippets=snippets(content, wanted) if in_text else (),
    )


def _rows(connection: Connection, wanted: str, filters: Filters) -> Iterator[Row[Any]]:
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


def _found(connection: Connection, wanted: str) -> CTE:
    """Ids of candidates: by the index, or all searchable versions where the index is missing or
    out of date (slower, but right). Materialized on PostgreSQL, whose planner would else walk
    all versions backwards for a rare word.
    """
    if is_current(connection):
        terms = folded_grams(wanted)
        step = -(-len(terms) // _MAX_TERMS)
        chosen = candidates(connection.dialect.name, terms[::step])
    else:
        chosen = select(version.c.id).where(version.c.kind.not_in(HIDDEN_KINDS))
    return chosen.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")


def _narrowed(connection: Connection, found: CTE, filters: Filters) -> Select[Any]:
    agency, published, written = (
        printed.alias(name) for name in ("agency", "published_on", "written_on")
    )
    statement = (
        select(
            version.c.id.label("version_id"), page.c.address.label("url"),
            page.c.portal_key.label("portal"), version.c.kind, version.c.title,
            version.c.report_year, version.c.number, version.c.captured_at, body.c.text,
            agency.c.value.label("agency"), published.c.value.label("published_on"),
        )
        .select_from(found)
        .join(version, version.c.id == found.c.id)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .where(page.c.versions == version.c.number)
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
    """Of an office of these places; or of no office, on a portal of these places."""
    offices = select(office.c.id).where(office.c.division.in_(divisions))
    portals = select(portal.c.key).where(portal.c.division.in_(divisions))
    return or_(
        version.c.office_id.in_(offices),
        and_(version.c.office_id.is_(None), page.c.portal_key.in_(portals)),
    )


def _agencies(connection: Connection, wanted: str) -> list[str]:
    """The agencies, as stored, whose folded name contains the folded `wanted`."""
    names = select(printed.c.value).where(printed.c.name == "agency", printed.c.value.is_not(None))
    folded = fold(wanted)
    return [name for name in connection.execute(names.distinct()).scalars() if folded in fold(name)]
