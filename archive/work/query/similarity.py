"""Who copied: pairs of reports that say the same, and the passages that both have."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from archive.model.errors import UsageError
from archive.store import Connection, Store
from archive.store.query.similarity import (
    SimilarFilter,
    SimilarPair,
    compared_reports,
    report_texts,
    reports_to_compare,
    similar_pairs,
)
from archive.work.ingest.similarity import LEAST, MIN_OWN, format_shingles, own_shingles
from archive.work.query.find_body import body_named
from archive.work.query.find_page import find_page
from archive.work.query.places import distinct_names
from archive.work.query.show import version_of
from archive.work.shingles import shingles_of, similarity, words_of

COLUMNS: Final = tuple(
    name for name in SimilarPair.__dataclass_fields__ if name not in ("version_id", "other_id")
)
WITHIN, ACROSS = "within", "across"
# A clause is taken over when so much of it stands in the other text, and it has so many shingles.
_SHARE: Final = 0.8
_LEAST_SHINGLES: Final = 6
_CLAUSE: Final = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPairs:
    """Which pairs are wanted, as typed; None: all. url: of either report; body: of either, a name
    or a number; year: that the later one covers; scope: within or across.
    """

    least: float = 0.9
    url: str | None = None
    body: str | None = None
    year: int | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsFound:
    """Pairs, the most similar first. more: there are others. remark: why a report that was asked
    for is compared with none; None: it is.
    """

    pairs: tuple[SimilarPair, ...]
    more: bool
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two pages side by side. passages: of the first, what the second has too, digits aside.
    own, other_own: shingles that each has of its own.
    """

    url: str
    version: int
    other_url: str
    other_version: int
    similarity: float
    own: int
    other_own: int
    passages: tuple[str, ...]


def find_similar(
    store: Store,
    wanted: WantedPairs,
    *,
    limit: int,
    after: tuple[float, int, int] | None = None,
    newest: bool = False,
    public: bool,
) -> PairsFound:
    """The most similar pairs of those wanted; those behind the one with the key `after`. newest:
    those of the latest captures first. public: without those of versions that are withdrawn.
    UsageError: an unknown page or body, or a least similarity of which nothing is kept.
    """
    if not LEAST <= wanted.least <= 1:
        raise UsageError(f"the least similarity is {LEAST} to 1: less is not kept")
    page = find_page(store, wanted.url) if wanted.url else None
    version = version_of(store, page, None) if page else None
    body = body_named(store, wanted.body) if wanted.body else None
    with store.read() as connection:
        filters = SimilarFilter(
            least=wanted.least,
            body_id=body.body_id if body else None,
            year=wanted.year,
            scope=wanted.scope,
            version_id=version.version_id if version else None,
        )
        rows = similar_pairs(
            connection, filters, limit=limit + 1, after=after, newest=newest, public=public
        )
        remark = _remark(connection, version.version_id) if version and not rows else None
    return PairsFound(pairs=tuple(rows[:limit]), more=len(rows) > limit, remark=remark)


def waiting_reports(store: Store) -> int:
    """How many reports are not compared yet."""
    with store.read() as connection:
        return len(reports_to_compare(connection))


def reports_compared(store: Store) -> int:
    """How many reports are compared with each other."""
    with store.read() as connection:
        return compared_reports(connection)


def _remark(connection: Connection, version_id: int) -> str | None:
    report = report_texts(connection, [version_id]).get(version_id)
    if report is None:
        return "it is not the report that speaks for a body and year, so it is compared with none"
    if report.own is None:
        return "it was not compared yet: the next crawl, import or reread does"
    if report.own < MIN_OWN:
        return f"beside the format it has only {report.own} shingles: too few to compare"
    return None


def likeness(store: Store, one: str, other: str) -> Likeness:
    """How similar the latest versions of two pages are, and what the first has of the second.
    UsageError: no such page.
    """
    ours, theirs = (version_of(store, find_page(store, each), None) for each in (one, other))
    own, other_own = own_shingles(ours.text), own_shingles(theirs.text)
    return Likeness(
        url=ours.url,
        version=ours.number,
        other_url=theirs.url,
        other_version=theirs.number,
        similarity=similarity(own, other_own),
        own=len(own),
        other_own=len(other_own),
        passages=tuple(copied_passages(ours.text, other_own)),
    )


def copied_passages(text: str, theirs: frozenset[int]) -> list[str]:
    """The clauses of a text whose words stand in another one, neighbours as one passage; digits
    do not count, nor what the formats put into every report.

    >>> copied_passages("今年开展业务培训4次。别的话。", own_shingles("今年开展业务培训12次"))
    ['今年开展业务培训4次。']
    """
    found: list[str] = []
    goes_on = False
    for clause in _CLAUSE.findall(text):
        words = shingles_of(words_of(clause))
        own = words - format_shingles()
        if not words:
            continue
        is_copied = len(own) >= _LEAST_SHINGLES and len(own & theirs) >= _SHARE * len(own)
        if is_copied and goes_on:
            found[-1] += clause
        elif is_copied:
            found.append(clause.strip())
        goes_on = is_copied
    return found


def names_of(store: Store, pairs: Sequence[SimilarPair]) -> dict[int, str]:
    """The names of the bodies of some pairs, namesakes with their place."""
    ours = [(each.body_id, each.body, each.division) for each in pairs]
    theirs = [(each.other_body_id, each.other_body, each.other_division) for each in pairs]
    with store.read() as connection:
        return distinct_names(connection, [*ours, *theirs])


def pair_json(pair: SimilarPair) -> dict[str, Any]:
    """A pair as scripts get it, in the columns of the exported table."""
    return {name: value for name, value in asdict(pair).items() if name in COLUMNS}
